"""Lists of what there is to count."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from invctl.db.session import Row, Session, Text
from invctl.repository import compiled
from invctl.repository.places import within

if TYPE_CHECKING:
    from sqlalchemy import Select


def sheet(session: Session, words: Sequence[str], place: str | None) -> Iterator[Sequence[Row]]:
    """Yield what there is to count in chunks: SKU, name, place and lot, in order of SKU.

    Only products in which each word is found, and with a place only what lies in there. Of a
    product that lies in places each pot, and what is in none if there is any.
    """
    if place is not None:
        yield from session.rows(_asked(session, "POTS_TO_COUNT_IN", words), **within(place))
        return
    pots = chain.from_iterable(session.rows(_asked(session, "POTS_TO_COUNT", words)))
    following = next(pots, None)
    for rows in session.rows(_asked(session, "TO_COUNT", words)):
        chunk: list[Row] = []
        for sku, name, placed, loose in rows:
            while placed and following is not None and following[0] == sku:
                chunk.append(following)
                following = next(pots, None)
            if loose or not placed:
                chunk.append((sku, name, None, None))
        yield chunk


def _asked(session: Session, name: str, words: Sequence[str]) -> "Text | Select[Any]":
    """Return a statement that is declared under a name, for products with some words."""
    if not words:
        return getattr(compiled, name)  # type: ignore[no-any-return]
    from invctl.repository.declared import lying

    return getattr(lying, name).where(session.matching(words))  # type: ignore[no-any-return]
