"""Whether an inventory adds up: every balance against its movements, and the file under them.

It sums in Python: a forged journal may hold deltas whose sum no engine's integers can.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, true

from invctl.core.batch import settle
from invctl.core.operations import Operation, mutate
from invctl.db.database import Database
from invctl.db.locks import lock_products
from invctl.db.prepared import CHUNK, STREAMED
from invctl.db.schema import movement, operation, product, setting
from invctl.errors import DatabaseUnusable
from invctl.models import Attempt, Finding, RepairChange
from invctl.values import MAX_QUANTITY, SKU_RULES

# In order of id, which reads a file from end to end: 0.6 µs a movement, by product 3.
_JOURNAL = select(
    movement.c.id, movement.c.product_id, movement.c.delta, movement.c.quantity
).order_by(movement.c.id)
_PRODUCTS = select(product.c.id, product.c.sku, product.c.quantity).order_by(product.c.id)
_SKU = select(product.c.sku).where(product.c.id == bindparam("product"))
_SKU_RULES = select(setting.c.value).where(setting.c.name == "sku_rule")
_undo = operation.alias("undo")
# An undo and what it undid take no product anywhere.
_REMAINDERS = (
    select(_undo.c.id, _undo.c.reverses_id, product.c.sku, func.sum(movement.c.delta))
    .join_from(_undo, movement, movement.c.operation_id.in_([_undo.c.id, _undo.c.reverses_id]))
    .join(product, product.c.id == movement.c.product_id)
    .where(_undo.c.reverses_id.is_not(None))
    .group_by(_undo.c.id, _undo.c.reverses_id, product.c.sku)
    .having(func.sum(movement.c.delta) != 0)
    .order_by(_undo.c.id, product.c.sku)
)
_ABOUT_BOOKS = {"setting", "balance", "journal", "range", "undo", "value"}


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
            for what, look in (("the undos", _remainders), ("the balances", _books)):
                yield from self._part(what, look)

    def _part(
        self, what: str, look: Callable[[Connection], Iterator[Finding]]
    ) -> Iterator[Finding]:
        self._stage(what)
        try:
            with self._db.read(unchecked=True) as connection:
                for finding in look(connection):
                    self._note(finding)
                    yield finding
        except DatabaseUnusable as error:
            finding = Finding("integrity", None, f"{what}: {error.message}")
            self._note(finding)
            yield finding

    def _note(self, finding: Finding) -> None:
        self.mendable += finding.kind == "balance" and _is_quantity(finding.expected)
        self.is_whole = self.is_whole and finding.kind in _ABOUT_BOOKS


def verify(connection: Connection) -> Iterator[Finding]:
    """Yield what is wrong with the numbers of an inventory; the engine looks at the rest."""
    yield from _remainders(connection)
    yield from _books(connection)


def repair_inventory(db: Database, attempt: Attempt) -> RepairChange:
    """Set each wrong quantity to the sum of its product's movements, where that can be one.

    History is never rewritten. The caller has made a copy of the inventory before.
    """

    def work(connection: Connection, current: Operation) -> RepairChange:
        # Nobody may move anything between the sum and the quantity.
        lock_products(connection, true(), {})
        sums: dict[int, int] = {}
        for _ in _faults(connection, sums):
            pass
        wrong = [
            (total, current.recorded_at, product_id, quantity)
            for product_id, _, quantity, total in _unbalanced(connection, sums)
            if _is_quantity(total)
        ]
        settle(connection, wrong)
        return RepairChange(current.id if wrong else None, len(wrong))

    return mutate(db, "repair", attempt, dict, work, many=True)


def _books(connection: Connection) -> Iterator[Finding]:
    if connection.execute(_SKU_RULES).scalars().first() not in SKU_RULES:
        yield Finding("setting", None, "there is no rule for SKUs", " or ".join(SKU_RULES))
    sums: dict[int, int] = {}
    yield from _faults(connection, sums)
    for _, sku, quantity, total in _unbalanced(connection, sums):
        message = f"{quantity} in stock, but its movements add up to {total}"
        yield Finding("balance", sku, message, total, quantity)


def _faults(connection: Connection, sums: dict[int, int]) -> Iterator[Finding]:
    """Add the movements up into `sums`, by product; yield what is first wrong with each journal."""
    known: set[int] = set()
    for number, product_id, delta, left in _streamed(connection, _JOURNAL):
        # What a damaged row gives for a number may be anything.
        total = sums.get(product_id, 0) + (delta if delta.__class__ is int else 0)
        sums[product_id] = total
        if (left != total or not 0 <= total <= MAX_QUANTITY) and product_id not in known:
            known.add(product_id)
            sku = connection.execute(_SKU, {"product": product_id}).scalar()
            yield _fault(None if sku is None else str(_plain(sku)), number, total, left)


def _fault(sku: str | None, number: int, total: int, left: object) -> Finding:
    if left != total:
        message = f"movement {number} says that it left {_plain(left)}, but it left {total}"
        return Finding("journal", sku, message, total, _plain(left))
    return Finding("range", sku, f"movement {number} left what no stock can be", None, total)


def _unbalanced(
    connection: Connection, sums: dict[int, int]
) -> Iterator[tuple[int, str, int | str, int]]:
    """Yield the products whose quantity is not the sum: id, SKU, quantity, sum."""
    for product_id, sku, quantity in _streamed(connection, _PRODUCTS):
        total = sums.get(product_id, 0)
        if quantity != total:
            yield product_id, str(_plain(sku)), _plain(quantity), total


def _streamed(connection: Connection, statement: Select[Any]) -> Iterator[Any]:
    rows = connection.execute(statement, execution_options=STREAMED)
    return chain.from_iterable(rows.partitions(CHUNK))


def _plain(value: Any) -> int | str:
    """Return a number or text as it is, and what only a damaged row has in words."""
    return value if isinstance(value, int | str) else repr(value)


def _remainders(connection: Connection) -> Iterator[Finding]:
    for undo, undone, sku, rest in connection.execute(_REMAINDERS):
        message = f"operation {undo} undid operation {undone}, but not to the last unit"
        yield Finding("undo", sku, message, 0, int(rest))


def _is_quantity(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= MAX_QUANTITY
