"""Undoing an operation: its movements again with the other sign, what it changed put back."""

from typing import TYPE_CHECKING

from invctl.core.bulk.batch import Batch
from invctl.core.fingerprints import as_asked
from invctl.core.labels import check_label
from invctl.core.operations import mutate, warn_once
from invctl.core.promises.promised import refuse_reopening, take_back
from invctl.core.stock import is_low
from invctl.core.undoing.inverse import Inverse
from invctl.core.undoing.reverting import Reverting
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import AlreadyUndone, NothingLeftToUndo, NothingToUndo, OperationNotFound
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.fields import NEVER_UNDONE
from invctl.models.undos import BatchUndo, StockUndo, Undo
from invctl.repository import changes, operations, products
from invctl.repository.operations import NO_RUN, Done, Draft, Operation

if TYPE_CHECKING:
    from invctl.core.products import Differences

_TOLD = 10
"""Changes of which an answer tells what they are: as many as those of one product may be."""


class Told:
    """What people are told of an undo beyond its answer; of one that was done before, nothing."""

    def __init__(self) -> None:
        self.undone: Done | None = None
        self.differences: Differences = []
        """What of one product it changed, by CHANGE_FIELDS."""
        self.sku = ""
        """The product that it moved back from one place to another, as `ends` say."""
        self.ends: dict[str | None, int] = {}


def undo_operation(
    db: Database,
    undone: int | None,
    *,
    despite_counts: bool = False,
    label: Label = NO_LABEL,
    told: Told | None = None,
    attempt: Attempt,
) -> Undo:
    """Take an operation back, or where none is named this actor's newest one that can be.

    It keeps the reason and ref of what it undoes unless `label` says others. Raises
    OperationNotFound, AlreadyUndone, NothingToUndo, CountedSince, ChangedSince, ProductExists,
    ProductArchived, or InsufficientStock with every SKU of which there is too little.
    """
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> Undo:
        number = _newest(session, draft.actor) if undone is None else undone
        done = _undoable(session, number)
        if told is not None:
            told.undone = done
        kept = draft._replace(reason=checked.reason or done.reason, ref=checked.ref or done.ref)
        answer: Undo
        if done.kind in ("hold", "expect"):
            answer = take_back(session, kept, done)
        else:
            batch = Batch(session, kept)
            answer = _reverse(
                session, kept, done, checked, batch, told, despite_counts=despite_counts
            )
            warn_once(db, *batch.said)
        if told is not None and 0 < (answer.changes or 0) <= _TOLD:
            told.differences = _changed(session, answer.operation)
        return answer

    def request() -> object:
        asked = {"despite_counts": True} if despite_counts else {}
        return {"operation": undone, **as_asked(label, checked)._asdict(), **asked}

    return mutate(db, "undo", attempt, request, work, label=checked, many=True)


def _changed(session: Session, operation: int) -> "Differences":
    """Return what an operation changed, where that is one product, in the order of its fields."""
    done = operations.done(session, operation)
    assert done is not None, "it is the one under way"
    made = [one for rows in changes.of_run(session, done.changes) for one in rows]
    if len({one.product for one in made}) > 1:
        return []
    return [(one.sku, one.field, one.before, one.after) for one in reversed(made)]


def _newest(session: Session, actor: str) -> int:
    """Return what takes an actor's newest operation back: it, or the undo that brought it back."""
    newest = operations.newest_of(session, actor)
    if newest is None:
        raise NothingLeftToUndo(actor)
    return (newest, *_undos(session, newest))[-1]


def _undos(session: Session, undone: int) -> list[int]:
    """Return which operation undid one, which undid that, and so on."""
    found: list[int] = []
    while (by := operations.undone_by(session, found[-1] if found else undone)) is not None:
        if by <= (found[-1] if found else undone):
            break  # in a forged file, for ever
        found.append(by)
    return found


def _undoable(session: Session, undone: int) -> Done:
    """Return an operation, or raise where there is none, or nothing of it to take back."""
    done = operations.done(session, undone)
    if done is None:
        raise OperationNotFound(undone)
    if undos := _undos(session, undone):
        raise AlreadyUndone(undone, *undos)
    did_nothing = (done.movements, done.changes) == (NO_RUN, NO_RUN)
    # The undo of a count that moved nothing left nothing but that, which can be taken back.
    if done.kind in NEVER_UNDONE or (did_nothing and done.kind != "undo"):
        raise NothingToUndo(undone, done.kind)
    refuse_reopening(session, done)
    return done


def _reverse(
    session: Session,
    draft: Draft,
    done: Done,
    label: Label,
    batch: Batch,
    told: Told | None,
    *,
    despite_counts: bool,
) -> Undo:
    """Put back what was changed, move back what was moved; return what that came to."""
    # All at once, in one order: what follows finds them one after another, and only looks.
    products.lock_run(session, done.movements, done.changes)
    reverting = Reverting(session, draft, done, batch)
    inverse = Inverse(session, draft, done, label, batch)
    # First, as the stock of a product that is hidden could not move back.
    reverting.begin()
    if not despite_counts:
        inverse.refuse_counted()
    inverse.refuse_short()
    last = inverse.make()
    if told is not None and last is not None:
        told.sku, told.ends = last[0], inverse.ends
    reverting.finish()
    operation = batch.settle()
    operations.reverse(session, operation.id, done.id)
    if batch.movements == 1 and last is not None:
        return _one_movement(session, operation, last, batch.changes)
    moved = operations.run(operation.first_movement, batch.movements)
    changed = operations.run(operation.first_change, batch.changes)
    touched = products.count_in(session, moved, changed)
    return BatchUndo(operation.id, batch.movements, batch.movements, touched, changes=batch.changes)


def _one_movement(
    session: Session, operation: Operation, moved: tuple[str, int, int], changed: int
) -> StockUndo:
    """Return the answer to an undo that `moved` once: the SKU, the delta and the balance."""
    found = products.find(session, moved[0])
    assert found is not None, "what has movements is never deleted"
    return StockUndo(
        operation.id,
        "undo",
        *moved,
        movement=operation.first_movement,
        low=is_low(session, found),
        movement_ids=[operation.first_movement],
        changes=changed,
    )
