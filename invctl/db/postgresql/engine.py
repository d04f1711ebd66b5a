"""An inventory on a server: its session, its transactions, and how its tables come about.

Nothing is kept in the session between transactions, so that a pooler may hand them to different
ones: what a transaction needs is said when it begins.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import cast

import psycopg
from sqlalchemy import Connection, RootTransaction, func, select
from sqlalchemy.exc import DBAPIError

from invctl.db import migrations
from invctl.db.database import Database, Migration, Overtaken, Restored, T, Verify
from invctl.db.postgresql import session
from invctl.db.postgresql.faults import is_cancelled, is_lost, is_passing, meaning, outcome
from invctl.db.schema import metadata, operation
from invctl.errors import DatabaseLocked, DatabaseMissing
from invctl.models import Finding
from invctl.settings import Location, ServerUrl

_PRESENT = migrations.SCHEMA_VERSION
_POLL = 0.2
_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.2
# Milliseconds after which a client that has gone silent has its transaction undone, since others
# may wait for it: one between two statements of its own, and one that reads its input meanwhile.
_SILENT = 10_000
_SILENT_WITH_MANY = 600_000
# Milliseconds that a statement may take, however short the waits.
_AT_LEAST = 1000
_LATEST = select(func.max(operation.c.id))
_SIZE = "SELECT pg_total_relation_size(to_regclass(%s))"


def _reading(timeout: float) -> session.Begin:
    return session.Begin("REPEATABLE READ READ ONLY", {"lock_timeout": _milliseconds(timeout)})


def _writing(timeout: float, *, many: bool) -> session.Begin:
    """Return how a write begins that has `timeout` seconds for each of its waits."""
    limits = {
        "lock_timeout": _milliseconds(timeout),
        "idle_in_transaction_session_timeout": _SILENT_WITH_MANY if many else _SILENT,
    }
    if not many:  # then what takes longer waits for something, if not for a lock
        limits["statement_timeout"] = max(limits["lock_timeout"], _AT_LEAST)
    return session.Begin("READ COMMITTED", limits)


def _milliseconds(seconds: float) -> int:
    return max(int(seconds * 1000), 1)  # 0 would mean for ever


class PostgreSQLDatabase(Database):
    """An inventory in the schema that a server's sessions begin in."""

    def __init__(
        self,
        location: Location,
        *,
        timeout: float = 5.0,
        create: bool = False,
        sku_rule: str | None = None,
    ) -> None:
        super().__init__(location, timeout=timeout, create=create, sku_rule=sku_rule)
        self.engine = cast(ServerUrl, location.server).engine
        self._connection: Connection | None = None
        self._exists = False
        self._seen: int | None = None

    @property
    def path(self) -> str:
        """The URL without its secrets."""
        return self.location.path

    @property
    def is_missing(self) -> bool:
        """Whether the schema holds no inventory yet."""
        with self._explained():
            self._connect()
        if not (self._exists or self.create):
            raise DatabaseMissing(self.path, self.location.source)
        return not self._exists

    @property
    def size_bytes(self) -> int | None:
        """The size of the tables and their indexes."""
        if self._connection is None or self.engine != "postgresql":
            return None
        driver = session.driver(self._connection)
        sizes = (driver.execute(_SIZE, (name,)).fetchone() for name in metadata.tables)
        return sum(int(size[0] or 0) for size in sizes if size)

    @contextmanager
    def read(self, *, unchecked: bool = False) -> Iterator[Connection]:
        """Give a connection in a transaction that sees one state of the inventory."""
        del unchecked  # a server's tables run no code that a reader would have to fear
        with self._explained():
            self._connect()
            if not self._exists:
                raise DatabaseMissing(self.path, self.location.source)
            with self._begun(_reading(self.timeout)) as transaction:
                yield transaction.connection

    def write(
        self, work: Callable[[Connection], T], *, dry_run: bool = False, many: bool = False
    ) -> T:
        """Do `work` in a transaction of its own, and again where others got in its way."""
        deadline = time.monotonic() + self.timeout
        pause = _FIRST_PAUSE
        while True:
            with self._explained():
                try:
                    return self._write_once(work, deadline, dry_run=dry_run, many=many)
                except (DBAPIError, psycopg.Error) as error:
                    if is_cancelled(error) and not many and time.monotonic() > deadline:
                        raise DatabaseLocked(self.path, self.timeout) from error
                    if not is_passing(error) or time.monotonic() + pause > deadline:
                        raise
                except Overtaken as error:
                    if time.monotonic() + pause > deadline:
                        raise DatabaseLocked(self.path, self.timeout) from error
            time.sleep(random.uniform(0, pause))  # noqa: S311 (no secret: it keeps rivals apart)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _write_once(
        self, work: Callable[[Connection], T], deadline: float, *, dry_run: bool, many: bool
    ) -> T:
        missing = self.is_missing
        left = max(deadline - time.monotonic(), 0.0)
        with self._begun(_writing(left, many=many)) as transaction:
            connection = transaction.connection
            creating = missing and self._make_tables(connection)
            answer = work(connection)
            if dry_run:
                transaction.rollback()
                return answer
            self._commit(transaction)
        self.created = self.created or creating
        self._exists = True
        return answer

    def wait_for_commit(self) -> None:
        """Return when another connection has committed something, within a fifth of a second."""
        while True:
            with self.read() as connection:
                before, self._seen = self._seen, connection.execute(_LATEST).scalar()
            if self._seen != before:
                return
            time.sleep(_POLL)

    # What only upkeep needs is loaded for nothing else.

    def inspect(self, connection: Connection) -> Iterator[Finding]:
        """Find tables that are not what they must be, and code that others put on them."""
        from invctl.db.postgresql.inspection import inspect_tables

        return inspect_tables(connection)

    def backup(self, path: str, verify: Verify) -> int:
        """Write all that there is to a new SQLite file, while others write; return its size."""
        from invctl.db.postgresql.upkeep import back_up

        with self.read() as connection:
            return back_up(connection, self.path, path, verify)

    def keep(self, why: str) -> str:
        """Copy the inventory as it is to an SQLite file in the user's data folder."""
        with self.read() as connection:
            return self._keep(connection, why, migrations.SCHEMA_VERSION)

    def _keep(self, connection: Connection, why: str, version: int) -> str:
        from invctl.db.postgresql.upkeep import keep

        return keep(connection, cast(ServerUrl, self.location.server), why, version)

    def restore(
        self, path: str, verify: Verify, ready: Callable[[], None], *, dry_run: bool = False
    ) -> Restored:
        """Put what an SQLite file holds in the place of all that there is, which is kept."""
        from invctl.db.postgresql.upkeep import replace, sound_copy

        missing = self.is_missing
        with sound_copy(path, self.timeout, verify) as source:
            if not (missing or dry_run):
                ready()

            def work(connection: Connection) -> str | None:
                keep_it = None if missing else lambda: self._keep(connection, "restore", _PRESENT)
                return replace(connection, source, self.path, keep_it)

            kept = None if dry_run else self.write(work, many=True)
        return Restored(missing, kept)

    def migrate(self, look: Callable[[Connection], None], *, dry_run: bool = False) -> Migration:
        """Bring older tables to the present schema; a copy of the inventory is kept."""
        self.close()
        with (
            self._explained(),
            closing(session.open_connection(self.location, self.timeout)) as connection,
            session.begin(connection, _writing(self.timeout, many=True)) as transaction,
        ):
            session.wait_for_creators(connection)
            before = session.schema_version(connection, self.path)
            if before is None:
                raise DatabaseMissing(self.path, self.location.source)
            kept = None
            if before != _PRESENT:
                if before > _PRESENT:
                    migrations.refuse_other_version(self.path, before)
                kept = None if dry_run else self._keep(connection, "migrate", before)
                migrations.migrate(connection, before)
                look(connection)
            if dry_run:
                transaction.rollback()
            else:
                self._commit(transaction)
        return Migration(before, kept)

    def close(self) -> None:
        """End the session."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _begun(self, begin: session.Begin) -> Iterator[RootTransaction]:
        """Give a transaction; what of it is not committed is undone.

        Where the session was lost since it was last used, a new one takes its place.
        """
        used = self._connection is not None
        try:
            transaction = session.begin(self._connect(), begin)
        except (DBAPIError, psycopg.Error) as error:
            if not (used and is_lost(error)):
                raise
            self._forget()
            transaction = session.begin(self._connect(), begin)
        with transaction:
            yield transaction

    def _commit(self, transaction: RootTransaction) -> None:
        if session.has_failed(transaction.connection):
            raise AssertionError("the transaction failed, and COMMIT would not tell")
        try:
            transaction.commit()
        except (DBAPIError, psycopg.Error) as error:
            unknown = outcome(self.location, error)
            if unknown is None:
                raise
            self._forget()
            raise unknown from error

    def _make_tables(self, connection: Connection) -> bool:
        """Make the tables if nobody has meanwhile; of many who want to, one does at a time."""
        session.wait_for_creators(connection)
        if session.schema_version(connection, self.path) is not None:
            return False
        session.make_schema(connection)
        migrations.create(connection, self.sku_rule)
        return True

    def _connect(self) -> Connection:
        """Return the session, and know whether there is an inventory of this version."""
        if self._connection is not None and session.is_lost(self._connection):
            self._forget()
        if self._connection is None:
            self._exists = False
            self._connection = session.open_connection(self.location, self.timeout)
        if not self._exists:
            version = session.schema_version(self._connection, self.path)
            if version is not None:
                migrations.refuse_other_version(self.path, version)
                self._exists = True
        return self._connection

    def _forget(self) -> None:
        """Let go of a session that is of no more use."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Translate what the driver raises and leave no broken session behind."""
        try:
            yield
        except (DBAPIError, psycopg.Error) as error:
            raise meaning(self.location, self.timeout, error) from error
