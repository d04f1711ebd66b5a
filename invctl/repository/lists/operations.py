"""The list of what was done, an operation a line."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select, union

from invctl.db.schema import change, movement, operation, place, pot, product, promise, total
from invctl.db.session import Row, Session
from invctl.repository.declared.lying import CALLED


class OperationQuery(NamedTuple):
    """Which operations: `since` and `until` are inclusive bounds of `recorded_at`.

    Of several texts any will do. By reason and ref one is found by its movements' too.
    """

    number: int | None = None
    since: str | None = None
    until: str | None = None
    products: Sequence[int] | None = None
    kinds: Sequence[str] = ()
    actors: Sequence[str] = ()
    reasons: Sequence[str] = ()
    refs: Sequence[str] = ()
    limit: int | None = None
    reverse: bool = False


_zero, _one = (literal_column(number, operation.c.id.type) for number in "01")
_undo = operation.alias("undo")
_moved = movement.alias("moved")
_changed = change.alias("changed")


def _length(first: ColumnElement[int], last: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(last - first + _one, _zero)


_MOVEMENTS = _length(operation.c.first_movement, operation.c.last_movement)
_CHANGES = _length(operation.c.first_change, operation.c.last_change)
_FEW = literal_column("100", operation.c.id.type)
"""Movements that are summed up for a summary: to look at a whole import takes too long."""
_TOUCHED = union(
    select(movement.c.product_id)
    .where(movement.c.id.between(operation.c.first_movement, operation.c.last_movement))
    # In a FROM it would be every operation that there is.
    .correlate(operation),
    select(change.c.product_id)
    .where(change.c.id.between(operation.c.first_change, operation.c.last_change))
    .correlate(operation),
).subquery("touched")


def _sum_of(amounts: ColumnElement[int]) -> ColumnElement[int]:
    """Return what an operation's movements come to, NULL where they are many."""
    moves = movement.c.id.between(operation.c.first_movement, operation.c.last_movement)
    summed = select(total(amounts)).where(moves).correlate(operation).scalar_subquery()
    return case((_MOVEMENTS <= _FEW, summed))


# What a summary is made of comes with it: the first movement and the first change.
_OPERATION = (
    select(
        operation.c.id,
        operation.c.kind,
        # One thing is of one product: most need no look at what they touched.
        case(
            (operation.c.kind == literal_column("'place'"), _zero),
            (_one >= _MOVEMENTS + _CHANGES, _MOVEMENTS + _CHANGES),
            else_=select(func.count()).select_from(_TOUCHED).scalar_subquery(),
        ),
        _MOVEMENTS,
        _CHANGES,
        operation.c.reason,
        operation.c.ref,
        operation.c.actor,
        operation.c.recorded_at,
        operation.c.reverses_id,
        _undo.c.id,
        product.c.sku,
        _sum_of(movement.c.delta),
        _sum_of(func.abs(movement.c.delta)),
        _changed.c.sku,
        _changed.c.field,
        _changed.c.before,
        _changed.c.after,
    )
    .outerjoin(_undo, _undo.c.reverses_id == operation.c.id)
    .outerjoin(_moved, _moved.c.id == operation.c.first_movement)
    .outerjoin(product, product.c.id == _moved.c.product_id)
    .outerjoin(_changed, _changed.c.id == operation.c.first_change)
)


def operations(session: Session, query: OperationQuery) -> Iterator[Sequence[Row]]:
    """Yield operations in chunks, in order of id; a limit takes the last ones."""
    takes_last = query.limit is not None and not query.reverse
    order = operation.c.id.desc() if query.reverse or takes_last else operation.c.id
    statement: Select[Any] = _OPERATION.where(*_conditions(query)).order_by(order)
    if query.limit is not None:
        statement = statement.limit(query.limit)
    chunks = session.rows(statement)
    if not takes_last:
        yield from chunks
    elif last := [row for rows in chunks for row in rows]:
        yield last[::-1]


def _conditions(query: OperationQuery) -> Iterator[ColumnElement[bool]]:
    if query.number is not None:
        yield operation.c.id == query.number
    if query.since is not None:
        yield operation.c.recorded_at >= query.since
    if query.until is not None:
        yield operation.c.recorded_at <= query.until
    if query.products is not None:
        yield operation.c.id.in_(_about(query.products))
    for column, texts in ((operation.c.kind, query.kinds), (operation.c.actor, query.actors)):
        if texts:
            yield or_(*(column == text for text in texts))
    for name, texts in (("reason", query.reasons), ("ref", query.refs)):
        if texts:
            yield or_(
                *(operation.c[name] == text for text in texts),
                operation.c.id.in_(
                    select(movement.c.operation_id).where(
                        or_(*(movement.c[name] == text for text in texts))
                    )
                ),
            )


def _about(products: Sequence[int]) -> Any:
    """Return the operations that have to do with some products."""
    wanted = [literal_column(str(int(number)), movement.c.id.type) for number in products]
    return union(
        select(movement.c.operation_id).where(movement.c.product_id.in_(wanted)),
        select(change.c.operation_id).where(change.c.product_id.in_(wanted)),
        select(promise.c.made_by).where(promise.c.product_id.in_(wanted)),
        select(promise.c.closed_by).where(
            and_(promise.c.product_id.in_(wanted), promise.c.closed_by.is_not(None))
        ),
    )


def _among(column: ColumnElement[int], numbers: Collection[int]) -> ColumnElement[bool]:
    return column.in_([literal_column(str(int(one)), column.type) for one in sorted(numbers)])


def expired(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, int]]:
    """Return of some operations that closed holds the product, the first of them, and how many."""
    statement = (
        select(promise.c.closed_by, func.min(product.c.sku), func.count())
        .join_from(promise, product, product.c.id == promise.c.product_id)
        .where(_among(promise.c.closed_by, numbers))
        .group_by(promise.c.closed_by)
    )
    return {row[0]: (row[1], row[2]) for rows in session.rows(statement) for row in rows}


def pots(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return where some pots are, and of which lot ('' for none)."""
    statement = (
        select(pot.c.id, CALLED, pot.c.lot)
        .join_from(pot, place, place.c.id == pot.c.place_id)
        .where(_among(pot.c.id, numbers))
    )
    return {row[0]: (row[1], row[2]) for rows in session.rows(statement) for row in rows}


def change_records(session: Session, number: int) -> Iterator[Sequence[Row]]:
    """Yield what an operation changed: SKU, field, before, after."""
    statement = (
        select(change.c.sku, change.c.field, change.c.before, change.c.after)
        .join_from(
            operation,
            change,
            change.c.id.between(operation.c.first_change, operation.c.last_change),
        )
        .where(operation.c.id == number)
        .order_by(change.c.id)
    )
    return session.rows(statement)
