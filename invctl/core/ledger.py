"""Reading movements: one product's history, and the log of all of them."""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from invctl.core.lookup import find_product
from invctl.db.database import Database
from invctl.errors import ServerUnreachable
from invctl.models import MovementRow
from invctl.repository import movements
from invctl.values import check_reason, check_text

# Seconds between two tries to reach a server that has gone away.
_PAUSE = 0.2


class Filter(NamedTuple):
    """Which movements: `since` and `until` are inclusive bounds of `occurred_at` (stored text)."""

    since: str | None = None
    until: str | None = None
    reason: str | None = None
    ref: str | None = None


EVERYTHING = Filter()


def stock_history(
    db: Database,
    sku: str,
    only: Filter = EVERYTHING,
    *,
    limit: int | None = None,
    reverse: bool = False,
) -> Iterator[Sequence[MovementRow]]:
    """Yield a product's movements in chunks, oldest first. Raises ProductNotFound."""
    with db.read() as session:
        found = find_product(session, sku)
    return _movements(db, only, product=found.id, limit=limit, reverse=reverse)


def stock_log(
    db: Database,
    only: Filter = EVERYTHING,
    *,
    since_id: int | None = None,
    limit: int | None = None,
    reverse: bool = False,
) -> Iterator[Sequence[MovementRow]]:
    """Yield every product's movements in chunks, in order of id; `since_id` is exclusive."""
    return _movements(db, only, since_id=since_id, limit=limit, reverse=reverse)


def follow_log(
    db: Database,
    only: Filter = EVERYTHING,
    *,
    since_id: int | None = None,
    begin_with: int | None = None,
) -> Iterator[Sequence[MovementRow]]:
    """Yield the log, and then for ever what is committed to it, by any process, as it comes.

    With `begin_with`, no more than that many of those that are there. A few times a second an
    empty chunk comes, so that whoever reads can look whether to go on. A server that goes away is
    given `db.timeout` seconds to come back. Raises ServerUnreachable.
    """
    last, patience = since_id or 0, 0.0
    if begin_with is not None:
        last = max(last, _before_latest(db, only, begin_with))
    while True:
        try:
            for chunk in stock_log(db, only, since_id=last):
                yield chunk
                last = chunk[-1][0]
            patience = db.timeout
            while not db.wait_for_commit():
                yield ()
            # After a restore the journal goes on from where the backup was.
            with db.read() as session:
                latest = movements.latest(session)
            last = min(last, max(latest, since_id or 0))
        except ServerUnreachable:
            if patience <= 0:
                raise
            time.sleep(_PAUSE)
            patience -= _PAUSE
            yield ()


def _before_latest(db: Database, only: Filter, count: int) -> int:
    """Return the id after which there are so many movements, or all where there are fewer."""
    if not count:
        with db.read() as session:
            return movements.latest(session)
    chunks = stock_log(db, only, limit=count, reverse=True)
    found = [row[0] for chunk in chunks for row in chunk]
    return found[-1] - 1 if len(found) == count else 0


def _movements(
    db: Database,
    only: Filter,
    *,
    product: int | None = None,
    since_id: int | None = None,
    limit: int | None = None,
    reverse: bool = False,
) -> Iterator[Sequence[MovementRow]]:
    from invctl.repository import lists

    query = lists.MovementQuery(
        product=product,
        since_id=since_id,
        since=only.since,
        until=only.until,
        reason=None if only.reason is None else check_reason(only.reason),
        ref=None if only.ref is None else check_text(only.ref, "ref"),
        limit=limit,
        reverse=reverse,
    )
    with db.read() as session:
        yield from lists.movements(session, query)
