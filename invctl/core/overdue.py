"""Holds that have run out: time alone ends them, and who needs their units closes them.

Nothing looks here unless units are wanted that seem to be held.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from invctl.core.balance import Balance
from invctl.core.labels import named_after
from invctl.core.lookup import find_active
from invctl.core.moves import multiplied
from invctl.db.session import Session
from invctl.errors import InventoryError, UnitsHeld
from invctl.repository import operations, products, promises
from invctl.repository.operations import Draft
from invctl.repository.products import Facts, Found


def freed(session: Session, draft: Draft, found: Found) -> Found:
    """Close what has run out of a locked product's holds; return it as it is then."""
    return found._replace(held=found.held - close_overdue(session, draft, found))


def freed_for(session: Session, draft: Draft, sku: str, amount: int) -> tuple[Found, int]:
    """Return a locked product, and how many units of it an amount means: scans, where it is a code.

    Holds that have run out are closed where they are in the way of as many. Raises
    ProductNotFound, ProductArchived or InvalidValue.
    """
    found = find_active(session, sku)
    units = multiplied(amount, found.units, "amount", str(amount))
    if units > found.quantity - found.held:
        found = freed(session, draft, found)
    return found, units


def free_overdue(session: Session, draft: Draft, balance: Balance) -> None:
    """Close what has run out of a product's holds that is judged in memory, and free the units."""
    balance.free(close_overdue(session, draft, balance.found))


@contextmanager
def freeing_overdue(
    session: Session, draft: Draft, balance: Balance, wanted: int
) -> Iterator[None]:
    """Free what has run out of a product's holds while it is judged whether `wanted` may be left.

    It is closed once that is allowed; what is refused within this changes nothing.
    """
    if wanted >= balance.least or not balance.found.held:
        yield  # nothing that is held is in the way
        return
    now = promises.clock(session)
    units = promises.overdue(session, balance.id, now)
    balance.free(units)
    try:
        yield
    except InventoryError:  # all else ends the transaction, and with it what was freed
        balance.free(-units)
        raise
    if units:
        _close(session, draft, balance.found, units, now)


def refuse_held(session: Session, draft: Draft, facts: Facts) -> None:
    """Raise UnitsHeld for a locked product of which units are held; what has run out is not."""
    held = facts.held - close_overdue(session, draft, facts)
    if held:
        raise UnitsHeld(facts.sku, facts.quantity, held, archiving=True)


def close_overdue(session: Session, draft: Draft, found: Found | Facts) -> int:
    """Close what has run out of a locked product's holds, as an operation; return the units."""
    if not found.held:
        return 0
    now = promises.clock(session)
    units = promises.overdue(session, found.id, now)
    if units:
        _close(session, draft, found, units, now)
    return units


def _close(session: Session, draft: Draft, found: Found | Facts, units: int, now: str) -> None:
    """Close what had run out by a moment, and let go of its units."""
    moved = products.move(session, found.sku, 0, draft.recorded_at, held_by=-units)
    assert moved is not None, "what is held is not archived, and at least that much is held"
    ended = promises.run_out(session, found.id, now)
    expiry = named_after(Draft("expire", draft.actor, None, draft.recorded_at), ended)
    # It has neither movements nor changes, so it may come while those of another are numbered.
    promises.expire(session, found.id, now, operations.enter(session, expiry).id)
