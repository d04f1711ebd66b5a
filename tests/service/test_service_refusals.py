"""What is at an inventory's path and is none: refused, named, and left as it is."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from folders import edit
from lines import movement_line, product_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product, list_products
from invctl.core.products import create_product
from invctl.core.stock import add_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.inventory import create_inventory, inventory_info
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.errors import DatabaseUnusable, InventoryError, PermissionRefused
from invctl.models.attempts import Attempt
from invctl.settings import FileLocation

pytestmark = pytest.mark.sqlite("it is about what a file may be instead")

ME = Attempt("tester")
REHEARSED = Attempt("tester", dry_run=True)
Open = Callable[..., Database]
Refused = Callable[[Callable[[], object]], InventoryError]


def make_inventory(path: str) -> None:
    with closing(open_database(FileLocation(path, "--db"), create=True)) as db:
        create_product(db, "A", name="a", quantity=5, attempt=ME)


def write_garbage(path: str) -> None:
    make_inventory(path)
    with open(path, "r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (os.path.getsize(path) - 4096))


def cut(path: str) -> None:
    make_inventory(path)
    os.truncate(path, 5000)


def altered(*statements: str) -> Callable[[str], None]:
    def make(path: str) -> None:
        make_inventory(path)
        edit(path, *statements)

    return make


STRANGERS: dict[str, tuple[Callable[[str], object], str]] = {
    "text": (lambda path: Path(path).write_text("x"), "not a"),
    "long text": (lambda path: Path(path).write_text("sku,name\n" * 999), "not a database"),
    "empty file": (lambda path: Path(path).touch(), "empty file"),
    "folder": (os.mkdir, "folder"),
    "fifo": (os.mkfifo, "not a regular file"),
    "null device": (lambda path: os.symlink("/dev/null", path), "not a regular file"),
    "foreign database": (lambda path: edit(path, "CREATE TABLE t (a)"), "not an inventory"),
    "empty database": (lambda path: edit(path, "VACUUM"), "not an inventory"),
    "newer": (altered("PRAGMA user_version = 3"), "newer invctl (schema version 3"),
    "older": (altered("PRAGMA user_version = 0"), "older schema version 0"),
    "garbage": (write_garbage, "is damaged"),
    "cut": (cut, "is damaged"),
}

CALLS: dict[str, tuple[Callable[[Database], object], bool]] = {
    "info": (inventory_info, False),
    "init": (create_inventory, True),
    "list": (lambda db: list(list_products(db)), False),
    "show": (lambda db: get_product(db, "A"), False),
    "add": (lambda db: add_stock(db, "A", 1, attempt=ME), False),
    "dry run": (lambda db: add_stock(db, "A", 1, attempt=REHEARSED), False),
    "create": (lambda db: create_product(db, "B", name="b", attempt=ME), True),
    "create over HTTP": (lambda db: create_product(db, "B", name="b", attempt=ME), False),
    "import": (lambda db: import_products(db, [product_line(2, "B", "b")], attempt=ME), True),
}
"""What asks for an inventory, and whether it would make a missing one."""


@pytest.mark.parametrize(("call", "create"), CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(("make", "problem"), STRANGERS.values(), ids=STRANGERS)
def test_a_path_with_something_else_at_it_is_refused_and_left_as_it_is(
    open_db: Open,
    path: str,
    make: Callable[[str], object],
    problem: str,
    call: Callable[[Database], object],
    create: bool,
) -> None:
    make(path)
    before = contents(path)
    db = open_db(create=create)
    with pytest.raises(DatabaseUnusable) as caught:
        call(db)
    db.close()
    assert problem in caught.value.message
    assert caught.value.details["path"] == os.path.realpath(path)
    assert caught.value.hint
    assert contents(path) == before
    assert db.created is False


@pytest.mark.parametrize("size", [1, 99, 100, 511, 512, 9999])
def test_a_text_file_of_any_size_is_not_called_a_database(
    open_db: Open, path: str, size: int
) -> None:
    Path(path).write_text("x" * size)
    with pytest.raises(DatabaseUnusable) as caught:
        inventory_info(open_db())
    assert "is not a database" in caught.value.message


def contents(path: str) -> object:
    return Path(path).read_bytes() if Path(path).is_file() else os.stat(path).st_mode


STRANGE_CODE = {
    "trigger": """CREATE TRIGGER spy AFTER UPDATE ON product
        BEGIN DELETE FROM movement; END""",
    "insert trigger": "CREATE TRIGGER spy AFTER INSERT ON operation BEGIN SELECT 1; END",
    "view": "CREATE VIEW spy AS SELECT * FROM product",
}
WRITES: dict[str, Callable[[Database], object]] = {
    "add": lambda db: add_stock(db, "A", 1, attempt=ME),
    "create": lambda db: create_product(db, "B", name="b", attempt=ME),
    "undo": lambda db: undo_operation(db, 1, attempt=ME),
    "apply": lambda db: apply_movements(db, [movement_line(2, "A", "1")], attempt=ME),
    "dry run": lambda db: add_stock(db, "A", 1, attempt=Attempt("tester", dry_run=True)),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("code", STRANGE_CODE.values(), ids=STRANGE_CODE)
def test_an_inventory_with_code_of_a_stranger_is_read_but_not_written(
    open_db: Open, path: str, refused: Refused, code: str, write: Callable[[Database], object]
) -> None:
    altered(code)(path)
    db = open_db()
    assert get_product(db, "A").quantity == 5
    error = refused(lambda: write(db))
    assert isinstance(error, DatabaseUnusable)
    assert "'spy'" in error.message


def test_code_that_a_stranger_brings_while_the_inventory_is_open_is_not_run(
    open_db: Open, path: str, refused: Refused
) -> None:
    make_inventory(path)
    db = open_db()
    add_stock(db, "A", 1, attempt=ME)
    edit(path, STRANGE_CODE["trigger"])
    error = refused(lambda: add_stock(db, "A", 1, attempt=ME))
    assert isinstance(error, DatabaseUnusable)


@pytest.mark.parametrize("table", ["movement", "operation", "product", "setting"])
def test_an_inventory_that_lacks_a_table_is_damaged(open_db: Open, path: str, table: str) -> None:
    altered("PRAGMA foreign_keys = OFF", f"DROP TABLE {table}")(path)
    with pytest.raises(DatabaseUnusable) as caught:
        inventory_info(open_db())
    assert "is damaged" in caught.value.message


def test_text_that_is_not_utf_8_is_damage(open_db: Open, path: str) -> None:
    altered("UPDATE product SET name = CAST(x'ff' AS TEXT)")(path)
    with pytest.raises(DatabaseUnusable) as caught:
        get_product(open_db(), "A")
    assert "is damaged" in caught.value.message


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_read_only_file_is_read_but_not_written(
    open_db: Open, path: str, refused: Refused, write: Callable[[Database], object]
) -> None:
    make_inventory(path)
    os.chmod(path, 0o444)
    db = open_db()
    assert get_product(db, "A").quantity == 5
    error = refused(lambda: write(db))
    assert isinstance(error, PermissionRefused)
    assert error.details["path"] == path


@pytest.mark.parametrize("name", ["a" * 300, f"{'b/' * 10}{'c' * 300}"], ids=["file", "folder"])
def test_a_name_that_no_file_can_have_is_refused(open_db: Open, tmp_path: Path, name: str) -> None:
    with pytest.raises(DatabaseUnusable) as caught:
        create_product(open_db(str(tmp_path / name), create=True), "A", name="a", attempt=ME)
    assert "too long" in caught.value.message


def test_a_file_in_the_place_of_a_folder_is_refused(open_db: Open, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InventoryError) as caught:
        create_inventory(open_db(str(tmp_path / "file" / "a.db"), create=True))
    assert caught.value.code in ("db_unusable", "permission")
    assert (tmp_path / "file").read_text() == "x"
