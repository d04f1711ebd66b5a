"""The set-based twin of `stock.move`: many movements of one operation, judged in memory.

It refuses exactly what the guarded UPDATE would refuse, movement by movement, and a property test
holds the two equal. Products are locked when they are loaded (the write lock on SQLite, FOR UPDATE
in one order elsewhere), so that what is judged is what will be changed.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from invctl.core.balance import UNASKED, Balance, Pot, fits
from invctl.core.counts import change_of, refuse_count, target_of
from invctl.core.lookup import load_products
from invctl.core.overdue import free_overdue
from invctl.db.session import BATCH, Row, Session
from invctl.errors import ProductNotFound, UnitsPlaced
from invctl.repository import changes, movements, operations, products
from invctl.repository.changes import Change
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import NO_RUN, Draft, Operation

if TYPE_CHECKING:
    from invctl.core.places.pots import Pots

# A product takes half a kilobyte; a file may name a million of them.
_REMEMBERED = 50_000
_PLACED = len(movements.COLUMNS) + 1
"""The length of a row that says which pot it is in."""


class Batch:
    """Movements of one operation, made in chunks and settled at the end.

    `balances` holds the loaded products by each SKU that was typed, and `pending` the movements
    that wait to be written. It is None where there is no such product, and for a code of which one
    scan means several units: `balance` and `units_of` know those.
    """

    def __init__(self, session: Session, draft: Draft) -> None:
        self.balances: dict[str, Balance | None] = {}
        self.pending: list[Row] = []
        self._by_id: dict[int, Balance] = {}
        self._scanned: dict[str, tuple[Balance, int]] = {}
        """The products and units of codes of which one scan means several."""
        self._session = session
        self._draft = draft
        self._operation: Operation | None = None
        self._written = 0
        self._changes: list[Change] = []
        self._changed = 0
        self._forgot = False
        self._pots: Pots | None = None

    @property
    def pots(self) -> "Pots":
        """The pots of the products, of which who names no place needs none."""
        if self._pots is None:
            from invctl.core.places.pots import Pots

            self._pots = Pots(self._session, rehearsed=self._draft.rehearsed)
        return self._pots

    @property
    def said(self) -> list[str]:
        """What people are to be told of places."""
        return self._pots.told if self._pots else []

    def enter(self) -> Operation:
        """Return the operation, which gets its number now if it has none: late, as others wait."""
        if self._operation is None:
            self._operation = operations.enter(self._session, self._draft)
        return self._operation

    @property
    def movements(self) -> int:
        """How many movements there are so far."""
        return self._written + len(self.pending)

    @property
    def changes(self) -> int:
        """How many changes there are so far."""
        return self._changed + len(self._changes)

    def count_products(self) -> int:
        """Return how many products the movements touched."""
        if self._forgot:  # only the books know all of them
            run = operations.run(self.enter().first_movement, self._written)
            return products.count_in(self._session, run, NO_RUN)
        return len(self._moved())

    def load(self, skus: Iterable[str]) -> None:
        """Read and lock the products of those SKUs that were not loaded before."""
        self.relieve()
        typed = {sku for sku in skus if sku not in self.balances}
        if typed:
            # Each spelling of a SKU is the one product: what moves it by one name, moves it by all.
            found = load_products(self._session, typed)
            mine = {one.id: self._by_id.setdefault(one.id, Balance(one)) for one in found.values()}
            # None stays what is no product: it is not looked for again with the next lines.
            self.balances.update(dict.fromkeys(typed))
            self.balances.update(
                {sku: mine[one.id] for sku, one in found.items() if one.units == 1}
            )
            self._scanned.update(
                {sku: (mine[one.id], one.units) for sku, one in found.items() if one.units > 1}
            )

    def relieve(self) -> None:
        """Settle and forget the products where they are too many to be remembered."""
        # Before more are loaded: what a chunk has loaded is there until all of it is made.
        if len(self.balances) > _REMEMBERED:
            self.settle()
            if self._pots:
                self._pots.forget()
            self.balances.clear()
            self._by_id.clear()
            self._scanned.clear()
            self._forgot = True

    def adopt(self, balance: Balance) -> None:
        """Take in a product that the caller has loaded. Raises ProductArchived."""
        balance.refuse_archived()
        self.balances[balance.sku] = self._by_id[balance.id] = balance

    def open(
        self, product_id: int, quantity: int, label: StoredLabel, pot: Pot | None = None
    ) -> None:
        """Move the opening stock of a product that was created with it, in a pot if it is said."""
        if pot is not None:
            pot.now += quantity
        self._note(product_id, quantity, quantity, label, pot)

    def balance(self, sku: str) -> Balance:
        """Return a loaded product's balance. Raises ProductNotFound or ProductArchived."""
        balance = self.balances[sku]
        if balance is None and sku in self._scanned:
            balance, _ = self._scanned[sku]
        if balance is None:
            raise ProductNotFound(sku)
        balance.refuse_archived()
        return balance

    def units_of(self, sku: str) -> int:
        """Return how many units an amount of 1 means: what a scan is worth of a code."""
        return self._scanned[sku][1] if sku in self._scanned else 1

    def move(self, balance: Balance, delta: int, label: StoredLabel) -> int:
        """Move `delta` units of a product; return what is left.

        Raises InsufficientStock or BalanceLimit.
        """
        if balance.now + delta < balance.least:
            free_overdue(self._session, self._draft, balance)
        balance.move(delta)
        self._note(balance.id, delta, balance.now, label)
        return balance.now

    def move_in(self, balance: Balance, pot: Pot, delta: int, label: StoredLabel) -> int:
        """Move units into a pot, or out of it, where as many are; return what is left in all."""
        if balance.now + delta < balance.found.held:
            free_overdue(self._session, self._draft, balance)
        assert pot.now + delta >= 0, "what is not there was judged before"
        balance.move(delta, placed_by=delta)
        pot.now += delta
        self._note(balance.id, delta, balance.now, label, pot)
        return balance.now

    def shift(
        self,
        balance: Balance,
        source: Pot | None,
        target: Pot | None,
        units: int,
        label: StoredLabel,
    ) -> None:
        """Move units between pots, or into one, or out of it: two movements, and no total."""
        balance.place(units * ((target is not None) - (source is not None)))
        for pot, by in ((source, -units), (target, units)):
            if pot is not None:
                pot.now += by
                assert pot.now >= 0, "what is not there was judged before"
            # The first tells what is left without the units, the second what there was all along.
            self._note(balance.id, by, balance.now + min(0, by), label, pot)

    def differ(self, balance: Balance, pot: Pot | None, by: int, label: StoredLabel) -> None:
        """Move what a count of one of a product's pots differs by, or of what is in none of them.

        That was judged for all of them together: one may have what is missing from another.
        """
        self.adopt(balance)
        balance.now += by
        balance.moved = True
        if pot is not None:
            balance.place(by)
            pot.now += by
            assert pot.now >= 0, "nobody counts less than nothing"
        self._note(balance.id, by, balance.now, label, pot)

    def count(
        self, balance: Balance, counted: int, label: StoredLabel, moment: str | None = None
    ) -> None:
        """Make a product's stock what was counted, at a `moment` if it is given.

        Raises ProductArchived, StaleCount, UnitsHeld, UnitsPlaced or BalanceLimit.
        """
        balance.refuse_archived()
        if balance.placed:
            raise UnitsPlaced(balance.sku, counted, balance.placed)
        if moment is not None:
            self.flush()  # what this operation has moved since then counts, too
        target = target_of(self._session, balance.found_now, counted, moment)
        self.count_as(balance, counted, target, label)

    def count_as(self, balance: Balance, counted: int, target: int, label: StoredLabel) -> None:
        """Make a product's stock the `target` that a count of it comes to by now.

        Raises UnitsHeld, UnitsPlaced or BalanceLimit.
        """
        if target < balance.least:
            free_overdue(self._session, self._draft, balance)
        found = balance.found_now
        refuse_count(found, target)
        if target != balance.now:
            self.move(balance, target - balance.now, label)
        balance.last_count = label.occurred_at
        self.note_change(change_of(found, counted, target, label.occurred_at))

    def counted_after(self, balance: Balance, moment: str) -> str | None:
        """Return a product's SKU if it was counted after a moment."""
        # Asked once of each product, and of all that are loaded at once.
        if balance.last_count is UNASKED:
            unasked = [one for one in self._by_id.values() if one.last_count is UNASKED]
            found = changes.last_counts(self._session, [one.id for one in unasked])
            for one in unasked:
                one.last_count = found.get(one.id, "")
        return balance.sku if moment < balance.last_count else None

    def note_change(self, change: Change) -> None:
        """Write down something else that the operation does to a product."""
        self._changes.append(change)
        if len(self._changes) >= BATCH:
            self._flush_changes()

    def flush(self) -> None:
        """Write the movements and changes made so far."""
        if self.pending:
            operation = self.enter()
            first = operation.first_movement + self._written
            rows, is_placed = self.pending, self._pots is not None
            if self._pots is not None:
                self._pots.write()
                # Lines that name no place are shorter, and one statement takes rows of one length.
                rows = [row if len(row) == _PLACED else (*row, None) for row in rows]
            movements.append_all(self._session, operation.id, rows, first, placed=is_placed)
            self._written += len(self.pending)
            self.pending.clear()
        self._flush_changes()

    def _flush_changes(self) -> None:
        if self._changes:
            operation = self.enter()
            first = operation.first_change + self._changed
            changes.append_all(self._session, operation.id, self._changes, first)
            self._changed += len(self._changes)
            self._changes.clear()

    def settle(self) -> Operation:
        """Write what was done so far and make every product's quantity what the movements say."""
        self.flush()
        moved, at = self._moved(), self._draft.recorded_at
        # Whatever way it came about, it is what the guard of the UPDATE would have let pass.
        assert all(fits(one.now, one.found.held, one.placed) for one in moved)
        if self._pots is not None:
            self._pots.settle()
        placed = [one for one in moved if one.placed != one.found.placed]
        rows: list[Row] = [(one.now, one.placed, at, one.id, one.found.quantity) for one in placed]
        products.settle(self._session, rows, placed=True)
        loose = [one for one in moved if one.placed == one.found.placed]
        rows = [(one.now, at, one.id, one.found.quantity) for one in loose]
        products.settle(self._session, rows)
        operation = self.enter()
        operations.close(self._session, operation, movements=self._written, changes=self._changed)
        return operation

    def _note(
        self,
        product_id: int,
        delta: int,
        quantity: int,
        label: StoredLabel,
        pot: Pot | None = None,
    ) -> None:
        row = (product_id, delta, quantity, *label)
        self.pending.append(row if pot is None else (*row, pot.id))
        if len(self.pending) >= BATCH:
            self.flush()

    def _moved(self) -> list[Balance]:
        """Return the products that moved, in order of id."""
        return [self._by_id[key] for key in sorted(self._by_id) if self._by_id[key].moved]
