"""What an inventory of schema version 1 is once it is migrated: keys, undos and counts go on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from inventories import Inventory, Rows, Schema, look
from old import APPLIED, ASKED, IMPORTED, UNDONE, load_old

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.log import get_operation, list_operations
from invctl.core.products import create_product, unarchive_product, update_product
from invctl.core.stock import remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.backups import migrate_inventory
from invctl.core.upkeep.check import Check
from invctl.core.upkeep.inventory import inventory_info
from invctl.db.database import Database
from invctl.errors import (
    AlreadyUndone,
    CountedSince,
    InventoryError,
    KeyReused,
    StaleCount,
    UsageError,
)
from invctl.models.attempts import Attempt, Label

ME = Attempt("tester")
Query = Callable[..., Rows]
Open = Callable[..., Database]
Refused = Callable[[Callable[[], object]], InventoryError]

KEYED, PLAIN = "schema-1-keys.sql", "schema-1.sql"
RUNS = """SELECT id, first_movement, last_movement FROM operation ORDER BY id"""
NEW = {"low", "held", "available", "expected", "reorder_to", "counted", "hold", "movement_ids"}
NEW |= {"times", "skipped", "changes"}
"""What version 1 did not answer yet."""


def migrated(name: str, inventory: Inventory, open_db: Open) -> Database:
    load_old(name, inventory)
    db = open_db()
    info, done = migrate_inventory(db)
    assert (done.before, info) == (1, inventory_info(db))
    return db


@pytest.fixture
def keyed(inventory: Inventory, open_db: Open) -> Database:
    """The inventory of `schema-1-keys.sql`, migrated."""
    return migrated(KEYED, inventory, open_db)


@pytest.fixture(params=[KEYED, PLAIN])
def old(request: pytest.FixtureRequest, inventory: Inventory, open_db: Open) -> Iterator[Database]:
    """Either inventory, migrated; its books balance before and after."""
    db = migrated(request.param, inventory, open_db)
    assert list(Check(db)) == []
    yield db
    assert list(Check(db)) == []


@pytest.mark.parametrize(("key", "asked"), ASKED.items(), ids=ASKED)
def test_a_key_is_answered_again_and_what_it_did_not_know_is_null(
    keyed: Database, query: Query, key: str, asked: Callable[[Database, Attempt], tuple[object]]
) -> None:
    [(number, kept)] = query("SELECT id, result FROM operation WHERE idempotency_key = ?", key)
    before = query("SELECT count(*), max(id) FROM operation")
    answer = asked(keyed, Attempt("somebody", key))._asdict()  # type: ignore[attr-defined]
    assert (answer["operation"], answer["replayed"]) == (number, True)
    unknown = {name for name in answer if f'"{name}"' not in kept}
    assert unknown <= NEW
    assert {answer[name] for name in unknown} <= {None}
    assert ("changes" in answer) == key.startswith("undo")
    assert query("SELECT count(*), max(id) FROM operation") == before


def test_what_lines_did_that_version_1_did_not_write_down_is_not_made_up(
    keyed: Database, refused: Refused
) -> None:
    applied = refused(
        lambda: apply_movements(
            keyed,
            APPLIED,
            label=Label(reason="file"),
            told_lines=[],
            attempt=Attempt("somebody", "apply"),
        )
    )
    imported = refused(
        lambda: import_products(
            keyed,
            IMPORTED,
            options=ImportOptions(set_quantity=True),
            label=Label(at="2026-03-01"),
            told_lines=[],
            attempt=Attempt("somebody", "import"),
        )
    )
    for error in (applied, imported):
        assert isinstance(error, UsageError)
        assert "the books do not tell it" in error.message


def test_a_key_belongs_to_the_request_that_it_was_used_for(keyed: Database) -> None:
    with pytest.raises(KeyReused):
        remove_stock(keyed, "TEA", 4, label=Label(reason="sale"), attempt=Attempt("ann", "remove"))


def test_the_movements_of_each_operation_are_a_run(old: Database, query: Query) -> None:
    del old
    for number, first, last in query(RUNS):
        own = query("SELECT id FROM movement WHERE operation_id = ? ORDER BY id", number)
        run = range(first, last + 1) if first else ()
        assert [one for (one,) in own] == list(run)


def test_what_is_not_in_effect_is_known(keyed: Database, query: Query) -> None:
    del keyed
    assert {one for (one,) in query("SELECT id FROM operation WHERE undone = 1")} == UNDONE


def test_counts_of_version_1_are_counts(keyed: Database, query: Query) -> None:
    del keyed
    counts = """SELECT change.id, operation_id, sku, field, "before", "after",
        first_change, last_change FROM change JOIN operation ON operation.id = operation_id"""
    assert query(f"{counts} ORDER BY change.id") == [
        (1, 15, "TEA", "counted", "7", "6", 1, 1),
        (2, 26, "EWER", "counted", "0", "7", 2, 2),
    ]
    assert query(
        """SELECT count(*) FROM change JOIN movement ON movement.operation_id = change.operation_id
        WHERE movement.occurred_at <> change.occurred_at"""
    ) == [(0,)]


def test_what_was_counted_in_version_1_is_not_taken_back_by_mistake(
    keyed: Database, refused: Refused
) -> None:
    error = refused(lambda: undo_operation(keyed, 12, attempt=ME))
    assert isinstance(error, CountedSince)
    assert error.details["counted_by"] == 15
    undo_operation(keyed, 12, despite_counts=True, attempt=ME)


def test_a_count_from_before_one_of_version_1_is_stale(keyed: Database, refused: Refused) -> None:
    error = refused(lambda: set_stock(keyed, "TEA", 1, label=Label(at="2026-10-01"), attempt=ME))
    assert isinstance(error, StaleCount)
    assert error.details["counted_by"] == 15


def test_every_movement_of_version_1_can_be_taken_back(old: Database, query: Query) -> None:
    for (sku,) in query("SELECT sku FROM product WHERE archived_at IS NOT NULL"):
        unarchive_product(old, sku, attempt=ME)
    undone_by: dict[int, int] = dict(
        query("SELECT reverses_id, id FROM operation WHERE reverses_id > 0")
    )
    in_effect = """SELECT id FROM operation WHERE first_movement > 0 AND undone = 0
        AND reverses_id IS NULL ORDER BY id DESC"""
    for (number,) in query(in_effect):
        while number in undone_by:  # what was undone twice is taken back by undoing the last undo
            number = undone_by[number]  # noqa: PLW2901
        undo_operation(old, number, attempt=ME)
    assert query("SELECT DISTINCT quantity FROM product") == [(0,)]


def test_an_undo_of_version_1_can_be_undone_and_what_it_undid_cannot_be_again(
    keyed: Database, query: Query, refused: Refused
) -> None:
    assert isinstance(refused(lambda: undo_operation(keyed, 14, attempt=ME)), AlreadyUndone)
    undo_operation(keyed, 20, attempt=ME)
    undone = "SELECT undone FROM operation WHERE id IN (14, 19, 20) ORDER BY id"
    assert query(undone) == [(1,), (0,), (1,)]
    assert query("SELECT quantity FROM product WHERE sku = 'POT'") == [(3,)]


def test_an_operation_of_version_1_is_shown_with_its_movements(keyed: Database) -> None:
    shown = get_operation(keyed, 17)
    assert [(one["sku"], one["delta"]) for one in shown["movement_records"]] == [
        ("TEA", -1),
        ("CUP", -4),
        ("TEA", 4),
    ]
    assert (shown["movements"], shown["changes"], shown["undone_by"]) == (3, 0, None)


def test_what_version_1_did_not_write_down_is_not_told_as_nothing(keyed: Database) -> None:
    update_product(keyed, "CUP", name="Mug", attempt=ME)
    update_product(keyed, "CUP", name="Mug", attempt=ME)
    rows = [row for chunk in list_operations(keyed) for row in chunk]
    told = [(row[1], row[2]) for row in rows if not any(row[3:6])]
    assert told[-1] == ("update", "nothing changed")
    unrecorded = [kind for kind, summary in told if summary == "not recorded by version 1"]
    assert set(unrecorded) >= {"update", "rename", "archive", "unarchive", "delete"}
    assert not {"add", "remove", "set"} & set(unrecorded)
    assert get_operation(keyed, rows[-1][0])["summary"] == "nothing changed"


def test_new_products_and_operations_go_on_from_the_old_ones(keyed: Database, query: Query) -> None:
    made = create_product(keyed, "NEW", name="New", quantity=1, attempt=ME)
    assert made.operation == 29
    assert query("SELECT id FROM movement WHERE operation_id = 29") == [(23,)]


@pytest.mark.parametrize("name", [KEYED, PLAIN])
def test_a_migration_comes_to_the_same_on_either_engine(
    inventory: Inventory, open_db: Open, tmp_path: Path, name: str
) -> None:
    migrated(name, inventory, open_db)
    file = tmp_path / "another.db"
    load_old(name, file)
    migrate_inventory(open_db(str(file)))
    mine, its = look(inventory).tables(), look(file).tables()
    if isinstance(inventory, Schema):
        mine["setting"].remove(("schema_version", "2"))
    assert mine == its
