"""Lists of products."""

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from invctl.db.dialects import EachEngine
from invctl.db.schema import product
from invctl.repository.declared.forms import INTEGER, ZERO
from invctl.repository.declared.lists.searching import searched
from invctl.repository.declared.products import AS_OF, EXISTED, is_low, record
from invctl.repository.declared.promises import EXPECTED_OF_EACH, OVERDUE_OF_EACH
from invctl.repository.lists.questions import ProductQuery

_KEYS = {"name": product.c.name, "updated": product.c.updated_at}
_MAY_BE_LOW = product.c.quantity - product.c.held <= product.c.reorder_point
"""What is low if nothing is on its way: of no other product is that asked."""


def products(shape: ProductQuery) -> Select[Any] | EachEngine:
    """Return what lists products, so many from a place on."""
    expected: ColumnElement[int] = ZERO
    held: ColumnElement[int] = product.c.held
    if shape.promised:
        expected, held = EXPECTED_OF_EACH, product.c.held - OVERDUE_OF_EACH
    quantity = product.c.quantity if shape.as_of is None else AS_OF
    statement = select(*record(expected, held, quantity))
    if shape.as_of is not None:
        statement = statement.where(EXISTED)
    if shape.archived is not None:
        hidden = product.c.archived_at
        statement = statement.where(hidden.is_not(None) if shape.archived else hidden.is_(None))
    # Only the quantity is of then: what is held and on its way is of today, and has no say in it.
    if shape.low and shape.as_of is not None:
        statement = statement.where(quantity <= product.c.reorder_point)
    elif shape.low:
        statement = statement.where(_MAY_BE_LOW, is_low(expected, held))
    keys = {**_KEYS, "quantity": quantity}
    order = [*([keys[shape.sort]] if shape.sort in keys else []), product.c.sku]
    page = (
        statement.order_by(*(key.desc() if shape.reverse else key for key in order))
        .limit(bindparam("most", type_=INTEGER))
        .offset(bindparam("passed", type_=INTEGER))
    )
    return searched(page, shape.words)


_ACTIVE = ProductQuery()
COMMON = [
    shape._replace(promised=promised)
    for promised in (False, True)
    for shape in (
        _ACTIVE,
        _ACTIVE._replace(reverse=True),
        _ACTIVE._replace(low=True),
        _ACTIVE._replace(archived=True),
        _ACTIVE._replace(archived=None),
        _ACTIVE._replace(as_of=""),
        _ACTIVE._replace(words=("",)),
        _ACTIVE._replace(words=("",) * 2),
        *(
            _ACTIVE._replace(sort=sort, reverse=reverse)
            for sort in ("name", "quantity", "updated")
            for reverse in (False, True)
        ),
    )
]
