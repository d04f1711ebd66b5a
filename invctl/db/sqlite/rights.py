"""Who may do what with a database and the files beside it, and whose they are."""

import os
import stat
from contextlib import suppress

from invctl.appearing import LOGS
from invctl.errors import PermissionRefused
from invctl.oserrors import database_problem, explained, owner

_LOOKS = 5


def is_writable(path: str) -> bool:
    """Return whether this user may write a file, which a read-only one is for nobody."""
    with explained(path, database_problem):
        # Its mode alone tells root, who may write any file.
        return bool(os.stat(path).st_mode & 0o222) and os.access(path, os.W_OK)


def may_write(path: str) -> bool:
    """Return whether this user may write a database and all that belongs to it."""
    return _obstacle(path) is None


def refuse_read_only(path: str) -> None:
    """Raise PermissionRefused where this user may not write a database; names the file at fault.

    SQLite would find out after it has made files beside it that its owner cannot open.
    """
    refusal = unwritable(path)
    if refusal is not None:
        raise refusal


def unwritable(path: str) -> PermissionRefused | None:
    """Return the refusal to write a database, its folder or its log; None where there is none."""
    name = _obstacle(path)
    if name is None:
        return None
    with explained(name, database_problem):
        if not os.stat(name).st_mode & 0o222:
            kind = "folder" if os.path.isdir(name) else "file"
            hint = "`chmod u+w` lets it be changed"
            return PermissionRefused(name, f"the {kind} is read-only", hint)
        if os.statvfs(name).f_flag & os.ST_RDONLY:
            problem = "it is on a file system that is mounted read-only"
            return PermissionRefused(
                name, problem, "mount it writable, or change another inventory"
            )
        problem = f"it may not be written by this user; {_whose(name)}"
        leftover = f"once nobody uses the inventory, {owner(name)} can remove it"
        return PermissionRefused(name, problem, leftover if name.endswith(LOGS) else None)


def unreadable(path: str) -> PermissionRefused | None:
    """Return the refusal to read a database or what belongs to it; None where nothing is."""
    for name in (path, *(path + ending for ending in LOGS)):
        if _is_kept_from(name, os.R_OK):
            with explained(name, database_problem):
                problem = f"it may not be read by this user; {_whose(name)}"
            return PermissionRefused(name, problem)
    return None


def _whose(name: str) -> str:
    """Return whose a file is, in words."""
    return f"it belongs to {owner(name)}"


def adopt(new: int | str, path: str, *, mode: int | None = None) -> None:
    """Give a new file the group of a database, its owner where this is root, and its mode."""
    found = os.stat(path)
    wanted = stat.S_IMODE(found.st_mode) & 0o666 if mode is None else mode
    with suppress(OSError):  # apart from the owner: a group may be given by its members
        os.chown(new, -1, found.st_gid)
    if os.geteuid() == 0:
        with suppress(OSError):
            os.chown(new, found.st_uid, -1)
    if os.stat(new).st_gid != found.st_gid:
        wanted &= ~0o070  # or others than the database's would have it
    with suppress(OSError):
        os.chmod(new, wanted)


def share(new: int | str, path: str) -> None:
    """Let those have a new file who have the database, where that is a team's: else this user."""
    with suppress(FileNotFoundError):
        if os.stat(path).st_mode & stat.S_IWGRP:
            adopt(new, path)


def writers(path: str) -> int:
    """Return the mode that lets those read and write who may write a database."""
    write = os.stat(path).st_mode & 0o222
    return write | write << 1


def _obstacle(path: str) -> str | None:
    """Return what keeps this user from writing: the file, its folder, or a file of SQLite's."""
    if os.path.exists(path) and not is_writable(path):
        return path
    folder = os.path.dirname(path)
    if not os.access(folder, os.W_OK | os.X_OK):
        return folder
    for name in (path + ending for ending in LOGS):
        if _is_kept_from(name, os.W_OK):
            return name
    return None


def _is_kept_from(path: str, right: int) -> bool:
    """Return whether a file is there that this user may not use so."""
    # A log comes and goes while others begin and end: it may go between these two questions.
    return all(os.path.exists(path) and not os.access(path, right) for _ in range(_LOOKS))
