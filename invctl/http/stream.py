"""Movements as they are committed, by whoever: one follower of the log for all who listen.

Nobody misses one. A listener first reads what came after the last that it knows, then takes what
the follower gives; one that is too slow for that reads again. Where a backup was restored, all go
on from where that was.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial

from invctl.core.following import follow_log
from invctl.core.ledger import stock_log
from invctl.db.database import Database
from invctl.errors import InventoryError
from invctl.http.reading import Readers
from invctl.models.rows import MovementRow

_BEHIND = 2000
"""Movements that wait for a listener; one with more of them reads them again when it can."""
_AT_ONCE = 500
HEARTBEAT = 15.0
"""Seconds of silence after which a listener is sent something, or it would never be missed."""

Chunk = Sequence[MovementRow]


class Listener:
    """Somebody who listens: what came for them, unless that was too much."""

    def __init__(self) -> None:
        self.last = 0
        """The last movement that they know, or 0."""
        self._came: list[Chunk | int] = []
        self.news = asyncio.Event()
        self.is_behind = False
        self._waiting = 0

    def give(self, chunk: Chunk) -> None:
        """Give a listener what was committed."""
        self._waiting += len(chunk)
        self._came.append(chunk)
        if self._waiting > _BEHIND:
            self._came = [one for one in self._came if isinstance(one, int)]
            self.is_behind = True
        self.news.set()

    def send_back(self, last: int) -> None:
        """Tell a listener that a backup was restored whose last movement is that."""
        self._came.append(last)

    def take(self) -> "Iterator[Chunk | int]":
        """Yield what came since it was last asked and they do not know.

        A number is where a backup was restored: its last movement.
        """
        for came in self._take():
            if isinstance(came, int):
                if came < self.last:
                    self.last = came
                    yield came
            elif fresh := [row for row in came if row[0] > self.last]:
                self.last = fresh[-1][0]
                yield fresh

    def drop(self) -> list[int]:
        """Drop what came, which will be read; return the last movements of what was restored."""
        self.is_behind = False
        return [one for one in self._take() if isinstance(one, int)]

    def _take(self) -> "list[Chunk | int]":
        came, self._came, self._waiting = self._came, [], 0
        self.news.clear()
        return came


class Stream:
    """All who listen, and the thread that follows the log for them while there are any."""

    def __init__(self, open_one: Callable[[], Database], readers: Readers) -> None:
        self._open = open_one
        self._readers = readers
        self._listeners: set[Listener] = set()
        self._follower: Follower | None = None
        self._is_closed = False

    async def movements(self, since_id: int | None) -> AsyncGenerator[Chunk | int, None]:
        """Yield for ever what comes after a movement, None: after now.

        First comes `()`, or after which movement that is, where none was named or none of that
        number is there; that comes, too, where a backup is restored. After each silence comes `()`.

        Ends when `close` is called. Raises what reading raises.
        """
        listener = Listener()
        try:
            await self._join(listener)
            # Whatever comes after the latest one is given to a listener that has joined.
            latest = await self._readers.ask(_latest)
            listener.last = latest if since_id is None else min(since_id, latest)
            listener.is_behind = listener.last < latest
            # Nothing is missed from here. Who did not know from where that is would name the old
            # one on coming back, and miss what was made until then.
            yield () if listener.last == since_id else listener.last
            while not self._is_closed:
                if self._follower is None:
                    await self._join(listener)
                if listener.is_behind:
                    async for missed in self._missed(listener):
                        yield missed
                for came in listener.take():
                    yield came
                if not await _news_within(listener, HEARTBEAT):
                    yield ()
        finally:
            self._leave(listener)

    def close(self) -> None:
        """Let all go who listen."""
        self._is_closed = True
        for listener in self._listeners:
            listener.news.set()
        self._rest()

    async def _missed(self, listener: Listener) -> AsyncIterator[Chunk | int]:
        """Yield what is in the log that a listener does not know, a piece at a time.

        Where a backup was restored, its last movement comes first.
        """
        before, marks = listener.last, listener.drop()  # and not what comes from here on
        listener.last = min(before, *marks, await self._readers.ask(_latest))
        if listener.last < before:
            yield listener.last
        while not self._is_closed:
            chunk = await self._readers.ask(partial(_read_after, listener.last))
            if not chunk:
                return
            listener.last = chunk[-1][0]
            yield chunk

    async def _join(self, listener: Listener) -> None:
        self._listeners.add(listener)
        if self._follower is None:
            self._follower = Follower(self._open(), asyncio.get_running_loop(), self._publish)
            self._follower.start()
        await self._follower.ready

    def _leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners:
            self._rest()

    def _rest(self) -> None:
        if self._follower is not None:
            self._follower.stop()
            self._follower = None

    def _publish(self, follower: "Follower", came: Chunk | int | None) -> None:
        """Give all listeners what was committed, or the last movement of what was restored.

        None is where the follower has lost the thread.
        """
        if follower is not self._follower:
            return
        if came is None:
            self._follower = None
        for listener in self._listeners:
            if came is None:
                listener.is_behind = True
                listener.news.set()
            elif isinstance(came, int):
                listener.send_back(came)
            else:
                listener.give(came)


class Follower(threading.Thread):
    """Follows the log for a `Stream`, beginning with what is not there yet."""

    def __init__(
        self,
        db: Database,
        loop: asyncio.AbstractEventLoop,
        publish: "Callable[[Follower, Chunk | int | None], None]",
    ) -> None:
        super().__init__(name="follower", daemon=True)
        self.ready: asyncio.Future[None] = loop.create_future()
        self._db = db
        self._loop = loop
        self._publish = publish
        self._is_stopped = False

    def stop(self) -> None:
        """End with the next look at the log."""
        self._is_stopped = True

    def run(self) -> None:
        """Publish what is committed until it is stopped, or the inventory is lost."""
        with suppress(RuntimeError):  # the loop may be closed by then
            try:
                for chunk in follow_log(self._db, begin_with=0, restored=self._tell):
                    if self._is_stopped:
                        return
                    self._say(chunk)
            except InventoryError:
                self._loop.call_soon_threadsafe(self._lost)
            finally:
                self._db.close()
                self._loop.call_soon_threadsafe(self._begin)  # nobody waits for one that has ended

    def _say(self, chunk: Chunk) -> None:
        if not self.ready.done():
            self._loop.call_soon_threadsafe(self._begin)
        if chunk:
            self._tell(chunk)

    def _tell(self, came: Chunk | int) -> None:
        self._loop.call_soon_threadsafe(self._publish, self, came)

    def _begin(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def _lost(self) -> None:
        self._begin()
        self._publish(self, None)


async def _news_within(listener: Listener, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await listener.news.wait()
        return True
    return False


def _read_after(movement: int, db: Database) -> list[MovementRow]:
    chunks = stock_log(db, since_id=movement, limit=_AT_ONCE)
    return [row for chunk in chunks for row in chunk]


def _latest(db: Database) -> int:
    return max((row[0] for chunk in stock_log(db, limit=1) for row in chunk), default=0)
