"""Connections to SQLite files: how they are opened, and which journal keeps their commits.

What the driver raises here is raised as it is; the callers explain it.
"""

import os
import sqlite3
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from invctl.db.search import holds
from invctl.db.sqlite.mounts import hides_more, network_file_system
from invctl.db.sqlite.rights import is_writable
from invctl.errors import ConfigError

MEMORY: Final = ":memory:"

# A None without an adapter is searched for methods that would adapt it each time that it is bound,
# which fails by raising two errors: 4 % of what a loaded year, or one sale in a pipe, takes.
sqlite3.register_adapter(type(None), lambda _: None)

_OLDEST = (3, 37, 0)  # the first with STRICT tables
_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",  # what a file brings calls no function that has an effect
    "PRAGMA cell_size_check = ON",  # damage is met before it spreads
    "PRAGMA mmap_size = 0",  # an I/O error in mapped memory ends the process by a signal
    "PRAGMA cache_size = -8000",  # 8 MB at the most: four times as much gains a load nothing
    "PRAGMA temp_store = MEMORY",  # UPDATE … RETURNING makes a temporary table each time
)


def uri(path: str, parameters: str = "mode=rw") -> str:
    """Return how SQLite is told to open an existing file, whatever its name."""
    return f"file:{quote(os.fsencode(path))}?{parameters}"


def open_connection(path: str, timeout: float, parameters: str = "mode=rw") -> sqlite3.Connection:
    """Open an existing file, or MEMORY, for statements that wait `timeout` seconds for a lock.

    The driver begins no transactions of its own.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        found = sqlite3.sqlite_version
        raise ConfigError("SQLite", f"version {found} is too old", "3.37 or newer is needed")
    # Each thread of a server has its own, which another closes at the end.
    name = path if path == MEMORY else uri(path, parameters)
    connection = sqlite3.connect(
        name, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    connection.create_function("invctl_holds", 4, holds, deterministic=True)
    return connection


def set_up_journal(
    connection: sqlite3.Connection, path: str, *, writing: bool = False
) -> Sequence[str]:
    """WAL with FULL, or where that is unsafe DELETE with EXTRA: neither loses a commit.

    Who only reads leaves a backup, which has no WAL, as it is. Returns what its user should be
    warned of.
    """
    wanted = safe_journal(path)
    journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if journal != wanted and (writing or journal == "wal") and is_writable(path):
        change = connection.execute(f"PRAGMA journal_mode = {wanted}")
        journal = change.fetchone()[0]
    safe = "FULL" if journal == "wal" else "EXTRA"
    connection.execute(f"PRAGMA synchronous = {safe}")
    return network_warnings(path)


def network_warnings(path: str) -> Sequence[str]:
    """Return what the user of a file on a network file system should know."""
    kind = network_file_system(os.path.dirname(path))
    if kind is None:
        return ()
    is_there = "may be" if hides_more(kind) else "is"
    # Who comes to the same folder by another path, as beside a FUSE mount, has other locks.
    may = "only one computer may use it at a time, and by this path alone"
    return (f"{path} {is_there} on a network file system ({kind}): {may}",)


def safe_journal(path: str) -> str:
    """Return the journal mode that is safe where the file is."""
    return "wal" if network_file_system(os.path.dirname(path)) is None else "delete"
