"""An inventory in one SQLite file."""
