"""An inventory on a server: its session, its transactions, and how its tables come about.

A pooler may hand transactions to different sessions: behind one, nothing is kept in the session
between them, and what a transaction needs is said when it begins. Elsewhere that is said once.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import psycopg

from invctl.db import migrations
from invctl.db.database import Migration, Restored, T, Verify
from invctl.db.postgresql import steps
from invctl.db.postgresql.connection import Begin, Connection, milliseconds
from invctl.db.postgresql.faults import (
    TO_MAKE,
    TO_REPLACE,
    is_cancelled,
    is_lost,
    is_passing,
    is_taken,
    meaning_at_commit,
    rights,
)
from invctl.db.postgresql.hosts import connect
from invctl.db.postgresql.reaching import ServerReach
from invctl.db.postgresql.schemas import make_schema
from invctl.db.postgresql.session import ServerSession
from invctl.db.session import Session, Text
from invctl.errors import (
    DatabaseLocked,
    DatabaseMissing,
    DatabaseUnusable,
    OutcomeUnknown,
    PermissionRefused,
    ServerUnreachable,
)
from invctl.models.reports import Finding

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
# Seconds in which a standby must have come up with a large change before it is called unknown.
_STANDBY_CATCHES_UP = 60.0
# What says nothing of a change whose outcome is unknown: it could not be looked for.
_UNTOLD = (OutcomeUnknown, DatabaseLocked, DatabaseMissing, DatabaseUnusable, PermissionRefused)
_LATEST = Text("", "SELECT max(id) FROM operation")


def _reading(timeout: float) -> Begin:
    return Begin("REPEATABLE READ READ ONLY", {"lock_timeout": milliseconds(timeout)})


def _writing(timeout: float, *, many: bool) -> Begin:
    """Return how a write begins that has `timeout` seconds for each of its waits."""
    limits = {
        "lock_timeout": milliseconds(timeout),
        "idle_in_transaction_session_timeout": _SILENT_WITH_MANY if many else _SILENT,
    }
    if not many:  # then what takes longer waits for something, if not for a lock
        limits["statement_timeout"] = max(limits["lock_timeout"], _AT_LEAST)
    return Begin("READ COMMITTED", limits)


class PostgreSQLDatabase(ServerReach):
    """An inventory in the schema that a server's sessions begin in."""

    def size_bytes(self) -> int | None:
        """Return the size of the tables and their indexes; None where nobody tells it any more."""
        if self._connection is None:
            return None
        try:
            with self._explained():
                return self._connection.size()
        except ServerUnreachable:  # what is asked for may be done already, and that is told
            return None

    @contextmanager
    def read(
        self,
        *,
        unchecked: bool = False,
        whole: bool = False,  # noqa: ARG002 (a server's rows are of any length)
    ) -> Iterator[Session]:
        """Give a transaction that sees one state of the inventory."""
        with self._explained():
            connection = self._connect()
            if not self._exists:
                raise DatabaseMissing(self.path, self.location.source)
            if not unchecked:
                connection.refuse_strangers(self.path)
            with self._reading() as session:
                yield session

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        """Begin to read; where the session was lost since it was last used, a new one does."""
        was_used = self._connection is not None
        with ExitStack() as stack:
            try:
                session = stack.enter_context(self._connect().transaction(_reading(self.timeout)))
            except psycopg.Error as error:
                if not (was_used and is_lost(error)):
                    raise
                self.close()
                session = stack.enter_context(self._connect().transaction(_reading(self.timeout)))
            yield session

    def write(
        self,
        work: Callable[[Session], T],
        *,
        dry_run: bool = False,
        many: bool = False,
        repeatable: bool = False,
    ) -> T:
        """Do `work` in a transaction of its own, and again where others got in its way.

        Where another host may have taken the server's place, it is done there; what was sent to
        be committed only if it is `repeatable`.
        """
        try:
            return self._write(work, dry_run=dry_run, many=many)
        except OutcomeUnknown as unknown:
            if not (repeatable and self._moves):
                raise
            return self._found_out(unknown, work, many=many)

    def _found_out(self, unknown: OutcomeUnknown, work: Callable[[Session], T], *, many: bool) -> T:
        """Do repeatable work again, whose outcome is not known; raise that where it stays so."""
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                return self._write(work, dry_run=False, many=many)
            except _UNTOLD:
                if time.monotonic() > deadline:
                    raise unknown from None
            time.sleep(_POLL)

    def _write(self, work: Callable[[Session], T], *, dry_run: bool, many: bool) -> T:
        deadline = time.monotonic() + self.timeout
        left = self.timeout
        pause = _FIRST_PAUSE
        is_last = False
        while True:
            was_used = self._connection is not None
            with self._explained():
                try:
                    return self._write_once(work, left, dry_run=dry_run, many=many)
                except psycopg.Error as error:
                    if is_cancelled(error) and not many and time.monotonic() > deadline:
                        raise DatabaseLocked(self.path, self.timeout) from error
                    if is_lost(error) and self._may_begin_anew(deadline, was_used=was_used):
                        self.close()
                        continue
                    is_late = time.monotonic() + pause > deadline
                    if not is_passing(error) or is_last or (is_late and not is_taken(error)):
                        raise
                    is_last = is_late  # who took it has committed: it is seen without a wait
            time.sleep(random.uniform(0, pause))  # noqa: S311 (no secret: it keeps rivals apart)
            pause = min(pause * 2, _LONGEST_PAUSE)
            left = max(deadline - time.monotonic(), 0.0)

    def _may_begin_anew(self, deadline: float, *, was_used: bool) -> bool:
        """Return whether work whose session was lost before its COMMIT may be done in a new one."""
        if was_used and not self._was_answered:
            return True  # it was lost since it was last used: nothing has begun
        return self._moves and time.monotonic() < deadline

    def _write_once(
        self, work: Callable[[Session], T], left: float, *, dry_run: bool, many: bool
    ) -> T:
        self._was_answered = False
        if self._connection is None:
            left = self.timeout  # finding the server is a wait of its own
        missing = self._lacks_tables()
        connection = self._connect()
        connection.refuse_strangers(self.path)
        pipelined = not (many or missing)  # neither COPY nor the making of tables can be
        with connection.transaction(_writing(left, many=many), pipelined=pipelined) as session:
            creating = missing and self._make_tables(connection)
            try:
                answer = work(session)
            finally:
                self._was_answered = session.was_answered
            if not dry_run:
                self._commit(session, many=many)
        self.created = self.created or (creating and not dry_run)
        self._exists = self._exists or not dry_run
        return answer

    def wait_for_commit(self) -> bool:
        """Wait for another connection's commit, a fifth of a second at most."""
        with self.read() as session:
            before, self._seen = self._seen, session.one(_LATEST)
        if self._seen == before:
            time.sleep(_POLL)
        return self._seen != before

    # What only upkeep needs is loaded for nothing else.

    def inspect(self, session: Session) -> Iterator[Finding]:
        """Find tables that are not what they must be, and code that others put on them."""
        from invctl.db.postgresql.inspection import inspect_tables

        assert isinstance(session, ServerSession)
        return inspect_tables(session.driver)

    def backup(self, path: str, verify: Verify) -> int:
        """Write all that there is to a new SQLite file, while others write; return its size."""
        from invctl.db.postgresql.upkeep import back_up

        with self.read() as session:
            return back_up(session, self.path, path, verify)

    def keep(self, why: str) -> str:
        """Copy the inventory as it is to an SQLite file in the user's data folder."""
        with self.read() as session:
            return self._keep(session, why, migrations.SCHEMA_VERSION)

    def _keep(self, session: Session, why: str, version: int) -> str:
        from invctl.db.postgresql.upkeep import keep

        return keep(session, self.location.url, why, version)

    def restore(
        self, path: str, verify: Verify, ready: Callable[[], None], *, dry_run: bool = False
    ) -> Restored:
        """Put what an SQLite file holds in the place of all that there is, which is kept."""
        from invctl.db.postgresql.upkeep import replace, sound_copy

        missing = self.is_missing()
        with sound_copy(path, self.timeout, verify) as source:
            if not (missing or dry_run):
                ready()

            def work(session: Session) -> str | None:
                def keep_it() -> str | None:
                    return None if dry_run else self._keep(session, "restore", _PRESENT)

                with rights(self.location, TO_REPLACE):
                    return replace(session, source, self.path, None if missing else keep_it)

            kept = self.write(work, dry_run=dry_run, many=True)
        return Restored(missing, kept)

    def migrate(self, look: Callable[[Session], None], *, dry_run: bool = False) -> Migration:
        """Bring older tables to the present schema; a copy of the inventory is kept."""
        self.close()
        with (
            self._explained(),
            closing(connect(self.location, self.timeout)) as connection,
            connection.transaction(_writing(self.timeout, many=True)) as session,
        ):
            connection.wait_for_creators()
            before = connection.schema_version(self.path)
            if before is None:
                raise DatabaseMissing(self.path, self.location.source)
            kept = None
            if before != _PRESENT:
                if before > _PRESENT:
                    migrations.refuse_other_version(self.path, before)
                kept = None if dry_run else self._keep(session, "migrate", before)
                with rights(self.location, TO_REPLACE):
                    steps.take(connection.driver, before)
                look(session)
            if not dry_run:
                self._commit(session, many=True)
        return Migration(before, kept)

    def _commit(self, session: ServerSession, *, many: bool) -> None:
        # The session may have been opened before somebody migrated the tables.
        migrations.refuse_other_version(self.path, session.version())
        least = _STANDBY_CATCHES_UP if many else _AT_LEAST / 1000
        try:
            session.commit(max(self.timeout, least))
        except psycopg.Error as error:
            unknown = meaning_at_commit(self.location, error)
            if unknown is None:
                raise
            self.close()
            raise unknown from error

    def _make_tables(self, connection: Connection) -> bool:
        """Make the tables if nobody has meanwhile; of many who want to, one does at a time."""
        connection.wait_for_creators()
        if connection.schema_version(self.path) is not None:
            return False
        with rights(self.location, TO_MAKE):
            make_schema(connection.driver, self.path)
            steps.create(connection.driver, self.sku_rule)
        return True
