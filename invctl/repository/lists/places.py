"""Lists of what lies where."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, null, or_, select

from invctl.db.schema import lot, place, pot, product
from invctl.db.session import CHUNK, Row, Session

_ZERO = literal_column("0", pot.c.quantity.type)
_LOT = func.nullif(pot.c.lot, literal_column("''")).label("lot")
_UNPLACED = product.c.quantity - product.c.placed
# What lost its name to another place is told by that name, see `repository.places.ousted`.
CALLED = case(
    (
        place.c.name.like(literal_column("'%//%'")),
        func.rtrim(func.rtrim(place.c.name, literal_column("'0123456789'")), literal_column("'/'")),
    ),
    else_=place.c.name,
)
_OF_POT = and_(lot.c.product_id == pot.c.product_id, lot.c.lot == pot.c.lot)


class WhereQuery(NamedTuple):
    """Of which product, inside which place, and what expires on a date or before it."""

    product: int | None = None
    place: str | None = None
    expiring: str | None = None


def where(session: Session, query: WhereQuery) -> Iterator[Sequence[Row]]:
    """Yield what lies where in chunks as WHERE_FIELDS; what is in no place comes with None.

    In order of SKU, and then of place; what expires in order of that.
    """
    if query.expiring is not None:
        yield from session.rows(_expiring(query, query.expiring))
    elif query.place is not None:
        yield from session.rows(_potted(query))
    else:
        yield from _merged(session, query)


def _pots(query: WhereQuery) -> Select[Any]:
    statement = select(
        product.c.sku, product.c.name, place.c.name, _LOT, lot.c.expires_on, pot.c.quantity
    ).where(pot.c.quantity > _ZERO)
    if query.product is not None:
        statement = statement.where(pot.c.product_id == literal_column(str(query.product)))
    if query.place is not None:
        statement = statement.where(inside(query.place))
    return statement


def inside(name: str) -> ColumnElement[bool]:
    """Return the condition that a place is one, or inside it."""
    # In order of code points '0' comes next to '/'.
    within = and_(place.c.name > f"{name}/", place.c.name < f"{name}0")
    return or_(place.c.name == name, within)


def _number(*, is_picky: bool) -> ColumnElement[int]:
    """Return a product's id as its pots are joined by it.

    All of them are read in order of SKU, product by product: else SQLite would sort a million pots
    before it told the first. So it is kept from finding products by their ids.
    """
    return product.c.id if is_picky else literal_column("+product.id", product.c.id.type)


def _potted(query: WhereQuery) -> Select[Any]:
    is_picky = query.product is not None or query.place is not None
    return (
        _pots(query)
        .join_from(pot, product, _number(is_picky=is_picky) == pot.c.product_id)
        .join(place, place.c.id == pot.c.place_id)
        .outerjoin(lot, _OF_POT)
        .order_by(
            product.c.sku, place.c.name, lot.c.expires_on.is_(None), lot.c.expires_on, pot.c.lot
        )
    )


def _expiring(query: WhereQuery, expiring: str) -> Select[Any]:
    """Return what expires; the index of dates finds it in the order in which it is told."""
    return (
        _pots(query)
        .join_from(lot, pot, _OF_POT)
        .join(product, product.c.id == pot.c.product_id)
        .join(place, place.c.id == pot.c.place_id)
        .where(lot.c.expires_on <= expiring)
        .order_by(lot.c.expires_on, product.c.sku, place.c.name, pot.c.lot)
    )


def _merged(session: Session, query: WhereQuery) -> Iterator[Sequence[Row]]:
    """Yield the pots of each product, and then what of it is in no place."""
    loose = select(
        product.c.sku, product.c.name, null(), null(), null(), _UNPLACED.label("loose")
    ).where(product.c.quantity > product.c.placed)
    if query.product is not None:
        loose = loose.where(product.c.id == literal_column(str(query.product)))
    waiting = _each(session.rows(loose.order_by(product.c.sku)))
    following = next(waiting, None)
    for rows in session.rows(_potted(query)):
        chunk: list[Row] = []
        for row in rows:
            while following is not None and following[0] < row[0]:
                chunk.append(following)
                following = next(waiting, None)
            chunk.append(row)
        yield chunk
    if following is not None:
        yield [following]
    while rest := list(islice(waiting, CHUNK)):
        yield rest


class SheetQuery(NamedTuple):
    """Which products, by words; with a place only what lies in there."""

    words: Sequence[str] = ()
    place: str | None = None


def sheet(session: Session, query: SheetQuery) -> Iterator[Sequence[Row]]:
    """Yield what there is to count in chunks: SKU, name, place and lot, in order of SKU.

    Of a product that lies in places each pot, and what is in none if there is any.
    """
    pots = _each(session.rows(_to_count(session, query)))
    if query.place is not None:
        while rest := list(islice(pots, CHUNK)):
            yield rest
        return
    following = next(pots, None)
    for rows in session.rows(_products(session, query)):
        chunk: list[Row] = []
        for sku, name, placed, loose in rows:
            while placed and following is not None and following[0] == sku:
                chunk.append(following)
                following = next(pots, None)
            if loose or not placed:
                chunk.append((sku, name, None, None))
        yield chunk


def _products(session: Session, query: SheetQuery) -> Select[Any]:
    statement = select(product.c.sku, product.c.name, product.c.placed, _UNPLACED.label("loose"))
    return _active(session, statement, query).order_by(product.c.sku)


def _to_count(session: Session, query: SheetQuery) -> Select[Any]:
    statement = (
        select(product.c.sku, product.c.name, place.c.name, _LOT)
        .join_from(pot, product, _number(is_picky=query.place is not None) == pot.c.product_id)
        .join(place, place.c.id == pot.c.place_id)
        .where(pot.c.quantity > _ZERO)
        .order_by(product.c.sku, place.c.name, pot.c.lot)
    )
    if query.place is not None:
        statement = statement.where(inside(query.place))
    return _active(session, statement, query)


def _active(session: Session, statement: Select[Any], query: SheetQuery) -> Select[Any]:
    statement = statement.where(product.c.archived_at.is_(None))
    return statement.where(session.matching(query.words)) if query.words else statement


def _each(chunks: Iterator[Sequence[Row]]) -> Iterator[Row]:
    for rows in chunks:
        yield from rows


def contents(session: Session) -> Iterator[Sequence[Row]]:
    """Yield the product, the place's name and the units of every pot that is not empty."""
    statement = (
        select(pot.c.product_id, place.c.name, pot.c.quantity)
        .join_from(pot, place, place.c.id == pot.c.place_id)
        .where(pot.c.quantity > _ZERO)
        .order_by(pot.c.product_id)
    )
    return session.rows(statement)


def names(session: Session) -> Iterator[Sequence[Row]]:
    """Yield the names of all places that were not removed."""
    standing = select(place.c.name).where(place.c.removed_at.is_(None)).order_by(place.c.name)
    return session.rows(standing)
