"""The way to an inventory on a server: its session, and another where that one is lost."""

from abc import ABC
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from invctl.db import migrations
from invctl.db.database import Database
from invctl.db.postgresql.connection import Connection
from invctl.db.postgresql.faults import NO_TABLE, READ_ONLY, meaning, only_read, state_of
from invctl.db.postgresql.hosts import connect, may_move
from invctl.db.session import Row
from invctl.errors import DatabaseMissing
from invctl.settings import ServerLocation

# Seconds that one who reads along waits for another host to take the place of the one it read from.
_FAILOVER = 60.0


class ServerReach(Database, ABC):
    """An inventory in the schema that a server's sessions begin in, as far as getting there."""

    engine = "postgresql"
    location: ServerLocation

    def __init__(
        self, location: ServerLocation, *, timeout: float, create: bool, sku_rule: str | None
    ) -> None:
        super().__init__(location, timeout=timeout, create=create, sku_rule=sku_rule)
        self._connection: Connection | None = None
        self._exists = False
        self._was_answered = False
        self._seen: Row | None = None
        self._moves = may_move(location)

    @property
    def path(self) -> str:
        """The URL without its secrets."""
        return self.location.shown

    def is_missing(self) -> bool:
        """Return whether the schema holds no inventory yet."""
        with self._explained():
            return self._lacks_tables()

    @property
    def patience(self) -> float:
        """Seconds to wait for a server that went away, or for another in its place."""
        return max(self.timeout, _FAILOVER) if self._moves else self.timeout

    @property
    def is_replica(self) -> bool:
        """Whether what was read last came from a server that follows another."""
        return self._connection is not None and self._connection.is_replica

    def hides_rows(self) -> bool:
        """Return whether others may keep rows of it from this user."""
        with self._explained():
            return self._connect().hides_rows()

    def close(self) -> None:
        """End the session."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _lacks_tables(self) -> bool:
        self._connect()
        if not (self._exists or self.create):
            raise DatabaseMissing(self.path, self.location.source)
        return not self._exists

    def _connect(self) -> Connection:
        """Return the connection, and know whether there is an inventory of this version."""
        if self._connection is not None and self._connection.is_over:
            self.close()
        if self._connection is None:
            self._exists = False
            self._connection = connect(self.location, self.timeout)
            self._warn_of_age(self._connection)
        if not self._exists:
            version = self._connection.schema_version(self.path)
            if version is not None:
                migrations.refuse_other_version(self.path, version)
                self._exists = True
        return self._connection

    def _warn_of_age(self, connection: Connection) -> None:
        """Say how old what a replica shows is, where it knows that it is not what there is."""
        if connection.is_replica and (age := connection.age()) >= 1:
            self.warnings.append(f"a replica answers, as its primary was {age:.0f} s ago")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Translate what the driver raises."""
        try:
            yield
        except psycopg.Error as error:
            if state_of(error) == READ_ONLY:
                # Asked while the session is there: what raised this has ended its transaction.
                why = None if self._connection is None else self._connection.why_read_only()
                raise only_read(self.location, why) from error
            if state_of(error) == NO_TABLE:
                self.close()  # what it knows of the tables is over
                if self.is_missing():
                    raise DatabaseMissing(self.path, self.location.source) from error
            raise meaning(self.location, self.timeout, error) from error
