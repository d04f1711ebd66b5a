"""Lists of what there is to count."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from invctl.db.schema import place, pot, product
from invctl.db.session import CHUNK, Row, Session
from invctl.repository.declared.lying import IN_ORDER, INSIDE, LOOSE, LOT, potted
from invctl.repository.places import within


class SheetQuery(NamedTuple):
    """Which products, by words; with a place only what lies in there."""

    words: Sequence[str] = ()
    place: str | None = None


def sheet(session: Session, query: SheetQuery) -> Iterator[Sequence[Row]]:
    """Yield what there is to count in chunks: SKU, name, place and lot, in order of SKU.

    Of a product that lies in places each pot, and what is in none if there is any.
    """
    inside = within(query.place) if query.place is not None else {}
    pots = chain.from_iterable(session.rows(_to_count(session, query), **inside))
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
    statement = select(product.c.sku, product.c.name, product.c.placed, LOOSE)
    return _active(session, statement, query).order_by(product.c.sku)


def _to_count(session: Session, query: SheetQuery) -> Select[Any]:
    columns = select(product.c.sku, product.c.name, place.c.name, LOT)
    statement = potted(columns, IN_ORDER) if query.place is None else potted(columns).where(INSIDE)
    ordered = statement.order_by(product.c.sku, place.c.name, pot.c.lot)
    return _active(session, ordered, query)


def _active(session: Session, statement: Select[Any], query: SheetQuery) -> Select[Any]:
    statement = statement.where(product.c.archived_at.is_(None))
    return statement.where(session.matching(query.words)) if query.words else statement
