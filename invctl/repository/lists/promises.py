"""The list of promises: holds, or deliveries."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, literal_column, or_, select

from invctl.db.schema import operation, product, promise
from invctl.db.session import Row, Session

_maker = operation.alias("maker")
_closer = operation.alias("closer")
_OPEN = promise.c.closed_by.is_(None)
_OVERDUE = and_(_OPEN, promise.c.due_at <= bindparam("now"))


class PromiseQuery(NamedTuple):
    """Which promises of a kind, seen at a moment; without a state those that are not closed."""

    kind: str
    now: str
    products: Sequence[int] | None = None
    refs: Sequence[str] = ()
    state: str | None = None


def promises(session: Session, query: PromiseQuery) -> Iterator[Sequence[Row]]:
    """Yield promises in chunks as PROMISE_FIELDS, in order of id."""
    is_hold = query.kind == "hold"
    state = _hold_state() if is_hold else _delivery_state()
    rest = promise.c.amount - promise.c.taken
    # What a hold is of, or was taken of it; and what is to come of a delivery, or has come.
    has_come = promise.c.closed_by.is_not(None) & (promise.c.taken > literal_column("0"))
    amount = case((has_come, promise.c.taken), else_=rest)
    statement: Select[Any] = (
        select(
            promise.c.id,
            product.c.sku,
            amount,
            state,
            promise.c.due_at,
            promise.c.reason,
            promise.c.ref,
            promise.c.note,
            _maker.c.actor,
            _maker.c.recorded_at,
            _closer.c.recorded_at,
            promise.c.made_by,
        )
        .join_from(promise, product, product.c.id == promise.c.product_id)
        .join(_maker, _maker.c.id == promise.c.made_by)
        .outerjoin(_closer, _closer.c.id == promise.c.closed_by)
        .where(*_conditions(query, state))
        .order_by(promise.c.id)
    )
    return session.rows(statement, now=query.now)


def _hold_state() -> ColumnElement[str]:
    return case(
        (_OVERDUE, literal_column("'overdue'")),
        (_OPEN, literal_column("'open'")),
        (_closer.c.kind == literal_column("'commit'"), literal_column("'committed'")),
        (_closer.c.kind == literal_column("'expire'"), literal_column("'expired'")),
        else_=literal_column("'released'"),
    )


def _delivery_state() -> ColumnElement[str]:
    return case(
        (_OPEN, literal_column("'open'")),
        (_closer.c.kind == literal_column("'receive'"), literal_column("'received'")),
        else_=literal_column("'cancelled'"),
    )


def _conditions(query: PromiseQuery, state: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    yield promise.c.kind == literal_column(f"'{query.kind}'")
    if query.state is None:
        yield _OPEN
    elif query.state == "overdue":
        yield _OVERDUE
    elif query.state != "all":
        yield state == query.state
    if query.products is not None:
        wanted = [literal_column(str(int(one)), promise.c.id.type) for one in query.products]
        yield promise.c.product_id.in_(wanted)
    if query.refs:
        yield or_(*(promise.c.ref == ref for ref in query.refs))
