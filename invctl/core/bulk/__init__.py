"""Many changes at once: files of movements and products, recipes, lines that share a commit."""
