"""Fixtures: shops at various points of their lives, each in a folder of its own, on any engine."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import hypothesis
import pytest
import server
from inventories import copy_inventory, give_back, new_schema
from shop import Shop, new_shop

# No test is timed: how long an example takes says nothing but what else the machine has to do.
# What decides whether a change lands tries the same examples each time; others are tried by hand.
hypothesis.settings.register_profile("tried", deadline=None)
hypothesis.settings.register_profile("decided", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("decided" if "CI" in os.environ else "tried")


_MEMORY = "/dev/shm"  # noqa: S108
_ENOUGH = 4 << 30
_ENDING: dict[signal.Signals, Any] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGHUP: signal.SIG_DFL,
}
"""What signals do to a process by themselves."""


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        server.announce()
        if "not faults" in config.option.markexpr:
            _wait_for_no_disk()


def _wait_for_no_disk() -> None:
    """Have the tests' folders in memory, if there is room: the plain run commits 10,000 times."""
    with suppress(OSError):
        room = os.statvfs(_MEMORY)
        if room.f_bavail * room.f_frsize > _ENOUGH:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _MEMORY)


def pytest_collection_finish() -> None:
    # Seven thousand tests stay to the end: each look for garbage among them takes half a second.
    gc.set_threshold(100_000)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        server.end()


@pytest.fixture(scope="session", autouse=True)
def _data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Another folder than the tester's: what a restore on a server keeps goes to the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """A shell may have this runner ignore SIGINT or SIGHUP, which its children would inherit."""
    before = {number: signal.signal(number, how) for number, how in _ENDING.items()}
    yield
    for number, how in before.items():
        signal.signal(number, how)


@pytest.fixture(scope="session")
def engine() -> str:
    """The engine of the inventories in a test; in some folders there are tests for each."""
    return "sqlite"


@pytest.fixture(scope="module")
def make_shop(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Shop]:
    """Make a shop without an inventory; for modules whose tests share one and only read."""

    def make_shop(name: str) -> Shop:
        root = tmp_path_factory.mktemp(name)
        return new_shop(root, None if engine == "sqlite" else cast("Path", new_schema()))

    return make_shop


@pytest.fixture
def shop(engine: str, tmp_path: Path) -> Iterator[Shop]:
    """A shop without an inventory yet; whatever a test does to it, its books must balance."""
    new = new_shop(tmp_path, None if engine == "sqlite" else cast("Path", new_schema()))
    yield new
    if new.db.exists():
        new.check_books()
        give_back(new.db)


@pytest.fixture(scope="session")
def templates() -> dict[str, Path]:
    """The inventory of `stocked` by engine, each made once by the command itself."""
    return {}


@pytest.fixture(scope="module")
def opened(engine: str, make_shop: Callable[[str], Shop], templates: dict[str, Path]) -> Path:
    """The inventory of `stocked` on the test's engine."""
    if engine not in templates:
        first = make_shop("opened")
        for line in (
            ("A-1", "--name", "Widget", "--quantity", "10"),
            ("B-1", "--name", "Gadget", "--reorder-point", "5"),
        ):
            made = first.run("product", "create", *line)
            assert made.code == 0, made.stderr
        assert not Path(f"{first.db}-wal").exists()
        templates[engine] = first.db
    return templates[engine]


@pytest.fixture
def stocked(shop: Shop, opened: Path) -> Shop:
    """A shop with ten of A-1, Widget (operation 1, movement 1) and no B-1, Gadget, low at 5."""
    copy_inventory(opened, shop.db)
    return shop


@pytest.fixture
def tolerant(shop: Shop) -> Shop:
    """A shop with an empty inventory whose SKU rule is `any`."""
    made = shop.run("init", "--sku-rule", "any")
    assert made.code == 0, made.stderr
    return shop
