"""Undoing what was done to products: each field as it was, and nobody's later work overwritten."""

from collections.abc import Callable

import pytest
from inventories import Rows
from lines import product_line as line

from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.products import (
    archive_product,
    create_product,
    delete_product,
    rename_product,
    unarchive_product,
    update_product,
)
from invctl.core.promises.deliveries import cancel_delivery, expect_delivery
from invctl.core.promises.endings import release_hold
from invctl.core.promises.holds import create_hold
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import Told, undo_operation
from invctl.db.database import Database
from invctl.errors import (
    ChangedSince,
    CountedSince,
    InvalidData,
    InventoryError,
    NothingLeftToUndo,
    NothingToUndo,
    ProductExists,
)
from invctl.models.answers import Answer
from invctl.models.attempts import Attempt, Label
from invctl.models.batches import ImportChange, LineImport
from invctl.models.rows import FileRow
from invctl.models.undos import BatchUndo, StockUndo

ME = Attempt("tester")
Query = Callable[..., Rows]
Refused = Callable[[Callable[[], object]], InventoryError]
Doing = Callable[[Database], Answer]

PRODUCTS = """SELECT id, sku, name, description, quantity, reorder_point, reorder_to, archived_at,
    created_at, held, placed FROM product ORDER BY id"""


@pytest.fixture
def stall(db: Database) -> Database:
    """Ten units of TEA, no CUP, and POT, which is archived with one; four operations."""
    create_product(db, "TEA", name="Tea", quantity=10, reorder_point=2, attempt=ME)
    create_product(db, "CUP", name="Cup", description="Blue", reorder_to=9, attempt=ME)
    create_product(db, "POT", name="Pot", quantity=1, attempt=ME)
    archive_product(db, "POT", attempt=ME)
    return db


def take(db: Database, *rows: FileRow, set_quantity: bool = False) -> ImportChange:
    return import_products(db, rows, options=ImportOptions(set_quantity=set_quantity), attempt=ME)


def undo(
    db: Database, operation: int | None, *, despite_counts: bool = False
) -> StockUndo | BatchUndo:
    return undo_operation(db, operation, despite_counts=despite_counts, attempt=ME)


PUT_BACK: dict[str, Doing] = {
    "name": lambda db: update_product(db, "TEA", name="Green tea", attempt=ME),
    "description": lambda db: update_product(db, "CUP", description="", attempt=ME),
    "all that is said": lambda db: update_product(
        db, "TEA", name="x", description="y", forget_reorder_point=True, reorder_to=5, attempt=ME
    ),
    "forgotten": lambda db: update_product(db, "CUP", forget_reorder_to=True, attempt=ME),
    "rename": lambda db: rename_product(db, "TEA", "CHAI", attempt=ME),
    "archive": lambda db: archive_product(db, "TEA", attempt=ME),
    "unarchive": lambda db: unarchive_product(db, "POT", attempt=ME),
    "fields of a file": lambda db: take(
        db,
        line(2, "TEA", name="Thé", description="Leaves", reorder_point="0"),
        line(3, "CUP", archived="true", reorder_to="3"),
        line(4, "POT", archived="false"),
    ),
    "counts of a file": lambda db: take(
        db, line(2, "TEA", quantity="4"), line(3, "CUP", quantity="4"), set_quantity=True
    ),
    "count": lambda db: set_stock(db, "TEA", 4, attempt=ME),
}


def delete(db: Database) -> Answer:
    return delete_product(db, "CUP", attempt=ME)


@pytest.mark.parametrize("doing", PUT_BACK.values(), ids=PUT_BACK)
def test_an_undo_puts_back_what_was_and_its_undo_what_came_of_it(
    stall: Database, query: Query, doing: Doing
) -> None:
    before = query(PRODUCTS)
    done = doing(stall).operation
    assert done is not None
    after = query(PRODUCTS)
    assert after != before
    first = undo(stall, done)
    assert query(PRODUCTS) == before
    second = undo(stall, first.operation)
    assert query(PRODUCTS) == after
    undo(stall, second.operation)
    assert query(PRODUCTS) == before


def test_what_was_deleted_and_made_anew_is_hidden_and_not_deleted_again(
    stall: Database, query: Query
) -> None:
    before = query(PRODUCTS)
    undo(stall, delete_product(stall, "CUP", attempt=ME).operation)
    assert query(PRODUCTS) == before
    undo(stall, 6)
    [(archived_at,)] = query("SELECT archived_at FROM product WHERE sku = 'CUP'")
    cup = (*before[1][:7], archived_at, *before[1][8:])
    assert archived_at
    assert query(PRODUCTS) == [before[0], cup, before[2]]
    undo(stall, 7)
    assert query(PRODUCTS) == before


@pytest.mark.parametrize(
    ("doing", "changed"),
    [("name", 1), ("all that is said", 4), ("rename", 1), ("archive", 1), ("delete", 5)],
)
def test_an_undo_of_changes_tells_how_many_it_put_back(
    stall: Database, doing: str, changed: int
) -> None:
    {**PUT_BACK, "delete": delete}[doing](stall)
    assert undo(stall, 5) == BatchUndo(6, 0, 0, 1, changes=changed)


def test_an_undone_creation_is_hidden_and_its_stock_taken(stall: Database, query: Query) -> None:
    made = create_product(stall, "MUG", name="Mug", quantity=3, attempt=ME)
    [*_, row] = query(PRODUCTS)
    assert undo(stall, made.operation) == StockUndo(
        6, "undo", "MUG", -3, 0, movement=4, low=False, movement_ids=[4], changes=1
    )
    [*_, hidden] = query(PRODUCTS)
    assert hidden == (*row[:4], 0, *row[5:7], hidden[7], *row[8:])
    assert hidden[7]
    undo(stall, 6)
    assert query(PRODUCTS)[-1] == row


def test_an_undone_creation_without_stock_is_hidden(stall: Database, query: Query) -> None:
    assert undo(stall, 2) == BatchUndo(5, 0, 0, 1, changes=1)
    assert query("SELECT archived_at IS NOT NULL FROM product WHERE sku = 'CUP'")[0][0]


def test_a_deleted_product_is_made_anew_with_its_id_and_its_history_goes_on(
    stall: Database, query: Query
) -> None:
    [cup] = [row for row in query(PRODUCTS) if row[1] == "CUP"]
    deleted = delete_product(stall, "CUP", attempt=ME)
    create_product(stall, "MUG", name="Mug", attempt=ME)
    undo(stall, deleted.operation)
    assert [row for row in query(PRODUCTS) if row[1] == "CUP"] == [cup]
    assert add_stock(stall, "CUP", 2, attempt=ME).quantity == 2
    assert query("SELECT DISTINCT sku FROM change WHERE product_id = ?", cup[0]) == [("CUP",)]


def test_an_undone_import_hides_what_it_made_and_puts_back_what_it_overwrote(
    stall: Database, query: Query
) -> None:
    before = query(PRODUCTS)
    take(
        stall,
        line(2, "TEA", name="Thé", quantity="4"),
        line(3, "MUG", name="Mug", quantity="7"),
        line(4, "JUG", name="Jug"),
        set_quantity=True,
    )
    assert undo(stall, 5) == BatchUndo(6, 2, 2, 3, changes=3)
    assert query(PRODUCTS)[:3] == before
    made = query("SELECT sku, quantity, archived_at IS NULL FROM product WHERE id > 3 ORDER BY id")
    assert [(sku, quantity, bool(shown)) for sku, quantity, shown in made] == [
        ("MUG", 0, False),
        ("JUG", 0, False),
    ]


def test_a_product_whose_creation_was_undone_is_new_to_an_import(
    stall: Database, query: Query
) -> None:
    rows = [line(2, "MUG", name="Mug", quantity="7"), line(3, "JUG", name="Jug")]
    for _ in range(3):
        answer = take(stall, *rows)
        assert (answer.created, answer.updated, answer.quantity_kept) == (2, 0, 0)
        assert query("SELECT quantity, archived_at FROM product WHERE id > 3 ORDER BY id") == [
            (7, None),
            (0, None),
        ]
        undo(stall, answer.operation)
        assert query("SELECT sum(quantity), count(archived_at) FROM product WHERE id > 3") == [
            (0, 2)
        ]


@pytest.mark.parametrize(("quantity", "left"), [("20", 20), ("0", 0), ("", 5)])
def test_it_opens_with_what_the_file_says_whatever_was_left_of_it(
    stall: Database, query: Query, quantity: str, left: int
) -> None:
    add_stock(stall, "TEA", 5, attempt=ME)
    undo(stall, 1)
    answer = take(stall, line(2, "TEA", name="Tea", quantity=quantity))
    assert (answer.created, answer.quantity_kept) == (1, 0)
    assert query("SELECT quantity, archived_at FROM product WHERE sku = 'TEA'") == [(left, None)]


def test_it_can_be_made_anew_hidden_and_with_stock(stall: Database, query: Query) -> None:
    undo(stall, 2)
    answer = take(stall, line(2, "CUP", name="Cup", quantity="7", archived="true"))
    assert (answer.created, answer.movements) == (1, 1)
    [(quantity, archived_at)] = query("SELECT quantity, archived_at FROM product WHERE id = 2")
    assert (quantity, bool(archived_at)) == (7, True)


def test_what_an_import_made_anew_and_somebody_hid_is_not_new_again(
    stall: Database, query: Query
) -> None:
    undo(stall, 2)
    take(stall, line(2, "CUP", name="Cup", quantity="7"))
    archive_product(stall, "CUP", attempt=ME)
    answer = take(stall, line(2, "CUP", name="Cup", quantity="9"))
    assert (answer.created, answer.unchanged, answer.quantity_kept) == (0, 1, 1)
    [(quantity, archived_at)] = query("SELECT quantity, archived_at FROM product WHERE id = 2")
    assert (quantity, bool(archived_at)) == (7, True)


CHANGED: dict[str, tuple[Doing, Doing, str]] = {
    "name": (
        PUT_BACK["name"],
        lambda db: update_product(db, "TEA", name="Chai", attempt=ME),
        "name",
    ),
    "sku": (PUT_BACK["rename"], lambda db: rename_product(db, "CHAI", "T", attempt=ME), "sku"),
    "made and renamed": (
        lambda db: create_product(db, "MUG", name="Mug", attempt=ME),
        lambda db: rename_product(db, "MUG", "MUG-2", attempt=ME),
        "sku",
    ),
    "made and deleted": (
        lambda db: create_product(db, "MUG", name="Mug", attempt=ME),
        lambda db: delete_product(db, "MUG", attempt=ME),
        "sku",
    ),
    "hidden and shown": (
        PUT_BACK["archive"],
        lambda db: unarchive_product(db, "TEA", attempt=ME),
        "archived",
    ),
    "point": (
        lambda db: update_product(db, "TEA", reorder_point=7, attempt=ME),
        lambda db: update_product(db, "TEA", forget_reorder_point=True, attempt=ME),
        "reorder_point",
    ),
    "a file": (
        PUT_BACK["fields of a file"],
        lambda db: update_product(db, "CUP", forget_reorder_to=True, attempt=ME),
        "reorder_to",
    ),
}


@pytest.mark.parametrize(("doing", "later", "field"), CHANGED.values(), ids=CHANGED)
def test_what_was_changed_since_is_not_overwritten_until_that_is_undone(
    stall: Database, query: Query, refused: Refused, doing: Doing, later: Doing, field: str
) -> None:
    before = query(PRODUCTS)
    doing(stall)
    last = later(stall)
    error = refused(lambda: undo(stall, 5))
    assert isinstance(error, ChangedSince)
    assert (error.details["reason"], error.details["operation"]) == ("changed_since", 5)
    assert error.details["field"] == field
    undo(stall, last.operation)
    undo(stall, 5)
    assert query(PRODUCTS)[:3] == before


def test_another_field_and_the_stock_do_not_stand_in_the_way(stall: Database, query: Query) -> None:
    update_product(stall, "TEA", name="Chai", attempt=ME)
    update_product(stall, "TEA", description="Leaves", attempt=ME)
    remove_stock(stall, "TEA", 3, attempt=ME)
    rename_product(stall, "TEA", "CHAI", attempt=ME)
    undo(stall, 5)
    said = "SELECT sku, name, description, quantity FROM product WHERE id = 1"
    assert query(said) == [("CHAI", "Tea", "Leaves", 7)]


def test_a_field_that_came_back_to_what_the_operation_left_is_as_it_left_it(
    stall: Database, query: Query
) -> None:
    for name in ("Chai", "Oolong", "Chai"):
        update_product(stall, "TEA", name=name, attempt=ME)
    undo(stall, 5)
    assert query("SELECT name FROM product WHERE id = 1") == [("Tea",)]


TAKEN: dict[str, tuple[Doing, str]] = {
    "rename": (PUT_BACK["rename"], "TEA"),
    "delete": (delete, "CUP"),
}


@pytest.mark.parametrize(("doing", "sku"), TAKEN.values(), ids=TAKEN)
def test_a_sku_that_was_taken_meanwhile_is_not_given_twice(
    stall: Database, refused: Refused, doing: Doing, sku: str
) -> None:
    doing(stall)
    create_product(stall, sku, name="Other", attempt=ME)
    error = refused(lambda: undo(stall, 5))
    assert isinstance(error, ProductExists)
    assert error.details == {"reason": "exists", "sku": sku}
    rename_product(stall, sku, "OTHER", attempt=ME)
    undo(stall, 5)


COUNTS: dict[str, Doing] = {
    "set": lambda db: set_stock(db, "TEA", 4, attempt=ME),
    "of what there was": lambda db: set_stock(db, "TEA", 13, attempt=ME),
    "file of products": lambda db: take(db, line(2, "TEA", quantity="4"), set_quantity=True),
    "of what there was in a file": lambda db: take(
        db, line(2, "TEA", quantity="13"), set_quantity=True
    ),
}


@pytest.mark.parametrize("count", COUNTS.values(), ids=COUNTS)
def test_what_a_count_has_seen_is_not_taken_back_unless_that_is_wanted(
    stall: Database, query: Query, refused: Refused, count: Doing
) -> None:
    add_stock(stall, "TEA", 3, attempt=ME)
    counted = count(stall)
    [(quantity,)] = query("SELECT quantity FROM product WHERE id = 1")
    error = refused(lambda: undo(stall, 5))
    assert isinstance(error, CountedSince)
    assert error.details == {
        "reason": "counted_since",
        "operation": 5,
        "sku": "TEA",
        "counted_by": counted.operation,
    }
    undo(stall, 5, despite_counts=True)
    assert query("SELECT quantity FROM product WHERE id = 1") == [(quantity - 3,)]


def test_a_count_that_was_undone_stands_in_nobodys_way_until_it_is_in_effect_again(
    stall: Database, refused: Refused
) -> None:
    add_stock(stall, "TEA", 3, attempt=ME)
    counted = set_stock(stall, "TEA", 4, attempt=ME)
    first = undo(stall, counted.operation)
    again = undo(stall, first.operation)
    assert isinstance(refused(lambda: undo(stall, 5)), CountedSince)
    undo(stall, again.operation)
    undo(stall, 5)


def test_a_count_before_an_operation_or_of_another_product_stands_in_nobodys_way(
    stall: Database,
) -> None:
    set_stock(stall, "TEA", 4, attempt=ME)
    add_stock(stall, "TEA", 3, attempt=ME)
    set_stock(stall, "CUP", 4, attempt=ME)
    undo(stall, 6)


def test_a_count_does_not_stand_in_the_way_of_what_moved_nothing(stall: Database) -> None:
    update_product(stall, "TEA", name="Chai", attempt=ME)
    set_stock(stall, "TEA", 4, attempt=ME)
    undo(stall, 5)


def test_a_count_of_what_there_was_is_undone_by_no_movement(stall: Database, query: Query) -> None:
    set_stock(stall, "TEA", 10, attempt=ME)
    assert undo(stall, 5) == BatchUndo(6, 0, 0, 0, changes=0)
    assert query("SELECT undone FROM operation WHERE id = 5") == [(1,)]


def test_what_is_asked_despite_counts_is_another_request(stall: Database, refused: Refused) -> None:
    keyed = Attempt("tester", "key")
    add_stock(stall, "TEA", 3, attempt=ME)
    set_stock(stall, "TEA", 4, attempt=ME)
    first = undo_operation(stall, 5, despite_counts=True, attempt=keyed)
    assert undo_operation(stall, 5, despite_counts=True, attempt=keyed) == first._replace(
        replayed=True
    )
    error = refused(lambda: undo_operation(stall, 5, attempt=keyed))
    assert error.details["reason"] == "key_reused"


def test_the_last_one_is_this_actors_newest_that_can_be_undone_and_is_no_undo(
    stall: Database, query: Query
) -> None:
    ann, bob = Attempt("ann"), Attempt("bob")
    add_stock(stall, "TEA", 1, attempt=ann)  # 5
    update_product(stall, "TEA", name="Chai", attempt=ann)  # 6
    remove_stock(stall, "TEA", 2, attempt=bob)  # 7
    remove_stock(stall, "CUP", 2, up_to=True, attempt=ann)  # 8 has moved nothing
    undo_operation(stall, None, attempt=ann)
    undo_operation(stall, None, attempt=ann)
    assert query("SELECT reverses_id, actor FROM operation WHERE kind = 'undo' ORDER BY id") == [
        (6, "ann"),
        (5, "ann"),
    ]
    with pytest.raises(NothingLeftToUndo) as caught:
        undo_operation(stall, None, attempt=ann)
    assert isinstance(caught.value, NothingToUndo)
    assert caught.value.details == {"reason": "nothing_to_undo", "operation": None, "actor": "ann"}


def test_the_last_one_under_a_key_is_one_however_often_it_is_asked_for(
    stall: Database, query: Query
) -> None:
    keyed = Attempt("tester", "key")
    first = undo_operation(stall, None, attempt=keyed)
    assert undo_operation(stall, None, attempt=keyed) == first._replace(replayed=True)
    assert query("SELECT reverses_id FROM operation WHERE kind = 'undo'") == [(4,)]


def test_an_undo_is_rehearsed_whole(stall: Database, query: Query) -> None:
    before = query(PRODUCTS)
    answer = undo_operation(stall, 2, attempt=ME._replace(dry_run=True))
    assert answer == BatchUndo(5, 0, 0, 1, dry_run=True, changes=1)
    assert query(PRODUCTS) == before


def test_an_undo_says_what_it_did_in_changes_of_its_own(stall: Database, query: Query) -> None:
    update_product(stall, "TEA", name="Chai", reorder_to=5, attempt=ME)
    undo_operation(stall, 5, label=Label(reason="mistake"), attempt=ME)
    told = "SELECT operation_id, sku, field, before, after FROM change WHERE operation_id > 4"
    assert query(f"{told} ORDER BY id") == [
        (5, "TEA", "name", "Tea", "Chai"),
        (5, "TEA", "reorder_to", None, "5"),
        (6, "TEA", "name", "Chai", "Tea"),
        (6, "TEA", "reorder_to", "5", None),
    ]


def test_a_count_that_moved_nothing_can_be_undone_and_be_in_effect_again(stall: Database) -> None:
    sold = remove_stock(stall, "TEA", 1, attempt=ME).operation
    count = set_stock(stall, "TEA", 9, attempt=ME).operation
    undone = undo(stall, count)
    assert isinstance(undone, BatchUndo)
    assert (undone.movements, undone.changes) == (0, 0)
    again = undo(stall, undone.operation)
    with pytest.raises(CountedSince):
        undo(stall, sold)
    undo(stall, again.operation)
    assert isinstance(undo(stall, sold), StockUndo)


def test_what_is_new_again_has_nothing_of_what_it_was_and_is_told_like_any_new_one(
    stall: Database, query: Query
) -> None:
    undo(stall, 2)
    told: list[LineImport] = []
    import_products(stall, [line(2, "CUP", name="Mug")], told_lines=told, attempt=ME)
    assert told == [LineImport(2, "CUP", "created", 0, None, {})]
    [cup] = [row for row in query(PRODUCTS) if row[1] == "CUP"]
    assert cup[2:7] == ("Mug", None, 0, None, None)


@pytest.mark.parametrize(
    ("options", "cells"),
    [(ImportOptions(update_only=True), {"name": "Mug"}), (ImportOptions(), {})],
    ids=["only updates", "no name"],
)
def test_what_is_new_again_is_refused_where_a_new_one_is(
    stall: Database, refused: Refused, options: ImportOptions, cells: dict[str, str]
) -> None:
    undo(stall, 2)
    rows = [line(2, "CUP", **cells)]
    error = refused(lambda: import_products(stall, rows, options=options, attempt=ME))
    assert isinstance(error, InvalidData)


def test_what_an_import_made_hidden_and_with_stock_can_be_undone(
    stall: Database, query: Query
) -> None:
    done = take(stall, line(2, "JUG", name="Jug", quantity="5", archived="yes"))
    undo(stall, done.operation)
    [row] = query("SELECT quantity, archived_at IS NULL FROM product WHERE sku = 'JUG'")
    assert (row[0], bool(row[1])) == (0, False)


def test_the_newest_is_not_one_whose_promises_are_closed(stall: Database) -> None:
    added = add_stock(stall, "TEA", 1, attempt=ME)
    for _ in range(2):
        release_hold(stall, create_hold(stall, "TEA", 1, attempt=ME).hold or 0, attempt=ME)
    delivery = expect_delivery(stall, "TEA", 3, attempt=ME).delivery
    cancel_delivery(stall, delivery, attempt=ME)
    told = Told()
    undo_operation(stall, None, told=told, attempt=ME._replace(dry_run=True))
    assert told.undone is not None
    assert told.undone.id == added.operation
    held = create_hold(stall, "TEA", 1, attempt=ME)
    undo_operation(stall, None, told=told, attempt=ME)
    assert told.undone.id == held.operation


def test_what_was_brought_back_is_the_newest_and_who_names_it_is_told_how_to_undo_it(
    stall: Database, refused: Refused
) -> None:
    add_stock(stall, "TEA", 1, attempt=ME)
    removed = remove_stock(stall, "TEA", 4, attempt=ME).operation or 0
    undo(stall, removed)
    assert undo(stall, removed + 1).operation == removed + 2
    error = refused(lambda: undo(stall, removed))
    assert (error.details["undone_by"], error.hint) == (
        removed + 1,
        f"it is in effect again; `invctl undo {removed + 2}` would take it back",
    )
    back = undo(stall, None)
    assert isinstance(back, StockUndo)
    assert (back.operation, back.delta) == (removed + 3, 4)
    error = refused(lambda: undo(stall, removed))
    assert f"`invctl undo {removed + 3}` would have it back" in error.hint


def test_a_refusal_says_what_stands_in_the_way(stall: Database, refused: Refused) -> None:
    rename_product(stall, "TEA", "CHAI", attempt=ME)
    create_product(stall, "TEA", name="Tea", attempt=ME)
    assert "product rename" in refused(lambda: undo(stall, 5)).hint
    delete_product(stall, "CUP", attempt=ME)
    assert "CUP was deleted since" in refused(lambda: undo(stall, 2)).hint


def test_what_is_gone_is_not_made_of_nothing(stall: Database, query: Query) -> None:
    undo(stall, 2)
    undo(stall, 5)  # CUP is shown again
    delete_product(stall, "CUP", attempt=ME)
    with pytest.raises(ChangedSince):
        undo(stall, 6)
    assert query("SELECT sku FROM product WHERE name = '' OR sku = 'CUP'") == []
