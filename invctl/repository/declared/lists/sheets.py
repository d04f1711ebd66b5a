"""Lists of what there is to count."""

from typing import Any

from sqlalchemy import Select, select

from invctl.db.dialects import EachEngine
from invctl.db.schema import place, pot, product
from invctl.repository.declared.contents import IN_ORDER, INSIDE, LOOSE, LOT, potted
from invctl.repository.declared.lists.searching import searched
from invctl.repository.lists.questions import SheetQuery

_IS_ACTIVE = product.c.archived_at.is_(None)
_POT = select(product.c.sku, product.c.name, place.c.name, LOT)


def to_count(shape: SheetQuery) -> Select[Any] | EachEngine:
    """Return what lists products, and what of them is in no place."""
    columns = select(product.c.sku, product.c.name, product.c.placed, LOOSE)
    return searched(columns.where(_IS_ACTIVE).order_by(product.c.sku), shape.words)


def pots_to_count(shape: SheetQuery) -> Select[Any] | EachEngine:
    """Return what lists pots, in order of SKU."""
    return searched(_in_order(potted(_POT, IN_ORDER)), shape.words)


def pots_to_count_in(shape: SheetQuery) -> Select[Any] | EachEngine:
    """Return what lists the pots in a place, and in all that is inside it."""
    return searched(_in_order(potted(_POT).where(INSIDE)), shape.words)


def _in_order(pots: Select[Any]) -> Select[Any]:
    return pots.where(_IS_ACTIVE).order_by(product.c.sku, place.c.name, pot.c.lot)


COMMON = [SheetQuery(), SheetQuery(("",))]
