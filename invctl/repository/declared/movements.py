"""Movements of stock."""

from sqlalchemy import bindparam, func, or_, select

from invctl.db.schema import movement, product, total
from invctl.repository.declared.forms import (
    ZERO,
    among_numbers,
    insert_each,
    insert_one,
)

_LOOSE = (
    "id", "operation_id", "product_id", "delta", "quantity", "reason", "ref", "note", "occurred_at",
)  # fmt: skip
ADD_MOVEMENT = insert_one(movement, *_LOOSE)
APPEND_EACH = insert_each(movement, *_LOOSE, "pot_id")
LATEST_MOVEMENT = select(func.coalesce(func.max(movement.c.id), ZERO))
MOVEMENTS_OF_PRODUCT = (
    select(func.count()).select_from(movement).where(movement.c.product_id == bindparam("product"))
)
_OF_RUN = movement.c.id.between(bindparam("first"), bindparam("last"))
BALANCES_BEFORE = select(movement.c.product_id, movement.c.quantity).where(
    movement.c.id.in_(
        select(func.max(movement.c.id))
        .where(
            movement.c.product_id.in_(among_numbers("products")),
            movement.c.operation_id < bindparam("operation"),
        )
        .group_by(movement.c.product_id)
    )
)
MOVED_SINCE = select(total(movement.c.delta)).where(
    movement.c.product_id == bindparam("product"), movement.c.occurred_at > bindparam("moment")
)
MOVEMENTS_AFTER = select(*movement.c["product_id", "occurred_at", "delta", "pot_id"]).where(
    movement.c.product_id.in_(among_numbers("products")),
    movement.c.occurred_at > bindparam("moment"),
)
# What was taken is given back before what was given is taken, so that only a product's final
# balance can refuse an undo, not one on the way to it.
DELTAS = (
    select(movement.c.delta, product.c.sku, movement.c.reason, movement.c.ref, movement.c.pot_id)
    .join_from(movement, product, product.c.id == movement.c.product_id)
    .where(_OF_RUN)
    .order_by(movement.c.delta, movement.c.id)
)

# What each product's movements in a run come to, in each of its pots and outside them.
SUMS = (
    select(product.c.id, product.c.sku, movement.c.pot_id, total(movement.c.delta))
    .join_from(movement, product, product.c.id == movement.c.product_id)
    .where(_OF_RUN)
    .group_by(product.c.id, product.c.sku, movement.c.pot_id)
    .order_by(product.c.id)
)
# First by numbers alone: half a million rows are grouped in a third of the time so.
_MOVED = (
    select(
        movement.c.product_id,
        total(movement.c.delta).label("delta"),
        func.count(movement.c.pot_id).label("in_pots"),
    )
    .where(_OF_RUN)
    .group_by(movement.c.product_id)
    .subquery("moved")
)
# The products in a run that may refuse to have it taken back: each has too little in all, or lies
# in places, of which any may have, or is archived.
_DOUBTFUL = (
    select(product.c.id)
    .join_from(_MOVED, product, product.c.id == _MOVED.c.product_id)
    .where(
        or_(
            product.c.quantity - _MOVED.c.delta < product.c.held,
            product.c.placed > ZERO,
            _MOVED.c.in_pots > ZERO,
            product.c.archived_at.is_not(None),
        )
    )
)
DOUBTFUL_SUMS = SUMS.where(product.c.id.in_(_DOUBTFUL))
