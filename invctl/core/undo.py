"""Undoing an operation: its movements again with the other sign, as an operation of their own."""

from invctl.core.batch import Batch
from invctl.core.labels import check_label, stored
from invctl.core.operations import mutate
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import AlreadyUndone, NothingToUndo, OperationNotFound
from invctl.models import NO_LABEL, Attempt, BatchChange, Label, StockChange
from invctl.repository import movements, operations, products
from invctl.repository.operations import Draft


def undo_operation(
    db: Database, undone: int, *, label: Label = NO_LABEL, attempt: Attempt
) -> StockChange | BatchChange:
    """Append the inverse of an operation's movements; the operation itself stays as it is.

    Raises OperationNotFound, AlreadyUndone, NothingToUndo, ProductArchived, or InsufficientStock
    where stock would go negative.
    """
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange | BatchChange:
        _refuse_useless(session, undone)
        products.lock_moved(session, undone)
        batch = Batch(session, draft)
        given = stored(checked, draft.recorded_at)
        sku, delta, left = "", 0, 0
        for rows in movements.deltas(session, undone):
            batch.load({row[1] for row in rows})
            for was, sku in rows:
                delta = -was
                left = batch.move(batch.balance(sku), delta, given)
        operation = batch.settle()
        operations.reverse(session, operation.id, undone)
        if batch.movements > 1:
            return BatchChange(operation.id, batch.movements, batch.movements, batch.products)
        return StockChange(
            operation.id, draft.kind, sku, delta, quantity=left, movement=operation.first_movement
        )

    request = {"operation": undone, **label._asdict()}
    return mutate(db, "undo", attempt, lambda: request, work, many=True)


def _refuse_useless(session: Session, undone: int) -> None:
    """Raise where there is no such operation, nothing in it to undo, or no more."""
    if not operations.exists(session, undone):
        raise OperationNotFound(undone)
    undone_by = operations.undone_by(session, undone)
    if undone_by is not None:
        raise AlreadyUndone(undone, undone_by)
    if not movements.count_of_operation(session, undone):
        raise NothingToUndo(undone)
