"""Lists of products."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import BigInteger, ColumnElement, Select, literal_column, select

from invctl.db.schema import may_be_low, product
from invctl.db.session import Session
from invctl.models import PRODUCT_FIELDS, ProductRow
from invctl.repository import promises
from invctl.repository.declared.products import AS_OF, EXISTED, is_low, record
from invctl.repository.declared.promises import EXPECTED_OF_EACH, OVERDUE_OF_EACH

_PAGE = 50
_TRUTHS = [PRODUCT_FIELDS.index(name) for name in ("archived", "low")]
_NOTHING = literal_column("0", BigInteger)
_QUANTITY = product.c.quantity.label("quantity")


class ProductQuery(NamedTuple):
    """Which products, in which order; see `core.catalog.list_products`."""

    words: Sequence[str] = ()
    low: bool = False
    archived: bool | None = False
    sort: str = "sku"
    reverse: bool = False
    limit: int | None = None
    as_of: str | None = None


def products(session: Session, query: ProductQuery) -> Iterator[Sequence[ProductRow]]:
    """Yield products in chunks."""
    quantity = AS_OF if query.as_of else _QUANTITY
    known: dict[str, str] = {"as_of": query.as_of} if query.as_of else {}
    expected: ColumnElement[int] = _NOTHING
    held: ColumnElement[int] = product.c.held
    if promises.any_open(session):
        expected, held = EXPECTED_OF_EACH, product.c.held - OVERDUE_OF_EACH
        known["now"] = promises.clock(session)
    columns = record(expected, held)
    statement: Select[Any] = select(*columns[:3], quantity, *columns[4:])
    if query.as_of:
        statement = statement.where(EXISTED)
    if query.archived is not None:
        statement = statement.where(_archived(query.archived))
    if query.low:
        if query.as_of:
            statement = statement.where(quantity <= product.c.reorder_point)
        else:  # the first is what an index finds
            statement = statement.where(may_be_low, is_low(expected, held))
    if query.words:
        statement = statement.where(session.matching(query.words))
    statement = statement.order_by(*_order(query, quantity))
    for page in _pages(statement, query.limit):
        for rows in session.rows(page, **known):
            yield cast("Sequence[ProductRow]", _with_truths(rows))


def _pages(statement: Select[Any], limit: int | None) -> Iterator[Select[Any]]:
    """Yield the first page on its own, and then the rest.

    SQLite finds the top few in one walk, where it would sort all.
    """
    most = sys.maxsize if limit is None else limit
    yield statement.limit(min(_PAGE, most))
    if most > _PAGE:
        yield statement.offset(_PAGE).limit(most - _PAGE)


def _archived(archived: bool) -> ColumnElement[bool]:
    return product.c.archived_at.is_not(None) if archived else product.c.archived_at.is_(None)


def _order(query: ProductQuery, quantity: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    keys = {"name": product.c.name, "quantity": quantity, "updated": product.c.updated_at}
    order = [*([keys[query.sort]] if query.sort in keys else []), product.c.sku]
    return [key.desc() for key in order] if query.reverse else order


def _with_truths(rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """Return rows with truths where SQLite has numbers for them; by columns, which is in C."""
    columns: list[Any] = list(zip(*rows, strict=True))
    for number in _TRUTHS:
        columns[number] = map(bool, columns[number])
    return list(zip(*columns, strict=True))
