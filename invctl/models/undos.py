"""What an undo answers: what a change of stock, or a whole file, does and fields put back."""

from collections.abc import Sequence
from typing import NamedTuple


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


Undo = StockUndo | BatchUndo
