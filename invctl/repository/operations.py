"""What is asked of operations: the next one, one that was done before, one that was undone."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from invctl.db.session import Row, Session, array, first_value, one_by_one
from invctl.repository import compiled


class Draft(NamedTuple):
    """An operation before it has a number: what it is, who does it, under which key, and when.

    `rehearsed`: it will be undone at its end, so that what people are told of it is not done.
    """

    kind: str
    actor: str
    key: str | None
    recorded_at: str
    reason: str | None = None
    ref: str | None = None
    file_hash: str | None = None
    rehearsed: bool = False


class Operation(NamedTuple):
    """An operation that has its number, and the ids of its first movement and first change.

    0: it has no change.
    """

    id: int
    kind: str
    recorded_at: str
    first_movement: int
    first_change: int = 0


class Run(NamedTuple):
    """The first and last of an operation's movements, or changes: all between are its own."""

    first: int | None
    last: int | None


NO_RUN = Run(None, None)


class Done(NamedTuple):
    """What was done: an operation, and where its movements and changes are."""

    id: int
    kind: str
    reason: str | None
    ref: str | None
    movements: Run
    changes: Run


class NextIds(NamedTuple):
    """The ids of the next operation, the next movement and the next change."""

    operation: int
    movement: int
    change: int


EACH_COLUMNS = (
    "id", "kind", "idempotency_key", "request_hash", "result", "actor", "recorded_at", "reason",
    "ref", "first_movement", "last_movement", "first_change", "last_change",
)  # fmt: skip
"""The columns of an operation in the order in which `enter_each` takes them."""


class Earlier(NamedTuple):
    """What was done before under a key: of which kind, the request's hash, the answer's JSON."""

    kind: str
    request_hash: str
    result: str


def run(first: int, count: int) -> Run:
    """Return the run of `count` ids from the `first` on."""
    return Run(first, first + count - 1) if count else NO_RUN


def runs(moved: Run, changed: Run) -> dict[str, int | None]:
    """Return the parameters by which statements know the runs of movements and of changes."""
    return {
        "first_movement": moved.first,
        "last_movement": moved.last,
        "first_change": changed.first,
        "last_change": changed.last,
    }


def enter(session: Session, draft: Draft, *, movements: int = 0, changes: int = 0) -> Operation:
    """Give an operation its number, once its products are this transaction's.

    It will have as many movements and changes as said, where that is known by now. From here on
    others wait on a server, since numbers run in the order of commitment.
    """
    session.take_turn()  # first: what was read before it came may be somebody else's by now
    row = session.one(
        compiled.ENTER,
        kind=draft.kind,
        idempotency_key=draft.key,
        actor=draft.actor,
        recorded_at=draft.recorded_at,
        reason=draft.reason,
        ref=draft.ref,
        file_hash=draft.file_hash,
        movements=movements,
        changes=changes,
    )
    assert row is not None, "an INSERT that returns has a row"
    number, first_movement, first_change = row
    return Operation(number, draft.kind, draft.recorded_at, first_movement, first_change)


def close(session: Session, operation: Operation, *, movements: int, changes: int) -> None:
    """Say how many movements and changes an operation came to have."""
    moved = run(operation.first_movement, movements)
    changed = run(operation.first_change, changes)
    session.run(compiled.CLOSE, operation=operation.id, **runs(moved, changed))


def next_ids(session: Session) -> NextIds:
    """Make it this transaction's turn to number operations and movements, and return the next."""
    session.take_turn()  # first, as in `enter`
    row = session.one(compiled.NEXT_IDS)
    assert row is not None, "an aggregate has a row"
    return NextIds(*row)


def enter_each(session: Session, rows: Sequence[Row]) -> None:
    """Enter many operations whose numbers and answers are known already; see EACH_COLUMNS."""
    session.each(compiled.ENTER_EACH, EACH_COLUMNS, rows)


def conclude(session: Session, operation: int, request_hash: str, result: str) -> None:
    """Keep what a request was answered, for a retry of it."""
    session.run(compiled.CONCLUDE, operation=operation, request_hash=request_hash, result=result)


def earlier(session: Session, key: str) -> Earlier | None:
    """Return what was done before under a key; to answer it again is to acknowledge it again."""
    row = session.one(compiled.EARLIER, key=key)
    if row is None:
        return None
    session.confirm()
    return Earlier._make(row)


def earlier_among(session: Session, keys: Collection[str]) -> dict[str, Earlier]:
    """Return what was done before under some keys, by key, as `earlier` does."""
    found = kept_under(session, keys)
    if found:
        session.confirm()
    return found


def kept_under(session: Session, keys: Collection[str]) -> dict[str, Earlier]:
    """Return what is kept under some keys, by key; it acknowledges nothing."""
    found = one_by_one(session, compiled.EARLIER_AMONG, keys=array(keys))
    return {key: Earlier._make(earlier) for key, *earlier in found}


def done(session: Session, operation: int) -> Done | None:
    """Return an operation that was done; of two who undo it, one waits for the other."""
    row = session.one(compiled.LOCK_OPERATION, operation=operation)
    if row is None:
        return None
    number, kind, reason, ref, first, last, first_change, last_change = row
    return Done(number, kind, reason, ref, Run(first, last), Run(first_change, last_change))


def undone_by(session: Session, operation: int) -> int | None:
    """Return which operation undid another."""
    return first_value(session, compiled.UNDONE_BY, operation=operation)


def reverse(session: Session, operation: int, undone: int) -> None:
    """Say that an operation undoes another, which is not in effect any more.

    Where that was an undo, what it had undone is in effect again, and so on down.
    """
    session.run(compiled.REVERSES, operation=operation, undone=undone)
    below: int | None = undone
    while below is not None:
        row = session.one(compiled.FLIP, operation=below)
        # What it undid came before it; in a forged file it might not, for ever.
        below = row[0] if row and row[0] is not None and row[0] < below else None


def newest_of(session: Session, actor: str) -> int | None:
    """Return an actor's newest operation that is no undo, is in effect and can be taken back."""
    return first_value(session, compiled.NEWEST_OF, actor=actor)


def same_file(session: Session, file_hash: str, since: str) -> int | None:
    """Return which operation took the same file since then and was not undone."""
    return first_value(session, compiled.SAME_FILE, file_hash=file_hash, since=since)
