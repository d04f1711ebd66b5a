"""`db check` as a function: what is forged, broken or foreign in a real file is found and named."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from inventories import ask

from invctl.core.catalog import get_product
from invctl.core.products import create_product, rename_product
from invctl.core.stock import add_stock, remove_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.check import Check, repair_inventory
from invctl.db import migrations
from invctl.db.database import Database
from invctl.errors import DatabaseMissing, DatabaseUnusable, PermissionRefused
from invctl.models.attempts import Attempt
from invctl.models.reports import Finding, RepairChange
from invctl.values import MAX_QUANTITY

pytestmark = pytest.mark.sqlite("it looks after files")

ME = Attempt("tester")
PAGE = 4096
Open = Callable[..., Database]


@pytest.fixture
def stall(db: Database) -> Database:
    """Five of TEA after three movements, none of CUP, and of POT a movement undone; closed."""
    create_product(db, "TEA", name="Tea", quantity=4, attempt=ME)
    create_product(db, "CUP", name="Cup", attempt=ME)
    create_product(db, "POT", name="Pot", attempt=ME)
    add_stock(db, "TEA", 3, attempt=ME)
    remove_stock(db, "TEA", 2, attempt=ME)
    undo_operation(db, add_stock(db, "POT", 7, attempt=ME).operation, attempt=ME)
    db.close()
    return db


def edit(path: str, *statements: str) -> None:
    """Change the file as no command would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            connection.execute(statement)


def found(db: Database) -> list[Finding]:
    return list(Check(db))


def kinds(db: Database) -> list[str]:
    return [finding.kind for finding in found(db)]


@pytest.mark.usefixtures("stall")
def test_a_sound_inventory_has_no_findings(open_db: Open) -> None:
    assert found(open_db()) == []


def test_an_empty_inventory_has_no_findings(db: Database) -> None:
    assert found(db) == []


@pytest.mark.parametrize(
    ("forged", "finding"),
    [
        (
            "UPDATE product SET quantity = 6 WHERE sku = 'TEA'",
            ("balance", "TEA", 5, 6),
        ),
        ("UPDATE product SET quantity = 1 WHERE sku = 'CUP'", ("balance", "CUP", 0, 1)),
        ("UPDATE movement SET quantity = 8 WHERE id = 2", ("journal", "TEA", 7, 8)),
        ("UPDATE product SET held = 2 WHERE sku = 'TEA'", ("held", "TEA", 0, 2)),
        ("UPDATE product SET placed = 2 WHERE sku = 'TEA'", ("placed", "TEA", 0, 2)),
        (
            "UPDATE operation SET last_movement = 3 WHERE id = 4",
            ("run", None, "2 to 2", "2 to 3"),
        ),
        (
            "UPDATE operation SET first_movement = NULL, last_movement = NULL WHERE id = 5",
            ("run", None, "3 to 3", "nowhere"),
        ),
        (
            "UPDATE operation SET first_movement = 9, last_movement = 9 WHERE id = 2",
            ("run", None, "nowhere", "9 to 9"),
        ),
        (
            "UPDATE operation SET first_change = NULL, last_change = NULL WHERE id = 3",
            ("run", None, "3 to 3", "nowhere"),
        ),
        ("UPDATE operation SET undone = 0 WHERE id = 6", ("undo", None, 1, 0)),
        ("UPDATE operation SET undone = 1 WHERE id = 5", ("undo", None, 0, 1)),
        ("UPDATE product SET sku = 'T' WHERE sku = 'TEA'", ("field", "TEA", "TEA", "T")),
        ("UPDATE change SET after = 'MUG' WHERE id = 2", ("field", "CUP", "MUG", "CUP")),
        (
            "DELETE FROM setting WHERE name = 'sku_rule'",
            ("setting", None, "strict or any", None),
        ),
        (
            "UPDATE setting SET value = 'loose' WHERE name = 'sku_rule'",
            ("setting", None, "strict or any", None),
        ),
        ("CREATE TABLE notes (x)", ("stranger", None, None, "CREATE TABLE notes (x)")),
        (
            "CREATE VIEW spy AS SELECT 1 AS x",
            ("stranger", None, None, "CREATE VIEW spy AS SELECT 1 AS x"),
        ),
    ],
)
def test_one_fault_is_one_finding(
    stall: Database, path: str, forged: str, finding: tuple[object, ...]
) -> None:
    edit(path, forged)
    [one] = found(stall)
    assert (one.kind, one.sku, one.expected, one.actual) == finding
    assert one.message


def test_a_trigger_of_somebody_else_is_found_and_does_not_run(stall: Database, path: str) -> None:
    edit(
        path,
        "CREATE TRIGGER gift AFTER UPDATE ON product BEGIN DELETE FROM movement; END",
    )
    [one] = found(stall)
    assert (one.kind, "trigger 'gift'" in one.message) == ("stranger", True)


@pytest.mark.parametrize(
    ("dropped", "kind", "name"),
    [
        ("DROP INDEX movement_product", "index", "movement_product"),
        ("DROP INDEX operation_key", "index", "operation_key"),
        ("DROP TABLE setting", "schema", "setting"),
        ("DROP TABLE movement", "schema", "movement"),
        ("ALTER TABLE product ADD COLUMN colour TEXT", "schema", "product"),
        ("ALTER TABLE movement DROP COLUMN note", "schema", "movement"),
    ],
)
def test_a_schema_that_is_not_ours_is_told_in_full(
    stall: Database, path: str, dropped: str, kind: str, name: str
) -> None:
    edit(path, dropped)
    first = found(stall)[0]
    assert first.kind == kind
    assert name in first.message
    assert str(first.expected).startswith("CREATE ")


def test_another_index_under_a_known_name_is_found(stall: Database, path: str) -> None:
    edit(path, "DROP INDEX code_product", "CREATE INDEX code_product ON code (code)")
    [one] = found(stall)
    assert (one.kind, one.actual) == ("index", "CREATE INDEX code_product ON code (code)")


@pytest.mark.parametrize(("name", "statement"), migrations.RETIRED.items())
def test_an_index_that_the_first_files_of_this_version_have_is_no_strangers(
    stall: Database, path: str, name: str, statement: str
) -> None:
    edit(path, statement)
    assert found(stall) == []
    assert add_stock(stall, "TEA", 1, attempt=ME).movement is not None
    edit(path, f"DROP INDEX {name}", f"CREATE INDEX {name} ON movement (abs(pot_id))")
    assert kinds(stall) == ["stranger"]
    with pytest.raises(DatabaseUnusable):
        add_stock(stall, "TEA", 1, attempt=ME)


def test_a_view_in_the_place_of_a_table_is_found(stall: Database, path: str) -> None:
    edit(
        path,
        "ALTER TABLE product RENAME TO hidden",
        "CREATE VIEW product AS SELECT *, abs(-9223372036854775808) AS trap FROM hidden",
    )
    assert {"schema", "stranger"} <= set(kinds(stall))


def test_a_flipped_byte_in_a_quantity_is_found_though_every_page_is_sound(
    db: Database, path: str
) -> None:
    create_product(db, "TEA", name="Tea", quantity=1000, attempt=ME)
    db.close()
    stored = Path(path).read_bytes()
    record = b"TEATea\x03\xe8"
    assert stored.count(record) == 1
    Path(path).write_bytes(stored.replace(record, b"TEATea\x03\xe9"))
    [one] = found(db)
    assert one == Finding(
        "balance", "TEA", "1001 in stock, but its movements add up to 1000", 1000, 1001
    )


def test_the_first_fault_of_each_journal_is_told_and_no_other(stall: Database, path: str) -> None:
    edit(path, "UPDATE movement SET quantity = quantity + 100")
    assert [(one.kind, one.sku, one.expected) for one in found(stall)] == [
        ("journal", "TEA", 4),
        ("journal", "POT", 7),
    ]


def test_a_journal_that_goes_below_nothing_is_found(stall: Database, path: str) -> None:
    edit(
        path,
        "UPDATE movement SET delta = -4, quantity = -4 WHERE id = 1",
        "UPDATE movement SET quantity = -1 WHERE id = 2",
        "UPDATE movement SET delta = 6, quantity = 5 WHERE id = 3",
    )
    [one] = found(stall)
    assert (one.kind, one.sku, one.actual) == ("range", "TEA", -4)


@pytest.mark.parametrize("delta", [2**63 - 1, -(2**63)])
def test_sums_past_all_bounds_are_exact(stall: Database, path: str, delta: int) -> None:
    edit(path, f"UPDATE movement SET delta = {delta}")  # noqa: S608
    balances = {one.sku: one.expected for one in found(stall) if one.kind == "balance"}
    assert balances == {"TEA": 3 * delta, "POT": 2 * delta}


def test_an_undo_that_leaves_something_is_found(stall: Database, path: str) -> None:
    edit(
        path,
        "UPDATE movement SET delta = -6, quantity = 1 WHERE delta = -7",
        "UPDATE product SET quantity = 1 WHERE sku = 'POT'",
    )
    [one] = found(stall)
    assert (one.kind, one.sku, one.expected, one.actual) == ("undo", "POT", 0, 1)


def test_a_movement_without_its_product_is_found(stall: Database, path: str) -> None:
    edit(path, "UPDATE movement SET product_id = 99 WHERE id = 4")
    broken = [one for one in found(stall) if one.kind == "foreign_key"]
    assert [one.message for one in broken] == ["movement 4 belongs to no product"]


def test_rows_against_the_constraints_are_found(stall: Database, path: str) -> None:
    edit(path, "UPDATE product SET quantity = -1 WHERE sku = 'CUP'")
    assert [(one.kind, one.actual) for one in found(stall)] == [
        ("integrity", None),
        ("balance", -1),
    ]


def test_a_ruined_page_is_a_finding_and_the_rest_is_told(db: Database, path: str) -> None:
    for n in range(60):
        create_product(db, f"P-{n:02}", name="x" * 200, quantity=1, attempt=ME)
    db.close()
    edit(path, "UPDATE product SET quantity = 2 WHERE sku = 'P-00'")
    with closing(sqlite3.connect(path)) as connection:
        statement = "SELECT pageno FROM dbstat WHERE name = 'movement_product'"
        try:
            [page] = connection.execute(statement).fetchone()
        except sqlite3.OperationalError:
            [page] = connection.execute(
                "SELECT rootpage FROM sqlite_schema WHERE name = 'movement_product'"
            ).fetchone()
    with open(path, "r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xff" * PAGE)
    findings = found(db)
    assert findings[0].kind == "integrity"
    assert findings[-1][:2] == ("balance", "P-00")


@pytest.mark.parametrize("page", [2, 3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("filling", [b"\xff", b"\x00", b"\x0d"], ids=["ff", "00", "0d"])
def test_whichever_page_is_overwritten_the_damage_is_found(
    stall: Database, path: str, page: int, filling: bytes
) -> None:
    with open(path, "r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(filling * PAGE)
    assert "integrity" in kinds(stall)


def test_text_that_is_none_is_a_finding(stall: Database, path: str) -> None:
    edit(path, "UPDATE product SET sku = CAST(x'ff' AS TEXT), quantity = 9 WHERE sku = 'TEA'")
    assert "integrity" in kinds(stall)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        ("PRAGMA application_id = 7", "not an inventory"),
        ("PRAGMA user_version = 99", "newer"),
        ("PRAGMA user_version = 0", "older"),
    ],
)
def test_what_is_no_inventory_of_this_version_is_refused(
    stall: Database, path: str, spoil: str, problem: str
) -> None:
    edit(path, spoil)
    with pytest.raises(DatabaseUnusable, match=problem):
        found(stall)


def test_what_is_no_database_is_refused(path: str, open_db: Open) -> None:
    Path(path).write_text("sku,name\n" * 100)
    with pytest.raises(DatabaseUnusable, match="not a database"):
        found(open_db())


def test_a_missing_inventory_is_missing(open_db: Open, path: str) -> None:
    with pytest.raises(DatabaseMissing):
        found(open_db())
    assert not os.path.exists(path)


def test_a_check_changes_nothing(stall: Database, path: str) -> None:
    edit(path, "UPDATE product SET quantity = 6 WHERE sku = 'TEA'")
    before = Path(path).read_bytes()
    assert kinds(stall) == ["balance"]
    stall.close()
    assert Path(path).read_bytes() == before


def test_a_read_only_file_is_checked(stall: Database, path: str) -> None:
    os.chmod(path, 0o400)
    assert found(stall) == []
    stall.close()


def test_a_file_without_a_log_is_checked_and_stays_so(stall: Database, path: str) -> None:
    edit(path, "PRAGMA journal_mode = DELETE")
    before = Path(path).read_bytes()
    assert found(stall) == []
    stall.close()
    assert Path(path).read_bytes() == before
    assert sorted(os.listdir(os.path.dirname(path))) == ["inventory.db", "inventory.db.lock"]


def test_it_says_which_part_it_is_at(stall: Database) -> None:
    parts: list[str] = []
    assert list(Check(stall, parts.append)) == []
    assert parts == [
        "the file",
        "the undos",
        "the balances",
        "the holds",
        "the places",
        "the codes",
        "the changes",
    ]


def test_a_check_knows_what_a_repair_can_do(stall: Database, path: str) -> None:
    edit(path, "UPDATE product SET quantity = 6 WHERE sku <> 'POT'")
    check = Check(stall)
    assert len(list(check)) == 2
    assert (check.mendable, check.is_whole) == (2, True)


@pytest.mark.parametrize(
    "spoil",
    ["DROP INDEX operation_key", "CREATE TABLE notes (x)", "DELETE FROM operation WHERE id = 1"],
)
def test_where_the_file_is_not_sound_nothing_is_to_be_mended(
    stall: Database, path: str, spoil: str
) -> None:
    edit(path, spoil, "UPDATE product SET quantity = 6 WHERE sku = 'TEA'")
    check = Check(stall)
    assert "balance" in [finding.kind for finding in check]
    assert check.is_whole is False


def test_a_repair_makes_quantities_the_sums_of_their_movements(stall: Database, path: str) -> None:
    edit(path, "UPDATE product SET quantity = 6 WHERE sku <> 'POT'")
    assert repair_inventory(stall, ME) == RepairChange(8, 2, quantities=2)
    assert [get_product(stall, sku).quantity for sku in ("TEA", "CUP", "POT")] == [5, 0, 0]
    assert found(stall) == []
    with stall.read() as session:
        last = "SELECT id || kind || actor FROM operation ORDER BY id DESC LIMIT 1"
        assert ask(session, last) == "8repairtester"
        assert ask(session, "SELECT count(*) FROM movement") == 5


def test_a_repair_without_work_is_no_operation(stall: Database) -> None:
    assert repair_inventory(stall, ME) == RepairChange(None, 0)
    with stall.read() as session:
        assert ask(session, "SELECT max(id) FROM operation") == 7


def test_a_repair_rehearses(stall: Database, path: str) -> None:
    edit(path, "UPDATE product SET quantity = 6 WHERE sku = 'TEA'")
    assert repair_inventory(stall, ME._replace(dry_run=True)) == RepairChange(
        8, 1, dry_run=True, quantities=1
    )
    assert get_product(stall, "TEA").quantity == 6


@pytest.mark.parametrize("total", [-5, MAX_QUANTITY + 1])
def test_a_sum_that_is_no_quantity_is_left_for_people(
    stall: Database, path: str, total: int
) -> None:
    edit(
        path,
        f"UPDATE movement SET delta = {total - 1} WHERE id = 1",  # noqa: S608
        "UPDATE product SET quantity = 9 WHERE sku = 'CUP'",
    )
    assert repair_inventory(stall, ME).products == 1
    assert get_product(stall, "TEA").quantity == 5
    assert [one.kind for one in found(stall)] == ["journal", "balance"]


def test_a_repaired_inventory_goes_on(stall: Database, path: str) -> None:
    edit(path, "UPDATE product SET quantity = 6 WHERE sku = 'TEA'")
    repair_inventory(stall, ME)
    assert remove_stock(stall, "TEA", 5, attempt=ME).quantity == 0
    rename_product(stall, "TEA", "CHAI", attempt=ME)
    assert found(stall) == []


def test_a_copy_is_kept_beside_the_file_under_a_name_of_its_own(stall: Database, path: str) -> None:
    edit(path, "UPDATE product SET quantity = 6 WHERE sku = 'TEA'")
    names = [stall.keep("repair") for _ in range(3)]
    assert len(set(names)) == 3
    assert all(name.startswith(f"{path}.before-repair-2") for name in names)
    assert {os.stat(name).st_mode & 0o777 for name in names} == {0o600}
    shutil.copy(names[1], path)
    assert get_product(stall, "TEA").quantity == 6


def test_a_read_only_inventory_is_not_repaired(stall: Database, path: str) -> None:
    edit(path, "UPDATE product SET quantity = 6 WHERE sku = 'TEA'")
    os.chmod(path, 0o400)
    with pytest.raises(PermissionRefused):
        repair_inventory(stall, ME)
