"""Lists of products."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, cast

from invctl.db.session import Session
from invctl.models.fields import PRODUCT_FIELDS
from invctl.models.rows import ProductRow
from invctl.repository import promises
from invctl.repository.lists import asked
from invctl.repository.lists.questions import ProductQuery

_PAGE = 50
_TRUTHS = [PRODUCT_FIELDS.index(name) for name in ("archived", "low")]


def products(
    session: Session, query: ProductQuery, *, limit: int | None = None
) -> Iterator[Sequence[ProductRow]]:
    """Yield products in chunks, so many at the most."""
    query = query._replace(promised=promises.any_open(session))
    shape, known = asked.parted(query, "as_of", "words")
    if query.promised:
        known["now"] = promises.clock(session)
    known |= asked.found(session, query.words)
    statement = asked.statement("products", shape)
    most = sys.maxsize if limit is None else limit
    # The first page on its own: SQLite finds the top few in one walk, where it would sort all.
    for passed, page in ((0, min(_PAGE, most)), (_PAGE, most - _PAGE)):
        for rows in session.rows(statement, passed=passed, most=page, **known) if page > 0 else ():
            yield cast("Sequence[ProductRow]", _with_truths(rows))


def _with_truths(rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """Return rows with truths where SQLite has numbers for them; by columns, which is in C."""
    columns: list[Any] = list(zip(*rows, strict=True))
    for number in _TRUTHS:
        columns[number] = map(bool, columns[number])
    return list(zip(*columns, strict=True))
