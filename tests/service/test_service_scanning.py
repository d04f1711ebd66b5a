"""A scanner's codes: modes, control codes, what is taken back, and what is counted."""

from collections.abc import Callable

import pytest
from inventories import Rows

from invctl.core.catalog import get_product
from invctl.core.codes import add_code
from invctl.core.places.lists import list_where
from invctl.core.places.spots import Spot
from invctl.core.places.stock import add_to_place
from invctl.core.products import create_product
from invctl.core.promises.holds import create_hold
from invctl.core.scanned import Ends, Sum
from invctl.core.scanning import Controlled, ScanAnswer, Scanner
from invctl.core.stock import remove_stock
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import (
    InsufficientStock,
    InvalidData,
    InvalidValue,
    NothingLeftToUndo,
    PlaceNotFound,
    ProductNotFound,
    UnitsPlaced,
)
from invctl.models.attempts import Attempt, Label
from invctl.models.batches import BatchChange
from invctl.models.products import Product
from invctl.models.stock import StockChange
from invctl.models.undos import StockUndo
from invctl.times import now_text

ME = Attempt("tester")
Query = Callable[..., Rows]


@pytest.fixture
def till(db: Database) -> Database:
    """An inventory with 20 each of TEA, of which BOX means six, and CUP, also called 6*BOX."""
    for sku in ("TEA", "CUP"):
        create_product(db, sku, name=sku, quantity=20, attempt=ME)
    add_code(db, "TEA", "BOX", units=6, attempt=ME)
    add_code(db, "CUP", "6*BOX", attempt=ME)
    return db


def scanned(db: Database, *codes: str, mode: str = "remove") -> list[ScanAnswer]:
    scanner = Scanner(db, mode, label=Label(reason="sale"), attempt=ME)
    answers = list(scanner.take(list(enumerate(codes, 1))))
    last = scanner.finish(len(codes))
    return answers if last is None else [*answers, last]


def stock(db: Database) -> tuple[int, int]:
    return get_product(db, "TEA").quantity, get_product(db, "CUP").quantity


def test_each_scan_is_an_operation_and_says_what_it_came_to(till: Database) -> None:
    answers = scanned(till, "TEA", "2*BOX", "NO", "6*BOX", "3*box", "INVCTL:ADD", "tea")
    told = [(one.line, one.code, one.units, type(one.outcome)) for one in answers]
    assert told == [
        (1, "TEA", 1, StockChange),
        (2, "BOX", 12, StockChange),
        (3, "NO", None, ProductNotFound),
        (4, "6*BOX", 1, StockChange),
        (5, "box", 18, InsufficientStock),
        (6, None, None, Controlled),
        (7, "tea", 1, StockChange),
    ]
    assert stock(till) == (8, 19)


def test_the_mode_show_changes_nothing(till: Database) -> None:
    [answer] = scanned(till, "2*BOX", mode="show")
    assert isinstance(answer.outcome, Product)
    assert (answer.units, answer.outcome.sku) == (12, "TEA")


def test_undo_takes_back_what_did_something_and_so_on_back(till: Database) -> None:
    answers = scanned(till, "TEA", "NO", "CUP", "INVCTL:REF:A", *["invctl:undo"] * 3)
    undone = [one.outcome for one in answers[4:]]
    assert [one.sku for one in undone if isinstance(one, StockUndo)] == ["CUP", "TEA"]
    assert isinstance(undone[2], NothingLeftToUndo)
    assert undone[2].message == "nothing of this run is left to undo"
    assert stock(till) == (20, 20)


def test_what_somebody_else_has_undone_is_passed_over(till: Database) -> None:
    scanner = Scanner(till, "remove", label=Label(), attempt=ME)
    made = [one.outcome for one in scanner.take([(1, "TEA"), (2, "CUP")])]
    assert isinstance(made[1], StockChange)
    undo_operation(till, made[1].operation, attempt=ME)
    answers = list(scanner.take([(3, "INVCTL:UNDO"), (4, "INVCTL:UNDO")]))
    assert isinstance(answers[1].outcome, StockUndo)
    assert stock(till) == (20, 20)


def test_a_ref_is_of_all_that_follows(till: Database, query: Query) -> None:
    answers = scanned(till, "INVCTL:REF:ORDER 7", "TEA", "INVCTL:REF:", "CUP")
    assert [one.outcome for one in answers[::2]] == [
        Controlled("ref", "ORDER 7"),
        Controlled("ref", None),
    ]
    refs = query("SELECT ref, reason FROM operation WHERE kind = 'remove' ORDER BY id")
    assert refs == [("ORDER 7", "sale"), (None, "sale")]


def test_what_is_counted_is_one_count_when_the_mode_changes(till: Database) -> None:
    scanner = Scanner(till, "count", label=Label(), attempt=ME)
    sums = [one.outcome for one in scanner.take([(1, "BOX"), (2, "TEA"), (3, "CUP")])]
    assert sums == [Sum("TEA", 6), Sum("TEA", 7), Sum("CUP", 1)]
    counted = now_text()
    while now_text() == counted:  # what is of the same millisecond might have been seen
        pass
    remove_stock(till, "TEA", 2, attempt=ME)  # sold after the first of it was counted
    [undone, again, told] = scanner.take([(4, "INVCTL:UNDO"), (5, "2*TEA"), (6, "INVCTL:SHOW")])
    assert (undone.units, undone.outcome) == (-1, Sum("CUP", 0))
    assert again.outcome == Sum("TEA", 9)
    assert isinstance(told.outcome, Controlled)
    assert isinstance(told.outcome.concluded, BatchChange)
    assert (told.outcome.value, told.outcome.concluded.lines) == ("show", 1)
    assert told.still is None
    assert stock(till) == (7, 20)
    [undone] = scanner.take([(7, "INVCTL:UNDO")])
    assert stock(till) == (18, 20)


def test_a_count_that_is_refused_stays_to_be_mended(till: Database) -> None:
    create_hold(till, "TEA", 5, attempt=ME)
    scanner = Scanner(till, "count", label=Label(), attempt=ME)
    *_, refused = scanner.take([(1, "4*TEA"), (2, "CUP"), (3, "INVCTL:REMOVE")])
    assert isinstance(refused.outcome, InvalidData)
    assert (scanner.mode, refused.still) == ("count", "count")
    assert "file" not in refused.outcome.advice
    *_, done = scanner.take([(4, "TEA"), (5, "INVCTL:DONE"), (6, "TEA")])
    assert (done.line, scanner.is_done, scanner.left()) == (5, True, [])
    assert stock(till) == (5, 1)


def test_the_end_of_the_scans_concludes_a_count(till: Database) -> None:
    *_, last = scanned(till, "TEA", "TEA", mode="count")
    assert isinstance(last.outcome, Controlled)
    assert last.outcome[:2] == ("done", True)
    assert stock(till) == (2, 20)


def contents(db: Database, sku: str) -> list[tuple[object, object]]:
    return [(row[2], row[5]) for rows in list_where(db, sku) for row in rows]


def test_what_is_scanned_comes_to_a_place_and_goes_from_one(till: Database) -> None:
    ends = Ends(source="any", target="SHELF")
    codes = ["2*TEA", "INVCTL:REMOVE", "TEA", "BOX", "INVCTL:PLACE:VAN", "TEA", "INVCTL:ADD",
             "TEA", "invctl:place:", "TEA", "INVCTL:PLACE:any"]  # fmt: skip
    scanner = Scanner(till, "add", ends=ends, label=Label(), attempt=ME)
    answers = [one.outcome for one in scanner.take(list(enumerate(codes, 1)))]
    assert [type(one) for one in answers] == [
        StockChange, Controlled, StockChange, StockChange, Controlled, PlaceNotFound, Controlled,
        StockChange, Controlled, StockChange, InvalidValue,
    ]  # fmt: skip
    assert (answers[4], answers[8]) == (Controlled("place", "VAN"), Controlled("place", None))
    assert contents(till, "TEA") == [("VAN", 1), (None, 16)]


def test_a_count_goes_from_place_to_place_and_is_one(till: Database) -> None:
    ends = Ends(counted="VAN")
    scanner = Scanner(till, "count", ends=ends, label=Label(), attempt=ME)
    codes = ["3*TEA", "INVCTL:PLACE:SHELF", "TEA", "CUP", "TEA", "INVCTL:UNDO", "INVCTL:PLACE:",
             "5*TEA", "INVCTL:DONE"]  # fmt: skip
    answers = [one.outcome for one in scanner.take(list(enumerate(codes, 1)))]
    assert [answers[place] for place in (0, 2, 3, 4, 5, 7)] == [
        Sum("TEA", 3), Sum("TEA", 1), Sum("CUP", 1), Sum("TEA", 2), Sum("TEA", 1), Sum("TEA", 5),
    ]  # fmt: skip
    done = answers[-1]
    assert isinstance(done, Controlled)
    assert done.concluded is not None
    assert (done.concluded.lines, done.concluded.movements, done.products) == (4, 4, 2)
    assert contents(till, "TEA") == [("SHELF", 1), ("VAN", 3), (None, 5)]
    assert contents(till, "CUP") == [("SHELF", 1), (None, 20)]


def test_what_lies_in_places_is_counted_in_none_only_besides_these(till: Database) -> None:
    add_to_place(till, "TEA", 1, Spot("VAN"), attempt=ME)
    codes = ["BOX", "CUP", "INVCTL:PLACE:VAN", "TEA", "INVCTL:PLACE:", "BOX", "INVCTL:DONE"]
    scanner = Scanner(till, "count", label=Label(), attempt=ME)
    refused, _, _, there, _, rest, done = scanner.take(list(enumerate(codes, 1)))
    assert isinstance(refused.outcome, UnitsPlaced)
    assert "INVCTL:PLACE" in refused.outcome.advice
    assert [(one.outcome, one.place) for one in (there, rest)] == [
        (Sum("TEA", 1), "VAN"), (Sum("TEA", 6), None),
    ]  # fmt: skip
    assert isinstance(done.outcome, Controlled)
    assert contents(till, "TEA") == [("VAN", 1), (None, 6)]


def test_what_comes_to_lie_in_places_and_is_counted_in_none_stays_to_be_mended(
    till: Database,
) -> None:
    scanner = Scanner(till, "count", label=Label(), attempt=ME)
    list(scanner.take([(1, "TEA")]))
    add_to_place(till, "TEA", 1, Spot("VAN"), attempt=ME)
    [refused] = scanner.take([(2, "INVCTL:DONE")])
    assert isinstance(refused.outcome, InvalidData)
    assert [(one.sku, one.place, one.units) for one in scanner.left()] == [("TEA", None, 1)]
