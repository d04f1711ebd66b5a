"""Products, and the guard under which their stock changes."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Update,
    bindparam,
    column,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    table,
    union,
    union_all,
    update,
)

from invctl.db.dialects import EachEngine
from invctl.db.schema import change, movement, pot, product, total
from invctl.repository.declared.forms import (
    INTEGER,
    MOST,
    TEXT,
    ZERO,
    Value,
    among,
    among_numbers,
    at_most,
    for_each,
    insert_one,
    locking,
    next_id,
    parameters,
)
from invctl.repository.declared.promises import EXPECTED_OF_EACH

_IS_IT = product.c.id == bindparam("product")
_STOCK = ("id", "sku", "quantity", "held", "placed", "reorder_point")
FOUND = product.c[*_STOCK, "archived_at"]
"""The columns of a `Found`, in its order."""
_STATE = select(*FOUND)
FIND_PRODUCT = _STATE.where(product.c.sku == bindparam("sku"))
LOCK_PRODUCT = FIND_PRODUCT.with_for_update()
SEE_PRODUCTS = _STATE.where(product.c.sku.in_(among("skus"))).order_by(product.c.id)
_IS_ACTIVE = product.c.archived_at.is_(None)
LOAD_ACTIVE = _STATE.where(_IS_ACTIVE).order_by(product.c.id).with_for_update()
ACTIVE_SKUS = select(product.c.id, product.c.sku).where(_IS_ACTIVE).order_by(product.c.sku)
# Whoever locks several products does it in order of id, or two of them wait for each other.
LOAD_PRODUCTS = SEE_PRODUCTS.with_for_update()
LOAD_BY_IDS = (
    _STATE.where(_IS_ACTIVE, product.c.id.in_(among_numbers("products")))
    .order_by(product.c.id)
    .with_for_update()
)
FIRST_PLACED = at_most(
    select(product.c.sku).where(_IS_ACTIVE, product.c.placed > ZERO).order_by(product.c.id)
)


def is_low(expected: ColumnElement[int], held: ColumnElement[int]) -> ColumnElement[bool]:
    """Return whether what is free and what is on its way are at the reorder point or under it."""
    free = product.c.quantity - held
    # Without a reorder point the comparison is NULL, and the product is never low.
    return func.coalesce(free + expected <= product.c.reorder_point, false())


def record(
    expected: ColumnElement[int],
    held: ColumnElement[int],
    quantity: ColumnElement[int] = product.c.quantity,
) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of a product's record: `expected` are on their way, `held` promised.

    Its `quantity` may be that of another time; all else is of today.
    """
    return (
        product.c.sku,
        product.c.name,
        product.c.description,
        quantity,
        product.c.reorder_point,
        product.c.archived_at.is_not(None).label("archived"),
        product.c.created_at,
        product.c.updated_at,
        is_low(expected, held).label("low"),
        held.label("held"),
        (product.c.quantity - held).label("available"),
        expected.label("expected"),
        product.c.reorder_to,
    )


AS_OF = (
    select(total(movement.c.delta))
    .where(movement.c.product_id == product.c.id, movement.c.occurred_at <= bindparam("as_of"))
    .scalar_subquery()
    .label("quantity")
)
# Its movements may be told to have happened before anybody told of the product.
EXISTED = or_(
    product.c.created_at <= bindparam("as_of"),
    exists().where(
        movement.c.product_id == product.c.id, movement.c.occurred_at <= bindparam("as_of")
    ),
)
_RECORD = record(EXPECTED_OF_EACH, product.c.held)
PRODUCT = select(*_RECORD).where(_IS_IT)
PRODUCTS = select(product.c.id, *_RECORD).where(product.c.sku.in_(among("skus")))
PRODUCT_AS_OF = select(*record(EXPECTED_OF_EACH, product.c.held, AS_OF)).where(_IS_IT)

_FACTS = product.c[
    "id", "sku", "quantity", "name", "description", "reorder_point", "archived_at", "reorder_to",
    "created_at", "held", "placed",
]  # fmt: skip
FACTS_BY_ID = select(*_FACTS).where(_IS_IT)
FACTS_BY_IDS = select(*_FACTS).where(product.c.id.in_(among_numbers("products")))
LOCK_FACTS = select(*_FACTS).where(product.c.sku == bindparam("sku")).with_for_update()
LOAD_FACTS = (
    select(*_FACTS).where(product.c.sku.in_(among("skus"))).order_by(product.c.id).with_for_update()
)

SKUS_FROM = at_most(
    select(product.c.sku).where(product.c.sku >= bindparam("sku")).order_by(product.c.sku),
    bindparam("most"),
)
SKUS_BEFORE = at_most(
    select(product.c.sku).where(product.c.sku < bindparam("sku")).order_by(product.c.sku.desc()),
    bindparam("most"),
)

# Also after those of deleted products, of which changes tell: no id is ever another's.
_IDS = union_all(select(func.max(product.c.id).label("id")), select(func.max(change.c.product_id)))
NEXT_PRODUCT = select(next_id(_IDS.subquery("ids").c.id))
ADD_PRODUCT = insert_one(product, *(c.name for c in product.c))
DELETE_PRODUCT = delete(product).where(_IS_IT)

_BY = bindparam("by", type_=INTEGER)
_HELD_BY = bindparam("held_by", type_=INTEGER)
_PLACED_BY = bindparam("placed_by", type_=INTEGER)
# It refuses in the UPDATE itself, so it holds whoever else writes. Quantity, held and placed change
# at once: one after the other, the CHECKs between them would fail midway.
GUARD = (
    product.c.sku == bindparam("sku"),
    product.c.archived_at.is_(None),
    (product.c.quantity + _BY).between(product.c.held + _HELD_BY, MOST),
    product.c.held + _HELD_BY >= ZERO,
    (product.c.placed + _PLACED_BY).between(ZERO, product.c.quantity + _BY),
)
MOVE = (
    update(product)
    .where(*GUARD)
    .values(
        quantity=product.c.quantity + _BY,
        held=product.c.held + _HELD_BY,
        placed=product.c.placed + _PLACED_BY,
        updated_at=bindparam("now"),
    )
    .returning(*product.c[_STOCK])  # a `Found` that is not archived
)


def _settled(*others: str) -> EachEngine:
    """Return what makes quantities, and `others` with them, what they must be where they are seen.

    The new number of each is `now`, of another column `now_COLUMN`.
    """
    names = {"quantity": "now", **{other: f"now_{other}" for other in others}}

    def settle(value: Value) -> Update:
        now = {column: value(name) for column, name in names.items()}
        is_seen = product.c.quantity == value("seen")
        return (
            update(product)
            .where(product.c.id == value("product"), is_seen)
            .values(**now, updated_at=value("at"))
        )

    numbers = dict.fromkeys(names.values(), INTEGER)
    return for_each(settle, **numbers, at=TEXT, product=INTEGER, seen=INTEGER)


def _describe(value: Value) -> Update:
    return (
        update(product)
        .where(product.c.id == value("product"))
        .values(
            name=value("new_name"),
            description=value("new_description"),
            reorder_point=value("new_reorder_point"),
            archived_at=value("new_archived_at"),
            reorder_to=value("new_reorder_to"),
            updated_at=value("at"),
        )
    )


SETTLE = _settled()
SETTLE_PLACED = _settled("placed")
MEND = _settled("held", "placed")
MEND_POT = for_each(
    lambda value: update(pot).where(pot.c.id == value("pot")).values(quantity=value("now")),
    now=INTEGER,
    pot=INTEGER,
)
DESCRIBE_EACH = for_each(
    _describe,
    new_name=TEXT,
    new_description=TEXT,
    new_reorder_point=INTEGER,
    new_archived_at=TEXT,
    new_reorder_to=INTEGER,
    at=TEXT,
    product=INTEGER,
)
DESCRIBE = (
    update(product)
    .where(_IS_IT)
    .values(
        **parameters(
            product, "sku", "name", "description", "reorder_point", "archived_at", "reorder_to",
            "updated_at",
        )
    )
)  # fmt: skip


_MOVED = select(movement.c.product_id).where(
    movement.c.id.between(bindparam("first_movement"), bindparam("last_movement"))
)
_CHANGED = select(change.c.product_id).where(
    change.c.id.between(bindparam("first_change"), bindparam("last_change"))
)
PRODUCTS_IN_RUNS = select(func.count()).select_from(union(_MOVED, _CHANGED).subquery("touched"))
LOCK_ALL = EachEngine(None, locking())
# `Session.lock_among` puts the texts there, since they may be a million.
_STAGED = table("staged", column("sku", TEXT), schema="pg_temp")
LOCK_STAGED = EachEngine(None, locking(product.c.sku.in_(select(_STAGED.c.sku))))
LOCK_RUN = EachEngine(None, locking(or_(product.c.id.in_(_MOVED), product.c.id.in_(_CHANGED))))

QUANTITIES = select(*product.c["id", "sku", "quantity", "held", "placed"]).order_by(product.c.id)
SKU_OF = select(product.c.sku).where(_IS_IT)
