"""Operations: what was done, under which key, and what took it back."""

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from invctl.db.schema import change, movement, operation, promise
from invctl.models.fields import NEVER_UNDONE
from invctl.repository.declared.forms import (
    INTEGER,
    ONE,
    ZERO,
    among,
    at_most,
    constant,
    insert_each,
    insert_next,
    next_id,
    parameters,
)

_RUNS = ("first_movement", "last_movement", "first_change", "last_change")
_NEXT = [select(next_id(rows.c.id)).scalar_subquery() for rows in (operation, movement, change)]
NEXT_IDS = select(*_NEXT)


def _run(first: ColumnElement[int], count: str) -> list[ColumnElement[int | None]]:
    """Return the first and the last id of a run of so many, a parameter; none of one of none."""
    many = bindparam(count, type_=INTEGER)
    return [case((many > ZERO, one)) for one in (first, first + many - ONE)]


_MOVED, _CHANGED = _run(_NEXT[1], "movements"), _run(_NEXT[2], "changes")
DRAFTED = parameters(
    operation, "kind", "idempotency_key", "actor", "recorded_at", "reason", "ref", "file_hash"
)
"""What a `Draft` says of an operation, by its columns."""
ENTER = insert_next(
    operation,
    DRAFTED | dict(zip(_RUNS, [*_MOVED, *_CHANGED], strict=True)),
    operation.c.id,
    func.coalesce(operation.c.first_movement, _NEXT[1]),
    func.coalesce(operation.c.first_change, _NEXT[2]),
)
CLOSE = (
    update(operation)
    .where(operation.c.id == bindparam("operation"))
    .values(**parameters(operation, *_RUNS))
)
CONCLUDE = (
    update(operation)
    .where(operation.c.id == bindparam("operation"))
    .values(**parameters(operation, "request_hash", "result"))
)
# One that is under way has no result yet.
_EARLIER = operation.c["kind", "request_hash", "result"]
EARLIER = select(*_EARLIER).where(
    operation.c.idempotency_key == bindparam("key"), operation.c.result.is_not(None)
)
EARLIER_AMONG = select(operation.c.idempotency_key, *_EARLIER).where(
    operation.c.idempotency_key.in_(among("keys")), operation.c.result.is_not(None)
)
ENTER_EACH = insert_each(
    operation,
    "id", "kind", "idempotency_key", "request_hash", "result", "actor", "recorded_at", "reason",
    "ref", *_RUNS,
)  # fmt: skip
# Locked, so that of two who undo it at once one sees that the other has.
LOCK_OPERATION = (
    select(*operation.c["id", "kind", "reason", "ref", *_RUNS])
    .where(operation.c.id == bindparam("operation"))
    .with_for_update()
)
_PROMISING = operation.c.kind.in_([constant("hold"), constant("expect")])
# Few promises are open, and have an index: whether others of one file are closed is asked last.
_ALL_ARE_OPEN = and_(
    operation.c.id.in_(select(promise.c.made_by).where(promise.c.closed_by.is_(None))),
    ~exists().where(promise.c.made_by == operation.c.id, promise.c.closed_by.is_not(None)),
)
NEWEST_OF = at_most(
    select(operation.c.id)
    .where(
        operation.c.actor == bindparam("actor"),
        operation.c.kind.not_in([constant(kind) for kind in ("undo", *NEVER_UNDONE)]),
        or_(operation.c.first_movement.is_not(None), operation.c.first_change.is_not(None)),
        operation.c.undone == ZERO,
        or_(~_PROMISING, _ALL_ARE_OPEN),
    )
    .order_by(operation.c.id.desc())
)
SAME_FILE = (
    select(func.max(operation.c.id))
    .where(
        operation.c.file_hash == bindparam("file_hash"),
        operation.c.recorded_at >= bindparam("since"),
        operation.c.undone == ZERO,
    )
    .having(func.max(operation.c.id).is_not(None))
)
UNDONE_BY = select(operation.c.id).where(operation.c.reverses_id == bindparam("operation"))
# Of an operation, and of those that it took back in turn.
FLIP = (
    update(operation)
    .where(operation.c.id == bindparam("operation"))
    .values(undone=ONE - operation.c.undone)
    .returning(operation.c.reverses_id)
)
REVERSES = (
    update(operation)
    .where(operation.c.id == bindparam("operation"))
    .values(reverses_id=bindparam("undone"))
)
