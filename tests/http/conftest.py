"""The application that serves an inventory, on each engine, asked without a socket."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from asking import MakeApp, asking
from engines import SQLITE, on_each_engine
from fastapi import FastAPI
from inventories import Inventory, Rows, look, new_schema

from invctl.core.upkeep.inventory import create_inventory
from invctl.db.opening import open_database
from invctl.http.app import create_app
from invctl.settings import read_location


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    on_each_engine(metafunc)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def inventory(engine: str, tmp_path: Path) -> Iterator[Inventory]:
    """A new inventory that takes any SKU; whatever a test does to it, its books must balance."""
    made: Inventory = tmp_path / "inventory.db" if engine == SQLITE else new_schema()
    where = read_location(str(made), "--db")
    with closing(open_database(where, create=True, sku_rule="any")) as new:
        create_inventory(new)
    yield made
    look(made).check()


@pytest.fixture
def query(inventory: Inventory) -> Callable[..., Rows]:
    """Ask the tables something; parameters are question marks."""
    return look(inventory).query


@pytest.fixture
def make_app(inventory: Inventory) -> Iterator[MakeApp]:
    """Make an application with the options of `create_app`; it is closed after the test."""
    made: list[FastAPI] = []

    def make_app(**options: object) -> FastAPI:
        given = {"actor": "anna", **options}
        made.append(create_app(read_location(str(inventory), "--db"), **given))  # type: ignore[arg-type]
        return made[-1]

    yield make_app
    for app in made:
        app.state.served.close()


@pytest.fixture
def client(make_app: MakeApp) -> httpx.AsyncClient:
    """Ask an application without a socket."""
    return asking(make_app())
