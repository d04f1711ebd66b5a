"""The patience that there is with a client: how long, and how much, it may say before it asks."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserUpgrade,
    HttpRequestParser,
)
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from invctl.files.writing import json_line
from invctl.http.errors import Refused, body_of
from invctl.http.guard import HEADERS, SAFE

_PATIENCE = 30.0
"""Seconds that a client may take to say what it wants, or for a piece of a large body."""
_LAST_PATIENCE = 0.5
"""The same for a body that is on its way when the server is to end."""
_LONGEST_HEAD = 1 << 16
"""Bytes that the lines before a body may have: nobody has been asked for a token by then."""
_LARGE = b"/movements"


class Patient(HttpToolsProtocol):
    """A connection whose client must say what it wants within some time.

    A large body may take longer, as long as it comes on. A wish for another protocol is ignored,
    as a server may; the parser stops at one, and takes the headers for the whole request.
    """

    _late: Any = None
    _patience = _PATIENCE
    _has_begun = False
    _head: int | None = None
    _came = memoryview(b"")
    _coming: Sequence[memoryview] = ()

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
        self._take_in(data)
        if self.transport.is_closing():
            return
        if self._head is not None and self._head > _LONGEST_HEAD:
            self.send_400_response("the headers are too long")
            return
        if not self._has_begun:
            if self._late is not None:
                self._wait_no_more()
        elif self._late is None or self.url.startswith(_LARGE):
            self._wait_for_rest()

    def shutdown(self) -> None:
        """Finish what was asked; what is not asked in full yet is soon given up."""
        super().shutdown()
        if self._has_begun:
            self._patience = _LAST_PATIENCE
            self._wait_for_rest()

    def eof_received(self) -> bool:  # type: ignore[override]  # which asyncio knows, uvicorn not
        """Answer a change that was asked for before a client closed its own half.

        It is made by now. Who only reads, or listens, is taken to be gone.
        """
        asked = self.cycle
        is_waiting = asked is not None and not (asked.response_complete or self._has_begun)
        if is_waiting and asked.scope["method"] not in SAFE:
            asked.keep_alive = False
            return True
        return False

    def _should_upgrade(self) -> bool:
        """Have nothing begun for a request at whose headers the parser will stop."""
        return True

    def handle_websocket_upgrade(self) -> None:
        """Have a request at which the parser has stopped taken in again, without that wish."""
        stopped = sys.exception()
        assert isinstance(stopped, HttpParserUpgrade)
        if self.scope["method"] == "CONNECT":
            self.send_400_response("this is no proxy")
            return
        method, version = self.scope["method"], self.scope["http_version"]
        first = b"%s %s HTTP/%s" % (method.encode(), self.url, version.encode())
        kept = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        again = b"\r\n".join((first, *kept, b"", b""))
        self._coming = [memoryview(again), self._came[stopped.args[0] :]]
        self.parser = HttpRequestParser(self)  # the other may be at its end
        with suppress(AttributeError):  # as in the protocol: older ones are lenient by themselves
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, in the form of all errors, and close the connection."""
        asked = self.cycle
        # Who still waits for the answer to what came before it is given that: in its place, a
        # refusal would be taken for what became of a change that was made.
        if asked is not None and not (asked.response_complete or asked.more_body):
            asked.keep_alive = self._has_begun = False
            self.flow.pause_reading()
            return
        error = sys.exception()  # the parser's, which says more than it is given out as
        problem = msg
        if isinstance(error, HttpParserError):
            problem = f"this is no HTTP request: {error}"
        if isinstance(error, HttpParserCallbackError):  # which is raised for an address alone
            problem = "the address is too long, or is none"
        body = json_line(body_of(Refused(problem))).encode()
        lines = (
            b"HTTP/1.1 400 Bad Request",
            b"content-type: application/json",
            b"content-length: %d" % len(body),
            b"connection: close",
            *(name + b": " + value for name, value in HEADERS),
        )
        self.transport.write(b"\r\n".join((*lines, b"", body)))
        self.transport.close()

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        self._has_begun = True
        self._head = -len(self._came)  # of which other requests may be the most
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header, without the blanks behind it; what trails a body is none."""
        if self._head is not None:
            super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        """Note that what comes now is the body."""
        self._head = None
        super().on_headers_complete()
        if self.scope["http_version"] < "1.1" and not self.parser.should_upgrade():
            _Unchunked(self.cycle)

    def on_message_complete(self) -> None:
        """Note that it is whole."""
        self._has_begun = False
        super().on_message_complete()

    def _take_in(self, data: bytes) -> None:
        """Parse what came; a request that is to be taken in again stands before what follows it."""
        self._coming = [memoryview(data)]
        while self._coming and not self.transport.is_closing():
            self._came, *self._coming = self._coming
            super().data_received(self._came)  # type: ignore[arg-type]  # it is only passed on
            if self._head is not None:
                self._head += len(self._came)
        self._came = memoryview(b"")

    def _wait_for_rest(self) -> None:
        self._wait_no_more()
        self._late = self.loop.call_later(self._patience, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class _Unchunked:
    """What sends answers to who may not know chunks: what has no length ends with the connection.

    It stands between the application and the cycle of a request, which has not begun to send.
    """

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._send = cycle.send
        self._has_length = True
        cycle.keep_alive = False
        cycle.send = self.send  # type: ignore[method-assign]

    async def send(self, message: Any) -> None:
        """Send a part of an answer; of one without a length each part is all that is expected."""
        if message["type"] == "http.response.start":
            self._has_length = any(name == b"content-length" for name, _ in message["headers"])
            if not self._has_length:
                self._cycle.chunked_encoding = False
        elif not self._has_length:
            self._cycle.expected_content_length = len(message.get("body", b""))
        await self._send(message)
