"""Whether a change of stock made its product low, which only people are told."""

from typing import TYPE_CHECKING

from invctl.cli.invocation import Invocation
from invctl.errors import InventoryError

if TYPE_CHECKING:
    from invctl.db.database import Database
    from invctl.models.stock import StockChange
    from invctl.models.undos import StockUndo


def now_low(call: Invocation, db: "Database", change: "StockChange | StockUndo") -> str:
    """Return what to add to a change's sentence where its product was not low before it."""
    if not change.low or change.delta >= 0 or not call.form.is_for_people:
        return ""
    from invctl.core.catalog import get_product

    try:
        product = get_product(db, change.sku)
    except InventoryError:  # the change is done, whatever else cannot be told
        return ""
    # By the answer's own numbers: of a dry run, and of a replay, the product has other ones.
    before = change.quantity - change.delta - product.held + product.expected
    was_low = product.reorder_point is not None and before <= product.reorder_point
    return "" if was_low else ", now low"
