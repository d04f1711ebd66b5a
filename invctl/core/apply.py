"""A file of movements as one operation: all of its lines, or none."""

from collections.abc import Iterable
from typing import TypeVar

from invctl.core.batch import Batch
from invctl.core.labels import check_label, stored
from invctl.core.lines import Lines
from invctl.core.moves import Move, read_move
from invctl.core.operations import mutate
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import InvalidValue, InventoryError
from invctl.models import NO_LABEL, Attempt, BadRow, BatchChange, Label, Row
from invctl.repository import products
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft

_REMEMBERED = 5000

T = TypeVar("T")


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
    checked = check_label(label)
    lines = Lines(rows, fingerprinted=attempt.key is not None)

    def work(session: Session, draft: Draft) -> BatchChange:
        lines.restart()
        products.lock_skus(session, lines.skus)
        batch = Batch(session, draft)
        judge = Judge(label, draft.recorded_at)
        for chunk in lines.chunks():
            _apply_chunk(batch, judge, lines, chunk)
        lines.faults.raise_any()
        operation = batch.settle()
        return BatchChange(
            operation=operation.id,
            lines=lines.count,
            movements=batch.movements,
            products=batch.products,
        )

    def request() -> object:
        return {"lines": lines.fingerprint(), **label._asdict()}

    return mutate(db, "apply", attempt, request, work, label=checked, many=True)


def _apply_chunk(batch: Batch, judge: "Judge", lines: Lines, chunk: list[Row]) -> None:
    """Make the movements of some lines.

    Written out rather than in calls, since a year of sales goes through here: what is seen for
    the first time, and all that may be refused, takes the way through `_apply_line`.
    """
    batch.load({cells[0] for _, cells in chunk})
    balances, moves, labels = batch.balances, judge.moves, judge.labels
    write = batch.journal.append
    for line, cells in chunk:
        balance = balances[cells[0]]
        move = moves.get(cells[1:4])
        label = labels.get(cells[4:])
        if move is not None and label is not None and balance is not None:
            counts, delta = move
            now = balance.now + delta
            if delta and not counts and balance.least <= now <= balance.most:
                balance.now = now
                balance.moved = True
                reason, ref, note, at = label
                write((balance.id, delta, now, reason, ref, note, at))
                continue
        _apply_line(batch, judge, lines, line, cells)
    batch.flush()


def _apply_line(
    batch: Batch, judge: "Judge", lines: Lines, line: int, cells: tuple[str, ...]
) -> None:
    """Make one line's movement, or note why not: then it counts as not having happened."""
    column = "sku"
    try:
        if not cells[0]:
            raise InvalidValue("sku", "", "is missing")
        counts, units = judge.move(cells[1:4])
        label = judge.label(cells[4:])
        balance = batch.balance(cells[0])
        column = "amount" if cells[2] else "delta"
        if counts:
            batch.count(balance, units, label, label.occurred_at if judge.is_dated(cells) else None)
        elif units:
            batch.move(balance, units, label)
    except InvalidValue as error:
        lines.faults.add_value(line, error)
    except InventoryError as error:
        value = {"sku": cells[0], "amount": cells[3], "delta": cells[1]}[column]
        lines.faults.add(line, column, value, error)


class Judge:
    """Reads the cells of movements, each distinct text once, and remembers some of them."""

    def __init__(self, label: Label, now: str) -> None:
        self.moves: dict[tuple[str, ...], Move] = {}
        self.labels: dict[tuple[str, ...], StoredLabel] = {}
        self._default = label
        self._now = now

    def move(self, cells: tuple[str, ...]) -> Move:
        """Return what delta, action and amount say. Raises InvalidValue."""
        move = read_move(*cells)
        _remember(self.moves, cells, move)
        return move

    def is_dated(self, cells: tuple[str, ...]) -> bool:
        """Return whether a line says when it happened, itself or by what is said of all."""
        return bool(cells[7] or self._default.at)

    def label(self, cells: tuple[str, ...]) -> StoredLabel:
        """Return what reason, ref, note and occurred_at say, or the defaults do."""
        default = self._default
        said = Label(*(own or default[place] for place, own in enumerate(cells)))
        label = stored(check_label(said, "occurred_at"), self._now)
        _remember(self.labels, cells, label)
        return label


def _remember(known: dict[tuple[str, ...], T], cells: tuple[str, ...], value: T) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[cells] = value
