"""Changes on their way into the inventory: what waits together shares a commit.

One thread makes them all. An answer is given when it is durable, and never before.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any, NamedTuple

from invctl.core.bulk.each import apply_lines
from invctl.core.bulk.requests import Cells
from invctl.db.database import Database, outcome
from invctl.http.answers import Record, Result, stock_records
from invctl.http.errors import Busy
from invctl.models.attempts import NO_LABEL, Attempt
from invctl.models.stock import StockChange

MOST = 128
"""Changes that share a commit: twice as many gain little, and whoever waits for it waits longer."""
_TURN = 5.0
"""Seconds that a change waits for its turn, or as long as it would for a lock if that is more: who
waits in here waits for the others, and nothing may be locked at all."""
_WAITING = 10_000
"""Changes that may wait at a time; more would not be done in the time that anybody waits."""


class Line(NamedTuple):
    """A change of one product's stock as a line of `apply --each`, and who makes it."""

    actor: str
    cells: Cells

    @property
    def key(self) -> str | None:
        """The key that it is made under."""
        return self.cells[-1] or None


@dataclass(slots=True, eq=False)
class Waiting:
    """A change that waits: what makes it, and who is to be told what came of it."""

    work: Callable[[Database], Record]
    line: Line | None
    alone: bool
    until: float
    told: "asyncio.Future[Result]"

    def tell(self, answer: "Result | Exception") -> None:
        """Give whoever waits the answer; nobody may wait any more."""
        if self.told.done():
            return
        if isinstance(answer, Exception):
            self.told.set_exception(answer)
        else:
            self.told.set_result(answer)


class Writer:
    """The thread that changes an inventory; it starts with the first change."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turn = max(db.timeout, _TURN)
        self._arrived: dict[asyncio.AbstractEventLoop, list[Waiting]] = {}
        self._queue: SimpleQueue[list[Waiting] | None] = SimpleQueue()
        self._unanswered = 0
        self._thread: threading.Thread | None = None

    async def change(
        self, work: Callable[[Database], Record], *, line: Line | None = None, alone: bool = False
    ) -> Result:
        """Have a change made, and return what came of it when it is durable.

        One that is `alone` shares its transaction with nobody. Raises what the service raises,
        and Busy where too many wait.
        """
        if self._unanswered >= _WAITING:
            raise Busy("too many changes are waiting")
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Result] = loop.create_future()
        arrived = self._arrived.setdefault(loop, [])
        if not arrived:
            loop.call_soon(self._hand_over, loop)
        arrived.append(Waiting(work, line, alone, time.monotonic() + self._turn, told))
        self._unanswered += 1
        try:
            return await told
        finally:
            self._unanswered -= 1

    def close(self) -> None:
        """End when all that waits is done."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        self._db.close()

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give the thread all that has arrived in one turn of a loop: it is woken once for it."""
        self._queue.put(self._arrived.pop(loop))

    def _run(self) -> None:
        going = True
        while going:
            waiting: list[Waiting] = []
            arrived = self._queue.get()
            while arrived is not None:
                waiting += arrived
                if len(waiting) >= MOST or self._queue.empty():
                    break
                arrived = self._queue.get()
            going = arrived is not None
            for start in range(0, len(waiting), MOST):
                self._make(waiting[start : start + MOST])

    def _make(self, waiting: Sequence[Waiting]) -> None:
        """Make what has waited, and tell what came of it."""
        now = time.monotonic()
        late = [one for one in waiting if one.until < now]
        error = Busy(f"it has waited {self._turn:.1f} s for its turn, and was not made")
        _tell([(one, error) for one in late])
        fresh = [one for one in waiting if one.until >= now]
        _tell(self._together([one for one in fresh if not one.alone]))
        for one in fresh:
            if one.alone:
                _tell([(one, outcome(partial(self._one, one)))])

    def _together(self, changes: Sequence[Waiting]) -> list[tuple[Waiting, Any]]:
        """Make changes that share a commit; return each with what came of it."""
        lines: dict[str, list[Waiting]] = {}
        groups: list[list[Waiting]] = []
        for one in changes:
            if one.line is None:
                groups.append([one])
            else:  # together they are one attempt, which is somebody's
                lines.setdefault(one.line.actor, []).append(one)
        groups += lines.values()
        works = [self._work(group) for group in groups]
        outcomes = outcome(lambda: self._db.write_each(works))
        if isinstance(outcomes, Exception):
            # A bug's, too: whoever waits is told, or waits for ever.
            return [(one, outcomes) for one in changes]
        done: list[tuple[Waiting, Any]] = []
        for group, came in zip(groups, outcomes, strict=True):
            each = [came] * len(group) if isinstance(came, Exception) else came
            done.extend(zip(group, each, strict=True))
        return done

    def _work(self, group: Sequence[Waiting]) -> Callable[[], list[Result | Exception]]:
        """Return what makes a group: one change, or lines of one actor."""
        if len(group) == 1:
            return lambda: [self._one(group[0])]
        return lambda: self._lines(group)

    def _one(self, waiting: Waiting) -> Result:
        self._db.warnings.clear()  # they were another's
        record = waiting.work(self._db)
        return Result(record, tuple(self._db.warnings))

    def _lines(self, group: Sequence[Waiting]) -> list[Result | Exception]:
        """Make lines together; there is nothing to be warned of where no time and place is said."""
        lines = [one.line for one in group if one.line is not None]
        assert len(lines) == len(group)  # or an answer would be another's
        attempt = Attempt(lines[0].actor, keeps_product=True, advises=False)
        cells = [line.cells for line in lines]
        outcomes = apply_lines(self._db, cells, label=NO_LABEL, attempt=attempt)
        keyed = zip(outcomes, (line.key for line in lines), strict=True)
        done = [(one, key) for one, key in keyed if isinstance(one, StockChange)]
        records = iter(stock_records(self._db, done))
        return [Result(next(records)) if isinstance(one, StockChange) else one for one in outcomes]


def _tell(answers: Sequence[tuple[Waiting, Any]]) -> None:
    """Give each change its answer, in the loop that waits for it: one call for all of them."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiting, Any]]] = {}
    for change, answer in answers:
        by_loop.setdefault(change.told.get_loop(), []).append((change, answer))
    for loop, mine in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_deliver, mine)


def _deliver(answers: Sequence[tuple[Waiting, Any]]) -> None:
    for change, answer in answers:
        change.tell(answer)
