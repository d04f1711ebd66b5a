"""One open inventory: its connection, its transactions, and what the driver's errors mean."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from urllib.parse import quote

from sqlalchemy import Connection, RootTransaction, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from invctl.db import files, migrations
from invctl.db.faults import meaning, outcome
from invctl.db.gate import Gate
from invctl.db.search import holds
from invctl.errors import (
    ConfigError,
    DatabaseLocked,
    DatabaseMissing,
    DatabaseUnusable,
    OutcomeUnknown,
)
from invctl.settings import Location

_OLDEST = (3, 37, 0)  # the first with STRICT tables
_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
    "PRAGMA cache_size = -8000",  # 8 MB at the most: four times as much gains a load nothing
    "PRAGMA temp_store = MEMORY",  # UPDATE … RETURNING makes a temporary table each time
)
_POLL = 0.2
_IDENTIFY = """SELECT application_id, user_version, journal_mode
    FROM pragma_application_id, pragma_user_version, pragma_journal_mode"""
_STRANGERS = "SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view') LIMIT 1"


class Database:
    """An inventory in an SQLite file, opened when it is first needed.

    `timeout` is how many seconds a writer waits for its turn. With `create`, the first write
    makes a missing file: it appears whole, with what that write did and `sku_rule` as its rule
    for new SKUs, or not at all.
    """

    engine = "sqlite"

    def __init__(
        self,
        location: Location,
        *,
        timeout: float = 5.0,
        create: bool = False,
        sku_rule: str | None = None,
    ) -> None:
        self.location = location
        self.path = files.real_path(location.path)
        self.timeout = timeout
        self.create = create
        self.sku_rule = sku_rule
        self.created = False
        self.warnings: list[str] = []
        self._connection: Connection | None = None
        self._identity: files.Identity | None = None
        self._gate = Gate(f"{self.path}.lock")
        self._checked_schema: int | None = None
        self._waits = timeout
        self._seen: int | None = None

    @property
    def is_missing(self) -> bool:
        """Whether there is no file yet, and this may make one; raises DatabaseMissing if not."""
        try:
            files.identify(self.path, self.location)
        except DatabaseMissing:
            if not self.create:
                raise
            return True
        return False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection in a transaction that sees one state of the inventory.

        Raises DatabaseMissing, DatabaseUnusable, DatabaseLocked or PermissionRefused.
        """
        with self._explained():
            connection = self._connect()
            with self._begun(connection, "BEGIN"):
                yield connection

    @contextmanager
    def write(self, *, dry_run: bool = False) -> Iterator[Connection]:
        """Give a connection in a transaction of its own, durable when the block has ended.

        An exception in the block undoes all of it, and so does `dry_run` at its end. Raises
        OutcomeUnknown where the commit itself failed, and what `read` raises.
        """
        missing = self._connection is None and self.is_missing
        if missing and dry_run:
            with self._rehearsal() as connection:
                yield connection
            return
        if missing:
            files.make_folder(self.path)
        with self._explained(), self._gate.passed(self.timeout) as remaining:
            # Asked again: another process may have made it while this one stood in the queue.
            if missing and self.is_missing:
                with self._creation() as connection:
                    yield connection
                return
            connection = self._connect()
            if self._checked_schema is None:
                files.refuse_read_only(self.path)
            self._wait_for(connection, remaining)
            with self._transaction(connection, dry_run=dry_run):
                yield connection

    def wait_for_commit(self) -> None:
        """Return when another connection has committed something, within a fifth of a second."""
        while self._connection is not None and self._identity:
            before, self._seen = self._seen, self._commits_seen()
            if self._seen != before:
                return
            time.sleep(_POLL)
            if not files.is_same_file(self.path, self._identity):
                self._disconnect()  # another file has its name now: go on with that one

    def _commits_seen(self) -> int:
        """Return a number that changes when another connection commits."""
        assert self._connection is not None
        return int(self._driver(self._connection).execute("PRAGMA data_version").fetchone()[0])

    @property
    def size_bytes(self) -> int:
        """The size of the file and of the log beside it."""
        return files.size(self.path) + files.size(f"{self.path}-wal")

    def close(self) -> None:
        """Close the connection and leave the queue of writers."""
        self._disconnect()
        self._gate.close()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._checked_schema = None

    @contextmanager
    def _begun(self, connection: Connection, begin: str) -> Iterator[RootTransaction]:
        """Give a transaction begun as SQLite must begin it; what is not committed is undone.

        The driver begins none of its own (`isolation_level=None`), and an event for `begin`
        would cost every statement a look for other events.
        """
        with connection.begin() as transaction:
            self._driver(connection).execute(begin)
            yield transaction

    @contextmanager
    def _transaction(self, connection: Connection, *, dry_run: bool) -> Iterator[None]:
        with self._begun(connection, "BEGIN IMMEDIATE") as transaction:
            self._refuse_strangers(connection)
            yield
            if dry_run:
                transaction.rollback()
                return
            try:
                transaction.commit()
            except (DBAPIError, sqlite3.Error) as error:
                # SQLite may have left the transaction open: only a new connection is sure.
                connection.invalidate()
                self._disconnect()
                raise outcome(self.path, self.timeout, error) from error
        if self._identity and not files.is_same_file(self.path, self._identity):
            self._disconnect()
            raise OutcomeUnknown(self.path, "the file was replaced or removed meanwhile")

    def _wait_for(self, connection: Connection, seconds: float) -> None:
        """Let SQLite wait as long for its lock as the gate has left of the time there was."""
        if abs(seconds - self._waits) > 0.01:
            self._driver(connection).execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
            self._waits = seconds

    @contextmanager
    def _creation(self) -> Iterator[Connection]:
        """Make the database and the first change to it as one file, then give that its name."""
        new = files.new_file(self.path)
        connection = self._open(new)
        # Nothing to lose until it has its name; `publish` syncs the whole file before that.
        self._driver(connection).execute("PRAGMA synchronous = OFF")
        try:
            with self._begun(connection, "BEGIN IMMEDIATE"):
                migrations.create(connection, self.sku_rule)
                yield connection
        except BaseException:
            connection.close()
            files.discard(new)
            raise
        self._driver(connection).execute(f"PRAGMA journal_mode = {self._journal()}")
        connection.close()
        if not files.publish(new, self.path):
            files.discard(new)
            raise DatabaseLocked(self.path, self.timeout)
        self.created = True

    @contextmanager
    def _rehearsal(self) -> Iterator[Connection]:
        """Give a database that is like the one to be created, and is gone afterwards."""
        connection = self._open(":memory:")
        try:
            with self._explained(), self._begun(connection, "BEGIN"):
                migrations.create(connection, self.sku_rule)
                yield connection
        finally:
            connection.close()

    def _connect(self) -> Connection:
        """Return the connection, opened and recognised as an inventory of this version.

        Where another file has the name by now, that is opened: SQLite finds the log by name, so
        the old connection would write into the log of the new file.
        """
        if self._identity and not files.is_same_file(self.path, self._identity):
            self._disconnect()
        if self._connection is None:
            identity = files.identify(self.path, self.location)
            connection = self._open(self.path)
            try:
                self._recognise(connection)
            except BaseException:
                connection.close()
                raise
            self._connection, self._identity = connection, identity
        return self._connection

    def _open(self, path: str) -> Connection:
        if sqlite3.sqlite_version_info < _OLDEST:
            found = sqlite3.sqlite_version
            raise ConfigError("SQLite", f"version {found} is too old", "3.37 or newer is needed")
        uri = path if path == ":memory:" else f"file:{quote(files.encoded(path))}?mode=rw"

        def connect() -> sqlite3.Connection:
            return sqlite3.connect(
                uri, uri=True, timeout=self.timeout, isolation_level=None, check_same_thread=False
            )

        engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
        with self._explained():
            connection = engine.connect()
        driver = self._driver(connection)
        for pragma in _PRAGMAS:
            driver.execute(pragma)
        driver.create_function("invctl_holds", 4, holds, deterministic=True)
        return connection

    @staticmethod
    def _driver(connection: Connection) -> sqlite3.Connection:
        return cast("sqlite3.Connection", connection.connection.dbapi_connection)

    def _recognise(self, connection: Connection) -> None:
        """Refuse a file that is not an inventory, or a newer one; set its journal up."""
        application, version, journal = self._driver(connection).execute(_IDENTIFY).fetchone()
        if application != migrations.APPLICATION_ID:
            problem = "is an SQLite database, but not an inventory"
            raise DatabaseUnusable(self.path, problem, "give another path")
        if version > migrations.SCHEMA_VERSION:
            problem = (
                f"was written by a newer invctl (schema version {version}; "
                f"this one knows {migrations.SCHEMA_VERSION})"
            )
            raise DatabaseUnusable(self.path, problem, "upgrade invctl")
        if version < migrations.SCHEMA_VERSION:
            problem = f"has the older schema version {version}"
            raise DatabaseUnusable(self.path, problem, "`invctl db migrate` brings it up to date")
        self._set_up_journal(connection, journal)

    def _set_up_journal(self, connection: Connection, journal: str) -> None:
        """WAL with FULL, or where that is unsafe DELETE with EXTRA: neither loses a commit."""
        wanted = self._journal()
        if journal != wanted and files.is_writable(self.path):
            change = self._driver(connection).execute(f"PRAGMA journal_mode = {wanted}")
            journal = change.fetchone()[0]
        safe = "FULL" if journal == "wal" else "EXTRA"
        self._driver(connection).execute(f"PRAGMA synchronous = {safe}")
        if wanted != "wal":
            self.warnings.append(
                f"{self.path} is on a network file system: only one computer may use it at a time"
            )

    def _journal(self) -> str:
        return "delete" if files.is_on_network(files.folder(self.path)) else "wal"

    def _refuse_strangers(self, connection: Connection) -> None:
        """Refuse to write where the file brings code of its own that a write would run."""
        schema = self._driver(connection).execute("PRAGMA schema_version").fetchone()[0]
        if schema == self._checked_schema:
            return
        stranger = self._driver(connection).execute(_STRANGERS).fetchone()
        if stranger:
            problem = "has a {} {!r} that invctl did not make".format(*stranger)
            raise DatabaseUnusable(self.path, problem, "look into it before anything is written")
        self._checked_schema = schema

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Translate what the driver raises; nothing else in the project knows its errors."""
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            raise meaning(self.path, self.timeout, error) from error
