"""Lists of movements, and their sums by something."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from invctl.db.session import Row, Session
from invctl.models.rows import MovementRow
from invctl.repository import places
from invctl.repository.lists import asked
from invctl.repository.lists.questions import MovementQuery

_VALUES = (
    "operation", "products", "since_id", "since", "until", "kinds", "actors", "reasons", "refs",
    "place", "lot", "limit",
)  # fmt: skip


def movements(session: Session, query: MovementQuery) -> Iterator[Sequence[MovementRow]]:
    """Yield movements in chunks, in order of id; a limit takes the last, or those after an id."""
    shape, values = _parted(query)
    chunks = session.rows(asked.statement("movements", shape), **values)
    listed = cast("Iterator[Sequence[MovementRow]]", chunks)
    if query.newest_first == query.reverse:
        yield from listed
    elif found := [row for rows in listed for row in rows]:
        yield found[::-1]


def totals(session: Session, query: MovementQuery, by: str) -> Iterator[Sequence[Row]]:
    """Yield what movements come to by a field: it, what was added, removed, the net, how many.

    `by` is `sku`, `reason`, `ref`, `actor`, or `minute`, of which days are made anywhere. They are
    in order of it, or in the reverse one; a limit takes the first of them.
    """
    shape, values = _parted(query)
    for rows in session.rows(asked.statement("totals", shape, by), **values):
        # A server's sums of BIGINTs are NUMERIC, which the driver makes decimals of.
        yield [(row[0], *map(int, row[1:])) for row in rows]


def _parted(query: MovementQuery) -> tuple[MovementQuery, dict[str, Any]]:
    shape, values = asked.parted(query, *_VALUES)
    if query.place is not None:
        values |= places.within(query.place)
    return shape, values
