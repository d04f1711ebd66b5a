"""Reading products: one, a list of them, those that are low, and all of them for export."""

from collections.abc import Iterator, Sequence

from invctl.core.advice import advising
from invctl.core.lookup import find_product
from invctl.db.database import Database
from invctl.db.search import words
from invctl.db.session import Row, Session
from invctl.models.products import Product
from invctl.models.rows import LowRow, ProductRow
from invctl.repository import products
from invctl.repository.products import Found
from invctl.values import check_text


def get_product(db: Database, sku: str, *, as_of: str | None = None) -> Product:
    """Return a product; with `as_of` (stored UTC text) its quantity is as it was then.

    Raises ProductNotFound.
    """
    with advising(db), db.read() as session:
        return products.record(session, find_product(session, sku).id, as_of=as_of)


def get_product_and_contents(db: Database, sku: str) -> tuple[Product, list[Row]]:
    """Return a product, and where it lies: place, lot, expires_on, quantity, a row a pot.

    What is in no place comes last, with None; a product that lies in no place has no rows. Raises
    ProductNotFound.
    """
    with advising(db), db.read() as session:
        found = find_product(session, sku)
        contents = list(_contents(session, found)) if found.placed else []
        return products.record(session, found.id), contents


def get_products(
    db: Database, skus: Sequence[str], *, as_of: str | None = None
) -> Iterator[Sequence[Product]]:
    """Yield several products as they are at one moment, each once, in the order of `skus`.

    Raises ProductNotFound.
    """
    with advising(db), db.read() as session:
        wanted = dict.fromkeys(find_product(session, sku).id for sku in skus)
        yield [products.record(session, one, as_of=as_of) for one in wanted]


def _contents(session: Session, found: Found) -> Iterator[Row]:
    from invctl.repository import places

    pots = (one for one in places.pots_of(session, [found.id]) if one.quantity)
    # A stable sort: within a place what expires first stays first.
    for one in sorted(pots, key=lambda pot: pot.place):
        yield one.place, one.lot or None, one.expires_on, one.quantity
    if found.quantity > found.placed:
        yield None, None, None, found.quantity - found.placed


def list_low(db: Database) -> Iterator[Sequence[LowRow]]:
    """Yield the products that are low, in order of SKU, each with how many to order.

    That is what is missing to its `reorder_to`, or up to one above its reorder point.
    """
    for rows in list_products(db, low=True):
        yield [(*row, _to_order(Product._make(row))) for row in rows]


def _to_order(product: Product) -> int:
    assert product.reorder_point is not None, "what has none is never low"
    target = product.reorder_to
    if target is None:
        target = product.reorder_point + 1
    return max(0, target - product.available - product.expected)


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

    `archived` is which of them: False the others, True only those, None all. `search` finds
    every word of it, without regard to case and accents, in SKU, name, description
    or a code. With `as_of` (stored UTC text) they are those that existed then, and quantities are
    sums of deltas until then, which may be negative where history was back-dated.
    """
    from invctl.repository.lists import products as lists
    from invctl.repository.lists.questions import ProductQuery

    wanted = words(check_text(search, "search")) if search else ()
    query = ProductQuery(wanted, low, archived, sort, reverse, as_of)
    with db.read() as session:
        yield from lists.products(session, query, limit=limit)
