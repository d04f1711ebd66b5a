"""What a change of stock consists of: its parts, each a movement, in one pot or in none."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from invctl.core.balance import Pot
from invctl.core.labels import stored
from invctl.db.session import Row
from invctl.models.attempts import Label
from invctl.repository.operations import Operation
from invctl.repository.products import Found


class Part(NamedTuple):
    """Units that come (or go, where they are negative) in one pot; None: outside all places."""

    pot: Pot | None
    units: int


class Placed(NamedTuple):
    """A product whose stock has changed, and in which parts, in the order of their movements."""

    moved: Found
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
