"""Reading movements: one product's history, and the log of all of them."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from math import inf
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from invctl.core.lookup import advising, find_product
from invctl.db.database import Database
from invctl.db.session import Row, Session
from invctl.errors import DatabaseLocked, ServerUnreachable
from invctl.models import MovementRow
from invctl.repository import movements
from invctl.times import to_local
from invctl.values import check_reason, check_text

if TYPE_CHECKING:
    from invctl.repository.lists.movements import MovementQuery

# Seconds between two tries to reach a server that has gone away.
_PAUSE = 0.2


class Filter(NamedTuple):
    """Which movements: bounds of `occurred_at` (stored text, inclusive), and any of some texts.

    `net` leaves out operations that are not in effect, and the undos.
    """

    since: str | None = None
    until: str | None = None
    skus: Sequence[str] = ()
    kinds: Sequence[str] = ()
    actors: Sequence[str] = ()
    reasons: Sequence[str] = ()
    refs: Sequence[str] = ()
    net: bool = False


EVERYTHING = Filter()


def stock_history(
    db: Database,
    sku: str,
    only: Filter = EVERYTHING,
    *,
    limit: int | None = None,
    reverse: bool = False,
) -> Iterator[Sequence[MovementRow]]:
    """Yield a product's movements in chunks, oldest first; a limit takes the last of them.

    Raises ProductNotFound.
    """
    return stock_log(db, only._replace(skus=(sku,)), limit=limit, reverse=reverse)


def stock_log(
    db: Database,
    only: Filter = EVERYTHING,
    *,
    since_id: int | None = None,
    limit: int | None = None,
    reverse: bool = False,
) -> Iterator[Sequence[MovementRow]]:
    """Yield every product's movements in chunks, in order of id; `since_id` is exclusive.

    A limit takes the last of them, or the first after that id. Raises ProductNotFound.
    """
    from invctl.repository.lists import movements as lists

    with advising(db), db.read() as session:
        query = _query(session, only)._replace(since_id=since_id, limit=limit, reverse=reverse)
        yield from lists.movements(session, query)


def movement_totals(db: Database, only: Filter, by: str) -> Iterator[Sequence[Row]]:
    """Yield what movements come to by one of TOTALS_BY, in order of it; days are local.

    Of each: it, the units added and removed, the net, and how many movements.
    """
    from invctl.repository.lists import movements as lists

    with advising(db), db.read() as session:
        query = _query(session, only)
        if by not in _PERIODS:
            yield from lists.totals(session, query, by)
            return
        sums: dict[str, list[int]] = {}
        for rows in lists.totals(session, query, "minute"):
            for minute, *amounts in rows:
                known = sums.setdefault(_PERIODS[by](minute), [0] * 4)
                known[:] = map(add, known, amounts)
    yield [(period, *sums[period]) for period in sorted(sums)]


def _local(minute: str) -> datetime:
    return to_local(datetime.fromisoformat(f"{minute}:00+00:00"))


def _week(minute: str) -> str:
    year, week, _ = _local(minute).isocalendar()
    return f"{year:04d}-W{week:02d}"


_PERIODS: Mapping[str, Callable[[str], str]] = {
    "day": lambda minute: _local(minute).date().isoformat(),
    "week": _week,
    "month": lambda minute: _local(minute).date().isoformat()[:7],
}


def follow_log(
    db: Database,
    only: Filter = EVERYTHING,
    *,
    since_id: int | None = None,
    begin_with: int | None = None,
    restored: Callable[[int], object] = lambda _last: None,
) -> Iterator[Sequence[MovementRow]]:
    """Yield the log, and then for ever what is committed to it, by any process, as it comes.

    With `begin_with`, no more than that many of those that are there. A few times a second an
    empty chunk comes, so that whoever reads can look whether to go on. Where a backup was
    restored, the log goes on from where that was: `restored` is told its last movement. A server
    that goes away is given `db.patience` seconds to come back. Raises ServerUnreachable.
    """
    last, gives_up = since_id or 0, 0.0
    if begin_with is not None:
        last = max(last, _before_latest(db, only, begin_with))
    known = _mark(db, last)
    while True:
        try:
            for chunk in stock_log(db, only, since_id=last):
                gives_up = inf
                yield chunk
                last, known = chunk[-1][0], _mark_of(chunk[-1])
            gives_up = inf
            while not db.wait_for_commit():
                yield ()
            # A replica may be behind what another one told, and will come there.
            until = time.monotonic() + db.patience
            while _latest(db) < last and db.is_replica and time.monotonic() < until:
                time.sleep(_PAUSE)
                yield ()
            if known is not None and _mark(db, last) != known:
                last = min(last - 1, _last_before(db, known.recorded_at))
                known = _mark(db, last)
                restored(last)
        except (ServerUnreachable, DatabaseLocked):  # a replica may lock out who reads for long
            if time.monotonic() > gives_up:
                raise
            if gives_up == inf:
                gives_up = time.monotonic() + db.patience
            time.sleep(_PAUSE)
            yield ()


class _Mark(NamedTuple):
    """By what a movement is told from another one of its id, which there may be after a restore."""

    operation: int
    delta: int
    recorded_at: str


def _mark_of(row: MovementRow) -> _Mark:
    return _Mark(row[1], row[4], row[11])


def _mark(db: Database, movement: int) -> _Mark | None:
    """Return by what a movement is known; None where there is none of that id."""
    found = [row for chunk in stock_log(db, since_id=movement - 1, limit=1) for row in chunk]
    return _mark_of(found[0]) if found and found[0][0] == movement else None


def _last_before(db: Database, moment: str) -> int:
    """Return the last movement that was there by a moment: all after it came later."""
    chunks = stock_log(db, reverse=True)
    return next((row[0] for chunk in chunks for row in chunk if row[11] <= moment), 0)


def _latest(db: Database) -> int:
    with db.read() as session:
        return movements.latest(session)


def _before_latest(db: Database, only: Filter, count: int) -> int:
    """Return the id after which there are so many movements, or all where there are fewer."""
    if not count:
        return _latest(db)
    chunks = stock_log(db, only, limit=count, reverse=True)
    found = [row[0] for chunk in chunks for row in chunk]
    return found[-1] - 1 if len(found) == count else 0


def _query(session: Session, only: Filter) -> "MovementQuery":
    from invctl.repository.lists.movements import MovementQuery

    return MovementQuery(
        products=[find_product(session, sku).id for sku in only.skus] or None,
        since=only.since,
        until=only.until,
        kinds=only.kinds,
        actors=[check_text(one, "actor") for one in only.actors],
        reasons=[check_reason(one) for one in only.reasons],
        refs=[check_text(one, "ref") for one in only.refs],
        net=only.net,
    )
