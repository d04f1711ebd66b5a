"""Lists of movements, and their sums by something."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select

from invctl.db.schema import lot, movement, operation, place, pot, product
from invctl.db.session import Row, Session
from invctl.models import MovementRow
from invctl.repository.declared.lying import CALLED

_undo = operation.alias("undo")
_MOVEMENT = (
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
        operation.c.reverses_id.label("undoes"),
        _undo.c.id.label("undone_by"),
        CALLED.label("place"),
        func.nullif(pot.c.lot, literal_column("''")).label("lot"),
        lot.c.expires_on,
    )
    .join_from(movement, operation, operation.c.id == movement.c.operation_id)
    .join(product, product.c.id == movement.c.product_id)
    .outerjoin(_undo, _undo.c.reverses_id == operation.c.id)
    .outerjoin(pot, pot.c.id == movement.c.pot_id)
    .outerjoin(place, place.c.id == pot.c.place_id)
    .outerjoin(lot, and_(lot.c.product_id == pot.c.product_id, lot.c.lot == pot.c.lot))
)


class MovementQuery(NamedTuple):
    """Which movements: `since` and `until` are inclusive bounds of `occurred_at` (stored text).

    Of several texts any will do; none is no condition. `since_id` is exclusive, `net` leaves out
    what is not in effect.
    """

    operation: int | None = None
    products: Sequence[int] | None = None
    since_id: int | None = None
    since: str | None = None
    until: str | None = None
    kinds: Sequence[str] = ()
    actors: Sequence[str] = ()
    reasons: Sequence[str] = ()
    refs: Sequence[str] = ()
    net: bool = False
    limit: int | None = None
    reverse: bool = False


def movements(session: Session, query: MovementQuery) -> Iterator[Sequence[MovementRow]]:
    """Yield movements in chunks, in order of id; a limit takes the last, or those after an id."""
    newest_first = query.reverse if query.limit is None else query.since_id is None
    order = movement.c.id.desc() if newest_first else movement.c.id
    statement = _MOVEMENT.where(*_conditions(query)).order_by(order)
    if query.limit is not None:
        statement = statement.limit(query.limit)
    chunks = cast("Iterator[Sequence[MovementRow]]", session.rows(statement))
    if newest_first == query.reverse:
        yield from chunks
    elif found := [row for rows in chunks for row in rows]:
        yield found[::-1]


def totals(session: Session, query: MovementQuery, by: str) -> Iterator[Sequence[Row]]:
    """Yield what movements come to by a field: it, what was added, removed, the net, how many.

    `by` is `sku`, `reason`, `ref`, `actor`, or `minute`, of which days are made anywhere.
    """
    key = {
        "sku": product.c.sku,
        "reason": movement.c.reason,
        "ref": movement.c.ref,
        "actor": operation.c.actor,
        "minute": func.substr(movement.c.occurred_at, literal_column("1"), literal_column("16")),
    }[by]
    zero = literal_column("0", movement.c.delta.type)
    added = func.sum(case((movement.c.delta > zero, movement.c.delta), else_=zero))
    removed = func.sum(case((movement.c.delta < zero, -movement.c.delta), else_=zero))
    statement: Select[Any] = (
        select(key, added, removed, func.sum(movement.c.delta), func.count())
        .select_from(movement)
        .where(*_conditions(query))
        .group_by(key)
        .order_by(key)
    )
    if by == "actor" or query.kinds or query.actors or query.net:
        statement = statement.join(operation, operation.c.id == movement.c.operation_id)
    if by == "sku":
        statement = statement.join(product, product.c.id == movement.c.product_id)
    for rows in session.rows(statement):
        # A server's sums of BIGINTs are NUMERIC, which the driver makes decimals of.
        yield [(row[0], *map(int, row[1:])) for row in rows]


def _conditions(query: MovementQuery) -> Iterator[ColumnElement[bool]]:
    if query.operation is not None:  # found by its run: no index is fed for that
        yield movement.c.id.between(operation.c.first_movement, operation.c.last_movement)
        yield operation.c.id == query.operation
    if query.products is not None:
        yield movement.c.product_id.in_(_numbers(query.products))
    if query.since_id is not None:
        yield movement.c.id > query.since_id
    if query.since is not None:
        yield movement.c.occurred_at >= query.since
    if query.until is not None:
        yield movement.c.occurred_at <= query.until
    for column, texts in (
        (operation.c.kind, query.kinds),
        (operation.c.actor, query.actors),
        (movement.c.reason, query.reasons),
        (movement.c.ref, query.refs),
    ):
        if texts:
            yield or_(*(column == text for text in texts))
    if query.net:
        yield operation.c.undone == literal_column("0")
        yield operation.c.reverses_id.is_(None)


def _numbers(numbers: Sequence[int]) -> list[ColumnElement[int]]:
    return [literal_column(str(int(number)), movement.c.id.type) for number in numbers]
