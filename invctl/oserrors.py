"""What an operating system's refusal means to the person who ran the command: here, once.

Only what failed to write standard output is somebody else's: that is an `OutputFailed`.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from invctl.errors import (
    ConfigError,
    DatabaseUnusable,
    FileExists,
    InventoryError,
    PermissionRefused,
    UsageError,
)

REFUSALS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_TOO_MANY = frozenset({errno.EMFILE, errno.ENFILE})
# What no other file would fare better with, and what to do.
_LIMITS = {
    **dict.fromkeys(_TOO_MANY, "raise the limit that `ulimit -n` shows"),
    errno.EFBIG: "raise the limit that `ulimit -f` shows",
}
_HINTS = {**_LIMITS, errno.ENAMETOOLONG: "give it a shorter name"}

_ROOM = "name a folder that has room"

NO_NAME = "the name of the file is empty"

Explain = Callable[[str, OSError], InventoryError]
"""Says what an OSError about a path means."""


def reason(error: OSError) -> str:
    """Return why the system refused, in its words."""
    return (error.strerror or str(error)).lower()


def owner(path: str) -> str:
    """Return who owns a file: a name, or `uid 1000` where the system knows none."""
    number = os.stat(path).st_uid
    try:
        import pwd

        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def refused(path: str, error: OSError) -> PermissionRefused:
    """Return the refusal of a path, and whose that is, or the folder where nothing is yet."""
    if error.errno == errno.EROFS:  # whoever owns it
        return PermissionRefused(path, reason(error), "mount it writable, or name another place")
    near = path
    while near and not os.path.lexists(near) and near != os.path.dirname(near):
        near = os.path.dirname(near)
    try:
        belongs = f"{near if near != path else 'it'} belongs to {owner(near)}"
    except OSError:
        return PermissionRefused(path, reason(error))
    return PermissionRefused(path, f"{reason(error)}; {belongs}")


def database_problem(path: str, error: OSError) -> InventoryError:
    """Return what an OSError about a database at `path`, or what lies beside it, means."""
    if error.errno in REFUSALS:
        return refused(path, error)
    if error.errno in _FULL:
        return DatabaseUnusable(path, "cannot be written: the disk is full", "make room")
    hint = _HINTS.get(error.errno or 0, "check the path and its disk")
    return DatabaseUnusable(path, f"cannot be used: {reason(error)}", hint)


def input_problem(path: str, error: OSError) -> InventoryError:
    """Return what an OSError about a file that a command was given to read means."""
    if error.errno in REFUSALS:
        return refused(path, error)
    if error.errno in _TOO_MANY:
        return database_problem(path, error)
    hint = "give a file, or - for standard input"
    if not path:
        return UsageError(NO_NAME, hint)
    if error.errno == errno.EBADF:  # no file is meant: only what was opened by somebody else is so
        hint = "redirect a file to it (< FILE), or pipe into it"
        return UsageError(f"cannot read {path}: it is closed to reading", hint)
    return UsageError(f"cannot read {path}: {reason(error)}", hint)


def output_problem(path: str, error: OSError) -> InventoryError:
    """Return what an OSError about a file that a command was given to write means."""
    if error.errno == errno.EEXIST:
        return FileExists(path)
    if error.errno in REFUSALS:
        return refused(path, error)
    if error.errno in _FULL or error.errno == errno.EIO:
        return database_problem(path, error)
    if error.errno in _LIMITS:
        problem = f"cannot be written: {reason(error)}"
        return DatabaseUnusable(path, problem, _LIMITS[error.errno])
    hint = "give another file, or - for standard output"
    if not path:
        return UsageError(NO_NAME, hint)
    if error.errno == errno.ENOENT:  # of a file that is to be made: cron's mail names no folder
        hint = f"make its folder first, or {hint}"
    return UsageError(f"cannot write {path}: {reason(error)}", hint)


def scratch_problem(error: OSError) -> InventoryError:
    """Return what an OSError about a temporary file means."""
    problem = f"no temporary file can be written ({reason(error)})"
    return ConfigError("TMPDIR", problem, _LIMITS.get(error.errno or 0, _ROOM))


def surroundings_problem(error: BaseException) -> InventoryError | None:
    """Return what an error that nobody was prepared for says of the surroundings, if of them."""
    if isinstance(error, MemoryError):
        return ConfigError("memory", "there is too little of it", "`ulimit -v` may limit it")
    return unforeseen_problem(error) if isinstance(error, OSError) else None


def unforeseen_problem(error: OSError) -> InventoryError | None:
    """Return what an OSError means that nobody was prepared for; None where it names no file."""
    name = error.filename2 or error.filename
    if error.errno == errno.ENOENT and name is None:  # so says only the question where we are
        return ConfigError("the working folder", "was removed", "`cd` to one that exists")
    if not isinstance(name, str | bytes):  # a number is a descriptor, which tells nobody anything
        return None
    path = name if isinstance(name, str) else name.decode(errors="surrogateescape")
    if error.errno in _TOO_MANY:  # whichever file it was
        return ConfigError("open files", reason(error), _LIMITS[error.errno])
    if error.errno in REFUSALS | _FULL | _LIMITS.keys():
        return database_problem(path, error)
    hint = "check the path and its disk"
    return UsageError(f"cannot use {path}: {reason(error)}", hint)


@contextmanager
def explained(path: str, explain: Explain) -> Iterator[None]:
    """Turn an OSError about `path` into what `explain` says of it."""
    try:
        yield
    except OSError as error:
        raise explain(path, error) from error
