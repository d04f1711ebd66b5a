"""Moving units into places, out of them and between them, each time under two guards.

The product's guard changes its quantity and what of it is placed; a second one beside it changes
the pot. A product is locked before its pots are looked at, so nobody else changes those meanwhile.
"""

from collections.abc import Sequence

from invctl.core.lookup import find_active
from invctl.core.moves import multiplied
from invctl.core.operations import warn_once
from invctl.core.overdue import freed
from invctl.core.places.parts import Part, Placed, rows_of
from invctl.core.places.pots import Pots
from invctl.core.places.spots import Spot
from invctl.core.places.taking import end_of, parts_shifted, parts_taken
from invctl.core.stock import answer_of, dated_warning, move
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.models.attempts import Label
from invctl.models.stock import StockChange
from invctl.repository import changes, movements, operations, places, products
from invctl.repository.changes import Change
from invctl.repository.operations import Draft
from invctl.repository.products import Found


def put(session: Session, draft: Draft, sku: str, amount: int, spot: Spot) -> Placed:
    """Add units in a place.

    Raises ProductNotFound, ProductArchived, BalanceLimit or LotDiffers.
    """
    if spot.place is None:
        moved = move(session, draft, sku, amount)
        return Placed(moved, [Part(None, amount * moved.units)])
    # Before the pot is looked for: by this the product is locked.
    moved = move(session, draft, sku, amount, placed_by=amount)
    pots = Pots(session, rehearsed=draft.rehearsed)
    pots.load([moved.id])
    part = Part(pots.into(moved.id, moved.sku, spot), amount * moved.units)
    return Placed(moved, _filled(session, pots, [part]), pots.said)


def take(
    session: Session,
    draft: Draft,
    sku: str,
    amount: int,
    spot: Spot,
    *,
    held_by: int = 0,
    up_to: bool = False,
) -> Placed:
    """Take units from where that is said, and let go of what was held; with `up_to` what is there.

    Raises ProductNotFound, ProductArchived, PlaceNotFound or InsufficientStock.
    """
    found = find_active(session, sku)
    amount = _units(found, amount)
    # What a hold lets go of with that is free for it: in time a commit lacks nothing (§8).
    if amount > found.quantity - found.held - held_by:
        found = freed(session, draft, found)
    pots = Pots(session, rehearsed=draft.rehearsed)
    pots.load([found.id])
    parts = parts_taken(pots, found, amount, spot, held_by=held_by, up_to=up_to)
    if not parts:
        return Placed(found, [])
    by, placed_by, now = sum(one.units for one in parts), _placed(parts), draft.recorded_at
    moved = products.move(session, found.sku, by, now, held_by=held_by, placed_by=placed_by)
    assert moved is not None, "it is locked, and as many are free and lie there"
    return Placed(moved, _filled(session, pots, parts), pots.told)


def shift(
    session: Session, draft: Draft, sku: str, amount: int, source: Spot, target: Spot
) -> Placed:
    """Move units from one place to another, or from outside all places, or there.

    Each keeps its lot. Raises ProductNotFound, ProductArchived, PlaceNotFound, InsufficientStock.
    """
    found = find_active(session, sku)
    amount = _units(found, amount)
    pots = Pots(session, rehearsed=draft.rehearsed)
    pots.load([found.id])
    taken = parts_shifted(pots, found, amount, source, target)
    parts = [part for one in taken for part in (one, _put_back(pots, found, one, target))]
    now, placed_by = draft.recorded_at, _placed(parts)
    moved = products.move(session, found.sku, 0, now, placed_by=placed_by)
    assert moved is not None, "it is locked, and as many lie there"
    return Placed(moved, _filled(session, pots, parts), pots.told)


def _put_back(pots: Pots, found: Found, taken: Part, target: Spot) -> Part:
    """Return the part in which units come that were taken somewhere else."""
    if target.place is None:
        return Part(None, -taken.units)
    return Part(pots.into(found.id, found.sku, end_of(taken, target)), -taken.units)


def enter(
    db: Database,
    session: Session,
    draft: Draft,
    placed: Placed,
    label: Label,
    counted: Sequence[Change] = (),
) -> StockChange:
    """Write down what was done as an operation of its own, or what was `counted`; answer it."""
    operation = operations.enter(session, draft, movements=len(placed.parts), changes=len(counted))
    first = operation.first_movement
    movements.append_each(session, list(rows_of(operation, placed, label, first)))
    changes.append(session, operation, counted)
    # A count of then is judged by the last one; what was moved then may be in that already.
    if placed.parts and not counted:
        warn_once(db, dated_warning(session, placed.moved, label))
    warn_once(db, *placed.said)
    return answer_of(session, operation, placed.moved, placed.delta, placed.ids(first))


def _units(found: Found, amount: int) -> int:
    """Return how many units an amount means: of a code, that many scans."""
    return multiplied(amount, found.units, "amount", str(amount))


def _placed(parts: Sequence[Part]) -> int:
    return sum(one.units for one in parts if one.pot)


def _filled(session: Session, pots: Pots, parts: Sequence[Part]) -> Sequence[Part]:
    """Move units in each pot, which are made first where they are new; return the parts."""
    pots.write()
    for pot, units in parts:
        if pot is not None:
            left = places.fill(session, pot.id, units)
            assert left is not None, "its product is locked, and as many were there"
    return parts
