"""Whose log lies beside a file: SQLite goes by its name, and plays in whatever is called so.

What tells a log from another is what both hold of the first page: it counts how often it was
written, and each log of ours begins with it. So the file's count is the one before the log's
first, or one of the log's if a checkpoint has begun, which the index of the log says. What cannot
be told: a log that began over, in a run that never closed, until it holds the first page again;
and, where a checkpoint was cut off, one whose file took another way with as many changes.
"""

import os
import struct
import time
from collections.abc import Iterator

from invctl.db.sqlite.header import change_counter, has_log, header, page_size
from invctl.errors import DatabaseUnusable

Stamp = tuple[int, ...]
"""Which file a name means, and how often anybody can have written to it."""

SETTLED = 0.02
"""Seconds after which a change is sure to have another time than one before (a tick is 10 ms)."""

_LOOKS = 10
_MAGIC = (0x377F0682, 0x377F0683)
# The formats: https://www.sqlite.org/walformat.html. The salt marks the frames of one log.
_HEAD = struct.Struct(">I4xII8s8x")
_FRAME = struct.Struct(">I4x8s8x")
_INDEX = struct.Struct("=32x8s88xI")


def stamp(path: str) -> Stamp:
    """Return what changes when anybody writes to a file; nothing where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def stamps(path: str) -> tuple[Stamp, Stamp]:
    """Return the stamps of a database and of its log; an empty log is none."""
    log = stamp(f"{path}-wal")
    return stamp(path), log if log and log[2] else ()


def is_settled(found: tuple[Stamp, Stamp]) -> bool:
    """Return whether whatever comes after this has other stamps."""
    newest = max((one[4] for one in found if one), default=0)
    return not 0 <= time.time() - newest / 1e9 < SETTLED


def refuse_foreign_log(path: str) -> None:
    """Raise DatabaseUnusable where the log beside a file is not its own.

    Others may be writing: only what stands still between two looks is believed.
    """
    for _ in range(_LOOKS):
        before = stamps(path)
        problem = _problem(path) if before[1] else None
        if problem is None:
            return
        if is_settled(before) and stamps(path) == before:
            hint = "move it away; nothing was read from it, and nothing written"
            raise DatabaseUnusable(f"{path}-wal", f"{problem} ({path})", hint)
        time.sleep(SETTLED)


def _problem(path: str) -> str | None:
    """Return what is wrong with a log that cannot be a file's own."""
    try:
        head = header(path)
        with open(f"{path}-wal", "rb", buffering=0) as log:
            if _is_own(path, head, log.fileno()):
                return None
    except OSError:
        return None  # it has gone, or may not be read: SQLite fares no better
    return "is not its log, or an older one" if has_log(head) else "is not its log: it has none"


def _is_own(path: str, head: bytes, log: int) -> bool:
    """Return whether a log can be that of a file which begins with `head`."""
    if not has_log(head):
        return False
    start = os.pread(log, _HEAD.size, 0)
    if len(start) < _HEAD.size:
        return True  # SQLite plays nothing in from what does not begin like a log
    magic, size, begun, salt = _HEAD.unpack(start)
    if magic not in _MAGIC:
        return True
    count, counts = change_counter(head), _counts(log, size, salt)
    first = next(counts, None)
    if size != page_size(head) or first is None or count == first - 1:
        return bool(size == page_size(head))
    # Who has the file open does not always count on where a log begins over.
    if not begun and not _was_checkpointed(path, salt):
        return False
    return first <= count <= max((first, *counts))


def _counts(log: int, size: int, salt: bytes) -> Iterator[int]:
    """Yield how often the first page had been written, for each time that the log holds it."""
    offset = _HEAD.size
    while len(found := os.pread(log, _FRAME.size + 28, offset)) == _FRAME.size + 28:
        page, of = _FRAME.unpack_from(found)
        if of != salt:
            return
        if page == 1:
            yield change_counter(found[_FRAME.size :])
        offset += _FRAME.size + size


def _was_checkpointed(path: str, salt: bytes) -> bool:
    """Return whether some of a log may be in its file: no if the index of just that log says so."""
    try:
        index = header(f"{path}-shm", _INDEX.size)
    except OSError:
        return True
    if len(index) < _INDEX.size:
        return True
    of, attempted = _INDEX.unpack(index)
    return bool(of != salt or attempted > 0)
