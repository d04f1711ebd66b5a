"""Products and their codes, and what a mutation of them answers."""

from typing import NamedTuple


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


class CodeChange(NamedTuple):
    """A code after a mutation: which product one scan of it means, and how many units."""

    code: str
    sku: str
    units: int
    operation: int
    replayed: bool = False
    dry_run: bool = False
