"""The way to an inventory in an SQLite file: its connection, or a quiet look in place of one.

Where a file may be written it is read through a connection of its own; where that would leave
something behind, lock somebody out or fill a disk, through one that writes nothing.
"""

import os
import sqlite3
from abc import ABC
from collections.abc import Iterator
from contextlib import contextmanager

from invctl.db.database import Database
from invctl.db.sqlite import faults, files, quiet
from invctl.db.sqlite.connection import network_warnings, open_connection, set_up_journal
from invctl.db.sqlite.gate import Gate
from invctl.db.sqlite.logs import Stamp, stamps
from invctl.db.sqlite.reading import Look, looking
from invctl.db.sqlite.recognising import refuse_others
from invctl.db.sqlite.rights import may_write
from invctl.errors import DatabaseMissing
from invctl.settings import FileLocation

# Bytes that a log may grow by while a reader waits for its own reader.
_LONG_LOG = 1 << 21
_kept_open: list[sqlite3.Connection] = []
"""Connections whose file another was copied over: closing one would play its log into that."""


class FileReach(Database, ABC):
    """An inventory in an SQLite file, as far as getting there."""

    engine = "sqlite"
    location: FileLocation

    def __init__(
        self, location: FileLocation, *, timeout: float, create: bool, sku_rule: str | None
    ) -> None:
        super().__init__(location, timeout=timeout, create=create, sku_rule=sku_rule)
        self._path = os.path.realpath(location.path)  # its lock and log lie beside the file itself
        self._connection: sqlite3.Connection | None = None
        self._identity: files.Identity | None = None
        self._keeps_log = False
        self._is_logged = False
        self._gate = Gate(self.path)
        self._checked_schema: int | None = None
        self._has_tables = False
        self._waits = timeout
        """For how many seconds the connection lets SQLite wait for a lock."""
        self._seen: tuple[Stamp, Stamp] = ((), ())
        self._explained = faults.Explained(self.path, timeout)

    @property
    def path(self) -> str:
        """The file itself, links followed."""
        return self._path

    def is_missing(self) -> bool:
        """Return whether there is no file yet."""
        try:
            files.identify(self.path, self.location)
        except DatabaseMissing:
            if not self.create:
                raise
            return True
        return False

    def hinders_others(self) -> bool:
        """Return whether the log has grown long that a reader keeps from beginning over."""
        log = self._seen[1]
        return quiet.size(f"{self.path}-wal") > (log[2] if log else 0) + _LONG_LOG

    def size_bytes(self) -> int:
        """Return the size of the file and of the log beside it."""
        return quiet.size(self.path) + quiet.size(f"{self.path}-wal")

    def close(self) -> None:
        """Close the connection and leave the queue of writers."""
        self._disconnect()
        self._gate.close()

    def _reader(self) -> sqlite3.Connection | None:
        """Return a connection to read by; None where that would write what it must not.

        It would lock the file's owner out, play in a log that a second name has left behind, or
        fill the last of a disk; or the system lets nothing be made there, for whatever reason.
        """
        self._seen = stamps(self.path)
        if self._connection is None:
            files.identify(self.path, self.location)
            named_twice = files.second_name(self.path)
            if named_twice:
                self._notice("{} {}; {}".format(self.path, *named_twice))
            if named_twice or not may_write(self.path) or files.is_disk_full(self.path):
                return None
        try:
            connection = self._connect()
        except sqlite3.Error as error:
            if not faults.is_refusal(error):
                raise
            return None
        self._wait_for(connection, self.timeout)  # a write may have had less time left
        return connection

    @contextmanager
    def _looking(self) -> Iterator[Look]:
        with looking(self.path, self.timeout) as look:
            refuse_others(look.connection, self.path)
            self._notice(*network_warnings(self.path))
            yield look

    def _notice(self, *texts: str) -> None:
        self.notices.extend(text for text in texts if text not in self.notices)

    def _wait_for(self, connection: sqlite3.Connection, seconds: float) -> None:
        """Let SQLite wait as long for its lock as the gate has left of the time there was."""
        if abs(seconds - self._waits) > 0.01:  # a gate where nobody stood takes less
            connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
            self._waits = seconds

    def _connect(self) -> sqlite3.Connection:
        """Return the connection, opened and recognised as an inventory of this version.

        Where another file has the name by now, that is opened: SQLite finds the log by name, so
        the old connection would write into the log of the new file.
        """
        if self._is_replaced():
            self._disconnect()
        if self._connection is None:
            identity = files.identify(self.path, self.location)
            connection = open_connection(self.path, self.timeout)
            try:
                refuse_others(connection, self.path)
                self._notice(*set_up_journal(connection, self.path))
            except BaseException:
                connection.close()
                raise
            self._connection, self._identity = connection, identity
            self._waits = self.timeout
        if not self._keeps_log:  # a backup does from its first change on
            self._keeps_log = files.keeps_log(self.path)
        return self._connection

    def _is_replaced(self) -> bool:
        """Return whether another file has the name, or was copied over the one that was opened.

        That is seen of one that keeps a log: no connection has it keep none any more, and backups
        do not.
        """
        if self._identity is None:
            return False
        if not files.is_same_file(self.path, self._identity):
            return True
        return self._keeps_log and not files.keeps_log(self.path, self._identity)

    def _disconnect(self) -> None:
        if self._connection is not None:
            if self._keeps_log and not files.keeps_log(self.path):
                _kept_open.append(self._connection)
            else:
                self._connection.close()
            self._connection = None
        self._keeps_log = False
        self._is_logged = False
        self._checked_schema = None
        self._has_tables = False
