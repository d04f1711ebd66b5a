"""What is asked of operations: the next one, one that was done before, one that was undone."""

import json
from collections.abc import Collection, Sequence
from typing import NamedTuple

from invctl.db.session import Row, Session
from invctl.repository import compiled


class Draft(NamedTuple):
    """An operation before it has a number: what it is, who does it, under which key, and when."""

    kind: str
    actor: str
    key: str | None
    recorded_at: str


class Operation(NamedTuple):
    """An operation that has its number, and the id of its first movement."""

    id: int
    kind: str
    recorded_at: str
    first_movement: int


class NextIds(NamedTuple):
    """The ids of the next operation and the next movement."""

    operation: int
    movement: int


class Earlier(NamedTuple):
    """What was done before under a key: of which kind, the request's hash, the answer's JSON."""

    kind: str
    request_hash: str
    result: str


def enter(session: Session, draft: Draft) -> Operation:
    """Give an operation its number, once its products are this transaction's.

    From here on others wait on a server, since numbers run in the order of commitment.
    """
    first = next_ids(session)
    operation = Operation(first.operation, draft.kind, draft.recorded_at, first.movement)
    session.run(
        compiled.ENTER,
        id=operation.id,
        kind=draft.kind,
        idempotency_key=draft.key,
        actor=draft.actor,
        recorded_at=draft.recorded_at,
    )
    return operation


def next_ids(session: Session) -> NextIds:
    """Make it this transaction's turn to number operations and movements, and return the next."""
    session.take_turn()
    row = session.one(compiled.NEXT_IDS)
    assert row is not None
    return NextIds._make(row)


def enter_each(session: Session, rows: Sequence[Row]) -> None:
    """Enter many operations whose numbers and answers are known already."""
    columns = (
        "id", "kind", "idempotency_key", "request_hash", "result", "actor", "recorded_at",
    )  # fmt: skip
    session.each(compiled.ENTER_EACH, columns, rows)


def conclude(session: Session, operation: int, request_hash: str, result: str) -> None:
    """Keep what a request was answered, for a retry of it."""
    session.run(compiled.CONCLUDE, operation=operation, request_hash=request_hash, result=result)


def earlier(session: Session, key: str) -> Earlier | None:
    """Return what was done before under a key."""
    row = session.one(compiled.EARLIER, key=key)
    return None if row is None else Earlier._make(row)


def earlier_among(session: Session, keys: Collection[str]) -> dict[str, Earlier]:
    """Return what was done before under some keys, by key."""
    chunks = session.rows(compiled.EARLIER_AMONG, keys=json.dumps(sorted(keys)))
    return {row[0]: Earlier._make(row[1:]) for rows in chunks for row in rows}


def exists(session: Session, operation: int) -> bool:
    """Return whether there is such an operation; of two who undo it, one waits for the other."""
    return session.one(compiled.LOCK_OPERATION, operation=operation) is not None


def undone_by(session: Session, operation: int) -> int | None:
    """Return which operation undid another."""
    row = session.one(compiled.UNDONE_BY, operation=operation)
    return None if row is None else int(row[0])


def reverse(session: Session, operation: int, undone: int) -> None:
    """Say that an operation undoes another."""
    session.run(compiled.REVERSES, operation=operation, undone=undone)


def latest(session: Session) -> int:
    """Return the number of the newest operation, 0 where there is none."""
    row = session.one(compiled.LATEST_OPERATION)
    return int(row[0] or 0) if row else 0
