"""What is asked of promises: units held for somebody, and deliveries on their way."""

from typing import NamedTuple

from invctl.db.session import Session, Text, first_value, number, one_by_one
from invctl.repository import compiled
from invctl.repository.operations import Operation

HOLD, DELIVERY = "hold", "delivery"


class Promise(NamedTuple):
    """A promise; `closed_as` is the kind of the operation that closed it, None: it is open.

    `placed` is what of its product lies in places.
    """

    id: int
    kind: str
    product: int
    sku: str
    amount: int
    taken: int
    due_at: str | None
    reason: str | None
    ref: str | None
    closed_as: str | None
    placed: int = 0


class NewPromise(NamedTuple):
    """What is promised of a product, until when or by when, and what is said of it."""

    kind: str
    product_id: int
    amount: int
    due_at: str | None
    reason: str | None
    ref: str | None
    note: str | None


def clock(session: Session) -> str:
    """Return the present by the clock that judges promises."""
    row = session.one(compiled.CLOCK)
    assert row is not None
    return str(row[0])


def expected(session: Session, product: int) -> int:
    """Return how many units of a product are on their way."""
    return number(session, compiled.EXPECTED, product=product)


def overdue(session: Session, product: int, now: str | None = None) -> int:
    """Return how many units of a product are held by what has run out and is not closed yet."""
    return number(session, compiled.OVERDUE, product=product, now=now or clock(session))


def run_out(session: Session, product: int, now: str) -> list[Promise]:
    """Return what of a locked product's holds has run out and is not closed yet."""
    return _promises(session, compiled.PROMISES_RUN_OUT, product=product, now=now)


def first_due(session: Session, product: int) -> str | None:
    """Return when the first of a product's open holds runs out, None where none does."""
    return first_value(session, compiled.FIRST_DUE, product=product)


def any_open(session: Session) -> bool:
    """Return whether anything is promised at all: who promises nothing pays nothing for it."""
    return session.one(compiled.ANY_OPEN) is not None


def find(session: Session, kind: str, promise: int) -> Promise | None:
    """Return a promise of a kind, whose product nobody else changes meanwhile."""
    # Read once it is locked: who had to wait for that sees what the other one has made of it.
    session.lock(compiled.LOCK_PROMISED, promise=promise)
    row = session.one(compiled.PROMISE, promise=promise)
    found = None if row is None else Promise._make(row)
    return found if found and found.kind == kind else None


def open_of_ref(session: Session, kind: str, ref: str) -> list[Promise]:
    """Return the open promises of a kind with a ref, whose products nobody else changes."""
    session.lock(compiled.LOCK_PROMISED_TO, kind=kind, ref=ref)
    return _promises(session, compiled.PROMISES_OF_REF, kind=kind, ref=ref)


def made_by(session: Session, operation: int) -> list[Promise]:
    """Return the promises that an operation made."""
    return _promises(session, compiled.PROMISES_MADE_BY, operation=operation)


def _promises(session: Session, statement: Text, /, **values: object) -> list[Promise]:
    return [Promise._make(row) for row in one_by_one(session, statement, **values)]


def add(session: Session, operation: Operation, promise: NewPromise, new_id: int) -> None:
    """Write a promise down that an operation makes, under an id that is its own to give."""
    session.run(compiled.ADD_PROMISE, id=new_id, taken=0, made_by=operation.id, **promise._asdict())


def next_id(session: Session) -> int:
    """Return the id of the next promise, which is this transaction's to give in its turn."""
    return number(session, compiled.NEXT_PROMISE)


def close(session: Session, promise: Promise, operation: int, *, taken: int) -> None:
    """Close a promise, of which so many units were taken in all. It is closed once."""
    row = session.one(compiled.CLOSE_PROMISE, promise=promise.id, closed_by=operation, taken=taken)
    assert row is not None, "its product is locked, so nobody else closes it"


def take_part(session: Session, promise: Promise, taken: int) -> None:
    """Note how many units of a promise have been taken in all; it stays open."""
    row = session.one(compiled.TAKE_PART, promise=promise.id, taken=taken)
    assert row is not None, "its product is locked, so nobody else closes it"


def extend(session: Session, promise: Promise, due_at: str) -> None:
    """Give an open promise another time."""
    row = session.one(compiled.EXTEND, promise=promise.id, due_at=due_at)
    assert row is not None, "its product is locked, so nobody else closes it"


def expire(session: Session, product: int, now: str, operation: int) -> None:
    """Close what had run out of a product's holds by a moment."""
    session.run(compiled.EXPIRE, product=product, now=now, closed_by=operation)


def count_of_product(session: Session, product: int) -> int:
    """Return how many promises of a product there have been."""
    return number(session, compiled.PROMISES_OF_PRODUCT, product=product)


def any_closed_by(session: Session, operation: int) -> bool:
    """Return whether an operation closed a promise."""
    return session.one(compiled.CLOSED_A_PROMISE, operation=operation) is not None
