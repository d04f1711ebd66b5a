"""What an inventory is made of and what its commands answer: plain values, no behaviour.

The order of a class's fields is the order of the record that a script reads. They are named
tuples and not dataclasses because every start pays for them: 0.05 ms each and not 0.4.
"""

from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

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


class Cleared(str):
    """A cell that empties its field, as JSON's null does: '' to all who only ask what is given."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "null"


CLEARED = Cleared()
"""The only one: a cell is asked whether it `is` this."""


class Whole(str):
    """A whole number in plain digits; `given` is how its file writes it: `1,234.00`."""

    __slots__ = ("given",)
    given: str

    def __new__(cls, digits: str, given: str) -> "Whole":
        """Return the digits, which are text like any other."""
        made = super().__new__(cls, digits)
        made.given = given
        return made


ProductRow = tuple[
    str, str, str | None, int, int | None, bool, str, str, bool, int, int, int, int | None
]
"""A product as a tuple in the order of PRODUCT_FIELDS; times as stored text."""
LowRow = tuple[
    str, str, str | None, int, int | None, bool, str, str, bool, int, int, int, int | None, int
]
"""A product as a tuple in the order of LOW_FIELDS."""
MovementRow = tuple[
    int, int, str, str, int, int, str | None, str | None, str | None, str, str, str,
    int | None, int | None, str | None, str | None, str | None,
]  # fmt: skip
"""A movement as a tuple in the order of MOVEMENT_FIELDS; `quantity` is the balance after it."""


class Attempt(NamedTuple):
    """One attempt at a mutation: who makes it, under which key, and whether it only rehearses.

    With `keeps_product` a change of stock keeps under its key the product as it left it, too.
    Without `advises` what was meant by a name that nothing has is looked for elsewhere.
    """

    actor: str
    key: str | None = None
    dry_run: bool = False
    keeps_product: bool = False
    advises: bool = True


class Label(NamedTuple):
    """What a person says of a movement. `at` is when it happened, as typed (None: now).

    It is kept as typed since that is what a retry repeats: `24h` names another moment each time.
    """

    reason: str | None = None
    ref: str | None = None
    note: str | None = None
    at: str | None = None


NO_LABEL = Label()


class BadRow(NamedTuple):
    """A row of a file that cannot be read as one; `line` is physical, the header being 1."""

    line: int
    column: str | None
    value: str | None
    message: str


FileRow = tuple[int, tuple[str, ...]]
"""A row of a file: the line at which it starts and its cells in a fixed order, '' if not given."""


class Product(NamedTuple):
    """A product as it is now; quantities in units, times as stored UTC text."""

    sku: str
    name: str
    description: str | None
    quantity: int
    reorder_point: int | None
    archived: bool
    created_at: str
    updated_at: str
    low: bool
    held: int
    available: int
    expected: int
    reorder_to: int | None


class ProductChange(NamedTuple):
    """A product after a mutation, and the operation that made it so."""

    sku: str
    name: str
    description: str | None
    quantity: int
    reorder_point: int | None
    archived: bool
    created_at: str
    updated_at: str
    operation: int
    replayed: bool = False
    dry_run: bool = False
    low: bool | None = None
    held: int | None = None
    available: int | None = None
    expected: int | None = None
    reorder_to: int | None = None


class StockChange(NamedTuple):
    """One product's stock after a mutation: `quantity` is the balance, `delta` what moved.

    `movement` is the one movement's id, `counted` what a count said, `hold` what was committed.
    """

    operation: int
    kind: str
    sku: str
    delta: int
    quantity: int
    replayed: bool = False
    dry_run: bool = False
    movement: int | None = None
    low: bool | None = None
    counted: int | None = None
    hold: int | None = None
    movement_ids: Sequence[int] | None = None


class HoldChange(NamedTuple):
    """A hold after a mutation, and what there is of its product then.

    `hold` is null, and `amount` 0, where there was nothing to hold up to.
    """

    operation: int
    kind: str
    sku: str
    hold: int | None
    amount: int
    state: str | None
    held: int
    available: int
    quantity: int
    due_at: str | None
    replayed: bool = False
    dry_run: bool = False


class DeliveryChange(NamedTuple):
    """A delivery after a mutation, likewise; `amount` is what that was about."""

    operation: int
    kind: str
    sku: str
    delivery: int
    amount: int
    state: str
    held: int
    available: int
    quantity: int
    due_at: str | None
    replayed: bool = False
    dry_run: bool = False


class Several(NamedTuple, Generic[T]):
    """What one operation did to several things of a kind, each told as if it were alone."""

    operation: int
    changes: Sequence[T]
    replayed: bool = False
    dry_run: bool = False


class PlaceChange(NamedTuple):
    """A place after it was renamed or removed: how many products lie in it, and units of them."""

    operation: int
    kind: str
    place: str
    products: int
    units: int
    replayed: bool = False
    dry_run: bool = False


class BatchChange(NamedTuple):
    """Many movements made as one: lines read, movements made, products that they touched."""

    operation: int
    lines: int
    movements: int
    products: int
    replayed: bool = False
    dry_run: bool = False
    times: int | None = None


class LineChange(NamedTuple):
    """What a line of a file of movements or counts did."""

    line: int
    sku: str
    delta: int
    quantity: int
    before: int
    counted: int | None = None


class LineImport(NamedTuple):
    """What a line of a file of products did; `changes` are [old, new] by a record's fields."""

    line: int
    sku: str
    status: str
    quantity: int
    before: int | None
    changes: Mapping[str, list[str | int | None]]


class StockUndo(NamedTuple):
    """The one movement that an undo made, as a StockChange, and how many fields it put back."""

    operation: int
    kind: str
    sku: str
    delta: int
    quantity: int
    replayed: bool = False
    dry_run: bool = False
    movement: int | None = None
    low: bool | None = None
    counted: int | None = None
    hold: int | None = None
    movement_ids: Sequence[int] | None = None
    changes: int | None = None


class BatchUndo(NamedTuple):
    """What any other undo did, as a BatchChange, and how many fields it put back."""

    operation: int
    lines: int
    movements: int
    products: int
    replayed: bool = False
    dry_run: bool = False
    times: int | None = None
    changes: int | None = None


class Usage(NamedTuple):
    """What went out of a product, how much a day, and for how many days there is enough.

    `share` is what of all that went out was of it, or of those of which more did.
    """

    sku: str
    name: str
    quantity: int
    available: int
    removed: int
    per_day: float
    days_left: int | None
    last_moved_at: str | None
    share: float | None


class ImportChange(NamedTuple):
    """What an import did to the products, in products, and how many movements it made."""

    operation: int
    created: int
    updated: int
    unchanged: int
    quantity_kept: int
    movements: int
    replayed: bool = False
    dry_run: bool = False
    skipped: int | None = None


class CodeChange(NamedTuple):
    """A code after a mutation: which product one scan of it means, and how many units."""

    code: str
    sku: str
    units: int
    operation: int
    replayed: bool = False
    dry_run: bool = False


class Fits(NamedTuple):
    """How many times a file could be applied now (None: it takes nothing), and what limits it.

    Of each product that does: its SKU, the units that are available, and what one time takes.
    """

    times: int | None
    limited_by: Sequence[Mapping[str, object]]


class InventoryInfo(NamedTuple):
    """The inventory in numbers; `size_bytes` is None where the engine cannot tell."""

    path: str
    engine: str
    schema_version: int
    sku_rule: str
    products: int
    operations: int
    movements: int
    size_bytes: int | None


class RepairChange(NamedTuple):
    """Of how many products numbers were set right, and which; without any, no operation.

    Their `quantities`, what is `held` of them, what of them is `placed`, and how many pots.
    """

    operation: int | None
    products: int
    replayed: bool = False
    dry_run: bool = False
    quantities: int = 0
    held: int = 0
    placed: int = 0
    pots: int = 0


class Finding(NamedTuple):
    """Something that a check found wrong; what was expected and what is there, where that is known.

    Its kind is `integrity`, `foreign_key`, `schema` (a table that is missing or another one),
    `index` (likewise), `stranger` (what invctl did not make), `setting`, `value` (what no command
    writes), or about the books: `balance`, `held`, `placed`, `pot` (a sum is another one),
    `journal`, `range`, `run` (movements or changes that are not where their operation says),
    `undo`, `field` (what the last change of it did not leave).
    """

    kind: str
    sku: str | None
    message: str
    expected: int | str | None = None
    actual: int | str | None = None

    @property
    def sentence(self) -> str:
        """It in words, where no record beside it says of which product."""
        return self.message if self.sku is None else f"{self.sku}: {self.message}"


Undo = StockUndo | BatchUndo

PromiseChange = (
    HoldChange
    | DeliveryChange
    | Several[HoldChange]
    | Several[DeliveryChange]
    | Several[StockChange]
)

Change = (
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
