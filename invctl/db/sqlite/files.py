"""Database files on a file system: what may be opened, how one is made, what kind of disk it is.

Opens no database and never opens a database file itself: closing it would drop SQLite's locks.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from invctl.errors import (
    DatabaseMissing,
    DatabaseUnusable,
    InventoryError,
    OutcomeUnknown,
    PermissionRefused,
)
from invctl.settings import FileLocation

# Where shared memory or locks do not reach every host that writes (https://sqlite.org/wal.html).
_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "afs", "ceph"}
_NO_HARD_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV}
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite calls the files that it puts beside a database."""
HEADER = 100
"""Bytes at the start of a database; SQLite takes a shorter file for an empty one."""
_REFUSALS = {errno.EACCES, errno.EPERM, errno.EROFS}

Identity = tuple[int, int]
"""Device and inode: which file it is, whatever its name."""


def identify(path: str, location: FileLocation) -> Identity:
    """Return which file is at a location's real path, refusing what cannot be a database.

    Raises DatabaseMissing, DatabaseUnusable or PermissionRefused.
    """
    with explained(path):
        try:
            found = os.stat(path)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise DatabaseMissing(location.path, location.source) from error
    if stat.S_ISDIR(found.st_mode):
        raise DatabaseUnusable(path, "is a folder", "give the path of a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise DatabaseUnusable(path, "is not a regular file", "give the path of a file")
    if found.st_size < HEADER:
        what = "is not a database" if found.st_size else "is an empty file, not an inventory"
        raise DatabaseUnusable(path, what, "remove it, or give another path")
    _refuse_odd_logs(path)
    return found.st_dev, found.st_ino


def _refuse_odd_logs(path: str) -> None:
    """Raise DatabaseUnusable where a log would be a pipe, say, which SQLite would wait at."""
    for suffix in BESIDE:
        with suppress(OSError):
            if not stat.S_ISREG(os.stat(path + suffix).st_mode):
                problem = "is not a regular file, but has the name of a log"
                raise DatabaseUnusable(path + suffix, problem, "move it away")


def is_same_file(path: str, identity: Identity) -> bool:
    """Return whether `path` still names the file that was opened."""
    try:
        found = os.stat(path)
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == identity


def refuse_read_only(path: str) -> None:
    """Raise PermissionRefused for a file that nobody may write, whoever asks: root included."""
    if not is_writable(path):
        raise PermissionRefused(path, "the file is read-only", "`chmod u+w` lets it be changed")


def mend_modes(path: str) -> None:
    """Let what SQLite keeps beside a file be written by its owner, if the file may be.

    Who reads a read-only file leaves them read-only, where they would stay so for good. No
    connection of this process may be open: the closing here would drop its locks.
    """
    with suppress(OSError):
        mode = stat.S_IMODE(os.stat(path).st_mode)
        for suffix in ("-shm", "-wal") if mode & stat.S_IWUSR else ():
            with suppress(FileNotFoundError):
                descriptor = os.open(path + suffix, os.O_RDONLY | os.O_NOFOLLOW)
                if not os.fstat(descriptor).st_mode & 0o222:
                    os.fchmod(descriptor, mode)
                os.close(descriptor)


def make_folder(path: str) -> list[str]:
    """Create the folder of `path`, and those above it, for this user alone.

    Returns those that it made, the outermost first.
    """
    folder = os.path.dirname(path)
    missing = []
    with explained(path):
        while not os.path.isdir(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        for name in reversed(missing):
            with suppress(FileExistsError):
                os.mkdir(name)
                os.chmod(name, 0o700)  # whatever the umask
                _sync(os.path.dirname(name))  # or a power cut takes it, with all that is in it
    return missing[::-1]


def new_file(path: str) -> str:
    """Return the path of a new empty file beside `path`, for this user alone.

    Only the holder of the gate makes one, so whatever has its name was left by one who died.
    """
    name = f"{path}.new"
    with explained(path):
        discard(name)
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        os.fchmod(descriptor, 0o600)  # whatever the umask
        os.close(descriptor)
    return name


def publish(new: str, path: str) -> bool:
    """Give the finished file `new` its name, durably; False where another file has it already."""
    with explained(path):
        _sync(new)
        if os.path.lexists(path):
            return False
        discard(path)  # the log of a file that was removed would be played into the new one
        try:
            os.link(new, path)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            os.rename(new, path)
    # It has its name: what fails from here on only leaves open whether that is durable.
    with suppress(OSError):
        os.unlink(new)
    try:
        _sync(os.path.dirname(path))
    except OSError as error:
        raise OutcomeUnknown(path, error.strerror or str(error)) from error
    return True


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_disk_full(path: str) -> bool:
    """Return whether the disk of a file has no room left for this user."""
    try:
        return os.statvfs(os.path.dirname(path)).f_bavail == 0
    except OSError:
        return False


def is_on_network(path: str) -> bool:
    """Return whether `path` is on a file system where the write-ahead log is not safe."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts:
            device = os.stat(path).st_dev
            number = f"{os.major(device)}:{os.minor(device)}"
            return any(_is_network_mount(line, number) for line in mounts)
    except OSError:
        return False


def _is_network_mount(line: str, device: str) -> bool:
    """Read one line of proc(5)'s mountinfo: `ID PARENT MAJOR:MINOR … - TYPE SOURCE OPTIONS`."""
    mount, _, kind = line.partition(" - ")
    name = kind.split(" ", 1)[0]
    is_network = name in _NETWORK_FILE_SYSTEMS or name.startswith("fuse")
    return is_network and mount.split(" ", 3)[2] == device


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turn an operating system's refusal about `path` into an error of this project."""
    try:
        yield
    except OSError as error:
        raise os_problem(path, error) from error


def os_problem(path: str, error: OSError) -> InventoryError:
    """Return what an OSError about a database at `path` means to its user."""
    problem = (error.strerror or str(error)).lower()
    if error.errno in _REFUSALS:
        return PermissionRefused(path, problem)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DatabaseUnusable(path, "cannot be written: the disk is full", "make room")
    return DatabaseUnusable(path, f"cannot be used: {problem}", "check the path and its disk")


def real_path(path: str) -> str:
    """Return the file that a path means, links followed: its lock and log lie beside that one."""
    return os.path.realpath(path)


def folder(path: str) -> str:
    """Return the folder that a file is in."""
    return os.path.dirname(path)


def encoded(path: str) -> bytes:
    """Return a path as the bytes that the system calls take."""
    return os.fsencode(path)


def is_writable(path: str) -> bool:
    """Return whether this user may write the file."""
    return bool(os.stat(path).st_mode & 0o222) and os.access(path, os.W_OK)


def discard(new: str) -> None:
    """Remove an unfinished file and what SQLite put beside it."""
    for suffix in ("", *BESIDE):
        with suppress(OSError):
            os.unlink(new + suffix)


def displace(new: str, path: str, kept: str) -> None:
    """Give the finished file `new` the name of one that no longer opens, which is kept, durably.

    Its log goes with it first: it would be played into the new one. There is a file under
    `path` at any time.
    """
    with explained(path):
        _sync(new)
        for suffix in BESIDE:
            with suppress(FileNotFoundError):
                os.rename(path + suffix, kept + suffix)
        try:
            os.link(path, kept)
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            os.rename(path, kept)
        os.rename(new, path)
        _sync(os.path.dirname(path))


def size(path: str) -> int:
    """Return how many bytes a file has; none where there is none."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
