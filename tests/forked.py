"""`invctl` as its users have it, but for the start: forked from a process that has loaded it.

What a command does is the same, and each is a process of its own still; what is saved is what
Python needs to start and to load modules, which is most of a test's time. Tests of the start
itself, of locales, signals and terminals run the installed command.
"""

import gc
import importlib
import json
import os
import pkgutil
import resource
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import NamedTuple

_LARGEST = 1 << 17
"""Bytes of a request: arguments and environment."""

_HARD_LIMIT = 3 << 30
"""Bytes of address space: what protects the machine, far over what a test allows."""


_LATE = ("hashlib", "pwd", "rich.table", "sqlalchemy.dialects.sqlite", "sqlite3")
"""What commands load only when they need it."""


class Ended(NamedTuple):
    """How a command ended (below 0: by which signal), and the most memory it had, in bytes."""

    code: int
    out: bytes
    err: bytes
    peak: int


class Waiting:
    """A command that is forked, and waits until it may go on: who would watch it has its `pid`."""

    def __init__(self, start: socket.socket, ended: int) -> None:
        self._start = start
        self._ended = ended
        self.pid = int(start.recv(1 << 10))

    def go(self) -> None:
        """Let it go on."""
        self._start.close()

    def wait(self) -> int:
        """Return how it has ended; below 0 it is the signal."""
        with open(self._ended, "rb") as ended:
            return os.waitstatus_to_exitcode(int(ended.read().split()[0]))


class Forker:
    """A process that forks commands; one for all threads of a test run.

    With `serving` it has loaded what only `serve` needs: a fork takes as long as there is to copy.
    It has the `invctl` that is in the folder `package`, or else the installed one.
    """

    def __init__(
        self, env: Mapping[str, str], *, serving: bool = False, package: Path | None = None
    ) -> None:
        # By packets, so that each request comes whole, and with the descriptors that are its own.
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = ours
        self._turn = Lock()
        asked = [str(theirs.fileno()), str(package or ""), *["serving"] * serving]
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__, *asked],
            pass_fds=[theirs.fileno()],
            env=env,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

    def run(
        self,
        arguments: Sequence[str],
        *,
        stdin: bytes | Path,
        env: Mapping[str, str],
        cwd: str,
        timeout: float,
    ) -> Ended:
        """Run `invctl` with its streams in pipes, or its input from a file, to its end.

        Raises TimeoutExpired, and leaves it running, if it takes longer than `timeout` seconds.
        """
        (its_in, keyboard), (out, its_out), (err, its_err), (ended, its_end) = (
            os.pipe() for _ in range(4)
        )
        if isinstance(stdin, Path):
            os.close(its_in)
            its_in, stdin = os.open(stdin, os.O_RDONLY), b""
        self._ask(arguments, env, cwd, (its_in, its_out, its_err, its_end))
        read: dict[int, bytes] = {out: b"", err: b"", ended: b""}
        try:
            _exchange(keyboard, stdin, read, time.monotonic() + timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired(["invctl", *arguments], timeout) from None
        status, peak = map(int, read[ended].split())
        return Ended(os.waitstatus_to_exitcode(status), read[out], read[err], peak)

    def start(
        self,
        arguments: Sequence[str],
        *,
        streams: Sequence[Path],
        env: Mapping[str, str],
        cwd: str,
    ) -> Waiting:
        """Fork an `invctl` that waits, with files for its standard input, output and error."""
        reads, writes = os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        modes = zip(streams, (reads, writes, writes), strict=True)
        opened = [os.open(path, mode, 0o600) for path, mode in modes]
        ours, theirs = socket.socketpair()
        ended, its_end = os.pipe()
        self._ask(arguments, env, cwd, (*opened, its_end, theirs.detach()))
        return Waiting(ours, ended)

    def _ask(
        self, arguments: Sequence[str], env: Mapping[str, str], cwd: str, given: Sequence[int]
    ) -> None:
        """Have a command forked that is given descriptors; here they are closed."""
        request = json.dumps({"arguments": list(arguments), "env": dict(env), "cwd": cwd}).encode()
        with self._turn:
            socket.send_fds(self._socket, [request], given)
        for one in given:  # or the pipes would stay open here, and never end
            os.close(one)

    def close(self) -> None:
        """End it."""
        self._socket.close()
        self._process.wait()


def _exchange(keyboard: int, data: bytes, read: dict[int, bytes], end: float) -> None:
    """Write `data`, and read until all is closed."""
    with selectors.DefaultSelector() as selector:
        os.set_blocking(keyboard, False)
        selector.register(keyboard, selectors.EVENT_WRITE)
        for one in read:
            selector.register(one, selectors.EVENT_READ)
        while selector.get_map():
            if not (events := selector.select(end - time.monotonic())):
                raise TimeoutError
            for key, _ in events:
                descriptor = key.fd
                if descriptor == keyboard:
                    data = _written(keyboard, data)
                    done = not data
                else:
                    piece = os.read(descriptor, 1 << 16)
                    read[descriptor] += piece
                    done = not piece
                if done:
                    selector.unregister(descriptor)
                    os.close(descriptor)


def _written(keyboard: int, data: bytes) -> bytes:
    """Write what there is room for; return the rest, of which nothing is left if nobody reads."""
    try:
        return data[os.write(keyboard, data) :] if data else b""
    except BrokenPipeError:
        return b""


def _serve(requests: socket.socket) -> None:
    """Fork what is asked for, and tell how each ended, until nobody asks any more."""
    running: dict[int, int] = {}
    woken, wakes = socket.socketpair()
    for one in (woken, wakes):
        one.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # without a handler nothing would be woken
    signal.set_wakeup_fd(wakes.fileno())
    with selectors.DefaultSelector() as selector:
        selector.register(requests, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is woken:
                    woken.recv(1 << 10)
                    continue
                data, descriptors, _, _ = socket.recv_fds(requests, _LARGEST, 5)
                if not data:
                    return
                child = os.fork()
                if not child:
                    signal.set_wakeup_fd(-1)  # what wakes the forker is the forker's
                    _become(json.loads(data), descriptors)
                for descriptor in (*descriptors[:3], *descriptors[4:]):
                    os.close(descriptor)
                running[child] = descriptors[3]
            _tell(running)


def _load_all(package: str, *, serving: bool) -> None:
    sys.path[:0] = [package] if package else []
    import invctl

    # What is tried is the copy with a bug in it, and not the one that is installed.
    assert not package or invctl.__file__ == f"{package}/invctl/__init__.py"
    ours = [module.name for module in pkgutil.walk_packages(invctl.__path__, "invctl.")]
    known = [name for name in ours if serving or not name.startswith("invctl.http.")]
    for name in (*_LATE, *known):
        with suppress(ImportError):  # of an extra that is not installed
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # or each command's first collection would copy every page of it


def _tell(running: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while True:
            child, status, used = os.wait3(os.WNOHANG)
            if not child:
                return
            ended = running.pop(child)
            os.write(ended, b"%d %d" % (status, used.ru_maxrss * 1024))
            os.close(ended)


def _become(request: dict[str, object], descriptors: Sequence[int]) -> None:
    """Be an `invctl` that has just been started."""
    code = 70  # where `main` does not end the process itself, as it always does
    try:
        for standard, one in enumerate(descriptors[:3]):
            os.dup2(one, standard)
        waits = len(descriptors) > 4
        if waits:
            os.dup2(descriptors[4], 3)
        # An exec would: of other commands' pipes, too, which else never end.
        os.closerange(3 + waits, 256)
        resource.setrlimit(resource.RLIMIT_AS, (_HARD_LIMIT, _HARD_LIMIT))
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(request["env"])  # type: ignore[call-overload]
        time.tzset()  # the zone was read when the forker started
        os.chdir(str(request["cwd"]))
        sys.argv = ["invctl", *request["arguments"]]  # type: ignore[misc]
        # As Python makes them at its start, which was the forker's.
        sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)
        sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        from invctl.__main__ import main

        if waits:  # until the other end is closed
            with socket.socket(fileno=3) as start:
                start.send(b"%d" % os.getpid())
                start.recv(1)
        main()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _load_all(sys.argv[2], serving="serving" in sys.argv)
    _serve(socket.socket(fileno=int(sys.argv[1])))
