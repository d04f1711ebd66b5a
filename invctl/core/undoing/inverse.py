"""The movements of an operation again, each with the other sign: judged first, then made."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter

from invctl.core.balance import Balance, Pot
from invctl.core.bulk.batch import Batch
from invctl.core.overdue import free_overdue
from invctl.db.session import BATCH, Row, Session
from invctl.errors import CountedSince, InsufficientStock
from invctl.models.attempts import Label
from invctl.repository import changes, movements
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Done, Draft


class Inverse:
    """What undoes the movements of an operation, in a `batch`; `label` is said of them anew."""

    def __init__(
        self, session: Session, draft: Draft, done: Done, label: Label, batch: Batch
    ) -> None:
        self.ends: dict[str | None, int] = {}
        """By how many units each place has more since a move was taken back; None: no place."""
        self._session = session
        self._draft = draft
        self._now = draft.recorded_at
        self._done = done
        self._label = label
        self._batch = batch

    def refuse_counted(self) -> None:
        """Raise CountedSince where a product was counted after its stock was moved."""
        counted = changes.counted_after(self._session, self._done.id)
        sums = movements.sums(self._session, self._done.movements) if counted else ()
        for product, sku, *_ in sums:
            if product in counted:
                raise CountedSince(self._done.id, sku, counted[product][1])

    def refuse_short(self) -> None:
        """Raise InsufficientStock with every product of which too little is left to take back.

        Raises ProductArchived rather than that, of whichever product.
        """
        if short := [refused for sums in self._sums() if (refused := self._short(sums))]:
            raise InsufficientStock.of_many(short)

    def _sums(self) -> Iterator[list[Row]]:
        """Yield what was moved of each product that may refuse it, by pots, once it is loaded."""
        rows = movements.doubtful_sums(self._session, self._done.movements)
        products = (list(sums) for _, sums in groupby(rows, key=itemgetter(0)))
        while some := list(islice(products, BATCH)):
            # Loading may forget those that were loaded before: none waits for the next load.
            self._batch.load({sums[0][1] for sums in some})
            yield from some

    def _short(self, sums: Sequence[Row]) -> InsufficientStock | None:
        """Return why what was moved of a product cannot be taken back; None where it can."""
        balance, moved = self._batch.balance(sums[0][1]), sum(row[3] for row in sums)
        loose = sum(row[3] for row in sums if row[2] is None)
        if balance.now - moved < balance.found.held:
            free_overdue(self._session, self._draft, balance)
        pots = [(row[2], row[3]) for row in sums if row[2] is not None]
        if pots:
            self._batch.pots.load([balance.id])
        for pot, wanted in self._batch.pots.summed(balance.id, pots):
            if pot.now < wanted:
                return self._lacking(balance, pot, pot.now, wanted)
        # Where nothing is placed, all there is bounds it, as below.
        if balance.placed and balance.now - balance.placed < loose:
            return self._lacking(balance, None, balance.now - balance.placed, loose)
        if balance.now - moved >= balance.found.held:
            return None
        self._batch.pots.load([balance.id])
        free = balance.now - balance.found.held
        return self._batch.pots.short(balance.found_now, moved, free, None)

    def _lacking(
        self, balance: Balance, pot: Pot | None, available: int, wanted: int
    ) -> InsufficientStock:
        """Return that too little is left in a pot, or outside all places, and how to bring it."""
        from invctl.core.places.spots import UNPLACED, Spot

        pots, found = self._batch.pots, balance.found_now
        pots.load([balance.id])
        spot = Spot(pot.place, pot.lot or None) if pot else UNPLACED
        has_others = pot is not None and not pot.lot and pots.others(balance.id, spot)
        there = f"{spot.sentence} without a lot" if has_others else spot.sentence
        way = pots.way_to(found, pot, wanted - available)
        return pots.short(found, wanted, available, there, way)

    def make(self) -> tuple[str, int, int] | None:
        """Make the inverse of each movement; return the last one's SKU, delta and balance."""
        last = None
        # Those that took come first: only what a product ends up with can be too little.
        for rows in movements.deltas(self._session, self._done.movements):
            self._batch.load({row[1] for row in rows})
            for was, sku, reason, ref, pot in rows:
                label = StoredLabel(
                    self._label.reason or reason,
                    self._label.ref or ref,
                    self._label.note,
                    self._label.at or self._now,
                )
                balance = self._batch.balance(sku)
                last = sku, -was, self._move(balance, pot, -was, label)
        return last

    def _move(self, balance: Balance, pot: int | None, by: int, label: StoredLabel) -> int:
        """Move units of a product where they were moved before; return the balance."""
        if pot is None:
            self._note_end(None, by)
            return self._batch.move(balance, by, label)
        self._batch.pots.load([balance.id])
        again = self._batch.pots.again(balance.id, balance.sku, pot)
        self._note_end(again.place, by)
        return self._batch.move_in(balance, again, by, label)

    def _note_end(self, place: str | None, by: int) -> None:
        if self._done.kind == "move":
            self.ends[place] = self.ends.get(place, 0) + by
