"""Which SQLite files are inventories that a statement may meet, and which are refused.

What the driver raises here is raised as it is; the callers explain it.
"""

import sqlite3

from invctl.db import migrations
from invctl.errors import DatabaseDamaged, DatabaseUnusable

_IDENTIFY = "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version"
# The statistics of ANALYZE, and the indexes behind UNIQUE, which have no text, are SQLite's own.
_SCHEMA = """SELECT type, name, sql, rootpage FROM sqlite_schema
    WHERE NOT (name LIKE 'sqlite\\_stat_' ESCAPE '\\' AND type = 'table'
        OR name LIKE 'sqlite\\_autoindex\\_%' ESCAPE '\\' AND sql IS NULL)"""
_STRANGERS = "SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view') LIMIT 1"


def schema_version(connection: sqlite3.Connection, path: str) -> int:
    """Return the schema version of an inventory; raises DatabaseUnusable for any other file."""
    application, version = connection.execute(_IDENTIFY).fetchone()
    if application != migrations.APPLICATION_ID:
        problem = "is an SQLite database, but not an inventory"
        raise DatabaseUnusable(path, problem, "give another path")
    return int(version)


def refuse_others(connection: sqlite3.Connection, path: str) -> None:
    """Raise DatabaseUnusable for a file that is not an inventory of this version."""
    migrations.refuse_other_version(path, schema_version(connection, path))


def refuse_strangers(connection: sqlite3.Connection, path: str) -> None:
    """Raise DatabaseUnusable where the file brings code of its own that a write would run."""
    stranger = connection.execute(_STRANGERS).fetchone()
    if stranger:
        problem = "has a {} {!r} that invctl did not make".format(*stranger)
        raise DatabaseUnusable(path, problem, "look into it before anything is written")


def refuse_other_schema(
    connection: sqlite3.Connection, path: str, *, reading: bool = False
) -> None:
    """Raise DatabaseUnusable where a statement might do something else than invctl means.

    Triggers run code with each write, and so do indexes, CHECKs and other tables' foreign keys;
    views and generated columns do it to a reader. Who is only `reading` needs the tables alone.
    """
    found = connection.execute(_SCHEMA).fetchall()
    made = {(name, " ".join(str(sql).split())) for _, name, sql, _ in found}
    if made - migrations.RETIRED.items() != migrations.MADE.items():
        # Only what differs is worth a database to compare it with, which takes 4 ms to make.
        from invctl.db.sqlite.inspection import differences

        for finding in differences(connection):
            if finding.kind == "schema" or not reading:
                hint = "`invctl db check` tells what it should be"
                problem = f"is damaged, or was changed by others: {finding.message}"
                raise DatabaseDamaged(path, problem, hint)
    if len({page for _, _, _, page in found}) < len(found):
        raise DatabaseDamaged(path, "is damaged: two tables are one", "restore a backup of it")
