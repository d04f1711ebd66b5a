"""The lines of a file of movements under way: each is made in memory, or it is noted why not."""

from collections.abc import Iterator
from functools import partial
from typing import TypeVar

from invctl.core.balance import Balance
from invctl.core.bulk.batch import Batch
from invctl.core.bulk.lines import Lines
from invctl.core.bulk.shelves import NOWHERE, Shelves, read_spots
from invctl.core.labels import check_label, stored
from invctl.core.moves import (
    ACTION,
    AMOUNT,
    DELTA,
    LABEL,
    MOVE,
    OCCURRED_AT,
    SKU,
    SPOTS,
    Move,
    multiplied,
    read_move,
)
from invctl.core.places.spots import UNPLACED, Spot
from invctl.db.session import Session
from invctl.errors import InvalidValue, InventoryError, LotDiffers, PlaceNotFound
from invctl.models.attempts import Label
from invctl.models.batches import LineChange
from invctl.models.fields import MOVEMENT_COLUMNS
from invctl.models.rows import FileRow
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft

_REMEMBERED = 5000
_COLUMNS = tuple(MOVEMENT_COLUMNS)
_AT_FAULT: dict[type[InventoryError], str] = {PlaceNotFound: "place", LotDiffers: "expires_on"}
"""The columns of what is refused for another reason than its product or its units."""

K = TypeVar("K", bound=tuple[object, ...])
T = TypeVar("T")


class Applying:
    """An apply under way: its movements, and what was refused of its lines.

    Every amount is moved so many `times`. What each line did goes into `told`, if that is given.
    """

    def __init__(
        self,
        session: Session,
        draft: Draft,
        lines: Lines,
        label: Label,
        times: int,
        told: list[LineChange] | None,
    ) -> None:
        self.batch = Batch(session, draft)
        self.late: dict[str, None] = {}
        """Products that were counted after what the file says of them, each once."""
        self._counted: set[tuple[int, str | None, str]] = set()
        """The products, and the places and lots of them, that were counted: also the forgotten."""
        self._reader = CellReader(label, draft.recorded_at, times)
        self._shelves = Shelves(session, draft, self.batch)
        self._lines = lines
        self._told = told

    def take(self, chunk: list[FileRow]) -> None:
        """Make the movements of some lines."""
        batch, reader = self.batch, self._reader
        batch.load({cells[SKU] for _, cells in chunk})
        # One question for the pots of all of them, if a line needs any that is not known.
        self._shelves.ahead = partial(self._placed_in, chunk)
        balances, moves, labels, today = batch.balances, reader.moves, reader.labels, reader.now
        is_told, write = self._told is not None, batch.pending.append
        # Written out rather than in calls, since a year of sales goes through here. It only allows
        # what is within bounds: what is met for the first time, and all that may be refused, is
        # judged by `_take_line`.
        for line, cells in chunk:
            balance = balances[cells[SKU]]
            move = moves.get(cells[MOVE])
            label = labels.get(cells[LABEL]) or reader.readable(cells[LABEL])
            if move is not None and label is not None and balance is not None and not is_told:
                counts, delta, _ = move
                now = balance.now + delta
                reason, ref, note, at = label
                # What may have been counted since is warned of; a line without a time has `today`.
                is_settled = at >= balance.last_count or at is today
                if not delta or counts or not is_settled or now > balance.most:
                    pass
                elif (spot := cells[SPOTS]) != NOWHERE:
                    # A pot that a line before has found, and in which as many are.
                    pot = (balance.puts if delta > 0 else balance.takes).get(spot)
                    if pot and pot.now and pot.now + delta >= 0 and now >= balance.found.held:
                        balance.now = now
                        balance.place(delta)
                        pot.now += delta
                        write((balance.id, delta, now, reason, ref, note, at, pot.id))
                        continue
                elif balance.least <= now:
                    balance.now = now
                    balance.moved = True
                    write((balance.id, delta, now, reason, ref, note, at))
                    continue
            self._take_line(line, cells)
        batch.flush()

    def _take_line(self, line: int, cells: tuple[str, ...]) -> None:
        """Make one line's movement and tell it, or note why not: then it has not happened."""
        column = "sku"
        try:
            if not cells[SKU]:
                raise InvalidValue("sku", "", "is missing")
            move = self._reader.move(cells[MOVE])
            label = self._reader.label(cells[LABEL])
            spots = self._reader.spots(cells[SPOTS], move)
            balance = self.batch.balance(cells[SKU])
            column = "amount" if cells[ACTION] else "delta"
            scanned = self.batch.units_of(cells[SKU])
            units = multiplied(move.units, scanned, column, cells[AMOUNT] or cells[DELTA])
            self._move(line, cells, balance, move._replace(units=units), spots, label)
        except InventoryError as error:
            column = _AT_FAULT.get(type(error), column)
            value = cells[_COLUMNS.index(column)]
            self._lines.refusals.add(line, column, value, error)

    def _move(
        self,
        line: int,
        cells: tuple[str, ...],
        balance: Balance,
        move: Move,
        spots: list[Spot],
        label: StoredLabel,
    ) -> None:
        """Make the movement that a line says. Raises what the guard would refuse."""
        units, before, is_dated = move.units, balance.now, self._reader.is_dated(cells)
        moment = label.occurred_at if is_dated else None
        spot = spots[0] if spots else UNPLACED
        counted_of = (balance.id, spot.place, spot.lot_name)
        if move.counts and counted_of in self._counted:
            raise InvalidValue("sku", cells[SKU], "is counted twice in one file: add them up")
        if spots:
            self._shelves.make(balance, move, spots, label, moment)
            self._shelves.remember(balance, move, spots, cells[SPOTS])
        elif move.counts:
            self.batch.count(balance, units, label, moment)
        elif units:
            self.batch.move(balance, units, label)
        if is_dated and units and not move.counts and not move.shifts:
            self._note_late(self.batch.counted_after(balance, label.occurred_at))
        if move.counts:
            self._counted.add(counted_of)
        if self._told is not None:
            counted, delta = units if move.counts else None, balance.now - before
            told = LineChange(line, balance.sku, delta, balance.now, before, counted)
            self._told.append(told)

    def _placed_in(self, chunk: list[FileRow]) -> Iterator[int]:
        """Yield the products of lines that name a place."""
        skus = {cells[SKU] for _, cells in chunk if cells[SPOTS] != NOWHERE}
        found = (self.batch.balances.get(sku) for sku in skus)
        return (one.id for one in found if one is not None)

    def _note_late(self, sku: str | None) -> None:
        """Note a product that was counted after a movement of it."""
        if sku is not None:
            self.late[sku] = None


class CellReader:
    """Reads the cells of movements, each distinct text once, and remembers some of them.

    Whatever a line moves, it moves so many `times`.
    """

    def __init__(self, label: Label, now: str, times: int = 1) -> None:
        self.moves: dict[tuple[str, ...], Move] = {}
        self.labels: dict[tuple[str, ...], StoredLabel] = {}
        self._spots: dict[tuple[object, ...], list[Spot]] = {}
        self.now = now
        self._default = label
        self._times = times

    def move(self, cells: tuple[str, ...]) -> Move:
        """Return what delta, action and amount say. Raises InvalidValue."""
        known = self.moves.get(cells)
        if known is not None:
            return known
        move = read_move(*cells)
        if self._times > 1:
            delta, action, amount = cells
            column, given = ("amount", amount) if action else ("delta", delta)
            units = multiplied(move.units, self._times, column, given)
            move = move._replace(units=units)
        if not move.shifts:  # which `take` would find there, and make a change of stock of
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
        return bool(cells[OCCURRED_AT] or self._default.at)

    def label(self, cells: tuple[str, ...]) -> StoredLabel:
        """Return what reason, ref, note and occurred_at say, or the defaults do."""
        known = self.labels.get(cells)
        if known is not None:
            return known
        default = self._default
        said = Label(*(own or default[place] for place, own in enumerate(cells)))
        label = stored(check_label(said, "occurred_at"), self.now)
        _remember(self.labels, cells, label)
        return label

    def readable(self, cells: tuple[str, ...]) -> StoredLabel | None:
        """Return what `label` does, or None where it raises."""
        try:
            return self.label(cells)
        except InvalidValue:
            return None


def _remember(known: dict[K, T], cells: K, value: T) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[cells] = value
