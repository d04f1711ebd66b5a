"""Reading movements: one product's history, and the log of all of them."""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, func, select

from invctl.core.catalog import CHUNK
from invctl.core.lookup import find_product
from invctl.db.database import Database
from invctl.db.prepared import STREAMED
from invctl.db.schema import movement, operation, product
from invctl.errors import ServerUnreachable
from invctl.models import MovementRow
from invctl.values import check_reason, check_text

_RECORD = (
    select(
        movement.c.id,
        movement.c.operation_id.label("operation"),
        operation.c.kind,
        product.c.sku,
        movement.c.delta,
        movement.c.quantity,
        movement.c.reason,
        movement.c.ref,
        movement.c.note,
        operation.c.actor,
        movement.c.occurred_at,
        operation.c.recorded_at,
    )
    .join_from(movement, operation, operation.c.id == movement.c.operation_id)
    .join(product, product.c.id == movement.c.product_id)
)

# Seconds between two tries to reach a server that has gone away.
_PAUSE = 0.2
_LATEST = select(func.max(movement.c.id))


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
    with db.read() as connection:
        found = find_product(connection, sku)
    mine = movement.c.product_id == found.id
    return _movements(db, [mine, *_conditions(only)], limit=limit, reverse=reverse)


def stock_log(
    db: Database,
    only: Filter = EVERYTHING,
    *,
    since_id: int | None = None,
    limit: int | None = None,
    reverse: bool = False,
) -> Iterator[Sequence[MovementRow]]:
    """Yield every product's movements in chunks, in order of id; `since_id` is exclusive."""
    conditions = _conditions(only)
    if since_id is not None:
        conditions.append(movement.c.id > since_id)
    return _movements(db, conditions, limit=limit, reverse=reverse)


def follow_log(
    db: Database, only: Filter = EVERYTHING, *, since_id: int | None = None
) -> Iterator[Sequence[MovementRow]]:
    """Yield the log, and then for ever what is committed to it, by any process, as it comes.

    A server that goes away is given `db.timeout` seconds to come back. Raises ServerUnreachable.
    """
    last, patience = since_id or 0, 0.0
    while True:
        try:
            for chunk in stock_log(db, only, since_id=last):
                yield chunk
                last = chunk[-1][0]
            patience = db.timeout
            db.wait_for_commit()
            # After a restore the journal goes on from where the backup was.
            with db.read() as connection:
                latest = connection.execute(_LATEST).scalar() or 0
            last = min(last, max(latest, since_id or 0))
        except ServerUnreachable:
            if patience <= 0:
                raise
            time.sleep(_PAUSE)
            patience -= _PAUSE


def _conditions(only: Filter) -> list[ColumnElement[bool]]:
    conditions = []
    if only.since is not None:
        conditions.append(movement.c.occurred_at >= only.since)
    if only.until is not None:
        conditions.append(movement.c.occurred_at <= only.until)
    if only.reason is not None:
        conditions.append(movement.c.reason == check_reason(only.reason))
    if only.ref is not None:
        conditions.append(movement.c.ref == check_text(only.ref, "ref"))
    return conditions


def _movements(
    db: Database, conditions: list[ColumnElement[bool]], *, limit: int | None, reverse: bool
) -> Iterator[Sequence[MovementRow]]:
    order = movement.c.id.desc() if reverse else movement.c.id
    statement = _RECORD.where(*conditions).order_by(order).limit(limit)
    with db.read() as connection:
        rows = connection.execute(statement, execution_options=STREAMED)
        for chunk in rows.partitions(CHUNK):
            yield cast("Sequence[MovementRow]", chunk)
