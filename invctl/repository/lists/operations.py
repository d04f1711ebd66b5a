"""The list of what was done, an operation a line."""

from collections.abc import Collection, Iterator, Sequence

from invctl.db.session import Row, Session, array, one_by_one
from invctl.repository import compiled
from invctl.repository.lists import asked
from invctl.repository.lists.questions import OperationQuery

_VALUES = (
    "number", "since", "until", "products", "kinds", "actors", "reasons", "refs", "limit",
)  # fmt: skip


def operations(session: Session, query: OperationQuery) -> Iterator[Sequence[Row]]:
    """Yield operations in chunks, in order of id; a limit takes the last ones."""
    shape, values = asked.parted(query, *_VALUES)
    chunks = session.rows(asked.statement("operations", shape), **values)
    if query.newest_first == query.reverse:
        yield from chunks
    elif last := [row for rows in chunks for row in rows]:
        yield last[::-1]


def expired(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, int, int]]:
    """Return of some operations that closed holds a product, how many holds, of how many."""
    found = one_by_one(session, compiled.EXPIRED, operations=array(numbers))
    return {number: (sku, holds, products) for number, sku, holds, products in found}


def pots(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return where some pots are, and of which lot ('' for none)."""
    found = one_by_one(session, compiled.POTS_CALLED, pots=array(numbers))
    return {number: (place, lot) for number, place, lot in found}


def change_records(session: Session, number: int) -> Iterator[Row]:
    """Yield what an operation changed: SKU, field, before, after."""
    return one_by_one(session, compiled.CHANGE_RECORDS, operation=number)
