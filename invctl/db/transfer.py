"""Every row of one inventory into another, ids included, whichever engines keep the two."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from invctl.db.journal import TURN
from invctl.db.prepared import CHUNK, STREAMED, insert_rows
from invctl.db.schema import metadata, setting

TABLES: Sequence[Table] = metadata.sorted_tables
"""The tables in an order in which no row comes before one that it refers to."""


def copy_rows(source: Connection, target: Connection, tables: Iterable[Table] = TABLES) -> bool:
    """Put all rows of an inventory into one that holds nothing but its settings.

    Returns whether they are there as they are here, read back and compared.
    """
    target.execute(delete(setting).where(setting.c.name != TURN))
    return all(_copy_table(source, target, table) for table in tables)


def empty(connection: Connection) -> None:
    """Delete every row but those that say what the tables are."""
    for table in reversed(TABLES):
        kept = setting.c.name == TURN
        connection.execute(delete(table).where(~kept) if table is setting else delete(table))


def holds_anything(connection: Connection) -> bool:
    """Return whether anything was ever done in an inventory."""
    return any(
        connection.execute(select(table.c.id).limit(1)).first() is not None
        for table in TABLES
        if table is not setting
    )


def _copy_table(source: Connection, target: Connection, table: Table) -> bool:
    names = [column.name for column in table.columns]
    sent = hashlib.sha256()
    for rows in _rows(source, table):
        sent.update(repr(rows).encode())
        insert_rows(target, table, names, rows)
    arrived = hashlib.sha256()
    for rows in _rows(target, table):
        arrived.update(repr(rows).encode())
    return sent.digest() == arrived.digest()


def _rows(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """Yield a table's rows in order of their key, a chunk at a time."""
    statement = select(table).order_by(*table.primary_key.columns)
    if table.name == setting.name:
        statement = statement.where(table.c.name != TURN)
    result = connection.execute(statement, execution_options=STREAMED)
    for rows in result.partitions(CHUNK):
        yield [tuple(row) for row in rows]
