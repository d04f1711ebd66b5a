"""Who holds and who waits for an inventory's locks, as the kernel tells in proc_locks(5)."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen
from typing import NamedTuple

import pytest
from shop import WAIT, Shop

_LOCKS = Path("/proc/locks")
_WRITER = "120"  # the byte of the -shm file that a writer locks: sqlite.org/walformat.html
_LOOK_AGAIN = 0.002

needs_lock_table = pytest.mark.skipif(not _LOCKS.exists(), reason="there is no /proc/locks here")


class Lock(NamedTuple):
    """A lock on a file: who has it, or waits for it, and from which byte on."""

    process: int
    inode: int
    waits: bool
    start: str


def _locks() -> Iterator[Lock]:
    """Read lines such as `1: -> FLOCK ADVISORY WRITE 123 fe:00:456 0 EOF`."""
    for line in _LOCKS.read_text().splitlines():
        waits = "->" in line
        *_, process, file, start, _ = line.split()
        yield Lock(int(process), int(file.rpartition(":")[2]), waits, start)


def _on(path: Path) -> list[Lock]:
    inode = path.stat().st_ino if path.exists() else -1
    return [lock for lock in _locks() if lock.inode == inode]


def holds_gate(db: Path, process: int) -> bool:
    """Return whether a process is the writer whose turn it is."""
    return any(lock.process == process and not lock.waits for lock in _on(Path(f"{db}.lock")))


def is_writing(db: Path, process: int) -> bool:
    """Return whether a process is in the midst of a write transaction."""
    locks = _on(Path(f"{db}-shm"))
    return any(lock.process == process and lock.start == _WRITER for lock in locks)


def waiting(db: Path) -> int:
    """Return how many processes stand in the queue of writers."""
    return sum(lock.waits for lock in _on(Path(f"{db}.lock")))


def until(condition: Callable[[], bool]) -> None:
    """Return as soon as something is so; fail if it never is."""
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(_LOOK_AGAIN)


@contextmanager
def stopped_writer(shop: Shop) -> Iterator[Popen[bytes]]:
    """An import that the system has stopped halfway, in the midst of its transaction."""
    lines = "sku,name,quantity\n" + "".join(f"N-{number},x,1\n" for number in range(60_000))
    rows = shop.file("many.csv", lines)
    with shop.start("product", "import", rows, "--json") as writer:
        try:
            until(lambda: is_writing(shop.db, writer.pid) and has_read(writer, rows) >= 0.5)
            writer.send_signal(signal.SIGSTOP)
            until(lambda: is_stopped(writer))
            assert holds_gate(shop.db, writer.pid)
            yield writer
        finally:
            writer.kill()


def has_read(process: Popen[bytes], path: Path) -> float:
    """Return which part of a file a process has read; 0 while it has not opened it."""
    for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            if descriptor.readlink() == path:
                position = Path(f"/proc/{process.pid}/fdinfo/{descriptor.name}").read_text()
                return int(position.split()[1]) / path.stat().st_size
    return 0.0


def is_stopped(process: Popen[bytes]) -> bool:
    """Return whether the system has stopped a process."""
    return " T " in Path(f"/proc/{process.pid}/stat").read_text()
