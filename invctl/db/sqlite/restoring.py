"""A backup in the place of an inventory: read without a trace, proved sound, and put there.

What a backup may hold meets this program in a private copy of it, and nowhere else.
"""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

from invctl.db.database import Restored, Verify
from invctl.db.sqlite import files
from invctl.db.sqlite.connection import open_connection, safe_journal, set_up_journal, uri
from invctl.db.sqlite.copies import (
    compact,
    copy_pages,
    first_finding,
    keep,
    kept_name,
    unfinished,
)
from invctl.db.sqlite.faults import meaning, outcome
from invctl.db.sqlite.gate import Gate
from invctl.db.sqlite.migrating import known_version, migrate
from invctl.errors import (
    DatabaseLocked,
    DatabaseMissing,
    DatabaseUnusable,
    InventoryError,
    OutcomeUnknown,
    UsageError,
)
from invctl.scratch import scratch_folder
from invctl.settings import FileLocation
from invctl.text import printable

_ANOTHER = "give another backup"
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
            raise UsageError(f"{printable(self._file)} is the inventory itself", _ANOTHER)
        replaces = _is_replaceable(path, self._timeout)
        made = [] if replaces or dry_run else files.make_folder(path)
        beside = os.path.join(scratch_folder(), os.path.basename(path)) if dry_run else path
        try:
            with unfinished(beside, "restored") as copy:
                page_size = _page_size(path) if replaces else _PAGE_SIZE
                take_over(self._file, copy, path, self._timeout, verify, page_size)
                if dry_run:
                    return Restored(not replaces, None)
                if replaces:
                    ready()
                with self._gate.passed(self._timeout) as remaining:
                    return _put(copy, path, remaining, replaces=replaces)
        except BaseException:
            for folder in reversed(made):
                with suppress(OSError):
                    os.rmdir(folder)
            raise


def take_over(
    file: str, copy: str, path: str, timeout: float, verify: Verify, page_size: int = _PAGE_SIZE
) -> None:
    """Make the empty file `copy` a sound inventory of the present schema with all that `file` has.

    It is to become `path`. Raises DatabaseUnusable where there is no such inventory in it.
    """
    try:
        with (
            _readable(file, copy) as (source, mode),
            closing(open_connection(source, timeout, mode)) as connection,
        ):
            known_version(connection, file)
            connection.execute(f"PRAGMA page_size = {page_size}")
            compact(connection, file, copy, path)
        with closing(open_connection(copy, 0)) as connection:
            migrate(connection, file)
        found = first_finding(copy, verify)
    except sqlite3.Error as error:
        raise _refusal(file, timeout, error) from error
    if found:
        hint = "`invctl db check --db FILE` shows all that is wrong"
        raise DatabaseUnusable(file, f"is not sound: {found.message}", hint)


def identify_backup(file: str) -> files.Identity:
    """Return which file a backup is. Raises UsageError where there is none."""
    try:
        return files.identify(file, FileLocation(file, "FILE"))
    except DatabaseMissing as error:
        problem = f"cannot read {printable(file)}: no such file or directory"
        raise UsageError(problem, "give the file of a backup") from error


def _is_replaceable(path: str, timeout: float) -> bool:
    """Return whether there is an inventory, or the ruins of one; False where there is nothing.

    Raises DatabaseUnusable for what is nothing of ours.
    """
    with files.explained(path):
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            return False
    if not stat.S_ISREG(mode):
        raise DatabaseUnusable(path, "is not a regular file", "give the path of a file")
    files.refuse_read_only(path)
    live = _open_live(path, timeout)
    if live is not None:
        live.close()
    return True


def _open_live(path: str, timeout: float) -> sqlite3.Connection | None:
    """Open the inventory that is to be replaced; None where it is damaged beyond that."""
    if files.size(path) < files.HEADER:
        return None
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


def _page_size(path: str) -> int:
    """Return the size of a database's pages, which those that take their place must have."""
    with files.explained(path), open(path, "rb") as file:  # nobody here has a connection to it
        found = int.from_bytes(file.read(files.HEADER)[16:18], "big")
    if found == 1:  # how 65,536 is written in two bytes
        return 65_536
    return found if found >= 512 and found.bit_count() == 1 else _PAGE_SIZE


def _refusal(file: str, timeout: float, error: sqlite3.Error) -> Exception:
    """Return why a file cannot be taken for a backup: whatever SQLite says of it, it is why."""
    known = meaning(file, timeout, error)
    if not isinstance(known, InventoryError):
        known = DatabaseUnusable(file, f"cannot be read as an inventory ({error})")
    if isinstance(known, DatabaseUnusable):
        known.hint = _ANOTHER
    return known


@contextmanager
def _readable(file: str, copy: str) -> Iterator[tuple[str, str]]:
    """Give what SQLite may open, and in which mode, so that nothing appears beside `file`.

    That is the file itself where it has no log, or has it in full; else a copy of its bytes, to
    which SQLite does what it has to.
    """
    beside = {suffix for suffix in files.BESIDE if os.path.exists(file + suffix)}
    with files.explained(file), open(file, "rb") as stream:
        is_plain = stream.read(files.HEADER)[18:20] == b"\x01\x01"
    if (is_plain and not beside) or beside >= {"-wal", "-shm"}:
        yield file, "ro"
        return
    with unfinished(copy, "read") as twin:
        with files.explained(file):
            _copy_bytes(file, twin)
        yield twin, "rw"


def _copy_bytes(file: str, twin: str) -> None:
    """Copy a file that nobody writes to, and its log. Raises DatabaseUnusable if somebody does."""
    before = _state(file)
    for suffix, found in before.items():
        if found:
            with open(file + suffix, "rb") as source, open(twin + suffix, "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
    if _state(file) != before:
        hint = "`invctl db backup` copies what others write to"
        raise DatabaseUnusable(file, "was written to while it was read", hint)


def _state(file: str) -> dict[str, tuple[int, int] | None]:
    """Return the size and time of a file and its logs, by their suffix."""
    state: dict[str, tuple[int, int] | None] = {}
    for suffix in ("", "-wal", "-journal"):
        try:
            found = os.stat(file + suffix)
        except FileNotFoundError:
            state[suffix] = None
        else:
            state[suffix] = found.st_size, found.st_mtime_ns
    return state


def _put(copy: str, path: str, seconds: float, *, replaces: bool) -> Restored:
    """Give a sound copy the inventory's name, or the inventory its content, under the gate."""
    live = _open_live(path, seconds) if replaces else None
    if live is not None:
        with closing(live):
            kept = keep(live, path, "restore", seconds)
            _overwrite(live, copy, path, seconds)
        return Restored(created=False, kept=kept)
    with closing(open_connection(copy, 0)) as connection:
        connection.execute(f"PRAGMA journal_mode = {safe_journal(path)}")
    if replaces:
        kept = kept_name(path, "restore")
        files.displace(copy, path, kept)
        return Restored(created=False, kept=kept)
    if not files.publish(copy, path):
        raise DatabaseLocked(path, seconds)  # somebody made one meanwhile, past the gate
    return Restored(created=True, kept=None)


def _overwrite(live: sqlite3.Connection, copy: str, path: str, seconds: float) -> None:
    """Make the live file's pages those of the copy, in one transaction."""
    identity = files.identify(path, FileLocation(path, "the target"))
    with closing(sqlite3.connect(uri(copy, "ro"), uri=True)) as source:
        try:
            copy_pages(source, live, path, seconds)
        except sqlite3.Error as error:
            raise outcome(path, seconds, error) from error
    if not files.is_same_file(path, identity):
        raise OutcomeUnknown(path, "the file was replaced or removed meanwhile")
