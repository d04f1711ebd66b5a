"""Inventories on each engine for the tests of the services, and a look at their tables.

The look goes through a plain driver connection, so that it does not rest on what is tested.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from engines import SQLITE, on_each_engine
from inventories import Inventory, Rows, copy_inventory, give_back, look, new_schema

from invctl.core.products import create_product
from invctl.core.stock import add_stock
from invctl.core.upkeep.backups import backup_inventory
from invctl.core.upkeep.inventory import create_inventory
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.errors import InventoryError
from invctl.models.attempts import Attempt
from invctl.repository import promises
from invctl.settings import read_location
from invctl.values import SKU_RULES

ME = Attempt("tester")
Tables = dict[str, list[tuple[object, ...]]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    on_each_engine(metafunc)


@pytest.fixture
def inventory(engine: str, tmp_path: Path) -> Iterator[Inventory]:
    """The file or the schema of the test's inventory."""
    made: Inventory = tmp_path / "inventory.db" if engine == SQLITE else new_schema()
    yield made
    give_back(made)


@pytest.fixture
def path(inventory: Inventory) -> str:
    """Where the test's inventory is, or will be."""
    return str(inventory)


@pytest.fixture
def open_db(path: str) -> Iterator[Callable[..., Database]]:
    """Open the inventory once more, with the options of `Database`; closed after the test."""
    databases: list[Database] = []

    def open_db(where: str = path, **options: object) -> Database:
        database = open_database(read_location(where, "--db"), **options)  # type: ignore[arg-type]
        databases.append(database)
        return database

    yield open_db
    for database in databases:
        database.close()


@pytest.fixture(scope="session")
def templates(engine: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Inventory]:
    """A new inventory for each rule, to be copied: a copy waits for no disk."""
    folder = tmp_path_factory.mktemp("templates")
    made: dict[str, Inventory] = {
        rule: folder / f"{rule}.db" if engine == SQLITE else new_schema() for rule in SKU_RULES
    }
    for rule, template in made.items():
        where = read_location(str(template), "--db")
        with closing(open_database(where, create=True, sku_rule=rule)) as new:
            create_inventory(new)
    return made


@pytest.fixture
def db(
    templates: dict[str, Inventory], inventory: Inventory, open_db: Callable[..., Database]
) -> Database:
    """A new, empty inventory with the strict rule for SKUs."""
    copy_inventory(templates["strict"], inventory)
    return open_db()


@pytest.fixture
def any_db(
    templates: dict[str, Inventory], inventory: Inventory, open_db: Callable[..., Database]
) -> Database:
    """A new, empty inventory that takes any SKU."""
    copy_inventory(templates["any"], inventory)
    return open_db()


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with five of TEA; most modules have a stall of their own."""
    create_product(db, "TEA", name="Tea", quantity=5, attempt=ME)
    return db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a backup is, or will be: in a folder of its own."""
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "backup.db"


@pytest.fixture
def backup(stall: Database, file: Path) -> Path:
    """A backup of five of TEA, of which there are six by now."""
    backup_inventory(stall, str(file))
    add_stock(stall, "TEA", 1, attempt=ME)
    return file


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make the clock that judges promises say something else."""
    return lambda moment: monkeypatch.setattr(promises, "clock", lambda _session: moment)


@pytest.fixture
def tables(inventory: Inventory) -> Callable[[], Tables]:
    """Read every row of every table, in order of the rows' ids."""
    return look(inventory).tables


@pytest.fixture
def query(inventory: Inventory) -> Callable[..., Rows]:
    """Ask the tables something; parameters are question marks."""
    return look(inventory).query


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
