"""What a mutation of a place answers."""

from typing import NamedTuple


class PlaceChange(NamedTuple):
    """A place after it was renamed or removed: how many products lie in it, and units of them."""

    operation: int
    kind: str
    place: str
    products: int
    units: int
    replayed: bool = False
    dry_run: bool = False
