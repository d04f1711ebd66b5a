"""What a driver's error means to the person who ran the command."""

import sqlite3
from types import TracebackType

from invctl.db.sqlite.files import is_limited, probe
from invctl.db.sqlite.rights import unreadable, unwritable
from invctl.errors import (
    DatabaseDamaged,
    DatabaseLocked,
    DatabaseUnusable,
    InventoryError,
    OutcomeUnknown,
    PermissionRefused,
    SumTooLarge,
)

_RESTORE = "restore a backup of it"
# Result codes: https://www.sqlite.org/rescode.html; the low byte is the primary one.
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT}
_UNUSABLE = {
    sqlite3.SQLITE_NOTADB: ("is not a database", "give another path"),
    sqlite3.SQLITE_FULL: ("cannot be written: the disk is full", "make room and run it again"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: I/O error", "check its disk"),
    sqlite3.SQLITE_NOMEM: ("needs more memory than there is", "run it again"),
}
_LIMITED = (
    "cannot be written: this process may make no file as long as that",
    "raise the limit that `ulimit -f` shows",
)
# How the errors begin that only what is in a file can cause, and no statement of ours.
_FOREIGN = (
    "no such ",
    "unsafe use of ",
    "foreign key mismatch",
    "malformed ",
    "unsupported file format",
    "user-defined function raised exception",  # it was given what is no text
)
# What is said of a sum past 64 bits: many movements of the most that is kept come to that, too.
_OVERFLOW = "integer overflow"
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
# What no file that is made for a try would tell more about.
_NOT_WRITING = {
    *(sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ),
    sqlite3.SQLITE_IOERR_DELETE,
}
_REFUSED = {sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH}
_OF_THE_SYSTEM = {
    *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL),
    *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY),
}


class Explained:
    """Translates what the driver raises within it; nothing else in the project knows its errors."""

    def __init__(self, path: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if isinstance(error, sqlite3.Error):
            raise meaning(self._path, self._timeout, error) from error
        if isinstance(error, DatabaseLocked):  # where the gate has taken some of the time
            raise DatabaseLocked(str(error.details["path"]), self._timeout) from error
        if isinstance(error, UnicodeDecodeError):  # the driver, over the text of SQLite's message
            raise DatabaseDamaged(self._path, "is damaged", _RESTORE) from error


def meaning(path: str, timeout: float, error: sqlite3.Error) -> Exception:
    """Return the error to raise for a driver's error; a bug of ours comes back as it is."""
    code = getattr(error, "sqlite_errorcode", 0)
    primary = code & 0xFF
    if primary in _LOCKED:
        return DatabaseLocked(path, timeout)
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return DatabaseUnusable(path, "was moved or removed meanwhile", "run it again")
    if primary in _REFUSED:
        known = PermissionRefused(path, "it may not be written by this user")
        return unwritable(path) or _probed(path, known)
    if primary == sqlite3.SQLITE_CANTOPEN:
        return _cannot_open(path)
    if primary == sqlite3.SQLITE_IOERR and code not in _NOT_WRITING:
        return _cannot_write(path)
    if primary in _DAMAGED:
        return DatabaseDamaged(path, "is damaged", _RESTORE)
    if primary == sqlite3.SQLITE_TOOBIG:
        return DatabaseDamaged(path, "holds more than can be read", _RESTORE)
    if primary in _UNUSABLE:
        return DatabaseUnusable(path, *_UNUSABLE[primary])
    if primary == sqlite3.SQLITE_ERROR and str(error) == _OVERFLOW:
        return SumTooLarge(path)
    if _is_foreign(primary, str(error)):
        return DatabaseDamaged(path, f"is damaged ({error})", _RESTORE)
    return error


def is_refusal(error: sqlite3.Error) -> bool:
    """Return whether the system is at fault, which may grant less: to read, and write nothing."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_SYSTEM


def _is_foreign(primary: int, text: str) -> bool:
    """Whether the file is at fault: lacks what inventories have, or holds what none does."""
    foreign = primary == sqlite3.SQLITE_ERROR and text.startswith(_FOREIGN)
    return foreign or text.startswith("Could not decode to UTF-8")


def _cannot_open(path: str) -> InventoryError:
    """Find out why SQLite could not open a file, which it does not tell."""
    known = DatabaseUnusable(path, "cannot be opened", "check the path and its disk")
    return unreadable(path) or unwritable(path) or _probed(path, known)


def _cannot_write(path: str) -> InventoryError:
    """Find out why SQLite could not write: a quota or an index without room is no more to it."""
    if is_limited(path):
        return DatabaseUnusable(path, *_LIMITED)
    return _probed(path, DatabaseUnusable(path, *_UNUSABLE[sqlite3.SQLITE_IOERR]))


def _probed(path: str, known: InventoryError) -> InventoryError:
    """Return what the system says to what SQLite tried; what is known where it says nothing."""
    try:
        probe(path)
    except InventoryError as error:
        return error
    return known


def meaning_at_commit(path: str, timeout: float, error: sqlite3.Error) -> Exception:
    """Return the error to raise for a COMMIT that failed.

    Where SQLite is sure that nothing was committed, that is said; else nobody can know.
    """
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CONSTRAINT):
        return meaning(path, timeout, error)
    return OutcomeUnknown(path, str(error))
