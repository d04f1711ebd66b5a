"""Changes of one product's stock: add, remove, set."""

from invctl.core.balance import refusal
from invctl.core.labels import check_label, stored
from invctl.core.lookup import find_active
from invctl.core.moves import request_of
from invctl.core.operations import mutate
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import StaleQuantity
from invctl.models import NO_LABEL, Attempt, Label, StockChange
from invctl.repository import movements, operations, products
from invctl.repository.operations import Draft
from invctl.repository.products import Found, Moved
from invctl.values import MAX_QUANTITY, check_amount, check_quantity, known_sku


def add_stock(
    db: Database, sku: str, amount: int, *, label: Label = NO_LABEL, attempt: Attempt
) -> StockChange:
    """Add `amount` units. Raises ProductNotFound, ProductArchived or BalanceLimit."""
    check_amount(amount)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        return _post(session, draft, sku, amount, checked)

    return mutate(db, "add", attempt, lambda: request_of("add", sku, amount, label), work)


def remove_stock(
    db: Database,
    sku: str,
    amount: int,
    *,
    up_to: bool = False,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> StockChange:
    """Remove `amount` units, or with `up_to` what there is of them.

    Raises InsufficientStock or ProductArchived.
    """
    check_amount(amount)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        if not up_to:
            return _post(session, draft, sku, -amount, checked)
        found = find_active(session, sku)
        if not found.quantity:
            return _unmoved(session, draft, found)
        return _post(session, draft, sku, -min(amount, found.quantity), checked)

    def request() -> object:
        return request_of("remove", sku, amount, label, up_to=up_to)

    return mutate(db, "remove", attempt, request, work)


def set_stock(
    db: Database,
    sku: str,
    quantity: int,
    *,
    expect: int | None = None,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> StockChange:
    """Make the stock `quantity` units, as counted; with `expect` only if it is that now.

    Raises StaleQuantity or ProductArchived.
    """
    check_quantity(quantity)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        found = find_active(session, sku)
        if expect is not None and expect != found.quantity:
            raise StaleQuantity(found.sku, expect, found.quantity)
        if quantity == found.quantity:
            return _unmoved(session, draft, found)
        return _post(session, draft, sku, quantity - found.quantity, checked)

    def request() -> object:
        return request_of("set", sku, quantity, label, expect=expect)

    return mutate(db, "set", attempt, request, work)


def _post(session: Session, draft: Draft, sku: str, by: int, label: Label) -> StockChange:
    """Move `by` units as an operation of their own, or raise and change nothing."""
    moved = move(session, sku, by, draft.recorded_at)
    operation = operations.enter(session, draft)
    movement = movements.append(session, operation, moved, by, stored(label, draft.recorded_at))
    return StockChange(
        operation=operation.id,
        kind=draft.kind,
        sku=known_sku(sku) or sku,
        delta=by,
        quantity=moved.quantity,
        movement=movement,
    )


def _unmoved(session: Session, draft: Draft, found: Found) -> StockChange:
    """Write down that there was nothing to move, which is an operation too."""
    operation = operations.enter(session, draft)
    return StockChange(operation.id, draft.kind, found.sku, 0, quantity=found.quantity)


def move(session: Session, sku: str, by: int, now: str) -> Moved:
    """Move `by` units of a product, or raise and change nothing.

    Raises ProductNotFound, ProductArchived, InsufficientStock or BalanceLimit.
    """
    known = known_sku(sku)
    moved = products.move(session, known, by, now) if known else None
    if moved is not None:
        return moved
    found = find_active(session, sku, lock=False)  # a refusal waits for nobody
    if not 0 <= found.quantity + by <= MAX_QUANTITY:
        raise refusal(found.sku, found.quantity, by)
    # Somebody else's change came between the two. Once the product is locked none does.
    found = find_active(session, sku)
    moved = products.move(session, found.sku, by, now)
    if moved is None:
        raise refusal(found.sku, found.quantity, by)
    return moved
