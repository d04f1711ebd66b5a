"""Check, repair, backup, restore, migrate and copy of an inventory on a server."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from inventories import FileLook, Schema, new_schema
from psycopg.sql import SQL, Identifier

from invctl.core.catalog import get_product
from invctl.core.counting.file import CountOptions, count_products
from invctl.core.places.lists import list_where
from invctl.core.places.spots import UNPLACED, Spot
from invctl.core.places.stock import add_to_place, move_stock, remove_from_place
from invctl.core.products import create_product
from invctl.core.stock import add_stock, remove_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.backups import backup_inventory, migrate_inventory, restore_inventory
from invctl.core.upkeep.check import Check, repair_inventory
from invctl.core.upkeep.transfer import copy_inventory
from invctl.db import migrations
from invctl.db.database import Database, Restored
from invctl.db.opening import open_database
from invctl.db.postgresql import engine
from invctl.errors import (
    ConfirmationRequired,
    DatabaseMissing,
    DatabaseUnusable,
    FileExists,
    UsageError,
)
from invctl.models.attempts import Attempt
from invctl.models.reports import Finding
from invctl.settings import read_location

ME = Attempt("tester")
KEYED = Attempt("tester", "key")
Open = Callable[..., Database]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where this user's data is: what a restore or a migration keeps goes there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "invctl"


@pytest.fixture
def sold(stall: Database) -> Database:
    """A hundred of each, of which three of A went under a key, and two of B came and went."""
    remove_stock(stall, "A", 3, attempt=KEYED)
    undo_operation(stall, add_stock(stall, "B", 2, attempt=ME).operation, attempt=ME)
    return stall


def found(db: Database) -> list[Finding]:
    return list(Check(db))


@pytest.mark.usefixtures("sold")
def test_what_a_movement_lacks_is_no_text_whatever_its_user_has_by_default(
    schema: Schema, open_db: Open
) -> None:
    db = open_db(f"{schema.url}%20-carray_nulls=off")
    assert add_to_place(db, "A", 1, Spot("P"), attempt=ME).quantity == 98
    said = schema.query("SELECT reason, ref, note FROM movement ORDER BY id DESC LIMIT 1")
    assert said == [(None, None, None)]


def yes() -> None:
    pass


@pytest.mark.parametrize(
    "by_default", ["", "%20-cstandard_conforming_strings=off", "%20-cquote_all_identifiers=on"]
)
@pytest.mark.usefixtures("sold")
def test_a_sound_inventory_has_no_findings_whatever_its_user_has_by_default(
    schema: Schema, open_db: Open, by_default: str
) -> None:
    assert found(open_db(f"{schema.url}{by_default}")) == []


@pytest.mark.parametrize(
    ("forged", "kind", "named"),
    [
        ("UPDATE product SET quantity = 99 WHERE sku = 'A'", "balance", "99"),
        ("UPDATE movement SET quantity = 98 WHERE id = 4", "journal", "98"),
        ("DELETE FROM setting WHERE name = 'sku_rule'", "setting", "rule for SKUs"),
        ("UPDATE product SET updated_at = 'today' WHERE sku = 'A'", "value", "a time is none"),
        ("UPDATE operation SET result = '{}' WHERE result > ''", "value", "an answer is none"),
        ("DROP INDEX movement_product", "index", "movement_product"),
        ("ALTER TABLE movement DROP CONSTRAINT delta_moves", "schema", "delta_moves"),
        ("ALTER TABLE product DROP CONSTRAINT product_sku_key", "schema", "sku"),
        ("ALTER TABLE product ADD COLUMN colour TEXT", "stranger", "colour"),
        ("ALTER TABLE product ALTER quantity TYPE NUMERIC", "schema", "product.quantity"),
        ("CREATE RULE gift AS ON DELETE TO movement DO INSTEAD NOTHING", "stranger", "gift"),
        ("ALTER TABLE product ENABLE ROW LEVEL SECURITY", "stranger", "security on product"),
        ("CREATE TABLE more () INHERITS (product)", "stranger", "more within product"),
        ("ALTER TABLE code SET UNLOGGED", "schema", "table code is not in the server's log"),
    ],
)
def test_one_fault_is_one_finding(
    sold: Database, schema: Schema, forged: str, kind: str, named: str
) -> None:
    with schema.session() as other:
        other.execute(forged.encode())
    [one] = found(sold)
    assert one.kind == kind
    assert named in one.message
    schema.unlink()  # it is not sound any more


@pytest.mark.parametrize(
    ("made", "gone", "named"),
    [
        ("CREATE RULE r AS ON DELETE TO movement DO NOTHING", "DROP RULE r ON movement", "rule r"),
        (
            "CREATE POLICY p ON setting; ALTER TABLE setting ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE setting DISABLE ROW LEVEL SECURITY",
            "policy p on setting",
        ),
        (
            "ALTER TABLE movement ADD CONSTRAINT c CHECK (gift(note))",
            "ALTER TABLE movement DROP CONSTRAINT c",
            "function gift.* in the constraint c on table movement",
        ),
        (
            "ALTER TABLE movement ADD COLUMN more BOOLEAN DEFAULT gift('x')",
            "ALTER TABLE movement DROP COLUMN more",
            "function gift.* in the default value",
        ),
        ("CREATE INDEX i ON product (sku) WHERE gift(sku)", "DROP INDEX i", "gift.* index i"),
        (
            "CREATE DOMAIN d AS text CHECK (gift(VALUE)); ALTER TABLE movement ALTER note TYPE d",
            "ALTER TABLE movement ALTER note TYPE text",
            "type d in the column note",
        ),
        (
            "CREATE OPERATOR ?= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);"
            "ALTER TABLE movement ADD CONSTRAINT c CHECK (note ?= note)",
            "ALTER TABLE movement DROP CONSTRAINT c",
            "operator .* in the constraint c",
        ),
        ("CREATE TABLE more () INHERITS (product)", "DROP TABLE more", "more within product"),
    ],
)
def test_what_runs_with_each_statement_is_refused_by_its_name_until_it_is_gone(
    sold: Database, schema: Schema, made: str, gone: str, named: str
) -> None:
    sold.close()
    with schema.session() as other:
        other.execute(b"CREATE FUNCTION gift(text) RETURNS bool LANGUAGE sql RETURN true")
        other.execute(b"ALTER FUNCTION gift IMMUTABLE")
        other.execute(made.encode())
        with pytest.raises(DatabaseUnusable, match=named):
            add_stock(sold, "A", 1, attempt=ME)
        assert "stranger" in {one.kind for one in found(sold)}
        sold.close()
        other.execute(gone.encode())
    assert add_stock(sold, "A", 1, attempt=ME).quantity == 98


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (
            "CREATE FUNCTION eq(text, varchar) RETURNS bool LANGUAGE sql AS 'SELECT false';"
            "CREATE OPERATOR = (LEFTARG = text, RIGHTARG = varchar, FUNCTION = eq)",
            "the operator {}.=",
        ),
        (
            "CREATE FUNCTION set_config(varchar, varchar, bool) RETURNS text"
            " LANGUAGE sql AS 'SELECT NULL'",
            "the function {}.set_config",
        ),
    ],
    ids=["operator", "function"],
)
def test_what_others_made_in_the_place_of_the_servers_own_never_runs(
    sold: Database, schema: Schema, made: str, named: str
) -> None:
    sold.close()
    with schema.session() as other:
        other.execute(f"CREATE ROLE other; GRANT ALL ON SCHEMA {schema.name} TO other".encode())
        try:
            other.execute(f"SET ROLE other; {made}".encode())
            for call in (lambda: add_stock(sold, "A", 1, attempt=ME), lambda: found(sold)):
                with pytest.raises(DatabaseUnusable, match=named.format(schema.name)):
                    call()
                sold.close()
        finally:
            other.execute(b"RESET ROLE; DROP OWNED BY other; DROP ROLE other")
    assert add_stock(sold, "A", 1, attempt=ME).quantity == 98


def test_tables_of_two_schemas_are_no_inventory_and_no_damage(
    sold: Database, schema: Schema
) -> None:
    with schema.session() as other:
        other.execute(b"CREATE SCHEMA before; CREATE TABLE before.movement (id int)")
    both = schema.url.replace("search_path=", "search_path=before,")
    try:
        mixed = pytest.raises(DatabaseUnusable, match=f"in before and {schema.name}")
        with closing(open_database(read_location(both, "--db"))) as db, mixed:
            add_stock(db, "A", 1, attempt=ME)
    finally:
        with schema.session() as other:
            other.execute(b"DROP SCHEMA before CASCADE")
    assert add_stock(sold, "A", 1, attempt=ME).quantity == 98


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("MyShop", "myshop"),
        ("%22x,y%22", "x,y"),
        ("%22a%22%22b%22", 'a"b'),
        ("", None),
        ("pg_x", None),
    ],
)
def test_the_schema_that_is_made_is_the_one_that_the_server_looks_in(
    schema: Schema, path: str, name: str | None
) -> None:
    where = schema.url.replace(f"search_path={schema.name}", f"search_path={path}")
    with closing(open_database(read_location(where, "--db"), create=True)) as db:
        if name is None:
            with pytest.raises(DatabaseUnusable, match="where no inventory can be"):
                create_product(db, "A", name="a", attempt=ME)
            return
        create_product(db, "A", name="a", attempt=ME)
        try:
            assert get_product(db, "A").sku == "A"
        finally:
            with schema.session() as other:
                other.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(name)))


def test_a_trigger_of_somebody_else_is_found(sold: Database, schema: Schema) -> None:
    with schema.session() as other:
        other.execute(
            b"CREATE FUNCTION gift() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        )
        other.execute(
            b"CREATE TRIGGER gift BEFORE DELETE ON movement FOR EACH ROW EXECUTE FUNCTION gift()"
        )
    [one] = found(sold)
    assert (one.kind, "trigger 'gift'" in one.message) == ("stranger", True)


def test_a_repair_keeps_a_copy_and_makes_quantities_the_sums(
    sold: Database, schema: Schema, home: Path
) -> None:
    before = schema.tables()["movement"]
    schema.change("UPDATE product SET quantity = 5 WHERE sku = 'A'")
    kept = Path(sold.keep("repair"))
    assert repair_inventory(sold, ME).products == 1
    assert (get_product(sold, "A").quantity, found(sold)) == (97, [])
    assert schema.tables()["movement"] == before
    assert list(home.glob("*.before-repair-*")) == [kept]
    assert FileLook(kept).query("SELECT quantity FROM product WHERE sku = 'A'") == [(5,)]


def test_a_backup_holds_every_row_of_one_state_while_others_write(
    sold: Database, schema: Schema, tmp_path: Path
) -> None:
    file = tmp_path / "backup.db"
    before = {name: rows for name, rows in schema.tables().items() if name != "setting"}
    with schema.writing():
        info = backup_inventory(sold, str(file))
    there = FileLook(file)
    there.check()
    assert {name: rows for name, rows in there.tables().items() if name != "setting"} == before
    assert (info.engine, info.products, info.movements) == ("sqlite", 3, 6)
    with pytest.raises(FileExists):
        backup_inventory(sold, str(file))


def test_an_unsound_inventory_has_no_backup(sold: Database, schema: Schema, tmp_path: Path) -> None:
    schema.change("UPDATE product SET quantity = 5 WHERE sku = 'A'")
    with pytest.raises(DatabaseUnusable, match="not sound"):
        backup_inventory(sold, str(tmp_path / "backup.db"))
    assert list(tmp_path.glob("backup*")) == []
    schema.unlink()


def test_a_restore_puts_the_backup_in_the_place_of_all_rows_and_keeps_those(
    sold: Database, schema: Schema, tmp_path: Path, home: Path, open_db: Open
) -> None:
    file, other = str(tmp_path / "backup.db"), open_db()
    backup_inventory(sold, file)
    before = schema.tables()
    assert get_product(other, "A").quantity == 97
    remove_stock(other, "A", 7, attempt=ME)
    done = restore_inventory(sold, file, ready=yes)[1]
    assert not done.created
    assert schema.tables() == before
    [kept] = home.glob("*.before-restore-*")
    assert str(kept) == done.kept
    assert FileLook(kept).query("SELECT quantity FROM product WHERE sku = 'A'") == [(90,)]
    # Whoever was there goes on with what there is now, a retry of what is in it included.
    assert remove_stock(other, "A", 3, attempt=KEYED).replayed
    assert add_stock(other, "A", 1, attempt=ME).movement == 7


def test_a_restore_makes_a_missing_inventory(
    sold: Database, schema: Schema, tmp_path: Path, open_db: Open
) -> None:
    file, new = str(tmp_path / "backup.db"), new_schema()
    backup_inventory(sold, file)
    assert restore_inventory(open_db(new.url, create=True), file, ready=yes)[1] == Restored(
        created=True, kept=None
    )
    assert new.tables() == schema.tables()
    new.check()


def test_a_restore_that_is_not_confirmed_or_only_tried_changes_nothing(
    sold: Database, schema: Schema, tmp_path: Path, home: Path
) -> None:
    file = str(tmp_path / "backup.db")
    backup_inventory(sold, file)
    add_stock(sold, "A", 1, attempt=ME)
    before = schema.tables()

    def no() -> None:
        raise ConfirmationRequired("replace it", "--yes")

    with pytest.raises(ConfirmationRequired):
        restore_inventory(sold, file, ready=no)
    restore_inventory(sold, file, ready=no, dry_run=True)
    with pytest.raises(UsageError):
        restore_inventory(sold, str(tmp_path / "nothing.db"), ready=yes)
    with closing(sqlite3.connect(file)) as forger:
        forger.execute("UPDATE product SET quantity = 5 WHERE sku = 'A'")
        forger.commit()
    with pytest.raises(DatabaseUnusable, match="not sound"):
        restore_inventory(sold, file, ready=yes)
    assert schema.tables() == before
    assert list(home.glob("*")) == []


@pytest.mark.usefixtures("sold")
def test_an_older_schema_is_kept_and_migrated(
    schema: Schema,
    home: Path,
    open_db: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = schema.tables()["movement"]
    newest = migrations.SCHEMA_VERSION + 1
    step = ("CREATE TABLE shelf (name TEXT)",)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    monkeypatch.setattr(migrations, "SERVER_STEPS", (*migrations.SERVER_STEPS, step))
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", newest)
    monkeypatch.setattr(engine, "_PRESENT", newest)
    with pytest.raises(DatabaseUnusable, match="older"):
        get_product(open_db(), "A")
    migrate_inventory(open_db(), dry_run=True)
    assert list(home.glob("*")) == []
    info, done = migrate_inventory(open_db())
    assert (info.schema_version, done.before) == (newest, newest - 1)
    [kept] = home.glob("*.before-migrate-*")
    FileLook(kept).check()
    assert FileLook(kept).query("PRAGMA user_version") == [(newest - 1,)]
    assert schema.query("SELECT * FROM shelf") == []
    assert schema.tables()["movement"] == before
    assert migrate_inventory(open_db())[1].kept is None


def test_what_is_missing_is_not_migrated(open_db: Open) -> None:
    with pytest.raises(DatabaseMissing):
        migrate_inventory(open_db())


def test_a_copy_to_a_file_and_back_is_the_same_inventory(
    sold: Database, schema: Schema, tmp_path: Path, open_db: Open
) -> None:
    file, new = open_db(str(tmp_path / "copy.db"), create=True), new_schema()
    copy_inventory(sold, file)
    back = open_db(new.url, create=True)
    copy_inventory(file, back)
    assert new.tables() == schema.tables()
    for each in (sold, file, back):
        assert remove_stock(each, "A", 3, attempt=KEYED).replayed
        assert found(each) == []
    with pytest.raises(FileExists):
        copy_inventory(sold, back)
    new.check()


def test_a_copy_to_a_file_and_back_holds_what_lies_where(
    sold: Database, tmp_path: Path, open_db: Open
) -> None:
    move_stock(sold, "A", 1, UNPLACED, Spot("VAN/BOX"), attempt=ME)
    add_to_place(sold, "A", 2, Spot("VAN", "L", "2031-01-01"), attempt=ME)
    remove_from_place(sold, "A", 1, Spot("VAN/BOX"), attempt=ME)
    file, new = open_db(str(tmp_path / "copy.db"), create=True), new_schema()
    copy_inventory(sold, file)
    back = open_db(new.url, create=True)
    copy_inventory(file, back)
    there = [row for rows in list_where(sold) for row in rows]
    assert len(there) > 1
    for each in (file, back):
        assert [row for rows in list_where(each) for row in rows] == there
        options = CountOptions(complete=True, place="VAN")
        assert count_products(each, [], options=options, attempt=ME).movements == 1
        assert found(each) == []
