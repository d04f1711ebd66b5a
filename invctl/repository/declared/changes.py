"""Changes of products, counts among them."""

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from invctl.db.schema import change, operation, product
from invctl.repository.declared.forms import (
    ONE,
    ZERO,
    among_numbers,
    at_most,
    constant,
    insert_each,
    insert_one,
)

_CHANGE = ("id", "operation_id", "product_id", "sku", "field", "before", "after", "occurred_at")
ADD_CHANGE = insert_one(change, *_CHANGE)
ADD_CHANGE_EACH = insert_each(change, *_CHANGE)
CHANGES_OF_RUN = (
    select(*change.c[_CHANGE[2:]])
    .where(change.c.id.between(bindparam("first"), bindparam("last")))
    .order_by(change.c.id.desc())
)
# Of a product, or of one of its pots, whose number stands behind the word then.
_word = func.substr(change.c.field, ONE, constant(7))
IS_COUNT = _word == constant("counted")


def counts_in_effect(*columns: ColumnElement[Any]) -> Select[Any]:
    """Return what asks for changes that are counts, of operations that are not undone."""
    return (
        select(*columns)
        .join_from(change, operation, operation.c.id == change.c.operation_id)
        .where(IS_COUNT, operation.c.undone == ZERO)
    )


def last_count(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Return what asks for the last count of a product: its operation, and when it was."""
    # By its moment: of two shelves the one that was looked at later may have been counted first.
    return at_most(
        counts_in_effect(change.c.operation_id, change.c.occurred_at)
        .where(change.c.product_id == bindparam("product"), *conditions)
        .order_by(change.c.occurred_at.desc(), change.c.id.desc())
    )


_OF_PRODUCTS = change.c.product_id.in_(among_numbers("products"))
_AT = func.max(change.c.occurred_at)
LAST_COUNT = last_count()
# A count of all of a product was one of each pot of it, too.
LAST_COUNT_IN_POT = last_count(
    or_(change.c.field == constant("counted"), change.c.field == bindparam("field"))
)
LAST_COUNTS = (
    counts_in_effect(change.c.product_id, _AT).where(_OF_PRODUCTS).group_by(change.c.product_id)
)
LAST_COUNTS_IN_POTS = (
    counts_in_effect(change.c.product_id, change.c.field, _AT)
    .where(_OF_PRODUCTS)
    .group_by(change.c.product_id, change.c.field)
)
_LATER = select(func.min(operation.c.first_change)).where(operation.c.id > bindparam("operation"))
COUNTED_AFTER = (
    counts_in_effect(change.c.product_id, change.c.sku, change.c.operation_id)
    .where(change.c.id >= _LATER.scalar_subquery())
    .order_by(change.c.id)
)
# The newest one: a deleted product was made anew, and an import makes one anew that was undone.
CREATION_UNDONE = at_most(
    select(operation.c.undone)
    .join_from(change, operation, operation.c.id == change.c.operation_id)
    .where(
        change.c.product_id == bindparam("product"),
        change.c.field == constant("sku"),
        change.c.before.is_(None),
    )
    .order_by(change.c.id.desc())
)
RENAMED = at_most(
    select(product.c.sku)
    .join_from(change, product, product.c.id == change.c.product_id)
    .where(change.c.field == constant("sku"), change.c.before == bindparam("sku"))
    .order_by(change.c.id.desc())
)

CHANGE_RECORDS = (
    select(*change.c["sku", "field", "before", "after"])
    .join_from(
        operation, change, change.c.id.between(operation.c.first_change, operation.c.last_change)
    )
    .where(operation.c.id == bindparam("operation"))
    .order_by(change.c.id)
)
