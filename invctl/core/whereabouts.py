"""Where a product lies, as a refusal tells it."""

from invctl.db.session import Session
from invctl.errors import InsufficientStock, UnitsPlaced
from invctl.repository import places
from invctl.repository.products import Found

FROM = "--from says where to take it"
"""What to do where nobody has named the place in which units lie."""


def record_of(
    place: str, lot: str | None, expires_on: str | None, quantity: int
) -> dict[str, object]:
    """Return what lies in one place, of one lot, as the details of an error have it."""
    return {"place": place, "lot": lot or None, "expires_on": expires_on, "quantity": quantity}


def telling_places(session: Session, product: int, refused: InsufficientStock) -> InsufficientStock:
    """Return a refusal that says where a product lies, of which nobody has named a place."""
    return refused.with_places(_contents(session, product), FROM)


def units_placed(session: Session, found: Found, counted: int) -> UnitsPlaced:
    """Return the refusal of a count that names no place: in its details those that there are."""
    refused = UnitsPlaced(found.sku, counted, found.placed)
    refused.details["places"] = _contents(session, found.id)
    return refused


def _contents(session: Session, product: int) -> list[dict[str, object]]:
    found = (one for one in places.pots_of(session, [product]) if one.quantity)
    return [record_of(one.place, one.lot, one.expires_on, one.quantity) for one in found]
