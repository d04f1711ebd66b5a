"""A product's stock in memory while a transaction changes it, and what the guard would refuse."""

from typing import TYPE_CHECKING

from invctl.errors import OUTSIDE, BalanceLimit, InsufficientStock, InventoryError, ProductArchived
from invctl.repository.products import Found
from invctl.values import MAX_QUANTITY

if TYPE_CHECKING:
    from invctl.repository.places import StoredPot

UNASKED = "~"
"""In the place of when a product was last counted as long as nobody has asked: after any time."""


def fits(quantity: int, held: int, placed: int) -> bool:
    """Return whether the guard of the UPDATE lets a product have so much: `declared`'s `MOVE`."""
    return max(held, placed) <= quantity <= MAX_QUANTITY


class Pot:
    """What lies of a product in one place, of one lot: what it was, and what it is now."""

    __slots__ = ("expires_on", "id", "lot", "now", "place", "seen")

    def __init__(self, stored: "StoredPot") -> None:
        self.id = stored.id
        self.place = stored.place
        self.lot = stored.lot
        self.expires_on = stored.expires_on
        self.now = self.seen = stored.quantity


class Balance:
    """A product's stock: what it was, what it is now, and within which bounds it may be."""

    __slots__ = (
        "archived_at", "found", "id", "last_count", "least", "most", "moved", "now", "placed",
        "puts", "sku", "takes",
    )  # fmt: skip

    def __init__(self, found: Found) -> None:
        self.found = found
        self.id = found.id
        self.sku = found.sku
        self.now = found.quantity
        self.placed = found.placed
        """What of it lies in places."""
        self.archived_at = found.archived_at
        self.moved = False
        self.last_count = UNASKED
        """When it was last counted, '' for never."""
        self.least = max(found.held, found.placed)
        """The least that it may become: what is promised or lies in a place stays."""
        self.most = MAX_QUANTITY if found.archived_at is None else -1
        """The most that it may become: of an archived one no balance is allowed."""
        self.puts: dict[tuple[str, ...], Pot] = {}
        """The pots that lines of a file have put units into, by the cells that say so."""
        self.takes: dict[tuple[str, ...], Pot] = {}
        """Those that lines took some from, as long as nothing can have come in front of them."""

    def refuse_archived(self) -> None:
        """Raise ProductArchived for a product that is hidden."""
        if self.archived_at is not None:
            raise ProductArchived(self.sku)

    @property
    def found_now(self) -> Found:
        """The product as it would be found now."""
        return self.found._replace(quantity=self.now, placed=self.placed)

    def move(self, delta: int, *, placed_by: int = 0) -> None:
        """Move `delta` units, or raise: ProductArchived, InsufficientStock or BalanceLimit.

        So many more of them lie in places then.
        """
        self.refuse_archived()
        now, placed = self.now + delta, self.placed + placed_by
        if not fits(now, self.found.held, placed):
            raise refusal(self.found_now, delta)
        self.now = now
        self.moved = self.moved or delta != 0
        if placed_by:
            self.place(placed_by)

    def place(self, units: int) -> None:
        """Have so many more units in places, of those that are there already."""
        self.placed += units
        self.least = max(self.found.held, self.placed)
        self.moved = True

    def free(self, units: int) -> None:
        """Let go of units that were held: nobody is promised them any more."""
        self.found = self.found._replace(held=self.found.held - units)
        self.least = max(self.found.held, self.placed)


def refusal(found: Found, delta: int, held_by: int = 0) -> InventoryError:
    """Return why a product's stock cannot change by `delta`, or so many more units be held."""
    if delta > 0:
        return BalanceLimit(found.sku, found.quantity, delta)
    # A hold is of units, wherever they lie; what is taken is taken from outside all places.
    is_placed = held_by <= 0 and found.placed >= max(found.held, 1)
    bound = found.placed if is_placed else found.held
    return InsufficientStock(
        found.sku,
        held_by - delta if held_by > 0 else -delta,
        found.quantity - bound,
        quantity=found.quantity,
        held=found.held,
        there=OUTSIDE if is_placed else None,
    )
