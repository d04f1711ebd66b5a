"""Inventories in real files for the tests of the services, and a look at their tables.

The look goes through a plain driver connection, so that it does not rest on what is tested.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from invctl.core.inventory import create_inventory
from invctl.db.engine import Database, open_database
from invctl.errors import InventoryError
from invctl.settings import Location
from invctl.values import SKU_RULES

Tables = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Where the test's inventory is, or will be."""
    return str(tmp_path / "inventory.db")


@pytest.fixture
def open_db(path: str) -> Iterator[Callable[..., Database]]:
    """Open the inventory once more, with the options of `Database`; closed after the test."""
    databases: list[Database] = []

    def open_db(where: str = path, **options: object) -> Database:
        database = open_database(Location(where, "--db"), **options)  # type: ignore[arg-type]
        databases.append(database)
        return database

    yield open_db
    for database in databases:
        database.close()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A new inventory for each rule, to be copied: a copy waits for no disk."""
    folder = tmp_path_factory.mktemp("templates")
    made = {rule: folder / f"{rule}.db" for rule in SKU_RULES}
    for rule, path in made.items():
        with closing(open_database(Location(str(path), "--db"), create=True, sku_rule=rule)) as new:
            create_inventory(new)
    return made


@pytest.fixture
def db(templates: dict[str, Path], path: str, open_db: Callable[..., Database]) -> Database:
    """A new, empty inventory with the strict rule for SKUs."""
    shutil.copy(templates["strict"], path)
    return open_db()


@pytest.fixture
def any_db(templates: dict[str, Path], path: str, open_db: Callable[..., Database]) -> Database:
    """A new, empty inventory that takes any SKU."""
    shutil.copy(templates["any"], path)
    return open_db()


@pytest.fixture
def tables(path: str) -> Callable[[], Tables]:
    """Read every row of every table, in order of the rows' ids."""

    def tables() -> Tables:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            return {
                name: connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall()  # noqa: S608
                for (name,) in names.fetchall()
            }

    return tables


@pytest.fixture
def refused(tables: Callable[[], Tables]) -> Callable[[Callable[[], object]], InventoryError]:
    """Make a call that must be refused, see that no row has changed, and return the error."""

    def refused(call: Callable[[], object]) -> InventoryError:
        before = tables()
        with pytest.raises(InventoryError) as caught:
            call()
        assert tables() == before
        return caught.value

    return refused
