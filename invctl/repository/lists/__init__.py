"""Lists, whose statements depend on the question; see `asked`."""
