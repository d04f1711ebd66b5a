"""Lists, whose statements depend on the question: put together by SQLAlchemy Core when asked."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select

from invctl.db.schema import lot, may_be_low, movement, operation, place, pot, product
from invctl.db.session import Session
from invctl.models import PRODUCT_FIELDS, MovementRow, ProductRow
from invctl.repository.declared import AS_OF, IS_LOW, RECORD

_PAGE = 50
_TRUTHS = [PRODUCT_FIELDS.index(name) for name in ("archived", "low")]
_QUANTITY = product.c.quantity.label("quantity")

_undo = operation.alias("undo")
_MOVEMENT = (
    select(
        movement.c.id,
        movement.c.operation_id.label("operation"),
        operation.c.kind,
        product.c.sku,
        movement.c.delta,
        movement.c.quantity,
        movement.c.reason,
        movement.c.ref,
        movement.c.note,
        operation.c.actor,
        movement.c.occurred_at,
        operation.c.recorded_at,
        operation.c.reverses_id.label("undoes"),
        _undo.c.id.label("undone_by"),
        place.c.name.label("place"),
        func.nullif(pot.c.lot, literal_column("''")).label("lot"),
        lot.c.expires_on,
    )
    .join_from(movement, operation, operation.c.id == movement.c.operation_id)
    .join(product, product.c.id == movement.c.product_id)
    .outerjoin(_undo, _undo.c.reverses_id == operation.c.id)
    .outerjoin(pot, pot.c.id == movement.c.pot_id)
    .outerjoin(place, place.c.id == pot.c.place_id)
    .outerjoin(lot, and_(lot.c.product_id == pot.c.product_id, lot.c.lot == pot.c.lot))
)


class ProductQuery(NamedTuple):
    """Which products, in which order; see `core.catalog.list_products`."""

    words: Sequence[str] = ()
    low: bool = False
    archived: bool | None = False
    sort: str = "sku"
    reverse: bool = False
    limit: int | None = None
    as_of: str | None = None


class MovementQuery(NamedTuple):
    """Which movements: `since` and `until` are inclusive bounds of `occurred_at` (stored text)."""

    product: int | None = None
    since_id: int | None = None
    since: str | None = None
    until: str | None = None
    reason: str | None = None
    ref: str | None = None
    limit: int | None = None
    reverse: bool = False


def products(session: Session, query: ProductQuery) -> Iterator[Sequence[ProductRow]]:
    """Yield products in chunks."""
    quantity = AS_OF if query.as_of else _QUANTITY
    statement: Select[Any] = select(*RECORD[:3], quantity, *RECORD[4:])
    if query.archived is not None:
        statement = statement.where(_archived(query.archived))
    if query.low:
        if query.as_of:
            statement = statement.where(quantity <= product.c.reorder_point)
        else:  # the first is what an index finds
            statement = statement.where(may_be_low, IS_LOW)
    if query.words:
        statement = statement.where(session.matching(query.words))
    statement = statement.order_by(*_order(query, quantity))
    for page in _pages(statement, query.limit):
        for rows in session.rows(page, **({"as_of": query.as_of} if query.as_of else {})):
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


def movements(session: Session, query: MovementQuery) -> Iterator[Sequence[MovementRow]]:
    """Yield movements in chunks, in order of id."""
    order = movement.c.id.desc() if query.reverse else movement.c.id
    statement = _MOVEMENT.where(*_conditions(query)).order_by(order)
    if query.limit is not None:
        statement = statement.limit(query.limit)
    return cast("Iterator[Sequence[MovementRow]]", session.rows(statement))


def _conditions(query: MovementQuery) -> Iterator[ColumnElement[bool]]:
    if query.product is not None:
        yield movement.c.product_id == query.product
    if query.since_id is not None:
        yield movement.c.id > query.since_id
    if query.since is not None:
        yield movement.c.occurred_at >= query.since
    if query.until is not None:
        yield movement.c.occurred_at <= query.until
    if query.reason is not None:
        yield movement.c.reason == query.reason
    if query.ref is not None:
        yield movement.c.ref == query.ref
