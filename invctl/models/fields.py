"""The names of fields and columns, in the order in which a script reads them; and fixed words."""

PRODUCT_FIELDS = (
    "sku", "name", "description", "quantity", "reorder_point", "archived", "created_at",
    "updated_at", "low", "held", "available", "expected", "reorder_to",
)  # fmt: skip
MOVEMENT_FIELDS = (
    "id", "operation", "kind", "sku", "delta", "quantity", "reason", "ref", "note", "actor",
    "occurred_at", "recorded_at", "undoes", "undone_by", "place", "lot", "expires_on",
)  # fmt: skip
PROMISE_FIELDS = (
    "id", "sku", "amount", "state", "due_at", "reason", "ref", "note", "actor", "created_at",
    "closed_at", "operation",
)  # fmt: skip
NEVER_UNDONE = ("release", "extend", "expire", "cancel", "code", "place", "repair")
"""Kinds of operations that `undo` refuses."""
HOLD_STATES = ("open", "overdue", "committed", "released", "expired", "all")
PROMISE_COLUMNS = {"sku": "text", "amount": "integer"}
WHERE_FIELDS = ("sku", "name", "place", "lot", "expires_on", "quantity")
PLACE_FIELDS = ("place", "products", "units")
CODE_FIELDS = ("code", "sku", "units")
CODE_COLUMNS = {"sku": "text", "code": "text", "units": "integer"}
LOW_FIELDS = (*PRODUCT_FIELDS, "order")
OPERATION_FIELDS = (
    "operation", "kind", "summary", "products", "movements", "changes", "reason", "ref", "actor",
    "recorded_at", "undoes", "undone_by",
)  # fmt: skip
CHANGE_FIELDS = ("sku", "field", "before", "after")
KINDS = (
    "create", "update", "rename", "archive", "unarchive", "delete", "import", "add", "remove",
    "set", "apply", "undo", "repair", "count", "move", "hold", "commit", "release", "expire",
    "extend", "expect", "receive", "cancel", "code", "place",
)  # fmt: skip
"""Every kind of operation."""
TOTALS_BY = ("sku", "day", "week", "month", "reason", "ref", "actor")
SCAN_MODES = ("remove", "add", "count", "show")
PRODUCT_SORTS = ("sku", "name", "quantity", "updated")


# Each column that a file may have, in the order in which its cells come, and its kind.
PRODUCT_COLUMNS = {
    "sku": "text",
    "name": "text",
    "description": "text",
    "quantity": "integer",
    "reorder_point": "integer",
    "archived": "boolean",
    "reorder_to": "integer",
    "place": "text",
}
EXPORT_FIELDS = tuple(name for name in PRODUCT_COLUMNS if name != "place")
"""What an export tells of products; one may lie in several places."""
MOVEMENT_COLUMNS = {
    "sku": "text",
    "delta": "integer",
    "action": "text",
    "amount": "integer",
    "reason": "text",
    "ref": "text",
    "note": "text",
    "occurred_at": "time",
    "place": "text",
    "to_place": "text",
    "lot": "text",
    "expires_on": "text",
}
KEYED_MOVEMENT_COLUMNS = {**MOVEMENT_COLUMNS, "idempotency_key": "text"}
COUNT_COLUMNS = {
    "sku": "text",
    "counted": "integer",
    "counted_at": "time",
    "place": "text",
    "lot": "text",
    "note": "text",
    "name": "text",
}
SHEET_COLUMNS = ("sku", "name", "counted", "counted_at", "place", "lot", "note")
"""The columns of a sheet that people fill in."""
PRODUCT_RECORD = ("created_at", "updated_at", "low", "held", "available", "expected")
"""What else a record of a product has, which an import passes over."""
CAN_BE_EMPTIED = frozenset({"description", "reorder_point", "reorder_to"})
