"""What holds and deliveries have in common: how they are made, found, told of and taken back."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from invctl.core.labels import check_label, named_after
from invctl.core.lookup import find_product
from invctl.core.operations import warn_once
from invctl.core.places.parts import Placed, rows_of
from invctl.core.stock import dated_warning
from invctl.db.database import Database
from invctl.db.session import Row, Session
from invctl.errors import DeliveryClosed, HoldClosed, NothingToUndo, PromiseNotFound
from invctl.models.attempts import Label
from invctl.models.undos import BatchUndo
from invctl.repository import changes, movements, operations, products, promises
from invctl.repository.changes import Change
from invctl.repository.operations import Done, Draft, Operation
from invctl.repository.products import Found
from invctl.repository.promises import DELIVERY, HOLD, NewPromise, Promise
from invctl.values import check_text

_STATES = {
    HOLD: {"commit": "committed", "expire": "expired"},
    DELIVERY: {"receive": "received"},
}
_OTHERWISE = {HOLD: "released", DELIVERY: "cancelled"}


def state_of(promise: Promise) -> str:
    """Return what became of a closed promise."""
    assert promise.closed_as is not None
    return _STATES[promise.kind].get(promise.closed_as, _OTHERWISE[promise.kind])


def find_promise(session: Session, kind: str, number: int) -> Promise:
    """Return a promise, whose product nobody else changes meanwhile. Raises PromiseNotFound."""
    found = promises.find(session, kind, number)
    if found is None:
        other = DELIVERY if kind == HOLD else HOLD
        is_other = promises.find(session, other, number) is not None
        raise PromiseNotFound(kind, number, is_a=other if is_other else None)
    return found


def find_open(session: Session, kind: str, number: int) -> Promise:
    """Return a promise that is not closed. Raises PromiseNotFound, HoldClosed, DeliveryClosed."""
    found = find_promise(session, kind, number)
    refuse_closed(found)
    return found


def find_still_open(session: Session, holds: Sequence[int]) -> list[Promise]:
    """Return those of some holds that are not closed; raises as `find_open` if all are."""
    found = [find_promise(session, HOLD, number) for number in holds]
    still_open = [one for one in found if one.closed_as is None]
    if not still_open:
        refuse_closed(found[0])
    return still_open


def find_of_ref(session: Session, kind: str, ref: str) -> list[Promise]:
    """Return what is not closed of a ref's promises. Raises PromiseNotFound where that is none."""
    checked = check_label(Label(ref=ref)).ref
    found = promises.open_of_ref(session, kind, checked) if checked else []
    if not found:
        raise PromiseNotFound(kind, ref=ref)
    return found


def refuse_closed(promise: Promise) -> None:
    """Raise HoldClosed or DeliveryClosed for a promise that is closed."""
    if promise.closed_as is not None:
        if promise.kind == HOLD:
            raise closed_hold(promise)
        raise DeliveryClosed(promise.id, state_of(promise))


def closed_hold(promise: Promise) -> HoldClosed:
    """Return the error that says what became of a closed hold."""
    return HoldClosed(promise.id, state_of(promise), promise.due_at)


def write(
    session: Session,
    draft: Draft,
    kind: str,
    wanted: Sequence[tuple[Found, int]],
    label: Label,
    due_at: str | None,
) -> tuple[Operation, int]:
    """Enter an operation that promises units of products until, or by, a time (None: without).

    The label is checked. Return the operation and the first promise's id.
    """
    operation = operations.enter(session, draft, changes=len(wanted))
    first = promises.next_id(session)  # in the turn that `enter` took
    told = []
    for number, (product, amount) in enumerate(wanted, first):
        made = NewPromise(kind, product.id, amount, due_at, label.reason, label.ref, label.note)
        promises.add(session, operation, made, number)
        told.append(Change(product.id, product.sku, kind, None, str(amount)))
    changes.append(session, operation, told)
    return operation, first


def close_all(session: Session, draft: Draft, closing: Sequence[Promise]) -> Operation:
    """Enter an operation that ends promises of which nothing more will be taken."""
    # With their reason and ref unless given, so that the log of an order tells its end, too.
    operation = operations.enter(session, named_after(draft, closing), changes=len(closing))
    told = []
    for one in closing:
        promises.close(session, one, operation.id, taken=one.taken)
        told.append(Change(one.product, one.sku, one.kind, str(one.amount - one.taken), None))
    changes.append(session, operation, told)
    return operation


def take_back(session: Session, draft: Draft, done: Done) -> BatchUndo:
    """Release the holds, or cancel the deliveries, that an operation made.

    Raises HoldClosed or DeliveryClosed where one is closed already.
    """
    # Nobody ends a promise whose product is locked.
    products.lock_run(session, done.movements, done.changes)
    made = promises.made_by(session, done.id)
    for one in made:
        refuse_closed(one)
    if done.kind == HOLD:
        let_go(session, draft, made)
    operation = close_all(session, draft, made)
    operations.reverse(session, operation.id, done.id)
    touched = len({one.product for one in made})
    return BatchUndo(operation.id, 0, 0, touched, changes=len(made))


def let_go(session: Session, draft: Draft, made: Sequence[Promise]) -> list[Found]:
    """Hold no more what is held for some holds; return how each one's product stands then."""
    moved = []
    for one in made:
        left = products.move(session, one.sku, 0, draft.recorded_at, held_by=-one.amount)
        assert left is not None, "what is held is not archived, and at least that much is held"
        moved.append(left)
    return moved


def refuse_reopening(session: Session, done: Done) -> None:
    """Raise NothingToUndo for an undo that ended promises: nothing opens them again."""
    if done.kind == "undo" and promises.any_closed_by(session, done.id):
        raise NothingToUndo(done.id)


class Kept(NamedTuple):
    """A promise of which units are moved, and what that did to its product."""

    promise: Promise
    placed: Placed


def keep(
    db: Database, session: Session, draft: Draft, kept: Sequence[Kept], label: Label
) -> Operation:
    """Enter an operation that keeps promises, in movements: their reason and ref unless given.

    The units have moved already.
    """
    # The operation says what they have in common, each movement what its own promise says.
    said_of_all = named_after(draft, [one.promise for one in kept])
    count = sum(len(one.placed.parts) for one in kept)
    operation = operations.enter(session, said_of_all, movements=count)
    rows: list[Row] = []
    for promise, placed in kept:
        said = label._replace(reason=label.reason or promise.reason, ref=label.ref or promise.ref)
        rows += rows_of(operation, placed, said, operation.first_movement + len(rows))
        warn_once(db, dated_warning(session, placed.moved, label), *placed.said)
    movements.append_each(session, rows)
    return operation


def list_promises(
    db: Database, kind: str, *, skus: Sequence[str], refs: Sequence[str], state: str | None
) -> Iterator[Sequence[Row]]:
    """Yield promises in chunks as PROMISE_FIELDS, in order of id; without a state the open ones.

    Raises ProductNotFound.
    """
    from invctl.core.advice import advising
    from invctl.repository.lists import promises as lists
    from invctl.repository.lists.questions import PromiseQuery

    with advising(db), db.read() as session:
        query = PromiseQuery(
            kind=kind,
            now=promises.clock(session),
            products=[find_product(session, sku).id for sku in skus] or None,
            refs=[check_text(one, "ref") for one in refs],
            state=state,
        )
        yield from lists.promises(session, query)


class Standing(NamedTuple):
    """How a product stands after a mutation, what has run out of its holds taken for free."""

    held: int
    available: int
    quantity: int


def standing(session: Session, product: Found) -> Standing:
    """Return how a product stands."""
    overdue = promises.overdue(session, product.id) if product.held else 0
    held = product.held - overdue
    return Standing(held, product.quantity - held, product.quantity)


def standing_of(session: Session, sku: str) -> Standing:
    """Return how a product stands that is not being changed."""
    found = products.find(session, sku)
    assert found is not None, "a product with promises is never deleted"
    return standing(session, found)
