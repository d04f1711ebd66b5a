"""Every row of one inventory into another, ids included, whichever engines keep the two."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, Table, delete, exists, literal_column, select

from invctl.db.dialects import text_of
from invctl.db.migrations import VERSION
from invctl.db.schema import metadata, setting
from invctl.db.session import Row, Session

TABLES: Sequence[Table] = metadata.sorted_tables
"""The tables in an order in which no row comes before one that it refers to."""
_VERSION: ColumnElement[str] = literal_column(f"'{VERSION}'")


def copy_rows(source: Session, target: Session, tables: Iterable[Table] = TABLES) -> bool:
    """Put all rows of an inventory into one that holds nothing but its settings.

    Returns whether they are there as they are here, read back and compared.
    """
    # It was made with a rule for SKUs, and takes the source's.
    target.run(text_of(delete(setting).where(setting.c.name != _VERSION)))
    return all(_copy_table(source, target, table) for table in tables)


def empty(session: Session) -> None:
    """Delete every row but those that say what the tables are."""
    for table in reversed(TABLES):
        rows = delete(table)
        session.run(text_of(rows.where(table.c.name != _VERSION) if table is setting else rows))


def holds_anything(session: Session) -> bool:
    """Return whether anything was ever done in an inventory."""
    return any(
        session.one(text_of(select(exists().select_from(table)))) == (True,)  # SQLite says 1
        for table in TABLES
        if table is not setting
    )


def _copy_table(source: Session, target: Session, table: Table) -> bool:
    names = [column.name for column in table.columns]
    # By digests: a table may be larger than memory. Chunks are of one size on either side.
    sent, arrived = hashlib.sha256(), hashlib.sha256()
    for rows in _rows(source, table):
        sent.update(repr(rows).encode())
        target.insert(table.name, names, rows)
    for rows in _rows(target, table):
        arrived.update(repr(rows).encode())
    return sent.digest() == arrived.digest()


def _rows(session: Session, table: Table) -> Iterator[Sequence[Row]]:
    """Yield a table's rows in order of their key, a chunk at a time."""
    statement = select(table).order_by(*table.primary_key.columns)
    if table.name == setting.name:
        statement = statement.where(table.c.name != _VERSION)
    return session.rows(text_of(statement))
