"""What lies where: pots with their products, places and lots, and what is in no place."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
)

from invctl.db.schema import lot, place, pot, product
from invctl.repository.declared.forms import TEXT, ZERO, among_numbers, constant

LOT = func.nullif(pot.c.lot, constant("")).label("lot")
LOOSE = (product.c.quantity - product.c.placed).label("loose")
# What lost its name to another place is told by that name, see `repository.places.ousted`.
CALLED = case(
    (
        place.c.name.like(constant("%//%")),
        func.rtrim(func.rtrim(place.c.name, constant("0123456789")), constant("/")),
    ),
    else_=place.c.name,
)
_NAME, _FIRST, _END = (bindparam(name, type_=TEXT) for name in ("name", "first", "end"))
INSIDE = or_(place.c.name == _NAME, and_(place.c.name >= _FIRST, place.c.name < _END))
_INSIDE_IF_NAMED = or_(_NAME.is_(None), INSIDE)
# Not found by its id, but read in order of SKU: else SQLite would sort a million pots before it
# told the first.
IN_ORDER = literal_column("+product.id", product.c.id.type)


def potted(columns: Select[Any], number: ColumnElement[int] = product.c.id) -> Select[Any]:
    """Return some columns of each pot that is not empty; `number` is its product's id."""
    return (
        columns.join_from(pot, product, number == pot.c.product_id)
        .join(place, place.c.id == pot.c.place_id)
        .where(pot.c.quantity > ZERO)
    )


def _contents(number: ColumnElement[int] = product.c.id) -> Select[Any]:
    columns = select(
        product.c.sku, product.c.name, place.c.name, LOT, lot.c.expires_on, pot.c.quantity
    )
    of_pot = and_(lot.c.product_id == pot.c.product_id, lot.c.lot == pot.c.lot)
    return potted(columns, number).outerjoin(lot, of_pot)


_BY_PLACE = (
    product.c.sku, place.c.name, lot.c.expires_on.is_(None), lot.c.expires_on, pot.c.lot,
)  # fmt: skip
_BY_DATE = (lot.c.expires_on, product.c.sku, place.c.name, pot.c.lot)
_OF_PRODUCT = pot.c.product_id == bindparam("product")
_BY_THEN = lot.c.expires_on <= bindparam("until")

CONTENTS = _contents(IN_ORDER).order_by(*_BY_PLACE)
CONTENTS_IN = _contents().where(INSIDE).order_by(*_BY_PLACE)
CONTENTS_OF = _contents().where(_OF_PRODUCT, _INSIDE_IF_NAMED).order_by(*_BY_PLACE)
# The index of dates finds these in the order in which they are told.
EXPIRING = _contents().where(_BY_THEN, _INSIDE_IF_NAMED).order_by(*_BY_DATE)
EXPIRING_OF = _contents().where(_OF_PRODUCT, _BY_THEN, _INSIDE_IF_NAMED).order_by(*_BY_DATE)

UNPLACED = (
    select(product.c.sku, product.c.name, null(), null(), null(), LOOSE)
    .where(product.c.quantity > product.c.placed)
    .order_by(product.c.sku)
)
UNPLACED_OF = UNPLACED.where(product.c.id == bindparam("product"))

CONTENTS_BY_PRODUCT = (
    select(pot.c.product_id, place.c.name, pot.c.quantity)
    .join_from(pot, place, place.c.id == pot.c.place_id)
    .where(pot.c.quantity > ZERO)
    .order_by(pot.c.product_id)
)
CONTENTS_INSIDE = (
    select(pot.c.product_id, place.c.name, pot.c.lot, product.c.sku)
    .join_from(place, pot, pot.c.place_id == place.c.id)
    .join(product, product.c.id == pot.c.product_id)
    .where(INSIDE, pot.c.quantity > ZERO, product.c.archived_at.is_(None))
    .order_by(pot.c.product_id, pot.c.id)
)
POTS_CALLED = (
    select(pot.c.id, CALLED, pot.c.lot)
    .join_from(pot, place, place.c.id == pot.c.place_id)
    .where(pot.c.id.in_(among_numbers("pots")))
)
