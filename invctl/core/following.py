"""The log as it grows: what any process commits to it, each movement once, also after a restore."""

import time
from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import NamedTuple

from invctl.core.advice import advising
from invctl.core.ledger import EVERYTHING, Filter, query_of, stock_log
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import DatabaseLocked, ServerUnreachable
from invctl.models.fields import MOVEMENT_FIELDS
from invctl.models.rows import MovementRow
from invctl.repository import movements
from invctl.repository.lists import movements as lists
from invctl.repository.lists.questions import MovementQuery

# Seconds between two tries to reach a server that has gone away.
_PAUSE = 0.2


def follow_log(
    db: Database,
    only: Filter = EVERYTHING,
    *,
    since_id: int | None = None,
    begin_with: int | None = None,
    restored: Callable[[int], object] = lambda _last: None,
) -> Iterator[Sequence[MovementRow]]:
    """Yield the log, and then for ever what is committed to it, by any process, as it comes.

    With `begin_with`, no more than that many of those that are there. A few times a second an
    empty chunk comes, so that whoever reads can look whether to go on. Where a backup was
    restored, the log goes on from where that was: `restored` is told its last movement. A server
    that goes away is given `db.patience` seconds to come back. Raises ServerUnreachable.
    """
    begin = since_id or 0
    if begin_with is not None:
        begin = max(begin, _before_latest(db, only, begin_with))
    # 0: a server that never answered is not waited for; inf: one that did, from when it goes.
    bookmark, gives_up = _Bookmark(begin), 0.0
    while True:
        try:
            for chunk in bookmark.read_on(db, only, restored):
                gives_up = inf
                yield chunk
            gives_up = inf
            while not (db.wait_for_commit() or bookmark.is_ahead):
                yield ()
        except (ServerUnreachable, DatabaseLocked):  # a replica may lock out who reads for long
            if time.monotonic() > gives_up:
                raise
            if gives_up == inf:
                gives_up = time.monotonic() + db.patience
            time.sleep(_PAUSE)
            yield ()


class _Mark(NamedTuple):
    """By what a movement is told from another one of its id, which there may be after a restore."""

    operation: int
    delta: int
    recorded_at: str


_MARKED = tuple(map(MOVEMENT_FIELDS.index, _Mark._fields))
_RECORDED_AT = MOVEMENT_FIELDS.index("recorded_at")


class _Bookmark:
    """How far a log was read: to its movement `last`, which may not be there yet."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.is_ahead = False
        """Whether a replica is waited for, which is behind what another one told."""
        self._until: float | None = None
        self._mark: _Mark | None = None

    def read_on(
        self, db: Database, only: Filter, restored: Callable[[int], object]
    ) -> Iterator[Sequence[MovementRow]]:
        """Yield what came after it, in chunks, and move on; first back after a restore."""
        # One transaction does both: no restore comes between, and no other server answers.
        with advising(db), db.read() as session:
            self.is_ahead = self._is_ahead(db, session)
            if self.is_ahead:
                yield ()
                return
            mark = _mark(session, self.last)
            if self._mark is not None and mark != self._mark:
                # Of that id there is another movement now: so it goes back by one at the least.
                self.last = min(self.last - 1, _last_before(session, self._mark.recorded_at))
                mark = _mark(session, self.last)
                restored(self.last)
            self._mark = mark
            query = query_of(session, only)._replace(since_id=self.last)
            for chunk in lists.movements(session, query):
                self.last, self._mark = chunk[-1][0], _mark_of(chunk[-1])
                yield chunk

    def _is_ahead(self, db: Database, session: Session) -> bool:
        """Return whether a replica will come here; it is given `db.patience` seconds for that."""
        if not db.is_replica or movements.latest(session) >= self.last:
            self._until = None
            return False
        if self._until is None:
            self._until = time.monotonic() + db.patience
        return time.monotonic() < self._until


def _mark_of(row: MovementRow) -> _Mark:
    return _Mark._make(row[place] for place in _MARKED)


def _mark(session: Session, movement: int) -> _Mark | None:
    """Return by what a movement is known; None where there is none of that id."""
    chunks = lists.movements(session, MovementQuery(since_id=movement - 1, limit=1))
    found = [row for chunk in chunks for row in chunk]
    return _mark_of(found[0]) if found and found[0][0] == movement else None


def _last_before(session: Session, moment: str) -> int:
    """Return the last movement that was there by a moment: all after it came later."""
    chunks = lists.movements(session, MovementQuery(reverse=True))
    rows = (row for chunk in chunks for row in chunk)
    return next((row[0] for row in rows if str(row[_RECORDED_AT]) <= moment), 0)


def _before_latest(db: Database, only: Filter, count: int) -> int:
    """Return the id after which there are so many movements, or all where there are fewer."""
    if not count:
        with db.read() as session:
            return movements.latest(session)
    chunks = stock_log(db, only, limit=count, reverse=True)
    found = [row[0] for chunk in chunks for row in chunk]
    return found[-1] - 1 if len(found) == count else 0
