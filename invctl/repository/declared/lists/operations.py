"""The list of what was done, an operation a line."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, or_, select, union

from invctl.db.schema import change, movement, operation, product, promise, total
from invctl.repository.declared.forms import INTEGER, ONE, TEXT, ZERO, at_most, constant, numbered
from invctl.repository.declared.lists.common import both_ways, one_filter
from invctl.repository.lists.questions import OperationQuery

_undo = operation.alias("undo")
_moved = movement.alias("moved")
_changed = change.alias("changed")


def _length(first: ColumnElement[int], last: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(last - first + ONE, ZERO)


_MOVEMENTS = _length(operation.c.first_movement, operation.c.last_movement)
_CHANGES = _length(operation.c.first_change, operation.c.last_change)
_FEW = constant(100)
"""Movements that are summed up for a summary: to look at a whole import takes too long."""
_TOUCHED = union(
    select(movement.c.product_id)
    .where(movement.c.id.between(operation.c.first_movement, operation.c.last_movement))
    # In a FROM it would be every operation that there is.
    .correlate(operation),
    select(change.c.product_id)
    .where(change.c.id.between(operation.c.first_change, operation.c.last_change))
    .correlate(operation),
).subquery("touched")


def _sum_of(amounts: ColumnElement[int]) -> ColumnElement[int]:
    """Return what an operation's movements come to, NULL where they are many."""
    moves = movement.c.id.between(operation.c.first_movement, operation.c.last_movement)
    summed = select(total(amounts)).where(moves).correlate(operation).scalar_subquery()
    return case((_MOVEMENTS <= _FEW, summed))


# What a summary is made of comes with it: the first movement and the first change.
_OPERATION = (
    select(
        operation.c.id,
        operation.c.kind,
        # One thing is of one product: most need no look at what they touched.
        case(
            (operation.c.kind == constant("place"), ZERO),
            (ONE >= _MOVEMENTS + _CHANGES, _MOVEMENTS + _CHANGES),
            else_=select(func.count()).select_from(_TOUCHED).scalar_subquery(),
        ),
        _MOVEMENTS,
        _CHANGES,
        operation.c.reason,
        operation.c.ref,
        operation.c.actor,
        operation.c.recorded_at,
        operation.c.reverses_id,
        _undo.c.id,
        product.c.sku,
        _sum_of(movement.c.delta),
        _sum_of(func.abs(movement.c.delta)),
        _changed.c.sku,
        _changed.c.field,
        _changed.c.before,
        _changed.c.after,
    )
    .outerjoin(_undo, _undo.c.reverses_id == operation.c.id)
    .outerjoin(_moved, _moved.c.id == operation.c.first_movement)
    .outerjoin(product, product.c.id == _moved.c.product_id)
    .outerjoin(_changed, _changed.c.id == operation.c.first_change)
)


def operations(shape: OperationQuery) -> Select[Any]:
    """Return what lists operations, from the end or from the beginning."""
    order = operation.c.id.desc() if shape.newest_first else operation.c.id
    statement = _OPERATION.where(*_conditions(shape)).order_by(order)
    if shape.limit is not None:
        statement = at_most(statement, bindparam("limit", type_=INTEGER))
    return statement


def _conditions(shape: OperationQuery) -> Iterator[ColumnElement[bool]]:
    if shape.number is not None:
        yield operation.c.id == bindparam("number")
    if shape.since is not None:
        yield operation.c.recorded_at >= bindparam("since")
    if shape.until is not None:
        yield operation.c.recorded_at <= bindparam("until")
    if shape.products is not None:
        yield operation.c.id.in_(_about(numbered("products", shape.products, INTEGER)))
    for column, name in ((operation.c.kind, "kinds"), (operation.c.actor, "actors")):
        if given := getattr(shape, name):
            yield column.in_(numbered(name, given, TEXT))
    for name in ("reason", "ref"):
        if given := getattr(shape, f"{name}s"):
            asked = numbered(f"{name}s", given, TEXT)
            moved = select(movement.c.operation_id).where(movement.c[name].in_(asked))
            yield or_(operation.c[name].in_(asked), operation.c.id.in_(moved))


def _about(products: Any) -> Any:
    """Return the operations that have to do with some products."""
    return union(
        select(movement.c.operation_id).where(movement.c.product_id.in_(products)),
        select(change.c.operation_id).where(change.c.product_id.in_(products)),
        select(promise.c.made_by).where(promise.c.product_id.in_(products)),
        select(promise.c.closed_by).where(promise.c.product_id.in_(products)),
    )


_ALL = OperationQuery()
COMMON = [_ALL._replace(number=0), *both_ways(one_filter(_ALL))]
