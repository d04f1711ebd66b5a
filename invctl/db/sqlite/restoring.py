"""A backup in the place of an inventory: read without a trace, proved sound, and put there.

What a backup may hold meets this program in a private copy of it, and nowhere else.
"""

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing

from invctl.appearing import LOGS, publish, refuse_parts, unfinished
from invctl.db.database import Restored, Verify
from invctl.db.sqlite import files, quiet
from invctl.db.sqlite.connection import open_connection, safe_journal, set_up_journal
from invctl.db.sqlite.copies import compact, copy_pages, first_finding, keep, kept_name
from invctl.db.sqlite.faults import Explained, meaning, meaning_at_commit
from invctl.db.sqlite.gate import Gate
from invctl.db.sqlite.header import HEADER, header, page_size
from invctl.db.sqlite.logs import refuse_foreign_log
from invctl.db.sqlite.migrating import known_version, migrate
from invctl.db.sqlite.reading import looking
from invctl.db.sqlite.rights import refuse_read_only
from invctl.db.sqlite.unpacking import unpacked
from invctl.errors import (
    DatabaseLocked,
    DatabaseMissing,
    DatabaseUnusable,
    InventoryError,
    OutcomeUnknown,
    UsageError,
    command,
)
from invctl.oserrors import database_problem, explained
from invctl.settings import FileLocation

_ANOTHER = "give another backup"
_MAGIC = b"SQLite format 3\0"
_PAGE_SIZE = 4096
_NOT_OPENED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


class Restoring:
    """A restore of `file` to `path`, whose writers queue at `gate`."""

    def __init__(self, file: str, path: str, gate: Gate, timeout: float) -> None:
        self._file = os.path.abspath(file)
        self._path = path
        self._gate = gate
        self._timeout = timeout

    def run(self, verify: Verify, ready: Callable[[], None], *, dry_run: bool) -> Restored:
        """Put what the file holds in the place of the inventory. See `Database.restore`."""
        path = self._path
        if files.is_same_file(path, identify_backup(self._file)):
            raise UsageError(f"{self._file} is the inventory itself", _ANOTHER)
        replaces = _is_replaceable(path, self._timeout)
        with (
            files.folder_made(path, keep=not dry_run),
            unfinished(path, "restored", explain=database_problem) as copy,
            Explained(path, self._timeout),  # while the copy is there, which may fill the disk
        ):
            # SQLite copies no pages of another size into a file that keeps a log.
            size = _page_size(path) if replaces else 0
            take_over(self._file, copy, path, self._timeout, verify, size or _PAGE_SIZE)
            if dry_run:
                self._rehearse(replaces=replaces)
                return Restored(not replaces, None)
            if replaces:
                ready()
            with self._gate.passed(self._timeout) as remaining:
                return _put(copy, path, remaining, replaces=replaces)

    def _rehearse(self, *, replaces: bool) -> None:
        """Raise what would be in the way of putting the copy there."""
        if not replaces:
            self._gate.refuse_link()
            refuse_parts(self._path)
            return
        with self._gate.passed(self._timeout) as remaining:
            live = _open_live(self._path, remaining)
            if live is not None:
                with closing(live):
                    live.execute("BEGIN IMMEDIATE")  # who holds it past the gate is in the way, too
                    # A file that can only be read lets begin: what is kept from it shows here.
                    live.execute("PRAGMA user_version = 0")
                    live.rollback()


def take_over(
    file: str, copy: str, path: str, timeout: float, verify: Verify, size: int = _PAGE_SIZE
) -> None:
    """Make the empty file `copy` a sound inventory of the present schema with all that `file` has.

    It is to become `path`, with pages of `size`. Raises DatabaseUnusable where there is no such
    inventory in it.
    """
    try:
        with unpacked(file) as plain, looking(plain, timeout) as look:
            known_version(look.connection, file)
            look.connection.execute(f"PRAGMA page_size = {size}")
            compact(look.connection, file, copy, path)
        with closing(open_connection(copy, 0)) as connection:
            migrate(connection, file)
        found = first_finding(copy, verify)
    except sqlite3.Error as error:
        raise _refusal(file, timeout, error) from error
    if found:
        hint = f"{command('db', 'check', '--db', file)} shows all that is wrong"
        raise DatabaseUnusable(file, f"is not sound: {found.sentence}", hint)


def identify_backup(file: str) -> files.Identity:
    """Return which file a backup is. Raises UsageError where there is none."""
    try:
        return files.identify(file, FileLocation(file, "FILE"))
    except DatabaseMissing as error:
        problem = f"cannot read {file}: no such file or directory"
        raise UsageError(problem, "give the file of a backup") from error


def _is_replaceable(path: str, timeout: float) -> bool:
    """Return whether there is an inventory, or the ruins of one; False where there is nothing.

    Raises DatabaseUnusable for what is nothing of ours.
    """
    with explained(path, database_problem):
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            return False
    if not stat.S_ISREG(mode):
        raise DatabaseUnusable(path, "is not a regular file", "give the path of a file")
    files.mend_modes(path)
    refuse_read_only(path)
    files.refuse_second_name(path)
    files.refuse_odd_logs(path)
    live = _open_live(path, timeout)  # what it refuses is refused before a backup is looked at
    if live is not None:
        live.close()
    return True


def _page_size(path: str) -> int:
    with explained(path, database_problem):
        return page_size(header(path))


def _open_live(path: str, timeout: float) -> sqlite3.Connection | None:
    """Open the inventory that is to be replaced; None where it is damaged beyond that."""
    if quiet.size(path) < HEADER:
        return None
    with explained(path, database_problem):
        is_database = header(path).startswith(_MAGIC)
    if is_database:  # the log of a ruin is moved aside with it
        refuse_foreign_log(path)
    try:
        connection = open_connection(path, timeout)
        try:
            known_version(connection, path, any_version=True)
            set_up_journal(connection, path, writing=True)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_OPENED:
            return None
        raise
    return connection


def _refusal(file: str, timeout: float, error: sqlite3.Error) -> Exception:
    """Return why a file cannot be taken for a backup: whatever SQLite says of it, it is why."""
    known = meaning(file, timeout, error)
    if isinstance(known, DatabaseUnusable):  # what it advises is about an inventory in use
        return DatabaseUnusable(str(known.details["path"]), str(known.details["problem"]), _ANOTHER)
    if isinstance(known, InventoryError):
        return known
    return DatabaseUnusable(file, f"cannot be read as an inventory ({error})", _ANOTHER)


def _put(copy: str, path: str, seconds: float, *, replaces: bool) -> Restored:
    """Give a sound copy the inventory's name, or the inventory its content, under the gate."""
    live = _open_live(path, seconds) if replaces else None
    if live is not None:
        with closing(live):
            return Restored(created=False, kept=_overwrite(live, copy, path, seconds))
    with closing(open_connection(copy, 0)) as connection:  # while nobody else knows it
        connection.execute(f"PRAGMA journal_mode = {safe_journal(path)}")
    if replaces:
        kept = kept_name(path, "restore")
        files.displace(copy, path, kept)
        return Restored(created=False, kept=kept)
    if not publish(copy, path, beside=LOGS, explain=database_problem):
        raise DatabaseLocked(path, seconds)  # somebody made one meanwhile, past the gate
    return Restored(created=True, kept=None)


def _overwrite(live: sqlite3.Connection, copy: str, path: str, seconds: float) -> str:
    """Make a live file's pages those of a copy in one transaction; return where it is kept."""
    identity = files.identify(path, FileLocation(path, "the target"))
    kept: list[str] = []

    def keep_it() -> None:
        with closing(open_connection(path, seconds)) as reader:
            kept.append(keep(reader, path, "restore", seconds))

    # Kept under SQLite's own lock, so that nobody commits between the two who came past the gate.
    # Where there is no log that lock keeps readers out, this one too: there the gate has to do.
    is_logged = live.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    if not is_logged:
        keep_it()
    with closing(open_connection(copy, 0, "mode=ro")) as source:
        try:
            copy_pages(source, live, path, seconds, keep_it if is_logged else None)
        except sqlite3.Error as error:
            if not kept:
                raise
            # Its last step is the commit.
            raise meaning_at_commit(path, seconds, error) from error
    if not files.is_same_file(path, identity):
        raise OutcomeUnknown(path, "the file was replaced or removed meanwhile")
    return kept[0]
