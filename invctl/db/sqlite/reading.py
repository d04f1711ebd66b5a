"""Reading a file where this user may write nothing: nothing appears beside it, nothing is left.

SQLite alone cannot: it reads a file that has a log through an index of that, which it makes.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NamedTuple

from invctl.appearing import LOGS, unfinished
from invctl.db.session import Row, Text
from invctl.db.sqlite import quiet
from invctl.db.sqlite.connection import open_connection
from invctl.db.sqlite.header import header
from invctl.db.sqlite.logs import SETTLED, Stamp, is_settled, stamps
from invctl.db.sqlite.session import SQLiteSession
from invctl.errors import DatabaseLocked
from invctl.oserrors import database_problem, explained
from invctl.scratch import scratch, scratch_folder

_TRIES = 10


class Look(NamedTuple):
    """A connection that reads a file; `before` is the file's stamp where no lock keeps it so."""

    path: str
    timeout: float
    connection: sqlite3.Connection
    before: tuple[Stamp, Stamp] | None

    def is_true(self) -> bool:
        """Return whether all that was read is of one state."""
        return self.before is None or stamps(self.path) == self.before

    def check(self) -> None:
        """Raise DatabaseLocked where it may be of two."""
        if not self.is_true():
            raise DatabaseLocked(self.path, self.timeout)


class QuietSession(SQLiteSession):
    """A session that gives answers only while they are true."""

    def __init__(self, look: Look) -> None:
        super().__init__(look.connection)
        self._look = look

    def rows(self, statement: Text, /, **values: Any) -> Iterator[list[Row]]:
        """Yield the rows of an answer in chunks; raises DatabaseLocked where it breaks off."""
        for rows in super().rows(statement, **values):
            self._look.check()
            yield rows


@contextmanager
def looking(path: str, timeout: float) -> Iterator[Look]:
    """Give a connection that reads a file and leaves nothing beside it.

    Raises DatabaseLocked where others write whenever this looks, or wrote while this was read.
    """
    with ExitStack() as stack:
        look = _open(path, timeout, stack)
        try:
            yield look
        except sqlite3.Error:
            look.check()  # what looks like damage may be a write that it came upon
            raise
        look.check()


def _open(path: str, timeout: float, stack: ExitStack) -> Look:
    for _ in range(_TRIES):
        before = stamps(path)
        attempt = stack.enter_context(ExitStack())
        try:
            look = _try_to_open(path, timeout, before, attempt)
        except sqlite3.Error:
            # The log comes and goes with the processes that write.
            if stamps(path) == before:
                raise
            look = None
        if look is not None and look.is_true():
            return look
        attempt.close()
        _remove_own_log(path)
        time.sleep(SETTLED)
    raise DatabaseLocked(path, timeout)


def _try_to_open(
    path: str, timeout: float, before: tuple[Stamp, Stamp], stack: ExitStack
) -> Look | None:
    """Open a file in the way that suits it now; None where somebody has just written to it."""
    with explained(path, database_problem):
        parameters = quiet.parameters(path, header(path))
    stands = None
    if "immutable" in parameters:
        if not is_settled(before):
            return None
        stands = before
    elif _wants_repair(path, parameters):
        with explained(path, database_problem):
            twin = _copy(path, stack)
        if stamps(path) != before:  # the copy may be of two moments
            return None
        return Look(path, timeout, _connected(twin, timeout, "mode=rw", stack), None)
    return Look(path, timeout, _connected(path, timeout, parameters, stack), stands)


def _connected(path: str, timeout: float, parameters: str, stack: ExitStack) -> sqlite3.Connection:
    connection = open_connection(path, timeout, parameters)
    stack.callback(connection.close)
    connection.execute("SELECT 1 FROM sqlite_schema").fetchone()  # it opens no log before
    return connection


def _wants_repair(path: str, parameters: str) -> bool:
    """Return whether SQLite has to do something before the file can be read.

    It makes the index of a log that has none, and rolls back what a journal is left of.
    """
    if "readonly_shm" in parameters:
        return not os.path.exists(f"{path}-shm")
    with suppress(OSError), open(f"{path}-journal", "rb") as journal:
        return any(journal.read(8))  # one that is done with may be left with a head of zeros
    return False


def _copy(path: str, stack: ExitStack) -> str:
    """Copy a file and its logs to where SQLite may do to them what it has to."""
    with scratch():
        name = os.path.join(scratch_folder(), os.path.basename(path))
        twin = stack.enter_context(unfinished(name, "read"))
        for ending in ("", *LOGS):
            # The index is made anew by who comes first, as this is to its copy.
            if ending != "-shm" and os.path.exists(path + ending):
                with open(path + ending, "rb") as source, open(twin + ending, "wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
    return twin


def _remove_own_log(path: str) -> None:
    """Remove an empty log that locks a file's owner out.

    SQLite makes the one that it does not find, also where it may not use it: so one has come
    about where the owner's has gone between a look at it and the opening.
    """
    with suppress(OSError):
        log, owner = os.lstat(f"{path}-wal"), os.stat(path).st_uid
        is_ours = log.st_uid == os.geteuid() != owner
        # Nobody else can have opened it to write, but for root.
        if is_ours and owner != 0 and not log.st_size and not log.st_mode & 0o022:
            os.unlink(f"{path}-wal")
