"""Whose log lies beside a file: SQLite goes by its name, and plays in whatever is called so.

What tells a log from another is what both hold of the first page: it counts how often it was
written, and each log of ours begins with it. So the file's count is the one before the log's
first, or one of the log's if a checkpoint has begun, which the index of the log says. Counts of
young files are all small: the page counts changes of the schema, too, each file's from a number of
its own, and a backup has one more than what it was made of. What cannot be told: a log that began
over, in a run that never closed, until it holds the first page again; and one whose file was copied
byte for byte and took another way with as many changes.
"""

import os
import struct
import time
from collections.abc import Callable, Iterator

from invctl.db.sqlite.header import change_counter, has_log, header, page_size, schema_cookie
from invctl.errors import DatabaseUnusable

Stamp = tuple[int, ...]
"""Which file a name means, and how often anybody can have written to it."""

SETTLED = 0.02
"""Seconds after which a change is sure to have another time than one before (a tick is 10 ms)."""

_LOOKS = 10
# https://www.sqlite.org/walformat.html. How a log begins says in which order its bytes are summed;
# the salt marks its frames.
_ORDERS = {b"\x37\x7f\x06\x82": "<", b"\x37\x7f\x06\x83": ">"}
_HEAD = struct.Struct(">8xII8s8x")
_FRAME = struct.Struct(">I4x8s8x")
_INDEX = struct.Struct("=32x8s88xI")
_LOOK = _FRAME.size + 44
"""Bytes of a frame with the counts of the first page."""
_CHANGES = 1000
"""More than any one transaction changes of a schema, as a migration does."""

Frames = Callable[[int, bytes], Iterator[tuple[int, bytes]]]


def stamp(path: str) -> Stamp:
    """Return what changes when anybody writes to a file; nothing where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def stamps(path: str) -> tuple[Stamp, Stamp]:
    """Return the stamps of a database and of its log; an empty log is none.

    Of a log only what is written to it counts: where root opens one, SQLite gives it to the
    database's owner anew, and that alone sets its ctime.
    """
    *log, written, _ = stamp(f"{path}-wal") or (0, 0, 0, 0, 0)
    return stamp(path), (*log, written, written) if log[2] else ()


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
        if not has_log(head):
            return "is not its log: it has none"
        with open(f"{path}-wal", "rb", buffering=0) as log:
            descriptor = log.fileno()
            # After a power cut there may be frames that SQLite plays nothing in from.
            if any(_is_own(path, head, descriptor, frames) for frames in (_frames, _whole_frames)):
                return None
    except OSError:
        return None  # it has gone, or may not be read: SQLite fares no better
    return "is not its log, or an older one"


def _is_own(path: str, head: bytes, log: int, frames: Frames) -> bool:
    """Return whether a log can be that of a file which begins with `head`, by these frames."""
    start = os.pread(log, _HEAD.size, 0)
    if len(start) < _HEAD.size or start[:4] not in _ORDERS:
        return True  # what does not begin like a log is nothing to SQLite
    size, begun, salt = _HEAD.unpack(start)
    pages = (page for number, page in frames(log, start) if number == 1)
    count, first = change_counter(head), next(pages, b"")
    if size != page_size(head) or not first:
        return bool(size == page_size(head))
    schema, changed = schema_cookie(head), schema_cookie(first)
    if changed >= schema + _CHANGES:
        return False
    if count == change_counter(first) - 1:
        return schema <= changed
    # Who has the file open does not always count on where a log begins over.
    if not begun and not _was_checkpointed(path, salt):
        return False
    counted = [first, *pages]
    newest = max(map(change_counter, counted)), max(map(schema_cookie, counted))
    return change_counter(first) <= count <= newest[0] and schema <= newest[1]


def _frames(log: int, start: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the numbers of the pages in a log, and how each begins."""
    size, _begun, salt = _HEAD.unpack(start)
    offset = _HEAD.size
    while len(found := os.pread(log, _LOOK, offset)) == _LOOK:
        number, of = _FRAME.unpack_from(found)
        if of != salt:
            return
        yield number, found[_FRAME.size :]
        offset += _FRAME.size + size


def _whole_frames(log: int, start: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what `_frames` does as far as the sums are right: that takes 0.2 ms a frame."""
    size, _begun, _salt = _HEAD.unpack(start)
    order = _ORDERS[start[:4]]
    sums = _summed(start[:24], order, (0, 0))
    offset = _HEAD.size
    for number, page in _frames(log, start):
        frame = os.pread(log, _FRAME.size + size, offset)
        sums = _summed(frame[:8] + frame[_FRAME.size :], order, sums)
        if frame[16 : _FRAME.size] != struct.pack(">II", *sums):
            return
        yield number, page
        offset += _FRAME.size + size


def _summed(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    """Return the checksums of a log that go on from `sums`."""
    one, two = sums
    for left, right in struct.iter_unpack(f"{order}II", data):
        one = one + left + two & 0xFFFFFFFF
        two = two + right + one & 0xFFFFFFFF
    return one, two


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
