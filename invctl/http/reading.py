"""Questions to the inventory: sessions of their own, in threads, which no change waits for.

Nothing short waits for what is long: a product is asked for apart from lists, and a list that
proves to be long goes where only such wait. It is read as fast as the inventory gives it, whoever
takes it: what a slow client has not taken yet is put aside in a temporary file, so that no
transaction stays open for it.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryFile
from typing import Any, TypeVar

from invctl.db.database import Database, outcome
from invctl.files.writing import Encoder
from invctl.scratch import scratch

T = TypeVar("T")

Rows = Iterator[Sequence[tuple[Any, ...]]]

_READERS = 4
"""Threads that answer questions, that read lists, and that read long ones: so many of each."""
_IN_MEMORY = 1 << 20
"""Bytes of a list that wait in memory for a client; more of them wait in a file."""
_PIECE = 1 << 16
_SHORT = 1000
"""Rows that a list may have and not be a long one."""


class Readers:
    """Threads that ask an inventory, each by a session of its own."""

    def __init__(self, open_one: Callable[[], Database]) -> None:
        self._open = open_one
        self._mine = threading.local()
        self._opened: list[Database] = []
        self._questions = ThreadPoolExecutor(_READERS, "reader")
        self._lists = ThreadPoolExecutor(_READERS, "lister")
        self._long_lists = ThreadPoolExecutor(_READERS, "long lister")

    async def ask(self, question: Callable[[Database], T]) -> T:
        """Return the answer to a question. Raises what it raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._questions, self._asked, question)

    async def list(
        self, rows: Callable[[Database], Rows], encode: Encoder, most: int | None = None
    ) -> "Listing":
        """Begin to read a list of so many rows at the `most`; return it when its first are there.

        Raises what there is instead of them.
        """
        listing = Listing(asyncio.get_running_loop())
        is_short = most is not None and most <= _SHORT
        self._lists.submit(self._fill if is_short else self._begin, listing, rows, encode)
        await listing.begun()
        return listing

    def _fill(self, listing: "Listing", rows: Callable[[Database], Rows], encode: Encoder) -> None:
        listing.fill(lambda: rows(self._db()), encode)

    def _begin(self, listing: "Listing", rows: Callable[[Database], Rows], encode: Encoder) -> None:
        """Read a list if it is short; one that is not is begun again where the long ones wait."""
        few = outcome(lambda: _few(rows(self._db())))
        if few is None:
            self._long_lists.submit(self._fill, listing, rows, encode)
        else:
            listing.fill(lambda: _given(few), encode)

    def close(self) -> None:
        """Let go of the inventory."""
        for threads in (self._questions, self._lists, self._long_lists):
            threads.shutdown(cancel_futures=True)
        for db in self._opened:
            db.close()

    def _asked(self, question: Callable[[Database], T]) -> T:
        return question(self._db())

    def _db(self) -> Database:
        """Return this thread's inventory."""
        db: Database | None = getattr(self._mine, "db", None)
        if db is None:
            db = self._mine.db = self._open()
            self._opened.append(db)
        db.warnings.clear()  # nobody reads them here
        return db


def _few(chunks: Rows) -> list[Sequence[tuple[Any, ...]]] | None:
    """Return all rows of a list, in chunks; None where they are more than a few."""
    found, count = [], 0
    for chunk in chunks:
        found.append(chunk)
        count += len(chunk)
        if count > _SHORT:
            chunks.close()  # type: ignore[attr-defined]
            return None
    return found


def _given(few: list[Sequence[tuple[Any, ...]]] | Exception) -> Rows:
    """Yield the rows that there are, or raise what there is instead."""
    if isinstance(few, Exception):
        raise few
    yield from few


class Backlog:
    """What was read of a list and is not taken yet: bytes in memory, or in a file if they are many.

    One thread puts pieces, and another takes them, in the same order.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: deque[bytes] = deque()
        self._in_memory = 0
        """Bytes of all pieces."""
        self._file: Any = None
        """Where all goes that comes once the memory is full; it is taken after the pieces."""
        self._written = self._taken = 0
        """Bytes that were put into the file, and those that have come out of it."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take now."""
        return not self._pieces and self._taken == self._written

    def put(self, piece: bytes) -> None:
        """Take in what comes next. Raises ConfigError where there can be no temporary file."""
        with self._lock, scratch():
            if self._file is None and self._in_memory > _IN_MEMORY:
                self._file = TemporaryFile(buffering=0)
            if self._file is None:
                self._pieces.append(piece)
                self._in_memory += len(piece)
            else:
                self._write(piece)

    def take(self) -> bytes:
        """Return what comes next; b'' where nothing is there."""
        with self._lock:
            if self._pieces:
                piece = self._pieces.popleft()
                self._in_memory -= len(piece)
                return piece
            if self._taken == self._written:
                return b""
            self._file.seek(self._taken)
            read: bytes = self._file.read(_PIECE)
            self._taken += len(read)
            return read

    def close(self) -> None:
        """Let go of the file, where there is one."""
        with self._lock:
            if self._file is not None:
                self._file.close()

    def _write(self, piece: bytes) -> None:
        self._file.seek(self._written)
        rest = memoryview(piece)
        while rest:  # a disk that fills up takes a part of it
            count = self._file.write(rest)
            self._written += count
            rest = rest[count:]


class Listing:
    """A list on its way from the thread that reads it to the client that takes it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._backlog = Backlog()
        self._is_whole = False
        """Whether nothing more is read, be it for an error."""
        self._is_given_up = False
        """Whether the client wants no more of it."""
        self._error: Exception | None = None
        self._has_begun: asyncio.Future[None] = loop.create_future()
        self._news = asyncio.Event()
        """Set where there may be something to take, or an end."""

    async def begun(self) -> None:
        """Wait for the first rows. Raises what there is instead of them."""
        await self._has_begun

    async def taken(self) -> AsyncIterator[bytes]:
        """Yield the list as the client takes it; one who breaks it off ends the reading, too."""
        try:
            while True:
                self._news.clear()
                is_whole = self._is_whole  # before looking: what is whole by then is all there
                if piece := self._backlog.take():
                    yield piece
                elif is_whole:
                    break
                else:
                    await self._news.wait()
        finally:
            self._is_given_up = True
            if self._is_whole:
                self._backlog.close()
        if self._error is not None:
            raise self._error

    def fill(self, read: Callable[[], Rows], encode: Encoder) -> None:
        """Read a list to its end, or until nobody wants it."""
        try:
            chunks = read()
            first = next(chunks, ())
            self._put(encode.head() + encode.rows(list(first)))
            self._tell(self._wake)
            for chunk in chunks:
                if self._is_given_up:
                    chunks.close()  # type: ignore[attr-defined]
                    return
                self._put(encode.rows(list(chunk)))
            self._put(encode.tail())
        except Exception as error:
            self._error = error
        finally:
            self._is_whole = True
            self._tell(self._wake)

    def _put(self, text: str) -> None:
        if text:  # for who takes it, nothing means that nothing is there yet
            self._backlog.put(text.encode())
            self._tell(self._news.set)

    def _tell(self, what: Callable[[], None]) -> None:
        """Have something done in the loop of whoever waits."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what)

    def _wake(self) -> None:
        """Let the client look for the first rows, or tell it what there is instead of them."""
        self._news.set()
        if not self._has_begun.done():
            if self._error is not None and self._backlog.is_empty:
                self._has_begun.set_exception(self._error)
            else:
                self._has_begun.set_result(None)
