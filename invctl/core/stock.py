"""The one place where stock changes: add, remove, set, and the guarded UPDATE under them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from invctl.core.lookup import Found, find_active
from invctl.core.operations import Operation, mutate
from invctl.db.database import Database, Overtaken
from invctl.db.prepared import Prepared, together
from invctl.db.schema import movement, product
from invctl.db.schema import operation as operations
from invctl.errors import BalanceLimit, InsufficientStock, InventoryError, StaleQuantity
from invctl.models import NO_LABEL, Attempt, Label, StockChange
from invctl.values import (
    MAX_QUANTITY,
    check_amount,
    check_quantity,
    check_reason,
    format_time,
    known_sku,
    optional_text,
    parse_time,
)

_NONE = literal_column("0", BigInteger)
_MOST = literal_column(str(MAX_QUANTITY), BigInteger)
_GUARDED = Prepared(
    update(product)
    .where(
        product.c.sku == bindparam("of"),
        product.c.archived_at.is_(None),
        (product.c.quantity + bindparam("by")).between(_NONE, _MOST),
    )
    .values(quantity=product.c.quantity + bindparam("by"), updated_at=bindparam("now"))
    .returning(product.c.quantity)
)
_LABEL = ("reason", "ref", "note", "occurred_at")
# Sent along with the guarded UPDATE and the operation, and so it finds for itself what they made.
# Where the guard refused there is no product of that time, unless by chance: it is taken back then.
_JOURNAL = Prepared(
    insert(movement)
    .from_select(
        ["operation_id", "product_id", "delta", "quantity", *_LABEL],
        select(
            select(func.max(operations.c.id)).scalar_subquery(),
            product.c.id,
            bindparam("by", type_=BigInteger),
            product.c.quantity,
            *(bindparam(name, type_=movement.c[name].type) for name in _LABEL),
        ).where(product.c.sku == bindparam("of"), product.c.updated_at == bindparam("now")),
    )
    .returning(movement.c.id)
)
_TAKE_BACK = delete(movement).where(movement.c.id == bindparam("made"))


class Posted(NamedTuple):
    """A movement as it was made: its id (None if nothing moved) and the balance after it."""

    movement: int | None
    quantity: int


def post(
    connection: Connection, operation: Operation, sku: str, delta: int, label: Label
) -> Posted:
    """Move `delta` units of a product, or raise and change nothing.

    The guard is in the UPDATE itself, so it holds whoever else writes. Raises ProductNotFound,
    ProductArchived, InsufficientStock or BalanceLimit.
    """
    moved = {"of": known_sku(sku), "by": delta, "now": operation.recorded_at}
    labelled = {
        "reason": label.reason,
        "ref": label.ref,
        "note": label.note,
        "occurred_at": label.at or operation.recorded_at,
    }
    with together(connection):
        guarded = _GUARDED.start(connection, moved)
        operation.start()
        journal = _JOURNAL.start(connection, {**moved, **labelled})
        balance, made = guarded.fetchone(), journal.fetchone()
        operation.begin()
    if balance is None:
        if made is not None:
            connection.execute(_TAKE_BACK, {"made": made[0]})
        raise _refusal(connection, sku, delta)
    return Posted(made[0], balance[0])


def _refusal(connection: Connection, sku: str, delta: int) -> InventoryError:
    """Find out why the guard refused. Raises ProductNotFound or ProductArchived itself."""
    # Not locked: the journal is this transaction's by now, and products come before it.
    found = find_active(connection, sku, lock=False)
    if 0 <= found.quantity + delta <= MAX_QUANTITY:
        raise Overtaken
    return refusal(found, delta)


def refusal(found: Found, delta: int) -> InventoryError:
    """Return why a product's stock cannot change by `delta`."""
    if delta > 0:
        return BalanceLimit(found.sku, found.quantity, delta)
    return InsufficientStock(found.sku, -delta, found.quantity)


def add_stock(
    db: Database, sku: str, amount: int, *, label: Label = NO_LABEL, attempt: Attempt
) -> StockChange:
    """Add `amount` units. Raises ProductNotFound, ProductArchived or BalanceLimit."""
    check_amount(amount)
    return _change(db, "add", sku, amount, label, attempt, {"amount": amount})


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

    Raises InsufficientStock, ProductNotFound or ProductArchived.
    """
    check_amount(amount)

    def what_there_is(found: Found) -> int:
        return -min(amount, found.quantity)

    request = {"amount": amount, "up_to": up_to}
    delta = what_there_is if up_to else -amount
    return _change(db, "remove", sku, delta, label, attempt, request)


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

    Raises StaleQuantity, ProductNotFound or ProductArchived.
    """
    check_quantity(quantity)

    def difference(found: Found) -> int:
        if expect is not None and expect != found.quantity:
            raise StaleQuantity(found.sku, expect, found.quantity)
        return quantity - found.quantity

    request = {"quantity": quantity, "expect": expect}
    return _change(db, "set", sku, difference, label, attempt, request)


def _change(
    db: Database,
    kind: str,
    sku: str,
    delta: int | Callable[[Found], int],
    label: Label,
    attempt: Attempt,
    request: Mapping[str, object],
) -> StockChange:
    """Change one product's stock by `delta`, or by what that makes of its state."""
    checked = check_label(label)

    def work(connection: Connection, operation: Operation) -> StockChange:
        if isinstance(delta, int):  # the guard alone decides: no need to look first
            name, by, quantity = known_sku(sku) or sku, delta, 0
        else:
            found = find_active(connection, sku)
            name, by, quantity = found.sku, delta(found), found.quantity
        made = post(connection, operation, name, by, checked) if by else Posted(None, quantity)
        return StockChange(
            operation=operation.id,
            kind=kind,
            sku=name,
            delta=by,
            quantity=made.quantity,
            movement=made.movement,
        )

    return mutate(db, kind, attempt, lambda: {"sku": sku, **request, **label._asdict()}, work)


def check_label(label: Label, time_field: str = "at") -> Label:
    """Return a label as it is stored: its texts in NFC, its time in UTC.

    Raises InvalidValue; `time_field` is what its time was called where it was typed.
    """
    return Label(*store_label(*label, time_field))


def store_label(
    reason: str | None, ref: str | None, note: str | None, at: str | None, time_field: str
) -> tuple[str | None, str | None, str | None, str | None]:
    """Return the parts of a label as they are stored. Raises InvalidValue."""
    return (
        None if reason is None else check_reason(reason),
        optional_text(ref, "ref"),
        optional_text(note, "note"),
        None if at is None else format_time(parse_time(at, time_field)),
    )
