"""Changes of one product's stock that name a place: add, remove, move, set."""

from invctl.core.fingerprints import as_asked, asked_of, request_of
from invctl.core.labels import check_label, stored
from invctl.core.lookup import find_active
from invctl.core.moves import multiplied
from invctl.core.operations import mutate, warn_once
from invctl.core.overdue import freed
from invctl.core.places.counts import (
    change_in_pot,
    refuse_count_in_pot,
    target_in_pot,
    warning_of_others,
)
from invctl.core.places.parts import Part, Placed
from invctl.core.places.placing import enter, put, shift, take
from invctl.core.places.pots import Pots
from invctl.core.places.spots import Spot
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import StaleQuantity, UsageError
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.stock import StockChange
from invctl.repository import places, products
from invctl.repository.operations import Draft
from invctl.repository.products import Found
from invctl.values import check_amount, check_optional_quantity, check_quantity


def add_to_place(
    db: Database, sku: str, amount: int, spot: Spot, *, label: Label = NO_LABEL, attempt: Attempt
) -> StockChange:
    """Add `amount` units in a place, which is made if it is new.

    Raises ProductNotFound, ProductArchived, BalanceLimit or LotDiffers.
    """
    check_amount(amount)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        placed = put(session, draft, sku, amount, spot)
        return enter(db, session, draft, placed, checked)

    request = request_of("add", sku, amount, as_asked(label, checked)) | asked_of("to", spot)
    return mutate(db, "add", attempt, lambda: request, work, label=checked)


def remove_from_place(
    db: Database,
    sku: str,
    amount: int,
    spot: Spot,
    *,
    up_to: bool = False,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> StockChange:
    """Remove `amount` units from a place, or from anywhere where it is `ANY`.

    Without a lot it takes what expires first there. Raises ProductNotFound, ProductArchived,
    PlaceNotFound or InsufficientStock.
    """
    check_amount(amount)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        placed = take(session, draft, sku, amount, spot, up_to=up_to)
        return enter(db, session, draft, placed, checked)

    asked_for = request_of("remove", sku, amount, as_asked(label, checked), up_to=up_to)
    request = asked_for | asked_of("from", spot)
    return mutate(db, "remove", attempt, lambda: request, work, label=checked)


def move_stock(
    db: Database,
    sku: str,
    amount: int,
    source: Spot,
    target: Spot,
    *,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> StockChange:
    """Move `amount` units between two places, or into one, or out of one: no total changes.

    Raises UsageError, ProductNotFound, ProductArchived, PlaceNotFound or InsufficientStock.
    """
    check_amount(amount)
    refuse_standing_still(source, target)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        placed = shift(session, draft, sku, amount, source, target)
        return enter(db, session, draft, placed, checked)

    request = request_of("move", sku, amount, as_asked(label, checked))
    request |= asked_of("from", source) | asked_of("to", target)
    return mutate(db, "move", attempt, lambda: request, work, label=checked)


def refuse_standing_still(source: Spot, target: Spot) -> None:
    """Raise UsageError for a move that goes from a place to itself, or names none."""
    if source.place == target.place:
        problem = f"it lies in {source.place} already" if source.place else "no place is named"
        raise UsageError(problem, "name another place: `--from` where it is, `--to` where it goes")


def count_place(
    db: Database,
    sku: str,
    quantity: int,
    spot: Spot,
    *,
    expect: int | None = None,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> StockChange:
    """Make what lies in a place, of one lot, what was counted; with `expect` only if it is that.

    Raises ProductNotFound, ProductArchived, StaleQuantity, StaleCount, UnitsHeld or BalanceLimit.
    """
    check_quantity(quantity)
    check_optional_quantity(expect, "expect")
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        found = find_active(session, sku)
        pots = Pots(session, rehearsed=draft.rehearsed)
        pots.load([found.id])
        pot = pots.there(found.id, spot)
        if expect is not None and expect != pot.now:
            there, lot = spot.sentence, spot.lot or spot.expires_on
            raise StaleQuantity(found.sku, expect, pot.now, there=there, place=spot.place, lot=lot)
        warn_once(db, warning_of_others(found.sku, spot, pots.others(found.id, spot)))
        counted = multiplied(quantity, found.units, "quantity", str(quantity))
        return _count(db, session, draft, found, pots, spot, counted, checked)

    asked_for = request_of("set", sku, quantity, as_asked(label, checked), expect=expect)
    request = asked_for | asked_of("in", spot)
    return mutate(db, "set", attempt, lambda: request, work, label=checked)


def _count(
    db: Database,
    session: Session,
    draft: Draft,
    found: Found,
    pots: Pots,
    spot: Spot,
    quantity: int,
    label: Label,
) -> StockChange:
    """Make a pot of a locked product what was counted, also where that moves nothing."""
    seen = pots.there(found.id, spot)
    target = target_in_pot(session, found, seen, quantity, label.at)
    by = target - seen.now
    if found.quantity + by < found.held:
        found = freed(session, draft, found)
    refuse_count_in_pot(found, found.quantity + by)
    pot = pots.into(found.id, found.sku, spot)
    moved = found
    if by:
        done = products.move(session, found.sku, by, draft.recorded_at, placed_by=by)
        assert done is not None, "it is locked, and may be that many"
        moved = done
    pots.write()
    if by:
        filled = places.fill(session, pot.id, by)
        assert filled == target, "its product is locked"
    placed = Placed(moved, [Part(pot, by)] if by else [], pots.said)
    given = stored(label, draft.recorded_at)
    change = change_in_pot(found, pot, quantity, target, given.occurred_at)
    return enter(db, session, draft, placed, label, [change])._replace(counted=quantity)
