"""A transaction that several works share, each within a savepoint of its own."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from invctl.db.session import Session
from invctl.db.sqlite.session import SQLiteSession

T = TypeVar("T")


class TransactionLostError(BaseException):
    """SQLite has undone a whole transaction by itself, as where the disk is full.

    No work that shares it may take that for an error of its own.
    """


class Shared:
    """A transaction under way, in which one work after the other is done or undone."""

    def __init__(self, session: SQLiteSession) -> None:
        self.session = session

    def do(self, work: Callable[[Session], T], *, dry_run: bool) -> T:
        """Do `work`; where it raises, or only rehearses, nothing of it is left.

        Raises TransactionLostError where nothing is left of the works before it, either.
        """
        driver = self.session.driver
        driver.execute("SAVEPOINT work")
        keep = False
        try:
            answer = work(self.session)
            keep = not dry_run
        finally:
            self._end(driver, keep=keep)
        return answer

    def _end(self, driver: sqlite3.Connection, *, keep: bool) -> None:
        if not driver.in_transaction:
            raise TransactionLostError
        if not keep:
            driver.execute("ROLLBACK TO work")
        driver.execute("RELEASE work")
