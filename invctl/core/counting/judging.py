"""Counts under way, of products as wholes: what refuses them, and what they change.

What is judged is what `counts` judges of one, for thousands at a time.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from typing import TypeVar

from invctl.core.balance import Balance
from invctl.core.bulk.batch import Batch
from invctl.core.bulk.lines import Lines
from invctl.core.counting.tallies import Sheet, Tally, lines_told, tally_of_none
from invctl.core.counts import brought_forward, refuse_later_count
from invctl.core.labels import stored
from invctl.db.session import BATCH, Session
from invctl.errors import CountSlip, InventoryError, UnitsPlaced
from invctl.models.attempts import Label
from invctl.models.batches import LineChange
from invctl.repository import changes, movements, products
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft

T = TypeVar("T")


class Counting:
    """Counts under way in one transaction: products judged in memory, then written."""

    def __init__(
        self,
        session: Session,
        draft: Draft,
        lines: Lines,
        label: Label,
        max_change: Fraction | None,
    ) -> None:
        self.batch = Batch(session, draft)
        self.session = session
        self.draft = draft
        self.label = label
        self._lines = lines
        self._max_change = max_change
        self._labels: dict[tuple[str | None, str | None], StoredLabel] = {}

    def take(self, tallies: list[Tally], told: list[LineChange] | None = None) -> None:
        """Count some products; tell what each line did. Those that are refused are noted."""
        # As `load` does for others: the sheet has loaded these.
        self.batch.relieve()
        last, since = self._happened([one for one in tallies if one.moment])
        for tally in tallies:
            found, before = tally.balance.found, tally.balance.now
            try:
                self._count(tally, last.get(found.id, ""), since.get(found.id, 0))
            except InventoryError as error:
                self.refuse(tally, error)
                continue
            if told is not None:
                told.extend(lines_told(before, [(tally, tally.balance.now - before)]))
        self.batch.flush()

    def take_rest(self, sheet: Sheet) -> None:
        """Count as 0 what the file does not name."""
        for rows in products.active(self.session):
            rest = (one for one in rows if one.id not in sheet.tallies)
            self.take([tally_of_none(Balance(one), self.label.at) for one in rest])

    def refuse(self, tally: Tally, error: InventoryError) -> None:
        """Note that a count is refused, by its first line, or as what the file does not name."""
        first = tally.lines[0]
        if tally.is_named:
            self._lines.refusals.add(first.line, "counted", first.value, error)
        else:
            self._lines.refusals.add_unnamed(first.value, error)

    def _happened(self, dated: list[Tally]) -> tuple[dict[int, str], dict[int, int]]:
        """Return when products were last counted, and what moved of each since it was counted."""
        if not dated:
            return {}, {}
        moments = {one.balance.id: one.moment or "" for one in dated}
        last = changes.last_counts(self.session, moments)
        since: dict[int, int] = {}
        moved = movements.after(self.session, moments, min(moments.values()))
        for product, occurred_at, delta, _ in moved:
            if occurred_at > moments[product]:
                since[product] = since.get(product, 0) + delta
        return last, since

    def _count(self, tally: Tally, last: str, since: int) -> None:
        """Make a product's stock what was counted. Raises what refuses that."""
        balance, units, moment = tally.balance, tally.units, tally.moment
        if balance.placed:
            raise UnitsPlaced(balance.sku, units, balance.placed)
        target = units
        if moment is not None:
            if last > moment:  # so it is refused: only then it is asked which count that was
                newest = changes.last_count(self.session, balance.id)
                refuse_later_count(balance.sku, moment, newest)
            target = brought_forward(balance.sku, units, since, moment)
        # Beside what the book said then: what has moved since is no slip of who counted.
        self.refuse_slip(balance, units, balance.now - since)
        if target != balance.now:  # what does not move need not be remembered to be settled
            self.batch.adopt(balance)
        self.batch.count_as(balance, units, target, self.stored(tally.note, moment))

    def stored(self, note: str | None, moment: str | None) -> StoredLabel:
        """Return what is said of counts; a stocktake says the same of most."""
        known = self._labels.get((note, moment))
        if known is None:
            said = self.label._replace(note=note or self.label.note, at=moment)
            known = self._labels[note, moment] = stored(said, self.draft.recorded_at)
        return known

    def refuse_slip(self, balance: Balance, units: int, book: int) -> None:
        """Raise CountSlip for a count that changes what the book says by more than is allowed."""
        most = self._max_change
        # Multiplied, as nothing can be divided by a book of 0, where any change is too much (§9).
        if most is not None and abs(units - book) * 100 > most * book:
            raise CountSlip(balance.sku, book, units)


def chunked(many: Iterable[T]) -> Iterator[list[T]]:
    """Yield tallies, or products, as many at a time as are written at a time."""
    rest = iter(many)
    while part := list(islice(rest, BATCH)):
        yield part
