"""Creating, changing, renaming, archiving and deleting products."""

from collections.abc import Callable
from itertools import chain

import pytest
from inventories import Rows

from invctl.core.catalog import get_product, get_products
from invctl.core.ledger import stock_history
from invctl.core.products import (
    archive_product,
    archive_products,
    create_product,
    delete_product,
    rename_product,
    unarchive_product,
    unarchive_products,
    update_product,
)
from invctl.core.stock import add_stock
from invctl.db.database import Database
from invctl.errors import (
    HasHistory,
    InvalidValue,
    InventoryError,
    ProductExists,
    ProductNotFound,
)
from invctl.models.attempts import Attempt, Label
from invctl.models.products import ProductChange
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
Tables = dict[str, list[tuple[object, ...]]]
Refused = Callable[[Callable[[], object]], InventoryError]


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with ten units of TEA and none of CUP."""
    create_product(db, "TEA", name="Tea", description="Leaves", quantity=10, attempt=ME)
    create_product(db, "CUP", name="Cup", reorder_point=2, attempt=ME)
    return db


def test_a_new_product_is_answered_as_it_is_stored(
    db: Database, tables: Callable[[], Tables], query: Callable[..., Rows]
) -> None:
    made = create_product(
        db,
        "007",
        name="Bond",
        description="Spy",
        quantity=3,
        reorder_point=1,
        reorder_to=9,
        attempt=ME,
    )
    now = made.created_at
    assert made == ProductChange(
        "007",
        "Bond",
        "Spy",
        3,
        1,
        False,
        now,
        now,
        operation=1,
        low=False,
        held=0,
        available=3,
        expected=0,
        reorder_to=9,
    )
    assert tables()["product"] == [(1, "007", "Bond", "Spy", 3, 1, None, now, now, 9, 0, 0)]
    assert tables()["movement"] == [(1, 1, 1, 3, 3, None, None, None, now, None)]
    assert tables()["change"] == [(1, 1, 1, "007", "sku", None, "007", None)]
    runs = "first_movement, last_movement, first_change, last_change"
    assert query(f"SELECT id, kind, reverses_id, actor, recorded_at, {runs} FROM operation") == [  # noqa: S608
        (1, "create", None, "tester", now, 1, 1, 1, 1)
    ]


def test_an_opening_quantity_of_zero_makes_no_movement(
    db: Database, tables: Callable[[], Tables]
) -> None:
    create_product(db, "A", name="a", attempt=ME)
    assert tables()["movement"] == []


def test_opening_stock_can_be_back_dated_and_the_product_is_not(
    db: Database, query: Callable[..., Rows]
) -> None:
    made = create_product(
        db, "A", name="a", quantity=1, label=Label(at="2020-05-05T00:00:00Z"), attempt=ME
    )
    assert query("SELECT occurred_at FROM movement") == [("2020-05-05T00:00:00.000Z",)]
    assert made.created_at > "2021"


def test_an_empty_description_is_null(db: Database) -> None:
    assert create_product(db, "A", name="a", description="", attempt=ME).description is None


def test_opening_stock_may_be_the_largest_quantity(db: Database) -> None:
    made = create_product(db, "A", name="a", quantity=MAX_QUANTITY, attempt=ME)
    assert made.quantity == MAX_QUANTITY


def test_a_sku_is_made_once(stall: Database, refused: Refused) -> None:
    error = refused(lambda: create_product(stall, "TEA", name="Other", attempt=ME))
    assert isinstance(error, ProductExists)
    assert error.details == {"reason": "exists", "sku": "TEA"}


def test_an_archived_product_keeps_its_sku(stall: Database, refused: Refused) -> None:
    archive_product(stall, "TEA", attempt=ME)
    error = refused(lambda: create_product(stall, "TEA", name="Other", attempt=ME))
    assert isinstance(error, ProductExists)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"sku": "tea"}, "sku"),
        ({"sku": ""}, "sku"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"description": "x" * 1001}, "description"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": MAX_QUANTITY + 1}, "quantity"),
        ({"reorder_point": -1}, "reorder_point"),
        ({"reorder_to": -1}, "reorder_to"),
        ({"label": Label(at="soon")}, "at"),
    ],
    ids=lambda one: repr(one)[:60],
)
def test_a_bad_value_makes_no_product(
    db: Database, refused: Refused, values: dict[str, object], field: str
) -> None:
    given: dict[str, object] = {"sku": "NEW", "name": "New", **values}
    error = refused(lambda: create_product(db, **given, attempt=ME))  # type: ignore[arg-type]
    assert isinstance(error, InvalidValue)
    assert error.details["field"] == field


def test_the_two_spellings_of_a_sku_are_one_product(any_db: Database, refused: Refused) -> None:
    made = create_product(any_db, "cafe\u0301", name="x", quantity=1, attempt=ME)
    assert made.sku == "café"
    assert add_stock(any_db, "cafe\u0301", 1, attempt=ME).sku == "café"
    error = refused(lambda: create_product(any_db, "café", name="y", attempt=ME))
    assert isinstance(error, ProductExists)


def test_skus_of_the_any_rule_match_exactly(any_db: Database, refused: Refused) -> None:
    create_product(any_db, "BANK CHARGES", name="x", attempt=ME)
    error = refused(lambda: get_product(any_db, "Bank Charges"))
    assert isinstance(error, ProductNotFound)
    assert error.details == {"sku": "Bank Charges", "nearest": "BANK CHARGES", "renamed_to": None}


def test_an_update_changes_what_is_given_and_nothing_else(stall: Database) -> None:
    before = get_product(stall, "TEA")
    changed = update_product(stall, "TEA", name="Green tea", reorder_point=4, attempt=ME)
    expected = before._replace(name="Green tea", reorder_point=4, updated_at=changed.updated_at)
    assert get_product(stall, "TEA") == expected
    assert changed._asdict() == {
        **expected._asdict(),
        "operation": 3,
        "replayed": False,
        "dry_run": False,
    }
    assert changed.updated_at > before.updated_at


def test_an_update_can_take_description_and_reorder_point_away(stall: Database) -> None:
    update_product(stall, "CUP", forget_reorder_point=True, attempt=ME)
    update_product(stall, "TEA", description="", attempt=ME)
    assert get_product(stall, "CUP").reorder_point is None
    assert get_product(stall, "TEA").description is None


def test_an_update_to_what_is_there_leaves_the_row_as_it_is(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    before = tables()["product"]
    update_product(stall, "TEA", name="Tea", description="Leaves", attempt=ME)
    assert tables()["product"] == before


def test_an_update_of_nothing_leaves_the_row_as_it_is(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    before = tables()["product"]
    update_product(stall, "TEA", attempt=ME)
    assert tables()["product"] == before


@pytest.mark.parametrize("values", [{"name": ""}, {"name": "\x1b"}, {"reorder_point": -1}], ids=str)
def test_an_update_with_a_bad_value_is_refused(
    stall: Database, refused: Refused, values: dict[str, object]
) -> None:
    error = refused(
        lambda: update_product(stall, "TEA", **values, attempt=ME)  # type: ignore[arg-type]
    )
    assert isinstance(error, InvalidValue)


def test_a_renamed_product_keeps_its_identity_and_history(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    before = tables()
    answer = rename_product(stall, "TEA", "TEA-GREEN", attempt=ME)
    assert (answer.sku, answer.quantity) == ("TEA-GREEN", 10)
    after = tables()
    assert after["product"][0][0] == before["product"][0][0]
    assert after["movement"] == before["movement"]
    [[moved]] = stock_history(stall, "TEA-GREEN")
    assert moved[3] == "TEA-GREEN"


def test_a_renamed_product_is_not_found_by_its_old_sku(stall: Database, refused: Refused) -> None:
    rename_product(stall, "TEA", "TEA-GREEN", attempt=ME)
    error = refused(lambda: add_stock(stall, "TEA", 1, attempt=ME))
    assert isinstance(error, ProductNotFound)


def test_an_old_sku_can_be_given_to_another_product(stall: Database) -> None:
    rename_product(stall, "TEA", "TEA-GREEN", attempt=ME)
    assert create_product(stall, "TEA", name="Black", attempt=ME).quantity == 0
    assert get_product(stall, "TEA-GREEN").quantity == 10


def test_a_rename_to_a_taken_sku_is_refused(stall: Database, refused: Refused) -> None:
    error = refused(lambda: rename_product(stall, "TEA", "CUP", attempt=ME))
    assert isinstance(error, ProductExists)
    assert error.details == {"reason": "exists", "sku": "CUP"}


def test_a_rename_to_itself_changes_nothing(stall: Database, tables: Callable[[], Tables]) -> None:
    before = tables()["product"]
    assert rename_product(stall, "TEA", "TEA", attempt=ME).sku == "TEA"
    assert tables()["product"] == before


@pytest.mark.parametrize("new", ["tea", "-A", "", "A" * 51, "A B"])
def test_a_rename_keeps_the_rule_for_skus(stall: Database, refused: Refused, new: str) -> None:
    assert isinstance(refused(lambda: rename_product(stall, "TEA", new, attempt=ME)), InvalidValue)


def test_an_archived_product_comes_back_with_its_stock(stall: Database) -> None:
    assert archive_product(stall, "TEA", attempt=ME).archived is True
    assert get_product(stall, "TEA").archived is True
    assert unarchive_product(stall, "TEA", attempt=ME).archived is False
    assert add_stock(stall, "TEA", 1, attempt=ME).quantity == 11


def test_several_are_hidden_and_brought_back_by_any_of_their_names(stall: Database) -> None:
    done = archive_products(stall, ["cup", "TEA", "CUP"], attempt=ME)
    assert [(one.sku, one.archived) for one in done] == [("CUP", True), ("TEA", True)]
    assert len({one.operation for one in done}) == 1
    back = unarchive_products(stall, ["TEA", "CUP"], attempt=ME)
    assert [(one.sku, one.archived) for one in back] == [("TEA", False), ("CUP", False)]
    assert [one.sku for one in chain.from_iterable(get_products(stall, ["TEA", "CUP"]))] == [
        "TEA",
        "CUP",
    ]


@pytest.mark.parametrize("change", [archive_product, unarchive_product])
def test_archiving_and_unarchiving_twice_succeed_and_change_nothing(
    stall: Database, tables: Callable[[], Tables], change: Callable[..., ProductChange]
) -> None:
    first = change(stall, "TEA", attempt=ME)
    before = tables()["product"]
    second = change(stall, "TEA", attempt=ME)
    assert second == first._replace(operation=second.operation)
    assert tables()["product"] == before


def test_fields_of_an_archived_product_can_be_changed(stall: Database) -> None:
    archive_product(stall, "TEA", attempt=ME)
    assert update_product(stall, "TEA", name="Old tea", attempt=ME).archived is True
    assert rename_product(stall, "TEA", "OLD-TEA", attempt=ME).archived is True


def test_a_product_without_movements_is_deleted_and_answered_as_it_was(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    was = get_product(stall, "CUP")
    answer = delete_product(stall, "CUP", attempt=ME)
    assert was._asdict().items() <= answer._asdict().items()
    assert [row[1] for row in tables()["product"]] == ["TEA"]
    assert tables()["operation"][-1][1] == "delete"


def test_a_deleted_sku_can_be_made_again(stall: Database) -> None:
    delete_product(stall, "CUP", attempt=ME)
    assert create_product(stall, "CUP", name="Mug", attempt=ME).reorder_point is None


@pytest.mark.parametrize("archived", [False, True])
def test_a_product_with_movements_is_not_deleted(
    stall: Database, refused: Refused, archived: bool
) -> None:
    add_stock(stall, "TEA", 1, attempt=ME)
    if archived:
        archive_product(stall, "TEA", attempt=ME)
    error = refused(lambda: delete_product(stall, "TEA", attempt=ME))
    assert isinstance(error, HasHistory)
    assert error.details == {"reason": "has_history", "sku": "TEA", "movements": 2}


CHANGES: list[Callable[[Database, str], object]] = [
    lambda db, sku: update_product(db, sku, name="x", attempt=ME),
    lambda db, sku: rename_product(db, sku, "NEW", attempt=ME),
    lambda db, sku: rename_product(db, sku, "CUP", attempt=ME),
    lambda db, sku: archive_product(db, sku, attempt=ME),
    lambda db, sku: unarchive_product(db, sku, attempt=ME),
    lambda db, sku: delete_product(db, sku, attempt=ME),
    get_product,
]


@pytest.mark.parametrize("change", CHANGES)
def test_an_unknown_sku_is_not_found(
    stall: Database, refused: Refused, change: Callable[[Database, str], object]
) -> None:
    error = refused(lambda: change(stall, "teas"))
    assert isinstance(error, ProductNotFound)
    assert error.details == {"sku": "teas", "nearest": "TEA", "renamed_to": None}


@pytest.mark.parametrize("sku", ["A" * 300, "\x1b[31m", "\udcff"])
def test_an_unknown_sku_is_shown_cut_and_plain(stall: Database, refused: Refused, sku: str) -> None:
    error = refused(lambda: get_product(stall, sku))
    assert error.details["sku"] == sku
    assert error.message.isprintable()
    assert len(error.message) <= 230
