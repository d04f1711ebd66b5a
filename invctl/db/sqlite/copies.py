"""Copies of an inventory's file, each of which appears finished under its name or not at all."""

import fcntl
import os
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from itertools import chain

from invctl.db.database import Verify
from invctl.db.sqlite import files
from invctl.db.sqlite.connection import open_connection, uri
from invctl.db.sqlite.faults import meaning
from invctl.db.sqlite.inspection import inspect
from invctl.db.sqlite.session import SQLiteSession
from invctl.errors import DatabaseLocked, DatabaseUnusable, FileExists, UsageError
from invctl.models import Finding
from invctl.text import printable

_RETRY = 0.05
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
# What a copy fails with because of where it goes; all else comes from where it is read.
_TARGETS = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}


def back_up(connection: sqlite3.Connection, source: str, path: str, verify: Verify) -> int:
    """Write a verified copy to `path`, a new file; return its size. See `Database.backup`."""
    return write_backup(source, path, verify, lambda new: compact(connection, source, new, path))


def write_backup(source: str, path: str, verify: Verify, fill: Callable[[str], None]) -> int:
    """Have an empty file filled, and give it the name `path` if it proves sound; return its size.

    Raises FileExists, and DatabaseUnusable about `source`.
    """
    if os.path.lexists(path):
        raise FileExists(printable(path))
    path = os.path.abspath(path)
    with unfinished(path, "partial") as new:
        fill(new)
        found = first_finding(new, verify)
        if found:
            hint = "`invctl db check` shows all that is wrong"
            raise DatabaseUnusable(source, f"is not sound: {found.message}", hint)
        if not files.publish(new, path):
            raise FileExists(printable(path))
    return files.size(path)


def keep(connection: sqlite3.Connection, path: str, why: str, seconds: float) -> str:
    """Copy a file page by page, with whatever is wrong in it; return the copy's name.

    Only the holder of the gate does this, so that no two copies are after one name.
    """
    kept = kept_name(path, why)
    with unfinished(f"{path}.before-{why}", "partial") as new:
        with closing(sqlite3.connect(uri(new), uri=True)) as target:
            target.execute("PRAGMA synchronous = OFF")  # `publish` syncs it
            copy_pages(connection, target, path, seconds)
        if not files.publish(new, kept):
            raise FileExists(kept)
    return kept


def kept_name(path: str, why: str) -> str:
    """Return a name that no file has yet: `PATH.before-WHY-20260131T093000Z`."""
    name = f"{path}.before-{why}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    count, free = 1, name
    while os.path.lexists(free):
        count += 1
        free = f"{name}-{count}"
    return free


def copy_pages(
    source: sqlite3.Connection, target: sqlite3.Connection, path: str, seconds: float
) -> None:
    """Make one database's pages another's in one step: others see all of it or nothing.

    The driver would try again for ever while either is locked. Raises DatabaseLocked.
    """
    deadline = time.monotonic() + seconds

    def go_on(status: int, _left: int, _all: int) -> None:
        if status in _BUSY and time.monotonic() > deadline:
            raise DatabaseLocked(path, seconds)

    source.backup(target, pages=-1, progress=go_on, sleep=_RETRY)


def compact(connection: sqlite3.Connection, source: str, new: str, target: str) -> None:
    """Write all that a database holds into the empty file `new`, which is to become `target`."""
    try:
        connection.execute("VACUUM INTO ?", (uri(new),))
    except sqlite3.Error as error:
        primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise meaning(target if primary in _TARGETS else source, 0, error) from error


def first_finding(new: str, verify: Verify) -> Finding | None:
    """Return the first thing that is wrong with a copy that nobody else has yet."""
    with closing(open_connection(new, 0)) as connection:
        return next(chain(inspect(connection), verify(SQLiteSession(connection))), None)


@contextmanager
def unfinished(path: str, sort: str) -> Iterator[str]:
    """Give the name of a new empty file beside `path`, for this user alone; gone afterwards.

    It is locked as long as this runs. One that nobody holds was left by a run that was killed,
    and goes when the next one for `path` comes.
    """
    folder, name = os.path.split(path)
    folder = folder or os.curdir
    try:
        _remove_abandoned(folder, name)
        descriptor, new = _new_file(folder, name, sort)
    except (FileNotFoundError, NotADirectoryError) as error:
        problem = f"cannot write {printable(path)}: {(error.strerror or '').lower()}"
        raise UsageError(problem, "give a file in a folder that exists") from error
    except OSError as error:
        raise files.os_problem(path, error) from error
    try:
        os.fchmod(descriptor, 0o600)  # whatever the umask
        yield new
    finally:
        files.discard(new)
        os.close(descriptor)  # not before: closing it would end what locks SQLite has on it


def _new_file(folder: str, name: str, sort: str) -> tuple[int, str]:
    """Make an unfinished file for `name`; return its descriptor, which holds its lock, and name."""
    while True:
        descriptor, new = tempfile.mkstemp(f".invctl-{sort}", f"{name}.", folder)
        with suppress(OSError):  # without locks nothing is taken for abandoned, either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.path.lexists(new):
            return descriptor, new
        os.close(descriptor)  # until it had the lock another run took it for abandoned


def _remove_abandoned(folder: str, name: str) -> None:
    """Remove the unfinished files for `name` that no process holds, and what outlived them."""
    unfinished_name = re.escape(name) + r"(?:\.[a-z0-9_]{8}\.invctl-[a-z]+)+"
    ours = re.compile(f"({unfinished_name})(?:{'|'.join(files.BESIDE)})?")
    for left in {found[1] for found in map(ours.fullmatch, os.listdir(folder)) if found}:
        _remove_if_abandoned(os.path.join(folder, left))


def _remove_if_abandoned(left: str) -> None:
    with suppress(OSError), ExitStack() as stack:
        with suppress(FileNotFoundError):  # after a power cut its log may be all that is there
            descriptor = os.open(left, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        files.discard(left)
