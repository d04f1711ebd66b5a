"""Reading movements: one product's history, and the log of all of them."""

from collections.abc import Iterator, Sequence
from typing import cast

from sqlalchemy import ColumnElement, select

from invctl.core.catalog import CHUNK
from invctl.core.lookup import find_product
from invctl.db.engine import Database
from invctl.db.schema import movement, operation, product
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


def stock_history(
    db: Database,
    sku: str,
    *,
    since: str | None = None,
    until: str | None = None,
    limit: int | None = None,
    reverse: bool = False,
) -> Iterator[Sequence[MovementRow]]:
    """Yield a product's movements in chunks, oldest first. Raises ProductNotFound.

    `since` and `until` are inclusive bounds of `occurred_at`, as stored UTC text.
    """
    with db.read() as connection:
        found = find_product(connection, sku)
    mine = movement.c.product_id == found.id
    return _movements(db, [mine, *_between(since, until)], limit=limit, reverse=reverse)


def stock_log(
    db: Database,
    *,
    since_id: int | None = None,
    since: str | None = None,
    until: str | None = None,
    reason: str | None = None,
    ref: str | None = None,
    limit: int | None = None,
    reverse: bool = False,
) -> Iterator[Sequence[MovementRow]]:
    """Yield every product's movements in chunks, in order of id; `since_id` is exclusive.

    `since` and `until` are inclusive bounds of `occurred_at`, as stored UTC text.
    """
    conditions = _between(since, until)
    if since_id is not None:
        conditions.append(movement.c.id > since_id)
    if reason is not None:
        conditions.append(movement.c.reason == check_reason(reason))
    if ref is not None:
        conditions.append(movement.c.ref == check_text(ref, "ref"))
    return _movements(db, conditions, limit=limit, reverse=reverse)


def _between(since: str | None, until: str | None) -> list[ColumnElement[bool]]:
    conditions = []
    if since is not None:
        conditions.append(movement.c.occurred_at >= since)
    if until is not None:
        conditions.append(movement.c.occurred_at <= until)
    return conditions


def _movements(
    db: Database, conditions: list[ColumnElement[bool]], *, limit: int | None, reverse: bool
) -> Iterator[Sequence[MovementRow]]:
    order = movement.c.id.desc() if reverse else movement.c.id
    statement = _RECORD.where(*conditions).order_by(order).limit(limit)
    with db.read() as connection:
        rows = connection.execution_options(stream_results=True).execute(statement)
        for chunk in rows.partitions(CHUNK):
            yield cast("Sequence[MovementRow]", chunk)
