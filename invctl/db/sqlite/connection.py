"""Connections to SQLite files: how they are opened, and which files are refused.

What the driver raises here is raised as it is; the callers explain it.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final, cast
from urllib.parse import quote

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from invctl.db import migrations
from invctl.db.search import holds
from invctl.db.sqlite import files
from invctl.errors import ConfigError, DatabaseUnusable

MEMORY: Final = ":memory:"

_OLDEST = (3, 37, 0)  # the first with STRICT tables
_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
    "PRAGMA cache_size = -8000",  # 8 MB at the most: four times as much gains a load nothing
    "PRAGMA temp_store = MEMORY",  # UPDATE … RETURNING makes a temporary table each time
)
_IDENTIFY = "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version"
# The statistics of ANALYZE, and the indexes behind UNIQUE, which have no text, are SQLite's own.
_SCHEMA = """SELECT type, name, sql, rootpage FROM sqlite_schema
    WHERE NOT (name LIKE 'sqlite\\_stat_' ESCAPE '\\' AND type = 'table'
        OR name LIKE 'sqlite\\_autoindex\\_%' ESCAPE '\\' AND sql IS NULL)"""
_STRANGERS = "SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view') LIMIT 1"


def driver(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection."""
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def uri(path: str, mode: str = "rw") -> str:
    """Return how SQLite is told to open an existing file, whatever its name."""
    return f"file:{quote(files.encoded(path))}?mode={mode}"


def open_connection(path: str, timeout: float, mode: str = "rw") -> Connection:
    """Open an existing file, or MEMORY, for statements that wait `timeout` seconds for a lock.

    The driver begins no transactions of its own.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        found = sqlite3.sqlite_version
        raise ConfigError("SQLite", f"version {found} is too old", "3.37 or newer is needed")
    name = path if path == MEMORY else uri(path, mode)

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            name, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False
        )

    connection = create_engine("sqlite://", creator=connect, poolclass=NullPool).connect()
    raw = driver(connection)
    try:
        for pragma in _PRAGMAS:
            raw.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    raw.create_function("invctl_holds", 4, holds, deterministic=True)
    return connection


def schema_version(connection: Connection, path: str) -> int:
    """Return the schema version of an inventory; raises DatabaseUnusable for any other file."""
    application, version = driver(connection).execute(_IDENTIFY).fetchone()
    if application != migrations.APPLICATION_ID:
        problem = "is an SQLite database, but not an inventory"
        raise DatabaseUnusable(path, problem, "give another path")
    return int(version)


def refuse_others(connection: Connection, path: str) -> None:
    """Raise DatabaseUnusable for a file that is not an inventory of this version."""
    migrations.refuse_other_version(path, schema_version(connection, path))


def refuse_strangers(connection: Connection, path: str) -> None:
    """Raise DatabaseUnusable where the file brings code of its own that a write would run."""
    stranger = driver(connection).execute(_STRANGERS).fetchone()
    if stranger:
        problem = "has a {} {!r} that invctl did not make".format(*stranger)
        raise DatabaseUnusable(path, problem, "look into it before anything is written")


def refuse_other_schema(connection: Connection, path: str, *, reading: bool = False) -> None:
    """Raise DatabaseUnusable where a statement might do something else than invctl means.

    Triggers run code with each write, and so do indexes, CHECKs and other tables' foreign keys;
    views and generated columns do it to a reader. Who is only `reading` needs the tables alone.
    """
    found = driver(connection).execute(_SCHEMA).fetchall()
    if {name: " ".join(str(sql).split()) for _, name, sql, _ in found} != migrations.MADE:
        from invctl.db.sqlite.inspection import differences

        for finding in differences(driver(connection)):
            if finding.kind == "schema" or not reading:
                hint = "`invctl db check` tells what it should be"
                problem = f"is damaged, or was changed by others: {finding.message}"
                raise DatabaseUnusable(path, problem, hint)
    if len({page for _, _, _, page in found}) < len(found):
        raise DatabaseUnusable(path, "is damaged: two tables are one", "restore a backup of it")


def set_up_journal(connection: Connection, path: str, *, writing: bool = False) -> Sequence[str]:
    """WAL with FULL, or where that is unsafe DELETE with EXTRA: neither loses a commit.

    Who only reads leaves a backup, which has no WAL, as it is. Returns what its user should be
    warned of.
    """
    wanted = safe_journal(path)
    journal = driver(connection).execute("PRAGMA journal_mode").fetchone()[0]
    if journal != wanted and (writing or journal == "wal") and files.is_writable(path):
        change = driver(connection).execute(f"PRAGMA journal_mode = {wanted}")
        journal = change.fetchone()[0]
    safe = "FULL" if journal == "wal" else "EXTRA"
    driver(connection).execute(f"PRAGMA synchronous = {safe}")
    return network_warnings(path)


def network_warnings(path: str) -> Sequence[str]:
    """Return what the user of a file on a network file system should know."""
    if safe_journal(path) == "wal":
        return ()
    return (f"{path} is on a network file system: only one computer may use it at a time",)


def safe_journal(path: str) -> str:
    """Return the journal mode that is safe where the file is."""
    return "delete" if files.is_on_network(files.folder(path)) else "wal"
