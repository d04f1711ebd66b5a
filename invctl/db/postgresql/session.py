"""A transaction with an inventory on a server: its statements, on the driver."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from psycopg.errors import ReadOnlySqlTransaction, SerializationFailure
from psycopg.sql import SQL, Identifier

from invctl.db import migrations
from invctl.db.postgresql.waiting import PatientConnection, Unconfirmed
from invctl.db.session import CHUNK, Posting, Row, Text

if TYPE_CHECKING:
    import psycopg

# Whose turn it is to number operations and movements has this row.
_TURN = b"SELECT value FROM setting WHERE name = %s FOR UPDATE"
# A record in the log, whose way to the standby is that of all before it; a replica writes none.
_CONFIRM = b"""
SELECT pg_is_in_recovery(), CASE WHEN current_setting('synchronous_standby_names') <> ''
    AND NOT pg_is_in_recovery() THEN pg_logical_emit_message(true, 'invctl', '') END
"""
_STAGE = "CREATE TABLE pg_temp.staged ({} TEXT) ON COMMIT DROP"


class ServerSession:
    """A session on a connection that has begun a transaction; see `db.session.Session`.

    In a `pipeline` nothing waits for an answer but who asks for one.
    """

    def __init__(
        self, driver: PatientConnection, pipeline: "psycopg.Pipeline | None" = None
    ) -> None:
        self.driver = driver
        self.was_answered = False
        """Whether the server is known to have been there since the transaction began."""
        self.is_committed = False
        """Whether the server has said so."""
        self._pipeline = pipeline
        self._lists = 0
        self._turn: psycopg.Cursor[Any] | None = None

    def one(self, statement: Text, /, **values: Any) -> Row | None:
        """Run a statement and return the first row of its answer."""
        cursor = self.driver.execute(statement.server.encode(), values)
        self._wait()
        return cursor.fetchone()

    def run(self, statement: Text, /, **values: Any) -> None:
        """Run a statement that has no answer."""
        self.driver.execute(statement.server.encode(), values)

    def post(self, posting: Posting, /, **values: Any) -> Row | None:
        """Run a posting as a whole, once its product and the turn are this transaction's."""
        locked = self.driver.execute(posting.lock.server.encode(), values)
        whole = self.driver.execute(posting.whole.server.encode(), values)
        self._wait()
        posted: Row | None = whole.fetchone()
        if posted is None:
            return None
        if not locked.rowcount:  # it has numbered what was not its turn: to be done again
            raise SerializationFailure("stock came after the lock, and before what it was for")
        self._turn = locked
        return posted

    def rows(self, statement: Text, /, **values: Any) -> Iterator[list[Row]]:
        """Yield the rows of an answer in chunks; the server keeps the rest, but in a pipeline."""
        if self._pipeline is not None:
            cursor = self.driver.execute(statement.server.encode(), values)
            self._wait()
            while rows := cursor.fetchmany(CHUNK):
                yield rows
            return
        self._lists += 1  # several may be read beside one another, each by a name of its own
        with self.driver.cursor(f"list {self._lists}") as kept:
            kept.execute(statement.server.encode(), values)
            while rows := kept.fetchmany(CHUNK):
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
        """Insert rows by COPY, which knows no defaults: so they are numbered here."""
        always = tuple(same.values())
        if first is None:
            self._copy(table, (*columns, *same), ((*row, *always) for row in rows))
        else:
            numbered = ((number, *row, *always) for number, row in enumerate(rows, first))
            self._copy(table, ("id", *columns, *same), numbered)

    def each(self, statement: Text, columns: Sequence[str], rows: Sequence[Row]) -> int:
        """Run a statement beside an array of each column's values; return the rows it changed."""
        if not rows:
            return 0
        # A column that no statement takes would be lost without a word, on either engine.
        assert set(columns) == set(statement.order), f"{columns} given, {statement.order} taken"
        arrays = map(list, zip(*rows, strict=True))
        cursor = self.driver.execute(
            statement.server.encode(), dict(zip(columns, arrays, strict=True))
        )
        self._wait()
        return cursor.rowcount

    def lock(self, statement: Text, /, **values: Any) -> None:
        """Lock the products that a statement selects, in the order of their ids."""
        self.one(statement, **values)

    def lock_among(self, statement: Text, column: str, texts: Callable[[], Iterable[str]]) -> None:
        """Lock those whose `column` is among texts that may be a million: they go into a table."""
        self.driver.execute(_STAGE.format(column).encode())
        self._copy("pg_temp.staged", (column,), ((text,) for text in texts()))
        self.one(statement)

    def take_turn(self) -> None:
        """Wait until nobody else numbers operations and movements."""
        self._turn = self.driver.execute(_TURN, (migrations.VERSION,))

    def version(self) -> int:
        """Return the schema's version, which who migrates it changes where nobody has the turn."""
        row = None if self._turn is None else self._turn.fetchone()
        return migrations.SCHEMA_VERSION if row is None else int(row[0])

    def search(self, everything: Text, words: Sequence[str]) -> dict[str, object]:
        """Return the ids of the products that hold each word, as `hits`."""
        # A server folds case in ways of its own, so every product is looked at here.
        from invctl.db.search import holds

        rows = chain.from_iterable(self.rows(everything))
        hits = [row[0] for row in rows if all(holds(word, *row[1:]) for word in words)]
        return {"hits": hits}

    def confirm(self) -> None:
        """Let the COMMIT wait until what was read is on the standby too, where there must be one.

        A wait that somebody cancelled has left there what only this server has. Raises what the
        driver does for a write on a replica, which may have what its primary will lose.
        """
        cursor = self.driver.execute(_CONFIRM)
        self._wait()
        row = cursor.fetchone()
        if row is None or row[0]:
            raise ReadOnlySqlTransaction("a replica cannot confirm what it has")

    def commit(self, seconds: float) -> None:
        """Commit, and return when the server says that it did, within so many seconds.

        Raises NoAnswer, and Unconfirmed where it is committed on this server alone.
        """
        self.driver.until = time.monotonic() + seconds
        try:
            done = self.driver.execute("COMMIT", prepare=False)
            self._wait()
        finally:
            self.driver.until = None
        if self.driver.is_unconfirmed:
            raise Unconfirmed("the wait for a standby was cancelled")
        # A transaction of which a statement failed is undone by that, without an error.
        assert done.statusmessage == "COMMIT", "a statement failed, and COMMIT would not tell"
        self.is_committed = True

    def _wait(self) -> None:
        """Wait for the answers to all that was sent.

        By a Sync, after which the server knows that it is waited for and not the other way round:
        fetching alone would send a Flush, and it would let a client be silent for ever.
        """
        if self._pipeline is not None:
            self._pipeline.sync()
        self.was_answered = True

    def _copy(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Write rows by COPY."""
        names = SQL(", ").join(map(Identifier, columns))
        into = Identifier(*table.split("."))
        command = SQL("COPY {} ({}) FROM STDIN").format(into, names)
        with self.driver.cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row(row)
