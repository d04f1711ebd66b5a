"""The list of promises: holds, or deliveries."""

from collections.abc import Iterator, Sequence

from invctl.db.session import Row, Session
from invctl.repository.lists import asked
from invctl.repository.lists.questions import PromiseQuery


def promises(session: Session, query: PromiseQuery) -> Iterator[Sequence[Row]]:
    """Yield promises in chunks as PROMISE_FIELDS, in order of id."""
    shape, values = asked.parted(query, "now", "products", "refs")
    return session.rows(asked.statement("promises", shape), **values)
