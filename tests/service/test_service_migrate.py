"""Inventories of older schema versions: kept as SQL with rows in them, read, and brought along."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from inventories import ask
from old import load_old

from invctl.core.catalog import get_product, list_products
from invctl.core.ledger import stock_log
from invctl.core.products import create_product
from invctl.core.stock import add_stock, remove_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.backups import migrate_inventory, restore_inventory
from invctl.core.upkeep.check import Check
from invctl.core.upkeep.inventory import inventory_info
from invctl.db import migrations
from invctl.db.database import Database, Migration
from invctl.errors import DatabaseMissing, DatabaseUnusable, PermissionRefused
from invctl.models.attempts import Attempt, Label
from invctl.values import MAX_QUANTITY

pytestmark = pytest.mark.sqlite("it looks after files")

ME = Attempt("tester")
STEP = ("ALTER TABLE product ADD COLUMN shelf TEXT", "CREATE TABLE shelf (name TEXT) STRICT")
Open = Callable[..., Database]


@pytest.fixture
def old(path: str, open_db: Open) -> Database:
    """The inventory of `schema-1.sql`."""
    load_old("schema-1.sql", path)
    return open_db()


@pytest.fixture(params=["the next version", "a version to come"])
def newest(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the version of this invctl, or let it be one of a version to come."""
    if request.param == "a version to come":
        monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, STEP))
        monkeypatch.setattr(migrations, "SCHEMA_VERSION", migrations.SCHEMA_VERSION + 1)
    return migrations.SCHEMA_VERSION


def version(path: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def dump(path: str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def kept(path: str) -> list[Path]:
    return sorted(Path(path).parent.glob("*.before-*"))


def contents(db: Database) -> dict[str, tuple[str, str | None, int, int | None]]:
    products = (row for chunk in list_products(db, archived=None) for row in chunk)
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in products}


def assert_is_schema_1(db: Database) -> None:
    """Assert that all that `schema-1.sql` holds is found, and goes on."""
    assert list(Check(db)) == []
    assert contents(db) == {
        "Großer Krug": ("Krug", None, MAX_QUANTITY, None),
        "MUG-1": ("Mug 马克杯 ☕", None, 1, 25),
        "OLD-1": ("Old", None, 0, None),
        "TSHIRT-RED-L": ("T-shirt, red, L", "Cotton\nwash cold", 6, 4),
    }
    assert get_product(db, "OLD-1").archived is True
    info = inventory_info(db)
    assert (info.sku_rule, info.operations, info.movements) == ("any", 17, 13)
    rows = [row for chunk in stock_log(db) for row in chunk]
    assert [(row[2], row[4]) for row in rows[:4]] == [
        ("create", 10),
        ("create", MAX_QUANTITY),
        ("create", 2),
        ("remove", -3),
    ]
    assert rows[3][6:10] == ("sale", "1001", "gift wrapped", "ann")
    sale = Label(reason="sale", ref="1001", note="gift wrapped")
    retried = Attempt("ann", "order-1001")
    again = remove_stock(db, "TSHIRT-RED-L", 3, label=sale, attempt=retried)
    assert (again.replayed, again.operation, again.quantity) == (True, 6, 7)
    assert add_stock(db, "MUG-1", 5, attempt=ME).operation == 18
    undo_operation(db, 10, attempt=ME)
    assert get_product(db, "MUG-1").quantity == 2


def test_schema_1_with_rows_is_read_in_full_once_it_is_migrated(old: Database) -> None:
    migrate_inventory(old)
    assert_is_schema_1(old)


def test_an_inventory_of_the_present_schema_stays_as_it_is(old: Database, path: str) -> None:
    migrate_inventory(old)
    old.close()
    before, copies = Path(path).read_bytes(), kept(path)
    info, done = migrate_inventory(old)
    assert (done, info) == (Migration(migrations.SCHEMA_VERSION, None), inventory_info(old))
    old.close()
    assert (Path(path).read_bytes(), kept(path)) == (before, copies)


def test_an_older_inventory_is_brought_along_and_kept_as_it_was(
    old: Database, path: str, open_db: Open, newest: int
) -> None:
    with pytest.raises(DatabaseUnusable, match="older schema version 1") as caught:
        inventory_info(old)
    assert "db migrate" in caught.value.hint
    info, done = migrate_inventory(old)
    assert (done.before, info.schema_version, version(path)) == (1, newest, newest)
    assert kept(path) == [Path(str(done.kept))]
    assert (version(str(done.kept)), kept(path)[0].stat().st_mode & 0o777) == (1, 0o600)
    assert_is_schema_1(open_db())
    if newest > 2:
        with open_db().read() as session:
            assert ask(session, "SELECT count(shelf) FROM product") == 0


def test_a_rehearsed_migration_leaves_everything_as_it_was(
    old: Database, path: str, newest: int
) -> None:
    info, done = migrate_inventory(old, dry_run=True)
    assert (done, info.schema_version, info.products) == (Migration(1, None), newest, 4)
    assert (version(path), kept(path)) == (1, [])


def test_a_migrated_inventory_is_migrated_once(old: Database, path: str, newest: int) -> None:
    migrate_inventory(old)
    assert migrate_inventory(old)[1] == Migration(newest, None)
    assert len(kept(path)) == 1


def test_an_older_backup_is_brought_along_and_stays_as_it_is(
    old: Database, path: str, tmp_path: Path, open_db: Open, newest: int
) -> None:
    old.close()
    before = Path(path).read_bytes()
    new = open_db(str(tmp_path / "new.db"), create=True)
    create_product(new, "CUP", name="Cup", attempt=ME)
    info, _ = restore_inventory(new, path, ready=lambda: None)
    assert (info.schema_version, version(new.path)) == (newest, newest)
    assert_is_schema_1(new)
    assert Path(path).read_bytes() == before


def test_an_older_inventory_can_be_replaced(
    old: Database, path: str, open_db: Open, newest: int
) -> None:
    source = open_db(f"{path}.source", create=True)
    create_product(source, "CUP", name="Cup", attempt=ME)
    _, done = restore_inventory(old, source.path, ready=lambda: None)
    assert (version(path), version(str(done.kept))) == (newest, 1)
    assert list(contents(old)) == ["CUP"]


def test_a_newer_inventory_is_refused_by_name(old: Database, path: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(DatabaseUnusable, match="newer invctl") as caught:
        migrate_inventory(old)
    assert (caught.value.hint, kept(path)) == ("upgrade invctl", [])


def test_a_missing_inventory_cannot_be_migrated(open_db: Open, path: str) -> None:
    with pytest.raises(DatabaseMissing):
        migrate_inventory(open_db())
    assert not Path(f"{path}.lock").exists()


@pytest.mark.usefixtures("newest")
@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        ("CREATE TRIGGER gift AFTER UPDATE ON product BEGIN SELECT 1; END", "trigger 'gift'"),
        ("UPDATE movement SET product_id = 99 WHERE id = 1", "belong to nothing"),
        ("PRAGMA user_version = 0", "version 0"),
        ("DROP TABLE product", "is damaged|belong to nothing"),
    ],
)
def test_what_is_not_sound_is_not_migrated(
    old: Database, path: str, spoil: str, problem: str
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(spoil)
    before = dump(path)
    with pytest.raises(DatabaseUnusable, match=problem):
        migrate_inventory(old)
    assert dump(path) == before


@pytest.mark.usefixtures("newest")
def test_a_read_only_inventory_is_not_migrated(old: Database, path: str) -> None:
    Path(path).chmod(0o400)
    with pytest.raises(PermissionRefused):
        migrate_inventory(old)
    assert (version(path), kept(path)) == (1, [])
    assert not Path(f"{path}.lock").exists()


def test_a_step_that_fails_leaves_the_schema_before_it(
    old: Database, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, (*STEP, "DROP TABLE absent")))
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", len(migrations.STEPS))
    before = dump(path)
    with pytest.raises(DatabaseUnusable):
        migrate_inventory(old)
    monkeypatch.undo()
    assert (version(path), dump(path)) == (1, before)
    migrate_inventory(old)
    assert_is_schema_1(old)


def test_a_log_that_was_only_begun_keeps_nobody_waiting(old: Database, path: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("SELECT * FROM product").fetchall()
        index = Path(f"{path}-shm").read_bytes()
        connection.execute("UPDATE product SET name = name || '!'")
        connection.commit()
        log = Path(f"{path}-wal").read_bytes()
    # As one leaves them that was killed after the first write of a commit.
    Path(f"{path}-wal").write_bytes(log[:32])
    Path(f"{path}-shm").write_bytes(index)
    old.timeout = 0.1
    _, done = migrate_inventory(old)
    assert done.before == 1
