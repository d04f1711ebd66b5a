"""A product's stock in memory while a transaction changes it, and what the guard would refuse."""

from invctl.errors import BalanceLimit, InsufficientStock, InventoryError, ProductArchived
from invctl.values import MAX_QUANTITY


class Balance:
    """A product's stock: what it was, what it is now."""

    __slots__ = ("archived_at", "id", "most", "moved", "now", "seen", "sku")

    def __init__(self, product_id: int, sku: str, quantity: int, archived_at: str | None) -> None:
        self.id = product_id
        self.sku = sku
        self.seen = self.now = quantity
        self.archived_at = archived_at
        self.moved = False
        self.most = MAX_QUANTITY if archived_at is None else -1
        """The most that it may become: of an archived one no balance is allowed."""

    def refuse_archived(self) -> None:
        """Raise ProductArchived for a product that is hidden."""
        if self.archived_at is not None:
            raise ProductArchived(self.sku)

    def move(self, delta: int) -> None:
        """Move `delta` units, or raise: ProductArchived, InsufficientStock or BalanceLimit."""
        self.refuse_archived()
        now = self.now + delta
        if not 0 <= now <= MAX_QUANTITY:
            raise refusal(self.sku, self.now, delta)
        self.now = now
        self.moved = self.moved or delta != 0


def refusal(sku: str, quantity: int, delta: int) -> InventoryError:
    """Return why a product's stock cannot change by `delta`."""
    if delta > 0:
        return BalanceLimit(sku, quantity, delta)
    return InsufficientStock(sku, -delta, quantity)
