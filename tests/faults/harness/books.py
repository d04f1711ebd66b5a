"""What must be true of an inventory's books, whatever has gone wrong: the judge of every sweep.

Reads the file as any program with SQLite would, so that a log that a crash left is played in; it
knows nothing of invctl but its tables.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from shop import Result, Shop

ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"
_OUTCOME_UNKNOWN, _OUTPUT_IO, _SIGNALLED = 9, 15, 128
_MOVEMENTS = """SELECT movement.operation_id, sku, delta, movement.quantity
    FROM movement LEFT JOIN product ON product.id = product_id ORDER BY movement.id"""
_HELD = """SELECT sku, held, coalesce(sum(amount), 0) FROM product
    LEFT JOIN promise ON product_id = product.id AND kind = 'hold' AND closed_by IS NULL
    GROUP BY product.id"""

Moved = tuple[tuple[str, int], ...]
"""The movements of one operation: which SKUs, by how much, in order."""


_POTS = """
SELECT id, quantity, (SELECT coalesce(sum(delta), 0) FROM movement WHERE pot_id = pot.id) FROM pot
"""
_PLACED = """
SELECT sku, placed, (SELECT coalesce(sum(quantity), 0) FROM pot WHERE product_id = product.id)
FROM product
"""


class Try(NamedTuple):
    """One run of a mutation, and what its caller knows of it; a delta of 0 moves nothing.

    `more` are the movements of the same operation after the first.
    """

    key: str | None
    sku: str
    delta: int
    outcome: str
    more: Moved = ()

    @classmethod
    def of(cls, code: int, key: str | None, sku: str, delta: int, more: Moved = ()) -> "Try":
        """Return what an exit code tells; below 0 it is the signal that the process died of."""
        return cls(key, sku, delta, outcome_of(code), more)

    @property
    def moved(self) -> Moved:
        """The movements that it makes if it happens."""
        return tuple(move for move in ((self.sku, self.delta), *self.more) if move[1])


def outcome_of(code: int) -> str:
    """Return what the caller of a process knows by its exit code.

    Output that could not be written (15) may belong to a change that was made.
    """
    if code < 0 or code >= _SIGNALLED or code in (_OUTCOME_UNKNOWN, _OUTPUT_IO):
        return UNKNOWN
    return REFUSED if code else ACKNOWLEDGED


class Operation(NamedTuple):
    """An operation as the ledger has it."""

    id: int
    key: str | None
    moved: Moved


def check_books(
    db: Path, opening: Mapping[str, int], tries: Sequence[Try], *, after: int | None = None
) -> list[str]:
    """Return what is wrong with the books at `db`, as sentences; nothing is right.

    `opening` are the quantities before the tries. `after` is the last operation before them;
    without it that is the one before the first that has a key of theirs, so that tries without
    keys need it. Tries with one key are retries of one request.
    """
    if not db.exists():
        lost = [one for one in tries if one.outcome == ACKNOWLEDGED]
        return [f"{one.key or 'a change'} was acknowledged and there is no file" for one in lost]
    with closing(sqlite3.connect(db)) as connection:
        try:
            damage = list(_damage(connection))
            return damage or [
                *_unbalanced(connection),
                *_misplaced(connection),
                *_unexplained(connection, opening, tries, after),
            ]
        except sqlite3.Error as error:
            return [f"the file cannot be read: {error}"]


def _damage(connection: sqlite3.Connection) -> Iterator[str]:
    for (finding,) in connection.execute("PRAGMA integrity_check"):
        if finding != "ok":
            yield f"integrity_check: {finding}"
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} has no {parent}"


def _unbalanced(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield where a balance is not the sum of its movements, at the end or on the way."""
    sums: Counter[str] = Counter()
    for operation, sku, delta, quantity in connection.execute(_MOVEMENTS):
        sums[sku] += delta
        if quantity != sums[sku]:
            yield f"operation {operation} left {sums[sku]} of {sku}, its movement says {quantity}"
    for sku, quantity in connection.execute("SELECT sku, quantity FROM product"):
        if quantity < 0 or quantity != sums[sku]:
            yield f"the movements of {sku} make {sums[sku]}, its balance is {quantity}"
    for sku, held, promised in connection.execute(_HELD):
        if held != promised:
            yield f"the open holds of {sku} are of {promised}, it says {held}"


def _misplaced(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield where a pot is not the sum of its movements, and a product not that of its pots."""
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'pot'").fetchone():
        return
    for pot, there, moved in connection.execute(_POTS):
        if there != moved or there < 0:
            yield f"the movements of pot {pot} make {moved}, it says {there}"
    for sku, placed, there in connection.execute(_PLACED):
        if placed != there:
            yield f"the pots of {sku} make {there}, it says {placed}"


def _unexplained(
    connection: sqlite3.Connection,
    opening: Mapping[str, int],
    tries: Sequence[Try],
    after: int | None,
) -> Iterator[str]:
    """Yield what the tries do not explain in the ledger, and what they do and it lacks."""
    operations = operations_of(connection)
    keys = {one.key for one in tries if one.key is not None}
    if after is None:
        firsts = [one.id for one in operations if one.key in keys]
        after = (min(firsts) if firsts else len(operations) + 1) - 1
    before: Counter[str] = Counter()
    for one in operations:
        if one.id <= after:
            for sku, delta in one.moved:
                before[sku] += delta
    for sku in sorted(before.keys() | opening.keys()):
        if before[sku] != opening.get(sku, 0):
            yield f"{sku} began with {opening.get(sku, 0)}, the ledger says {before[sku]}"
    made = [one for one in operations if one.id > after]
    yield from _keyed(made, tries, keys)
    yield from _keyless(made, tries)


def operations_of(connection: sqlite3.Connection) -> list[Operation]:
    """Return the operations of an inventory with their movements, in order of id."""
    moved: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for operation, sku, delta, _ in connection.execute(_MOVEMENTS):
        moved[operation].append((sku, delta))
    rows = connection.execute("SELECT id, idempotency_key FROM operation ORDER BY id")
    return [Operation(number, key, tuple(moved[number])) for number, key in rows]


def _keyed(made: Sequence[Operation], tries: Sequence[Try], keys: set[str]) -> Iterator[str]:
    for key in sorted(keys):
        found = [one for one in made if one.key == key]
        mine = [one for one in tries if one.key == key]
        outcomes = {one.outcome for one in mine}
        if len(found) > 1:
            yield f"{key} happened {len(found)} times"
        if ACKNOWLEDGED in outcomes and not found:
            yield f"{key} was acknowledged and is lost"
        if outcomes == {REFUSED} and found:
            yield f"{key} was refused and happened"
        allowed = {one.moved for one in mine}
        for one in found:
            if one.moved not in allowed:
                yield f"{key} moved {list(one.moved)}, not {list(mine[0].moved)}"
    for one in made:
        if one.key is not None and one.key not in keys:
            yield f"operation {one.id} has the key {one.key}, which nobody gave"


def _keyless(made: Sequence[Operation], tries: Sequence[Try]) -> Iterator[str]:
    """Compare what has no key by what it moved: so many acknowledged, at most so many more."""
    found = Counter(one.moved for one in made if one.key is None)
    mine = [one for one in tries if one.key is None]
    least = Counter(one.moved for one in mine if one.outcome == ACKNOWLEDGED)
    most = least + Counter(one.moved for one in mine if one.outcome == UNKNOWN)
    for moved in sorted(found.keys() | most.keys()):
        if not least[moved] <= found[moved] <= most[moved]:
            expected = f"{least[moved]} to {most[moved]}"
            yield f"{list(moved)} without a key: {found[moved]} times, not {expected}"


def retried(shop: Shop, *command: str) -> Result:
    """Run a command with its key again; assert that it succeeds and has happened once in all."""
    key = command[command.index("--idempotency-key") + 1]
    result = shop.run(*command)
    assert result.code == 0, result.stderr
    with closing(sqlite3.connect(shop.db)) as connection:
        happened = [one for one in operations_of(connection) if one.key == key]
    assert len(happened) == 1, f"{key} happened {len(happened)} times"
    return result
