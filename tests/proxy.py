"""A wire between a client and a server that reads along, and breaks where it is told to.

Messages: https://www.postgresql.org/docs/current/protocol-message-formats.html. A request is all
that a client says up to what the server answers with ReadyForQuery or CopyInResponse: a Query, a
Sync, a CopyDone.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote

from inventories import Schema

_REQUESTS = (b"Q", b"S", b"c")
_READY = (b"Z", b"G")
_PARTS = (b"P", b"B", b"D", b"E", b"C")
"""What would be done by itself, before the request of which it is a part is whole."""


class Cut(NamedTuple):
    """At which request (0: the first) the wire breaks, and when.

    `before` it reaches the server, `after` the server has done it but nothing has come back, or
    `amid` the answer, of which all but the last message comes back.
    """

    at: int
    when: str


class Wire:
    """The two ends of one session: what comes from the client, and what comes back."""

    def __init__(self, client: socket.socket, server: socket.socket, proxy: "Proxy") -> None:
        self.client = client
        self.server = server
        self._proxy = proxy
        self._doomed = False

    def forth(self) -> None:
        """Carry what the client says until somebody ends it."""
        request = held = b""
        for kind, message in _messages(self.client, head=0):
            request += message
            held += message
            if kind in _REQUESTS:
                if not self._pass(request):
                    return
                request = b""
            if kind not in _PARTS:  # a part goes with the request that it is of, or not at all
                self.server.sendall(held)
                held = b""
        self.end()

    def _pass(self, request: bytes) -> bool:
        """Count a request; return whether it may go on to the server."""
        cut = self._proxy.counted(request)
        if cut is None:
            return True
        if cut.when == "before":
            self.end()
            return False
        self._doomed = True
        return True

    def back(self) -> None:
        """Carry what the server answers, up to where the wire is to break."""
        for kind, message in _messages(self.server, head=1):
            if not self._doomed:
                self.client.sendall(message)
            elif kind in _READY:
                break
            elif self._proxy.cut and self._proxy.cut.when == "amid":
                self.client.sendall(message)
        self.end()

    def end(self) -> None:
        """Break both ends."""
        for one in (self.client, self.server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Proxy:
    """A socket in `folder` behind which a server seems to be."""

    def __init__(self, folder: Path, schema: Schema) -> None:
        self.cut: Cut | None = None
        self.requests: list[bytes] = []
        self.on_request: Callable[[int, bytes], None] = lambda _number, _request: None
        self._server = schema.server.folder / f".s.PGSQL.{schema.server.port}"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen(64)
        self._wires: list[Wire] = []
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()
        where = f"host={quote(str(folder))}&options=-csearch_path={schema.name}"
        self.url = f"postgresql://postgres@/postgres?{where}"

    def counted(self, request: bytes) -> Cut | None:
        """Take note of a request; return the cut if this is where it is."""
        number = len(self.requests)
        self.requests.append(request)
        self.on_request(number, request)
        return self.cut if self.cut and self.cut.at == number else None

    def begin(self, cut: Cut | None = None) -> None:
        """Count anew, and break where `cut` says."""
        self.requests = []
        self.cut = cut

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server))
                wire = Wire(client, server, self)
                self._wires.append(wire)
                for way in (wire.forth, wire.back):
                    thread = threading.Thread(target=_quietly, args=(way,))
                    self._threads.append(thread)
                    thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for wire in self._wires:
            wire.end()
        for thread in self._threads:
            thread.join()
        for wire in self._wires:
            wire.client.close()
            wire.server.close()


def _quietly(way: Callable[[], None]) -> None:
    with suppress(OSError):
        way()


def _messages(source: socket.socket, *, head: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield kinds and messages; `head` is how long the first one's kind is: a client's has none."""
    data = b""
    while piece := source.recv(1 << 16):
        data += piece
        while True:
            if len(data) < head + 4:
                break
            size = head + int.from_bytes(data[head : head + 4], "big")
            if len(data) < size:
                break
            yield data[:head], data[:size]
            data, head = data[size:], 1
