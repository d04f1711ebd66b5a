"""Holds: units promised to somebody until a time, which are committed or let go.

`held` of a product is the sum of its holds that are not closed, and changes in the one statement
that also changes its quantity.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from invctl.core.bulk.lines import Lines
from invctl.core.fingerprints import as_asked
from invctl.core.labels import check_label
from invctl.core.lookup import find_active, find_product, lock_products
from invctl.core.operations import each_of, mutate, warn_once
from invctl.core.overdue import freed_for
from invctl.core.promises.promised import (
    find_still_open,
    list_promises,
    standing,
    standing_of,
    write,
)
from invctl.core.promises.wanted import Wanted, read_wanted, request_of_lines
from invctl.core.stock import move
from invctl.db.database import Database
from invctl.db.session import Row, Session
from invctl.errors import HoldExpired, ProductNotFound
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.promises import HoldChange
from invctl.models.rows import BadRow, FileRow
from invctl.models.several import Several
from invctl.repository import changes, operations, promises
from invctl.repository.changes import Change
from invctl.repository.operations import Draft
from invctl.repository.products import Found
from invctl.repository.promises import HOLD, Promise
from invctl.times import after
from invctl.values import check_amount, parse_amount

LASTING = "15m"
"""How long a hold is good for where nobody says it."""


def create_hold(
    db: Database,
    sku: str,
    amount: int,
    *,
    lasting: str | None = LASTING,
    up_to: bool = False,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> HoldChange:
    """Hold `amount` units for so long (None: until they are let go), or `up_to` what is free.

    Raises InvalidValue, ProductNotFound, ProductArchived or InsufficientStock.
    """
    check_amount(amount)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> HoldChange:
        due_at = _due(session, lasting)
        # What is free is told in units, and so of its SKU: by a code they would be multiplied.
        called, units = _free_up_to(session, draft, sku, amount) if up_to else (sku, amount)
        if not units:
            return _nothing_held(session, draft, sku)
        held = _held(session, draft, Wanted(called, units))
        return _written(session, draft, [held], checked, due_at).changes[0]

    request = {
        "sku": sku,
        "amount": amount,
        "up_to": up_to,
        "for": lasting,
        **as_asked(label, checked)._asdict(),
    }
    return mutate(db, "hold", attempt, lambda: request, work, label=checked)


def create_holds(
    db: Database,
    rows: Iterable[FileRow | BadRow],
    *,
    times: int = 1,
    lasting: str | None = LASTING,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> list[HoldChange]:
    """Hold what every line of a file says, that many `times`; all of it or nothing.

    Cells are in the order of `models.PROMISE_COLUMNS`. Raises InvalidData.
    """
    checked = check_label(label)
    lines = Lines(rows, width=2, fingerprinted=attempt.key is not None)

    def work(session: Session, draft: Draft) -> Several[HoldChange]:
        lines.restart()
        lock_products(session, lines.skus)
        due_at = _due(session, lasting)

        def take(wanted: Wanted) -> tuple[Found, int]:
            return _held(session, draft, wanted)

        held = read_wanted(lines, times, take)
        return _written(session, draft, held, checked, due_at)

    def request() -> object:
        return request_of_lines(lines, times, as_asked(label, checked), lasting)

    return each_of(mutate(db, "hold", attempt, request, work, label=checked, many=True))


def read_wanted_skus(db: Database, texts: Sequence[str]) -> list[Wanted]:
    """Return what each `SKU` or `SKU=N` wants: a unit, or N; a SKU may have a `=` of its own.

    Raises InvalidValue.
    """
    with db.read() as session:
        return [_read_wanted(session, text) for text in texts]


def _read_wanted(session: Session, text: str) -> Wanted:
    sku, found, amount = text.rpartition("=")
    with suppress(ProductNotFound):  # all of it first: a SKU may have a `=` of its own
        product = find_product(session, text)
        return Wanted(product.sku, product.units)
    return Wanted(sku, parse_amount(amount)) if found else Wanted(text, 1)


def hold_all(
    db: Database, wanted: Sequence[Wanted], *, lasting: str, label: Label, attempt: Attempt
) -> list[HoldChange]:
    """Hold all that is wanted, as one operation, or nothing.

    Raises ProductNotFound, ProductArchived or InsufficientStock.
    """
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> Several[HoldChange]:
        lock_products(session, lambda: (one.sku for one in wanted))
        due_at = _due(session, lasting)
        held = [_held(session, draft, one) for one in wanted]
        return _written(session, draft, held, checked, due_at)

    return each_of(mutate(db, "hold", attempt, lambda: wanted, work, label=checked, many=True))


def _held(session: Session, draft: Draft, wanted: Wanted) -> tuple[Found, int]:
    """Hold what is wanted of a product; return it, and how many units that is."""
    moved = move(session, draft, wanted.sku, 0, held_by=wanted.amount)
    return moved, wanted.amount * moved.units


def _written(
    session: Session,
    draft: Draft,
    held: Sequence[tuple[Found, int]],
    label: Label,
    due_at: str | None,
) -> Several[HoldChange]:
    """Write down what was held as one operation, and answer each hold."""
    operation, first = write(session, draft, HOLD, held, label, due_at)
    answers = [
        HoldChange(
            operation.id, "hold", moved.sku, number, units, "open", *standing(session, moved),
            due_at=due_at,
        )
        for number, (moved, units) in enumerate(held, first)
    ]  # fmt: skip
    return Several(operation.id, answers)


def extend_all(
    db: Database, holds: Sequence[int], lasting: str, *, label: Label = NO_LABEL, attempt: Attempt
) -> list[HoldChange]:
    """Make those of some holds that are still good so for so long from now on, as one operation.

    Raises PromiseNotFound, or HoldClosed or HoldExpired where none is.
    """
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> Several[HoldChange]:
        still_open = find_still_open(session, holds)
        now = promises.clock(session)
        found = [one for one in still_open if one.due_at is None or one.due_at > now]
        if not found:
            refuse_overdue(still_open[0], now)
        due_at = after(now, lasting, "for")
        for one in found:
            warn_once(db, _warning_of_less(one, due_at))
            promises.extend(session, one, due_at)
        operation = operations.enter(session, draft, changes=len(found))
        extended = [Change(one.product, one.sku, "held_until", one.due_at, due_at) for one in found]
        changes.append(session, operation, extended)
        answers = [
            HoldChange(
                operation.id, "extend", one.sku, one.id, one.amount, "open",
                *standing_of(session, one.sku), due_at=due_at,
            )
            for one in found
        ]  # fmt: skip
        return Several(operation.id, answers)

    request = {"holds": list(holds), "for": lasting, **as_asked(label, checked)._asdict()}
    return each_of(mutate(db, "extend", attempt, lambda: request, work, label=checked))


def _warning_of_less(hold: Promise, due_at: str) -> str | None:
    """Return what to say where a hold is good for less long than it was."""
    if hold.due_at is None:
        return f"hold {hold.id} was good without end"
    return f"hold {hold.id} was good until {hold.due_at}" if due_at < hold.due_at else None


def extend_hold(
    db: Database, hold: int, lasting: str, *, label: Label = NO_LABEL, attempt: Attempt
) -> HoldChange:
    """Make a hold good for so long from now on.

    Raises PromiseNotFound, HoldClosed or HoldExpired.
    """
    return extend_all(db, [hold], lasting, label=label, attempt=attempt)[0]


def list_holds(
    db: Database,
    *,
    skus: Sequence[str] = (),
    refs: Sequence[str] = (),
    state: str | None = None,
) -> Iterator[Sequence[Row]]:
    """Yield holds in chunks as PROMISE_FIELDS, in order of id: one of HOLD_STATES.

    Where no state is given, those that nobody has closed. Raises ProductNotFound.
    """
    return list_promises(db, HOLD, skus=skus, refs=refs, state=state)


def _due(session: Session, lasting: str | None) -> str | None:
    return None if lasting is None else after(promises.clock(session), lasting, "for")


def _free_up_to(session: Session, draft: Draft, sku: str, amount: int) -> tuple[str, int]:
    """Return how many units of which SKU can be held of as many; it is locked from here on."""
    found, wanted = freed_for(session, draft, sku, amount)
    return found.sku, min(wanted, found.quantity - found.held)


def _nothing_held(session: Session, draft: Draft, sku: str) -> HoldChange:
    found = find_active(session, sku)  # anew: what had run out of it may just have been closed
    operation = operations.enter(session, draft)
    return HoldChange(
        operation.id, "hold", found.sku, None, 0, None, *standing(session, found), due_at=None
    )


def refuse_overdue(hold: Promise, now: str) -> None:
    """Raise HoldExpired for a hold that had run out by a moment."""
    if hold.due_at is not None and hold.due_at <= now:
        raise HoldExpired(hold.id, hold.due_at)
