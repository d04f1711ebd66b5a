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


class Ended(NamedTuple):
    """How a command ended (below 0: by which signal), and the most memory it had, in bytes."""

    code: int
    out: bytes
    err: bytes
    peak: int


class Forker:
    """A process that forks commands; one for all threads of a test run.

    With `serving` it has loaded what only `serve` needs: a fork takes as long as there is to copy.
    """

    def __init__(self, env: Mapping[str, str], *, serving: bool = False) -> None:
        # By packets, so that each request comes whole, and with the descriptors that are its own.
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = ours
        self._turn = Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__, str(theirs.fileno()), *["serving"] * serving],
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
        request = json.dumps({"arguments": list(arguments), "env": dict(env), "cwd": cwd}).encode()
        given = (its_in, its_out, its_err, its_end)
        with self._turn:
            socket.send_fds(self._socket, [request], given)
        for one in given:  # or the pipes would stay open here, and never end
            os.close(one)
        read: dict[int, bytes] = {out: b"", err: b"", ended: b""}
        try:
            _exchange(keyboard, stdin, read, time.monotonic() + timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired(["invctl", *arguments], timeout) from None
        status, peak = map(int, read[ended].split())
        return Ended(os.waitstatus_to_exitcode(status), read[out], read[err], peak)

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


def _serve(requests: socket.socket, *, serving: bool) -> None:
    """Fork what is asked for, and tell how each ended, until nobody asks any more."""
    _load_all(serving=serving)
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
                data, descriptors, _, _ = socket.recv_fds(requests, _LARGEST, 4)
                if not data:
                    return
                child = os.fork()
                if not child:
                    signal.set_wakeup_fd(-1)  # what wakes the forker is the forker's
                    _become(json.loads(data), descriptors)
                for descriptor in descriptors[:3]:
                    os.close(descriptor)
                running[child] = descriptors[3]
            _tell(running)


def _load_all(*, serving: bool) -> None:
    import invctl

    ours = [module.name for module in pkgutil.walk_packages(invctl.__path__, "invctl.")]
    known = [name for name in ours if serving or not name.startswith("invctl.http.")]
    for name in ("rich.table", "sqlalchemy.dialects.sqlite", *known):
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
        os.closerange(3, 256)  # an exec would: of other commands' pipes, too, which else never end
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

        main()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])), serving="serving" in sys.argv)
