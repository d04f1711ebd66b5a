"""Words that more than one message needs: so far, numbers of things."""


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a number of things in words: `1 product`, `2 products`, `2 quantities`."""
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"
