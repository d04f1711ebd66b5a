"""How each kind of list looks to people: its columns, their titles, what stands under them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from invctl.cli.printing.cells import is_expired, is_low
from invctl.cli.printing.words import counted

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a kind of list looks: its columns and their titles, its marks, and its last line.

    `spare` columns are left out where they are empty, and of a terminal that is too narrow for
    all, the first one first; `rare` ones also of a list that goes on, if it begins without them.
    """

    titles: Mapping[str, str]
    spare: tuple[str, ...] = ()
    rare: tuple[str, ...] = ()
    marks: bool = False
    total: Callable[[Rows], str] = lambda _: ""

    def field(self, word: str) -> str | None:
        """Return the field that a name or a title of this table means, in any case."""
        for name, title in self.titles.items():
            if word.casefold() in (name, title.casefold()):
                return name
        return None

    def without(self, name: str) -> "Layout":
        """Return this without a column."""
        titles = {field: title for field, title in self.titles.items() if field != name}
        return replace(self, titles=titles)


def mark(row: Mapping[str, Any]) -> str:
    """Return the word that stands behind a product: archived, low, or once less than nothing.

    Behind what lies of one: that it has expired.
    """
    if "archived" not in row:
        return "expired" if is_expired(row) else ""
    if row["archived"]:
        return "archived"
    if row["quantity"] < 0:
        return "negative"
    return "low" if is_low(row) else ""


def _product_total(rows: Rows) -> str:
    units = sum(row["quantity"] for row in rows)
    low = sum(mark(row) == "low" for row in rows)
    total = f"{counted(len(rows), 'product')}, {counted(units, 'unit')}"
    return f"{total}, {low} low\n" if low else f"{total}\n"


PRODUCTS = Layout(
    {"sku": "SKU", "name": "Name", "quantity": "Quantity", "reorder_point": "Reorder at"},
    marks=True,
    total=_product_total,
)
MOVEMENTS = Layout(
    {
        # What `undo` takes stands first; a movement's own id is for machines.
        "operation": "Op",
        "occurred_at": "When",
        "kind": "What",
        "sku": "SKU",
        "delta": "Change",
        "quantity": "Balance",
        "reason": "Reason",
        "ref": "Ref",
        "note": "Note",
        "actor": "By",
        "place": "Place",
        "lot": "Lot",
        "expires_on": "Expires",
    },
    spare=("expires_on", "note", "actor", "ref", "reason", "lot", "place"),
    rare=("place", "lot", "expires_on"),
)
HISTORY = MOVEMENTS.without("sku")


def _promises(first: dict[str, str], then: dict[str, str]) -> Layout:
    """Return how promises look: what stands first, what is told of them, and what is said."""
    said = {"reason": "Reason", "ref": "Ref", "note": "Note", "actor": "By"}
    spare = ("note", "actor", "reason", "ref", "due_at")
    return Layout({**first, "sku": "SKU", **then, **said}, spare=spare)


HOLDS = _promises({"id": "Hold"}, {"amount": "Amount", "state": "State", "due_at": "Until"})
DELIVERIES = _promises({"id": "Delivery"}, {"amount": "To come", "state": "State", "due_at": "Due"})
LOW = Layout(
    {
        "sku": "SKU",
        "name": "Name",
        "quantity": "Quantity",
        "available": "Available",
        "expected": "Expected",
        "reorder_point": "Reorder at",
        "order": "Order",
    },
    spare=("expected", "available"),
    marks=True,
    total=_product_total,
)


def _usage_total(rows: Rows) -> str:
    units = sum(row["removed"] for row in rows)
    return f"{counted(len(rows), 'product')}, {counted(units, 'unit')} went out\n"


def _idle_total(rows: Rows) -> str:
    units = sum(row["quantity"] for row in rows)
    return f"{counted(len(rows), 'product')}, {counted(units, 'unit')}\n"


USAGE = Layout(
    {
        "sku": "SKU",
        "name": "Name",
        "quantity": "Quantity",
        "available": "Available",
        "removed": "Went out",
        "per_day": "Per day",
        "days_left": "Days left",
        "share": "Share",
    },
    spare=("share", "available", "per_day"),
    total=_usage_total,
)
IDLE = Layout(
    {
        "sku": "SKU",
        "name": "Name",
        "quantity": "Quantity",
        "available": "Available",
        "last_moved_at": "Last moved",
    },
    spare=("available",),
    total=_idle_total,
)
WHERE = Layout(
    {
        "sku": "SKU",
        "name": "Name",
        "place": "Place",
        "lot": "Lot",
        "expires_on": "Expires",
        "quantity": "Quantity",
    },
    spare=("name", "expires_on", "lot"),
    marks=True,
)
CONTENTS = WHERE.without("sku").without("name")
PLACES = Layout({"place": "Place", "products": "Products", "units": "Units"})
FINDINGS = Layout(
    {
        "kind": "Kind",
        "sku": "SKU",
        "message": "Finding",
        "expected": "Expected",
        "actual": "Actual",
    },
    spare=("expected", "actual"),
)
OPERATIONS = Layout(
    {
        "operation": "Op",
        "recorded_at": "When",
        "kind": "What",
        "summary": "Summary",
        "reason": "Reason",
        "ref": "Ref",
        "actor": "By",
        "undoes": "Undoes",
        "undone_by": "Undone by",
    },
    spare=("actor", "ref", "reason", "undoes", "undone_by"),
)
LIMITS = Layout(
    {
        "sku": "Limited by",
        "available": "Available",
        "per": "Each time",
        "place": "Place",
        "lot": "Lot",
    },
    spare=("lot", "place"),
)
CODES = Layout({"code": "Code", "sku": "SKU", "units": "Units"})
CHANGES = Layout({"sku": "SKU", "field": "Field", "before": "Before", "after": "After"})
# Whose titles `--columns` takes: the others have the same ones, or are shown only as they are.
LAYOUTS = (
    PRODUCTS, MOVEMENTS, HOLDS, DELIVERIES, LOW, USAGE, IDLE, OPERATIONS, CODES, CHANGES, FINDINGS,
    WHERE, PLACES,
)  # fmt: skip


def totals_layout(by: str) -> Layout:
    """Return how sums by a field look."""
    titles = {"added": "Added", "removed": "Removed", "net": "Net", "movements": "Movements"}
    return Layout({by: by.capitalize() if by != "sku" else "SKU", **titles})


def field_titled(word: str, fields: Sequence[str]) -> str | None:
    """Return which of the fields some table has under that title, in any case.

    A time's title may have the offset behind it that a table says once for all of its cells.
    """
    title = re.sub(r" [+-]\d\d:\d\d$", "", word)
    found = (title.casefold().replace(" ", "_"), *(layout.field(title) for layout in LAYOUTS))
    return next((name for name in found if name in fields), None)


def layout_of(fields: Sequence[str]) -> Layout:
    """Return how records look that are shown as they are, field by field."""
    return Layout({name: title_of(name) for name in fields})


def title_of(field: str) -> str:
    """Return the title of a field where no table has another one for it."""
    return "SKU" if field == "sku" else field.replace("_", " ").capitalize()
