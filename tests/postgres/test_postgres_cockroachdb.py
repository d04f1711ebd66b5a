"""Every statement of the project can be said in CockroachDB's dialect. No cluster is asked.

The dialect wants SQLAlchemy 2.0, so it is not among what the other tests are installed with.
"""

import pkgutil
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import ClauseElement, Engine, create_engine, event
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.base import Executable

import invctl.core
import invctl.db
import invctl.db.postgresql
from invctl.core.apply import apply_movements
from invctl.core.catalog import get_product, list_products
from invctl.core.imports import import_products
from invctl.core.inventory import inventory_info
from invctl.core.ledger import Filter, stock_history, stock_log
from invctl.core.products import archive_product, create_product, delete_product, rename_product
from invctl.core.stock import add_stock, set_stock
from invctl.core.undo import undo_operation
from invctl.db.database import Database
from invctl.db.migrations import SERVER_STEPS, migrate
from invctl.db.opening import open_database
from invctl.db.prepared import Prepared
from invctl.db.schema import metadata
from invctl.models import PRODUCT_SORTS, Attempt
from invctl.settings import Location

pytest.importorskip("sqlalchemy_cockroachdb", reason="its dialect wants SQLAlchemy 2.0")

KEYED = Attempt("tester", "key")
ME = Attempt("tester")
THEIRS = ("json_each", "invctl_", "PRAGMA", "sqlite")
"""What only SQLite would understand."""


def modules() -> Iterator[ModuleType]:
    for package in (invctl.core, invctl.db, invctl.db.postgresql):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if not found.ispkg:
                yield import_module(found.name)


def written() -> dict[str, tuple[ClauseElement, list[str]]]:
    """Return the statements that modules hold, by their names, with the columns that they set."""
    found: dict[str, tuple[ClauseElement, list[str]]] = {}
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, Prepared):
                found[f"{module.__name__}.{name}"] = (value._statement, value._names)
            elif isinstance(value, ClauseElement) and isinstance(value, Executable):
                found[f"{module.__name__}.{name}"] = (value, [])
    return found


def compiled(statement: ClauseElement, names: list[str]) -> str:
    engine = create_engine("cockroachdb+psycopg://", creator=lambda: None)
    keys: Any = {"column_keys": names} if names else {}
    return str(statement.compile(dialect=engine.dialect, **keys))


WRITTEN = written()


@pytest.mark.parametrize(("statement", "names"), WRITTEN.values(), ids=WRITTEN)
def test_a_statement_can_be_said(statement: ClauseElement, names: list[str]) -> None:
    said = compiled(statement, names)
    assert said
    assert not any(word in said for word in THEIRS)
    assert "VALUES (NULL" not in said  # what stands for an id where SQLite gives it


def test_the_statements_were_found() -> None:
    names = {name.rpartition(".")[2] for name in WRITTEN}
    assert {"_GUARDED", "_JOURNAL", "_BEGIN", "_TAKE_TURN", "_LOAD", "_SETTLE"} <= names
    assert len(WRITTEN) > 20


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_a_table_can_be_said(table: Any) -> None:
    assert compiled(CreateTable(table), [])
    assert all(compiled(CreateIndex(index), []) for index in table.indexes)


def test_its_tables_are_made_without_a_collation_that_no_column_of_its_may_have() -> None:
    said: list[str] = []
    dialect = create_engine("cockroachdb+psycopg://", creator=lambda: None).dialect
    connection: Any = SimpleNamespace(
        dialect=dialect, exec_driver_sql=said.append, execute=lambda *_: None
    )
    migrate(connection, 0)
    assert len(said) == sum(map(len, SERVER_STEPS))
    assert not any("COLLATE" in statement for statement in said)


def use(db: Database) -> None:
    """Do with an inventory what one can do."""
    create_product(db, "A", name="a", quantity=5, reorder_point=9, attempt=KEYED)
    create_product(db, "B", name="b", attempt=ME)
    rename_product(db, "B", "C", attempt=ME)
    delete_product(db, "C", attempt=ME)
    rows = [(2, ("A", "x", "", "7", "", "")), (3, ("N", "n", "", "1", "", ""))]
    import_products(db, rows, set_quantity=True, attempt=ME)
    apply_movements(db, [(2, ("A", "-1", *[""] * 6))], attempt=ME)
    undo_operation(db, add_stock(db, "A", 1, attempt=ME).operation, attempt=ME)
    set_stock(db, "A", 3, expect=6, attempt=ME) if get_product(db, "A").quantity == 6 else None
    archive_product(db, "N", attempt=ME)
    only = Filter(since="2020", until="2030", reason="r", ref="f")
    for sort in PRODUCT_SORTS:
        for reverse in (False, True):
            list(list_products(db, sort=sort, reverse=reverse, low=True, limit=99, as_of="2030"))
    list(list_products(db, archived=None))
    list(stock_log(db, only, since_id=1, limit=5, reverse=True))
    list(stock_history(db, "A", only))
    get_product(db, "A", as_of="2030")
    inventory_info(db)


def test_what_is_put_together_on_the_way_can_be_said(tmp_path: Path) -> None:
    said: list[ClauseElement] = []

    def listen(_connection: Any, statement: Any, *_: Any) -> None:
        if isinstance(statement, ClauseElement):
            said.append(statement)

    event.listen(Engine, "before_execute", listen)
    try:
        where = Location(str(tmp_path / "shop.db"), "--db")
        with closing(open_database(where, create=True)) as db:
            use(db)
    finally:
        event.remove(Engine, "before_execute", listen)
    texts = {compiled(statement, []) for statement in said}
    assert len(texts) > 30
    assert [text for text in texts if any(word in text for word in THEIRS)] == []
