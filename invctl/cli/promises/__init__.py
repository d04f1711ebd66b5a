"""The commands of holds and of deliveries."""
