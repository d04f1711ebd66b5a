"""What a whole file of lines answers: what it did, what each line did, how often it would fit."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


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


class Fits(NamedTuple):
    """How many times a file could be applied now (None: it takes nothing), and what limits it.

    Of each product that does: its SKU, the units that are available, and what one time takes.
    """

    times: int | None
    limited_by: Sequence[Mapping[str, object]]
