"""Movements in places as a `Batch` makes them: the set-based twin of `placing`."""

from collections.abc import Callable, Iterable

from invctl.core.balance import Balance, Pot, refusal
from invctl.core.bulk.batch import Batch
from invctl.core.moves import Move
from invctl.core.overdue import free_overdue
from invctl.core.places.counts import (
    change_in_pot,
    refuse_count_in_pot,
    target_in_pot,
    warning_of_others,
)
from invctl.core.places.parts import Part
from invctl.core.places.spots import UNPLACED, Spot, check_spot, is_past
from invctl.core.places.taking import end_of, parts_shifted, parts_taken
from invctl.db.session import Session
from invctl.errors import InvalidValue
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft
from invctl.values import MAX_QUANTITY

NOWHERE = ("", "", "", "")
"""The cells of a line that names no place: its place, where to, its lot, its date."""


def read_spots(cells: tuple[str, ...], move: Move) -> list[Spot]:
    """Return where a line's units come from or go to, or what it counts; of a move both ends.

    Raises InvalidValue.
    """
    counts, units, shifts = move
    place, to_place, lot, expires_on = cells
    if to_place and not shifts:
        raise InvalidValue("to_place", to_place, "is for the action move")
    if shifts:
        return _ends(place, to_place, lot, expires_on)
    if expires_on and units < 0 and not counts:
        raise InvalidValue("expires_on", expires_on, "is said of what comes, not of what goes")
    return [check_spot(place, lot, expires_on, takes_any=units < 0 and not counts)]


def _ends(place: str, to_place: str, lot: str, expires_on: str) -> list[Spot]:
    if expires_on:
        raise InvalidValue("expires_on", expires_on, "is said of what comes; a lot keeps its date")
    try:
        # What comes from a place keeps the lot that it has there: `end_of` looks.
        target = check_spot(to_place, lot if not place else None)
    except InvalidValue as error:
        if error.field != "place":
            raise
        raise InvalidValue("to_place", to_place, error.problem) from error
    source = check_spot(place, lot) if place else UNPLACED
    if source.place == target.place:
        problem = (
            "is where it lies" if place else "is missing: a move wants place, to_place or both"
        )
        raise InvalidValue("to_place", to_place, problem)
    return [source, target]


class Shelves:
    """Where the products of a batch lie while it moves them."""

    def __init__(self, session: Session, draft: Draft, batch: Batch) -> None:
        self.ahead: Callable[[], Iterable[int]] = tuple
        """Returns the products whose pots will be asked for, to be read all at once."""
        self._session = session
        self._draft = draft
        self._batch = batch

    def make(
        self,
        balance: Balance,
        move: Move,
        spots: list[Spot],
        label: StoredLabel,
        moment: str | None,
    ) -> None:
        """Make what a line asks for, a count being of a `moment` if that is given."""
        if move.shifts:
            source, target = spots
            self.shift(balance, move.units, source, target, label)
        elif move.counts:
            self.count(balance, move.units, spots[0], label, moment)
        elif move.units > 0:
            self.put(balance, move.units, spots[0], label)
        elif move.units < 0:
            self.take(balance, -move.units, spots[0], label)

    def remember(
        self, balance: Balance, move: Move, spots: list[Spot], cells: tuple[str, ...]
    ) -> None:
        """Note in which pot a line's units came, or went, so that the next one finds it at once."""
        pots = self._batch.pots
        if move.counts or move.shifts or not move.units:
            return
        if move.units > 0:
            balance.puts[cells] = pots.there(balance.id, spots[0])
            return
        pot, _ = next(iter(pots.supplies(balance.id, spots[0], 0)), (None, 0))
        if pot is not None and not is_past(pot.expires_on):  # else each is to be noted
            balance.takes[cells] = pot

    def put(self, balance: Balance, units: int, spot: Spot, label: StoredLabel) -> None:
        """Add units in a place. Raises BalanceLimit or LotDiffers."""
        # First, as of one change alone: only what may come is asked of which lot it is.
        if balance.now + units > MAX_QUANTITY:
            raise refusal(balance.found_now, units)
        self._load(balance)
        pot = self._into(balance, spot)
        self._batch.move_in(balance, pot, units, label)

    def take(self, balance: Balance, units: int, spot: Spot, label: StoredLabel) -> None:
        """Take units from a place, or from anywhere. Raises PlaceNotFound or InsufficientStock."""
        self._load(balance)
        if units > balance.now - balance.found.held:
            free_overdue(self._session, self._draft, balance)
        for part in parts_taken(self._batch.pots, balance.found_now, units, spot):
            self._move(balance, part, label)

    def shift(
        self, balance: Balance, units: int, source: Spot, target: Spot, label: StoredLabel
    ) -> None:
        """Move units between places. Raises PlaceNotFound or InsufficientStock."""
        self._load(balance)
        for part in parts_shifted(self._batch.pots, balance.found_now, units, source, target):
            into = None if target.place is None else self._into(balance, end_of(part, target))
            self._batch.shift(balance, part.pot, into, -part.units, label)

    def count(
        self,
        balance: Balance,
        counted: int,
        spot: Spot,
        label: StoredLabel,
        moment: str | None = None,
    ) -> None:
        """Make what lies in a place what was counted.

        Raises StaleCount, UnitsHeld, BalanceLimit or LotDiffers.
        """
        self._load(balance)
        pots = self._batch.pots
        pot = pots.there(balance.id, spot)
        if moment is not None:
            self._batch.flush()  # what this operation has moved since then counts, too
        target = target_in_pot(self._session, balance.found, pot, counted, moment)
        by = target - pot.now
        if balance.now + by < balance.found.held:
            free_overdue(self._session, self._draft, balance)
        refuse_count_in_pot(balance.found_now, balance.now + by)
        pot = self._into(balance, spot)
        change = change_in_pot(balance.found, pot, counted, target, label.occurred_at)
        if warning := warning_of_others(balance.sku, spot, pots.others(balance.id, spot)):
            pots.said.append(warning)
        if by:
            self._batch.move_in(balance, pot, by, label)
        balance.last_count = label.occurred_at
        self._batch.note_change(change)

    def _load(self, balance: Balance) -> None:
        pots = self._batch.pots
        if not pots.knows(balance.id):
            pots.load({balance.id, *self.ahead()})

    def _into(self, balance: Balance, spot: Spot) -> Pot:
        """Return the pot for what comes."""
        balance.takes.clear()  # it may have to go before what lines have taken from
        return self._batch.pots.into(balance.id, balance.sku, spot)

    def _move(self, balance: Balance, part: Part, label: StoredLabel) -> None:
        if part.pot is None:
            self._batch.move(balance, part.units, label)
        else:
            self._batch.move_in(balance, part.pot, part.units, label)
