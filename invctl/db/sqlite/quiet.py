"""How SQLite is told to read a file so that nothing appears beside it. Loads next to nothing."""

import os

from invctl.db.sqlite.header import has_log

# Bytes before the first frame of a log. With these alone, as one leaves that was killed right then,
# SQLite waits ten seconds with `readonly_shm`, and says that it is locked.
_LOG_HEADER = 32


def parameters(path: str, head: bytes) -> str:
    """Return the URI's parameters to read a file that begins with `head`, and leave no trace.

    A plain read-only connection to a file with a log makes the log and its index where there are
    none, and cannot remove them: what it leaves may lock the file's owner out. Without a log the
    file is all there is, and `immutable` reads just that; whoever relies on it must look whether
    it stayed so. With a log, `readonly_shm` reads both, or fails.
    """
    if not has_log(head):
        return "mode=ro"
    return "mode=ro&readonly_shm=1" if is_logged(path) else "mode=ro&immutable=1"


def is_logged(path: str) -> bool:
    """Return whether there is anything in the log beside a file.

    It is read, and asked for its size only where it cannot be.
    """
    log = f"{path}-wal"
    # Linux from 6.13 on gives a file whose times were looked at a finer one with its next write
    # (multigrain-ts.rst), and the commit would wait for one more block, that of its inode.
    try:
        descriptor = os.open(log, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return os.pread(descriptor, 1, _LOG_HEADER) != b""
        finally:
            os.close(descriptor)
    except OSError:
        return size(log) > _LOG_HEADER


def size(path: str) -> int:
    """Return how many bytes a file has; none where there is none."""
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
