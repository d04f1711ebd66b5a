"""Holds that have run out: time alone ends them, and who needs their units closes them.

Nothing looks here unless the guard has refused something for want of units.
"""

from invctl.core.balance import Balance
from invctl.db.session import Session
from invctl.errors import UnitsHeld
from invctl.repository import operations, products, promises
from invctl.repository.operations import Draft
from invctl.repository.products import Facts, Found


def freed(session: Session, draft: Draft, found: Found) -> Found:
    """Close what has run out of a locked product's holds; return it as it is then."""
    return found._replace(held=found.held - close_overdue(session, draft, found))


def free_overdue(session: Session, draft: Draft, balance: Balance) -> None:
    """Close what has run out of a product's holds that is judged in memory, and free the units."""
    balance.free(close_overdue(session, draft, balance.found))


def refuse_held(session: Session, draft: Draft, facts: Facts) -> None:
    """Raise UnitsHeld for a locked product of which units are held; what has run out is not."""
    held = facts.held - close_overdue(session, draft, facts)
    if held:
        raise UnitsHeld(facts.sku, 0, held)


def close_overdue(session: Session, draft: Draft, found: Found | Facts) -> int:
    """Close what has run out of a locked product's holds, as an operation; return the units.

    It changes nothing but `held` and the holds, so it may come while another operation's
    movements are being numbered.
    """
    if not found.held:
        return 0
    now = promises.clock(session)
    units = promises.overdue(session, found.id, now)
    if units:
        moved = products.move(session, found.sku, 0, draft.recorded_at, held_by=-units)
        assert moved is not None, "what is held is not archived, and at least that much is held"
        expiry = Draft("expire", draft.actor, None, draft.recorded_at)
        promises.expire(session, found.id, now, operations.enter(session, expiry).id)
    return units
