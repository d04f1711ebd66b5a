"""What is asked of what lies where."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from invctl.db.session import CHUNK, Row, Session, one_by_one
from invctl.repository import compiled
from invctl.repository.places import within


def everywhere(session: Session) -> Iterator[Sequence[Row]]:
    """Yield what lies where in chunks as WHERE_FIELDS; what is in no place comes with None.

    In order of SKU, and then of place, as all here that does not say otherwise.
    """
    return _merged(session.rows(compiled.CONTENTS), session.rows(compiled.UNPLACED))


def of_product(
    session: Session, product: int, *, place: str | None, until: str | None
) -> Iterator[Sequence[Row]]:
    """Yield likewise what there is of a product: all, or in a place, or what expires until then."""
    somewhere = _within_any(place)
    if until is not None:
        return session.rows(compiled.EXPIRING_OF, product=product, until=until, **somewhere)
    placed = session.rows(compiled.CONTENTS_OF, product=product, **somewhere)
    if place is not None:
        return placed
    return _merged(placed, session.rows(compiled.UNPLACED_OF, product=product))


def in_place(session: Session, place: str) -> Iterator[Sequence[Row]]:
    """Yield likewise what lies in a place and inside it."""
    return session.rows(compiled.CONTENTS_IN, **within(place))


def expiring(session: Session, until: str, *, place: str | None) -> Iterator[Sequence[Row]]:
    """Yield likewise, in order of that, what expires on a date or before it."""
    return session.rows(compiled.EXPIRING, until=until, **_within_any(place))


def by_product(session: Session) -> Iterator[Row]:
    """Yield the product, the place's name and the units of every pot, product by product."""
    return one_by_one(session, compiled.CONTENTS_BY_PRODUCT)


def inside(session: Session, name: str) -> Iterator[Row]:
    """Yield what lies in a place and inside it of what is not archived.

    Of each pot its product, its place, its lot, and the product's SKU.
    """
    return one_by_one(session, compiled.CONTENTS_INSIDE, **within(name))


def _within_any(place: str | None) -> Mapping[str, str | None]:
    """Return the parameters of a place and all inside it; None is everywhere."""
    return within(place) if place is not None else dict.fromkeys(("name", "first", "end"))


def _merged(
    placed: Iterator[Sequence[Row]], unplaced: Iterator[Sequence[Row]]
) -> Iterator[Sequence[Row]]:
    """Yield the pots of each product, and then what of it is in no place."""
    # Both come in order of SKU, by code point on every engine: so what is less here comes first.
    waiting = chain.from_iterable(unplaced)
    following = next(waiting, None)
    for rows in placed:
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
