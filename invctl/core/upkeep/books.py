"""What an inventory's records add up to, and what is wrong with them beside what is written there.

It sums in Python: a forged journal may hold deltas whose sum no engine's integers can. The journal
is read once, from end to end.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from invctl.codes import code_key
from invctl.db.session import Row, Session
from invctl.models.reports import Finding
from invctl.repository import checks, codes, settings
from invctl.values import MAX_QUANTITY

_MOST = 100
"""Findings about runs: one that is too long may put every later one in the wrong place."""


class Books:
    """The sums of all movements, by product and by pot, once `journal` has been gone through."""

    def __init__(self, session: Session) -> None:
        self.sums: dict[int, int] = {}
        self._potted: dict[tuple[int, int], int] = {}
        self._session = session

    def journal(self) -> Iterator[Finding]:
        """Add the movements up; yield what is first wrong with each product's, and with runs."""
        sums, potted, known = self.sums, self._potted, set[int]()
        runs = Runs("movements", checks.movement_runs(self._session))
        rows = checks.journal(self._session)
        for number, operation, product, pot, delta, left in rows:
            if operation != runs.operation or number != runs.following:
                yield from runs.begin(operation, number)
            runs.following = number + 1
            # What a damaged row gives for a number may be anything.
            by = delta if delta.__class__ is int else 0
            sums[product] = total = sums.get(product, 0) + by
            if pot is not None:
                potted[pot, product] = potted.get((pot, product), 0) + by
            if (left != total or not 0 <= total <= MAX_QUANTITY) and product not in known:
                known.add(product)
                yield _fault(checks.sku_of(self._session, product), number, total, left)
        yield from runs.end()

    def balances(self) -> Iterator[Finding]:
        """Yield the products whose quantity is not the sum of their movements."""
        for product, sku, quantity, *_ in checks.quantities(self._session):
            total = self.sums.get(product, 0)
            if quantity != total:
                message = f"{_plain(quantity)} in stock, but its movements add up to {total}"
                yield Finding("balance", _shown(sku), message, total, _plain(quantity))

    def wrong_pots(self) -> Iterator[Row]:
        """Yield pots whose quantity is not the sum: pot, product, SKU, quantity, sum."""
        for pot, product, sku, quantity in checks.pots(self._session):
            # What is left at the end was moved in pots of other products: `pots` tells of it.
            total = self._potted.pop((pot, product), 0)
            if quantity != total:
                yield pot, product, sku, quantity, total

    def pots(self) -> Iterator[Finding]:
        """Yield what is wrong with the pots, and with what was moved in those of others."""
        for pot, _, sku, quantity, total in self.wrong_pots():
            message = f"{_plain(quantity)} in pot {pot}, but its movements add up to {total}"
            yield Finding("pot", _shown(sku), message, total, _plain(quantity))
        for pot, product in sorted(self._potted):
            sku = checks.sku_of(self._session, product)
            message = f"movements of it are in pot {pot}, which is another product's"
            yield Finding("pot", _shown(sku), message)


class Runs:
    """Where operations say that their movements or changes are, beside where they are.

    Those of an operation stand together, and later ones have later operations. Whoever goes through
    them calls `begin` at each that does not go on with the run before it, and `end` at the end.
    """

    def __init__(self, what: str, told: Iterator[Row]) -> None:
        self.operation = 0
        """Whose run is going by."""
        self.following = 0
        """The id that goes on with it, kept by whoever calls `begin`."""
        self._first = 0
        self._what = what
        self._told = told
        self._next: Row | None = next(self._told, None)
        self._found = 0

    def begin(self, operation: int, first: int) -> Iterator[Finding]:
        """Let an operation's run begin; yield what is wrong with the one that has gone by."""
        yield from self._passed()
        self.operation, self._first = operation, first

    def end(self) -> Iterator[Finding]:
        """Yield what is wrong with the last run, and with those that have not come by."""
        yield from self._passed()
        for told in (self._next, *self._told) if self._next else ():
            yield from self._wrong(told, None)

    def _passed(self) -> Iterator[Finding]:
        """Yield what is wrong with a run that has gone by, and with those told before it."""
        operation, there = self.operation, (self._first, self.following - 1)
        if not operation or operation.__class__ is not int:
            return  # nothing has gone by, or what is damaged, which the engine tells of
        while self._next is not None and self._next[0] < operation:
            yield from self._wrong(self._next, None)
            self._next = next(self._told, None)
        told = self._next if self._next is not None and self._next[0] == operation else None
        if told is not None:
            self._next = next(self._told, None)
        if told != (operation, *there):
            yield from self._wrong(told or (operation, None, None), there)

    def _wrong(self, told: Row, there: tuple[int, int] | None) -> Iterator[Finding]:
        self._found += 1
        if self._found <= _MOST:
            expected, actual = _range(there), _range(told[1:])
            message = (
                f"the {self._what} of operation {told[0]} are {expected}, but it says {actual}"
            )
            yield Finding("run", None, message, expected, actual)


def undos(session: Session) -> Iterator[Finding]:
    """Yield undos that leave something, and operations that are taken for what they are not."""
    for undo, undone, sku, rest in checks.remainders(session):
        message = f"operation {undo} undid operation {undone}, but not to the last unit"
        yield Finding("undo", _shown(sku), message, 0, int(rest))
    for undone, told, right, undo in checks.mistaken_undos(session):
        message = f"operation {undone} is {'not ' * bool(told)}in effect, against its undos"
        if told == right:
            message = f"operation {undone} is undone by operation {undo}, which was before it"
        yield Finding("undo", None, message, right, _plain(told))


def holds(session: Session) -> Iterator[Finding]:
    """Yield the products of which not as much is held as their open holds say."""
    # That it is in its range, and what lies in places too, is a constraint; the engine tells.
    for _, sku, held, total in checks.misheld(session):
        message = f"{_plain(held)} held, but its open holds add up to {_plain(total)}"
        yield Finding("held", _shown(sku), message, _plain(total), _plain(held))


def places(session: Session) -> Iterator[Finding]:
    """Yield products of which not as much lies in places as pots say, or in one that is gone."""
    for _, sku, placed, total in checks.misplaced(session):
        message = f"{_plain(placed)} in places, but its pots add up to {_plain(total)}"
        yield Finding("placed", _shown(sku), message, _plain(total), _plain(placed))
    for sku, name, units in checks.mislaid(session):
        message = f"{_plain(units)} in {_plain(name)}, a place that was removed"
        yield Finding("value", _shown(sku), message, 0, _plain(units))


def coded(session: Session) -> Iterator[Finding]:
    """Yield the codes that would not be found by what is scanned, or that are SKUs as well."""
    rule = "strict" if settings.setting(session, "sku_rule") == "strict" else "any"
    for key, code, sku, _, _ in chain.from_iterable(codes.every(session)):
        right = code_key(code, rule) if isinstance(code, str) else None
        if key != right:
            message = f"its code {_plain(code)} is kept as {_plain(key)}, and would not be found"
            yield Finding("value", _shown(sku), message, right, _plain(key))
    for code, sku in checks.mistaken_codes(session):
        yield Finding("value", _shown(sku), f"{_plain(code)} is a code and a SKU")


def changes(session: Session) -> Iterator[Finding]:
    """Yield what is wrong with the changes: where they are, and what they come to."""
    runs = Runs("changes", checks.change_runs(session))
    for number, operation in checks.change_journal(session):
        if operation != runs.operation or number != runs.following:
            yield from runs.begin(operation, number)
        runs.following = number + 1
    yield from runs.end()
    for sku, field, after, now in checks.mistold(session):
        message = f"its {field} is {_plain(now)}, but was last changed to {_plain(after)}"
        yield Finding("field", _shown(sku), message, _optional(after), _optional(now))


def _fault(sku: object | None, number: int, total: int, left: object) -> Finding:
    if left != total:
        message = f"movement {number} says that it left {_plain(left)}, but it left {total}"
        return Finding("journal", _shown(sku), message, total, _plain(left))
    message = f"movement {number} left what no stock can be"
    return Finding("range", _shown(sku), message, None, total)


def _range(run: Sequence[Any] | None) -> str:
    return "nowhere" if run is None or None in run else f"{_plain(run[0])} to {_plain(run[1])}"


def _plain(value: Any) -> int | str:
    """Return a number or text as it is, and what only a damaged row has in words."""
    return value if isinstance(value, int | str) else repr(value)


def _optional(value: Any) -> int | str | None:
    return None if value is None else _plain(value)


def _shown(sku: object | None) -> str | None:
    return None if sku is None else str(_plain(sku))
