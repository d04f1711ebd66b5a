"""Undoing an operation: its movements again with the other sign, what it changed put back."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from invctl.core.balance import Balance
from invctl.core.batch import Batch
from invctl.core.labels import check_label
from invctl.core.lookup import sku_rule_of
from invctl.core.operations import mutate, warn_once
from invctl.core.overdue import free_overdue, refuse_held
from invctl.core.promised import refuse_reopening, take_back
from invctl.core.stock import is_low
from invctl.db.database import Database
from invctl.db.session import BATCH, Row, Session
from invctl.errors import (
    AlreadyUndone,
    ChangedSince,
    CountedSince,
    InsufficientStock,
    NothingLeftToUndo,
    NothingToUndo,
    OperationNotFound,
    ProductExists,
)
from invctl.models import NO_LABEL, Attempt, BatchUndo, Label, StockUndo, Undo
from invctl.repository import changes, movements, operations, products
from invctl.repository.changes import CODE, Change, differences, is_count
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import NO_RUN, Done, Draft
from invctl.repository.products import Facts

if TYPE_CHECKING:
    from invctl.core.parts import Pot

LEFT_ALONE = {"release", "extend", "expire", "cancel", "code", "place", "repair"}
"""Kinds of operations that are never taken back."""


def undo_operation(
    db: Database,
    undone: int | None,
    *,
    despite_counts: bool = False,
    label: Label = NO_LABEL,
    told_number: list[int] | None = None,
    attempt: Attempt,
) -> Undo:
    """Take an operation back, or where none is named this actor's newest one that can be.

    It keeps the reason and ref of what it undoes unless `label` says others; `told_number` is
    where to put which one it was, of an undo that is no replay. Raises
    OperationNotFound, AlreadyUndone, NothingToUndo, CountedSince, ChangedSince, ProductExists,
    ProductArchived, or InsufficientStock with every SKU of which there is too little.
    """
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> Undo:
        number = _newest(session, draft.actor) if undone is None else undone
        if told_number is not None:
            told_number[:] = [number]
        done = _undoable(session, number)
        kept = draft._replace(reason=checked.reason or done.reason, ref=checked.ref or done.ref)
        if done.kind in ("hold", "expect"):
            return take_back(session, kept, done)
        undoing = Undoing(session, kept, done, checked, despite_counts=despite_counts)
        answer = undoing.run()
        for text in undoing.said:
            warn_once(db, text)
        return answer

    def request() -> object:
        asked = {"despite_counts": True} if despite_counts else {}
        return {"operation": undone, **label._asdict(), **asked}

    return mutate(db, "undo", attempt, request, work, label=checked, many=True)


def _newest(session: Session, actor: str) -> int:
    newest = operations.newest_of(session, actor)
    if newest is None:
        raise NothingLeftToUndo(actor)
    return newest


def _undoable(session: Session, undone: int) -> Done:
    """Return an operation, or raise where there is none, or nothing of it to take back."""
    done = operations.done(session, undone)
    if done is None:
        raise OperationNotFound(undone)
    undone_by = operations.undone_by(session, undone)
    if undone_by is not None:
        raise AlreadyUndone(undone, undone_by)
    did_nothing = (done.movements, done.changes) == (NO_RUN, NO_RUN)
    # The undo of a count that moved nothing left nothing but that, which can be taken back.
    if done.kind in LEFT_ALONE or (did_nothing and done.kind != "undo"):
        raise NothingToUndo(undone, done.kind)
    refuse_reopening(session, done)
    return done


class Plan(NamedTuple):
    """A product whose description goes back: as it is (None: it was deleted), and as it was."""

    before: Facts | None
    after: Facts

    @property
    def meanwhile(self) -> Facts:
        """As it is while its stock moves back: it is hidden only after that."""
        hidden = self.after.archived_at and self.before and self.before.archived_at
        if hidden == self.after.archived_at:
            return self.after
        return self.after._replace(archived_at=hidden or None)


class Undoing:
    """An undo under way."""

    def __init__(
        self, session: Session, draft: Draft, done: Done, label: Label, *, despite_counts: bool
    ) -> None:
        products.lock_run(session, done.movements, done.changes)
        self._session = session
        self._now = draft.recorded_at
        self._done = done
        self._label = label
        self._despite_counts = despite_counts
        self._draft = draft
        self._batch = Batch(session, draft)
        self._codes: list[Change] = []

    @property
    def said(self) -> list[str]:
        """What people are to be told of places."""
        return self._batch.said

    def run(self) -> Undo:
        """Put back what was changed, move back what was moved; return what that came to."""
        plans = self._plans()
        between = [plan.meanwhile for plan in plans]
        self._describe((plan.before, now) for plan, now in zip(plans, between, strict=True))
        self._refuse_counted()
        self._refuse_short()
        last = self._move_back()
        self._describe((now, plan.after) for plan, now in zip(plans, between, strict=True))
        for plan in plans:
            for change in differences(plan.before, plan.after):
                self._batch.note_change(change)
        for change in self._codes:
            self._give_back(change)
        operation = self._batch.settle()
        operations.reverse(self._session, operation.id, self._done.id)
        count, changed = self._batch.movements, self._batch.changes
        if count != 1 or last is None:
            moved = operations.run(operation.first_movement, count)
            changed_run = operations.run(operation.first_change, changed)
            touched = products.count_in(self._session, moved, changed_run)
            return BatchUndo(operation.id, count, count, touched, changes=changed)
        made = operation.first_movement
        found = products.find(self._session, last[0])
        return StockUndo(
            operation.id,
            "undo",
            *last,
            movement=made,
            low=found is not None and is_low(self._session, found),
            movement_ids=[made],
            changes=changed,
        )

    def _plans(self) -> list[Plan]:
        """Return what each product is that the operation changed, and what it was before."""
        now: dict[int, Facts | None] = {}
        then: dict[int, Facts] = {}
        for rows in changes.of_run(self._session, self._done.changes):
            described = [one for one in rows if one.field != CODE and not is_count(one)]
            self._codes.extend(change for change in rows if change.field == CODE)
            fresh = {change.product for change in described} - now.keys()
            now |= dict.fromkeys(fresh) | products.facts_of(self._session, fresh)
            for change in described:
                found = now[change.product]
                facts = then.get(change.product) or found or _deleted(change)
                self._refuse_changed(change, facts if found else None)
                then[change.product] = self._reverted(facts, change, found or facts)
        return [Plan(now[product], then[product]) for product in sorted(then)]

    def _give_back(self, change: Change) -> None:
        """Let a code stand again for a product that was deleted with it. Raises CodeExists."""
        if change.before is None:
            return
        from invctl.core.codes import changed, read_change, refuse_taken
        from invctl.repository import codes

        self._batch.enter()
        code = read_change(change, change.before, sku_rule_of(self._session))
        refuse_taken(code, codes.find(self._session, code.key), {})
        codes.add(self._session, code)
        self._batch.note_change(changed(None, code))

    def _refuse_changed(self, change: Change, facts: Facts | None) -> None:
        """Raise ChangedSince where a field is not what the operation left."""
        value = changes.value_of(facts, change.field)
        if value != change.after:
            raise ChangedSince(self._done.id, change.sku, change.field)

    def _reverted(self, facts: Facts, change: Change, now: Facts) -> Facts:
        """Return a product with a field as it was; one that was made is hidden instead."""
        if change.field == "sku" and change.before is None:
            # One that was made of nothing has nothing to go back to: it stays as it is now.
            left = facts if facts.created_at else now
            return left._replace(archived_at=left.archived_at or self._now)
        return changes.with_value(facts, change.field, change.before)

    def _describe(self, pairs: Iterable[tuple[Facts | None, Facts]]) -> None:
        """Make what is said of products something else, each as it is and as it will be."""
        changed = ((before, after) for before, after in pairs if before != after)
        while some := list(islice(changed, BATCH)):
            for before, after in some:
                if before is not None and after.archived_at and not before.archived_at:
                    self._refuse_held(before)
                if before is None or before.sku != after.sku:
                    self._rename(before, after)
            same = [after for before, after in some if before and before.sku == after.sku]
            products.describe_all(self._session, same, self._now)

    def _refuse_held(self, before: Facts) -> None:
        """Raise UnitsHeld for a product that is to be hidden; fewer may be held by now."""
        if before.held:
            now = products.find_by_id(self._session, before.id)
            refuse_held(self._session, self._draft, now or before)

    def _rename(self, before: Facts | None, after: Facts) -> None:
        """Give a product another SKU; one that is not there is made anew. Raises ProductExists."""
        if products.find(self._session, after.sku) is not None:
            raise ProductExists(after.sku)
        from invctl.core.codes import refuse_code

        self._session.take_turn()
        refuse_code(self._session, after.sku, sku_rule_of(self._session))
        if before is None:
            products.add(self._session, products.row_of(after, self._now))
        else:
            products.describe(self._session, after, self._now)

    def _refuse_counted(self) -> None:
        """Raise CountedSince where a product was counted after its stock was moved."""
        if self._despite_counts:
            return
        counted = changes.counted_after(self._session, self._done.id)
        for rows in movements.sums(self._session, self._done.movements) if counted else ():
            for product, sku, *_ in rows:
                if product in counted:
                    raise CountedSince(self._done.id, sku, counted[product][1])

    def _refuse_short(self) -> None:
        """Raise InsufficientStock with every product of which too little is left to take back.

        Raises ProductArchived rather than that, of whichever product.
        """
        if short := [refused for sums in self._sums() if (refused := self._short(sums))]:
            raise InsufficientStock.of_many(short)

    def _sums(self) -> Iterator[list[Row]]:
        """Yield what was moved of each product that may refuse it, by pots, once it is loaded.

        Loading may forget those that were loaded before: so no product waits for the next load.
        """
        rows = chain.from_iterable(movements.doubtful_sums(self._session, self._done.movements))
        products = (list(sums) for _, sums in groupby(rows, key=itemgetter(0)))
        while some := list(islice(products, BATCH)):
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
        if balance.placed and balance.now - balance.placed < loose:
            return self._lacking(balance, None, balance.now - balance.placed, loose)
        if balance.now - moved >= balance.found.held:
            return None
        self._batch.pots.load([balance.id])
        free = balance.now - balance.found.held
        return self._batch.pots.short(balance.standing, moved, free, None)

    def _lacking(
        self, balance: Balance, pot: "Pot | None", available: int, wanted: int
    ) -> InsufficientStock:
        """Return that too little is left in a pot, or outside all places, and how to bring it."""
        from invctl.core.spots import UNPLACED, Spot

        pots, found = self._batch.pots, balance.standing
        pots.load([balance.id])
        spot = Spot(pot.place, pot.lot or None) if pot else UNPLACED
        has_others = pot is not None and not pot.lot and pots.others(balance.id, spot)
        there = f"{spot.sentence} without a lot" if has_others else spot.sentence
        way = pots.way_to(found, pot, wanted - available)
        return pots.short(found, wanted, available, there, way)

    def _move_back(self) -> tuple[str, int, int] | None:
        """Make the inverse of each movement; return the last one's SKU, delta and balance."""
        last = None
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
            return self._batch.move(balance, by, label)
        self._batch.pots.load([balance.id])
        again = self._batch.pots.again(balance.id, balance.sku, pot)
        return self._batch.move_in(balance, again, by, label)


def _deleted(change: Change) -> Facts:
    """Return a product of which nothing is there any more, to be filled in from what it was."""
    return Facts(change.product, change.sku, 0, "", None, None, None, None, "")
