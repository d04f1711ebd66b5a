"""Database files on a file system: what may be opened, and what lies beside it.

Opens no database and never opens a database file itself: closing it would drop SQLite's locks.
"""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from invctl.appearing import LOGS, NO_HARD_LINKS, remove_abandoned, sync, unfinished
from invctl.db.sqlite.header import HEADER, has_log, header
from invctl.db.sqlite.logs import refuse_foreign_log
from invctl.db.sqlite.mounts import is_mount_point
from invctl.db.sqlite.quiet import size
from invctl.db.sqlite.rights import adopt
from invctl.errors import DatabaseMissing, DatabaseUnusable
from invctl.oserrors import database_problem, explained
from invctl.settings import FileLocation

_LOOKS = 10
_PAUSE = 0.005
_INDEX = 1 << 16
"""Bytes that SQLite wants for the index of its log, and then some."""
_DESCRIPTORS = 16
"""As many as a restore has at the most: two databases with their logs, and copies of them."""

Identity = tuple[int, int]
"""Device and inode: which file it is, whatever its name."""


def identify(path: str, location: FileLocation) -> Identity:
    """Return which file is at a location's real path, refusing what cannot be a database.

    Raises DatabaseMissing, DatabaseUnusable or PermissionRefused.
    """
    with explained(path, database_problem):
        try:
            found = _settled(path)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise DatabaseMissing(location.path, location.source) from error
    if stat.S_ISDIR(found.st_mode):
        raise DatabaseUnusable(path, "is a folder", "give the path of a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise DatabaseUnusable(path, "is not a regular file", "give the path of a file")
    if found.st_size < HEADER:
        if found.st_size:  # somebody's, whatever it is
            raise DatabaseUnusable(path, "is not a database", "give another path")
        problem = "is an empty file, not an inventory"
        raise DatabaseUnusable(path, problem, "remove it, or give another path")
    refuse_odd_logs(path)  # first: the next one opens a log, and would wait at a pipe
    refuse_foreign_log(path)
    return found.st_dev, found.st_ino


def _settled(path: str) -> os.stat_result:
    """Look at a file, and again where it may be about to get its name.

    For an instant it has another one besides, or nothing in it where there are no hard links.
    """
    for look in range(_LOOKS):
        found = os.stat(path)
        if (found.st_nlink <= 1 and found.st_size) or not stat.S_ISREG(found.st_mode):
            break
        if not look:
            remove_abandoned(path)  # its maker may have died in that very instant
        time.sleep(_PAUSE)
    return found


def second_name(path: str) -> tuple[str, str] | None:
    """Return what is wrong where a file is known by two names, and what to do; None if it is not.

    SQLite's log and its index, and the queue of writers, go by the name: who comes by the other
    one has others, and neither sees what the other does.
    """
    try:
        names = _settled(path).st_nlink
    except OSError as error:
        raise database_problem(path, error) from error
    if names > 1:
        return f"has {names} names (hard links), each with a log of its own", "remove the others"
    if is_mount_point(path):
        return (
            "is mounted by itself, so that its log is another outside",
            "mount its folder instead",
        )
    return None


def refuse_second_name(path: str) -> None:
    """Raise DatabaseUnusable for a file that is known by two names."""
    found = second_name(path)
    if found is not None:
        raise DatabaseUnusable(path, *found)


def refuse_odd_logs(path: str) -> None:
    """Raise DatabaseUnusable where a log would be a pipe, say, which SQLite would wait at.

    Through a link it opens none.
    """
    for suffix in LOGS:
        with suppress(OSError):
            if not stat.S_ISREG(os.lstat(path + suffix).st_mode):
                problem = "is not a regular file, but has the name of a log"
                raise DatabaseUnusable(path + suffix, problem, "move it away")


def is_same_file(path: str, identity: Identity) -> bool:
    """Return whether `path` still names the file that was opened."""
    try:
        found = os.stat(path)
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == identity


def keeps_log(path: str, identity: Identity | None = None) -> bool:
    """Return whether the file at `path`, which may be known, keeps a log, as far as can be seen."""
    try:
        return has_log(header(path, identity=identity))
    except OSError:
        return True  # what cannot be seen is not taken for a backup


def mend_modes(path: str) -> None:
    """Let what SQLite keeps beside a file be written by its owner, if the file may be.

    Who read a read-only file may have left them read-only, where they would stay so for good. No
    connection of this process may be open: the closing here would drop its locks.
    """
    with suppress(OSError):
        mode = stat.S_IMODE(os.stat(path).st_mode)
        for suffix in ("-shm", "-wal") if mode & stat.S_IWUSR else ():
            with suppress(FileNotFoundError):
                if os.lstat(path + suffix).st_mode & 0o222:
                    continue
                descriptor = os.open(path + suffix, os.O_RDONLY | os.O_NOFOLLOW)
                try:
                    os.fchmod(descriptor, mode)
                finally:
                    os.close(descriptor)


@contextmanager
def folder_made(path: str, *, keep: bool = True) -> Iterator[None]:
    """Create the folder of `path`; gone again where what is done in it fails, or not to `keep`."""
    made: list[str] = []
    try:
        make_folder(path, made)
        yield
    except BaseException:
        _remove_folders(made)
        raise
    if not keep:
        _remove_folders(made)


def make_folder(path: str, made: list[str] | None = None) -> None:
    """Create the folder of `path`, and those above it, for this user alone.

    Adds to `made` those that it makes, the outermost first.
    """
    folder = os.path.dirname(path)
    missing = []
    with explained(path, database_problem):
        while not os.path.isdir(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        for name in reversed(missing):
            with suppress(FileExistsError):  # who was quicker has it, and its rights
                os.mkdir(name)
                if made is not None:
                    made.append(name)
                os.chmod(name, 0o700)  # whatever the umask
                sync(os.path.dirname(name))  # or a power cut takes it, with all that is in it


def _remove_folders(made: list[str]) -> None:
    for name in reversed(made):
        with suppress(OSError):  # others may have put something there
            os.rmdir(name)


def is_disk_full(path: str) -> bool:
    """Return whether the disk of a file has no room left for this user, not even for an index."""
    try:
        disk = os.statvfs(os.path.dirname(path))
    except OSError:
        return False
    # A file system that does not count its files says that there are 0 of 0.
    has_numbers_left = disk.f_favail > 0 or disk.f_files == 0
    return disk.f_bavail * disk.f_frsize < _INDEX or not has_numbers_left


def is_limited(path: str) -> bool:
    """Return whether a file, or what SQLite writes beside it, is as long as this process may write.

    Less than an index is as good as nothing.
    """
    import resource

    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    longest = max(size(path + suffix) for suffix in ("", *LOGS))
    return limit != resource.RLIM_INFINITY and longest + _INDEX > limit


def probe(path: str) -> None:
    """Raise what the system has against what SQLite does beside a file, of which it says little.

    That is to make another file there, which has a log, to write it and to open some.
    """
    with (
        unfinished(path, "probe", explain=database_problem) as new,
        explained(path, database_problem),
        ExitStack() as stack,
    ):
        # A name may be so long that only a log's has no room any more.
        log = os.open(f"{new}{max(LOGS, key=len)}", os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        stack.callback(os.close, log)
        for _ in range(_DESCRIPTORS):
            stack.callback(os.close, os.dup(log))
        os.pwrite(log, bytes(_INDEX), 0)
        os.fsync(log)


def displace(new: str, path: str, kept: str) -> None:
    """Give the finished file `new` the name of one that no longer opens, which is kept, durably.

    There is a file under `path` at any time, but for an instant where there are no hard links.
    """
    with explained(path, database_problem):
        adopt(new, path)
        sync(new)
        for suffix in LOGS:  # first: else they would be played into the new one
            with suppress(FileNotFoundError):
                os.rename(path + suffix, kept + suffix)
        try:
            os.link(path, kept)
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            os.rename(path, kept)
        os.rename(new, path)
        sync(os.path.dirname(path))
