"""Fixtures: shops at various points of their lives, each in a folder of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import Shop, new_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop without an inventory yet; whatever a test does to it, its books must balance."""
    new = new_shop(tmp_path)
    yield new
    if new.db.exists():
        new.check_books()


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inventory of `stocked`, made once by the command itself."""
    first = new_shop(tmp_path_factory.mktemp("opened"))
    for line in (
        ("A-1", "--name", "Widget", "--quantity", "10"),
        ("B-1", "--name", "Gadget", "--reorder-point", "5"),
    ):
        made = first.run("product", "create", *line)
        assert made.code == 0, made.stderr
    assert not Path(f"{first.db}-wal").exists()
    return first.db


@pytest.fixture
def stocked(shop: Shop, opened: Path) -> Shop:
    """A shop with ten of A-1, Widget (operation 1, movement 1) and no B-1, Gadget, low at 5."""
    shutil.copy(opened, shop.db)
    return shop


@pytest.fixture
def tolerant(shop: Shop) -> Shop:
    """A shop with an empty inventory whose SKU rule is `any`."""
    made = shop.run("init", "--sku-rule", "any")
    assert made.code == 0, made.stderr
    return shop
