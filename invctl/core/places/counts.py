"""Counts of what lies in a place, of one lot: what becomes of it, and what of the other lots."""

from collections.abc import Sequence

from invctl.core.balance import Pot
from invctl.core.counts import brought_forward, refuse_count, refuse_later_count
from invctl.core.places.spots import Spot
from invctl.db.session import Session
from invctl.repository import places
from invctl.repository.changes import Change, field_of_pot
from invctl.repository.products import Found


def target_in_pot(
    session: Session, found: Found, pot: Pot, counted: int, moment: str | None
) -> int:
    """Return what a pot must become that was counted at a moment: see `counts.target_of`.

    Raises StaleCount.
    """
    if moment is None:
        return counted
    # One that is not there yet has the number 0, which no count and no movement names.
    last = places.last_count(session, found.id, field_of_pot(pot.id))
    refuse_later_count(found.sku, moment, last)
    since = places.moved_since(session, found.id, pot.id, moment)
    return brought_forward(found.sku, counted, since, moment)


def refuse_count_in_pot(found: Found, total: int) -> None:
    """Raise UnitsHeld or BalanceLimit where a count of pots makes a product what it cannot be."""
    # What lies in places is no bound: that is just what was counted, and changes by as much.
    refuse_count(found._replace(placed=0), total)


def change_in_pot(found: Found, pot: Pot, counted: int, target: int, moment: str) -> Change:
    """Return the change that a count of a pot is: what the book said then, and what was counted."""
    book = pot.now - (target - counted)
    return Change(found.id, found.sku, field_of_pot(pot.id), str(book), str(counted), moment)


def warning_of_others(sku: str, spot: Spot, others: Sequence[Pot]) -> str | None:
    """Return what to say of a place that was counted without a word of lots, and has some."""
    if not others or spot.lot_name:
        return None
    lots = ", ".join(f"{one.now} of lot {one.lot}" if one.lot else f"{one.now}" for one in others)
    return f"besides what was counted {others[0].place} has {lots} of {sku}; --lot says which"
