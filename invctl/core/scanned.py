"""What is scanned in mode count until it is one count: sums by product and place."""

from collections.abc import Iterable
from typing import NamedTuple

from invctl.models import COUNT_COLUMNS, Row
from invctl.times import now_text

Key = tuple[int, str | None]
"""A product, and the place in which it is counted."""


class Ends(NamedTuple):
    """Where what is scanned lies: what is taken, what is added, what is counted.

    None: in no place.
    """

    source: str | None = None
    target: str | None = None
    counted: str | None = None


NOWHERE = Ends()


class Tally:
    """What is counted of a product in a place, since when, and where it was first scanned."""

    def __init__(self, sku: str, place: str | None, line: int) -> None:
        self.sku = sku
        self.place = place
        self.line = line
        self.moment = now_text()
        self.units = 0


class Counted(NamedTuple):
    """A scan that waits to be counted, which an undo takes out again."""

    key: Key
    code: str
    units: int


def rows_of(tallies: Iterable[Tally], *, dated: bool) -> list[Row]:
    """Return sums as the lines of a file of counts, each `dated` by its first scan."""
    return [
        (
            one.line,
            _cells(
                sku=one.sku,
                counted=str(one.units),
                counted_at=one.moment if dated else "",
                place=one.place or "",
            ),
        )
        for one in tallies
    ]


def _cells(**given: str) -> tuple[str, ...]:
    return tuple(given.get(name, "") for name in COUNT_COLUMNS)
