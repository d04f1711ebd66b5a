"""Undoing operations: their movements again with the other sign, once, and never below zero."""

from collections.abc import Callable

import pytest
from inventories import Rows
from lines import movement_line, product_line
from stock import quantity_of

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product
from invctl.core.products import (
    archive_product,
    create_product,
    delete_product,
    rename_product,
    unarchive_product,
    update_product,
)
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import (
    AlreadyUndone,
    BalanceLimit,
    HasHistory,
    InsufficientStock,
    InvalidValue,
    InventoryError,
    NothingToUndo,
    OperationNotFound,
    ProductArchived,
)
from invctl.models.attempts import Attempt, Label
from invctl.models.batches import BatchChange
from invctl.models.undos import BatchUndo, StockUndo
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
Tables = dict[str, list[tuple[object, ...]]]
Refused = Callable[[Callable[[], object]], InventoryError]
IN_EFFECT = "SELECT id, reverses_id, undone FROM operation ORDER BY id"


def apply(db: Database, *lines: tuple[str, str]) -> BatchChange:
    rows = [movement_line(n, *one) for n, one in enumerate(lines, 2)]
    return apply_movements(db, rows, attempt=ME)


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with ten units of TEA (operation 1) and none of CUP (operation 2)."""
    create_product(db, "TEA", name="Tea", quantity=10, attempt=ME)
    create_product(db, "CUP", name="Cup", attempt=ME)
    return db


def test_undoing_one_movement_is_answered_as_a_movement(stall: Database) -> None:
    remove_stock(stall, "TEA", 3, attempt=ME)
    assert undo_operation(stall, 3, attempt=ME) == StockUndo(
        operation=4,
        kind="undo",
        sku="TEA",
        delta=3,
        quantity=10,
        movement=3,
        low=False,
        movement_ids=[3],
        changes=0,
    )


def test_an_undo_appends_and_leaves_the_undone_operation_as_it_is(
    stall: Database, tables: Callable[[], Tables], query: Callable[..., Rows]
) -> None:
    remove_stock(stall, "TEA", 3, label=Label(reason="sale", ref="R"), attempt=ME)
    before = tables()
    assert query(IN_EFFECT) == [(1, None, 0), (2, None, 0), (3, None, 0)]
    label = Label(reason="mistake", at="2026-01-01T00:00:00Z")
    undo_operation(stall, 3, label=label, attempt=ME)
    after = tables()
    assert after["movement"] == [
        *before["movement"],
        (3, 4, 1, 3, 10, "mistake", "R", None, "2026-01-01T00:00:00.000Z", None),
    ]
    assert query(IN_EFFECT) == [(1, None, 0), (2, None, 0), (3, None, 1), (4, 3, 0)]
    undone = after["operation"].pop(2)
    assert undone[:-1] == before["operation"][2][:-1]
    assert after["operation"][:2] == before["operation"][:2]
    assert after["change"] == before["change"]


def test_an_undo_keeps_the_reason_and_the_ref_unless_it_is_given_others(
    stall: Database, query: Callable[..., Rows]
) -> None:
    sale = Label(reason="sale", ref="R", note="gift wrapped")
    for label in (Label(), Label(reason="mistake"), Label(ref="S", note="typed twice")):
        done = remove_stock(stall, "TEA", 1, label=sale, attempt=ME)
        undo_operation(stall, done.operation, label=label, attempt=ME)
    undos = [("sale", "R", None), ("mistake", "R", None), ("sale", "S", "typed twice")]
    said = "movement.reason, movement.ref, note, operation.reason, operation.ref"
    assert query(
        f"""SELECT {said} FROM movement JOIN operation ON operation.id = operation_id
        WHERE kind = 'undo' ORDER BY movement.id"""  # noqa: S608
    ) == [(reason, ref, note, reason, ref) for reason, ref, note in undos]


def test_an_undone_file_keeps_the_reason_and_the_ref_of_each_line(
    stall: Database, query: Callable[..., Rows]
) -> None:
    rows = [
        movement_line(2, "TEA", "-1", reason="sale", ref="R"),
        movement_line(3, "TEA", "-2"),
    ]
    apply_movements(stall, rows, label=Label(reason="file"), attempt=ME)
    undo_operation(stall, 3, attempt=ME)
    undone = query("SELECT delta, reason, ref FROM movement WHERE operation_id = 4 ORDER BY delta")
    assert undone == [(1, "sale", "R"), (2, "file", None)]


def test_undoing_many_movements_is_answered_as_an_apply(stall: Database) -> None:
    apply(stall, ("TEA", "-4"), ("CUP", "7"), ("TEA", "1"))
    assert undo_operation(stall, 3, attempt=ME) == BatchUndo(
        operation=4, lines=3, movements=3, products=2, changes=0
    )
    assert (quantity_of(stall, "TEA"), quantity_of(stall, "CUP")) == (10, 0)


def test_undoing_two_movements_of_one_product_is_answered_as_an_apply(stall: Database) -> None:
    apply(stall, ("TEA", "-4"), ("TEA", "1"))
    assert undo_operation(stall, 3, attempt=ME) == BatchUndo(
        operation=4, lines=2, movements=2, products=1, changes=0
    )


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
@pytest.mark.parametrize(
    "lines",
    [
        [("TEA", "-10"), ("TEA", "10")],
        [("TEA", "10"), ("TEA", "-10")],
        [("TEA", "-10"), ("TEA", "5"), ("TEA", "-5"), ("TEA", "20"), ("TEA", "-9")],
        [("CUP", "5"), ("CUP", "-5"), ("CUP", "5"), ("CUP", "-5")],
    ],
    ids=["down-up", "up-down", "zigzag", "up-down-twice"],
)
def test_an_undo_is_judged_by_where_it_ends(
    stall: Database, monkeypatch: pytest.MonkeyPatch, chunk: int, lines: list[tuple[str, str]]
) -> None:
    for engine in ("sqlite", "postgresql"):
        monkeypatch.setattr(f"invctl.db.{engine}.session.CHUNK", chunk)
    monkeypatch.setattr("invctl.core.bulk.batch.BATCH", chunk)
    apply(stall, *lines)
    undo_operation(stall, 3, attempt=ME)
    assert (quantity_of(stall, "TEA"), quantity_of(stall, "CUP")) == (10, 0)


def test_an_undo_is_possible_where_only_an_order_on_the_way_would_go_below_zero(
    stall: Database,
) -> None:
    apply(stall, ("TEA", "-10"), ("TEA", "10"))
    remove_stock(stall, "TEA", 10, attempt=ME)
    undo_operation(stall, 3, attempt=ME)
    assert quantity_of(stall, "TEA") == 0


def test_an_undo_that_would_go_below_zero_is_refused_whole(
    stall: Database, refused: Refused
) -> None:
    apply(stall, ("TEA", "-2"), ("CUP", "5"))
    remove_stock(stall, "CUP", 1, attempt=ME)
    error = refused(lambda: undo_operation(stall, 3, attempt=ME))
    assert isinstance(error, InsufficientStock)
    short = {"sku": "CUP", "requested": 5, "available": 4, "quantity": 4, "held": 0}
    assert error.details == {**short, "errors": [short]}


def test_every_product_of_which_there_is_too_little_is_named(
    stall: Database, refused: Refused
) -> None:
    create_product(stall, "POT", name="Pot", attempt=ME)
    apply(stall, ("CUP", "5"), ("TEA", "1"), ("POT", "2"), ("CUP", "1"))
    remove_stock(stall, "CUP", 3, attempt=ME)
    remove_stock(stall, "POT", 1, attempt=ME)
    error = refused(lambda: undo_operation(stall, 4, attempt=ME))
    assert isinstance(error, InsufficientStock)
    assert error.details["errors"] == [
        {"sku": "CUP", "requested": 6, "available": 3, "quantity": 3, "held": 0},
        {"sku": "POT", "requested": 2, "available": 1, "quantity": 1, "held": 0},
    ]
    assert error.details["sku"] == "CUP"
    assert "1 more SKU" in error.hint


def test_a_refused_undo_can_be_made_later(stall: Database, refused: Refused) -> None:
    add_stock(stall, "CUP", 5, attempt=ME)
    remove_stock(stall, "CUP", 1, attempt=ME)
    assert isinstance(refused(lambda: undo_operation(stall, 3, attempt=ME)), InsufficientStock)
    add_stock(stall, "CUP", 1, attempt=ME)
    assert undo_operation(stall, 3, attempt=ME).operation == 6


def test_an_undo_that_would_pass_the_largest_quantity_is_refused(
    stall: Database, refused: Refused
) -> None:
    remove_stock(stall, "TEA", 10, attempt=ME)
    set_stock(stall, "TEA", MAX_QUANTITY, attempt=ME)
    error = refused(lambda: undo_operation(stall, 3, despite_counts=True, attempt=ME))
    assert isinstance(error, BalanceLimit)
    assert error.details["quantity"] == MAX_QUANTITY


def test_an_operation_is_undone_once(stall: Database, refused: Refused) -> None:
    remove_stock(stall, "TEA", 3, attempt=ME)
    undo_operation(stall, 3, attempt=ME)
    error = refused(lambda: undo_operation(stall, 3, attempt=ME))
    assert isinstance(error, AlreadyUndone)
    assert error.details == {"reason": "already_undone", "operation": 3, "undone_by": 4}


def test_an_undo_can_be_undone_and_then_the_first_stays_undone_once(
    stall: Database, refused: Refused
) -> None:
    remove_stock(stall, "TEA", 3, attempt=ME)
    undo_operation(stall, 3, attempt=ME)
    assert undo_operation(stall, 4, attempt=ME).operation == 5
    assert quantity_of(stall, "TEA") == 7
    assert isinstance(refused(lambda: undo_operation(stall, 3, attempt=ME)), AlreadyUndone)
    undo_operation(stall, 5, attempt=ME)
    assert quantity_of(stall, "TEA") == 10


def test_each_undo_turns_over_whether_what_lies_under_it_is_in_effect(
    stall: Database, query: Callable[..., Rows]
) -> None:
    remove_stock(stall, "TEA", 3, attempt=ME)
    seen = []
    for operation in range(3, 7):
        undo_operation(stall, operation, attempt=ME)
        seen.append([undone for *_, undone in query(IN_EFFECT)[2:]])
    assert seen == [[1, 0], [0, 1, 0], [1, 0, 1, 0], [0, 1, 0, 1, 0]]


def test_a_dry_run_does_not_undo(stall: Database, tables: Callable[[], Tables]) -> None:
    before = tables()
    undo_operation(stall, 1, attempt=Attempt("tester", dry_run=True))
    assert tables() == before
    assert undo_operation(stall, 1, attempt=ME).operation == 3


@pytest.mark.parametrize("unknown", [0, 3, -1, MAX_QUANTITY])
def test_an_unknown_operation_is_not_found(stall: Database, refused: Refused, unknown: int) -> None:
    error = refused(lambda: undo_operation(stall, unknown, attempt=ME))
    assert isinstance(error, OperationNotFound)
    assert (error.code, error.details) == ("not_found", {"operation": unknown})


STILL: dict[str, Callable[[Database], object]] = {
    "update": lambda db: update_product(db, "TEA", name="Tea", attempt=ME),
    "rename": lambda db: rename_product(db, "TEA", "TEA", attempt=ME),
    "unarchive": lambda db: unarchive_product(db, "TEA", attempt=ME),
    "remove": lambda db: remove_stock(db, "CUP", 1, up_to=True, attempt=ME),
    "apply": apply,
    "import": lambda db: import_products(db, [product_line(2, "TEA", "Tea")], attempt=ME),
}


@pytest.mark.parametrize("still", STILL.values(), ids=STILL)
def test_what_changed_nothing_cannot_be_undone(
    stall: Database, refused: Refused, still: Callable[[Database], object]
) -> None:
    still(stall)
    error = refused(lambda: undo_operation(stall, 3, attempt=ME))
    assert isinstance(error, NothingToUndo)
    assert error.details == {"reason": "nothing_to_undo", "operation": 3}


def test_an_archived_product_does_not_move_by_an_undo(stall: Database, refused: Refused) -> None:
    archive_product(stall, "TEA", attempt=ME)
    error = refused(lambda: undo_operation(stall, 1, attempt=ME))
    assert isinstance(error, ProductArchived)
    assert error.details == {"reason": "archived", "sku": "TEA"}


def test_undoing_a_creation_takes_its_opening_stock_and_hides_the_product(
    stall: Database, refused: Refused
) -> None:
    undo_operation(stall, 1, attempt=ME)
    assert get_product(stall, "TEA")[3:6] == (0, None, True)
    error = refused(lambda: delete_product(stall, "TEA", attempt=ME))
    assert isinstance(error, HasHistory)
    assert error.details["movements"] == 2


def test_an_undo_follows_a_product_to_its_new_sku(stall: Database) -> None:
    remove_stock(stall, "TEA", 3, attempt=ME)
    rename_product(stall, "TEA", "TEA-2", attempt=ME)
    answer = undo_operation(stall, 3, attempt=ME)
    assert isinstance(answer, StockUndo)
    assert (answer.sku, answer.quantity) == ("TEA-2", 10)


def test_an_undo_with_a_bad_label_is_a_usage_error(stall: Database, refused: Refused) -> None:
    bad = Label(reason="No Reason")
    error = refused(lambda: undo_operation(stall, 1, label=bad, attempt=ME))
    assert isinstance(error, InvalidValue)


def test_more_products_than_are_remembered_are_judged_and_moved_back(
    stall: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invctl.core.bulk.batch._REMEMBERED", 1)
    monkeypatch.setattr("invctl.core.undoing.inverse.BATCH", 2)
    for engine in ("sqlite", "postgresql"):
        monkeypatch.setattr(f"invctl.db.{engine}.session.CHUNK", 2)
    skus = [f"BULK-{n}" for n in range(7)]
    import_products(
        stall, [product_line(n, sku, "x", quantity="5") for n, sku in enumerate(skus)], attempt=ME
    )
    for sku in skus[1:6]:
        remove_stock(stall, sku, 1, attempt=ME)
    with pytest.raises(InsufficientStock) as caught:
        undo_operation(stall, 3, attempt=ME)
    errors = caught.value.details["errors"]
    assert isinstance(errors, list)
    assert [one["sku"] for one in errors] == skus[1:6]
    for sku in skus[1:6]:
        add_stock(stall, sku, 1, attempt=ME)
    assert undo_operation(stall, 3, attempt=ME) == BatchUndo(14, 7, 7, 7, changes=7)
    assert {quantity_of(stall, sku) for sku in skus} == {0}


def test_an_archived_product_is_named_before_those_of_which_too_little_is_left(
    stall: Database, refused: Refused
) -> None:
    made = apply(stall, ("TEA", "5"), ("CUP", "5")).operation
    remove_stock(stall, "TEA", get_product(stall, "TEA").quantity, attempt=ME)
    archive_product(stall, "CUP", attempt=ME)
    assert isinstance(refused(lambda: undo_operation(stall, made, attempt=ME)), ProductArchived)
