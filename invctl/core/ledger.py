"""Reading movements: one product's history, and the log of all of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import add
from typing import Any, NamedTuple

from invctl.core.advice import advising
from invctl.core.lookup import find_product
from invctl.core.places.spots import check_lot, check_place
from invctl.db.database import Database
from invctl.db.session import Row, Session
from invctl.errors import PlaceNotFound
from invctl.models.rows import MovementRow
from invctl.repository import movements, places
from invctl.repository.lists import movements as lists
from invctl.repository.lists.questions import MovementQuery
from invctl.times import to_local
from invctl.values import check_reason, check_text


class Filter(NamedTuple):
    """Which movements, or operations: bounds of their time, and any of some texts.

    The time, of movements `occurred_at` and of operations `recorded_at`, is stored text, and its
    bounds are inclusive. Of movements alone: a `place` with all inside it, a `lot`, and `net`, for
    which operations that are not in effect are left out, and the undos.
    """

    since: str | None = None
    until: str | None = None
    skus: Sequence[str] = ()
    kinds: Sequence[str] = ()
    actors: Sequence[str] = ()
    reasons: Sequence[str] = ()
    refs: Sequence[str] = ()
    place: str | None = None
    lot: str | None = None
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
    with advising(db), db.read() as session:
        query = query_of(session, only)._replace(since_id=since_id, limit=limit, reverse=reverse)
        yield from lists.movements(session, query)


def warn_of_no_such(db: Database, since_id: int) -> None:
    """Warn who reads on after a movement that there is not: a restore has taken it back.

    Else what is made with ids up to it would be missed without a word.
    """
    with db.read() as session:
        latest = movements.latest(session)
    if since_id > latest and not db.is_replica:  # which comes there by itself
        told = f"the newest movement is {latest}, and only what comes after {since_id} is told"
        db.warnings.append(f"{told}: was a backup restored, or is this another inventory?")


def movement_totals(
    db: Database, only: Filter, by: str, *, limit: int | None = None, reverse: bool = False
) -> Iterator[Sequence[Row]]:
    """Yield what movements come to by one of TOTALS_BY, in order of it; days are local.

    Of each: it, the units added and removed, the net, and how many movements. A limit takes the
    first of them in that order, or in the reverse one.
    """
    with advising(db), db.read() as session:
        query = query_of(session, only)
        if by not in _PERIODS:
            asked = query._replace(limit=limit, reverse=reverse)
            yield from lists.totals(session, asked, by)
            return
        # No engine knows what is a day here: it adds up minutes, and no offset parts one of these.
        sums: dict[str, list[int]] = {}
        for rows in lists.totals(session, query, "minute"):
            for minute, *amounts in rows:
                known = sums.setdefault(_PERIODS[by](minute), [0] * 4)
                known[:] = map(add, known, amounts)
    yield [(period, *sums[period]) for period in sorted(sums, reverse=reverse)[:limit]]


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


def query_of(session: Session, only: Filter) -> MovementQuery:
    """Return which movements a filter lets through, as a list asks.

    Raises ProductNotFound, PlaceNotFound or InvalidValue.
    """
    return MovementQuery(
        **looked_up(session, only),
        place=None if only.place is None else _place_once(session, only.place),
        lot=None if only.lot is None else check_lot(only.lot),
        net=only.net,
    )


def _place_once(session: Session, name: str) -> str:
    """Return the name of a place that there is, or was. Raises PlaceNotFound."""
    checked = check_place(name)
    if not places.inside(session, checked):
        raise PlaceNotFound(checked)
    return checked


def looked_up(session: Session, only: Filter) -> dict[str, Any]:
    """Return a filter's values as questions have them, by field.

    Raises ProductNotFound or InvalidValue.
    """
    return {
        "products": [find_product(session, sku).id for sku in only.skus] or None,
        "since": only.since,
        "until": only.until,
        "kinds": only.kinds,
        "actors": [check_text(one, "actor") for one in only.actors],
        "reasons": [check_reason(one) for one in only.reasons],
        "refs": [check_text(one, "ref") for one in only.refs],
    }
