"""A file of movements as one operation: all of its lines, or none."""

from collections.abc import Iterable

from sqlalchemy import Connection

from invctl.core.batch import Batch, StoredLabel
from invctl.core.lines import Lines
from invctl.core.operations import Operation, mutate
from invctl.core.stock import add_stock, check_label, remove_stock, set_stock
from invctl.db.engine import Database
from invctl.errors import InvalidValue, InventoryError
from invctl.models import NO_LABEL, Attempt, BadRow, BatchChange, Label, Row, StockChange
from invctl.values import parse_amount, parse_delta, parse_quantity

ACTIONS = ("add", "remove", "set")
_REMEMBERED = 50_000

Move = tuple[str, int]
"""`("delta", n)`, or `("set", n)` for a count."""


def apply_movements(
    db: Database,
    rows: Iterable[Row | BadRow],
    *,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> BatchChange:
    """Make every line's movement in one transaction; later lines see earlier ones.

    Cells are in the order of `models.MOVEMENT_COLUMNS`; `label` is for lines without their own.
    Raises InvalidData, which names each refused line, and then nothing has happened.
    """
    check_label(label)
    lines = Lines(rows, fingerprinted=attempt.key is not None)

    def work(connection: Connection, operation: Operation) -> BatchChange:
        batch = Batch(connection, operation)
        judge = Judge(label, operation.recorded_at)
        for chunk in lines.chunks():
            batch.load({cells[0] for _, cells in chunk})
            for line, cells in chunk:
                _apply_line(batch, judge, lines, line, cells)
        lines.faults.raise_any()
        batch.settle()
        return BatchChange(
            operation=operation.id,
            lines=lines.count,
            movements=batch.movements,
            products=batch.products,
        )

    def request() -> object:
        return {"lines": lines.fingerprint(), **label._asdict()}

    return mutate(db, "apply", attempt, request, work)


def apply_line(
    db: Database, cells: tuple[str, ...], *, label: Label = NO_LABEL, attempt: Attempt
) -> StockChange:
    """Make one line's movement in a transaction of its own, as `add`, `remove` or `set` would.

    Cells are in the order of `models.KEYED_MOVEMENT_COLUMNS`; `attempt.key` is for a line without
    its own. Raises InvalidValue, and what those raise.
    """
    sku, delta, action, amount, reason, ref, note, occurred_at, key = cells
    if not sku:
        raise InvalidValue("sku", "", "is missing")
    move, units = read_move(delta, action, amount)
    own = Label(
        reason or label.reason, ref or label.ref, note or label.note, occurred_at or label.at
    )
    attempt = attempt._replace(key=key or attempt.key)
    if move == "set":
        return set_stock(db, sku, units, label=own, attempt=attempt)
    verb = add_stock if units > 0 else remove_stock
    return verb(db, sku, abs(units), label=own, attempt=attempt)


def _apply_line(
    batch: Batch, judge: "Judge", lines: Lines, line: int, cells: tuple[str, ...]
) -> None:
    """Make one line's movement, or note why not: then it counts as not having happened."""
    try:
        if not cells[0]:
            raise InvalidValue("sku", "", "is missing")
        move, amount = judge.move(cells[1:4])
        label = judge.label(cells[4:])
        column = "sku"
        balance = batch.balance(cells[0])
        column = "amount" if cells[2] else "delta"
        delta = amount - balance.now if move == "set" else amount
        if delta:
            batch.move(balance, delta, label)
    except InvalidValue as error:
        lines.faults.add_value(line, error)
    except InventoryError as error:
        value = {"sku": cells[0], "amount": cells[3], "delta": cells[1]}[column]
        lines.faults.add(line, column, value, error)


class Judge:
    """Reads the cells of movements, each distinct text once."""

    def __init__(self, label: Label, now: str) -> None:
        self._default = label
        self._now = now
        self._moves: dict[tuple[str, ...], Move] = {}
        self._labels: dict[tuple[str, ...], StoredLabel] = {}

    def move(self, cells: tuple[str, ...]) -> Move:
        """Return what delta, action and amount say. Raises InvalidValue."""
        known = self._moves.get(cells)
        if known is None:
            if len(self._moves) >= _REMEMBERED:
                self._moves.clear()
            known = self._moves[cells] = read_move(*cells)
        return known

    def label(self, cells: tuple[str, ...]) -> StoredLabel:
        """Return what reason, ref, note and occurred_at say, or the defaults do."""
        known = self._labels.get(cells)
        if known is None:
            if len(self._labels) >= _REMEMBERED:
                self._labels.clear()
            known = self._labels[cells] = self._read_label(*cells)
        return known

    def _read_label(self, reason: str, ref: str, note: str, occurred_at: str) -> StoredLabel:
        given = Label(
            reason=reason or self._default.reason,
            ref=ref or self._default.ref,
            note=note or self._default.note,
            at=occurred_at or self._default.at,
        )
        checked = check_label(given, "occurred_at")
        return checked.reason, checked.ref, checked.note, checked.at or self._now


def read_move(delta: str, action: str, amount: str) -> Move:
    """Return what a line's delta, or its action and amount, ask for. Raises InvalidValue."""
    if delta:
        if action or amount:
            raise InvalidValue("delta", delta, "stands beside an action or an amount; give one")
        return "delta", parse_delta(delta)
    if action not in ACTIONS:
        problem = f"'{action}' is not one of {', '.join(ACTIONS)}" if action else "is missing"
        raise InvalidValue("action" if action or amount else "delta", action, problem)
    if action == "set":
        return "set", parse_quantity(amount, "amount")
    return "delta", parse_amount(amount) if action == "add" else -parse_amount(amount)
