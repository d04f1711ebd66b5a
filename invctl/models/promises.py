"""What a mutation of a hold or of a delivery answers."""

from typing import NamedTuple


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
