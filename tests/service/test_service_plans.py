"""How SQLite finds what statements ask for: its plans, which tell what each would read.

They are of an inventory without statistics, as every one of invctl's is.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from invctl.db import migrations
from invctl.db.session import Text
from invctl.db.sqlite import steps
from invctl.db.sqlite.connection import MEMORY, open_connection
from invctl.repository import compiled
from invctl.repository.lists.compiled import TEXTS

INDEXES = [name for name, text in migrations.MADE.items() if not text.startswith("CREATE TABLE")]


@pytest.fixture
def empty() -> Iterator[sqlite3.Connection]:
    """The tables of an inventory, in memory."""
    with closing(open_connection(MEMORY, 0)) as connection:
        steps.create(connection, None)
        yield connection


def plan(connection: sqlite3.Connection, text: Text) -> str:
    """Return how a statement would be answered, a step a line."""
    values = (None,) * len(text.order)
    return "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text[0]}", values))


@pytest.mark.parametrize("index", INDEXES)
def test_each_index_finds_what_some_statement_asks(empty: sqlite3.Connection, index: str) -> None:
    """An index that none reads by costs each write, and nobody misses it."""
    fixed = (one for one in vars(compiled).values() if isinstance(one, Text) and one.sqlite)
    assert any(f" {index}" in plan(empty, one) for one in (*fixed, *TEXTS.values()))
