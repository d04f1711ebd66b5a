"""The inventory as a whole: made once, with its rule for SKUs, by the first write that may."""

from collections.abc import Callable
from pathlib import Path

import pytest
from inventories import Inventory
from lines import product_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product, list_products
from invctl.core.ledger import stock_log
from invctl.core.products import archive_product, create_product
from invctl.core.stock import add_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.inventory import create_inventory, inventory_info, sku_rule
from invctl.db.database import Database
from invctl.db.migrations import SCHEMA_VERSION
from invctl.errors import (
    DatabaseMissing,
    InvalidData,
    InvalidValue,
    ProductNotFound,
    SkuRuleDiffers,
)
from invctl.models.attempts import Attempt
from invctl.models.reports import InventoryInfo

ME = Attempt("tester")
REHEARSAL = Attempt("tester", dry_run=True)
Open = Callable[..., Database]


def content(inventory: Inventory) -> object:
    return inventory.read_bytes() if isinstance(inventory, Path) else inventory.dump()


def test_a_new_inventory_is_empty(open_db: Open, path: str, engine: str) -> None:
    made, info = create_inventory(open_db(create=True))
    assert made is True
    assert info._replace(size_bytes=None) == InventoryInfo(
        path,
        engine,
        SCHEMA_VERSION,
        "strict",
        products=0,
        operations=0,
        movements=0,
        size_bytes=None,
    )


@pytest.mark.parametrize("asked", [None, "strict"])
def test_an_inventory_that_exists_is_left_as_it_is(
    db: Database, open_db: Open, inventory: Inventory, asked: str | None
) -> None:
    create_product(db, "A", name="a", quantity=1, attempt=ME)
    db.close()
    before = content(inventory)
    again = open_db(create=True, sku_rule=asked)
    made, info = create_inventory(again)
    again.close()
    assert (made, info.products) == (False, 1)
    assert content(inventory) == before


def test_the_rule_of_an_inventory_cannot_be_asked_to_differ(
    db: Database, open_db: Open, path: str
) -> None:
    with pytest.raises(SkuRuleDiffers) as caught:
        create_inventory(open_db(create=True, sku_rule="any"))
    expected = {"reason": "sku_rule", "path": path, "sku_rule": "strict", "asked": "any"}
    assert caught.value.details == expected
    assert sku_rule(db) == "strict"


@pytest.mark.usefixtures("any_db")
def test_the_rule_is_kept_by_the_inventory(open_db: Open) -> None:
    later = open_db()
    assert sku_rule(later) == "any"
    assert create_product(later, "cc-tee", name="x", attempt=ME).sku == "cc-tee"


def test_info_counts_what_there_is(db: Database) -> None:
    create_product(db, "A", name="a", quantity=3, attempt=ME)
    create_product(db, "B", name="b", attempt=ME)
    archive_product(db, "B", attempt=ME)
    add_stock(db, "A", 1, attempt=ME)
    info = inventory_info(db)
    assert (info.products, info.operations, info.movements) == (2, 4, 2)
    assert info.size_bytes is not None
    assert info.size_bytes > 0


def test_a_new_one_tells_the_size_that_it_came_to_have(open_db: Open) -> None:
    created, info = create_inventory(open_db(create=True))
    assert created
    assert info.size_bytes == inventory_info(open_db()).size_bytes


CREATING: dict[str, Callable[[Database, Attempt], object]] = {
    "create": lambda db, by: create_product(db, "A", name="a", quantity=1, attempt=by),
    "import": lambda db, by: import_products(
        db, [product_line(2, "A", "a", quantity="1")], attempt=by
    ),
}


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize("first", CREATING.values(), ids=CREATING)
def test_the_first_product_makes_the_inventory_and_its_folders(
    open_db: Open, tmp_path: Path, first: Callable[[Database, Attempt], object]
) -> None:
    where = tmp_path / "new" / "folder" / "shop.db"
    db = open_db(str(where), create=True)
    first(db, ME)
    assert db.created is True
    assert sorted(one.name for one in where.parent.glob("shop.db*") if "lock" not in one.name) == [
        "shop.db"
    ]
    assert get_product(db, "A").quantity == 1
    assert (where.stat().st_mode & 0o777, where.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize("first", CREATING.values(), ids=CREATING)
def test_a_dry_run_makes_no_inventory(
    open_db: Open, tmp_path: Path, first: Callable[[Database, Attempt], object]
) -> None:
    db = open_db(str(tmp_path / "new" / "shop.db"), create=True)
    first(db, REHEARSAL)
    assert db.created is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite("it is about files")
def test_a_dry_run_of_making_an_inventory_makes_none(open_db: Open, tmp_path: Path) -> None:
    db = open_db(str(tmp_path / "new" / "shop.db"), create=True, sku_rule="any")
    made, info = create_inventory(db, dry_run=True)
    assert (made, info.sku_rule, info.products) == (True, "any", 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "refused",
    [
        lambda db: create_product(db, "lower", name="a", attempt=ME),
        lambda db: create_product(db, "A", name="", attempt=ME),
        lambda db: import_products(db, [product_line(2, "A")], attempt=ME),
    ],
    ids=["sku", "name", "import"],
)
def test_a_refused_first_product_makes_no_inventory(
    open_db: Open, inventory: Inventory, refused: Callable[[Database], object]
) -> None:
    db = open_db(create=True)
    with pytest.raises((InvalidValue, InvalidData)):
        refused(db)
    assert db.created is False
    ends = ("", "-wal", "-shm")
    assert not any(Path(f"{inventory}{end}").exists() for end in ends)
    assert not inventory.exists()
    with pytest.raises(DatabaseMissing):
        get_product(open_db(), "A")


NEEDING: dict[str, Callable[[Database], object]] = {
    "add": lambda db: add_stock(db, "A", 1, attempt=ME),
    "dry run": lambda db: add_stock(db, "A", 1, attempt=REHEARSAL),
    "create": lambda db: create_product(db, "A", name="a", attempt=ME),
    "undo": lambda db: undo_operation(db, 1, attempt=ME),
    "apply": lambda db: apply_movements(db, [], attempt=ME),
    "show": lambda db: get_product(db, "A"),
    "list": lambda db: list(list_products(db)),
    "log": lambda db: list(stock_log(db)),
    "info": inventory_info,
    "init": create_inventory,
}


@pytest.mark.parametrize("needing", NEEDING.values(), ids=NEEDING)
def test_what_does_not_make_an_inventory_says_which_is_missing(
    open_db: Open, path: str, tmp_path: Path, needing: Callable[[Database], object]
) -> None:
    with pytest.raises(DatabaseMissing) as caught:
        needing(open_db())
    assert caught.value.details == {"path": path, "source": "--db"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite("it is about files")
def test_a_missing_folder_is_a_missing_inventory(open_db: Open, tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing):
        inventory_info(open_db(str(tmp_path / "no" / "folder.db")))


def test_an_inventory_is_used_on_by_what_made_it(open_db: Open) -> None:
    db = open_db(create=True)
    create_product(db, "A", name="a", quantity=1, attempt=ME)
    assert add_stock(db, "A", 1, attempt=ME).quantity == 2
    with pytest.raises(ProductNotFound):
        get_product(db, "B")
