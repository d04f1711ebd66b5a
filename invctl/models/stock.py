"""What a change of one product's stock answers: the one class that each sale loads."""

from collections.abc import Sequence
from typing import NamedTuple


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
