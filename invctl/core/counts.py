"""What a count means: of this moment, or of the moment in which the shelf was looked at."""

from invctl.core.balance import fits
from invctl.db.session import Session
from invctl.errors import BalanceLimit, InventoryError, StaleCount, UnitsHeld, UnitsPlaced
from invctl.repository import changes, movements
from invctl.repository.changes import Change, Count
from invctl.repository.products import Found


def target_of(session: Session, found: Found, counted: int, moment: str | None) -> int:
    """Return what a product's quantity must become where it was counted at a moment.

    What happened to it since then comes on top. Raises StaleCount where it was counted later, or
    where less than nothing would be left.
    """
    if moment is None:
        return counted
    refuse_later_count(found.sku, moment, changes.last_count(session, found.id))
    since = movements.since(session, found.id, moment)
    return brought_forward(found.sku, counted, since, moment)


def refuse_later_count(sku: str, moment: str, last: Count | None) -> None:
    """Raise StaleCount for a count of a moment after which there was another one."""
    if last is not None and last.occurred_at > moment:
        raise StaleCount(sku, moment, counted_by=last.operation)


def brought_forward(sku: str, counted: int, since: int, moment: str) -> int:
    """Return what there must be by now where so many were counted at a moment.

    `since` is what was moved after it. Raises StaleCount where more went out than was counted.
    """
    if counted + since < 0:
        raise StaleCount(sku, moment, quantity=counted + since)
    return counted + since


def change_of(found: Found, counted: int, target: int, moment: str) -> Change:
    """Return the change that a count is: what the book said then, and what was counted."""
    # What comes on top of the count happened after it: the book had not seen that then.
    book = found.quantity - (target - counted)
    return changes.count_of(found.id, found.sku, book, counted, moment)


def refuse_count(found: Found, target: int) -> None:
    """Raise UnitsHeld, UnitsPlaced or BalanceLimit where the guard would let no such count pass."""
    if not fits(target, found.held, found.placed):
        raise refusal_of_count(found, target)


def refusal_of_count(found: Found, target: int) -> InventoryError:
    """Return why a product's quantity cannot become what was counted."""
    if target < found.held:
        return UnitsHeld(found.sku, target, found.held)
    if target < found.placed:
        return UnitsPlaced(found.sku, target, found.placed)
    return BalanceLimit(found.sku, found.quantity, target - found.quantity)


def warning_of(sku: str, moment: str, last: Count | None) -> str | None:
    """Return what to say of a movement that happened before its product's last count."""
    if last is None or moment >= last.occurred_at:
        return None
    return (
        f"{sku} was counted after that (operation {last.operation}): "
        "if the count had it already, it is counted twice now"
    )
