"""What a change of stock consists of: its parts, each a movement, in one pot or in none."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from invctl.core.labels import stored
from invctl.db.session import Row
from invctl.models import Label
from invctl.repository.operations import Operation
from invctl.repository.products import Moved

if TYPE_CHECKING:
    from invctl.repository.places import StoredPot


class Pot:
    """What lies of a product in one place, of one lot: what it was, and what it is now."""

    __slots__ = ("counted", "expires_on", "id", "lot", "now", "place", "seen")

    def __init__(self, stored: "StoredPot") -> None:
        self.id = stored.id
        self.place = stored.place
        self.lot = stored.lot
        self.expires_on = stored.expires_on
        self.now = self.seen = stored.quantity
        self.counted = False


class Part(NamedTuple):
    """Units that come (or go, where they are negative) in one pot; None: outside all places."""

    pot: Pot | None
    units: int


class Placed(NamedTuple):
    """A product whose stock has changed, and in which parts, in the order of their movements."""

    moved: Moved
    parts: Sequence[Part]
    said: Sequence[str] = ()

    @property
    def delta(self) -> int:
        """How many units it has more."""
        return sum(one.units for one in self.parts)

    def ids(self, first: int) -> list[int]:
        """Return the ids of its movements, which run from the `first` on."""
        return list(range(first, first + len(self.parts)))


def rows_of(operation: Operation, placed: Placed, label: Label, first: int) -> Iterator[Row]:
    """Yield the movements of what was done, with ids from `first` on; balances run with them."""
    balance = placed.moved.quantity - placed.delta
    given = stored(label, operation.recorded_at)
    for number, part in enumerate(placed.parts, first):
        balance += part.units
        pot = part.pot.id if part.pot else None
        yield (number, operation.id, placed.moved.id, part.units, balance, *given, pot)
