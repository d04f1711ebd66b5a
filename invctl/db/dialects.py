"""Statements of SQLAlchemy Core as text for the drivers, which run them. Nothing here runs one.

Loaded where texts are compiled ahead, and for a list that is asked something rare: Core takes
longer to import than a sale does.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import CompilerElement

from invctl.db.session import Text


@cache
def sqlite() -> Dialect:
    """Return SQLite's dialect, in which a parameter is `?`."""
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

    return SQLiteDialect_pysqlite(paramstyle="qmark")


@cache
def server() -> Dialect:
    """Return PostgreSQL's dialect, in which a parameter is `%(name)s`."""
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    dialect: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
    return dialect


class EachEngine(NamedTuple):
    """A statement that is another one on a server; None where an engine never runs it."""

    sqlite: CompilerElement | None
    server: CompilerElement


def text_of(statement: CompilerElement | EachEngine) -> Text:
    """Return the texts of a statement; all its values are parameters."""
    if isinstance(statement, EachEngine):
        on_file, on_server = statement
    else:
        on_file = on_server = statement
    of_server, _ = _compiled(on_server, server())
    of_file, order = _compiled(on_file, sqlite())
    # Columns are TEXT, and a server's own operators take that as it is: where it had to be made of
    # VARCHAR, an operator that somebody else has put beside the tables could fit better.
    return Text(of_file, of_server.replace("::VARCHAR", "::TEXT"), order)


def _compiled(statement: CompilerElement | None, dialect: Dialect) -> tuple[str, Sequence[str]]:
    """Return a statement in one line, with no value that it would bring itself.

    With it the names of its parameters in their order, where they are known by that.
    """
    if statement is None:
        return "", ()
    made = statement.compile(dialect=dialect)
    assert isinstance(made, SQLCompiler), "a statement, not DDL"
    known = {name: value for name, value in made.params.items() if value is not None}
    assert not known, f"{known} would be lost from {made}"
    return " ".join(str(made).split()), tuple(made.positiontup or ())
