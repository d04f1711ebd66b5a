"""Listing and searching products, their order, and their quantities as of a time."""

from typing import Any

import pytest
from lines import movement_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.catalog import get_product, list_products
from invctl.core.products import (
    archive_product,
    create_product,
    rename_product,
    update_product,
)
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.upkeep.check import Check
from invctl.db.database import Database
from invctl.errors import InvalidData, InvalidValue, ProductNotFound, SumTooLarge
from invctl.models.attempts import Attempt, Label
from invctl.models.fields import PRODUCT_FIELDS
from invctl.models.products import Product
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")


def skus(db: Database, **how: object) -> list[str]:
    chunks = list_products(db, **how)  # type: ignore[arg-type]
    return [row[0] for chunk in chunks for row in chunk]


def quantities(db: Database, **how: object) -> dict[str, int]:
    chunks = list_products(db, **how)  # type: ignore[arg-type]
    return {row[0]: row[3] for chunk in chunks for row in chunk}


def make(
    db: Database, sku: str, name: str = "x", quantity: int = 0, at: str | None = None, **more: Any
) -> None:
    create_product(db, sku, name=name, quantity=quantity, label=Label(at=at), attempt=ME, **more)


def test_an_empty_inventory_lists_nothing(db: Database) -> None:
    assert skus(db) == []


def test_a_product_is_shown_and_listed_with_every_field(db: Database) -> None:
    make(db, "TEA", "Tea", 3, description="Leaves", reorder_point=5)
    shown = get_product(db, "TEA")
    assert Product._fields == PRODUCT_FIELDS
    assert shown[:6] == ("TEA", "Tea", "Leaves", 3, 5, False)
    [[row]] = list_products(db)
    assert tuple(row) == tuple(shown)


def test_products_are_in_order_of_sku_by_code_point(any_db: Database) -> None:
    in_order = ["10", "9", "A", "A-1", "A1", "B", "Z", "a", "b", "É", "é", "–", "Ａ", "😀"]
    for sku in reversed(in_order):
        make(any_db, sku)
    assert skus(any_db) == in_order
    assert skus(any_db, reverse=True) == in_order[::-1]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("name", ["C", "A", "D", "B"]), ("quantity", ["B", "C", "A", "D"]), ("sku", list("ABCD"))],
)
def test_ties_are_in_order_of_sku(db: Database, sort: str, expected: list[str]) -> None:
    make(db, "D", "m", 7)
    make(db, "C", "a", 2)
    make(db, "B", "z", 1)
    make(db, "A", "m", 7)
    assert skus(db, sort=sort) == expected
    assert skus(db, sort=sort, reverse=True) == expected[::-1]


def test_sorting_by_update_puts_the_latest_last(db: Database) -> None:
    for sku in "ABC":
        make(db, sku)
    add_stock(db, "A", 1, attempt=ME)
    update_product(db, "B", name="y", attempt=ME)
    times = {sku: get_product(db, sku).updated_at for sku in "ABC"}
    assert skus(db, sort="updated") == sorted("ABC", key=lambda sku: (times[sku], sku))


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_a_limit_takes_the_first_in_printed_order(db: Database, limit: int) -> None:
    for sku in "ABC":
        make(db, sku)
    assert skus(db, limit=limit) == ["A", "B", "C"][:limit]
    assert skus(db, limit=limit, reverse=True) == ["C", "B", "A"][:limit]


def test_a_long_list_comes_in_chunks_and_whole(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for engine in ("sqlite", "postgresql"):
        monkeypatch.setattr(f"invctl.db.{engine}.session.CHUNK", 2)
    for sku in "ABCDE":
        make(db, sku)
    assert [[row[0] for row in chunk] for chunk in list_products(db)] == [
        ["A", "B"],
        ["C", "D"],
        ["E"],
    ]


@pytest.mark.parametrize(
    ("archived", "expected"), [(False, ["A"]), (True, ["B"]), (None, ["A", "B"])]
)
def test_archived_products_are_listed_when_asked_for(
    db: Database, archived: bool | None, expected: list[str]
) -> None:
    make(db, "A")
    make(db, "B")
    archive_product(db, "B", attempt=ME)
    assert skus(db, archived=archived) == expected


def test_low_is_at_or_under_the_reorder_point(db: Database) -> None:
    make(db, "UNDER", quantity=1, reorder_point=2)
    make(db, "AT", quantity=2, reorder_point=2)
    make(db, "OVER", quantity=3, reorder_point=2)
    make(db, "NONE", quantity=0)
    make(db, "ZERO", quantity=0, reorder_point=0)
    assert skus(db, low=True) == ["AT", "UNDER", "ZERO"]


def test_low_leaves_archived_products_out_unless_they_are_asked_for(db: Database) -> None:
    make(db, "A", reorder_point=1)
    make(db, "B", reorder_point=1)
    archive_product(db, "B", attempt=ME)
    assert skus(db, low=True) == ["A"]
    assert skus(db, low=True, archived=True) == ["B"]
    assert skus(db, low=True, archived=None) == ["A", "B"]


SEARCHED = {
    "A1": ("100% Wool", "soft"),
    "B2": ("snake_case", None),
    "C3": ("STRASSE", "Größe Σίσυφος"),
    "D4": ("İstanbul", "ПРИВЕТ мир"),
    "E5": ("back\\slash", "line one\nline two"),
    "F6": ("plain", "Café Ǆ ﬁne"),
}


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("%", ["A1"]),
        ("0%", ["A1"]),
        ("_", ["B2"]),
        ("snake_", ["B2"]),
        ("snakeXcase", []),
        ("\\", ["E5"]),
        ("wool", ["A1"]),
        ("WOOL", ["A1"]),
        ("SOFT", ["A1"]),
        ("a1", ["A1"]),
        ("straße", ["C3"]),
        ("strasse", ["C3"]),
        ("GRÖSSE", ["C3"]),
        ("größe", ["C3"]),
        ("grösse", ["C3"]),
        ("ΣΊΣΥΦΟΣ", ["C3"]),
        ("σίσυφοσ", ["C3"]),
        ("привет", ["D4"]),
        ("МИР", ["D4"]),
        ("CAFE\u0301", ["F6"]),
        ("café", ["F6"]),
        ("ǆ", ["F6"]),
        ("FINE", ["F6"]),
        ("line two", ["E5"]),
        ("one two", ["E5"]),
        ("two plain", []),
        ("cafe", ["F6"]),
        ("gros", ["C3"]),
        ("*", []),
        ("' OR 1=1 --", []),
        ("e", ["B2", "C3", "E5", "F6"]),
    ],
)
def test_a_search_is_literal_and_knows_no_case_in_any_script(
    db: Database, search: str, expected: list[str]
) -> None:
    for sku, (name, description) in SEARCHED.items():
        make(db, sku, name, description=description)
    assert skus(db, search=search) == expected


def test_a_search_does_not_reach_from_one_field_into_the_next(db: Database) -> None:
    make(db, "AB", "CD", description="EF")
    assert skus(db, search="BC") == []
    assert skus(db, search="DE") == []


def test_a_search_goes_together_with_the_other_filters(db: Database) -> None:
    make(db, "A", "Tea", 1, reorder_point=1)
    make(db, "B", "Tea", 2, reorder_point=1)
    make(db, "C", "Cup", 1, reorder_point=1)
    assert skus(db, search="tea", low=True) == ["A"]
    assert skus(db, search="tea", sort="quantity", reverse=True, limit=1) == ["B"]


@pytest.mark.parametrize("search", ["a\0", "\u202e", "\udc80", "x" * 1001], ids=repr)
def test_a_search_for_what_is_not_text_is_a_usage_error(db: Database, search: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        skus(db, search=search)
    assert caught.value.details["field"] == "search"


def move(db: Database, delta: int, at: str) -> None:
    change = add_stock if delta > 0 else remove_stock
    change(db, "TEA", abs(delta), label=Label(at=at), attempt=ME)


@pytest.fixture
def dated(db: Database) -> Database:
    """TEA with 10 in January, 4 sold in March; and 8 sold in what was noted as February 2025."""
    make(db, "TEA", "Tea", 10, at="2026-01-10T12:00:00Z", reorder_point=2)
    move(db, -4, "2026-03-10T12:00:00Z")
    move(db, 5, "2026-04-10T12:00:00Z")
    move(db, -8, "2025-02-10T12:00:00Z")
    return db


@pytest.mark.parametrize(
    ("as_of", "quantity"),
    [
        ("2025-02-10T11:59:59.999Z", 0),
        ("2025-02-10T12:00:00.000Z", -8),
        ("2026-01-10T11:59:59.999Z", -8),
        ("2026-01-10T12:00:00.000Z", 2),
        ("2026-03-10T12:00:00.000Z", -2),
        ("2026-12-31T23:59:59.999Z", 3),
    ],
)
def test_a_quantity_as_of_a_time_is_the_sum_of_the_deltas_until_then(
    dated: Database, as_of: str, quantity: int
) -> None:
    shown = get_product(dated, "TEA", as_of=as_of)
    assert shown == get_product(dated, "TEA")._replace(quantity=quantity)
    # Nothing that is known happened before February 2025, so that there was no such product.
    assert quantities(dated, as_of=as_of) == ({"TEA": quantity} if quantity else {})


def test_a_product_that_is_told_of_later_is_in_no_list_of_before(dated: Database) -> None:
    now = "9999-12-31T00:00:00.000Z"
    make(dated, "NEW", "Never moved", 0)
    assert skus(dated, as_of="2026-01-31T00:00:00.000Z") == ["TEA"]
    assert skus(dated, as_of=now, sort="quantity") == ["NEW", "TEA"]


def test_filters_and_order_go_by_the_quantity_as_of_that_time(dated: Database) -> None:
    make(dated, "CUP", "Cup", 1, at="2025-01-01T00:00:00Z", reorder_point=0)
    then, now = "2025-06-01T00:00:00.000Z", "2026-12-31T00:00:00.000Z"
    assert skus(dated, sort="quantity", as_of=then) == ["TEA", "CUP"]
    assert skus(dated, sort="quantity", as_of=now) == ["CUP", "TEA"]
    assert skus(dated, low=True, as_of=then) == ["TEA"]
    assert skus(dated, low=True, as_of=now) == []


def test_more_than_can_be_added_up_is_told_as_that_and_not_as_damage(db: Database) -> None:
    make(db, "TEA")
    came_and_went = (str(MAX_QUANTITY), "2026-01-10"), (str(-MAX_QUANTITY), "2026-03-10")
    rows = [movement_line(2, "TEA", delta, occurred_at=at) for delta, at in came_and_went]
    apply_movements(db, rows * 1025, attempt=ME)
    then = "2026-02-01T00:00:00.000Z"
    for call in (
        lambda: skus(db, as_of=then),
        lambda: set_stock(db, "TEA", 1, label=Label(at=then), attempt=ME),
    ):
        with pytest.raises(SumTooLarge) as caught:
            call()
        assert caught.value.message.endswith("that come to more than can be added up")
    assert list(Check(db)) == []


def test_reading_an_unknown_product_names_the_nearest(db: Database) -> None:
    make(db, "TSHIRT-RED-L")
    with pytest.raises(ProductNotFound) as caught:
        get_product(db, "tshirt-red", as_of="2026-01-01T00:00:00.000Z")
    assert caught.value.details == {
        "sku": "tshirt-red",
        "nearest": "TSHIRT-RED-L",
        "renamed_to": None,
    }
    assert "did you mean TSHIRT-RED-L?" in caught.value.hint


@pytest.mark.parametrize("typed", ["A–1", "A—1", "a‑1", "A−1", "A_1"], ids=ascii)
def test_a_dash_that_a_text_program_made_is_taken_for_what_was_meant(
    db: Database, typed: str
) -> None:
    make(db, "A-1")
    for n in range(3):
        make(db, f"B-{n}")
    with pytest.raises(ProductNotFound) as caught:
        get_product(db, typed)
    assert caught.value.details["nearest"] == "A-1"


def test_reading_a_product_that_was_renamed_names_its_new_sku(db: Database) -> None:
    make(db, "TEA")
    rename_product(db, "TEA", "CHAI", attempt=ME)
    with pytest.raises(ProductNotFound) as caught:
        get_product(db, "tea")
    assert caught.value.details["renamed_to"] == "CHAI"
    assert "CHAI" in caught.value.hint


@pytest.mark.parametrize("typed", ["tshirt-red-l", " TSHIRT-RED-L\r"], ids=repr)
def test_under_the_strict_rule_case_and_blanks_are_nothing(db: Database, typed: str) -> None:
    make(db, "TSHIRT-RED-L")
    assert get_product(db, typed).sku == "TSHIRT-RED-L"


def test_under_the_any_rule_case_tells_products_apart(any_db: Database) -> None:
    make(any_db, "Tea")
    make(any_db, "TEA", quantity=1)
    assert [get_product(any_db, sku).quantity for sku in ("Tea", "TEA", " Tea ")] == [0, 1, 0]
    with pytest.raises(ProductNotFound):
        get_product(any_db, "tea")


@pytest.mark.parametrize("typed", ["tshirt_red_l", "TSHIRT RED L", "TSHIRT-RED-XL", "tshirt-red"])
def test_near_misses_are_hinted_among_many(db: Database, typed: str) -> None:
    make(db, "TSHIRT-RED-L")
    for n in range(30):
        make(db, f"MUG-{n:03}")
    with pytest.raises(ProductNotFound) as caught:
        get_product(db, typed)
    assert caught.value.details["nearest"] == "TSHIRT-RED-L"


def test_a_list_of_counted_products_is_up_to_date(db: Database) -> None:
    make(db, "A", quantity=5)
    set_stock(db, "A", 2, attempt=ME)
    assert quantities(db) == {"A": 2}


def test_a_file_means_by_a_sku_what_a_command_does(db: Database) -> None:
    make(db, "STRASSE")
    rows = [movement_line(2, "STRASSE", "1"), movement_line(3, "stra\xdfe", "1")]
    with pytest.raises(InvalidData) as caught:
        apply_movements(db, rows, attempt=ME)
    assert [one.line for one in caught.value.lines] == [3]
