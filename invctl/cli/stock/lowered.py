"""Whether a change made its product low, which only people are told."""

from typing import TYPE_CHECKING

from invctl.cli.invocation import Invocation
from invctl.errors import InventoryError

if TYPE_CHECKING:
    from invctl.db.database import Database
    from invctl.models.products import Product
    from invctl.models.promises import DeliveryChange, HoldChange
    from invctl.models.stock import StockChange
    from invctl.models.undos import StockUndo


# All go by the answer's own numbers: of a dry run, and of a replay, the product has other ones.


def now_low(call: Invocation, db: "Database", change: "StockChange | StockUndo") -> str:
    """Return what to add to a change's sentence where its product was not low before it."""
    product = _product(call, db, change.sku, -change.delta) if change.low else None
    if product is None:
        return ""
    left = change.quantity - product.held + product.expected
    return _crossed(product, left, -change.delta)


def promised_low(call: Invocation, db: "Database", change: "HoldChange | DeliveryChange") -> str:
    """Return the same of units that were held, or are expected no more."""
    product = _product(call, db, change.sku, change.amount)
    if product is None:
        return ""
    left = change.available + product.expected
    if change.kind == "cancel" and change.dry_run:  # so that they are expected all the same
        left -= change.amount
    return _crossed(product, left, change.amount)


def _product(call: Invocation, db: "Database", sku: str, taken: int) -> "Product | None":
    """Return a product of which units were taken; None where nobody is to be told."""
    if taken <= 0 or not call.form.is_for_people:
        return None
    from invctl.core.catalog import get_product

    try:
        return get_product(db, sku)
    except InventoryError:  # the change is done, whatever else cannot be told
        return None


def _crossed(product: "Product", left: int, taken: int) -> str:
    point = product.reorder_point
    return ", now low" if point is not None and left <= point < left + taken else ""
