"""The commands that change stock and tell of it, in places or in none, and take back."""
