"""The queue of writers: a lock on a file beside the database, so that none of them starves.

It adds fairness and nothing else: `BEGIN IMMEDIATE` alone keeps the transactions apart, so where
a file system has no such locks, writers do without. SQLite's own waiting sleeps and retries,
which lets newcomers overtake (64 processes: 3 s for the unluckiest).
"""

import fcntl
import os
import stat
import threading
import time

from invctl.db.sqlite.rights import adopt, writers
from invctl.errors import DatabaseLocked, DatabaseUnusable

_OWN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Gate:
    """This process's place in the queue for a database, whose lock lies at `path`."""

    def __init__(self, database: str) -> None:
        self.path = f"{database}.lock"
        self._database = database
        self._descriptor: int | None = None
        self._left: _Turn | None = None

    def passed(self, timeout: float, spent: float = 0.0) -> "Passage":
        """Hold the gate, after waiting `timeout` seconds at most, of which `spent` have passed."""
        return Passage(self, timeout, time.monotonic() + timeout - spent)

    def enter(self, timeout: float, deadline: float) -> bool:
        """Wait for the gate; False where there is none. Raises DatabaseLocked at the deadline."""
        return self._open() and self._lock(timeout, deadline)

    def leave(self) -> None:
        """Let the next one in: what was done behind the gate is done, whatever fails here."""
        if self._descriptor is None:
            return
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        except OSError:
            self.close()  # lets go of the lock too

    def close(self) -> None:
        """Leave the queue. The lock file stays: others may be waiting on it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> bool:
        """Open the lock file; False where this user may not make one, who then goes ungated."""
        if self._descriptor is None:
            self.refuse_link()
            # A file system that is local gives a lock to who may only read, too.
            for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
                try:
                    self._descriptor = os.open(self.path, flags | _OWN, 0o600)
                    self._adopt(self._descriptor)
                    break
                except OSError:
                    continue
        return self._descriptor is not None

    def refuse_link(self) -> None:
        """Raise DatabaseUnusable where the lock is a link: a file of somebody's would be locked."""
        if os.path.islink(self.path):
            hint = "remove the link: a lock must be a file of its own"
            raise DatabaseUnusable(self.path, "is a symbolic link", hint)

    def _adopt(self, descriptor: int) -> None:
        """Let those take the lock who may write the database, and nobody else."""
        found = os.fstat(descriptor)
        if os.geteuid() not in (0, found.st_uid) or not stat.S_ISREG(found.st_mode):
            return
        try:
            # Its owner's it stays where nobody may write the database: who finds a lock that
            # opens to none goes past it for good.
            adopt(descriptor, self._database, mode=writers(self._database) | 0o600)
        except FileNotFoundError:  # it is about to be made
            os.fchmod(descriptor, 0o600)  # whatever the umask

    def _lock(self, timeout: float, deadline: float) -> bool:
        """Take the lock; False where the system gives none, for whatever reason."""
        assert self._descriptor is not None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return self._wait(timeout, deadline)
        except OSError:
            return False
        return True

    def _wait(self, timeout: float, deadline: float) -> bool:
        """Stand in the kernel's queue for the lock; False where the system gives none after all."""
        turn = self._rejoined()
        if turn is None:
            assert self._descriptor is not None
            turn = _Turn(self._descriptor)
        if not turn.comes(max(deadline - time.monotonic(), 0.0)):
            self.close()
            self._left = turn
            raise DatabaseLocked(self._database, timeout)
        return turn.taken

    def _rejoined(self) -> "_Turn | None":
        """Return the place that was left when its time was over, if its turn has not come since."""
        turn, self._left = self._left, None
        descriptor = turn.shared() if turn else None
        if descriptor is None:
            return None
        self.close()
        self._descriptor = descriptor
        return turn


class Passage:
    """A time behind the gate, `with` what is left of the seconds there were to wait."""

    def __init__(self, gate: Gate, timeout: float, deadline: float) -> None:
        self._gate = gate
        self._timeout = timeout
        self._deadline = deadline
        self._held = False

    def __enter__(self) -> float:
        self._held = self._gate.enter(self._timeout, self._deadline)
        return max(self._deadline - time.monotonic(), 0.0)

    def __exit__(self, *_: object) -> None:
        if self._held:
            self._gate.leave()


class _Turn:
    """A place in the kernel's queue for a lock, kept by a thread: flock has no time limit.

    The lock belongs to the open file, which lives until all its descriptors are closed: who gave
    up has closed his, so that the thread lets go of it at once when its turn comes after all.
    """

    def __init__(self, descriptor: int) -> None:
        self.taken = False
        self._descriptor = os.dup(descriptor)
        self._mutex = threading.Lock()
        self._came = threading.Event()
        threading.Thread(target=self._stand, name="gate", daemon=True).start()

    def comes(self, seconds: float) -> bool:
        """Wait so long for it; return whether it has come."""
        return self._came.wait(seconds)

    def shared(self) -> int | None:
        """Return another descriptor of the file that it is for; None where its turn has been."""
        with self._mutex:
            return None if self._came.is_set() else os.dup(self._descriptor)

    def _stand(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            self.taken = True
        except OSError:
            pass  # as where there are no such locks
        with self._mutex:
            os.close(self._descriptor)
            self._came.set()
