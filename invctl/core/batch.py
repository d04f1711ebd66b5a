"""The set-based twin of `stock.post`: many movements of one operation, judged in memory.

It refuses exactly what the guarded UPDATE would refuse, movement by movement, and a property test
holds the two equal. Products are locked when they are loaded (the write lock on SQLite, FOR UPDATE
in one order elsewhere), so that what is judged is what will be changed.
"""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, func, select, update

from invctl.core.lookup import Found, find_product
from invctl.core.operations import Operation
from invctl.core.stock import refusal
from invctl.db.prepared import CHUNK, among, insert_rows, update_rows
from invctl.db.schema import movement, product
from invctl.errors import ProductArchived
from invctl.values import MAX_QUANTITY, known_sku

_LOAD = (
    select(product.c.id, product.c.sku, product.c.quantity, product.c.archived_at)
    .where(among(product.c.sku, bindparam("skus")))
    .order_by(product.c.id)
    .with_for_update()
)
_JOURNAL_COLUMNS = (
    "product_id", "delta", "quantity", "reason", "ref", "note", "occurred_at",
)  # fmt: skip
_SETTLE = (
    update(product)
    .where(product.c.id == bindparam("product"), product.c.quantity == bindparam("seen"))
    .values(
        quantity=bindparam("now", type_=product.c.quantity.type),
        updated_at=bindparam("at", type_=product.c.updated_at.type),
    )
)

_TOUCHED = select(func.count(movement.c.product_id.distinct())).where(
    movement.c.operation_id == bindparam("operation")
)
# A product takes half a kilobyte; a file may name a million of them.
_REMEMBERED = 50_000

StoredLabel = tuple[str | None, str | None, str | None, str | None]
"""Reason, ref, note and occurred_at of a movement, as stored."""


def settle(connection: Connection, changed: Sequence[tuple[int, str, int, object]]) -> None:
    """Make quantities what they must be: each now, at what time, of which product, and as seen.

    They were seen under a lock, so one that is another by now is a bug.
    """
    settled = update_rows(connection, _SETTLE, ("now", "at", "product", "seen"), changed)
    if settled != len(changed):
        raise AssertionError(f"{len(changed) - settled} quantities changed under a lock")


class Balance:
    """A product's stock while a batch is under way: what it was, what it is now."""

    __slots__ = ("archived_at", "id", "most", "moved", "now", "seen", "sku")

    def __init__(self, product_id: int, sku: str, quantity: int, archived_at: str | None) -> None:
        self.id = product_id
        self.sku = sku
        self.seen = self.now = quantity
        self.archived_at = archived_at
        self.moved = False
        self.most = MAX_QUANTITY if archived_at is None else -1
        """The most that it may become: of an archived one no balance is allowed."""


class Batch:
    """Movements of one operation, made in chunks and settled at the end.

    `balances` holds the loaded products by each SKU that was typed (None: there is none), and
    `journal` the movements that wait to be written.
    """

    def __init__(self, connection: Connection, operation: Operation) -> None:
        self.operation = operation
        self.balances: dict[str, Balance | None] = {}
        self.journal: list[tuple[object, ...]] = []
        self._connection = connection
        self._written = 0
        self._forgot = False

    @property
    def movements(self) -> int:
        """How many movements there are so far."""
        return self._written + len(self.journal)

    @property
    def products(self) -> int:
        """How many products the movements touched."""
        if self._forgot:
            touched = self._connection.execute(_TOUCHED, {"operation": self.operation.id})
            return int(touched.scalar_one())
        return len(self._moved())

    def load(self, skus: Iterable[str]) -> None:
        """Read and lock the products of those SKUs that were not loaded before."""
        if len(self.balances) > _REMEMBERED:
            self.settle()
            self.balances.clear()
            self._forgot = True
        typed = {sku: known_sku(sku) for sku in skus if sku not in self.balances}
        wanted = {sku for sku in typed.values() if sku and sku not in self.balances}
        if wanted:
            self.balances.update(dict.fromkeys(wanted))
            rows = self._connection.execute(_LOAD, {"skus": json.dumps(sorted(wanted))})
            self.balances.update({row.sku: Balance(*row) for row in rows})
        # Each spelling of a SKU is the one product: what moves it by one name, moves it by all.
        for spelling, sku in typed.items():
            self.balances[spelling] = self.balances[sku] if sku else None

    def adopt(self, balance: Balance) -> None:
        """Take in a product that the caller has loaded. Raises ProductArchived."""
        if balance.archived_at is not None:
            raise ProductArchived(balance.sku)
        self.balances[balance.sku] = balance

    def open(self, product_id: int, quantity: int, label: StoredLabel) -> None:
        """Journal the opening stock of a product that was created with it."""
        self._note(product_id, quantity, quantity, label)

    def balance(self, sku: str) -> Balance:
        """Return a loaded product's balance. Raises ProductNotFound or ProductArchived."""
        balance = self.balances[sku]
        if balance is None:
            find_product(self._connection, sku)  # raises, with the nearest SKU
            raise AssertionError(f"{sku} appeared within a transaction")
        if balance.archived_at is not None:
            raise ProductArchived(balance.sku)
        return balance

    def move(self, balance: Balance, delta: int, label: StoredLabel) -> None:
        """Move `delta` units of a product. Raises InsufficientStock or BalanceLimit."""
        now = balance.now + delta
        if not 0 <= now <= MAX_QUANTITY:
            found = Found(balance.id, balance.sku, balance.now, balance.archived_at)
            raise refusal(found, delta)
        balance.now = now
        balance.moved = True
        self._note(balance.id, delta, now, label)

    def flush(self) -> None:
        """Write the movements made so far."""
        if self.journal:
            mine = {"operation_id": self.operation.id}
            insert_rows(self._connection, movement, _JOURNAL_COLUMNS, self.journal, mine)
            self._written += len(self.journal)
            self.journal.clear()

    def settle(self) -> None:
        """Write the movements so far and make every product's quantity what they say."""
        self.flush()
        changed = [
            (balance.now, self.operation.recorded_at, balance.id, balance.seen)
            for balance in self._moved()
        ]
        settle(self._connection, changed)

    def _note(self, product_id: int, delta: int, quantity: int, label: StoredLabel) -> None:
        self.journal.append((product_id, delta, quantity, *label))
        if len(self.journal) >= CHUNK:
            self.flush()

    def _moved(self) -> list[Balance]:
        """Return the products that moved, each once whatever its spellings, in order of id."""
        moved = {
            balance.id: balance for balance in self.balances.values() if balance and balance.moved
        }
        return [moved[key] for key in sorted(moved)]
