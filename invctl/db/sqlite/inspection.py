"""What only SQLite can check of an inventory: its pages, its references, its schema.

What the driver raises here is raised as it is; the callers explain it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from invctl.db import migrations
from invctl.db.forgeries import MOST, NO_ANSWER, forgeries
from invctl.db.sqlite import steps
from invctl.db.sqlite.connection import MEMORY, open_connection
from invctl.models.reports import Finding

# Tables come before their indexes, which are missing with them.
_SCHEMA = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type DESC, name"
# Only of tables that are as they must be: to others the pragma itself may fail.
_ORPHANS = """
    SELECT "table", rowid, parent FROM pragma_foreign_key_check(:table) LIMIT :most
"""

_TIME = "GLOB '{0}{0}{0}{0}-{0}{0}-{0}{0}T{0}{0}:{0}{0}:{0}{0}.{0}{0}{0}Z'".format("[0-9]")
_FORGERIES = (
    *forgeries(_TIME),
    (
        NO_ANSWER,
        "operation",
        """CASE WHEN result IS NULL THEN 0 WHEN NOT json_valid(result) THEN 1
            ELSE json_extract(result, '$.operation') IS NOT id END""",
    ),
)

Schema = dict[tuple[str, str], str]
"""The type and name of each thing in a database, and the statement that made it."""


def inspect(raw: sqlite3.Connection) -> Iterator[Finding]:
    """Yield what is wrong with a file that has been recognised as an inventory."""
    different = list(differences(raw))
    yield from different
    yield from _damage(raw)
    if not any(finding.kind == "schema" for finding in different):
        yield from _orphans(raw)
        yield from _forgeries(raw)


def differences(raw: sqlite3.Connection) -> Iterator[Finding]:
    """Yield how a file's schema is not the one of this version."""
    return _differences(_read_schema(raw), expected_schema())


def expected_schema() -> Schema:
    """Return what a database of this version is made of."""
    with closing(open_connection(MEMORY, 0)) as fresh:
        steps.create(fresh, None)
        return _read_schema(fresh)


def _read_schema(raw: sqlite3.Connection) -> Schema:
    return {(kind, name): " ".join(sql.split()) for kind, name, sql in raw.execute(_SCHEMA)}


def _differences(found: Schema, expected: Schema) -> Iterator[Finding]:
    for (kind, name), sql in expected.items():
        sort = "schema" if kind == "table" else "index"
        there = found.get((kind, name))
        if there is None:
            yield Finding(sort, None, f"the {kind} {name} is missing", sql or None)
        elif there != sql:
            yield Finding(sort, None, f"the {kind} {name} is another one", sql, there)
    for kind, name in sorted(found.keys() - expected.keys()):
        is_retired = migrations.RETIRED.get(name) == found[kind, name]
        if not (is_retired or name.startswith("sqlite_")):  # the statistics of ANALYZE
            article = "an" if kind == "index" else "a"
            message = f"there is {article} {kind} {name!r} that invctl did not make"
            yield Finding("stranger", None, message, None, found[kind, name] or None)


def _damage(raw: sqlite3.Connection) -> Iterator[Finding]:
    """Yield what SQLite finds, which with its CHECKs and NOT NULLs is more than pages."""
    encoding = raw.execute("PRAGMA encoding").fetchone()[0]
    if encoding != "UTF-8":
        yield Finding("integrity", None, "texts are not in UTF-8", "UTF-8", encoding)
    for (report,) in raw.execute(f"PRAGMA integrity_check({MOST})"):
        for line in str(report).splitlines():
            if line != "ok" and not line.startswith("*** in "):
                yield Finding("integrity", None, line)


def _forgeries(raw: sqlite3.Connection) -> Iterator[Finding]:
    for problem, table, condition in _FORGERIES:
        rows = f"SELECT id FROM {table} WHERE {condition} LIMIT {MOST}"  # noqa: S608 (ours)
        for (row,) in raw.execute(rows):
            yield Finding("value", None, f"{table} {row}: {problem}")


def _orphans(raw: sqlite3.Connection) -> Iterator[Finding]:
    for name in migrations.TABLES:
        for table, row, parent in raw.execute(_ORPHANS, {"table": name, "most": MOST}):
            yield Finding("foreign_key", None, f"{table} {row} belongs to no {parent}")
