"""What went out of each product: how fast, for how many days there is enough, what lies still."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from invctl.db.database import Database
from invctl.db.session import Row
from invctl.models.reports import Usage
from invctl.repository import promises
from invctl.repository.lists import usage as lists
from invctl.repository.lists.questions import UsageQuery
from invctl.times import before

DAYS = 90
"""Over how many days usage goes where nobody says it."""

_DAY = timedelta(days=1)


def stock_usage(
    db: Database, *, days: int = DAYS, idle: str | None = None
) -> Iterator[Sequence[Usage]]:
    """Yield how each product that is not archived was used in so many days, most used first.

    What went out is what was removed, committed or taken by a file's lines, and was not undone.
    With `idle`, a duration, only what is in stock and did not go out for so long. Raises
    InvalidValue.
    """
    with db.read() as session:
        now = promises.clock(session)
        since = before(now, f"{days}d", "days")
        lately = since if idle is None else before(now, idle, "idle")
        for rows in lists.usage(session, UsageQuery(now, since, lately)):
            yield [_usage(row, now, days) for row in rows if idle is None or _lies_still(row)]


def _lies_still(row: Row) -> bool:
    """Return whether there is any of a product, of which lately nothing went out."""
    _, _, quantity, _, _, went_out, *_ = row
    return bool(quantity and not went_out)


def _usage(row: Row, now: str, days: int) -> Usage:
    """Return a product's usage: over those days, or over its life where that is shorter."""
    sku, name, quantity, available, removed, _, born, last_moved, so_far, all_out = row
    life = (datetime.fromisoformat(now) - datetime.fromisoformat(born)) / _DAY
    per_day = round(removed / max(1, min(days, life)), 3)
    # In thousandths, as it is told: so the two agree to the last day.
    thousandths = max(1, round(per_day * 1000))
    return Usage(
        sku,
        name,
        quantity,
        available,
        removed,
        per_day,
        available * 1000 // thousandths if removed else None,
        last_moved,
        so_far / all_out if all_out else None,
    )
