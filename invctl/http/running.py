"""The server as a process: what it logs, and how it ends."""

import gc
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

import uvicorn
from fastapi import FastAPI

from invctl.errors import UsageError
from invctl.http.app import create_app
from invctl.http.asking import Served
from invctl.http.errors import body_of, server_problem
from invctl.http.journal import Journal
from invctl.http.listening import Address, file_of, listen, shown, take_away
from invctl.http.patience import Patient
from invctl.http.tokens import Tokens
from invctl.settings import Location
from invctl.times import now_text

_IDLE = 75
"""Seconds that a connection may say nothing between requests: more than a proxy keeps one, as it
would send a request into what is being closed (nginx: 60)."""
_LAST_ANSWERS = 30
"""Seconds that an end waits for the answers to what was accepted."""
_SWITCH = 0.001
"""Seconds after which a thread that computes lets another go on. By default it is five times that,
and the writer, who waits for his turn after each statement, would keep all others waiting."""
_FILES = 65_536


def serve(
    location: Location,
    at: Address,
    *,
    tokens: Tokens,
    actor: str,
    timeout: float,
    read_only: bool,
    quiet: bool,
    tell: Callable[[str], None],
) -> None:
    """Serve an inventory until a signal ends it; `tell` is told where.

    Raises UsageError for an address that others can reach where there are no tokens, and
    ConfigError for one that cannot be had.
    """
    if not (at.is_local or tokens):
        hint = "give --token-file, or set INVCTL_TOKEN"
        raise UsageError(f"--host {at.host}: others can ask there, and there are no tokens", hint)
    listener = listen(at)  # first: an address that cannot be had is told before anything begins
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a client that goes away ends nothing
    _raise_limit()
    journal = Journal()
    sys.setswitchinterval(_SWITCH)
    debug = bool(os.environ.get("INVCTL_DEBUG"))
    _log_to(journal, debug=debug)
    app = create_app(
        location,
        timeout=timeout,
        tokens=tokens,
        actor=actor,
        hosts=at.hosts,
        read_only=read_only,
        note=None if quiet else journal.note,
    )
    gc.freeze()  # what is there by now stays: a look for garbage among it keeps all others waiting
    told = partial(tell, shown(at, listener))
    Server(_config(app), app.state.served, journal, told, at).run([listener])


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Patient,
        ws="none",
        lifespan="on",  # "auto" takes what fails there for an application that has none
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever asks can write them; who acts is known by the token
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_LAST_ANSWERS,
    )


class Server(uvicorn.Server):
    """A server that says when it listens, and that lets go who would listen for ever."""

    def __init__(
        self,
        config: uvicorn.Config,
        served: Served,
        journal: Journal,
        tell: Callable[[], None],
        at: Address,
    ) -> None:
        super().__init__(config)
        self._served = served
        self._journal = journal
        self._tell = tell
        self._at = at
        self._made = file_of(at)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say where."""
        await super().startup(sockets)
        self._tell()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take a terminal that closes for an end, too, but where it was started to outlive that."""
        with super().capture_signals():
            before = signal.getsignal(signal.SIGHUP)
            if before is signal.SIG_DFL:
                signal.signal(signal.SIGHUP, self.handle_exit)
            try:
                yield
            finally:
                signal.signal(signal.SIGHUP, before)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End when what was accepted is answered: a second signal asks for nothing else."""
        super().handle_exit(sig, frame)
        self.force_exit = False

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing more, answer what was accepted, and let go of everything."""
        self._served.end_streams()  # or they would be waited for, and then cut off
        await super().shutdown(sockets)
        take_away(self._at, self._made)
        self._journal.close()


class JournalHandler(logging.Handler):
    """Takes what the server says of itself to the lines about requests."""

    def __init__(self, journal: Journal, *, debug: bool) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal
        self._debug = debug

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; with a traceback only where that was asked for."""
        line: dict[str, object] = {"time": now_text(), "message": record.getMessage()[:500]}
        if record.exc_info and record.exc_info[1] is not None:
            # Of what nobody foresaw only the kind is told: its text may hold anything.
            found = server_problem(record.exc_info[1])
            bug = "a bug in invctl; INVCTL_DEBUG=1 shows where"
            line["message"] = bug if found is None else body_of(found)["detail"]
            line["problem"] = type(record.exc_info[1]).__name__
            if self._debug:
                line["traceback"] = logging.Formatter().formatException(record.exc_info)
        self._journal.note(line)


def _log_to(journal: Journal, *, debug: bool) -> None:
    for name in ("uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [JournalHandler(journal, debug=debug)]
        logger.propagate = False


def _raise_limit() -> None:
    """Let as many files be open as may be: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
