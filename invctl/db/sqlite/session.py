"""A transaction with an inventory's file: its statements, on the driver."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

from invctl.db.session import CHUNK, Posting, Row, Session, Text

T = TypeVar("T")

_TOGETHER = 50
"""Rows of one INSERT: that takes three quarters of the time of 50 INSERTs."""


class SQLiteSession:
    """A session on a connection that has begun a transaction; see `db.session.Session`."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self.driver = driver

    def one(self, statement: Text, /, **values: Any) -> Row | None:
        """Run a statement and return the first row of its answer."""
        row: Row | None = self._answer(statement, values).fetchone()
        return row

    def run(self, statement: Text, /, **values: Any) -> None:
        """Run a statement that has no answer."""
        self._answer(statement, values)

    def post(self, posting: Posting, /, **values: Any) -> Row | None:
        """Run the steps of a posting."""
        moved: Row | None = self._answer(posting.guard, values).fetchone()
        if moved is None:
            return None
        entered: Row = self._answer(posting.enter, values).fetchone()
        product, _, quantity, *_ = moved
        operation, movement = entered
        known = {"product_id": product, "operation_id": operation, "id": movement}
        self._answer(posting.note, {**values, **known, "quantity": quantity})
        return moved + entered

    def rows(self, statement: Text, /, **values: Any) -> Iterator[list[Row]]:
        """Yield the rows of an answer in chunks."""
        cursor = self._answer(statement, values)
        while rows := cursor.fetchmany(CHUNK):
            yield rows

    def insert(
        self,
        table: str,
        columns: Sequence[str],
        rows: Sequence[Row],
        *,
        first: int | None = None,
        **same: int,
    ) -> None:
        """Insert rows; SQLite itself numbers them from the `first` on."""
        several = len(rows) - len(rows) % _TOGETHER
        names, values = tuple(same), tuple(same.values())
        text = _insert_text(table, tuple(columns), names, _TOGETHER).format(*values)
        for start in range(0, several, _TOGETHER):
            together = tuple(chain.from_iterable(rows[start : start + _TOGETHER]))
            last = self.driver.execute(text, together).lastrowid
        one = _insert_text(table, tuple(columns), names, 1).format(*values)
        for row in rows[several:]:
            last = self.driver.execute(one, row).lastrowid
        if first is not None and rows:
            assert last == first + len(rows) - 1, f"{table} was numbered up to {last}"

    def each(self, statement: Text, columns: Sequence[str], rows: Sequence[Row]) -> int:
        """Run a statement for each row of values; return how many rows it changed."""
        if not rows:
            return 0
        ordered = itemgetter(*map(columns.index, statement.order))  # there are at least two
        return self.driver.executemany(statement.sqlite, map(ordered, rows)).rowcount

    def _answer(self, statement: Text, values: Mapping[str, Any]) -> sqlite3.Cursor:
        ordered = tuple(map(values.__getitem__, statement.order))
        return self.driver.execute(statement.sqlite, ordered)

    def lock(self, statement: Text, /, **values: Any) -> None:
        """Do nothing: no other connection writes while this one does."""

    def lock_among(self, statement: Text, column: str, texts: Callable[[], Iterable[str]]) -> None:
        """Do nothing, and ask for no texts."""

    def confirm(self) -> None:
        """Do nothing: what can be read is on the disk."""

    def take_turn(self) -> None:
        """Do nothing: it is this transaction's turn from the start."""

    def search(self, everything: Text, words: Sequence[str]) -> dict[str, object]:  # noqa: ARG002
        """Return nothing: a statement has the words, and asks back for each product."""
        return {}


class Begun:
    """A transaction that begins as said; what is not committed in it is undone at its end."""

    def __init__(self, driver: sqlite3.Connection, begin: str) -> None:
        self._driver = driver
        self._begin = begin

    def __enter__(self) -> None:
        self._driver.execute(self._begin)

    def __exit__(self, *_: object) -> None:
        # An error may have ended it already, and who is done with the inventory may close it
        # before a list that was broken off.
        try:
            if self._driver.in_transaction:
                self._driver.rollback()
        except sqlite3.ProgrammingError:
            pass


class TransactionLostError(BaseException):
    """SQLite has undone a whole transaction by itself, as where the disk is full.

    No work that shares it may take that for an error of its own.
    """


class Shared:
    """A transaction that several works share: one after the other is done or undone in it."""

    def __init__(self, session: SQLiteSession) -> None:
        self.session = session

    def do(self, work: Callable[[Session], T], *, dry_run: bool) -> T:
        """Do `work` within a savepoint; where it raises, or only rehearses, nothing of it is left.

        Raises TransactionLostError where nothing is left of the works before it, either.
        """
        driver = self.session.driver
        driver.execute("SAVEPOINT work")
        keep = False
        try:
            answer = work(self.session)
            keep = not dry_run
        finally:
            self._end(driver, keep=keep)
        return answer

    def _end(self, driver: sqlite3.Connection, *, keep: bool) -> None:
        if not driver.in_transaction:
            raise TransactionLostError
        if not keep:
            driver.execute("ROLLBACK TO work")  # which leaves the savepoint itself
        driver.execute("RELEASE work")


@cache
def _insert_text(table: str, columns: tuple[str, ...], same: tuple[str, ...], count: int) -> str:
    """Return an INSERT of so many rows; what is the `same` in all is yet to be put in its place."""
    names = ", ".join((*columns, *same))
    row = ", ".join(("?",) * len(columns) + tuple(f"{{{place}:d}}" for place in range(len(same))))
    rows = ", ".join([f"({row})"] * count)
    return f"INSERT INTO {table} ({names}) VALUES {rows}"  # noqa: S608 (our own names)
