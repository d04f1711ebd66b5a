"""Taking an operation back: its movements, and what it changed of products."""
