"""Lists of what there is to count."""

from collections.abc import Iterator, Sequence

from invctl.db.session import Row, Session, one_by_one
from invctl.repository.lists import asked
from invctl.repository.lists.questions import SheetQuery
from invctl.repository.places import within


def sheet(session: Session, words: Sequence[str], place: str | None) -> Iterator[Sequence[Row]]:
    """Yield what there is to count in chunks: SKU, name, place and lot, in order of SKU.

    Only products in which each word is found, and with a place only what lies in there. Of a
    product that lies in places each pot, and what is in none if there is any.
    """
    shape, known = asked.parted(SheetQuery(words), "words")
    known |= asked.found(session, words)
    if place is not None:
        inside = within(place)
        yield from session.rows(asked.statement("pots_to_count_in", shape), **known, **inside)
        return
    # Two lists in one order, put together here as they are read.
    pots = one_by_one(session, asked.statement("pots_to_count", shape), **known)
    following = next(pots, None)
    for rows in session.rows(asked.statement("to_count", shape), **known):
        chunk: list[Row] = []
        for sku, name, placed, loose in rows:
            while following is not None and following[0] == sku:
                chunk.append(following)
                following = next(pots, None)
            if loose or not placed:
                chunk.append((sku, name, None, None))
        yield chunk
