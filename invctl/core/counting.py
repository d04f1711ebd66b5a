"""A file of counts as one operation: what people wrote down who looked at shelves.

The counts of a product add up, at the earliest of their moments: so a product that lies on two
shelves is counted once. What is judged is what `counts` judges of one, for thousands at a time.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from invctl.core.balance import Balance
from invctl.core.batch import Batch
from invctl.core.counts import change_of, refusal_of_count
from invctl.core.labels import check_label, stored, told
from invctl.core.lines import Lines
from invctl.core.lookup import load_products, lock_products
from invctl.core.moves import asked_besides, multiplied
from invctl.core.operations import mutate
from invctl.core.overdue import free_overdue
from invctl.db.database import Database
from invctl.db.session import BATCH, Session
from invctl.errors import (
    CountSlip,
    InvalidValue,
    InventoryError,
    ProductNotFound,
    StaleCount,
    UnitsPlaced,
)
from invctl.models import NO_LABEL, Attempt, BadRow, BatchChange, Label, LineChange, Row
from invctl.repository import changes, movements, products
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft
from invctl.repository.products import Found
from invctl.times import format_time, parse_time
from invctl.values import check_text, parse_quantity

_HEADER = 1
"""The line to name where a product is refused that stands on none."""


class CountOptions(NamedTuple):
    """How a file of counts is taken.

    `complete`: what it does not name is counted 0. `max_change`: how many hundredths of what the
    book says a count may change it by.
    """

    complete: bool = False
    max_change: Fraction | None = None


class Counted(NamedTuple):
    """What a line says of a product: units, and of when; `value` is the count as it is written."""

    line: int
    value: str
    units: int
    moment: str | None
    note: str | None


class Tally:
    """All that a file says of a product: the sum, and the earliest moment (None: now)."""

    __slots__ = ("balance", "lines", "moment", "note", "units")

    def __init__(self, balance: Balance) -> None:
        self.balance = balance
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


def count_products(
    db: Database,
    rows: Iterable[Row | BadRow],
    *,
    options: CountOptions = CountOptions(),  # noqa: B008 (a tuple, which nothing changes)
    label: Label = NO_LABEL,
    told_lines: list[LineChange] | None = None,
    attempt: Attempt,
) -> BatchChange:
    """Make the stock of all counted products what was counted, in one transaction.

    Cells are in the order of `models.COUNT_COLUMNS`; a line without a count says nothing. What
    each line did goes into `told_lines`, if that is given. Raises InvalidData, which names each
    refused line, and then nothing has happened.
    """
    checked = check_label(label)
    lines = Lines(rows, fingerprinted=attempt.key is not None)

    def work(session: Session, draft: Draft) -> BatchChange:
        lines.restart()
        lock_products(session, lines.skus)
        sheet = Sheet(session, lines, checked.at)
        for chunk in lines.chunks():
            sheet.read(chunk, complete=options.complete)
        lines.refusals.raise_any()
        if told_lines is not None:
            told_lines.clear()  # the work may be done again
        counting = Counting(session, draft, lines, checked, options)
        for part in _chunks(sheet.tallies.values()):
            counting.take([one for one in part if one.lines], told_lines)
        if options.complete:
            counting.take_rest(sheet)
        lines.refusals.raise_any()
        if told_lines is not None:
            told_lines.sort()
        operation = counting.batch.settle()
        moved = counting.batch
        return BatchChange(operation.id, sheet.count, moved.movements, moved.products)

    def request() -> object:
        change = None if options.max_change is None else str(options.max_change)
        asked = asked_besides(complete=options.complete or None, max_change=change)
        return {"counts": lines.fingerprint(), **told(label, checked)._asdict(), **asked}

    return mutate(db, "count", attempt, request, work, label=checked, many=True)


def unnamed(db: Database, rows: Iterable[Row | BadRow]) -> int:
    """Return how many products a complete file would count 0, since it does not name them."""
    lines = Lines(rows, fingerprinted=False)
    named: set[int] = set()
    with db.read() as session:
        for chunk in lines.chunks():
            found = load_products(session, {cells[0] for _, cells in chunk}, lock=False)
            named.update(one.id for one in found.values() if one.archived_at is None)
        return products.count_active(session) - len(named)


class Sheet:
    """What a file says of each product, in the order of its lines, and how many lines counted."""

    def __init__(self, session: Session, lines: Lines, moment: str | None) -> None:
        self.tallies: dict[int, Tally] = {}
        self.count = 0
        self._session = session
        self._lines = lines
        self._moment = moment
        self._moments: dict[str, str | None] = {"": moment}

    def read(self, chunk: list[Row], *, complete: bool) -> None:
        """Take in some lines; faulty ones are noted. One of nothing names its product at most."""
        wanted = {cells[0] for _, cells in chunk if cells[1] or complete}
        found = load_products(self._session, wanted)
        tallies = self.tallies
        for line, cells in chunk:
            sku, counted = cells[:2]
            if not counted and not (complete and sku):
                continue
            try:
                if not sku:
                    raise InvalidValue("sku", "", "is missing")
                product = found.get(sku)
                if product is None:
                    raise ProductNotFound(sku)
                tally = tallies.get(product.id)
                if tally is None:
                    tally = tallies[product.id] = Tally(Balance(product))
                if counted:
                    tally.balance.refuse_archived()
                    tally.add(self._counted(line, cells, product.units))
                    self.count += 1
            except InvalidValue as error:
                self._lines.refusals.add_value(line, error)
            except InventoryError as error:
                self._lines.refusals.add(line, "sku", sku, error)

    def _counted(self, line: int, cells: tuple[str, ...], per_scan: int) -> Counted:
        _, counted, counted_at, place, lot, note, _ = cells
        if place or lot:
            raise InvalidValue("place" if place else "lot", place or lot, "cannot be counted yet")
        units = parse_quantity(counted, "counted")
        if per_scan > 1:
            units = multiplied(units, per_scan, "counted", counted)
        if counted_at not in self._moments:
            self._moments[counted_at] = format_time(parse_time(counted_at, "counted_at"))
        said = check_text(note, "note") if note else None
        return Counted(line, counted, units, self._moments[counted_at], said)


class Counting:
    """Counts under way in one transaction: products judged in memory, then written."""

    def __init__(
        self, session: Session, draft: Draft, lines: Lines, label: Label, options: CountOptions
    ) -> None:
        self.batch = Batch(session, draft)
        self._session = session
        self._draft = draft
        self._lines = lines
        self._label = label
        self._options = options
        self._labels: dict[tuple[str | None, str | None], StoredLabel] = {}

    def take(self, tallies: list[Tally], told: list[LineChange] | None = None) -> None:
        """Count some products; tell what each line did. Those that are refused are noted."""
        self.batch.relieve()
        last, since = self._happened([one for one in tallies if one.moment])
        for tally in tallies:
            found, before = tally.balance.found, tally.balance.now
            try:
                self._count(tally, last.get(found.id, ""), since.get(found.id, 0))
            except InventoryError as error:
                first = tally.lines[0]
                column = "sku" if first.line == _HEADER else "counted"
                self._lines.refusals.add(first.line, column, first.value, error)
                continue
            if told is not None:
                told.extend(_told(tally, before))
        self.batch.flush()

    def take_rest(self, sheet: Sheet) -> None:
        """Count as 0 what the file does not name."""
        for rows in products.active(self._session):
            self.take([self._of_none(one) for one in rows if one.id not in sheet.tallies])

    def _of_none(self, found: Found) -> Tally:
        tally = Tally(Balance(found))
        tally.add(Counted(_HEADER, found.sku, 0, self._label.at, None))
        return tally

    def _happened(self, dated: list[Tally]) -> tuple[dict[int, str], dict[int, int]]:
        """Return when products were last counted, and what moved of each since it was counted."""
        if not dated:
            return {}, {}
        moments = {one.balance.id: one.moment or "" for one in dated}
        last = changes.last_counts(self._session, moments)
        since: dict[int, int] = {}
        for rows in movements.after(self._session, moments, min(moments.values())):
            for product, occurred_at, delta in rows:
                if occurred_at > moments[product]:
                    since[product] = since.get(product, 0) + delta
        return last, since

    def _count(self, tally: Tally, last: str, since: int) -> None:
        """Make a product's stock what was counted. Raises what refuses that."""
        balance, units, moment = tally.balance, tally.units, tally.moment
        if balance.placed:
            raise UnitsPlaced(balance.sku, units, balance.placed)
        if moment is not None and last > moment:
            newest = changes.last_count(self._session, balance.id)
            raise StaleCount(balance.sku, moment, counted_by=newest and newest.operation)
        target = units + since
        if moment is not None and target < 0:
            raise StaleCount(balance.sku, moment, quantity=target)
        self._refuse_slip(balance, units, balance.now - since)
        if target < balance.least:
            free_overdue(self._session, self._draft, balance)
        if not balance.least <= target <= balance.most:
            raise refusal_of_count(balance.found, target)
        label = self._stored(tally.note, moment)
        self.batch.note_change(change_of(balance.found, units, target, label.occurred_at))
        if by := target - balance.now:
            self.batch.adopt(balance)
            balance.now, balance.moved = target, True
            self.batch.pending.append((balance.id, by, target, *label))

    def _stored(self, note: str | None, moment: str | None) -> StoredLabel:
        """Return what is said of counts; a stocktake says the same of most."""
        known = self._labels.get((note, moment))
        if known is None:
            said = self._label._replace(note=note or self._label.note, at=moment)
            known = self._labels[note, moment] = stored(said, self._draft.recorded_at)
        return known

    def _refuse_slip(self, balance: Balance, units: int, book: int) -> None:
        most = self._options.max_change
        if most is not None and abs(units - book) * 100 > most * book:
            raise CountSlip(balance.sku, book, units)


def _told(tally: Tally, before: int) -> Iterator[LineChange]:
    """Yield what each line of a product did: the last one makes it what all of them come to."""
    balance = tally.balance
    for one in tally.lines[:-1]:
        yield LineChange(one.line, balance.sku, 0, before, before, one.units)
    last = tally.lines[-1]
    delta = balance.now - before
    yield LineChange(last.line, balance.sku, delta, balance.now, before, last.units)


def _chunks(tallies: Iterable[Tally]) -> Iterator[list[Tally]]:
    """Yield tallies as many at a time as are written at a time."""
    rest = iter(tallies)
    while part := list(islice(rest, BATCH)):
        yield part
