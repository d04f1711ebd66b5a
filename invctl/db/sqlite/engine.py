"""An inventory in an SQLite file: its transactions, and how the file is made."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from invctl.db import migrations
from invctl.db.database import Migration, Restored, T, Verify, outcome
from invctl.db.session import LONGEST_ANSWER, Session
from invctl.db.sqlite import faults, files
from invctl.db.sqlite.connection import network_warnings, set_up_journal
from invctl.db.sqlite.creating import create
from invctl.db.sqlite.logs import SETTLED, is_settled, stamps
from invctl.db.sqlite.quiet import is_logged
from invctl.db.sqlite.reaching import FileReach
from invctl.db.sqlite.reading import QuietSession
from invctl.db.sqlite.recognising import refuse_other_schema
from invctl.db.sqlite.rights import refuse_read_only
from invctl.db.sqlite.session import Begun, Shared, SQLiteSession, TransactionLostError
from invctl.errors import InventoryError, OutcomeUnknown

if TYPE_CHECKING:
    from invctl.models.reports import Finding

_POLL = 0.2
# Bytes of the longest text or row: a hostile file could have one of a gigabyte. What lists read of
# an inventory's own rows has a few thousand; an answer that is kept may be as long as is allowed.
_LONGEST_LISTED = 1 << 16
_LONGEST = 4 * LONGEST_ANSWER + _LONGEST_LISTED


class SQLiteDatabase(FileReach):
    """An inventory in an SQLite file."""

    _shared: Shared | None = None
    """The transaction that works share, while one of them is under way."""

    @contextmanager
    def read(self, *, unchecked: bool = False, whole: bool = False) -> Iterator[Session]:
        """Give a transaction that sees one state of the inventory."""
        if self._shared is not None:
            with self._explained:
                yield self._shared.session
            return
        with self._explained, ExitStack() as stack:
            connection = self._reader()
            if connection is None:
                look = stack.enter_context(self._looking())
                session: SQLiteSession = QuietSession(look)
            else:
                session = SQLiteSession(connection)
            longest = _LONGEST if unchecked or whole else _LONGEST_LISTED
            session.driver.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
            if not (unchecked or self._has_tables):
                refuse_other_schema(session.driver, self.path, reading=True)
                self._has_tables = connection is not None  # a look's connection ends with it
            with Begun(session.driver, "BEGIN"):
                yield session

    def write(
        self,
        work: Callable[[Session], T],
        *,
        dry_run: bool = False,
        many: bool = False,  # noqa: ARG002 (whose turn it is has it for as long as it takes)
        repeatable: bool = False,  # noqa: ARG002 (who is unsure of a file has to look at it)
    ) -> T:
        """Do `work` in a transaction of its own, alone: no other can get in its way."""
        if self._shared is not None:
            with self._explained:
                return self._shared.do(work, dry_run=dry_run)
        with self._explained:
            # Before the gate: who fails leaves neither a folder nor a lock behind, and of many who
            # come at once each makes its own file, of which the first gets the name.
            made = self._create(work, dry_run=dry_run)
            if made is not None:
                return made[0]
            began = time.monotonic()
            self._prepare()
            spent = time.monotonic() - began
            with self._gate.passed(self.timeout, spent) as remaining:
                return self._change(work, remaining, dry_run=dry_run)

    def write_each(self, works: Sequence[Callable[[], T]]) -> list[T | Exception]:
        """Do several works in one transaction, each within a savepoint."""
        if len(works) < 2 or self._shared is not None:  # one alone needs no savepoint
            return super().write_each(works)
        try:
            return self.write(lambda session: self._share(session, works))
        except TransactionLostError:  # each alone: only the one at fault is told of it
            return super().write_each(works)
        except InventoryError as error:  # of the commit, or of the way there: it is everybody's
            return [error] * len(works)

    def _share(self, session: Session, works: Sequence[Callable[[], T]]) -> list[T | Exception]:
        assert isinstance(session, SQLiteSession)
        self._shared = Shared(session)
        outcomes: list[T | Exception] = []
        try:
            for work in works:
                outcomes.append(outcome(work))
                if not session.driver.in_transaction:
                    raise TransactionLostError  # the next would begin, and commit, one of its own
        finally:
            self._shared = None
        return outcomes

    def _create(self, work: Callable[[Session], T], *, dry_run: bool) -> tuple[T] | None:
        """Make the file with its first change where there is none; None where one is there."""
        if self._connection is not None or not self.is_missing():
            return None
        self._gate.refuse_link()
        made = create(self.path, self.timeout, self.sku_rule, work, dry_run=dry_run)
        if made is not None and not dry_run:
            self.created = True
            self._notice(*network_warnings(self.path))
        return made

    def _prepare(self) -> None:
        """Do before the gate whatever can be done there: behind it, others wait."""
        if self._connection is None:
            files.mend_modes(self.path)
            refuse_read_only(self.path)
            files.refuse_second_name(self.path)
            self._connect()

    def _change(self, work: Callable[[Session], T], seconds: float, *, dry_run: bool) -> T:
        connection = self._connect()  # another file may have the name since the first look
        if self._checked_schema is None:
            refuse_read_only(self.path)  # and nobody has looked at that one's rights
        files.refuse_second_name(self.path)
        self._wait_for(connection, seconds)
        if self._checked_schema is None:
            set_up_journal(connection, self.path, writing=True)
        answer = self._transact(connection, work, dry_run=dry_run)
        if self._is_replaced():
            self._disconnect()
            # It was committed, to a file that nobody finds any more.
            raise OutcomeUnknown(self.path, "the file was replaced or removed meanwhile")
        return answer

    # What only upkeep needs is loaded for nothing else.

    def inspect(self, session: Session) -> "Iterator[Finding]":
        """Find damage, broken references, tables that are not ours, and a second name."""
        from invctl.db.sqlite.inspection import inspect
        from invctl.models.reports import Finding

        assert isinstance(session, SQLiteSession)
        named_twice = files.second_name(self.path)
        if named_twice:
            yield Finding("name", None, "{}: {}".format(*named_twice))
        yield from inspect(session.driver)

    def backup(self, path: str, verify: Verify) -> int:
        """Write all that there is to a new file, while others write; return its size."""
        from invctl.db.sqlite.copies import back_up

        with self._explained:
            connection = self._reader()
            if connection is not None:
                return back_up(connection, self.path, path, verify)
            with self._looking() as look:
                return back_up(look.connection, self.path, path, verify, look.check)

    def keep(self, why: str) -> str:
        """Copy the file as it is, before something is done to it."""
        from invctl.db.sqlite.copies import keep

        refuse_read_only(self.path)  # before a lock is made beside it
        with self._explained, self._gate.passed(self.timeout) as remaining:
            return keep(self._connect(), self.path, why, remaining)

    def restore(
        self, path: str, verify: Verify, ready: Callable[[], None], *, dry_run: bool = False
    ) -> Restored:
        """Put what another file holds in the place of all that there is, which is kept."""
        from invctl.db.sqlite.restoring import Restoring

        self._disconnect()  # `mend_modes` comes, which drops the locks of an open connection
        with self._explained:
            restoring = Restoring(path, self.path, self._gate, self.timeout)
            done = restoring.run(verify, ready, dry_run=dry_run)
        self.created = done.created and not dry_run
        return done

    def migrate(self, look: Callable[[Session], None], *, dry_run: bool = False) -> Migration:
        """Bring an older file to the present schema; a copy of it is kept."""
        from invctl.db.sqlite.migrating import migrate_file

        files.identify(self.path, self.location)
        with self._explained:
            return migrate_file(self.path, self._gate, self.timeout, look, dry_run=dry_run)

    def wait_for_commit(self) -> bool:
        """Wait for another connection's commit, a fifth of a second at most.

        Nothing is open meanwhile: whoever is killed here leaves no log behind, and nothing grows.
        """
        self._disconnect()
        before = self._seen
        # What came right after an unsettled look may have looked the same.
        if is_settled(before) and stamps(self.path) == before:
            time.sleep(_POLL)
            return stamps(self.path) != before
        time.sleep(SETTLED)
        return True

    def _transact(
        self, connection: sqlite3.Connection, work: Callable[[Session], T], *, dry_run: bool
    ) -> T:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)  # a list may have lowered it
        committing = False
        try:
            with Begun(connection, "BEGIN IMMEDIATE"):
                self._refuse_strangers(connection)
                self._begin_log(connection)
                answer = work(SQLiteSession(connection))
                committing = not dry_run
                if committing:
                    connection.execute("COMMIT")
        except sqlite3.Error as error:
            if not committing:
                raise
            # SQLite may have left the transaction open: only a new connection is sure.
            self._disconnect()
            raise faults.meaning_at_commit(self.path, self.timeout, error) from error
        return answer

    def _begin_log(self, connection: sqlite3.Connection) -> None:
        """Have a new log begin with the first page, which tells whose log it is."""
        # Once there is anything in it, there is as long as this connection is open.
        self._is_logged = self._is_logged or is_logged(self.path)
        if not self._is_logged:
            connection.execute(f"PRAGMA user_version = {migrations.SCHEMA_VERSION}")

    def _refuse_strangers(self, connection: sqlite3.Connection) -> None:
        """Refuse to write where the file brings code of its own that a write would run."""
        schema = connection.execute("PRAGMA schema_version").fetchone()[0]
        if schema != self._checked_schema:
            refuse_other_schema(connection, self.path)
            self._checked_schema = schema
