"""How many times what a recipe takes of a product is there, where its lines name places.

What `apply` would take is taken in memory, line after line: of two lines one may leave the other
too little of a lot, and then both are right alone. The more times, the less is left in each pot,
so that what does not fit never fits again.
"""

from collections.abc import Sequence
from typing import NamedTuple

from invctl.core.places.pots import Pots
from invctl.core.places.spots import ANY, Spot
from invctl.errors import InsufficientStock
from invctl.repository.products import Found


class Take(NamedTuple):
    """What one time takes where a line says it."""

    spot: Spot
    units: int
    line: int


class Limit(NamedTuple):
    """What limits how often a product's part of a recipe fits: `available`, of `per` each time.

    `spot` is where; None: it is all that there is of the product.
    """

    spot: Spot | None
    available: int
    per: int


class Fitting:
    """What a recipe takes of one product, and what lies where of that; its pots are loaded."""

    def __init__(self, pots: Pots, found: Found, takes: Sequence[Take]) -> None:
        self._pots = pots
        self._found = found
        self._takes = takes
        self._free = found.quantity - found.held
        self._per = sum(one.units for one in takes)
        assert self._per > 0, "what adds has no limit"
        self._known: dict[Spot, Sequence[tuple[int | None, int]]] = {}

    def times(self) -> int:
        """Return how many times it fits."""
        # More than is free in all never fits; between, halving finds the last that does.
        fits, too_many = 0, self._free // self._per + 1
        while fits + 1 < too_many:
            middle = (fits + too_many) // 2
            if self._missing(middle) is None:
                fits = middle
            else:
                too_many = middle
        return fits

    def limit(self, times: int) -> Limit:
        """Return why it does not fit so many times."""
        missing, by_all = self._missing(times), Limit(None, self._free, self._per)
        if missing is None or missing.spot == Spot(ANY):
            return by_all
        available = sum(units for _, units in self._supplies(missing.spot))
        if self._per * times > self._free < available:
            return by_all
        there = self._pots_of(missing.spot)
        # All lines that take from the same pots share what lies there.
        rivals = (one for one in self._takes if there & self._pots_of(one.spot))
        per = sum(one.units for one in rivals) or missing.units
        return Limit(missing.spot, min(available, self._free), per)

    def refusal(self, limit: Limit) -> InsufficientStock:
        """Return that it does not fit once."""
        there = limit.spot.sentence if limit.spot else None
        return self._pots.short(self._found, limit.per, limit.available, there)

    def _pots_of(self, spot: Spot) -> set[int | None]:
        return {pot for pot, _ in self._supplies(spot)}

    def _supplies(self, spot: Spot) -> Sequence[tuple[int | None, int]]:
        if spot not in self._known:
            loose = self._found.quantity - self._found.placed
            supplies = self._pots.supplies(self._found.id, spot, loose)
            self._known[spot] = [(pot.id if pot else None, units) for pot, units in supplies]
        return self._known[spot]

    def _missing(self, times: int) -> Take | None:
        """Return the first line that does not find as much, None where all do."""
        left: dict[int | None, int] = {}
        free = self._free
        for one in self._takes:
            wanted = one.units * times
            supplies = [(pot, left.get(pot, units)) for pot, units in self._supplies(one.spot)]
            if wanted > min(free, sum(units for _, units in supplies)):
                return one
            free -= wanted
            for pot, units in supplies:
                part = min(wanted, units)
                left[pot] = units - part
                wanted -= part
        return None
