"""The records that programs read, as models: made of those of `models`, and only here.

They describe; answers are written as they are, without being built as models first.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from invctl.models import batches, products, promises, stock, undos
from invctl.models.fields import MOVEMENT_FIELDS, PRODUCT_FIELDS, PROMISE_FIELDS
from invctl.models.rows import MovementRow

_PROMISE: Mapping[str, Any] = {
    "id": int,
    "sku": str,
    "amount": int,
    "state": str,
    "due_at": str | None,
    "reason": str | None,
    "ref": str | None,
    "note": str | None,
    "actor": str,
    "created_at": str,
    "closed_at": str | None,
    "operation": int,
}


def _model(name: str, fields: Mapping[str, Any]) -> type[BaseModel]:
    """Return the model of records that have all of those fields and no other."""
    required: dict[str, Any] = {field: (kind, ...) for field, kind in fields.items()}
    made: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid"), **required)
    return made


def _of(record: type) -> type[BaseModel]:
    return _model(record.__name__, get_type_hints(record))


_PRODUCT = get_type_hints(products.Product)
_DONE = {
    "operation": int,
    "kind": str,
    "delta": int,
    "movement": int | None,
    "replayed": bool,
}
PRODUCT_CHANGE_FIELDS = (*PRODUCT_FIELDS, *_DONE)
"""A product after a change, and what did it."""

Product = _of(products.Product)
ProductAfter = _model("ProductAfter", {**_PRODUCT, **_DONE})
Movement = _model("Movement", dict(zip(MOVEMENT_FIELDS, get_args(MovementRow), strict=True)))
Hold = _model("Hold", {field: _PROMISE[field] for field in PROMISE_FIELDS})
HoldChange = _of(promises.HoldChange)
StockChange = _of(stock.StockChange)
BatchChange = _of(batches.BatchChange)
StockUndo = _of(undos.StockUndo)
BatchUndo = _of(undos.BatchUndo)
Error = _model(
    "Error",
    {
        "error": str,
        "detail": str,
        "code": str,
        "retryable": bool,
        "details": dict[str, Any],
    },
)
# Lists of them, which a type checker does not know for types: they are made here.
PRODUCTS: Any = list[Product]  # type: ignore[valid-type]
MOVEMENTS: Any = list[Movement | dict[str, Any]]  # type: ignore[valid-type]
HOLDS: Any = list[Hold]  # type: ignore[valid-type]
UNDO: Any = StockUndo | BatchUndo

Health = _model("Health", {"status": Literal["ok"], "engine": str, "sku_rule": str})
