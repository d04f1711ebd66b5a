"""What went out of each product, and how fast."""

from collections.abc import Iterator, Sequence

from invctl.db.session import Row, Session
from invctl.repository import promises
from invctl.repository.lists import asked
from invctl.repository.lists.questions import UsageQuery


def usage(session: Session, query: UsageQuery) -> Iterator[Sequence[Row]]:
    """Yield the products that are not archived in chunks, those of which most went out first.

    Of each: its SKU, name, quantity, available, what went out since then and lately, the first
    moment of its life, the last one in which it moved, what went out of it and of all before it,
    and of all there are.
    """
    query = query._replace(promised=promises.any_open(session))
    shape, values = asked.parted(query, "now", "since", "lately")
    earliest = min(query.since, query.lately)
    return session.rows(asked.statement("usage", shape), earliest=earliest, **values)
