"""Random movements between places beside a plain model of what lies where.

After every step each pot holds what the model holds of it, which is the sum of its movements; the
pots and what is unplaced come to the product; a move has changed no total, and nothing has gone
from a place that was not named.
"""

from collections import Counter
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from inventories import Inventory, look, new_schema
from lines import count_line, keyed_line, movement_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.each import apply_lines
from invctl.core.counting.file import CountOptions, count_products
from invctl.core.places.places import rename_place
from invctl.core.places.spots import ANY, UNPLACED, Spot, is_inside
from invctl.core.places.stock import add_to_place, count_place, move_stock, remove_from_place
from invctl.core.products import create_product
from invctl.core.promises.endings import commit_hold, release_hold
from invctl.core.promises.holds import create_hold
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.check import Check
from invctl.db.opening import open_database
from invctl.errors import (
    AlreadyUndone,
    InsufficientStock,
    InvalidData,
    PlaceNotFound,
    UnitsHeld,
    UnitsPlaced,
)
from invctl.models.attempts import NO_LABEL, Attempt
from invctl.settings import read_location

ME = Attempt("tester")
SKUS = ("A", "B")
Key = tuple[str, str, str]
"""SKU, place ('' for none) and lot ('' for none)."""

DATES: dict[str, str] = {"L1": "2030-01-01", "L2": "2031-01-01"}
skus = st.sampled_from(SKUS)
amounts = st.integers(1, 6)
named = st.sampled_from(["VAN", "SHOP/A", "SHOP/B"])
lots = st.sampled_from([None, None, "L1", "L2"])
spots = st.builds(lambda place, lot: Spot(place, lot, DATES.get(lot or "")), named, lots)
ends = spots | st.just(UNPLACED)


class Run(RuleBasedStateMachine):
    """One inventory, in a file if nothing else is said, and what lies where in it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        place = self.place()
        self.db = open_database(read_location(str(place), "--db"), create=True)
        self.eye = look(place)
        self.contents: Counter[Key] = Counter()
        self.held: Counter[str] = Counter()
        self.holds: dict[int, tuple[str, int]] = {}
        self.operations: dict[int, Counter[Key]] = {}
        """What each operation moved."""
        self.undone: set[int] = set()
        self.dated: set[tuple[str, str | None]] = set()
        """The lots of which it was said when they expire."""

    def place(self) -> Inventory:
        return Path(self.folder.name, "inventory.db")

    @initialize()
    def begin(self) -> None:
        for sku in SKUS:
            create_product(self.db, sku, name="x", quantity=5, attempt=ME)
            self.contents[sku, "", ""] = 5

    def teardown(self) -> None:
        self.db.close()
        self.folder.cleanup()

    def total(self, sku: str) -> int:
        return sum(units for key, units in self.contents.items() if key[0] == sku)

    def there(self, sku: str, spot: Spot) -> list[Key]:
        """Return what may be taken, which is all that a removal may touch."""
        if spot.place is None:
            return [(sku, "", "")]
        return [
            key
            for key, units in self.contents.items()
            if units
            and key[0] == sku
            and (key[1] == spot.place or (spot.place == ANY and (key[1] or not spot.lot)))
            and spot.lot in (None, key[2])
        ]

    def did(self, operation: int, sums: Counter[Key]) -> None:
        """Note what an operation has done, as its own movements say."""
        moved: Counter[Key] = Counter()
        for sku, name, lot, delta in self.eye.query(
            """SELECT sku, coalesce(name, ''), coalesce(lot, ''), delta FROM (
                 SELECT movement.id, product.sku, place.name, pot.lot, delta FROM movement
                 JOIN product ON product.id = movement.product_id
                 LEFT JOIN pot ON pot.id = pot_id LEFT JOIN place ON place.id = place_id
                 WHERE operation_id = ?) AS moved ORDER BY id""",
            operation,
        ):
            moved[sku, name, lot] += delta
        assert {k: v for k, v in moved.items() if v} == {k: v for k, v in sums.items() if v}
        self.operations[operation] = sums
        self.contents.update(sums)

    def taken(self, sku: str, spot: Spot, amount: int) -> Counter[Key]:
        """Return what is taken: what expires first there, and what is in no place last."""
        order = sorted(self.there(sku, spot), key=lambda key: (not key[1], self.date(key)))
        sums: Counter[Key] = Counter()
        for key in order:
            part = min(amount, self.contents[key])
            sums[key] -= part
            amount -= part
        return sums

    def fits(self, sku: str, spot: Spot, amount: int, *, held: int) -> bool:
        there = sum(self.contents[key] for key in self.there(sku, spot))
        return amount <= there and amount <= self.total(sku) - held

    def is_sure(self, sku: str, spot: Spot) -> bool:
        """Return whether the model knows the order: pots of one date go by their age."""
        dates = Counter(self.date(key) for key in self.there(sku, spot) if key[1])
        return max(dates.values(), default=0) < 2

    def date(self, key: Key) -> str:
        """Return when a lot expires, after all dates where nobody has said it yet."""
        return DATES[key[2]] if (key[0], key[2]) in self.dated else "~"

    @rule(sku=skus, amount=amounts, spot=ends)
    def add(self, sku: str, amount: int, spot: Spot) -> None:
        if spot.place is None:
            done = add_stock(self.db, sku, amount, attempt=ME)
        else:
            done = add_to_place(self.db, sku, amount, spot, attempt=ME)
        self.did(done.operation, Counter({(sku, spot.place or "", spot.lot or ""): amount}))
        self.dated |= {(sku, spot.lot)} if spot.lot else set()

    @rule(sku=skus, amount=amounts, spot=ends | st.builds(Spot, st.just(ANY), lots))
    def remove(self, sku: str, amount: int, spot: Spot) -> None:
        spot = spot._replace(expires_on=None)
        if not self.fits(sku, spot, amount, held=self.held[sku]):
            with pytest.raises((InsufficientStock, PlaceNotFound)):
                self._remove(sku, amount, spot)
            return
        if not self.is_sure(sku, spot):
            return
        expected = self.taken(sku, spot, amount)
        self.did(self._remove(sku, amount, spot), expected)

    def _remove(self, sku: str, amount: int, spot: Spot) -> int:
        if spot.place is None:
            return remove_stock(self.db, sku, amount, attempt=ME).operation
        return remove_from_place(self.db, sku, amount, spot, attempt=ME).operation

    @rule(sku=skus, amount=amounts, source=ends, goal=ends, way=st.sampled_from("cfl"))
    def move(self, sku: str, amount: int, source: Spot, goal: Spot, way: str) -> None:
        source = source._replace(expires_on=None)
        lot = None if source.place else goal.lot
        target = Spot(goal.place, lot if goal.place else None)
        if source.place == target.place or not self.is_sure(sku, source):
            return
        if not self.fits(sku, source, amount, held=0):
            with pytest.raises((InsufficientStock, PlaceNotFound, InvalidData)):
                self._move(sku, amount, source, target, way)
            return
        sums = self.taken(sku, source, amount)
        for (_, place, name), units in list(sums.items()):
            kept = (name if place else target.lot or "") if target.place else ""
            sums[sku, target.place or "", kept] -= units
        self.did(self._move(sku, amount, source, target, way), sums)

    def _move(self, sku: str, amount: int, source: Spot, target: Spot, way: str) -> int:
        if way == "c":
            return move_stock(self.db, sku, amount, source, target, attempt=ME).operation
        cells = {
            "action": "move",
            "amount": str(amount),
            "place": source.place or "",
            "to_place": target.place or "",
            "lot": (source.lot if source.place else target.lot) or "",
        }
        if way == "f":
            line = movement_line(2, sku, **cells)
            return apply_movements(self.db, [line], attempt=ME).operation
        [done] = apply_lines(self.db, [keyed_line(sku, **cells)], label=NO_LABEL, attempt=ME)
        if isinstance(done, Exception):
            raise done
        return done.operation

    @rule(sku=skus, units=st.integers(0, 8), spot=spots)
    def count(self, sku: str, units: int, spot: Spot) -> None:
        key = (sku, str(spot.place), spot.lot or "")
        by = units - self.contents[key]
        if self.total(sku) + by < self.held[sku]:
            with pytest.raises(UnitsHeld):
                count_place(self.db, sku, units, spot, attempt=ME)
            return
        done = count_place(self.db, sku, units, spot, attempt=ME)
        self.did(done.operation, Counter({key: by}))
        self.dated |= {(sku, spot.lot)} if spot.lot else set()
        placed = any(v for k, v in self.contents.items() if k[0] == sku and k[1])
        if placed:
            with pytest.raises(UnitsPlaced):
                set_stock(self.db, sku, self.total(sku), attempt=ME)

    @rule(
        counts=st.lists(st.tuples(skus, ends, st.integers(0, 6)), max_size=5),
        complete=st.sampled_from([None, None, "SHOP", "VAN"]),
    )
    def count_by_file(self, counts: list[tuple[str, Spot, int]], complete: str | None) -> None:
        """Count some pots at once, and with a place what is in there besides."""
        if complete is not None:
            counts = [one for one in counts if is_inside(str(one[1].place), complete)]
        seen: Counter[Key] = Counter()
        for sku, spot, units in counts:
            seen[sku, spot.place or "", (spot.place and spot.lot) or ""] += units
        sums = Counter({key: units - self.contents[key] for key, units in seen.items()})
        if complete is not None:
            there = {key: units for key, units in self.contents.items() if units}
            rest = [key for key in there if is_inside(key[1], complete) and key not in seen]
            sums.update({key: -self.contents[key] for key in rest})
        if not sums:
            return
        options = CountOptions(complete=complete is not None, place=complete)
        rows = [
            count_line(number, sku, str(units), place=spot.place or "",
                       lot=(spot.place and spot.lot) or "")
            for number, (sku, spot, units) in enumerate(counts, 2)
        ]  # fmt: skip
        call = partial(count_products, self.db, rows, options=options, attempt=ME)
        if self.is_short(sums) or self.is_unclear(seen):
            with pytest.raises(InvalidData):
                call()
            return
        self.did(call().operation, sums)

    def is_short(self, sums: Counter[Key]) -> bool:
        """Return whether more is promised of a product than counts would leave of it."""
        by: Counter[str] = Counter()
        for key, units in sums.items():
            by[key[0]] += units
        return any(self.total(sku) + units < self.held[sku] for sku, units in by.items())

    def is_unclear(self, seen: Counter[Key]) -> bool:
        """Return whether a product is counted in no place alone that lies in some."""
        elsewhere = {key[0] for key in seen if key[1]}
        placed = {key[0] for key, units in self.contents.items() if units and key[1]}
        return any(not key[1] and key[0] in placed - elsewhere for key in seen)

    @rule(sku=skus, amount=amounts)
    def hold(self, sku: str, amount: int) -> None:
        if self.total(sku) - self.held[sku] < amount:
            return
        hold = create_hold(self.db, sku, amount, lasting=None, attempt=ME).hold
        assert hold is not None
        self.held[sku] += amount
        self.holds[hold] = sku, amount

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), spot=st.none() | spots, commits=st.booleans())
    def end_a_hold(self, data: st.DataObject, spot: Spot | None, commits: bool) -> None:
        hold = data.draw(st.sampled_from(sorted(self.holds)))
        sku, amount = self.holds[hold]
        if not commits:
            release_hold(self.db, hold, attempt=ME)
        else:
            where = (spot or Spot(ANY))._replace(expires_on=None)
            given = spot and where
            if not self.fits(sku, where, amount, held=self.held[sku] - amount):
                assert spot is not None, "in time it never fails"
                with pytest.raises((InsufficientStock, PlaceNotFound)):
                    commit_hold(self.db, hold, spot=given, attempt=ME)
                return
            if not self.is_sure(sku, where):
                return
            expected = self.taken(sku, where, amount)
            self.did(commit_hold(self.db, hold, spot=given, attempt=ME).operation, expected)
        self.held[sku] -= amount
        del self.holds[hold]

    @rule(back=st.integers(0, 6))
    def undo(self, back: int) -> None:
        if back >= len(self.operations):
            return
        number = sorted(self.operations)[-1 - back]
        sums = Counter({key: -units for key, units in self.operations[number].items()})
        changed = {sku: sum(v for k, v in sums.items() if k[0] == sku) for sku in SKUS}
        can = all(self.contents[key] + units >= 0 for key, units in sums.items()) and all(
            self.total(sku) + by >= self.held[sku] for sku, by in changed.items()
        )
        undo = partial(undo_operation, self.db, number, despite_counts=True, attempt=ME)
        if number in self.undone:
            with pytest.raises(AlreadyUndone):
                undo()
        elif not can:
            with pytest.raises(InsufficientStock):
                undo()
        else:
            self.did(undo().operation, sums)
            self.undone.add(number)

    @rule(old=named, new=named)
    def rename(self, old: str, new: str) -> None:
        if any(v for k, v in self.contents.items() if k[1] == new) or old == new:
            return
        try:
            rename_place(self.db, old, new, attempt=ME)
        except PlaceNotFound:
            return
        # What an operation moved, it moved in the place that is called so now.
        for sums in (self.contents, *self.operations.values()):
            for sku, place, lot in list(sums):
                if place == new:
                    sums[sku, f"{new}//", lot] = sums.pop((sku, place, lot))
            for sku, place, lot in list(sums):
                if place == old:
                    sums[sku, new, lot] = sums.pop((sku, place, lot))
        self.operations.clear()  # names that nobody has are not told apart here

    @invariant()
    def each_pot_holds_what_the_model_holds(self) -> None:
        rows = self.eye.query(
            """SELECT sku, name, lot, quantity FROM
               (SELECT product.sku, place.name, pot.lot, pot.quantity FROM pot
                JOIN place ON place.id = place_id JOIN product ON product.id = product_id) AS there
               WHERE quantity > 0"""
        )
        expected = {k: v for k, v in self.contents.items() if v and k[1]}
        assert {row[:3]: row[3] for row in rows} == expected
        assert min(self.contents.values(), default=0) >= 0
        for sku, quantity, placed, held in self.eye.query(
            "SELECT sku, quantity, placed, held FROM product"
        ):
            assert (quantity, held) == (self.total(sku), self.held[sku])
            assert quantity - placed == self.contents[sku, "", ""]

    @invariant()
    def the_books_add_up(self) -> None:
        assert list(Check(self.db)) == []


class OnAServer(Run):
    """The same on a server, for the sweep."""

    def place(self) -> Inventory:
        return new_schema()


class LongRun(Run):
    """The same with far more examples, for the sweep."""


PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink)


def lasting(examples: int, steps: int) -> settings:
    return settings(max_examples=examples, stateful_step_count=steps, phases=PHASES)


TestRun = Run.TestCase
TestRun.settings = lasting(8, 20)
TestLongRun = pytest.mark.sweep(LongRun.TestCase)
TestLongRun.settings = lasting(40, 40)
TestOnAServer = pytest.mark.sweep(pytest.mark.server(OnAServer.TestCase))
TestOnAServer.settings = lasting(40, 40)
