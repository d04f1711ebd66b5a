"""Files that appear whole under their name or not at all, whatever ends the run that makes them.

Nothing is removed here but unfinished files of this program's own making, told by their names.
"""

import errno
import os
import re
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from invctl.errors import FileExists, OutcomeUnknown
from invctl.oserrors import Explain, explained, output_problem, reason
from invctl.stopping import closing_first

LOGS = ("-wal", "-shm", "-journal")
"""What SQLite calls the files that it puts beside a database."""
NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV})

_MARK = r"(?:\.[a-z0-9_]{8}\.invctl-[a-z]+)"
_AN_HOUR = 3600


@contextmanager
def unfinished(
    path: str, sort: str, *, private: bool = True, explain: Explain = output_problem
) -> Iterator[str]:
    """Give the name of a new empty file beside `path`, `PATH.xxxxxxxx.invctl-SORT`.

    It is gone afterwards, also where a signal ends the run, with the logs that a database may have
    got there; `publish` gives it its name before. Unless it is `private`, which is this user's
    alone, the umask says who else may read it. It is locked as long as this runs: one that nobody
    holds was left by a run that was killed, and goes when the next one for `path` comes.
    """
    with closing_first():
        with explained(path, explain):
            remove_abandoned(path)
            descriptor, new = _new_file(path, sort, private)
        try:
            yield new
        finally:
            _discard(new)
            os.close(descriptor)  # not before: closing it would end what locks SQLite has on it


def publish(
    new: str, path: str, *, beside: Sequence[str] = (), explain: Explain = output_problem
) -> bool:
    """Give the finished file `new` its name, durably; False where another file has it already.

    Nothing may have the name with one of the endings in `beside`, either, since it would be taken
    for a part of the new file: raises FileExists. Raises OutcomeUnknown where the name is given,
    but perhaps not for good.
    """
    with explained(path, explain):
        sync(new)
        if os.path.lexists(path):
            return False
        refuse_parts(path, beside)
        if not _take_name(new, path):
            return False
    try:
        sync(os.path.dirname(path) or os.curdir)
    except OSError as error:
        raise OutcomeUnknown(path, reason(error)) from error
    return True


def refuse_parts(path: str, beside: Sequence[str] = LOGS) -> None:
    """Raise FileExists for what would be taken for a part of a new file at `path`.

    What lies there beside a file is that one's, which may have come this very moment.
    """
    for ending in beside:
        if os.path.lexists(path + ending) and not os.path.lexists(path):
            raise FileExists(path + ending, hint=f"it would pass for a part of {path}: move it")


def sync(path: str) -> None:
    """Make a file, or what a folder lists, last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take_name(new: str, path: str) -> bool:
    """Rename a file; False where another one has the name."""
    try:
        try:
            os.link(new, path)
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            # Renaming would replace what another makes meanwhile: so the name is taken first.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            os.rename(new, path)
        else:
            # At once, as an inventory may have one name only. It has that by now, so nothing has
            # failed where this does: whoever comes upon the other one takes it away.
            with suppress(OSError):
                os.unlink(new)
    except FileExistsError:
        return False
    return True


def _new_file(path: str, sort: str, private: bool) -> tuple[int, str]:
    """Make an unfinished file for `path`; return its descriptor, which holds its lock, and name."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    while True:
        new = f"{path}.{os.urandom(4).hex()}.invctl-{sort}"
        descriptor = os.open(new, flags, 0o600 if private else 0o666)
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if ~mode & 0o600:  # whatever the umask: it will be opened again
            os.fchmod(descriptor, mode | 0o600)
        with suppress(OSError):  # without locks nothing is taken for abandoned, either
            _lock(descriptor)
        if os.path.lexists(new):
            return descriptor, new
        os.close(descriptor)  # until it had the lock another run took it for abandoned


def _lock(descriptor: int, *, wait: bool = True) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def remove_abandoned(path: str) -> None:
    """Remove the unfinished files for `path` that no process holds, and what outlived them.

    Those for other names in its folder go too, once they are an hour old: a backup that is killed
    has a name that no other backup will have.
    """
    folder, name = os.path.split(path)
    ours = re.compile(f"((.+?){_MARK}+)(?:{'|'.join(LOGS)})?")
    with suppress(PermissionError):  # a folder that may be written, but not listed
        names = map(ours.fullmatch, os.listdir(folder or os.curdir))
        left = {found[1]: found[2] for found in names if found}
        for one, made_for in left.items():
            _remove_if_abandoned(os.path.join(folder, one), at_once=made_for == name)


def _remove_if_abandoned(left: str, *, at_once: bool) -> None:
    try:
        found = os.stat(left, follow_symlinks=False)
        if not (at_once or time.time() - found.st_mtime > _AN_HOUR):
            return
        if found.st_nlink > 1:  # it had got its name; whoever opens an inventory's file closes it
            os.unlink(left)
            return
        descriptor = os.open(left, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:  # after a power cut its log may be all that is there
        if at_once:
            _discard(left)
        return
    except OSError:
        return
    try:
        with suppress(OSError):
            _lock(descriptor, wait=False)
            _discard(left)
    finally:
        os.close(descriptor)


def _discard(new: str) -> None:
    for ending in ("", *LOGS):
        with suppress(OSError):
            os.unlink(new + ending)
