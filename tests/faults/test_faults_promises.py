"""Crowds that hold, commit, release, sell and count, with leases of milliseconds and kills."""

import os
from collections.abc import Callable
from pathlib import Path

import plant
import pytest
from engines import SQLITE, on_each_engine
from inventories import Inventory, new_schema
from promises import Crowd, judged, let_loose, opened

pytestmark = pytest.mark.faults

PROCESSES = int(os.environ.get("FAULTS_PROCESSES", "6"))
SECONDS = float(os.environ.get("FAULTS_SECONDS", "4"))
KILLED = 3


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    on_each_engine(metafunc)


@pytest.fixture
def inventory(engine: str, tmp_path: Path) -> Inventory:
    return tmp_path / "inventory.db" if engine == SQLITE else new_schema()


@pytest.mark.parametrize("products", [1, 10])
def test_whatever_a_crowd_does_no_unit_is_given_twice_and_no_commit_in_time_is_refused(
    inventory: Inventory,
    products: int,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    opening, last = opened(inventory, products)
    heard = let_loose(inventory, Crowd(PROCESSES, SECONDS, products, KILLED), tmp_path)
    done = sum(event.operation is not None for event in heard.events)
    told = f"{len(heard.events)} calls, {done} done, looked at {heard.moments} times"
    record_property(f"promises on {products} products", told)
    assert judged(inventory, opening, last, heard) == []


@pytest.mark.sqlite("the bugs are planted in what both engines share")
@pytest.mark.parametrize(
    ("edits", "finding"),
    [(plant.HELD_FOR_EVER, "its open holds are of"), (plant.COMMITTED_LATE, "and committed at")],
    ids=["what was held stays held", "a hold that has run out is committed"],
)
def test_the_crowd_finds_the_bugs_that_are_planted_for_it(
    inventory: Inventory, tmp_path: Path, edits: plant.Edits, finding: str
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    plant.plant(code, edits)
    opening, last = opened(inventory, 3)
    heard = let_loose(inventory, Crowd(4, 4, 3, 0), tmp_path, code)
    assert any(finding in one for one in judged(inventory, opening, last, heard))
