"""Codes: what they stand for, wherever a SKU is asked for, and that none of them is a SKU."""

from collections.abc import Callable
from functools import partial

import pytest
from inventories import run
from lines import count_line, keyed_line, movement_line, product_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.each import apply_lines
from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product, list_products
from invctl.core.codes import add_code, import_codes, list_codes, remove_code
from invctl.core.counting.file import count_products
from invctl.core.products import create_product, delete_product, rename_product, update_product
from invctl.core.promises.deliveries import expect_delivery
from invctl.core.promises.holds import create_hold
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.check import Check
from invctl.db.database import Database
from invctl.errors import (
    CodeExists,
    CodeIsSku,
    CodeNotFound,
    InsufficientStock,
    InvalidData,
    InvalidValue,
    InventoryError,
    NothingToUndo,
    ProductNotFound,
    SkuIsCode,
)
from invctl.models.attempts import NO_LABEL, Attempt
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
EAN = "4006381333931"
UPC = "036000291452"
Refused = Callable[[Callable[[], object]], InventoryError]
Change = Callable[[Database, str, int], object]


@pytest.fixture
def milk(db: Database) -> Database:
    """An inventory with 30 MILK, of which EAN means six, and TEA."""
    create_product(db, "MILK", name="Milk", quantity=30, attempt=ME)
    create_product(db, "TEA", name="Tea", quantity=5, attempt=ME)
    add_code(db, "MILK", EAN, units=6, attempt=ME)
    return db


def codes(db: Database) -> list[tuple[object, ...]]:
    return [row for rows in list_codes(db) for row in rows]


def by_apply(sign: int, action: str = "") -> Change:
    def change(db: Database, sku: str, amount: int) -> object:
        cells = {"action": action, "amount": str(amount)} if action else {}
        row = movement_line(2, sku, "" if action else str(sign * amount), **cells)
        return apply_movements(db, [row], attempt=ME)

    return change


def by_line(action: str, *, together: bool) -> Change:
    def change(db: Database, sku: str, amount: int) -> object:
        lines = [keyed_line(sku, action=action, amount=str(amount))]
        lines += [keyed_line("TEA", delta="1")] * together
        return apply_lines(db, lines, label=NO_LABEL, attempt=ME)[0]

    return change


CHANGES: dict[str, tuple[Change, int]] = {
    "remove": (partial(remove_stock, attempt=ME), 18),
    "remove up to": (partial(remove_stock, up_to=True, attempt=ME), 18),
    "add": (partial(add_stock, attempt=ME), 42),
    "set": (partial(set_stock, attempt=ME), 12),
    "a line that takes": (by_apply(-1), 18),
    "a line that counts": (by_apply(1, "set"), 12),
    "a pipe's line": (by_line("remove", together=False), 18),
    "a pipe's lines": (by_line("remove", together=True), 18),
    "a pipe's counts": (by_line("set", together=True), 12),
    "a count": (lambda db, s, n: count_products(db, [count_line(2, s, str(n))], attempt=ME), 12),
}


@pytest.mark.parametrize(("change", "left"), CHANGES.values(), ids=CHANGES)
def test_an_amount_counts_scans_where_a_code_stands_for_the_sku(
    milk: Database, change: Change, left: int
) -> None:
    done = change(milk, f"0{EAN}\r", 2)
    assert not isinstance(done, InventoryError), done
    assert get_product(milk, EAN).quantity == left


def test_what_is_promised_by_a_code_is_told_in_units(milk: Database) -> None:
    assert create_hold(milk, EAN, 2, attempt=ME).amount == 12
    assert create_hold(milk, EAN, 9, up_to=True, attempt=ME).amount == 18
    assert expect_delivery(milk, EAN, 3, attempt=ME).amount == 18


def test_a_refusal_is_told_in_units(milk: Database, refused: Refused) -> None:
    error = refused(lambda: remove_stock(milk, EAN, 6, attempt=ME))
    assert isinstance(error, InsufficientStock)
    assert (error.details["sku"], error.details["requested"]) == ("MILK", 36)
    far = MAX_QUANTITY // 2
    for change in (remove_stock, add_stock, set_stock):
        assert isinstance(refused(partial(change, milk, EAN, far, attempt=ME)), InvalidValue)


@pytest.mark.parametrize("typed", [UPC, "36000291452", f"0{UPC}", f"00{UPC}", f" {UPC}\r"])
def test_one_article_is_one_code_with_and_without_leading_zeros(db: Database, typed: str) -> None:
    create_product(db, "MUG", name="Mug", quantity=5, attempt=ME)
    add_code(db, "mug", UPC, attempt=ME)
    assert remove_stock(db, typed, 1, attempt=ME).sku == "MUG"
    assert remove_code(db, typed, attempt=ME)[:3] == (UPC, "MUG", 1)


@pytest.mark.parametrize("typed", ["036000291453", "0036000291453", "00017", "17 "])
def test_digits_without_a_right_check_digit_are_text(db: Database, typed: str) -> None:
    create_product(db, "MUG", name="Mug", quantity=5, attempt=ME)
    add_code(db, "MUG", "36000291453", attempt=ME)
    add_code(db, "MUG", "0017", attempt=ME)
    with pytest.raises(ProductNotFound):
        remove_stock(db, typed, 1, attempt=ME)


def test_no_sku_is_a_code(milk: Database, refused: Refused) -> None:
    add_code(milk, "MILK", "box", attempt=ME)
    for sku in (EAN, f"0{EAN}", "BOX"):
        create = partial(create_product, milk, sku, name="x", attempt=ME)
        rename = partial(rename_product, milk, "TEA", sku, attempt=ME)
        for change in (create, rename):
            error = refused(change)
            assert isinstance(error, SkuIsCode)
            assert error.details["reason"] == "exists"
        rows = [product_line(2, sku, "x")]
        error = refused(partial(import_products, milk, rows, attempt=ME))
        assert isinstance(error, InvalidData)
        assert [line.code for line in error.lines] == ["conflict"]


def test_no_code_is_a_sku_and_none_is_of_two_products(milk: Database, refused: Refused) -> None:
    create_product(milk, UPC, name="x", attempt=ME)
    taken = {"tea": CodeIsSku, "36000291452": CodeIsSku, f"00{UPC}": CodeIsSku, EAN: CodeExists}
    for code, kind in taken.items():
        error = refused(partial(add_code, milk, "TEA", code, attempt=ME))
        assert type(error) is kind
        # A SKU is found as it is spelled alone: that it could be scanned so would be untrue.
        respelled = kind is CodeIsSku and code.isdigit()
        assert (f"`invctl product rename {UPC} {code}`" in error.hint) is respelled
    rows = [(n, ("TEA", code, "")) for n, code in enumerate(taken, 2)]
    rows += [(6, ("NOPE", "X1", "")), (7, ("TEA", "", "")), (8, ("TEA", "X2", "0"))]
    error = refused(lambda: import_codes(milk, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [(one.line, one.column, one.code) for one in error.lines] == [
        *((n, "code", "conflict") for n in (2, 3, 4, 5)),
        (6, "sku", "not_found"),
        (7, "code", "invalid_data"),
        (8, "units", "invalid_data"),
    ]


def test_the_sku_of_an_undone_rename_may_be_a_code_by_now(milk: Database, refused: Refused) -> None:
    renamed = rename_product(milk, "TEA", "CHAI", attempt=ME).operation
    add_code(milk, "MILK", "tea", attempt=ME)
    assert isinstance(refused(lambda: undo_operation(milk, renamed, attempt=ME)), SkuIsCode)


def test_under_the_rule_any_a_code_is_matched_exactly(any_db: Database) -> None:
    create_product(any_db, "cup", name="Cup", quantity=5, attempt=ME)
    add_code(any_db, "cup", "Cup", attempt=ME)
    add_code(any_db, "cup", "CUP", units=2, attempt=ME)
    assert remove_stock(any_db, "CUP", 1, attempt=ME).delta == -2
    with pytest.raises(ProductNotFound):
        remove_stock(any_db, "cUP", 1, attempt=ME)


def test_an_import_adds_and_updates(milk: Database) -> None:
    rows = [(2, ("milk", EAN, "12")), (3, ("TEA", "T", "")), (4, ("TEA", "T", "1"))]
    assert import_codes(milk, rows, attempt=ME)[1:4] == (1, 1, 1)
    assert codes(milk) == [(EAN, "MILK", 12), ("T", "TEA", 1)]
    assert import_codes(milk, rows, attempt=ME)[1:4] == (0, 0, 3)


def test_a_code_keeps_its_units_where_none_are_given(milk: Database) -> None:
    assert add_code(milk, "milk", EAN, attempt=ME).units == 6
    assert import_codes(milk, [(2, ("MILK", EAN, ""))], attempt=ME)[1:4] == (0, 0, 1)
    assert codes(milk)[0][2] == 6
    add_code(milk, "MILK", EAN, units=1, attempt=ME)
    assert codes(milk)[0][2] == 1


def test_what_tells_a_scanner_what_to_do_is_no_code(milk: Database, refused: Refused) -> None:
    for code in ("INVCTL:ADD", "invctl:x"):
        error = refused(partial(add_code, milk, "TEA", code, attempt=ME))
        assert error.message.endswith("begins with INVCTL:, which tells a scanner what to do")
        rows = [(2, ("TEA", code, ""))]
        error = refused(lambda rows=rows: import_codes(milk, rows, attempt=ME))  # type: ignore[misc]
        assert isinstance(error, InvalidData)
        assert error.lines[0][:3] == (2, "code", code)


@pytest.mark.parametrize("number", ["4.00638E+12", "4,00638e+12", "4E+12"])
def test_a_number_that_a_spreadsheet_has_rounded_is_no_code(
    milk: Database, refused: Refused, number: str
) -> None:
    for add in (
        lambda: add_code(milk, "MILK", number, attempt=ME),
        lambda: import_codes(milk, [(2, ("MILK", "M1", "")), (3, ("TEA", number, ""))], attempt=ME),
    ):
        assert "a spreadsheet has rounded" in refused(add).message
    dated = [(2, ("TEA", "12-Mar", ""))]
    assert isinstance(refused(lambda: import_codes(milk, dated, attempt=ME)), InvalidData)
    assert add_code(milk, "TEA", "12-Mar", attempt=ME).code == "12-Mar"  # somebody typed it


def test_codes_are_not_undone_but_come_back_with_their_product(
    milk: Database, refused: Refused
) -> None:
    create_product(milk, "NEW", name="New", attempt=ME)
    added = add_code(milk, "NEW", "N1", units=3, attempt=ME).operation
    assert isinstance(refused(lambda: undo_operation(milk, added, attempt=ME)), NothingToUndo)
    deleted = delete_product(milk, "N1", attempt=ME).operation
    with pytest.raises(CodeNotFound):
        remove_code(milk, "N1", attempt=ME)
    undo_operation(milk, deleted, attempt=ME)
    assert (("N1", "NEW", 3)) in codes(milk)
    assert list(Check(milk)) == []


def test_a_code_does_not_come_back_once_it_is_a_sku(milk: Database, refused: Refused) -> None:
    create_product(milk, "NEW", name="New", attempt=ME)
    add_code(milk, "NEW", "0012345670", attempt=ME)
    add_code(milk, "NEW", "N1", attempt=ME)
    deleted = delete_product(milk, "NEW", attempt=ME).operation
    create_product(milk, "N1", name="Another", attempt=ME)
    error = refused(lambda: undo_operation(milk, deleted, attempt=ME))
    assert isinstance(error, CodeIsSku)
    assert error.hint == "`invctl product rename N1 NEW_SKU` gives that one another"
    rename_product(milk, "N1", "N2", attempt=ME)
    undo_operation(milk, deleted, attempt=ME)
    assert list(Check(milk)) == []


def test_products_are_found_by_their_codes(milk: Database) -> None:
    add_code(milk, "MILK", "Größe-L", attempt=ME)
    for text in ("63813339", "milk 4006", "grosse", "größe milk"):
        found = [row[0] for rows in list_products(milk, search=text) for row in rows]
        assert found == ["MILK"], text
    assert update_product(milk, EAN, name="Whole milk", attempt=ME).name == "Whole milk"


def test_a_check_finds_codes_that_would_not_be_found(milk: Database) -> None:
    add_code(milk, "MILK", "T", attempt=ME)
    for forged in (
        "UPDATE code SET key = '04006381333931' WHERE key = '4006381333931'",
        "UPDATE product SET sku = 'T' WHERE sku = 'TEA'",
    ):
        milk.write(partial(run, statement=forged))
    found = {(one.kind, one.sku, one.expected, one.actual) for one in Check(milk)}
    assert ("value", "MILK", EAN, f"0{EAN}") in found
    assert ("value", "T", None, None) in found
