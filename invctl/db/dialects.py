"""Statements of SQLAlchemy Core as text for the drivers, which run them. Nothing here runs one.

Loaded where texts are compiled ahead, and for a list that is asked something rare: Core takes
longer to import than a sale does.
"""

from functools import cache
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.sql.elements import CompilerElement


@cache
def sqlite() -> Dialect:
    """Return SQLite's dialect, in which a parameter is `:name`."""
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

    return SQLiteDialect_pysqlite(paramstyle="named")


@cache
def server() -> Dialect:
    """Return PostgreSQL's dialect, in which a parameter is `%(name)s`."""
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    dialect: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
    return dialect


def compiled(statement: CompilerElement, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """Return the text of a statement in a dialect, and the values that it holds by itself."""
    made = statement.compile(dialect=dialect)
    known = {name: value for name, value in made.params.items() if value is not None}
    return str(made), known
