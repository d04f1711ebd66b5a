"""What the services ask of an inventory, whichever engine keeps it; and which engine that is."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Connection

from invctl.settings import Location

T = TypeVar("T")


class Database(ABC):
    """An inventory, opened when it is first needed.

    `timeout` is how many seconds a writer waits for its turn. With `create`, the first write
    makes a missing inventory: it appears whole, with what that write did and `sku_rule` as its
    rule for new SKUs, or not at all.
    """

    engine: str

    def __init__(
        self,
        location: Location,
        *,
        timeout: float = 5.0,
        create: bool = False,
        sku_rule: str | None = None,
    ) -> None:
        self.location = location
        self.timeout = timeout
        self.create = create
        self.sku_rule = sku_rule
        self.created = False
        self.warnings: list[str] = []

    @property
    @abstractmethod
    def path(self) -> str:
        """Where it is, as people are told: never with a password."""

    @property
    @abstractmethod
    def is_missing(self) -> bool:
        """Whether there is none yet, and this may make one; raises DatabaseMissing if not."""

    @property
    @abstractmethod
    def size_bytes(self) -> int | None:
        """How much room it takes; None where the engine cannot tell."""

    @abstractmethod
    def read(self) -> AbstractContextManager[Connection]:
        """Give a connection in a transaction that sees one state of the inventory.

        Raises DatabaseMissing, DatabaseUnusable, DatabaseLocked or PermissionRefused.
        """

    @abstractmethod
    def write(self, work: Callable[[Connection], T], *, dry_run: bool = False) -> T:
        """Do `work` in a transaction of its own, durable when this returns its answer.

        An exception in the work undoes all of it, and so does `dry_run` at its end. Raises
        OutcomeUnknown where the commit itself failed, and what `read` raises. Where the engine
        lets transactions fail that others got in the way of, the work is done again.
        """

    @abstractmethod
    def wait_for_commit(self) -> None:
        """Return when another connection has committed something, within a fifth of a second."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the inventory."""


def open_database(
    location: Location,
    *,
    timeout: float = 5.0,
    create: bool = False,
    sku_rule: str | None = None,
) -> Database:
    """Return the inventory at a location, for the engine that keeps it; see `Database`."""
    if location.server is None:
        from invctl.db.sqlite.engine import SQLiteDatabase as Kept
    else:
        from invctl.db.postgresql import load_driver

        load_driver(location.server.engine)
        from invctl.db.postgresql.engine import PostgreSQLDatabase as Kept  # type: ignore[assignment]
    return Kept(location, timeout=timeout, create=create, sku_rule=sku_rule)
