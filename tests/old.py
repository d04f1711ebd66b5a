"""Inventories of schema version 1, as that version left them, and what was asked of one by keys."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from inventories import KEYS, Inventory, Schema
from lines import movement_line, product_line
from psycopg.sql import SQL, Identifier

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.products import (
    archive_product,
    create_product,
    delete_product,
    rename_product,
    unarchive_product,
    update_product,
)
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.db.migrations import SERVER_STEPS
from invctl.models.answers import Answer
from invctl.models.attempts import Attempt, Label

_FIXTURES = Path(__file__).parent / "service" / "fixtures"
_TABLES = ("setting", "product", "operation", "movement")
_SALE = Label(reason="sale", ref="1001", note="gift wrapped", at="2026-02-01T10:00:00+01:00")

APPLIED = [
    movement_line(2, "TEA", "-1"),
    movement_line(3, "CUP", action="remove", amount="4", reason="sale", ref="1002"),
    movement_line(4, "TEA", action="set", amount="9"),
]
IMPORTED = [
    product_line(2, "TEA", "Thé", quantity="8"),
    product_line(3, "BAG", "Bag", quantity="5", reorder_point="1", archived="false"),
    product_line(4, "CUP"),
]
ASKED: dict[str, Callable[[Database, Attempt], Answer]] = {
    "create": lambda db, by: create_product(
        db,
        "TEA",
        name="Tea",
        description="Leaves",
        quantity=10,
        reorder_point=4,
        label=Label(at="2026-01-05T08:00:00Z"),
        attempt=by,
    ),
    "update": lambda db, by: update_product(db, "CUP", name="Mug", reorder_point=2, attempt=by),
    "rename": lambda db, by: rename_product(db, "JUG", "EWER", attempt=by),
    "archive": lambda db, by: archive_product(db, "POT", attempt=by),
    "unarchive": lambda db, by: unarchive_product(db, "POT", attempt=by),
    "delete": lambda db, by: delete_product(db, "OLD", attempt=by),
    "add": lambda db, by: add_stock(db, "CUP", 24, label=_SALE, attempt=by),
    "remove": lambda db, by: remove_stock(db, "TEA", 3, label=Label(reason="sale"), attempt=by),
    "up-to": lambda db, by: remove_stock(db, "EWER", 5, up_to=True, attempt=by),
    "all": lambda db, by: remove_stock(db, "POT", 99, up_to=True, attempt=by),
    "set": lambda db, by: set_stock(
        db, "TEA", 6, expect=7, label=Label(note="shelf 2"), attempt=by
    ),
    "set-same": lambda db, by: set_stock(db, "TEA", 6, attempt=by),
    "apply": lambda db, by: apply_movements(db, APPLIED, label=Label(reason="file"), attempt=by),
    "import": lambda db, by: import_products(
        db,
        IMPORTED,
        options=ImportOptions(set_quantity=True),
        label=Label(at="2026-03-01"),
        attempt=by,
    ),
    "undo": lambda db, by: undo_operation(db, 14, label=Label(reason="mistake"), attempt=by),
    "undo-undo": lambda db, by: undo_operation(db, 19, attempt=by),
    "undo-import": lambda db, by: undo_operation(db, 18, attempt=by),
}
"""What was asked of `schema-1-keys.sql`, by the key under which it was done."""

UNDONE = {18, 19, 22, 24, 26}
"""What is not in effect in `schema-1-keys.sql`: of the four undos above 22 every second one."""


def load_old(name: str, where: Inventory | str) -> None:
    """Make an inventory of an SQL dump, on either engine."""
    if isinstance(where, Schema):
        _load_on_a_server(name, where)
    else:
        _load(name, str(where))


def _load(name: str, path: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((_FIXTURES / name).read_text(encoding="utf-8"))


def _load_on_a_server(name: str, schema: Schema) -> None:
    with closing(sqlite3.connect(":memory:")) as file, schema.server.connect("postgres") as other:
        file.executescript((_FIXTURES / name).read_text(encoding="utf-8"))
        other.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema.name)))
        other.execute(SQL("SET search_path TO {}").format(Identifier(schema.name)))
        for statement in SERVER_STEPS[0]:
            other.execute(statement.encode())
        other.execute("UPDATE setting SET value = '1' WHERE name = 'schema_version'")
        for table in _TABLES:
            rows: list[tuple[Any, ...]] = file.execute(
                f"SELECT * FROM {table} ORDER BY {KEYS[table]}"  # noqa: S608
            ).fetchall()
            marks = SQL(", ").join([SQL("%s")] * len(rows[0]))
            insert = SQL("INSERT INTO {} VALUES ({})").format(Identifier(table), marks)
            other.cursor().executemany(insert, rows)
        other.commit()
