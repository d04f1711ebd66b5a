"""Finding a product by the SKU that was typed, and the nearest one where there is none."""

from difflib import get_close_matches
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from invctl.db.schema import product
from invctl.errors import ProductArchived, ProductNotFound
from invctl.text import printable
from invctl.values import known_sku

_NEIGHBOURS = 200


class Found(NamedTuple):
    """What a mutation needs to know of a product before it changes it."""

    id: int
    sku: str
    quantity: int
    archived_at: str | None


_FIND = select(product.c.id, product.c.sku, product.c.quantity, product.c.archived_at).where(
    product.c.sku == bindparam("sku")
)
# FOR UPDATE is PostgreSQL's; SQLite leaves it out, its writers being alone already.
_LOCK = _FIND.with_for_update()
_AFTER = select(product.c.sku).where(product.c.sku >= bindparam("sku")).order_by(product.c.sku)
_BEFORE = (
    select(product.c.sku).where(product.c.sku < bindparam("sku")).order_by(product.c.sku.desc())
)


def find_product(connection: Connection, sku: str, *, lock: bool = False) -> Found:
    """Return the product that is called `sku`; with `lock` nobody else changes it meanwhile.

    Raises ProductNotFound with the nearest SKU.
    """
    known = known_sku(sku)
    find = _LOCK if lock else _FIND
    row = None if known is None else connection.execute(find, {"sku": known}).one_or_none()
    if row is None:
        raise ProductNotFound(printable(sku[:200]), _nearest(connection, known))
    return Found._make(row)


def find_active(connection: Connection, sku: str, *, lock: bool = True) -> Found:
    """Return a product whose stock may change, locked if nothing else is said.

    Raises ProductNotFound or ProductArchived.
    """
    found = find_product(connection, sku, lock=lock)
    if found.archived_at is not None:
        raise ProductArchived(found.sku)
    return found


def _nearest(connection: Connection, sku: str | None) -> str | None:
    """Return the existing SKU that was most likely meant: another case, or a near neighbour.

    Looks at those around it in the order of SKUs, so that it costs the same in a large inventory.
    """
    if not sku:
        return None
    candidates: list[str] = []
    for start in (sku.upper(), sku, sku.lower()):
        for statement in (_AFTER, _BEFORE):
            rows = connection.execute(statement.limit(_NEIGHBOURS), {"sku": start}).scalars()
            candidates.extend(rows)
    folded = {candidate.casefold(): candidate for candidate in candidates}
    plain = sku.strip().replace("_", "-").replace(" ", "-").casefold()
    close = get_close_matches(plain, folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else None
