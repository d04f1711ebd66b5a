"""Lists of movements, and their sums by something."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, select

from invctl.db.dialects import EachEngine
from invctl.db.schema import lot, movement, operation, place, pot, product
from invctl.repository.declared.contents import CALLED, INSIDE
from invctl.repository.declared.forms import INTEGER, ONE, TEXT, ZERO, at_most, constant, numbered
from invctl.repository.declared.lists.common import both_ways, one_filter
from invctl.repository.lists.questions import MovementQuery

_undo = operation.alias("undo")
_MOVEMENT = (
    select(
        movement.c.id,
        movement.c.operation_id.label("operation"),
        operation.c.kind,
        product.c.sku,
        movement.c.delta,
        movement.c.quantity,
        movement.c.reason,
        movement.c.ref,
        movement.c.note,
        operation.c.actor,
        movement.c.occurred_at,
        operation.c.recorded_at,
        operation.c.reverses_id.label("undoes"),
        _undo.c.id.label("undone_by"),
        CALLED.label("place"),
        func.nullif(pot.c.lot, constant("")).label("lot"),
        lot.c.expires_on,
    )
    .join_from(movement, operation, operation.c.id == movement.c.operation_id)
    .join(product, product.c.id == movement.c.product_id)
    .outerjoin(_undo, _undo.c.reverses_id == operation.c.id)
    .outerjoin(pot, pot.c.id == movement.c.pot_id)
    .outerjoin(place, place.c.id == pot.c.place_id)
    .outerjoin(lot, and_(lot.c.product_id == pot.c.product_id, lot.c.lot == pot.c.lot))
)


def movements(shape: MovementQuery) -> Select[Any]:
    """Return what lists movements, from the end or from the beginning."""
    order = movement.c.id.desc() if shape.newest_first else movement.c.id
    statement = _MOVEMENT.where(*_conditions(shape)).order_by(order)
    if shape.limit is not None:
        statement = at_most(statement, bindparam("limit", type_=INTEGER))
    return statement


_BY = {
    "sku": product.c.sku,
    "reason": movement.c.reason,
    "ref": movement.c.ref,
    "actor": operation.c.actor,
    "minute": func.substr(movement.c.occurred_at, ONE, constant(16)),
}

_UNORDERED = ("reason", "ref", "actor")
"""The columns that a server would order as its language does."""


def totals(shape: MovementQuery, by: str) -> EachEngine:
    """Return what sums movements up by a field, in its order by code point: without it first.

    It is read as it comes: there may be as many sums as movements.
    """
    key, delta = _BY[by], movement.c.delta
    added = func.sum(case((delta > ZERO, delta), else_=ZERO))
    removed = func.sum(case((delta < ZERO, -delta), else_=ZERO))
    statement: Select[Any] = (
        select(key, added, removed, func.sum(delta), func.count())
        .select_from(movement)
        .where(*_conditions(shape))
        .group_by(key)
    )
    # Joined only where it is asked for: sums by day of a million movements need no other table.
    if by == "actor" or shape.kinds or shape.actors or shape.net:
        statement = statement.join(operation, operation.c.id == movement.c.operation_id)
    if by == "sku":
        statement = statement.join(product, product.c.id == movement.c.product_id)
    if shape.limit is not None:
        statement = at_most(statement, bindparam("limit", type_=INTEGER))
    on_server = key.collate("C") if by in _UNORDERED else key
    # Without it first, as SQLite, or at the end of what is turned round.
    order, as_sqlite = (
        (key.desc(), on_server.desc().nulls_last())
        if shape.reverse
        else (key, on_server.nulls_first())
    )
    return EachEngine(statement.order_by(order), statement.order_by(as_sqlite))


def _conditions(shape: MovementQuery) -> Iterator[ColumnElement[bool]]:
    if shape.operation is not None:  # found by its run: no index is fed for that
        yield movement.c.id.between(operation.c.first_movement, operation.c.last_movement)
        yield operation.c.id == bindparam("operation")
    if shape.products is not None:
        yield movement.c.product_id.in_(numbered("products", shape.products, INTEGER))
    if shape.since_id is not None:
        yield movement.c.id > bindparam("since_id")
    if shape.since is not None:
        yield movement.c.occurred_at >= bindparam("since")
    if shape.until is not None:
        yield movement.c.occurred_at <= bindparam("until")
    for column, name in (
        (operation.c.kind, "kinds"),
        (operation.c.actor, "actors"),
        (movement.c.reason, "reasons"),
        (movement.c.ref, "refs"),
    ):
        if given := getattr(shape, name):
            yield column.in_(numbered(name, given, TEXT))
    if shape.place is not None or shape.lot is not None:
        yield movement.c.pot_id.in_(_pots(shape))
    if shape.net:
        yield operation.c.undone == ZERO
        yield operation.c.reverses_id.is_(None)


def _pots(shape: MovementQuery) -> Select[Any]:
    """Return the pots of a lot, or in a place; also those in what was removed."""
    pots = select(pot.c.id)
    if shape.place is not None:
        pots = pots.join(place, place.c.id == pot.c.place_id).where(INSIDE)
    return pots if shape.lot is None else pots.where(pot.c.lot == bindparam("lot"))


_ALL = MovementQuery()
_SINCE = _ALL._replace(since="")
COMMON = [
    _ALL._replace(operation=0),
    *both_ways(one_filter(_ALL)),
    *both_ways(
        [_SINCE._replace(until=""), _SINCE._replace(products=(0,)), _ALL._replace(since_id=0)]
    ),
]
COMMON_TOTALS = [
    (shape._replace(net=net), by)
    for by in _BY
    for shape in (_ALL, _SINCE, _SINCE._replace(until=""))
    for net in (False, True)
]
