"""How holds end: their units are committed, or let go."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from invctl.core.fingerprints import as_asked, asked_of
from invctl.core.labels import check_label
from invctl.core.operations import each_of, mutate
from invctl.core.places.parts import Part, Placed
from invctl.core.promises.holds import refuse_overdue
from invctl.core.promises.promised import (
    Kept,
    close_all,
    closed_hold,
    find_of_ref,
    find_open,
    find_promise,
    find_still_open,
    keep,
    let_go,
    standing,
)
from invctl.core.stock import answer_of, move
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import HoldClosed, MoreThanPromised
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.promises import HoldChange
from invctl.models.several import Several
from invctl.models.stock import StockChange
from invctl.repository import promises
from invctl.repository.operations import Draft
from invctl.repository.promises import HOLD, Promise
from invctl.values import check_amount, check_text

if TYPE_CHECKING:
    from invctl.core.places.spots import Spot


def commit_hold(
    db: Database,
    hold: int,
    amount: int | None = None,
    *,
    spot: "Spot | None" = None,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> StockChange:
    """Take the units of a hold, or `amount` of them: what is left of it is free again.

    In time that never fails for want of stock, unless a `spot` says where they are to be taken.
    Raises PromiseNotFound, HoldClosed, HoldExpired, MoreThanPromised, and what `take` raises.
    """
    if amount is not None:
        check_amount(amount)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        found = find_open(session, HOLD, hold)
        if amount is not None and amount > found.amount:
            raise MoreThanPromised(HOLD, found.id, found.amount, amount)
        wanted = [(found, amount or found.amount)]
        return _commit(db, session, draft, wanted, checked, spot)[0]

    request = {"hold": hold, "amount": amount, **as_asked(label, checked)._asdict()}
    request |= asked_of("from", spot)
    return mutate(db, "commit", attempt, lambda: request, work, label=checked)


def commit_holds(
    db: Database, ref: str, *, label: Label = NO_LABEL, attempt: Attempt
) -> list[StockChange]:
    """Take the units of all open holds with a ref, as one operation.

    Raises PromiseNotFound where there are none, and HoldExpired where one of them has run out.
    """
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> Several[StockChange]:
        wanted = [(one, one.amount) for one in find_of_ref(session, HOLD, ref)]
        done = _commit(db, session, draft, wanted, checked)
        return Several(done[0].operation, done)

    request = {"holds": check_text(ref, "ref"), **as_asked(label, checked)._asdict()}
    return each_of(mutate(db, "commit", attempt, lambda: request, work, label=checked))


def commit_all(
    db: Database, holds: Sequence[int], *, label: Label, attempt: Attempt
) -> HoldClosed | None:
    """Take the units of those of several holds that are still open, as one operation.

    Returns what there is to say of the first that is not, None where all were taken. Raises
    PromiseNotFound, HoldExpired, or HoldClosed where none is open.
    """
    checked = check_label(label)
    closed: list[HoldClosed] = []

    def work(session: Session, draft: Draft) -> Several[StockChange]:
        found = find_still_open(session, holds)
        others = set(holds) - {one.id for one in found}
        # In place: the work may be done again.
        closed[:] = [closed_hold(find_promise(session, HOLD, one)) for one in sorted(others)]
        done = _commit(db, session, draft, [(one, one.amount) for one in found], checked)
        return Several(done[0].operation, done)

    mutate(db, "commit", attempt, lambda: {"holds": list(holds)}, work, label=checked)
    return closed[0] if closed else None


def release_all(db: Database, holds: Sequence[int], *, label: Label, attempt: Attempt) -> None:
    """Let the units go of those of several holds that are still open, as one operation.

    Raises PromiseNotFound, or HoldClosed where none is.
    """
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> Several[HoldChange]:
        return _release(session, draft, find_still_open(session, holds))

    mutate(db, "release", attempt, lambda: {"holds": list(holds)}, work, label=checked)


def release_hold(
    db: Database, hold: int, *, label: Label = NO_LABEL, attempt: Attempt
) -> HoldChange:
    """Let the units of a hold go; one that has run out is closed as that.

    Raises PromiseNotFound or HoldClosed.
    """
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> Several[HoldChange]:
        return _release(session, draft, [find_open(session, HOLD, hold)])

    request = {"hold": hold, **as_asked(label, checked)._asdict()}
    return each_of(mutate(db, "release", attempt, lambda: request, work, label=checked))[0]


def release_holds(
    db: Database, ref: str, *, label: Label = NO_LABEL, attempt: Attempt
) -> list[HoldChange]:
    """Let the units of all open holds with a ref go. Raises PromiseNotFound."""
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> Several[HoldChange]:
        return _release(session, draft, find_of_ref(session, HOLD, ref))

    request = {"holds": check_text(ref, "ref"), **as_asked(label, checked)._asdict()}
    return each_of(mutate(db, "release", attempt, lambda: request, work, label=checked))


def _commit(
    db: Database,
    session: Session,
    draft: Draft,
    wanted: Sequence[tuple[Promise, int]],
    label: Label,
    spot: "Spot | None" = None,
) -> list[StockChange]:
    """Take units of locked holds as one operation, and close the holds.

    Each is one movement, or one a pot where the product lies in places.
    """
    now = promises.clock(session)
    for hold, _ in wanted:
        refuse_overdue(hold, now)
    kept = [Kept(one, _take(session, draft, one, units, spot)) for one, units in wanted]
    operation = keep(db, session, draft, kept, label)
    first = operation.first_movement
    answers: list[StockChange] = []
    for (hold, units), (_, placed) in zip(wanted, kept, strict=True):
        promises.close(session, hold, operation.id, taken=units)
        ids = placed.ids(first)  # theirs follow one another, in the order of the holds
        first += len(ids)
        done = answer_of(session, operation, placed.moved, placed.delta, ids)
        answers.append(done._replace(hold=hold.id))
    return answers


def _take(session: Session, draft: Draft, hold: Promise, units: int, spot: "Spot | None") -> Placed:
    """Take units of a hold: from where that is said, else from anywhere."""
    if spot is None and not hold.placed:
        # Of fewer units, too, all that it holds: what is left of it is free.
        moved = move(session, draft, hold.sku, -units, held_by=-hold.amount)
        return Placed(moved, [Part(None, -units)])
    from invctl.core.places.placing import take
    from invctl.core.places.spots import ANY, Spot

    return take(session, draft, hold.sku, units, spot or Spot(ANY), held_by=-hold.amount)


def _release(session: Session, draft: Draft, holds: Sequence[Promise]) -> Several[HoldChange]:
    """Let go of locked holds; those that have run out are closed by an `expire` operation."""
    now = promises.clock(session)
    overdue = [one for one in holds if one.due_at is not None and one.due_at <= now]
    # Of several holds of a product the last one tells how it stands in the end.
    moved = {
        one.product: left for one, left in zip(holds, let_go(session, draft, holds), strict=True)
    }
    kinds = {one.id: "expire" if one in overdue else "release" for one in holds}
    entered: dict[str, int] = {}
    # In the order of the first hold that each closes.
    for kind in dict.fromkeys(kinds.values()):
        # The one that has the key is the one that is answered.
        key = draft.key if kind == "release" or len(overdue) == len(holds) else None
        closing = [one for one in holds if kinds[one.id] == kind]
        entered[kind] = close_all(session, draft._replace(kind=kind, key=key), closing).id
    answers = [
        HoldChange(
            entered[kinds[one.id]], kinds[one.id], one.sku, one.id, one.amount,
            f"{kinds[one.id]}d", *standing(session, moved[one.product]), due_at=one.due_at,
        )
        for one in holds
    ]  # fmt: skip
    return Several(entered.get("release") or entered["expire"], answers)
