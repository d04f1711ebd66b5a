"""Backups that somebody has compressed, as they were before: gzip, told by its first bytes."""

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from invctl.appearing import unfinished
from invctl.db.sqlite.header import header
from invctl.errors import DatabaseUnusable
from invctl.oserrors import database_problem, explained
from invctl.scratch import scratch, scratch_folder

_MAGIC = b"\x1f\x8b"
_PIECE = 1 << 20


@contextmanager
def unpacked(file: str) -> Iterator[str]:
    """Give the name of a backup that is not compressed: its own, or that of a copy for so long.

    Raises DatabaseUnusable where it cannot be unpacked.
    """
    with explained(file, database_problem):
        is_packed = header(file, len(_MAGIC)) == _MAGIC
    if not is_packed:
        yield file
        return
    here = os.path.join(scratch_folder(), os.path.basename(file))
    with unfinished(here, "unpacked") as new:
        _unpack(file, new)
        yield new


def _unpack(file: str, new: str) -> None:
    with explained(file, database_problem):
        packed = gzip.open(file)
    with packed, scratch(), open(new, "wb") as copy:
        while piece := _read(packed, file):
            copy.write(piece)


def _read(packed: gzip.GzipFile, file: str) -> bytes:
    # Apart from the writing, whose errors are the scratch folder's and no fault of the backup.
    with explained(file, database_problem):
        try:
            return packed.read(_PIECE)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            problem = "is compressed with gzip, and damaged or cut off"
            raise DatabaseUnusable(file, problem, "give another backup") from error
