"""Many rows at once on a server: COPY, and statements that take their values from a table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count, islice
from typing import Any, cast

from psycopg.sql import SQL, Identifier
from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    insert,
    select,
)
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.sql.dml import Update
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from invctl.db.journal import next_id
from invctl.db.postgresql.session import driver
from invctl.db.schema import product

_PIECE = 1000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    constants: Mapping[str, int],
) -> None:
    """Insert tuples of values; the journal must be this transaction's if it has to number them."""
    always = tuple(constants.values())
    if "id" in names or "id" not in table.c:
        _write(connection, table, (*names, *constants), ((*row, *always) for row in rows))
        return
    ids = count(connection.execute(select(next_id(table.c.id))).scalar_one())
    numbered = ((next(ids), *row, *always) for row in rows)
    _write(connection, table, ("id", *names, *constants), numbered)


def update_rows(
    connection: Connection, statement: Update, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> int:
    """Do what an UPDATE does for each tuple of values in the order of `names`, all at once.

    Its parameters become the columns of a temporary table. Returns how many rows it changed.
    """
    if not _has_copy(connection):
        return connection.execute(
            statement, [dict(zip(names, row, strict=True)) for row in rows]
        ).rowcount
    types = {one.key: one.type for one in iterate(statement) if isinstance(one, BindParameter)}
    with _staged(connection, [Column(name, types[name]) for name in names], rows) as staged:

        def column_of(element: Any, **_: Any) -> ClauseElement | None:
            return staged.c[element.key] if isinstance(element, BindParameter) else None

        from_table = cast(Update, replacement_traverse(statement, {}, column_of))
        return connection.execute(from_table).rowcount


@contextmanager
def listed(connection: Connection, skus: Iterable[str]) -> Iterator[ColumnElement[bool]]:
    """Give the condition that a product has one of these SKUs, however many they are."""
    if not _has_copy(connection):
        yield product.c.sku.in_(list(skus))
        return
    rows = ((sku,) for sku in skus)
    with _staged(connection, [Column("sku", product.c.sku.type)], rows) as table:
        yield product.c.sku.in_(select(table.c.sku))


@contextmanager
def _staged(
    connection: Connection, columns: Sequence[Column[Any]], rows: Iterable[tuple[Any, ...]]
) -> Iterator[Table]:
    """Give a temporary table that holds some rows; it is gone after the block, or a rollback."""
    table = Table("staged", MetaData(), *columns, prefixes=["TEMPORARY"])
    connection.execute(CreateTable(table))
    _write(connection, table, [column.name for column in columns], rows)
    yield table
    connection.execute(DropTable(table))


def _has_copy(connection: Connection) -> bool:
    """Return whether there are COPY and temporary tables: not so on CockroachDB."""
    return connection.dialect.name == "postgresql"


def _write(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Write rows, by COPY in its text format where there is that."""
    if not _has_copy(connection):
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    columns = SQL(", ").join(map(Identifier, names))
    command = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table.name), columns)
    rest = iter(rows)
    with driver(connection).cursor() as cursor, cursor.copy(command) as copy:
        while piece := list(islice(rest, _PIECE)):
            copy.write("".join(["\t".join(map(_cell, row)) + "\n" for row in piece]))


def _cell(value: object) -> str:
    if value is None:
        return "\\N"
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)
