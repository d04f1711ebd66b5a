"""A file of products as one operation: new ones made, known ones brought up to date."""

from collections.abc import Callable
from functools import partial

import pytest
from inventories import Rows
from lines import product_line as line

from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product, list_products
from invctl.core.codes import add_code
from invctl.core.products import archive_product, create_product
from invctl.core.promises.holds import create_hold
from invctl.core.stock import remove_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.check import Check
from invctl.db.database import Database
from invctl.errors import InvalidData, InvalidValue, InventoryError
from invctl.models.attempts import Attempt, Label
from invctl.models.batches import ImportChange
from invctl.models.rows import BadRow, FileRow, Whole
from invctl.spreadsheets import NO_PRODUCT
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
Tables = dict[str, list[tuple[object, ...]]]
Refused = Callable[[Callable[[], object]], InventoryError]


@pytest.fixture(params=[1, 2, 10_000])
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small chunks, so that their borders fall into short files."""
    for module in ("lines", "batch"):
        monkeypatch.setattr(f"invctl.core.bulk.{module}.BATCH", request.param)


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with ten units of TEA and of CUP, which is archived."""
    opening = Label(at="2025-01-01T00:00:00Z")
    create_product(
        db,
        "TEA",
        name="Tea",
        description="Leaves",
        quantity=10,
        reorder_point=3,
        label=opening,
        attempt=ME,
    )
    create_product(db, "CUP", name="Cup", quantity=10, label=opening, attempt=ME)
    archive_product(db, "CUP", attempt=ME)
    return db


def test_all_that_is_wrong_with_a_line_is_told_at_once(stall: Database, refused: Refused) -> None:
    add_code(stall, "TEA", "4006381333931", attempt=ME)
    faulty = {"quantity": "12,5", "reorder_point": "x", "archived": "maybe"}
    rows = [
        line(2, "MERINO 50G", "Wool", **faulty),
        line(3, "TEA", **faulty),
        line(4, "", "\0", quantity="-1"),
        line(5, "NEW", quantity="1.5"),
        line(6, "NEW", "New", quantity="1.5"),
        line(7, "4006381333931", "New", quantity="1.5"),
        line(8, "OK-1", "Fine", quantity="3"),
    ]
    error = refused(partial(import_products, stall, rows, attempt=ME))
    told = [(at, column) for at, column, _, _ in errors_of(error)]
    each = ["quantity", "reorder_point", "archived"]
    assert told == [
        *((2, column) for column in (*each, "sku")),
        *((3, column) for column in each),
        *((4, column) for column in ("sku", "name", "quantity")),
        *((5, column) for column in ("quantity", "name")),
        (6, "quantity"),
        *((7, column) for column in ("quantity", "sku")),
    ]
    only = partial(import_products, stall, rows, options=ImportOptions(update_only=True))
    told = [(at, column) for at, column, _, _ in errors_of(refused(partial(only, attempt=ME)))]
    assert [at for at, column in told if column == "sku"] == [2, 4, 5, 6, 7, 8]


def counts(change: ImportChange) -> tuple[int, ...]:
    return change[1:6]


def errors_of(error: InventoryError) -> list[tuple[object, ...]]:
    assert isinstance(error, InvalidData)
    found = error.details["errors"]
    assert isinstance(found, list)
    return [(one["line"], one["column"], one["value"], one["code"]) for one in found]


@pytest.mark.usefixtures("chunk")
def test_new_products_are_made_with_their_opening_stock(
    db: Database, tables: Callable[[], Tables], query: Callable[..., Rows]
) -> None:
    rows = [
        line(2, "B", "Bee", description="Buzz", quantity="3", reorder_point="1", reorder_to="9"),
        line(3, "A", "Ay"),
        line(4, "007", "Bond", quantity="0", archived="false"),
        line(5, "C", "Sea", quantity=str(MAX_QUANTITY), archived="true"),
    ]
    answer = import_products(db, rows, attempt=ME)
    assert answer == ImportChange(1, 4, 0, 0, 0, 2)
    [(now,)] = query("SELECT recorded_at FROM operation")
    assert tables()["product"] == [
        (1, "B", "Bee", "Buzz", 3, 1, None, now, now, 9, 0, 0),
        (2, "A", "Ay", None, 0, None, None, now, now, None, 0, 0),
        (3, "007", "Bond", None, 0, None, None, now, now, None, 0, 0),
        (4, "C", "Sea", None, MAX_QUANTITY, None, now, now, now, None, 0, 0),
    ]
    assert tables()["movement"] == [
        (1, 1, 1, 3, 3, None, None, None, now, None),
        (2, 1, 4, MAX_QUANTITY, MAX_QUANTITY, None, None, None, now, None),
    ]
    skus = enumerate(("B", "A", "007", "C"), 1)
    assert tables()["change"] == [(n, 1, n, sku, "sku", None, sku, None) for n, sku in skus]


@pytest.mark.usefixtures("chunk")
def test_a_file_that_is_imported_again_changes_nothing(
    db: Database, tables: Callable[[], Tables]
) -> None:
    rows = [line(n, f"P-{n}", f"Name {n}", quantity=str(n)) for n in range(2, 7)]
    import_products(db, rows, attempt=ME)
    before = tables()
    assert counts(import_products(db, rows, attempt=ME)) == (0, 0, 5, 0, 0)
    after = tables()
    assert (after["product"], after["movement"]) == (before["product"], before["movement"])


def test_a_known_product_is_updated_from_the_cells_that_are_given(stall: Database) -> None:
    before = get_product(stall, "TEA")
    answer = import_products(stall, [line(2, "TEA", "Thé")], attempt=ME)
    assert counts(answer) == (0, 1, 0, 0, 0)
    after = get_product(stall, "TEA")
    assert after == before._replace(name="Thé", updated_at=after.updated_at)
    assert after.updated_at > before.updated_at


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"description": "Dust"}, {"description": "Dust"}),
        ({"reorder_point": "0"}, {"reorder_point": 0}),
        ({"reorder_to": "20"}, {"reorder_to": 20}),
        ({"archived": "true"}, {"archived": True}),
    ],
    ids=str,
)
def test_each_cell_changes_its_field_alone(
    stall: Database, cells: dict[str, str], expected: dict[str, object]
) -> None:
    before = get_product(stall, "TEA")._asdict()
    import_products(stall, [line(2, "TEA", **cells)], attempt=ME)
    after = get_product(stall, "TEA")._asdict()
    assert {key for key in after if after[key] != before[key]} - {"updated_at"} == set(expected)
    assert expected.items() <= after.items()


def test_opening_stock_of_a_known_product_is_left_alone_and_counted(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    before = tables()
    answer = import_products(stall, [line(2, "TEA", "Tea", quantity="12")], attempt=ME)
    assert counts(answer) == (0, 0, 1, 1, 0)
    assert tables()["product"] == before["product"]


def test_a_product_can_be_updated_and_its_quantity_kept_by_one_line(stall: Database) -> None:
    answer = import_products(stall, [line(2, "TEA", "Thé", quantity="12")], attempt=ME)
    assert counts(answer) == (0, 1, 0, 1, 0)
    assert get_product(stall, "TEA").quantity == 10


@pytest.mark.usefixtures("chunk")
def test_quantities_can_be_made_counts(stall: Database, tables: Callable[[], Tables]) -> None:
    rows = [
        line(2, "TEA", quantity="4"),
        line(3, "NEW", "New", quantity="7"),
        line(4, "CUP", quantity="10"),
    ]
    answer = import_products(
        stall,
        rows,
        options=ImportOptions(set_quantity=True),
        label=Label(at="2026-01-01T00:00:00Z"),
        attempt=ME,
    )
    assert counts(answer) == (1, 1, 1, 0, 2)
    moved = {row[2]: (row[3], row[4], row[8]) for row in tables()["movement"][2:]}
    when = "2026-01-01T00:00:00.000Z"
    assert moved == {1: (-6, 4, when), 3: (7, 7, when)}
    assert get_product(stall, "TEA").quantity == 4


def test_a_count_can_be_zero(stall: Database) -> None:
    import_products(
        stall, [line(2, "TEA", quantity="0")], options=ImportOptions(set_quantity=True), attempt=ME
    )
    assert get_product(stall, "TEA").quantity == 0


def test_an_archived_product_is_not_counted(stall: Database, refused: Refused) -> None:
    rows = [line(2, "CUP", quantity="4")]
    error = refused(
        lambda: import_products(stall, rows, options=ImportOptions(set_quantity=True), attempt=ME)
    )
    assert errors_of(error) == [(2, "quantity", "4", "conflict")]


def test_a_line_can_bring_a_product_back_and_count_it(stall: Database) -> None:
    rows = [line(2, "CUP", quantity="4", archived="false")]
    answer = import_products(stall, rows, options=ImportOptions(set_quantity=True), attempt=ME)
    assert counts(answer) == (0, 1, 0, 0, 1)
    assert get_product(stall, "CUP")[3:6] == (4, None, False)


@pytest.mark.parametrize("unarchive", [False, True])
def test_a_line_can_count_a_product_and_hide_it(stall: Database, unarchive: bool) -> None:
    rows = [line(2, "TEA", quantity="4", archived="true")]
    counting = ImportOptions(set_quantity=True, unarchive=unarchive)
    answer = import_products(stall, rows, options=counting, attempt=ME)
    assert counts(answer) == (0, 1, 0, 0, 1)
    assert get_product(stall, "TEA")[3:6] == (4, 3, True)
    assert list(Check(stall)) == []
    undo_operation(stall, answer.operation, attempt=ME)
    assert get_product(stall, "TEA")[3:6] == (10, 3, False)


def test_a_line_that_hides_a_product_does_not_count_away_what_is_held(
    stall: Database, refused: Refused
) -> None:
    create_hold(stall, "TEA", 1, attempt=ME)
    rows = [line(2, "TEA", quantity="0", archived="true")]
    counting = ImportOptions(set_quantity=True)
    error = refused(lambda: import_products(stall, rows, options=counting, attempt=ME))
    assert errors_of(error) == [(2, "archived", "true", "conflict")]


def test_an_update_says_of_what_was_made_and_undone_why_it_is_not_there(
    stall: Database, refused: Refused
) -> None:
    undo_operation(stall, 1, attempt=ME)
    updating = ImportOptions(update_only=True)
    rows = [line(2, "TEA", "Tea")]
    error = refused(lambda: import_products(stall, rows, options=updating, attempt=ME))
    assert error.message.endswith("there is no product TEA; its creation was undone")


def test_an_archived_product_keeps_the_time_at_which_it_was_archived(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    before = tables()["product"]
    answer = import_products(stall, [line(2, "CUP", "Cup", archived="true")], attempt=ME)
    assert counts(answer) == (0, 0, 1, 0, 0)
    assert tables()["product"] == before


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (line(2, "", "x"), ("sku", "", "invalid_data")),
        (line(2, "new", "x"), ("sku", "new", "invalid_data")),
        (line(2, "-A", "x"), ("sku", "-A", "invalid_data")),
        (line(2, "A" * 51, "x"), ("sku", "A" * 51, "invalid_data")),
        (line(2, "A\0", "x"), ("sku", "A\0", "invalid_data")),
        (line(2, "\udc80", "x"), ("sku", "\udc80", "invalid_data")),
        (line(2, "NEW"), ("name", "", "invalid_data")),
        (line(2, "NEW", "\x1b"), ("name", "\x1b", "invalid_data")),
        (line(2, "NEW", "x" * 256), ("name", "x" * 256, "invalid_data")),
        (line(2, "NEW", "x", description="\0"), ("description", "\0", "invalid_data")),
        (line(2, "NEW", "x", quantity="-1"), ("quantity", "-1", "invalid_data")),
        (line(2, "NEW", "x", quantity="3.0"), ("quantity", "3.0", "invalid_data")),
        (line(2, "NEW", "x", quantity="٣"), ("quantity", "٣", "invalid_data")),
        (line(2, "NEW", "x", quantity="9" * 400), ("quantity", "9" * 400, "invalid_data")),
        (line(2, "NEW", "x", reorder_point="x"), ("reorder_point", "x", "invalid_data")),
        (line(2, "NEW", "x", archived="maybe"), ("archived", "maybe", "invalid_data")),
        (line(2, "TEA", quantity="1e2"), ("quantity", "1e2", "invalid_data")),
        (BadRow(2, None, None, "torn"), (None, None, "invalid_data")),
    ],
    ids=lambda one: repr(one)[:60],
)
def test_a_bad_line_is_named_and_nothing_is_imported(
    stall: Database, refused: Refused, bad: FileRow | BadRow, expected: tuple[object, ...]
) -> None:
    rows = [line(1, "GOOD", "Good", quantity="5"), bad]
    error = refused(lambda: import_products(stall, rows, attempt=ME))
    assert errors_of(error) == [(2, *expected)]


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize(("first", "second"), [("X", "X"), ("TEA", "TEA"), ("TEA", "tea")])
def test_a_sku_stands_in_a_file_once(
    stall: Database, refused: Refused, first: str, second: str
) -> None:
    rows = [line(2, first, "a"), line(3, "OTHER", "b"), line(4, second, "c")]
    error = refused(lambda: import_products(stall, rows, attempt=ME))
    assert errors_of(error) == [(4, "sku", second, "invalid_data")]


def test_what_lies_in_two_places_is_told_the_way_there_is(
    stall: Database, refused: Refused
) -> None:
    rows = [
        line(at, "X", "a", quantity="3", place=place) for at, place in ((2, "SHOP"), (3, "VAN"))
    ]
    error = refused(lambda: import_products(stall, rows, attempt=ME))
    assert "line 3, sku 'X': stands on line 2 already; `stock apply` adds" in error.message


@pytest.mark.usefixtures("chunk")
def test_two_spellings_of_a_sku_are_a_duplicate(any_db: Database, refused: Refused) -> None:
    rows = [line(2, "é", "a"), line(3, "e\u0301", "b")]
    error = refused(lambda: import_products(any_db, rows, attempt=ME))
    assert [one[0] for one in errors_of(error)] == [3]


@pytest.mark.parametrize("inventory_of", ["db", "any_db"])
def test_a_line_of_totals_is_no_product_under_either_rule(
    request: pytest.FixtureRequest, refused: Refused, inventory_of: str
) -> None:
    db: Database = request.getfixturevalue(inventory_of)
    for sku in ("Total", "TOTAL", "Total:", "grand total :", "Summe", "SUBTOTAL"):
        for name, only in (("Total", False), ("", False), ("Total", True)):
            rows = [line(2, sku, name, quantity="84")]
            options = ImportOptions(update_only=only)
            error = refused(partial(import_products, db, rows, options=options, attempt=ME))
            assert NO_PRODUCT in error.message
            assert errors_of(error)[0][:3] == (2, "sku", sku)
    create_product(db, "TOTAL", name="Called so", attempt=ME)
    assert import_products(db, [line(2, "TOTAL", "x")], attempt=ME).updated == 1


def test_the_any_rule_takes_the_skus_of_real_shops(any_db: Database) -> None:
    skus = ["cc-tee", "MH01-XS-Black", "BANK CHARGES", "茶", "e\u0301"]
    import_products(any_db, [line(n, sku, "x") for n, sku in enumerate(skus, 2)], attempt=ME)
    [rows] = list_products(any_db)
    assert [row[0] for row in rows] == ["BANK CHARGES", "MH01-XS-Black", "cc-tee", "é", "茶"]


@pytest.mark.usefixtures("chunk")
def test_errors_are_told_in_order_of_their_lines(stall: Database, refused: Refused) -> None:
    rows: list[FileRow | BadRow] = [
        line(2, "NEW"),
        line(3, "CUP", quantity="4"),
        line(4, "TEA", quantity="x"),
        BadRow(5, None, None, "torn"),
        line(6, "NEWER"),
    ]
    error = refused(
        lambda: import_products(stall, rows, options=ImportOptions(set_quantity=True), attempt=ME)
    )
    assert [one[0] for one in errors_of(error)] == [2, 3, 4, 5, 6]


def test_what_would_take_an_archived_product_is_said(stall: Database, refused: Refused) -> None:
    rows = [line(2, "CUP", quantity=Whole("4", "4,0"))]
    counting = ImportOptions(set_quantity=True)
    error = refused(lambda: import_products(stall, rows, options=counting, attempt=ME))
    assert error.hint.startswith("--unarchive brings ")
    bringing = counting._replace(unarchive=True)
    assert counts(import_products(stall, rows, options=bringing, attempt=ME)) == (0, 1, 0, 0, 1)


def test_a_value_is_told_as_its_file_writes_it(stall: Database, refused: Refused) -> None:
    rows = [line(2, "TEA", quantity=Whole("-0", "-0,0"))]
    assert errors_of(refused(lambda: import_products(stall, rows, attempt=ME)))[0][2] == "-0,0"


def test_a_time_that_is_none_is_a_usage_error(stall: Database, refused: Refused) -> None:
    error = refused(lambda: import_products(stall, [], label=Label(at="soon"), attempt=ME))
    assert isinstance(error, InvalidValue)


def test_no_lines_are_no_changes(stall: Database) -> None:
    assert counts(import_products(stall, [], attempt=ME)) == (0, 0, 0, 0, 0)


def test_a_sale_after_an_import_survives_the_next_import(stall: Database) -> None:
    rows = [line(2, "MUG", "Mug", quantity="5")]
    import_products(stall, rows, attempt=ME)
    remove_stock(stall, "MUG", 2, attempt=ME)
    assert counts(import_products(stall, rows, attempt=ME)) == (0, 0, 1, 1, 0)
    assert get_product(stall, "MUG").quantity == 3
