"""Deliveries: what is on its way, so that nobody orders it twice, and what becomes of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from invctl.core.bulk.lines import Lines
from invctl.core.fingerprints import as_asked, asked_besides, asked_of
from invctl.core.labels import check_label
from invctl.core.lookup import find_active, lock_products
from invctl.core.moves import multiplied
from invctl.core.operations import each_of, mutate, warn_once
from invctl.core.places.parts import Part, Placed
from invctl.core.promises.promised import (
    Kept,
    close_all,
    find_of_ref,
    find_open,
    keep,
    list_promises,
    standing,
    standing_of,
    write,
)
from invctl.core.promises.wanted import Wanted, read_wanted, request_of_lines
from invctl.core.stock import move
from invctl.db.database import Database
from invctl.db.session import Row, Session
from invctl.errors import BalanceLimit, DeliveryClosed, MoreThanPromised
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.promises import DeliveryChange
from invctl.models.rows import BadRow, FileRow
from invctl.models.several import Several
from invctl.repository import promises
from invctl.repository.operations import Draft
from invctl.repository.products import Found
from invctl.repository.promises import DELIVERY, Promise
from invctl.times import parse_ahead
from invctl.values import MAX_QUANTITY, check_amount, check_text

if TYPE_CHECKING:
    from invctl.core.places.spots import Spot


def expect_delivery(
    db: Database,
    sku: str,
    amount: int,
    *,
    by: str | None = None,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> DeliveryChange:
    """Note that `amount` units are on their way, and `by` when, as typed.

    Raises InvalidValue, ProductNotFound, ProductArchived or BalanceLimit.
    """
    check_amount(amount)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> DeliveryChange:
        wanted = [_expectable(session, Wanted(sku, amount), Counter())]
        return _expect(db, session, draft, wanted, checked, by).changes[0]

    request = {"sku": sku, "amount": amount, "by": by, **as_asked(label, checked)._asdict()}
    return mutate(db, "expect", attempt, lambda: request, work, label=checked)


def expect_deliveries(
    db: Database,
    rows: Iterable[FileRow | BadRow],
    *,
    by: str | None = None,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> list[DeliveryChange]:
    """Note that what every line of a file says is on its way; all of it or nothing.

    Cells are in the order of `models.PROMISE_COLUMNS`. Raises InvalidData.
    """
    checked = check_label(label)
    lines = Lines(rows, width=2, fingerprinted=attempt.key is not None)

    def work(session: Session, draft: Draft) -> Several[DeliveryChange]:
        lines.restart()
        lock_products(session, lines.skus)
        coming: Counter[int] = Counter()
        wanted = read_wanted(lines, 1, lambda one: _expectable(session, one, coming))
        return _expect(db, session, draft, wanted, checked, by)

    def request() -> object:
        return request_of_lines(lines, 1, as_asked(label, checked), by)

    return each_of(mutate(db, "expect", attempt, request, work, label=checked, many=True))


def receive_delivery(
    db: Database,
    delivery: int,
    amount: int | None = None,
    *,
    over: bool = False,
    spot: "Spot | None" = None,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> DeliveryChange:
    """Add what has come of a delivery, all that is left of it or `amount`: the rest stays open.

    Raises PromiseNotFound, DeliveryClosed, ProductArchived, BalanceLimit, and MoreThanPromised
    where it is more than was expected, unless that may be `over`.
    """
    if amount is not None:
        check_amount(amount)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> DeliveryChange:
        found = _to_come(session, delivery)
        rest = found.amount - found.taken
        if amount is not None and amount > rest and not over:
            raise MoreThanPromised(DELIVERY, found.id, rest, amount)
        wanted = [(found, amount or rest)]
        return _receive(db, session, draft, wanted, checked, spot).changes[0]

    request = {"delivery": delivery, "amount": amount, **as_asked(label, checked)._asdict()}
    request |= asked_besides(over=over or None) | asked_of("to", spot)
    return mutate(db, "receive", attempt, lambda: request, work, label=checked)


def receive_deliveries(
    db: Database,
    ref: str,
    *,
    spot: "Spot | None" = None,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> list[DeliveryChange]:
    """Add what is left of all open deliveries with a ref, as one operation.

    Raises PromiseNotFound where there are none.
    """
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> Several[DeliveryChange]:
        found = find_of_ref(session, DELIVERY, ref)
        wanted = [(one, one.amount - one.taken) for one in found]
        return _receive(db, session, draft, wanted, checked, spot)

    request = {"deliveries": check_text(ref, "ref"), **as_asked(label, checked)._asdict()}
    request |= asked_of("to", spot)
    return each_of(mutate(db, "receive", attempt, lambda: request, work, label=checked))


def cancel_delivery(
    db: Database, delivery: int, *, label: Label = NO_LABEL, attempt: Attempt
) -> DeliveryChange:
    """Expect no more of a delivery. Raises PromiseNotFound or DeliveryClosed."""
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> DeliveryChange:
        found = find_open(session, DELIVERY, delivery)
        operation = close_all(session, draft, [found])
        return DeliveryChange(
            operation.id, "cancel", found.sku, found.id, found.amount - found.taken, "cancelled",
            *standing_of(session, found.sku), due_at=found.due_at,
        )  # fmt: skip

    request = {"delivery": delivery, **as_asked(label, checked)._asdict()}
    return mutate(db, "cancel", attempt, lambda: request, work, label=checked)


def list_deliveries(
    db: Database,
    *,
    skus: Sequence[str] = (),
    refs: Sequence[str] = (),
    overdue: bool = False,
) -> Iterator[Sequence[Row]]:
    """Yield the open deliveries in chunks as PROMISE_FIELDS, in order of id.

    With `overdue` those that should have come by now. Raises ProductNotFound.
    """
    state = "overdue" if overdue else None
    return list_promises(db, DELIVERY, skus=skus, refs=refs, state=state)


def _expectable(session: Session, wanted: Wanted, coming: Counter[int]) -> tuple[Found, int]:
    """Return a locked product and how many units of it are to be expected.

    `coming` is what lines before this one expect of each product. Raises BalanceLimit where all
    that is on its way could never be kept.
    """
    found = find_active(session, wanted.sku)
    units = multiplied(wanted.amount, found.units, "amount", str(wanted.amount))
    expected = promises.expected(session, found.id) + coming[found.id]
    if found.quantity + expected + units > MAX_QUANTITY:
        raise BalanceLimit(found.sku, found.quantity, units)
    coming[found.id] += units
    return found, units


def _expect(
    db: Database,
    session: Session,
    draft: Draft,
    wanted: Sequence[tuple[Found, int]],
    label: Label,
    by: str | None,
) -> Several[DeliveryChange]:
    now = promises.clock(session)
    due_at = None if by is None else parse_ahead(by, "by", now)
    if due_at is not None and due_at <= now:
        warn_once(db, f"{by} is past: what is expected by then is overdue already")
    operation, first = write(session, draft, DELIVERY, wanted, label, due_at)
    answers = [
        DeliveryChange(
            operation.id, "expect", found.sku, number, units, "open", *standing(session, found),
            due_at=due_at,
        )
        for number, (found, units) in enumerate(wanted, first)
    ]  # fmt: skip
    return Several(operation.id, answers)


class Receipt(NamedTuple):
    """What has come of a delivery."""

    delivery: Promise
    units: int

    @property
    def taken(self) -> int:
        """How many units of it have come in all."""
        return self.delivery.taken + self.units

    @property
    def is_whole(self) -> bool:
        """Whether nothing more is to come."""
        return self.taken >= self.delivery.amount


def _receive(
    db: Database,
    session: Session,
    draft: Draft,
    wanted: Sequence[tuple[Promise, int]],
    label: Label,
    spot: "Spot | None" = None,
) -> Several[DeliveryChange]:
    """Add what has come of locked deliveries as one operation, one movement a delivery."""
    came = [Receipt(*one) for one in wanted]
    kept = [Kept(one.delivery, _put(session, draft, one, spot)) for one in came]
    operation = keep(db, session, draft, kept, label)
    for one in came:
        if one.is_whole:
            promises.close(session, one.delivery, operation.id, taken=one.taken)
        else:
            promises.take_part(session, one.delivery, one.taken)
    answers = [
        DeliveryChange(
            operation.id, "receive", placed.moved.sku, one.delivery.id, one.units,
            "received" if one.is_whole else "open", *standing(session, placed.moved),
            due_at=one.delivery.due_at,
        )
        for one, (_, placed) in zip(came, kept, strict=True)
    ]  # fmt: skip
    return Several(operation.id, answers)


def _to_come(session: Session, delivery: int) -> Promise:
    """Return an open delivery. Raises PromiseNotFound, and DeliveryClosed, with what to do."""
    try:
        return find_open(session, DELIVERY, delivery)
    except DeliveryClosed as closed:
        closed.hint = "`invctl stock add` adds what came besides"
        raise


def _put(session: Session, draft: Draft, came: Receipt, spot: "Spot | None") -> Placed:
    """Add what has come of a delivery, in a place where one is said."""
    if spot is None:
        moved = move(session, draft, came.delivery.sku, came.units)
        return Placed(moved, [Part(None, came.units)])
    from invctl.core.places.placing import put

    return put(session, draft, came.delivery.sku, came.units, spot)
