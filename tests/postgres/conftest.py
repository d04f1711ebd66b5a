"""All here is on a server: the shops' inventories are schemas on this run's one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from engines import POSTGRESQL
from inventories import Schema, new_schema
from server import Server, new_folder

from invctl.core.products import create_product
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.models.attempts import Attempt
from invctl.settings import read_location

# They cut and hold sessions at every request, which takes its time.
_BY_OPTION = ("test_postgres_cuts.py", "test_postgres_order.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.server)
            if item.path.name in _BY_OPTION:
                item.add_marker(pytest.mark.sweep)


@pytest.fixture(scope="session")
def engine() -> str:
    return POSTGRESQL


@pytest.fixture
def schema() -> Iterator[Schema]:
    """A schema that nobody has used; its books must balance in the end."""
    new = new_schema()
    yield new
    if new.exists():
        new.check()


@pytest.fixture
def open_db(schema: Schema) -> Iterator[Callable[..., Database]]:
    """Open the inventory in the schema, with the options of `Database`; closed after the test."""
    with ExitStack() as databases:

        def open_db(where: str = schema.url, **options: object) -> Database:
            database = open_database(read_location(where, "--db"), **options)  # type: ignore[arg-type]
            databases.callback(database.close)
            return database

        yield open_db


@pytest.fixture
def stall(open_db: Callable[..., Database]) -> Database:
    """An inventory with a hundred of each of A, B and C."""
    db = open_db(create=True, timeout=30)
    for sku in ("A", "B", "C"):
        create_product(db, sku, name=sku.lower(), quantity=100, attempt=Attempt("tester"))
    return db


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server that a module may stop and kill, and that does sync what it commits."""
    server = Server(new_folder())
    server.create({"fsync": "on", "full_page_writes": "on"})
    server.start()
    yield server
    server.stop("immediate")
