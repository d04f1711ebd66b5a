"""Undoing an operation: its movements again with the other sign, as an operation of their own."""

from sqlalchemy import Connection, bindparam, func, select, update

from invctl.core.batch import Batch
from invctl.core.operations import Operation, mutate
from invctl.core.stock import check_label
from invctl.db.database import Database
from invctl.db.locks import lock_products
from invctl.db.prepared import CHUNK, STREAMED
from invctl.db.schema import movement, operation, product
from invctl.errors import AlreadyUndone, NothingToUndo, OperationNotFound
from invctl.models import NO_LABEL, Attempt, BatchChange, Label, StockChange

# Locked, so that of two who undo it at once one sees that the other has.
_EXISTS = select(operation.c.id).where(operation.c.id == bindparam("undone")).with_for_update()
_UNDONE_BY = select(operation.c.id).where(operation.c.reverses_id == bindparam("undone"))
_COUNT = (
    select(func.count()).select_from(movement).where(movement.c.operation_id == bindparam("undone"))
)
# What was taken is given back before what was given is taken, so that only a product's final
# balance can refuse, not one on the way to it.
_MOVEMENTS = (
    select(movement.c.delta, product.c.sku)
    .join_from(movement, product, product.c.id == movement.c.product_id)
    .where(movement.c.operation_id == bindparam("undone"))
    .order_by(movement.c.delta, movement.c.id)
)
_PRODUCTS = select(movement.c.product_id).where(movement.c.operation_id == bindparam("undone"))
_MADE = select(movement.c.id, movement.c.quantity).where(
    movement.c.operation_id == bindparam("made")
)
_REVERSES = (
    update(operation)
    .where(operation.c.id == bindparam("current"))
    .values(reverses_id=bindparam("undone"))
)


def undo_operation(
    db: Database, undone: int, *, label: Label = NO_LABEL, attempt: Attempt
) -> StockChange | BatchChange:
    """Append the inverse of an operation's movements; the operation itself stays as it is.

    Raises OperationNotFound, AlreadyUndone, NothingToUndo, ProductArchived, or InsufficientStock
    where stock would go negative.
    """
    checked = check_label(label)

    def work(connection: Connection, current: Operation) -> StockChange | BatchChange:
        _refuse_useless(connection, undone)
        batch = Batch(connection, current)
        lock_products(connection, product.c.id.in_(_PRODUCTS), {"undone": undone})
        stored = (checked.reason, checked.ref, checked.note, checked.at or current.recorded_at)
        sku, delta = "", 0
        rows = connection.execute(_MOVEMENTS, {"undone": undone}, execution_options=STREAMED)
        for chunk in rows.partitions(CHUNK):
            batch.load(row.sku for row in chunk)
            for row in chunk:
                sku, delta = row.sku, -row.delta
                batch.move(batch.balance(sku), delta, stored)
        batch.settle()
        connection.execute(_REVERSES, {"current": current.id, "undone": undone})
        if batch.movements > 1:
            return BatchChange(current.id, batch.movements, batch.movements, batch.products)
        made = connection.execute(_MADE, {"made": current.id}).one()
        return StockChange(current.id, "undo", sku, delta, quantity=made.quantity, movement=made.id)

    request = {"operation": undone, **label._asdict()}
    return mutate(db, "undo", attempt, lambda: request, work, many=True)


def _refuse_useless(connection: Connection, undone: int) -> None:
    """Raise where there is no such operation, nothing in it to undo, or no more."""
    asked = {"undone": undone}
    if connection.execute(_EXISTS, asked).first() is None:
        raise OperationNotFound(undone)
    undone_by = connection.execute(_UNDONE_BY, asked).scalar_one_or_none()
    if undone_by is not None:
        raise AlreadyUndone(undone, undone_by)
    if not connection.execute(_COUNT, asked).scalar_one():
        raise NothingToUndo(undone)
