"""Movements as they are committed, by whoever: one follower of the log for all who listen.

Nobody misses one. A listener first reads what came after the last that it knows, then takes what
the follower gives; one that is too slow for that reads again.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

from invctl.core.ledger import follow_log, stock_log
from invctl.db.database import Database
from invctl.errors import InventoryError
from invctl.http.reading import Readers
from invctl.models import MovementRow

_BEHIND = 2000
"""Movements that wait for a listener; one with more of them reads them again when it can."""
_AT_ONCE = 500
HEARTBEAT = 15.0
"""Seconds of silence after which a listener is sent something, or it would never be missed."""

Batch = Sequence[MovementRow]


class Listener:
    """Somebody who listens: what came for them, unless that was too much."""

    def __init__(self) -> None:
        self.batches: list[tuple[Batch, bool]] = []
        self.news = asyncio.Event()
        self.is_behind = True
        self._waiting = 0

    def give(self, batch: Batch, *, restored: bool) -> None:
        """Give a listener what was committed, to a backup if one was restored before it."""
        self._waiting += len(batch)
        if self._waiting > _BEHIND:
            self.batches.clear()
            self.is_behind = True
        else:
            self.batches.append((batch, restored))
        self.news.set()

    def take(self) -> list[tuple[Batch, bool]]:
        """Return what came since it was last asked."""
        batches, self.batches, self._waiting = self.batches, [], 0
        self.news.clear()
        return batches


class Stream:
    """All who listen, and the thread that follows the log for them while there are any."""

    def __init__(self, open_one: Callable[[], Database], readers: Readers) -> None:
        self._open = open_one
        self._readers = readers
        self._listeners: set[Listener] = set()
        self._follower: Follower | None = None
        self._is_closed = False

    async def movements(self, since_id: int | None) -> AsyncIterator[Batch]:
        """Yield for ever what comes after a movement, None: after now.

        First and after each silence comes `()`.

        Ends when `close` is called. Raises what reading raises.
        """
        listener = Listener()
        await self._join(listener)
        try:
            last = await self._readers.ask(_latest) if since_id is None else since_id
            yield ()  # from here on nothing is missed
            while not self._is_closed:
                if self._follower is None:
                    await self._join(listener)
                if listener.is_behind:
                    listener.is_behind = False
                    listener.take()
                    async for batch in self._missed(last):
                        last = batch[-1][0]
                        yield batch
                for batch, restored in listener.take():
                    # Ids only ever grow, but where a backup was restored.
                    fresh = batch if restored else [row for row in batch if row[0] > last]
                    if fresh:
                        last = fresh[-1][0]
                        yield fresh
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

    async def _missed(self, last: int) -> AsyncIterator[Batch]:
        """Yield what is in the log after a movement, a piece at a time."""
        while not self._is_closed:
            after = last

            def read(db: Database, after: int = after) -> list[MovementRow]:
                chunks = stock_log(db, since_id=after, limit=_AT_ONCE)
                return [row for chunk in chunks for row in chunk]

            batch = await self._readers.ask(read)
            if not batch:
                return
            last = batch[-1][0]
            yield batch

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

    def _publish(self, follower: "Follower", batch: Batch | None, restored: bool) -> None:
        """Give all listeners what was committed; None where the follower has lost the thread."""
        if follower is not self._follower:
            return
        if batch is None:
            self._follower = None
            for listener in self._listeners:
                listener.is_behind = True
                listener.news.set()
            return
        for listener in self._listeners:
            listener.give(batch, restored=restored)


class Follower(threading.Thread):
    """Follows the log for a `Stream`, beginning with what is not there yet."""

    def __init__(
        self,
        db: Database,
        loop: asyncio.AbstractEventLoop,
        publish: "Callable[[Follower, Batch | None, bool], None]",
    ) -> None:
        super().__init__(name="follower", daemon=True)
        self.ready: asyncio.Future[None] = loop.create_future()
        self._db = db
        self._loop = loop
        self._publish = publish
        self._is_stopped = False
        self._last = 0

    def stop(self) -> None:
        """End with the next look at the log."""
        self._is_stopped = True

    def run(self) -> None:
        """Publish what is committed until it is stopped, or the inventory is lost."""
        with suppress(RuntimeError):  # the loop may be closed by then
            try:
                for batch in follow_log(self._db, begin_with=0):
                    if self._is_stopped:
                        return
                    self._say(batch)
            except InventoryError:
                self._loop.call_soon_threadsafe(self._lost)
            finally:
                self._db.close()

    def _say(self, batch: Batch) -> None:
        if not self.ready.done():
            self._loop.call_soon_threadsafe(self._begin)
        if batch:
            restored = batch[0][0] <= self._last
            self._last = batch[-1][0]
            self._loop.call_soon_threadsafe(self._publish, self, batch, restored)

    def _begin(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def _lost(self) -> None:
        self._begin()
        self._publish(self, None, False)


async def _news_within(listener: Listener, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await listener.news.wait()
        return True
    return False


def _latest(db: Database) -> int:
    return max((row[0] for chunk in stock_log(db, limit=1) for row in chunk), default=0)
