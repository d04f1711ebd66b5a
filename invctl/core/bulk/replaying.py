"""What each line of a file did: told again to a retry, also where nobody asked at first.

Then the books are read: what the lines say is known, and what their operation made of it is
written down. What does not agree with the books is not told.
"""

from collections.abc import Iterable

from invctl.core.bulk.applying import CellReader
from invctl.core.bulk.given import Given, read_given
from invctl.core.bulk.imported import recorded
from invctl.core.bulk.lines import Lines
from invctl.core.lookup import load_products, renamed
from invctl.core.moves import AMOUNT, MOVE, SKU, multiplied
from invctl.db.session import Session
from invctl.errors import UsageError
from invctl.models.attempts import NO_LABEL
from invctl.models.batches import BatchChange, ImportChange, LineChange, LineImport
from invctl.repository import changes, movements, operations
from invctl.repository.changes import Change
from invctl.repository.products import Found


class Past:
    """What there was of products before an operation, and what it did to them."""

    def __init__(self, session: Session, operation: int | None) -> None:
        assert operation is not None, "what has a key is an operation"
        self.now: dict[int, int] = {}
        """What there is of each product after the lines told so far."""
        self.moved: dict[int, int] = {}
        self.changes: dict[int, list[Change]] = {}
        """Of each product, the first one last."""
        self._before: dict[int, int] = {}
        self._session = session
        self._operation = operation
        done = operations.done(session, operation)
        assert done is not None, "operations are never deleted"
        for product, _, _, units in movements.sums(session, done.movements):
            self.moved[product] = self.moved.get(product, 0) + units
        for many in changes.of_run(session, done.changes):
            for one in many:
                self.changes.setdefault(one.product, []).append(one)

    def find(self, typed: Iterable[str]) -> dict[str, Found]:
        """Return the products that some SKUs meant, also those that have others by now."""
        asked = set(typed)
        found = load_products(self._session, asked, lock=False)
        others = {one: sku for one in asked - found.keys() if (sku := renamed(self._session, one))}
        if others:
            now = load_products(self._session, others.values(), lock=False)
            found |= {one: now[sku] for one, sku in others.items() if sku in now}
        if len(found) < len(asked):
            raise untold()
        fresh = {one.id for one in found.values()} - self.now.keys()
        if fresh:
            before = movements.balances_before(self._session, fresh, self._operation)
            self._before |= before
            self.now |= dict.fromkeys(fresh, 0) | before
        return found

    def before(self, product: int) -> int | None:
        """Return what there was of a product that was found; None if it had never moved."""
        return self._before.get(product)

    def count(self, product: int) -> int:
        """Return what a product's next count changed. Raises UsageError where there is none."""
        rest = self.changes.get(product, [])
        while rest:
            change = rest.pop()
            if changes.is_count(change):
                return int(change.after or 0) - int(change.before or 0)
        raise untold()

    def check(self) -> None:
        """Raise UsageError where what was told is not what the books say."""
        for product, now in self.now.items():
            if now != self._before.get(product, 0) + self.moved.get(product, 0):
                raise untold()


def applied_lines(session: Session, answer: BatchChange, lines: Lines) -> list[LineChange]:
    """Return what the lines of an earlier apply did. Raises UsageError where that is not known."""
    lines.restart()
    past, reader = Past(session, answer.operation), CellReader(NO_LABEL, "", answer.times or 1)
    told: list[LineChange] = []
    for chunk in lines.chunks():
        found = past.find({cells[SKU] for _, cells in chunk})
        for line, cells in chunk:
            product, move = found[cells[SKU]], reader.move(cells[MOVE])
            units = multiplied(move.units, product.units, "amount", cells[AMOUNT])
            # What a count changed the books tell alone: its line says what was counted.
            delta = 0 if move.shifts else past.count(product.id) if move.counts else units
            before = past.now[product.id]
            past.now[product.id] = now = before + delta
            counted = units if move.counts else None
            told.append(LineChange(line, product.sku, delta, now, before, counted))
    past.check()
    return told


def imported_lines(
    session: Session, answer: ImportChange, lines: Lines, *, set_quantity: bool
) -> list[LineImport]:
    """Return what the lines of an earlier import did. Raises UsageError where that is not known."""
    lines.restart()
    past = Past(session, answer.operation)
    told: list[LineImport] = []
    for chunk in lines.chunks():
        given = [read_given(line, cells) for line, cells in chunk]
        found = past.find({one.sku for one in given})
        for one in given:
            told.append(_imported(one, found[one.sku], past, set_quantity=set_quantity))
    past.check()
    # Version 1 wrote no changes down: what was made looks like what was there.
    if sum(one.status == "created" for one in told) != answer.created:
        raise untold()
    return told


def _imported(given: Given, found: Found, past: Past, *, set_quantity: bool) -> LineImport:
    moved = past.moved.get(found.id, 0)
    before = past.before(found.id)
    past.now[found.id] = now = (before or 0) + moved
    made = past.changes.get(found.id, [])[::-1]
    changed = dict(
        recorded(one) for one in made if one.field != "sku" and not changes.is_count(one)
    )
    if any(one.field == "sku" for one in made):
        return LineImport(given.line, found.sku, "created", now, None, {})
    status = "updated" if changed or moved else "unchanged"
    if not set_quantity and given.quantity not in (None, now):
        status = "kept"
    return LineImport(given.line, found.sku, status, now, before or 0, changed)


def untold() -> UsageError:
    """Return that what the lines did is not known any more."""
    problem = "what each line did was not asked for at first, and the books do not tell it any more"
    return UsageError(problem, "without --lines the answer to all of the file is told again")
