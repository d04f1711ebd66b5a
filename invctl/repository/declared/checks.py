"""What `db check` compares, and the numbers that `db info` tells."""

from typing import Any

from sqlalchemy import ColumnElement, Select, case, cast, exists, func, null, or_, select, union_all

from invctl.db.schema import change, movement, operation, place, pot, product, promise, total
from invctl.repository.declared.forms import INTEGER, ONE, TEXT, ZERO, constant

# In order of id, which reads a file from end to end: 0.6 µs a movement, by product 3.
JOURNAL = select(
    *movement.c["id", "operation_id", "product_id", "pot_id", "delta", "quantity"]
).order_by(movement.c.id)
CHANGES = select(*change.c["id", "operation_id"]).order_by(change.c.id)


def _runs(first: ColumnElement[int], last: ColumnElement[int]) -> Select[Any]:
    """Return what operations say of the runs of their movements or changes."""
    told = or_(first.is_not(None), last.is_not(None))
    return select(operation.c.id, first, last).where(told).order_by(operation.c.id)


MOVEMENT_RUNS = _runs(operation.c.first_movement, operation.c.last_movement)
CHANGE_RUNS = _runs(operation.c.first_change, operation.c.last_change)
POTS = (
    select(pot.c.id, pot.c.product_id, product.c.sku, pot.c.quantity)
    .join_from(pot, product, product.c.id == pot.c.product_id)
    .order_by(pot.c.id)
)
_SUM_PLACED = (
    select(total(pot.c.quantity)).where(pot.c.product_id == product.c.id).scalar_subquery()
)
MISPLACED = (
    select(product.c.id, product.c.sku, product.c.placed, _SUM_PLACED)
    .where(product.c.placed != _SUM_PLACED)
    .order_by(product.c.id)
)
MISLAID = (
    select(product.c.sku, place.c.name, pot.c.quantity)
    .join_from(pot, place, place.c.id == pot.c.place_id)
    .join(product, product.c.id == pot.c.product_id)
    .where(pot.c.quantity > ZERO, place.c.removed_at.is_not(None))
    .order_by(pot.c.id)
)
_undo = operation.alias("undo")
_undone = operation.alias("undone")
_flag = ONE - _undo.c.undone
_is_undone = exists().where(_undo.c.reverses_id == operation.c.id)
# What was undone is not in effect unless that was undone; an undo comes after what it undoes.
MISTAKEN_UNDOS = union_all(
    select(_undone.c.id, _undone.c.undone, _flag.label("right"), _undo.c.id)
    .join_from(_undo, _undone, _undone.c.id == _undo.c.reverses_id)
    .where(or_(_undone.c.undone != _flag, _undo.c.id <= _undone.c.id)),
    select(operation.c.id, operation.c.undone, ZERO, cast(null(), INTEGER)).where(
        operation.c.undone != ZERO, ~_is_undone
    ),
)
# An undo and what it undid take no product anywhere.
REMAINDERS = (
    select(_undo.c.id, _undo.c.reverses_id, product.c.sku, func.sum(movement.c.delta))
    .join_from(_undo, _undone, _undone.c.id == _undo.c.reverses_id)
    .join(
        movement,
        or_(
            movement.c.id.between(_undo.c.first_movement, _undo.c.last_movement),
            movement.c.id.between(_undone.c.first_movement, _undone.c.last_movement),
        ),
    )
    .join(product, product.c.id == movement.c.product_id)
    .group_by(_undo.c.id, _undo.c.reverses_id, product.c.sku)
    .having(func.sum(movement.c.delta) != ZERO)
    .order_by(_undo.c.id, product.c.sku)
)
_SUM_HELD = (
    select(total(promise.c.amount))
    .where(
        promise.c.product_id == product.c.id,
        promise.c.kind == constant("hold"),
        promise.c.closed_by.is_(None),
    )
    .scalar_subquery()
)
MISHELD = (
    select(product.c.id, product.c.sku, product.c.held, _SUM_HELD)
    .where(product.c.held != _SUM_HELD)
    .order_by(product.c.id)
)
_told = change.c.field
# As texts, which is how changes tell them.
_texts = {
    product.c.sku: product.c.sku,
    product.c.name: product.c.name,
    product.c.description: product.c.description,
    product.c.reorder_point: cast(product.c.reorder_point, TEXT),
    product.c.reorder_to: cast(product.c.reorder_to, TEXT),
    product.c.archived_at: product.c.archived_at,
    product.c.created_at: product.c.created_at,
}
_now = case(*((_told == constant(one.name), text) for one, text in _texts.items()), else_=None)
_newest = (
    select(func.max(change.c.id).label("id"))
    .where(_told.in_([constant(one.name) for one in _texts]))
    .group_by(change.c.product_id, _told)
    .subquery("newest")
)
# What a product is not, though the last change of that field says so; one that is gone is nothing.
MISTOLD = (
    select(change.c.sku, _told, change.c.after, _now)
    .join_from(_newest, change, change.c.id == _newest.c.id)
    .outerjoin(product, product.c.id == change.c.product_id)
    .where(change.c.after.is_distinct_from(_now))
    .order_by(change.c.id)
)
COUNTS = select(
    *(
        select(func.count()).select_from(rows).scalar_subquery()
        for rows in (product, operation, movement)
    )
)
