"""Places, and the pots of products that lie in them."""

from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, func, null, select, update

from invctl.db.schema import lot, movement, place, pot, total
from invctl.repository.declared.contents import INSIDE
from invctl.repository.declared.forms import (
    INTEGER,
    MOST,
    TEXT,
    ZERO,
    among_numbers,
    for_each,
    insert_each,
    next_id,
    parameters,
)

_BY = bindparam("by", type_=INTEGER)

FIND_PLACE = select(place.c.id, place.c.removed_at).where(place.c.name == bindparam("name"))
NEXT_PLACE = select(next_id(place.c.id))
PLACE_NAMES = select(place.c.name).where(place.c.removed_at.is_(None)).order_by(place.c.name)
ADD_PLACE = insert_each(place, "id", "name")
REVIVE_PLACE = update(place).where(place.c.id == bindparam("place")).values(removed_at=null())
PLACES_INSIDE = select(*place.c["id", "name", "removed_at"]).where(INSIDE).order_by(place.c.id)
NAME_PLACES = for_each(
    lambda value: (
        update(place)
        .where(place.c.id == value("place"))
        .values(name=value("new_name"), removed_at=value("gone"))
    ),
    new_name=TEXT,
    gone=TEXT,
    place=INTEGER,
)
TOTALS_IN = select(func.count(pot.c.product_id.distinct()), total(pot.c.quantity)).where(
    pot.c.place_id.in_(among_numbers("places")), pot.c.quantity > ZERO
)


def _pots() -> Select[Any]:
    return (
        select(
            pot.c.id, pot.c.product_id, place.c.name, pot.c.lot, lot.c.expires_on, pot.c.quantity
        )
        .join_from(pot, place, place.c.id == pot.c.place_id)
        .outerjoin(lot, and_(lot.c.product_id == pot.c.product_id, lot.c.lot == pot.c.lot))
    )


# What expires first comes first, then what came first; what does not expire is last.
POTS_OF = (
    _pots()
    .where(pot.c.product_id.in_(among_numbers("products")))
    .order_by(pot.c.product_id, lot.c.expires_on.is_(None), lot.c.expires_on, pot.c.id)
)
NEXT_POT = select(next_id(pot.c.id))
ADD_POT = insert_each(pot, "id", "product_id", "place_id", "lot", "quantity")
ADD_LOT = insert_each(lot, "product_id", "lot", "expires_on")
DATE_LOT = (
    update(lot)
    .where(lot.c.product_id == bindparam("product"), lot.c.lot == bindparam("name"))
    .values(**parameters(lot, "expires_on"))
)
# The second guard, beside the product's: a pot never has less than nothing.
FILL_POT = (
    update(pot)
    .where(pot.c.id == bindparam("pot"), (pot.c.quantity + _BY).between(ZERO, MOST))
    .values(quantity=pot.c.quantity + _BY)
    .returning(pot.c.quantity)
)
SETTLE_POT = for_each(
    lambda value: (
        update(pot)
        .where(pot.c.id == value("pot"), pot.c.quantity == value("seen"))
        .values(quantity=value("now"))
    ),
    now=INTEGER,
    pot=INTEGER,
    seen=INTEGER,
)
DELETE_POTS = delete(pot).where(pot.c.product_id == bindparam("product"))
DELETE_LOTS = delete(lot).where(lot.c.product_id == bindparam("product"))
# Found by its product, for which there is an index: one of pots would cost each load more.
MOVED_IN_POT_SINCE = select(total(movement.c.delta)).where(
    movement.c.product_id == bindparam("product"),
    movement.c.pot_id == bindparam("pot"),
    movement.c.occurred_at > bindparam("moment"),
)
