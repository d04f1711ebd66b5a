"""Bringing an SQLite file of an older schema version to the present one."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from invctl.db import migrations
from invctl.db.database import Migration
from invctl.db.session import Session
from invctl.db.sqlite import files, steps
from invctl.db.sqlite.connection import open_connection, set_up_journal
from invctl.db.sqlite.copies import keep
from invctl.db.sqlite.faults import meaning_at_commit
from invctl.db.sqlite.gate import Gate
from invctl.db.sqlite.reading import looking
from invctl.db.sqlite.recognising import refuse_strangers, schema_version
from invctl.db.sqlite.rights import refuse_read_only
from invctl.db.sqlite.session import SQLiteSession
from invctl.errors import DatabaseUnusable

_REFERENCES = """
    SELECT child.name, parent."table", parent."from", coalesce(parent."to", 'id')
    FROM sqlite_schema AS child, pragma_foreign_key_list(child.name) AS parent
    WHERE child.type = 'table'
"""


def known_version(connection: sqlite3.Connection, path: str, *, any_version: bool = False) -> int:
    """Return the schema version of an inventory, which has been there.

    Raises DatabaseUnusable for what is none, and for a newer one unless `any_version` will do.
    """
    version = schema_version(connection, path)
    if version > migrations.SCHEMA_VERSION and not any_version:
        migrations.refuse_other_version(path, version)
    if version < 1 and not any_version:
        raise DatabaseUnusable(path, f"has no schema version {version}", "restore a backup of it")
    return version


def migrate_file(
    path: str, gate: Gate, timeout: float, look: Callable[[Session], None], *, dry_run: bool
) -> Migration:
    """Bring a file to the present schema, behind the gate, and keep a copy of it.

    Where there is nothing to do, or nothing may be done, no lock is left beside it.
    """
    if (there := _version(path, timeout)) == migrations.SCHEMA_VERSION:
        return Migration(there, None)
    refuse_read_only(path)
    files.refuse_second_name(path)
    with gate.passed(timeout) as seconds:
        before = _version(path, seconds)  # again: another may have been here meanwhile
        if before == migrations.SCHEMA_VERSION:
            return Migration(before, None)
        with closing(open_connection(path, seconds)) as connection:
            set_up_journal(connection, path, writing=True)
            kept = None if dry_run else keep(connection, path, "migrate", seconds)
            migrate(connection, path, look, dry_run=dry_run)
    return Migration(before, kept)


def _version(path: str, seconds: float) -> int:
    with looking(path, seconds) as there:
        return known_version(there.connection, path)


def migrate(
    connection: sqlite3.Connection,
    path: str,
    look: Callable[[Session], None] = lambda _: None,
    *,
    dry_run: bool = False,
) -> None:
    """Take the steps that a file lacks, all of them or none; `look` sees what that made of it."""
    connection.execute("PRAGMA foreign_keys = OFF")  # inside a transaction it is passed over
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = known_version(connection, path)  # again: another may have been here meanwhile
        if version < migrations.SCHEMA_VERSION:
            refuse_strangers(connection, path)
            _refuse_orphans(connection, path)
            steps.take(connection, version)
        look(SQLiteSession(connection))
        if not dry_run:
            _commit(connection, path)
    finally:
        if connection.in_transaction:
            connection.rollback()
    connection.execute("PRAGMA foreign_keys = ON")


def _commit(connection: sqlite3.Connection, path: str) -> None:
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise meaning_at_commit(path, 0, error) from error


def _refuse_orphans(raw: sqlite3.Connection, path: str) -> None:
    """Raise DatabaseUnusable for a file in which references are broken.

    `PRAGMA foreign_key_check` looks up what each row refers to, all over the file: of two million
    movements that takes six seconds. Once for each that is referred to, in its order, it is one.
    """
    for table, parent, column, key in raw.execute(_REFERENCES).fetchall():
        lost = raw.execute(
            f"""SELECT 1 FROM (SELECT DISTINCT {column} AS one FROM {table})
            WHERE one IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {parent} WHERE {key} = one)
            LIMIT 1"""  # noqa: S608 (names of an inventory's own tables)
        )
        if lost.fetchone() is not None:
            problem = "has rows that belong to nothing, and cannot be migrated"
            raise DatabaseUnusable(path, problem, "restore a backup of it")
