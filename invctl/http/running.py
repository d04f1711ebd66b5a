"""The server as a process: where it listens, what it logs, and how it ends."""

import ipaddress
import logging
import os
import resource
import signal
import socket
import stat
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from invctl.errors import ConfigError, UsageError
from invctl.http.app import create_app
from invctl.http.asking import Served
from invctl.http.journal import Journal
from invctl.http.tokens import Tokens
from invctl.oserrors import reason
from invctl.settings import Location
from invctl.times import now_text

_PATIENCE = 30.0
"""Seconds that a client may take to say what it wants, or for a piece of a large body."""
_LONGEST_HEAD = 1 << 16
"""Bytes that the lines before a body may have: nobody has been asked for a token by then."""
_IDLE = 75
"""Seconds that a connection may say nothing between requests: more than a proxy keeps one, as it
would send a request into what is being closed (nginx: 60)."""
_LARGE = b"/movements"
_LAST_ANSWERS = 30
"""Seconds that an end waits for the answers to what was accepted."""
_SWITCH = 0.001
"""Seconds after which a thread that computes lets another go on. By default it is five times that,
and the writer, who waits for his turn after each statement, would keep all others waiting."""
_BACKLOG = 2048
_FILES = 65_536
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Place(NamedTuple):
    """Where to listen: a host and a port, or a socket in the file system."""

    host: str = "127.0.0.1"
    port: int = 8000
    path: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can ask there."""
        if self.path is not None or self.host.lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def hosts(self) -> frozenset[str] | None:
        """The names that requests may be sent to; None for any, where names protect nothing."""
        if self.path is not None or not self.is_local:
            return None
        return frozenset((*_LOOPBACK, _in_url(self.host.lower())))


def serve(
    location: Location,
    place: Place,
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
    if not (place.is_local or tokens):
        hint = "give --token-file, or set INVCTL_TOKEN"
        raise UsageError(
            f"--host {place.host}: others can ask there, and there are no tokens", hint
        )
    listener = _listen(place)
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
        hosts=place.hosts,
        read_only=read_only,
        note=None if quiet else journal.note,
    )
    config = uvicorn.Config(
        app,
        http=Patient,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever asks can write them; who acts is known by the token
        backlog=_BACKLOG,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_LAST_ANSWERS,
    )
    Server(config, app.state.served, journal, lambda: tell(_address(place, listener)), place).run(
        [listener]
    )


class Server(uvicorn.Server):
    """A server that says when it listens, and that lets go who would listen for ever."""

    def __init__(
        self,
        config: uvicorn.Config,
        served: Served,
        journal: Journal,
        tell: Callable[[], None],
        place: Place,
    ) -> None:
        super().__init__(config)
        self._served = served
        self._journal = journal
        self._tell = tell
        self._place = place

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say where."""
        await super().startup(sockets)
        self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing more, answer what was accepted, and let go of everything."""
        self._served.end_streams()
        await super().shutdown(sockets)
        if self._place.path is not None:
            os.unlink(self._place.path)
        self._journal.close()


class Patient(HttpToolsProtocol):
    """A connection whose client must say what it wants within some time.

    A large body may take longer, as long as it comes on.
    """

    _late: Any = None
    _has_begun = False
    _head: int | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._late = self.loop.call_later(_PATIENCE, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came; where that is not a whole request, wait for the rest of it."""
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > _LONGEST_HEAD:
                self.send_400_response("The headers are too long.")
                return
        if not self._has_begun:
            if self._late is not None:
                self._wait_no_more()
        elif self._late is None or self.url.startswith(_LARGE):
            self._wait_no_more()
            self._late = self.loop.call_later(_PATIENCE, self.transport.close)

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        self._has_begun = True
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that what comes now is the body."""
        self._head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that it is whole."""
        self._has_begun = False
        super().on_message_complete()

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class Told(logging.Handler):
    """Takes what the server says of itself to the lines about requests."""

    def __init__(self, journal: Journal, *, debug: bool) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal
        self._debug = debug

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; with a traceback only where that was asked for."""
        line: dict[str, object] = {"time": now_text(), "message": record.getMessage()[:500]}
        if record.exc_info and record.exc_info[1] is not None:
            line["message"] = "a bug in invctl; INVCTL_DEBUG=1 shows where"
            line["problem"] = type(record.exc_info[1]).__name__
            if self._debug:
                line["traceback"] = logging.Formatter().formatException(record.exc_info)
        self._journal.note(line)


def _log_to(journal: Journal, *, debug: bool) -> None:
    for name in ("uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [Told(journal, debug=debug)]
        logger.propagate = False


def _raise_limit() -> None:
    """Let as many files be open as may be: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _listen(place: Place) -> socket.socket:
    """Return a socket that listens. Raises ConfigError."""
    if place.path is not None:
        return _listen_in_files(place.path)
    try:
        found: Sequence[Any] = socket.getaddrinfo(
            place.host, place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        where = f"{_in_url(place.host)}:{place.port}"
        hint = "--port 0 takes one that is free"
        raise ConfigError(f"--host and --port ({where})", reason(error), hint) from error
    return listener


def _listen_in_files(path: str) -> socket.socket:
    """Return a socket that listens at a path; one that an ended server has left is replaced."""
    listener = socket.socket(socket.AF_UNIX)
    try:
        if _is_left_over(path):
            os.unlink(path)
        listener.bind(path)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError("--socket", f"{path}: {reason(error)}", "name another path") from error
    return listener


def _is_left_over(path: str) -> bool:
    """Return whether there is a socket at a path at which nobody listens."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return False
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(path)
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def _address(place: Place, listener: socket.socket) -> str:
    """Return where a server listens, as people open it."""
    if place.path is not None:
        return place.path
    return f"http://{_in_url(place.host)}:{listener.getsockname()[1]}/"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
