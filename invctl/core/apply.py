"""A file of movements as one operation: all of its lines, or none."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from invctl.core.batch import Batch
from invctl.core.labels import check_label, stored
from invctl.core.lines import Lines
from invctl.core.lookup import lock_products
from invctl.core.moves import Move, asked_besides, multiplied, read_move
from invctl.core.operations import mutate, warn_once
from invctl.core.shelves import NOWHERE, Shelves, read_spots
from invctl.core.spots import Spot
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import InvalidValue, InventoryError
from invctl.models import NO_LABEL, Attempt, BadRow, BatchChange, Label, LineChange, Row
from invctl.repository import operations
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft
from invctl.times import format_time, parse_time

if TYPE_CHECKING:
    from invctl.core.recipes import Times

_REMEMBERED = 5000
_SHOWN = 5

K = TypeVar("K", bound=tuple[object, ...])
T = TypeVar("T")


def apply_movements(
    db: Database,
    rows: Iterable[Row | BadRow],
    *,
    label: Label = NO_LABEL,
    file_hash: str | None = None,
    told: list[LineChange] | None = None,
    times: "Times | None" = None,
    attempt: Attempt,
) -> BatchChange:
    """Make every line's movement in one transaction; later lines see earlier ones.

    Cells are in the order of `models.MOVEMENT_COLUMNS`; `label` is for lines without their own.
    With `times` the file is a recipe, of which every amount is taken so many times.
    Where a file of the same `file_hash` was applied within a day, without a key, that is warned
    of. What each line did goes into `told`, if that is given. Raises InvalidData, which names each
    refused line, and then nothing has happened.
    """
    checked = check_label(label)
    lines = Lines(rows, width=8, fingerprinted=attempt.key is not None)

    def work(session: Session, draft: Draft) -> BatchChange:
        lines.restart()
        lock_products(session, lines.skus)
        warn_once(db, _warning_of_same(session, draft))
        batch = Batch(session, draft)
        count = None if times is None else _times_of(session, lines, times)
        judge = Judge(label, draft.recorded_at, count or 1)
        shelves = Shelves(session, draft, batch)
        if told is not None:
            told.clear()  # the work may be done again
        for chunk in lines.chunks():
            _apply_chunk(batch, shelves, judge, lines, chunk, told)
        lines.refusals.raise_any()
        warn_once(db, _warning_of_late(judge))
        operation = batch.settle()
        for text in batch.said:
            warn_once(db, text)
        return BatchChange(
            operation=operation.id,
            lines=lines.count,
            movements=batch.movements,
            products=batch.products,
            times=count,
        )

    def request() -> object:
        more = asked_besides(times=times)
        return {"lines": lines.fingerprint(), **label._asdict(), **more}

    return mutate(
        db, "apply", attempt, request, work, label=checked, file_hash=file_hash, many=True
    )


def _times_of(session: Session, lines: Lines, times: "Times") -> int:
    from invctl.core.recipes import times_of

    return times_of(session, lines, times)


def _warning_of_same(session: Session, draft: Draft) -> str | None:
    """Return what to say where the same file was applied before, and that was not undone."""
    if draft.file_hash is None or draft.key is not None:
        return None
    yesterday = format_time(parse_time("24h", "since"))
    earlier = operations.same_file(session, draft.file_hash, yesterday)
    if earlier is None:
        return None
    return f"the same file was applied before, by operation {earlier}; `invctl undo` takes one back"


def _warning_of_late(judge: "Judge") -> str | None:
    """Return what to say of movements that happened before their products were counted."""
    if not judge.late:
        return None
    some = ", ".join(judge.late[:_SHOWN]) + (", …" if len(judge.late) > _SHOWN else "")
    return f"counted after what the file says: {some}; the counts may have had it already"


def _apply_chunk(
    batch: Batch,
    shelves: Shelves,
    judge: "Judge",
    lines: Lines,
    chunk: list[Row],
    told: list[LineChange] | None = None,
) -> None:
    """Make the movements of some lines.

    Written out rather than in calls, since a year of sales goes through here: what is seen for
    the first time, and all that may be refused, takes the way through `_apply_line`.
    """
    batch.load({cells[0] for _, cells in chunk})
    shelves.load({cells[0] for _, cells in chunk if cells[8:] != NOWHERE})
    balances, moves, labels, today = batch.balances, judge.moves, judge.labels, judge.now
    puts, takes = batch.known_pots
    write = batch.pending.append
    for line, cells in chunk:
        balance = balances[cells[0]]
        move = moves.get(cells[1:4])
        label = labels.get(cells[4:8])
        if move is not None and label is not None and balance is not None and told is None:
            counts, delta, _ = move
            now = balance.now + delta
            reason, ref, note, at = label
            # What may have been counted since is warned of.
            is_settled = at >= balance.last_count or at is today
            spot = cells[8:]
            if not delta or counts or not is_settled or now > balance.most:
                pass
            elif spot == NOWHERE:
                if balance.least <= now:
                    balance.now = now
                    balance.moved = True
                    write((balance.id, delta, now, reason, ref, note, at))
                    continue
            else:
                pot = (puts if delta > 0 else takes).get((cells[0], spot))
                if pot is not None and pot.now and pot.now + delta >= 0:
                    held = balance.found.held
                    if held <= now:
                        balance.now = now
                        balance.placed = placed = balance.placed + delta
                        balance.least = placed if placed > held else held
                        balance.moved = True
                        pot.now += delta
                        write((balance.id, delta, now, reason, ref, note, at, pot.id))
                        continue
        done = _apply_line(batch, shelves, judge, lines, line, cells)
        if done is not None and told is not None:
            told.append(done)
    batch.flush()


def _apply_line(
    batch: Batch,
    shelves: Shelves,
    judge: "Judge",
    lines: Lines,
    line: int,
    cells: tuple[str, ...],
) -> LineChange | None:
    """Make one line's movement and tell it, or note why not: then it has not happened."""
    column = "sku"
    try:
        if not cells[0]:
            raise InvalidValue("sku", "", "is missing")
        move = judge.move(cells[1:4])
        label = judge.label(cells[4:8])
        spots = judge.spots(cells[8:], move)
        balance = batch.balance(cells[0])
        column = "amount" if cells[2] else "delta"
        units = multiplied(move.units, batch.units_of(cells[0]), column, cells[3] or cells[1])
        counts, move = move.counts, move._replace(units=units)
        before, dated = balance.now, judge.is_dated(cells)
        moment = label.occurred_at if dated else None
        if spots:
            shelves.make(balance, move, spots, label, moment)
            shelves.remember(balance, move, spots, (cells[0], cells[8:]))
        elif counts:
            if balance.counted:
                raise InvalidValue("sku", cells[0], "is counted twice in one file: add them up")
            batch.count(balance, units, label, moment)
        elif units:
            batch.move(balance, units, label)
        if dated and units and not counts and not move.shifts:
            judge.note_late(batch.counted_after(balance, label.occurred_at))
        counted = units if counts else None
        return LineChange(line, balance.sku, balance.now - before, balance.now, before, counted)
    except InvalidValue as error:
        lines.refusals.add_value(line, error)
    except InventoryError as error:
        value = {"sku": cells[0], "amount": cells[3], "delta": cells[1]}[column]
        lines.refusals.add(line, column, value, error)
    return None


class Judge:
    """Reads the cells of movements, each distinct text once, and remembers some of them.

    Whatever a line moves, it moves so many `times`.
    """

    def __init__(self, label: Label, now: str, times: int = 1) -> None:
        self.moves: dict[tuple[str, ...], Move] = {}
        self.labels: dict[tuple[str, ...], StoredLabel] = {}
        self.late: list[str] = []
        self._spots: dict[tuple[object, ...], list[Spot]] = {}
        self.now = now
        self._default = label
        self._times = times

    def move(self, cells: tuple[str, ...]) -> Move:
        """Return what delta, action and amount say. Raises InvalidValue."""
        move = read_move(*cells)
        if self._times > 1:
            column, given = ("amount", cells[2]) if cells[1] else ("delta", cells[0])
            units = multiplied(move.units, self._times, column, given)
            move = move._replace(units=units)
        if not move.shifts:
            _remember(self.moves, cells, move)
        return move

    def spots(self, cells: tuple[str, ...], move: Move) -> list[Spot]:
        """Return where a line's units come from or go to; nothing where it names no place.

        Raises InvalidValue.
        """
        if cells == NOWHERE and not move.shifts:
            return []
        key = (move.counts, move.units < 0, move.shifts, *cells)
        known = self._spots.get(key)
        if known is None:
            known = read_spots(cells, move)
            _remember(self._spots, key, known)
        return known

    def is_dated(self, cells: tuple[str, ...]) -> bool:
        """Return whether a line says when it happened, itself or by what is said of all."""
        return bool(cells[7] or self._default.at)

    def note_late(self, sku: str | None) -> None:
        """Note a product that was counted after a movement of it."""
        if sku is not None and sku not in self.late[:_REMEMBERED]:
            self.late.append(sku)

    def label(self, cells: tuple[str, ...]) -> StoredLabel:
        """Return what reason, ref, note and occurred_at say, or the defaults do."""
        default = self._default
        said = Label(*(own or default[place] for place, own in enumerate(cells)))
        label = stored(check_label(said, "occurred_at"), self.now)
        _remember(self.labels, cells, label)
        return label


def _remember(known: dict[K, T], cells: K, value: T) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[cells] = value
