"""What a file of counts says, added up: of each product, and of each of its pots that it names.

Nothing is judged here but the lines themselves, and nothing written.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from invctl.core.balance import Balance
from invctl.core.bulk.lines import Lines
from invctl.core.lookup import load_products
from invctl.core.moves import multiplied
from invctl.db.session import Session
from invctl.errors import InvalidValue, InventoryError, ProductNotFound
from invctl.models.batches import LineChange
from invctl.models.rows import FileRow
from invctl.repository.products import Found
from invctl.times import format_time, parse_past
from invctl.values import check_text, parse_quantity

if TYPE_CHECKING:
    from invctl.core.places.spots import Spot

_SKU, _COUNTED, _PLACE = 0, 1, 3
"""Where those cells stand, in the order of `models.COUNT_COLUMNS`."""
_HEADER = 1
"""The line to name where something is refused that stands on none."""


class Counted(NamedTuple):
    """What a line says of a product: units, and of when; `value` is the count as it is written."""

    line: int
    value: str
    units: int
    moment: str | None
    note: str | None


class Tally:
    """All that a file says of a product, or of what lies of it in one spot.

    That is the sum, and the earliest moment (None: now).
    """

    __slots__ = ("balance", "is_named", "lines", "moment", "note", "spot", "units")

    def __init__(self, balance: Balance, spot: "Spot | None" = None) -> None:
        self.balance = balance
        self.spot = spot
        self.is_named = True
        """Whether lines say it, and not that they are all there is."""
        self.lines: list[Counted] = []
        self.units = 0
        self.moment: str | None = None
        self.note: str | None = None

    def add(self, counted: Counted) -> None:
        """Take in what one more line says."""
        _, _, units, moment, note = counted
        self.lines.append(counted)
        self.units += units
        if moment is not None and (self.moment is None or moment < self.moment):
            self.moment = moment
        self.note = self.note or note


def lines_told(before: int, made: Iterable[tuple[Tally, int]]) -> Iterator[LineChange]:
    """Yield what each line did of tallies of one product, which differed by so much from the book.

    `before` is what there was of it.
    """
    # The last line of a tally makes it what all of them come to.
    steps = [
        (one, tally.balance.sku, by if one is tally.lines[-1] else 0)
        for tally, by in made
        for one in tally.lines
    ]
    for one, sku, by in sorted(steps, key=lambda step: step[0].line):
        yield LineChange(one.line, sku, by, before + by, before, one.units)
        before += by


def tally_of_none(balance: Balance, moment: str | None, spot: "Spot | None" = None) -> Tally:
    """Return the tally of what a complete file does not name: nothing."""
    tally = Tally(balance, spot)
    tally.is_named = False
    tally.add(Counted(_HEADER, balance.sku, 0, moment, None))
    return tally


class Sheet:
    """What a file says of each product, in the order of its lines, and how many lines counted.

    With a `place` all of it is about what lies in there. Products are locked, but to look at.
    """

    def __init__(
        self,
        session: Session,
        lines: Lines,
        moment: str | None = None,
        place: str | None = None,
        *,
        lock: bool = True,
    ) -> None:
        self.tallies: dict[int, Tally] = {}
        """Of each product what lines say that name no place."""
        self.placed: dict[int, dict[Spot, Tally]] = {}
        """Of each product what the others say, of each spot that they name."""
        self.count = 0
        self._session = session
        self._lines = lines
        self._place = place
        self._lock = lock
        # By how they are typed; a line that says none has the one that is said of all.
        self._moments: dict[str, str | None] = {"": moment}
        self._spots: dict[tuple[str, str], Spot] = {}

    def read(self, chunk: list[FileRow], *, complete: bool) -> None:
        """Take in some lines; faulty ones are noted. One of nothing names its product at most."""
        # What nobody counted still tells that its product is looked at place by place.
        wanted = {cells[_SKU] for _, cells in chunk if cells[_COUNTED] or complete or cells[_PLACE]}
        found = load_products(self._session, wanted, lock=self._lock)
        for line, cells in chunk:
            sku, is_counted = cells[_SKU], bool(cells[_COUNTED])
            if not (is_counted or ((complete or cells[_PLACE]) and sku)):
                continue
            try:
                self._take(line, cells, found.get(sku), must_be=is_counted or complete)
            except InventoryError as error:
                self._lines.refusals.add(line, "sku", sku, error)

    def _take(
        self, line: int, cells: tuple[str, ...], product: Found | None, *, must_be: bool
    ) -> None:
        """Take in one line. Raises InvalidValue, ProductNotFound or ProductArchived."""
        sku, counted, _, place, lot, _, _ = cells
        if not sku:
            raise InvalidValue("sku", "", "is missing")
        if product is None:
            if must_be:
                raise ProductNotFound(sku)
            return
        spot = self._spot(place, lot) if place or lot or self._place else None
        tally = self._tally(product, spot)
        if counted:
            tally.balance.refuse_archived()
            tally.add(self._counted(line, cells, product.units))
            self.count += 1

    def _tally(self, product: Found, spot: "Spot | None") -> Tally:
        """Return the tally of a product or of one of its spots; all of one share a balance."""
        whole, placed = self.tallies.get(product.id), self.placed.get(product.id)
        found = whole if spot is None else placed and placed.get(spot)
        if found:
            return found
        # One balance of a product: what one of its pots is short of may lie in another.
        other = whole or (next(iter(placed.values())) if placed else None)
        made = Tally(other.balance if other else Balance(product), spot)
        if spot is None:
            self.tallies[product.id] = made
        else:
            self.placed.setdefault(product.id, {})[spot] = made
        return made

    def _spot(self, place: str, lot: str) -> "Spot":
        """Return where a line counted. Raises InvalidValue."""
        known = self._spots.get((place, lot))
        if known is not None:
            return known
        from invctl.core.places.spots import check_spot, is_inside

        spot = check_spot(place or self._place, lot)
        if self._place is not None and not is_inside(str(spot.place), self._place):
            raise InvalidValue("place", place, f"is not in {self._place}, of which this count is")
        self._spots[place, lot] = spot
        return spot

    def _counted(self, line: int, cells: tuple[str, ...], per_scan: int) -> Counted:
        _, counted, counted_at, _, _, note, _ = cells
        units = parse_quantity(counted, "counted")
        if per_scan > 1:
            units = multiplied(units, per_scan, "counted", counted)
        if counted_at not in self._moments:
            self._moments[counted_at] = format_time(parse_past(counted_at, "counted_at"))
        said = check_text(note, "note") if note else None
        return Counted(line, counted, units, self._moments[counted_at], said)
