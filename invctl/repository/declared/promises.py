"""Promises: holds and deliveries."""

from typing import Any

from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from invctl.db.dialects import EachEngine
from invctl.db.schema import operation, product, promise, total
from invctl.repository.declared.forms import (
    among_numbers,
    at_most,
    constant,
    insert_one,
    locking,
    next_id,
    parameters,
)

# What is on its way: the open deliveries, less what has arrived of them.
_ON_ITS_WAY = select(total(promise.c.amount - promise.c.taken)).where(
    promise.c.kind == constant("delivery"), promise.c.closed_by.is_(None)
)
EXPECTED = _ON_ITS_WAY.where(promise.c.product_id == bindparam("product"))
EXPECTED_OF_EACH = _ON_ITS_WAY.where(promise.c.product_id == product.c.id).scalar_subquery()
ANY_OPEN = at_most(select(promise.c.id).where(promise.c.closed_by.is_(None)))
# The clock that gives holds their time is the one that judges it: on a server there is but one.
CLOCK = EachEngine(
    select(func.strftime(constant("%Y-%m-%dT%H:%M:%fZ"), constant("now"))),
    select(
        func.to_char(
            func.timezone(constant("utc"), func.clock_timestamp()),
            constant('YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        )
    ),
)
_IS_OVERDUE = and_(
    promise.c.kind == constant("hold"),
    promise.c.closed_by.is_(None),
    promise.c.due_at <= bindparam("now"),
)
_RUN_OUT = select(total(promise.c.amount)).where(_IS_OVERDUE)
_OF_PRODUCT = promise.c.product_id == bindparam("product")
OVERDUE = _RUN_OUT.where(_OF_PRODUCT)
OVERDUE_OF_EACH = _RUN_OUT.where(promise.c.product_id == product.c.id).scalar_subquery()


_closer = operation.alias("closer")
_PROMISE = (
    select(
        *promise.c["id", "kind", "product_id"],
        product.c.sku,
        *promise.c["amount", "taken", "due_at", "reason", "ref"],
        _closer.c.kind.label("closed_as"),
        product.c.placed,
    )
    .join_from(promise, product, product.c.id == promise.c.product_id)
    .outerjoin(_closer, _closer.c.id == promise.c.closed_by)
    .order_by(promise.c.id)
)
_THE_PROMISE = promise.c.id == bindparam("promise")
_OPEN_OF_REF = and_(
    promise.c.kind == bindparam("kind"),
    promise.c.ref == bindparam("ref"),
    promise.c.closed_by.is_(None),
)
_MADE_BY = promise.c.made_by == bindparam("operation")
PROMISE = _PROMISE.where(_THE_PROMISE)
PROMISES_OF_REF = _PROMISE.where(_OPEN_OF_REF)
PROMISES_MADE_BY = _PROMISE.where(_MADE_BY)
PROMISES_RUN_OUT = _PROMISE.where(_OF_PRODUCT, _IS_OVERDUE)
LOCK_PROMISED = EachEngine(
    None, locking(product.c.id.in_(select(promise.c.product_id).where(_THE_PROMISE)))
)
LOCK_PROMISED_TO = EachEngine(
    None, locking(product.c.id.in_(select(promise.c.product_id).where(_OPEN_OF_REF)))
)
NEXT_PROMISE = select(next_id(promise.c.id))
ADD_PROMISE = insert_one(
    promise, "id", "kind", "product_id", "amount", "taken", "due_at", "reason", "ref", "note",
    "made_by",
)  # fmt: skip


def _changed(*names: str) -> ReturningUpdate[Any]:
    """Return what changes columns of a promise that is open: whoever closes one closes it once."""
    return (
        update(promise)
        .where(_THE_PROMISE, promise.c.closed_by.is_(None))
        .values(**parameters(promise, *names))
        .returning(promise.c.id)
    )


CLOSE_PROMISE = _changed("taken", "closed_by")
TAKE_PART = _changed("taken")
EXTEND = _changed("due_at")
EXPIRE = update(promise).where(_OF_PRODUCT, _IS_OVERDUE).values(**parameters(promise, "closed_by"))
FIRST_DUE = select(func.min(promise.c.due_at)).where(
    promise.c.product_id == bindparam("product"),
    promise.c.kind == constant("hold"),
    promise.c.closed_by.is_(None),
)
PROMISES_OF_PRODUCT = (
    select(func.count()).select_from(promise).where(promise.c.product_id == bindparam("product"))
)
CLOSED_A_PROMISE = at_most(
    select(promise.c.id).where(promise.c.closed_by == bindparam("operation"))
)

EXPIRED = (
    select(
        promise.c.closed_by,
        func.min(product.c.sku),
        func.count(),
        func.count(promise.c.product_id.distinct()),
    )
    .join_from(promise, product, product.c.id == promise.c.product_id)
    .where(promise.c.closed_by.in_(among_numbers("operations")))
    .group_by(promise.c.closed_by)
)
