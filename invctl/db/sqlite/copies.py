"""Copies of an inventory's file, each of which appears finished under its name or not at all."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import chain

from invctl.appearing import LOGS, publish, refuse_parts, unfinished
from invctl.db.database import Verify
from invctl.db.sqlite import quiet
from invctl.db.sqlite.connection import open_connection, uri
from invctl.db.sqlite.faults import meaning
from invctl.db.sqlite.inspection import inspect
from invctl.db.sqlite.rights import share
from invctl.db.sqlite.session import SQLiteSession
from invctl.errors import DatabaseLocked, DatabaseUnusable, FileExists
from invctl.models.reports import Finding
from invctl.oserrors import database_problem

_RETRY = 0.05
_STEPS = 4
"""Steps in which pages are copied where something has to be done between the first two."""
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
# What a copy fails with because of where it goes; all else comes from where it is read.
_TARGETS = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}


def back_up(
    connection: sqlite3.Connection,
    source: str,
    path: str,
    verify: Verify,
    check: Callable[[], None] = lambda: None,
) -> int:
    """Write a verified copy to `path`, a new file; return its size. See `Database.backup`.

    `check` raises where what was copied is of no one moment.
    """

    def fill(new: str) -> None:
        compact(connection, source, new, path)
        check()
        share(new, source)

    return write_backup(source, path, verify, fill)


def write_backup(source: str, path: str, verify: Verify, fill: Callable[[str], None]) -> int:
    """Have an empty file filled, and give it the name `path` if it proves sound; return its size.

    Raises FileExists, and DatabaseUnusable about `source`.
    """
    if os.path.lexists(path):
        raise FileExists(path)
    path = os.path.abspath(path)
    refuse_parts(path)
    with unfinished(path, "partial") as new:
        fill(new)
        found = first_finding(new, verify)
        if found:
            hint = "`invctl db check` shows all that is wrong"
            raise DatabaseUnusable(source, f"is not sound: {found.sentence}", hint)
        if not publish(new, path, beside=LOGS):
            raise FileExists(path)
    return quiet.size(path)


def keep(connection: sqlite3.Connection, path: str, why: str, seconds: float) -> str:
    """Copy a file page by page, with whatever is wrong in it; return the copy's name."""
    with unfinished(f"{path}.before-{why}", "partial", explain=database_problem) as new:
        with closing(open_connection(new, 0)) as target:
            target.execute("PRAGMA synchronous = OFF")  # `publish` syncs it
            copy_pages(connection, target, path, seconds)
        share(new, path)
        return publish_kept(new, path, why)


def publish_kept(new: str, path: str, why: str) -> str:
    """Give a finished copy of an inventory a name that no file has yet, and return that."""
    kept = kept_name(path, why)
    while not publish(new, kept, explain=database_problem):
        kept = kept_name(path, why)  # another copy was made in this very second
    return kept


def kept_name(path: str, why: str) -> str:
    """Return a name that no file has yet: `PATH.before-WHY-20260131T093000Z`."""
    name = f"{path}.before-{why}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    count, free = 1, name
    while any(os.path.lexists(free + ending) for ending in ("", *LOGS)):
        count += 1
        free = f"{name}-{count}"
    return free


def copy_pages(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    path: str,
    seconds: float,
    locked: Callable[[], None] | None = None,
) -> None:
    """Make one database's pages another's in one step: others see all of it or nothing.

    `locked` is called when nobody can write to the target any more, and nothing has been yet.
    Raises DatabaseLocked.
    """
    deadline = time.monotonic() + seconds
    waiting = [locked] if locked else []

    def go_on(status: int, _left: int, _all: int) -> None:
        if status in _BUSY and time.monotonic() > deadline:  # the driver would try for ever
            raise DatabaseLocked(path, seconds)
        if status == sqlite3.SQLITE_OK and waiting:
            waiting.pop()()

    # The first step takes the lock, which is kept to the end, and must not be the last one.
    pages = -1
    if locked:
        pages = max(1, source.execute("PRAGMA page_count").fetchone()[0] // _STEPS)
    source.backup(target, pages=pages, progress=go_on, sleep=_RETRY)
    assert not waiting, "the first step was the last one"


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
