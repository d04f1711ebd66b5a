"""What is scanned in mode count until it is one count: sums by product and place."""

from typing import NamedTuple

from invctl.codes import CONTROL
from invctl.errors import UnitsPlaced
from invctl.models.fields import COUNT_COLUMNS
from invctl.models.rows import FileRow
from invctl.repository.products import Found
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


NO_ENDS = Ends()


class PendingCount:
    """What is counted of a product in a place, since when, and where it was first scanned."""

    def __init__(self, sku: str, place: str | None, line: int) -> None:
        self.sku = sku
        self.place = place
        self.line = line
        self.moment = now_text()
        self.units = 0


class PendingScan(NamedTuple):
    """A scan that waits to be counted, which an undo takes out again."""

    key: Key
    code: str
    units: int


class Sum(NamedTuple):
    """What was counted of a product so far."""

    sku: str
    counted: int


class PendingCounts:
    """What was counted and is not one count yet: `counts` by product and place."""

    def __init__(self) -> None:
        self.counts: dict[Key, PendingCount] = {}

    @property
    def products(self) -> int:
        """How many products were counted."""
        return len({product for product, _ in self.counts})

    def add(
        self, found: Found, place: str | None, units: int, line: int
    ) -> tuple[Key, PendingCount]:
        """Count units of a product in a place (None: in none); return the sum so far.

        Raises UnitsPlaced for what lies in places and is counted in none.
        """
        if place is None:
            self._refuse_unsaid(found, units)
        key = found.id, place
        count = self.counts.setdefault(key, PendingCount(found.sku, place, line))
        count.units += units
        return key, count

    def take_out(self, counted: PendingScan) -> PendingCount:
        """Take a scan out again; return what is left of its sum."""
        count = self.counts[counted.key]
        count.units -= counted.units
        assert count.units >= 0, "each scan is taken out once"
        if not count.units:
            del self.counts[counted.key]
        return count

    def rows(self, *, dated: bool) -> list[FileRow]:
        """Return the sums as the lines of a file of counts, each `dated` by its first scan."""
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
            for one in self.counts.values()
        ]

    def _refuse_unsaid(self, found: Found, units: int) -> None:
        # Who has counted one of its places may count what is outside all of them, too.
        if found.placed and not any(key[0] == found.id and key[1] for key in self.counts):
            refused = UnitsPlaced(found.sku, units, found.placed)
            refused.hint = f"{CONTROL}PLACE:… says where it is counted"
            raise refused


def _cells(**given: str) -> tuple[str, ...]:
    return tuple(given.get(name, "") for name in COUNT_COLUMNS)
