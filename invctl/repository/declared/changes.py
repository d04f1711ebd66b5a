"""Changes of products, counts among them."""

from sqlalchemy import (
    bindparam,
    func,
    insert,
    literal_column,
    select,
)

from invctl.db.schema import change, operation, product
from invctl.repository.declared.forms import INTEGER, ZERO, among_numbers, insert_each, parameters

_CHANGE = ("id", "operation_id", "product_id", "sku", "field", "before", "after", "occurred_at")
ADD_CHANGE = insert(change).values(**parameters(change.c, *_CHANGE))
ADD_CHANGE_EACH = insert_each(change, *_CHANGE)
CHANGES_OF_RUN = (
    select(*(change.c[name] for name in _CHANGE[2:]))
    .where(change.c.id.between(bindparam("first", type_=INTEGER), bindparam("last", type_=INTEGER)))
    .order_by(change.c.id.desc())
)
# Of a product, or of one of its pots, whose number stands behind the word then.
_word = func.substr(change.c.field, literal_column("1"), literal_column("7"))
_IS_COUNT = _word == literal_column("'counted'")
LAST_COUNT = (
    select(change.c.operation_id, change.c.occurred_at)
    .join_from(change, operation, operation.c.id == change.c.operation_id)
    .where(
        change.c.product_id == bindparam("product"),
        _IS_COUNT,
        operation.c.undone == ZERO,
    )
    # Of two shelves the one that was looked at later may have been counted first.
    .order_by(change.c.occurred_at.desc(), change.c.id.desc())
    .limit(literal_column("1"))
    .offset(ZERO)
)
_LATER = select(func.min(operation.c.first_change)).where(operation.c.id > bindparam("operation"))
LAST_COUNTS = (
    select(change.c.product_id, func.max(change.c.occurred_at))
    .join_from(change, operation, operation.c.id == change.c.operation_id)
    .where(
        change.c.product_id.in_(among_numbers("products")),
        _IS_COUNT,
        operation.c.undone == ZERO,
    )
    .group_by(change.c.product_id)
)
LAST_COUNTS_IN_POTS = (
    select(change.c.product_id, change.c.field, func.max(change.c.occurred_at))
    .join_from(change, operation, operation.c.id == change.c.operation_id)
    .where(
        change.c.product_id.in_(among_numbers("products")),
        _IS_COUNT,
        operation.c.undone == ZERO,
    )
    .group_by(change.c.product_id, change.c.field)
)
COUNTED_AFTER = (
    select(change.c.product_id, change.c.sku, change.c.operation_id)
    .join_from(change, operation, operation.c.id == change.c.operation_id)
    .where(
        change.c.id >= _LATER.scalar_subquery(),
        _IS_COUNT,
        operation.c.undone == ZERO,
    )
    .order_by(change.c.id)
)
# The newest one: a deleted product was made anew, and an import makes one anew that was undone.
CREATION_UNDONE = (
    select(operation.c.undone)
    .join_from(change, operation, operation.c.id == change.c.operation_id)
    .where(
        change.c.product_id == bindparam("product"),
        change.c.field == literal_column("'sku'"),
        change.c.before.is_(None),
    )
    .order_by(change.c.id.desc())
    .limit(literal_column("1"))
    .offset(ZERO)
)
RENAMED = (
    select(product.c.sku)
    .join_from(change, product, product.c.id == change.c.product_id)
    .where(change.c.field == literal_column("'sku'"), change.c.before == bindparam("sku"))
    .order_by(change.c.id.desc())
    .limit(literal_column("1"))
    .offset(ZERO)
)

CHANGE_RECORDS = (
    select(change.c.sku, change.c.field, change.c.before, change.c.after)
    .join_from(
        operation, change, change.c.id.between(operation.c.first_change, operation.c.last_change)
    )
    .where(operation.c.id == bindparam("operation"))
    .order_by(change.c.id)
)
