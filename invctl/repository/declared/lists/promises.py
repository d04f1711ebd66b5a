"""The list of promises: holds, or deliveries."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, select

from invctl.db.schema import operation, product, promise
from invctl.repository.declared.forms import INTEGER, TEXT, ZERO, constant, numbered
from invctl.repository.lists.questions import PromiseQuery

_maker = operation.alias("maker")
_closer = operation.alias("closer")
_OPEN = promise.c.closed_by.is_(None)
_OVERDUE = and_(_OPEN, promise.c.due_at <= bindparam("now"))
_CLOSED = promise.c.closed_by.is_not(None)
# What a hold is of, or was taken of it; and what is to come of a delivery, or has come.
_AMOUNT = case(
    (and_(_CLOSED, promise.c.taken > ZERO), promise.c.taken),
    else_=promise.c.amount - promise.c.taken,
)


def promises(shape: PromiseQuery) -> Select[Any]:
    """Return what lists promises of a kind, in order of id."""
    state = _hold_state() if shape.kind == "hold" else _delivery_state()
    return (
        select(
            promise.c.id,
            product.c.sku,
            _AMOUNT,
            state,
            promise.c.due_at,
            promise.c.reason,
            promise.c.ref,
            promise.c.note,
            _maker.c.actor,
            _maker.c.recorded_at,
            _closer.c.recorded_at,
            promise.c.made_by,
        )
        .join_from(promise, product, product.c.id == promise.c.product_id)
        .join(_maker, _maker.c.id == promise.c.made_by)
        .outerjoin(_closer, _closer.c.id == promise.c.closed_by)
        .where(*_conditions(shape, state))
        .order_by(promise.c.id)
    )


def _hold_state() -> ColumnElement[str]:
    return case(
        (_OVERDUE, constant("overdue")),
        (_OPEN, constant("open")),
        (_closer.c.kind == constant("commit"), constant("committed")),
        (_closer.c.kind == constant("expire"), constant("expired")),
        else_=constant("released"),
    )


def _delivery_state() -> ColumnElement[str]:
    return case(
        (_OPEN, constant("open")),
        (_closer.c.kind == constant("receive"), constant("received")),
        else_=constant("cancelled"),
    )


def _conditions(shape: PromiseQuery, state: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    # Kind and state say what is asked, not of what: each has a statement, and is no parameter.
    yield promise.c.kind == constant(shape.kind)
    if shape.state is None:
        yield _OPEN
    elif shape.state == "overdue":
        yield _OVERDUE
    elif shape.state != "all":
        yield state == constant(shape.state)
    if shape.products is not None:
        yield promise.c.product_id.in_(numbered("products", shape.products, INTEGER))
    if shape.refs:
        yield promise.c.ref.in_(numbered("refs", shape.refs, TEXT))


COMMON = [
    PromiseQuery(kind, "", **asked)
    for kind in ("hold", "delivery")
    for asked in ({}, {"state": "overdue"}, {"state": "all"}, {"refs": ("",)}, {"products": (0,)})
]
