"""The commands of the inventory as a whole, and its server."""
