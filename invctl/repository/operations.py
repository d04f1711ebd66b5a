"""What is asked of operations: the next one, one that was done before, one that was undone."""

from typing import NamedTuple

from invctl.db.session import Session
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


class Earlier(NamedTuple):
    """What was done before under a key: of which kind, the request's hash, the answer's JSON."""

    kind: str
    request_hash: str
    result: str


def enter(session: Session, draft: Draft) -> Operation:
    """Give an operation its number, once its products are this transaction's.

    From here on others wait on a server, since numbers run in the order of commitment.
    """
    session.take_turn()
    row = session.one(compiled.NEXT_IDS)
    assert row is not None
    operation = Operation(row[0], draft.kind, draft.recorded_at, row[1])
    session.run(
        compiled.ENTER,
        id=operation.id,
        kind=draft.kind,
        idempotency_key=draft.key,
        actor=draft.actor,
        recorded_at=draft.recorded_at,
    )
    return operation


def conclude(session: Session, operation: int, request_hash: str, result: str) -> None:
    """Keep what a request was answered, for a retry of it."""
    session.run(compiled.CONCLUDE, operation=operation, request_hash=request_hash, result=result)


def earlier(session: Session, key: str) -> Earlier | None:
    """Return what was done before under a key."""
    row = session.one(compiled.EARLIER, key=key)
    return None if row is None else Earlier._make(row)


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
