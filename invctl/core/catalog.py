"""Reading products: one, a list of them, those that are low, and all of them for export."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, bindparam, select

from invctl.core.lookup import find_product
from invctl.db.database import Database
from invctl.db.prepared import STREAMED
from invctl.db.schema import is_low, movement, product, total
from invctl.db.search import matches
from invctl.models import Product, ProductRow
from invctl.values import check_text

CHUNK = 1000
PAGE = 50

QUANTITY = product.c.quantity.label("quantity")
_AS_OF = (
    select(total(movement.c.delta))
    .where(movement.c.product_id == product.c.id, movement.c.occurred_at <= bindparam("as_of"))
    .scalar_subquery()
    .label("quantity")
)


def record(quantity: ColumnElement[int] = QUANTITY) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of a product's record, with `quantity` as given."""
    return (
        product.c.sku,
        product.c.name,
        product.c.description,
        quantity,
        product.c.reorder_point,
        product.c.archived_at.is_not(None).label("archived"),
        product.c.created_at,
        product.c.updated_at,
    )


def get_product(db: Database, sku: str, *, as_of: str | None = None) -> Product:
    """Return a product; with `as_of` (stored UTC text) its quantity is as it was then.

    Raises ProductNotFound.
    """
    quantity = _AS_OF if as_of else QUANTITY
    with db.read() as connection:
        found = find_product(connection, sku)
        statement = select(*record(quantity)).where(product.c.id == found.id)
        return Product(*cast("ProductRow", connection.execute(statement, {"as_of": as_of}).one()))


def list_products(
    db: Database,
    *,
    search: str | None = None,
    low: bool = False,
    archived: bool | None = False,
    sort: str = "sku",
    reverse: bool = False,
    limit: int | None = None,
    as_of: str | None = None,
) -> Iterator[Sequence[ProductRow]]:
    """Yield the products in chunks, ordered by `sort` (one of PRODUCT_SORTS) and then by SKU.

    `archived` is which of them: False the others, True only those, None all. `search` is taken
    literally, without regard to case, in SKU, name and description. With `as_of` (stored UTC
    text) quantities are sums of deltas until then, which may be negative where history was
    back-dated.
    """
    quantity = _AS_OF if as_of else QUANTITY
    statement: Select[*tuple[Any, ...]] = select(*record(quantity))
    if archived is not None:
        statement = statement.where(_archived(archived))
    if low:
        statement = statement.where(quantity <= product.c.reorder_point if as_of else is_low)
    wanted = check_text(search, "search") if search else None
    statement = _ordered(statement, sort, quantity, reverse=reverse)
    most = sys.maxsize if limit is None else limit
    with db.read() as connection:
        if wanted:
            statement = statement.where(matches(connection, wanted))
        # The first page on its own: SQLite finds the top few in one walk, where it would sort all.
        pages = [statement.limit(min(PAGE, most))]
        if most > PAGE:
            pages.append(statement.offset(PAGE).limit(most - PAGE))
        for page in pages:
            rows = connection.execute(page, {"as_of": as_of}, execution_options=STREAMED)
            for chunk in rows.partitions(CHUNK):
                yield cast("Sequence[ProductRow]", chunk)


def _archived(archived: bool) -> ColumnElement[bool]:
    return product.c.archived_at.is_not(None) if archived else product.c.archived_at.is_(None)


def _ordered(
    statement: Select[*tuple[Any, ...]],
    sort: str,
    quantity: ColumnElement[int],
    *,
    reverse: bool,
) -> Select[*tuple[Any, ...]]:
    keys: dict[str, ColumnElement[Any]] = {
        "name": product.c.name,
        "quantity": quantity,
        "updated": product.c.updated_at,
    }
    order = [keys[sort]] if sort in keys else []
    if reverse:
        return statement.order_by(*(key.desc() for key in order), product.c.sku.desc())
    return statement.order_by(*order, product.c.sku)
