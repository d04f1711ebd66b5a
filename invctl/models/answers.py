"""All that a mutation may answer, by the names under which answers are kept."""

from typing import Any

from invctl.models.batches import BatchChange, ImportChange
from invctl.models.places import PlaceChange
from invctl.models.products import CodeChange, ProductChange
from invctl.models.promises import DeliveryChange, HoldChange
from invctl.models.reports import RepairChange
from invctl.models.several import Several
from invctl.models.stock import StockChange
from invctl.models.undos import BatchUndo, StockUndo, Undo

PromiseChange = (
    HoldChange
    | DeliveryChange
    | Several[HoldChange]
    | Several[DeliveryChange]
    | Several[StockChange]
)


Answer = (
    ProductChange
    | Several[ProductChange]
    | StockChange
    | BatchChange
    | ImportChange
    | CodeChange
    | RepairChange
    | PlaceChange
    | Undo
    | PromiseChange
)
"""What a mutation answers."""

ANSWERS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        ProductChange, StockChange, BatchChange, ImportChange, CodeChange, StockUndo, BatchUndo,
        HoldChange, DeliveryChange, Several, PlaceChange,
    )
}  # fmt: skip
"""Those that are kept under a key."""
