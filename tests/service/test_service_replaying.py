"""What each line of a file did is told to a retry, also where nobody asked at first."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from lines import count_line, movement_line, product_line

from invctl.core import operations as answers
from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.codes import add_code
from invctl.core.counting.file import count_products
from invctl.core.products import archive_product, create_product, rename_product
from invctl.core.promises.holds import create_holds
from invctl.core.stock import add_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.check import Check
from invctl.core.upkeep.transfer import copy_inventory
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.errors import InventoryError, UsageError
from invctl.models.answers import Answer
from invctl.models.attempts import Attempt
from invctl.models.batches import LineChange, LineImport
from invctl.settings import read_location

ME = Attempt("tester")
KEYED = Attempt("tester", "key")
Lines = list[LineChange] | list[LineImport]
Work = Callable[[Database, Lines | None, Attempt], Answer]
Refused = Callable[[Callable[[], object]], InventoryError]

MOVES = [
    movement_line(2, "TEA", "-2"),
    movement_line(3, "TEA", "0"),
    movement_line(4, "CUP", "0"),
    movement_line(5, "TEA", action="set", amount="20"),
    movement_line(6, "TEA", action="add", amount="5", place="CELLAR"),
    movement_line(7, "TEA", action="move", amount="4", to_place="LOFT"),
    movement_line(8, "TEA", action="remove", amount="8", place="any"),
    movement_line(9, "BOX", "2"),
    movement_line(10, "TEA", action="set", amount="1", place="LOFT"),
    movement_line(11, "CUP", action="set", amount="0"),
    movement_line(12, "tea", "-1"),
]
COUNTS = [
    count_line(2, "CUP", "3"),
    count_line(3, "TEA", "4"),
    count_line(4, "CUP", "2"),
    count_line(5, "MUG", "7", place="CELLAR"),
    count_line(6, "MUG", "1"),
    count_line(7, "BOX", "1"),
]
PRODUCTS = [
    product_line(2, "NEW", "New", quantity="3", reorder_point="1"),
    product_line(3, "TEA", "Tea", quantity="9"),
    product_line(4, "CUP", "Mug", quantity="8", reorder_point="2", description="x"),
    product_line(5, "LAST", "Last"),
    product_line(6, "MUG", archived="false", reorder_to="9"),
    product_line(7, "OLD", archived="false"),
    product_line(8, "ODD", "Odd"),
    product_line(9, "ODDER", "Odder", quantity="2"),
]


@pytest.fixture
def stall(db: Database) -> Database:
    """Ten TEA, whose box is six of them, no CUP, five MUG in CELLAR, and what is not there now."""
    create_product(db, "TEA", name="Tea", quantity=10, attempt=ME)
    create_product(db, "CUP", name="Cup", attempt=ME)
    create_product(db, "OLD", name="Old", attempt=ME)
    archive_product(db, "OLD", attempt=ME)
    for sku, quantity in (("ODD", 0), ("ODDER", 3)):
        made = create_product(db, sku, name="Odd", quantity=quantity, attempt=ME)
        undo_operation(db, made.operation, attempt=ME)
    mug = product_line(2, "MUG", "Mug", quantity="5", place="CELLAR", reorder_point="4")
    import_products(db, [mug], attempt=ME)
    add_code(db, "TEA", "BOX", units=6, attempt=ME)
    return db


def moves(db: Database, told: Lines | None, attempt: Attempt) -> Answer:
    return apply_movements(db, MOVES, told_lines=told, attempt=attempt)  # type: ignore[arg-type]


def recipe(db: Database, told: Lines | None, attempt: Attempt) -> Answer:
    rows = [movement_line(2, "TEA", "-2"), movement_line(3, "CUP", "1")]
    return apply_movements(db, rows, told_lines=told, times="max", attempt=attempt)  # type: ignore[arg-type]


def counts(db: Database, told: Lines | None, attempt: Attempt) -> Answer:
    return count_products(db, COUNTS, told_lines=told, attempt=attempt)  # type: ignore[arg-type]


def products(db: Database, told: Lines | None, attempt: Attempt) -> Answer:
    return import_products(db, PRODUCTS, told_lines=told, attempt=attempt)  # type: ignore[arg-type]


def counted_products(db: Database, told: Lines | None, attempt: Attempt) -> Answer:
    options = ImportOptions(set_quantity=True)
    rows = [row for row in PRODUCTS if row[1][0] != "MUG"]
    return import_products(
        db,
        rows,
        options=options,
        told_lines=told,  # type: ignore[arg-type]
        attempt=attempt,
    )


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("work", [moves, recipe, counts, products, counted_products])
def test_a_retry_is_told_what_each_line_did(stall: Database, work: Work, asked: bool) -> None:
    rehearsed: Lines = []
    work(stall, rehearsed, ME._replace(dry_run=True))
    assert len(rehearsed) > 1
    first: Lines = []
    work(stall, first if asked else None, KEYED)
    assert first == (rehearsed if asked else [])
    add_stock(stall, "TEA", 3, attempt=ME)
    again: Lines = []
    assert work(stall, again, KEYED).replayed
    assert again == rehearsed


@pytest.mark.parametrize("work", [moves, counts, products])
def test_work_that_is_done_again_tells_its_lines_once(stall: Database, work: Work) -> None:
    told: Lines = []
    work(stall, told, ME._replace(dry_run=True))
    rehearsed = list(told)
    work(stall, told, ME)
    assert told == rehearsed


def test_lines_of_one_line_keep_their_order(stall: Database) -> None:
    told: list[LineChange] = []
    rows = [count_line(1, "TEA", "4"), count_line(1, "CUP", "3")]
    count_products(stall, rows, told_lines=told, attempt=ME)
    assert [one.sku for one in told] == ["TEA", "CUP"]
    made: list[LineImport] = []
    products = [product_line(1, "TEA", "T"), product_line(1, "NEW", "N"), product_line(1, "CUP")]
    import_products(stall, products, told_lines=made, attempt=ME)
    assert [one.sku for one in made] == ["TEA", "NEW", "CUP"]


def test_a_product_that_was_renamed_since_is_told_by_its_name(stall: Database) -> None:
    moves(stall, None, KEYED)
    rename_product(stall, "CUP", "MUG-2", attempt=ME)
    again: list[LineChange] = []
    moves(stall, again, KEYED)
    assert [one.sku for one in again if one.line in (4, 11)] == ["MUG-2", "MUG-2"]


def test_what_the_books_do_not_tell_any_more_is_not_made_up(
    stall: Database, refused: Refused
) -> None:
    moves(stall, None, KEYED)
    rename_product(stall, "CUP", "MUG-2", attempt=ME)
    rename_product(stall, "TEA", "CUP", attempt=ME)
    create_product(stall, "TEA", name="Other", attempt=ME)
    told: list[LineChange] = []
    assert isinstance(refused(lambda: moves(stall, told, KEYED)), UsageError)


def test_what_lines_of_an_import_did_stands_in_their_order_as_records_have_it(
    stall: Database,
) -> None:
    told: list[LineImport] = []
    products(stall, told, ME)
    assert [(one.line, one.sku, one.status, one.changes) for one in told] == [
        (2, "NEW", "created", {}),
        (3, "TEA", "kept", {}),
        (
            4,
            "CUP",
            "kept",
            {"name": ["Cup", "Mug"], "description": [None, "x"], "reorder_point": [None, 2]},
        ),
        (5, "LAST", "created", {}),
        (6, "MUG", "updated", {"reorder_to": [None, 9]}),
        (7, "OLD", "updated", {"archived": [True, False]}),
        (8, "ODD", "created", {}),
        (9, "ODDER", "created", {}),
    ]


MANY = [movement_line(n, "TEA", "1") for n in range(2, 2502)]


def test_an_inventory_that_keeps_long_answers_is_sound_and_can_be_copied(
    stall: Database, tmp_path: Path
) -> None:
    first: list[LineChange] = []
    apply_movements(stall, MANY, told_lines=first, attempt=KEYED)
    create_holds(stall, [(n, ("TEA", "1")) for n in range(2, 602)], attempt=Attempt("t", "cart"))
    assert list(Check(stall)) == []
    with closing(open_database(read_location(str(tmp_path / "b"), "--db"), create=True)) as copy:
        copy_inventory(stall, copy)
        again: list[LineChange] = []
        assert apply_movements(copy, MANY, told_lines=again, attempt=KEYED).replayed
    assert again == first


def test_where_all_that_lines_did_is_too_much_to_be_kept_the_books_tell_it(
    stall: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "LONGEST_ANSWER", 2000)
    first, again = list[LineChange](), list[LineChange]()
    apply_movements(stall, MANY, told_lines=first, attempt=KEYED)
    assert apply_movements(stall, MANY, told_lines=again, attempt=KEYED).replayed
    assert again == first


def test_what_no_retry_could_be_answered_is_not_done(
    stall: Database, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.setattr(answers, "LONGEST_ANSWER", 2000)
    add_stock(stall, "TEA", 100, attempt=ME)
    cart = [(n, ("TEA", "1")) for n in range(2, 102)]
    error = refused(lambda: create_holds(stall, cart, attempt=KEYED))
    assert isinstance(error, UsageError)
    assert len(create_holds(stall, cart[:9], attempt=KEYED)) == 9
