"""Counts of what lies in places, of all pots of a product together: `judging` pot by pot.

What is missing on one shelf may lie on another, so what is held of a product is judged by what
all its counts in a file come to.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from invctl.core.balance import Balance, Pot
from invctl.core.counting.judging import Counting, chunked
from invctl.core.counting.tallies import Sheet, Tally, lines_told, tally_of_none
from invctl.core.counts import brought_forward, refuse_later_count
from invctl.core.overdue import free_overdue
from invctl.core.places.counts import change_in_pot, refuse_count_in_pot
from invctl.core.places.spots import Spot
from invctl.db.session import Session
from invctl.errors import InventoryError
from invctl.models.batches import LineChange
from invctl.repository import changes, contents, movements, places, products
from invctl.repository.changes import COUNTED, COUNTED_OUTSIDE, Change, field_of_pot
from invctl.text import some_of


def skus_inside(session: Session, place: str) -> set[str]:
    """Return the SKUs of what lies in a place and inside it."""
    return {row[3] for row in contents.inside(session, place)}


def unnamed_pots(session: Session, sheet: Sheet, place: str) -> Iterator[str]:
    """Yield what to call the pots inside a place that a file does not name."""
    for product, name, lot, sku in contents.inside(session, place):
        if Spot(name, lot or None) not in sheet.placed.get(product, ()):
            yield f"{sku} in {name}" + (f" ({lot})" if lot else "")


class Difference(NamedTuple):
    """What a count of a pot makes of it; of what is in no place where there is no pot."""

    tally: Tally
    target: int
    by: int


class History:
    """When pots were last counted, and what has moved in them since their moments."""

    def __init__(self, session: Session, tallies: Collection[Tally]) -> None:
        dated = [one for one in tallies if one.moment]
        ids = {one.balance.id for one in dated}
        self._counts = changes.last_counts_in_pots(session, ids) if ids else {}
        self._moves: dict[tuple[int, int | None], list[tuple[str, int]]] = {}
        if ids:
            earliest = min(str(one.moment) for one in dated)
            for product, occurred_at, delta, pot in movements.after(session, ids, earliest):
                self._moves.setdefault((product, pot), []).append((occurred_at, delta))

    def last(self, product: int, field: str) -> str:
        """Return when what has counts of a field was last counted, '' for never."""
        # A count of all of a product was one of each pot of it, too.
        return max(self._counts.get((product, one), "") for one in (COUNTED, field))

    def since(self, product: int, pot: int | None, moment: str) -> int:
        """Return what has moved in a pot after a moment."""
        moves = self._moves.get((product, pot), ())
        return sum(delta for occurred_at, delta in moves if occurred_at > moment)


class Stocktake:
    """Counts of pots under way; with a `place` what is not named in there is counted 0."""

    def __init__(self, counting: Counting, sheet: Sheet, place: str | None) -> None:
        self._counting = counting
        self._batch = counting.batch
        self._sheet = sheet
        self._place = place
        self._besides: list[str] = []
        """Where a place was counted without a lot, and has some that nobody named."""
        self._new: list[str] = []
        """Lots that were counted, and are new: a spreadsheet may have spelled a date its way."""

    def run(self, told: list[LineChange] | None) -> None:
        """Count what the file names by place, and the rest; tell what each line did."""
        for part in chunked(self._sheet.placed):
            self._take([self._named(product) for product in part], told)
        if self._place is not None:
            pots = contents.inside(self._counting.session, self._place)
            rest = {product for product, *_ in pots if product not in self._sheet.placed}
            for part in chunked(sorted(rest)):
                found = products.load_by_ids(self._counting.session, part)
                self._take([(Balance(one), []) for one in found], None)
        besides = "besides what was counted there are other lots, which nobody counted"
        self._say(besides, self._besides)
        self._say("lots that are new; a count may have meant another one", self._new)

    def _named(self, product: int) -> tuple[Balance, list[Tally]]:
        """Return what the file says of a product, in no place, too, blanks included."""
        tallies = list(self._sheet.placed[product].values())
        whole = self._sheet.tallies.get(product)
        return tallies[0].balance, [*tallies, *([whole] if whole else [])]

    def _take(
        self, some: Sequence[tuple[Balance, list[Tally]]], told: list[LineChange] | None
    ) -> None:
        self._batch.relieve()
        self._batch.pots.load([balance.id for balance, _ in some])
        counted = [(balance, self._counted(balance, named)) for balance, named in some]
        history = History(self._counting.session, [one for _, many in counted for one in many])
        for balance, tallies in counted:
            differences = self._judged(balance, tallies, history)
            before = balance.now
            for one in differences:
                self._make(one)
            if told is not None:
                made = ((one.tally, one.by) for one in differences if one.tally.is_named)
                told.extend(lines_told(before, made))
        self._batch.flush()

    def _counted(self, balance: Balance, named: list[Tally]) -> list[Tally]:
        """Return what is counted of a product in order of lines; of what is not named nothing."""
        counted = sorted((one for one in named if one.lines), key=lambda one: one.lines[-1].line)
        spots = {one.spot for one in named}
        # What is archived is counted by nobody, and so is not 0 for being left out (§9).
        if self._place is not None and balance.archived_at is None:
            pots = self._batch.pots.inside(balance.id, self._place)
            holding = (Spot(one.place, one.lot or None) for one in pots)
            moment = self._counting.label.at
            rest = (one for one in holding if one not in spots)
            return [*counted, *(tally_of_none(balance, moment, one) for one in rest)]
        self._note_besides(balance, counted, spots)
        return counted

    def _note_besides(
        self, balance: Balance, counted: list[Tally], spots: Collection[Spot | None]
    ) -> None:
        """Note where a place was counted without a lot, and has lots that nobody named."""
        for one in counted:
            if one.spot is not None and one.spot.lot is None:
                others = self._batch.pots.others(balance.id, one.spot)
                if any(Spot(pot.place, pot.lot) not in spots for pot in others):
                    self._besides.append(f"{balance.sku} in {one.spot.place}")

    def _note_new(self, balance: Balance, spot: Spot) -> None:
        """Note a lot of which there was nothing before, anywhere."""
        if spot.lot is not None and not self._batch.pots.knows_lot(balance.id, spot.lot):
            self._new.append(f"{spot.lot} of {balance.sku} in {spot.place}")

    def _say(self, what: str, some: Sequence[str]) -> None:
        """Have people told of something that is odd of some pots, by the first few of them."""
        if some:
            self._batch.pots.said.append(f"{what}: {some_of(some)}")

    def _judged(
        self, balance: Balance, tallies: Sequence[Tally], history: History
    ) -> list[Difference]:
        """Return what counts of a product make of its pots; refused, they are noted and none."""
        made: list[Difference] = []
        for one in tallies:
            try:
                made.append(self._difference(one, history))
            except InventoryError as error:
                self._counting.refuse(one, error)
        if len(made) < len(tallies):
            return []
        by = sum(one.by for one in made)
        if balance.now + by < balance.found.held:
            free_overdue(self._counting.session, self._counting.draft, balance)
        # On the way from pot to pot less than is held may be left for a moment, but never more
        # than can be kept: each movement tells its balance.
        totals = list(accumulate((one.by for one in made), initial=balance.now))
        is_short = totals[-1] < balance.found.held
        try:
            refuse_count_in_pot(balance.found_now, totals[-1] if is_short else max(totals))
        except InventoryError as error:
            first = next(one for one in made if (one.by < 0) is is_short and one.by)
            self._counting.refuse(first.tally, error)
            return []
        return made

    def _difference(self, tally: Tally, history: History) -> Difference:
        """Return what a count makes of a pot. Raises StaleCount or CountSlip."""
        balance, units, moment = tally.balance, tally.units, tally.moment
        pot = self._pot(tally)
        now = balance.now - balance.placed if pot is None else pot.now
        since, target = 0, units
        if moment is not None:
            field = COUNTED_OUTSIDE if pot is None else field_of_pot(pot.id)
            since = history.since(balance.id, pot.id if pot else None, moment)
            if history.last(balance.id, field) > moment:
                newest = places.last_count(self._counting.session, balance.id, field)
                refuse_later_count(balance.sku, moment, newest)
            target = brought_forward(balance.sku, units, since, moment)
        self._counting.refuse_slip(balance, units, now - since)
        return Difference(tally, target, target - now)

    def _pot(self, tally: Tally) -> Pot | None:
        """Return the pot that was counted as it is, None for what is in no place."""
        if tally.spot is None:
            return None
        return self._batch.pots.there(tally.balance.id, tally.spot)

    def _make(self, difference: Difference) -> None:
        """Make a pot what was counted, also where that moves nothing; it may be new."""
        tally, target, by = difference
        balance, pot = tally.balance, None
        if tally.spot is not None:
            self._note_new(balance, tally.spot)  # before the pot is made, which makes it known
            pot = self._batch.pots.into(balance.id, balance.sku, tally.spot)
        label = self._counting.stored(tally.note, tally.moment)
        self._batch.note_change(_change(tally, pot, target, label.occurred_at))
        if by:
            self._batch.differ(balance, pot, by, label)


def _change(tally: Tally, pot: Pot | None, target: int, moment: str) -> Change:
    """Return the change that a count is: what the book said then, and what was counted."""
    balance, units = tally.balance, tally.units
    if pot is not None:
        return change_in_pot(balance.found, pot, units, target, moment)
    book = balance.now - balance.placed - (target - units)
    return Change(balance.id, balance.sku, COUNTED_OUTSIDE, str(book), str(units), moment)
