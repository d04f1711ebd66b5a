"""How a file of SQLite's begins, read without endangering the locks that it has there."""

import os

HEADER = 100
"""Bytes at the start of a database; SQLite takes a shorter file for an empty one."""

_MOST = 64
_descriptors: dict[tuple[int, int], int] = {}


def header(path: str, size: int = HEADER, *, identity: tuple[int, int] | None = None) -> bytes:
    """Return the first bytes of a regular file, whose `identity` may be known already.

    Its descriptor stays open: closing any that a process has of a file drops all its locks on
    that, whoever took them, and a neighbour would take the log from under an open connection.
    """
    if identity is None:
        found = os.stat(path)
        identity = found.st_dev, found.st_ino
    descriptor = _descriptors.get(identity)
    return os.pread(_open(path) if descriptor is None else descriptor, size, 0)


def has_log(head: bytes) -> bool:
    """Return whether a file that begins so keeps a log beside it (fileformat2.html, 1.3.3)."""
    return head[18:20] == b"\x02\x02"


def page_size(head: bytes) -> int:
    """Return how many bytes a page has; 0 where that is none of the sizes that there are."""
    found = int.from_bytes(head[16:18], "big")
    if found == 1:  # how 65,536 is written in two bytes
        return 65_536
    return found if found >= 512 and found.bit_count() == 1 else 0


def change_counter(page: bytes) -> int:
    """Return how often the first page has been written."""
    return int.from_bytes(page[24:28], "big")


def schema_cookie(page: bytes) -> int:
    """Return how often the schema has been changed, by its first page."""
    return int.from_bytes(page[40:44], "big")


def _open(path: str) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    _descriptors[found.st_dev, found.st_ino] = descriptor
    if len(_descriptors) > _MOST:  # nobody works with so many at once
        os.close(_descriptors.pop(next(iter(_descriptors))))
    return descriptor
