"""Changes of one product's stock: add, remove, set."""

from collections.abc import Sequence

from invctl.core.balance import fits, refusal
from invctl.core.counts import change_of, refusal_of_count, target_of, warning_of
from invctl.core.fingerprints import as_asked, request_of
from invctl.core.labels import check_label, stored
from invctl.core.lookup import find_active
from invctl.core.moves import multiplied
from invctl.core.operations import mutate, warn_once
from invctl.core.overdue import freed, freed_for
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import InsufficientStock, InventoryError, StaleQuantity
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.stock import StockChange
from invctl.repository import changes, movements, operations, postings, products, promises
from invctl.repository.operations import Draft, Operation
from invctl.repository.products import Found
from invctl.values import check_amount, check_optional_quantity, check_quantity, known_sku


def add_stock(
    db: Database, sku: str, amount: int, *, label: Label = NO_LABEL, attempt: Attempt
) -> StockChange:
    """Add `amount` units. Raises ProductNotFound, ProductArchived or BalanceLimit."""
    check_amount(amount)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        return _post(db, session, draft, sku, amount, checked)

    def request() -> object:
        return request_of("add", sku, amount, as_asked(label, checked))

    return mutate(db, "add", attempt, request, work, label=checked)


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
            return _post(db, session, draft, sku, -amount, checked)
        found, wanted = freed_for(session, draft, sku, amount)
        # Nothing is taken from a place that nobody named; what is held may lie anywhere: not both.
        available = found.quantity - max(found.held, found.placed)
        if not available:
            return _nothing(session, draft, found)
        # By its SKU: these are units, and by a code they would be multiplied once more.
        return _post(db, session, draft, found.sku, -min(wanted, available), checked)

    def request() -> object:
        return request_of("remove", sku, amount, as_asked(label, checked), up_to=up_to)

    return mutate(db, "remove", attempt, request, work, label=checked)


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

    Raises StaleQuantity, UnitsPlaced or ProductArchived.
    """
    check_quantity(quantity)
    check_optional_quantity(expect, "expect")
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        found = find_active(session, sku)
        counted = multiplied(quantity, found.units, "quantity", str(quantity))
        if found.placed:
            from invctl.core.whereabouts import units_placed

            raise units_placed(session, found, counted)
        if expect is not None and expect != found.quantity:
            raise StaleQuantity(found.sku, expect, found.quantity)
        return _count(session, draft, found, counted, checked)

    def request() -> object:
        return request_of("set", sku, quantity, as_asked(label, checked), expect=expect)

    return mutate(db, "set", attempt, request, work, label=checked)


def move_nothing(db: Database, sku: str, *, label: Label, attempt: Attempt) -> StockChange:
    """Move no unit, as a line with a delta of 0 asks. Raises ProductNotFound or ProductArchived."""
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> StockChange:
        return _nothing(session, draft, find_active(session, sku))

    def request() -> object:
        # As `requests.kind_of` calls it: so the key holds whether it is alone or in a group.
        return request_of("remove", sku, 0, as_asked(label, checked))

    return mutate(db, "remove", attempt, request, work, label=checked)


def _nothing(session: Session, draft: Draft, found: Found) -> StockChange:
    """Write down an operation that moves nothing, and answer it."""
    return answer_of(session, operations.enter(session, draft), found, 0, [])


def _post(
    db: Database, session: Session, draft: Draft, sku: str, by: int, label: Label
) -> StockChange:
    """Move `by` units, or scans, as an operation of their own, or raise and change nothing."""
    known, given = known_sku(sku), stored(label, draft.recorded_at)
    posted = postings.post(session, draft, known, by, given) if known else None
    if posted is None:
        moved = _move_after_all(session, draft, sku, by=by, held_by=0, placed_by=0)
        by *= moved.units
        operation = operations.enter(session, draft, movements=1)
        movements.append(session, operation, moved, by, given)
    else:
        moved, operation = posted
    warn_once(db, dated_warning(session, moved, label))
    return answer_of(session, operation, moved, by, [operation.first_movement])


def dated_warning(session: Session, moved: Found, label: Label) -> str | None:
    """Return what to say of a movement that happened before its product's last count."""
    if label.at is None:
        return None
    return warning_of(moved.sku, label.at, changes.last_count(session, moved.id))


def _count(session: Session, draft: Draft, found: Found, counted: int, label: Label) -> StockChange:
    """Make a product's stock what was counted, also where that moves nothing."""
    target = target_of(session, found, counted, label.at)
    by = target - found.quantity
    moved: Found | None = found
    if by:
        if target < found.held:
            found = freed(session, draft, found)
        moved = products.move(session, found.sku, by, draft.recorded_at)
    if moved is None:
        raise refusal_of_count(found, target)
    operation = operations.enter(session, draft, movements=1 if by else 0, changes=1)
    given = stored(label, draft.recorded_at)
    ids = [operation.first_movement] if by else []
    if by:
        movements.append(session, operation, moved, by, given)
    changes.append(session, operation, [change_of(found, counted, target, given.occurred_at)])
    return answer_of(session, operation, moved, by, ids)._replace(counted=counted)


def answer_of(
    session: Session, operation: Operation, moved: Found, delta: int, ids: Sequence[int]
) -> StockChange:
    """Return what an operation did to a product; one movement is named, several are listed."""
    return StockChange(
        operation=operation.id,
        kind=operation.kind,
        sku=moved.sku,
        delta=delta,
        quantity=moved.quantity,
        movement=ids[0] if len(ids) == 1 else None,
        low=is_low(session, moved),
        movement_ids=ids,
    )


def is_low(session: Session, moved: Found) -> bool:
    """Return whether a product is at or under its reorder point, what is on its way included."""
    point, available = moved.reorder_point, moved.quantity - moved.held
    if point is None or available > point:
        return False  # the rule: nobody's promises have to be looked at
    if moved.held:
        available += promises.overdue(session, moved.id)
    return available + promises.expected(session, moved.id) <= point


def move(
    session: Session, draft: Draft, sku: str, by: int, *, held_by: int = 0, placed_by: int = 0
) -> Found:
    """Move `by` units of a product, hold and place so many more, or raise and change nothing.

    Where a code was typed they are scans, of as many `units` each as the answer says. Holds that
    have run out are closed only where they are in the way. Raises ProductNotFound,
    ProductArchived, InsufficientStock, InvalidValue or BalanceLimit.
    """
    # No code is a SKU: what the UPDATE finds by this name is moved by as many as were said.
    known, now = known_sku(sku), draft.recorded_at
    scans = {"by": by, "held_by": held_by, "placed_by": placed_by}
    moved = products.move(session, known, now=now, **scans) if known else None
    return moved or _move_after_all(session, draft, sku, **scans)


def _move_after_all(session: Session, draft: Draft, sku: str, **scans: int) -> Found:
    """Move a product that the guard refused by the name that was typed, or say why it cannot be."""
    found = find_active(session, sku, lock=False)  # a refusal waits for nobody
    units = _in_units(found, scans)
    if not found.held and not _fits(found, **units):
        raise why_refused(session, found, units["by"], units["held_by"])
    # Somebody else's change came between the two, or holds have run out. Once the product is
    # locked none does.
    found = find_active(session, sku)
    units = _in_units(found, scans)
    if not _fits(found, **units):
        found = freed(session, draft, found)
    moved = products.move(session, found.sku, now=draft.recorded_at, **units)
    if moved is None:
        raise why_refused(session, found, units["by"], units["held_by"])
    return moved._replace(units=found.units)


def _in_units(found: Found, scans: dict[str, int]) -> dict[str, int]:
    """Return how many units so many scans are. Raises InvalidValue."""
    if found.units == 1:
        return scans
    amount = str(max(abs(by) for by in scans.values()))
    return {name: multiplied(by, found.units, "amount", amount) for name, by in scans.items()}


def why_refused(session: Session, found: Found, by: int, held_by: int = 0) -> InventoryError:
    """Return why a product's stock cannot change, till when units are held, and where they lie."""
    refused = refusal(found, by, held_by)
    if not isinstance(refused, InsufficientStock):
        return refused
    if found.held:
        refused.details["held_until"] = promises.first_due(session, found.id)
    if not found.placed or by >= 0:
        return refused
    from invctl.core.whereabouts import telling_places

    return telling_places(session, found.id, refused)


def _fits(found: Found, by: int, held_by: int, placed_by: int) -> bool:
    """Return whether the guard of the UPDATE would let a change pass."""
    return fits(found.quantity + by, found.held + held_by, found.placed + placed_by)
