"""Whether an inventory adds up: every balance against its movements, and the file under them.

It sums in Python: a forged journal may hold deltas whose sum no engine's integers can.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from invctl.core.operations import mutate
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import DatabaseUnusable
from invctl.models import Attempt, Finding, RepairChange
from invctl.repository import movements, operations, products, promises, settings
from invctl.repository.operations import Draft
from invctl.values import MAX_QUANTITY, SKU_RULES

_ABOUT_BOOKS = {"held", "setting", "balance", "journal", "range", "undo", "value"}


class Check:
    """A check under way: yields its findings, and then knows what a repair could do."""

    def __init__(self, db: Database, stage: Callable[[str], None] = lambda _: None) -> None:
        self.mendable = 0
        """How many quantities a repair could set right."""
        self.is_whole = True
        """Whether all findings are about numbers: else the sums themselves cannot be trusted."""
        self._db = db
        self._stage = stage

    def __iter__(self) -> Iterator[Finding]:
        """Look through the inventory; what is damaged ends a part of the check, not all of it.

        Raises DatabaseMissing, and DatabaseUnusable where it is not an inventory of this version.
        """
        with self._db.read(unchecked=True):
            pass
        has_tables = True
        for finding in self._part("the file", self._db.inspect):
            has_tables = has_tables and finding.kind != "schema"
            yield finding
        if has_tables:
            for what, look in (
                ("the undos", _remainders),
                ("the balances", _books),
                ("the holds", _misheld),
            ):
                yield from self._part(what, look)

    def _part(self, what: str, look: Callable[[Session], Iterator[Finding]]) -> Iterator[Finding]:
        self._stage(what)
        try:
            with self._db.read(unchecked=True) as session:
                for finding in look(session):
                    self._note(finding)
                    yield finding
        except DatabaseUnusable as error:
            finding = Finding("integrity", None, f"{what}: {error.message}")
            self._note(finding)
            yield finding

    def _note(self, finding: Finding) -> None:
        self.mendable += finding.kind == "balance" and _is_quantity(finding.expected)
        self.is_whole = self.is_whole and finding.kind in _ABOUT_BOOKS


def verify(session: Session) -> Iterator[Finding]:
    """Yield what is wrong with the numbers of an inventory; the engine looks at the rest."""
    yield from _remainders(session)
    yield from _books(session)
    yield from _misheld(session)


def repair_inventory(db: Database, attempt: Attempt) -> RepairChange:
    """Set each wrong quantity to the sum of its product's movements, where that can be one.

    History is never rewritten. The caller has made a copy of the inventory before.
    """

    def work(session: Session, draft: Draft) -> RepairChange:
        # Nobody may move anything between the sum and the quantity.
        products.lock_all(session)
        sums: dict[int, int] = {}
        for _ in _faults(session, sums):
            pass
        wrong = [
            (total, draft.recorded_at, product_id, quantity)
            for product_id, _, quantity, total in _unbalanced(session, sums)
            if _is_quantity(total)
        ]
        if not wrong:
            return RepairChange(None, 0)
        products.settle(session, wrong)
        return RepairChange(operations.enter(session, draft).id, len(wrong))

    return mutate(db, "repair", attempt, dict, work, many=True)


def _books(session: Session) -> Iterator[Finding]:
    if settings.setting(session, "sku_rule") not in SKU_RULES:
        yield Finding("setting", None, "there is no rule for SKUs", " or ".join(SKU_RULES))
    sums: dict[int, int] = {}
    yield from _faults(session, sums)
    for _, sku, quantity, total in _unbalanced(session, sums):
        message = f"{quantity} in stock, but its movements add up to {total}"
        yield Finding("balance", sku, message, total, quantity)


def _faults(session: Session, sums: dict[int, int]) -> Iterator[Finding]:
    """Add the movements up into `sums`, by product; yield what is first wrong with each journal."""
    known: set[int] = set()
    for number, product_id, delta, left in chain.from_iterable(movements.journal(session)):
        # What a damaged row gives for a number may be anything.
        total = sums.get(product_id, 0) + (delta if delta.__class__ is int else 0)
        sums[product_id] = total
        if (left != total or not 0 <= total <= MAX_QUANTITY) and product_id not in known:
            known.add(product_id)
            sku = products.sku_of(session, product_id)
            yield _fault(None if sku is None else str(_plain(sku)), number, total, left)


def _fault(sku: str | None, number: int, total: int, left: object) -> Finding:
    if left != total:
        message = f"movement {number} says that it left {_plain(left)}, but it left {total}"
        return Finding("journal", sku, message, total, _plain(left))
    return Finding("range", sku, f"movement {number} left what no stock can be", None, total)


def _unbalanced(
    session: Session, sums: dict[int, int]
) -> Iterator[tuple[int, str, int | str, int]]:
    """Yield the products whose quantity is not the sum: id, SKU, quantity, sum."""
    for product_id, sku, quantity in chain.from_iterable(products.quantities(session)):
        total = sums.get(product_id, 0)
        if quantity != total:
            yield product_id, str(_plain(sku)), _plain(quantity), total


def _plain(value: Any) -> int | str:
    """Return a number or text as it is, and what only a damaged row has in words."""
    return value if isinstance(value, int | str) else repr(value)


def _remainders(session: Session) -> Iterator[Finding]:
    for undo, undone, sku, rest in chain.from_iterable(movements.remainders(session)):
        message = f"operation {undo} undid operation {undone}, but not to the last unit"
        yield Finding("undo", sku, message, 0, int(rest))


def _misheld(session: Session) -> Iterator[Finding]:
    for _, sku, held, total in chain.from_iterable(promises.misheld(session)):
        message = f"{_plain(held)} held, but its open holds add up to {_plain(total)}"
        yield Finding("held", str(_plain(sku)), message, _plain(total), _plain(held))


def _is_quantity(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= MAX_QUANTITY
