"""What other programs and people call the columns, where it can mean nothing else.

A name that is sometimes another thing is left out on purpose: a barcode is no SKU, `reorder
quantity` is how many to order, the quantity of a sale is no signed delta, and a location may be a
branch, a town or a supplier's shelf: who names no place is to notice nothing of them.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from invctl.files.rows import plain

SYNONYMS: Mapping[str, Sequence[str]] = {
    "sku": (
        "sku code", "sku number", "sku id", "item sku", "product sku", "variant sku", "item code",
        "product code", "stock code", "part number", "part no", "internal part number", "ipn",
        "internal reference",
    ),
    "name": ("title", "item", "item name", "product", "product name", "product title"),
    "description": ("desc", "item description", "product description"),
    "quantity": (
        "qty", "on hand", "qoh", "qty on hand", "quantity on hand", "stock", "in stock",
        "qty in stock", "quantity in stock", "stock level", "stock qty", "stock quantity",
        "stock on hand", "current stock", "inventory", "inventory qty", "inventory quantity",
        "count", "variant inventory qty",
    ),
    "reorder_point": (
        "reorder", "reorder at", "reorder level", "min", "minimum", "min stock", "minimum stock",
        "min stock level", "minimum stock level", "min stock amount", "min in stock",
        "min qty", "minimum quantity", "min level", "low stock amount", "low stock threshold",
    ),
    "reorder_to": ("max", "maximum", "max stock", "maximum stock", "order up to", "par level"),
    "archived": ("is archived",),
    "delta": ("change", "qty change", "quantity change", "stock change"),
    "reason": ("reason code",),
    "ref": ("reference", "order number", "order no", "order id", "invoice number", "invoice no"),
    "note": ("notes", "comment", "comments", "remark", "remarks"),
    "occurred_at": ("date", "datetime", "timestamp"),
    "counted": ("count", "counted qty", "counted quantity"),
    "code": ("barcode", "ean", "upc", "gtin"),
    "lot": ("batch", "batch number", "lot number"),
    "expires_on": ("expires", "expiry", "expiry date", "best before"),
}  # fmt: skip


@cache
def fields_called() -> Mapping[str, tuple[str, ...]]:
    """Return the fields that each synonym may mean, by how it is compared."""
    meanings: dict[str, tuple[str, ...]] = {}
    for field, names in SYNONYMS.items():
        for name in map(plain, names):
            meanings[name] = (*meanings.get(name, ()), field)
    return meanings
