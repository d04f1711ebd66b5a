"""The ids of the journal's rows, in order of commitment, and whose turn it is to give them.

An SQLite transaction has every turn that it wants, being alone, and SQLite numbers the rows. On
a server, transactions run side by side: whoever has changed its products and comes to the journal
holds it until it has committed (`locks.take_turn`), so that ids run without gaps in the order in
which others get to see them.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    column,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.ext.compiler import compiles

TURN = "schema_version"
"""The row of `setting` that is locked by whoever writes the journal. SQLite has none."""


class NextId(ColumnElement[int]):
    """The id after the greatest one of a table, for a row of the one whose turn it is."""

    inherit_cache = False

    def __init__(self, table: str) -> None:
        self.table = table


@compiles(NextId)
def _greatest_plus_one(element: NextId, compiler: Any, **_: Any) -> str:
    rows = table(element.table, column("id"))
    return str(compiler.process(select(next_id(rows.c.id)).scalar_subquery()))


@compiles(NextId, "sqlite")
def _next_rowid(_element: NextId, _compiler: Any, **_: Any) -> str:
    return "NULL"  # SQLite's own word for just that


def next_id(ids: ColumnElement[int]) -> ColumnElement[int]:
    """Return the id after the greatest of `ids`."""
    zero, one = (literal_column(number, ids.type) for number in "01")
    return func.coalesce(func.max(ids), zero) + one
