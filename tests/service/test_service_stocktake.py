"""Counts by place: a file's lines are of pots, and what is in no place is one beside them."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inventories import Rows
from lines import count_line as line
from stock import contents, quantity_of

from invctl.core.catalog import get_product
from invctl.core.codes import add_code
from invctl.core.counting.file import CountOptions, count_products, unnamed
from invctl.core.log import get_operation
from invctl.core.places.lists import list_sheet, list_where
from invctl.core.places.spots import UNPLACED, Spot
from invctl.core.places.stock import add_to_place, count_place, move_stock, remove_from_place
from invctl.core.products import archive_product, create_product
from invctl.core.promises.holds import create_hold
from invctl.core.stock import add_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.check import Check
from invctl.db.database import Database
from invctl.errors import (
    CountedSince,
    InsufficientStock,
    InvalidData,
    InvalidValue,
    InventoryError,
    KeyReused,
    PlaceNotFound,
    PlaceUnsaid,
    StaleCount,
)
from invctl.models.attempts import Attempt, Label
from invctl.models.batches import LineChange

ME = Attempt("tester")
Refused = Callable[[Callable[[], object]], InventoryError]
Query = Callable[..., Rows]
VAN, SHELF, BACK = Spot("VAN"), Spot("SHOP/SHELF"), Spot("SHOP/BACK")
EARLY, LATE = "2030-01-01", "2031-01-01"
OPENED, NINE, TEN, NOON = (f"2026-03-01T{hour:02}:00:00.000Z" for hour in (7, 9, 10, 12))
IN_SHOP = CountOptions(complete=True, place="SHOP")


@pytest.fixture(autouse=True)
def _sound(db: Database) -> Iterator[None]:
    """At the end pots, products and movements say the same."""
    yield
    assert list(Check(db)) == []


@pytest.fixture
def shop(db: Database) -> Database:
    """TEA: 10 in no place, 4 in the VAN, 5 on the SHELF; CUP: 3 at the BACK; MUG: 6 in no place."""
    for sku, quantity in {"TEA": 10, "CUP": 0, "MUG": 6}.items():
        create_product(db, sku, name=sku.title(), quantity=quantity, attempt=ME)
    add_to_place(db, "TEA", 4, VAN, attempt=ME)
    add_to_place(db, "TEA", 5, SHELF, attempt=ME)
    add_to_place(db, "CUP", 3, BACK, attempt=ME)
    db.warnings.clear()
    return db


def errors(
    refused: Refused, call: Callable[[], object]
) -> list[tuple[int | None, str | None, str]]:
    error = refused(call)
    assert isinstance(error, InvalidData)
    return [(one.line, one.column, one.code) for one in error.lines]


def test_each_line_counts_its_pot_and_those_of_one_pot_add_up(shop: Database) -> None:
    rows = [
        line(2, "TEA", "2", place="VAN"),
        line(3, "tea", "6", place="SHOP/SHELF", note="behind the till"),
        line(4, "TEA", "1", place="VAN"),
        line(5, "CUP", place="SHOP/BACK"),
    ]
    told: list[LineChange] = []
    done = count_products(shop, rows, told_lines=told, attempt=ME)
    assert (done.lines, done.movements, done.products) == (3, 2, 1)
    assert contents(shop, "TEA") == [("SHOP/SHELF", None, 6), ("VAN", None, 3), (None, None, 10)]
    assert told == [
        LineChange(2, "TEA", 0, 19, 19, 2),
        LineChange(3, "TEA", 1, 20, 19, 6),
        LineChange(4, "TEA", -1, 19, 20, 1),
    ]
    records = get_operation(shop, done.operation)
    changed = [tuple(one.values()) for one in records["change_records"]]
    assert changed == [("TEA", "counted", "5", "6"), ("TEA", "counted", "4", "3")]
    assert [one["note"] for one in records["movement_records"]] == ["behind the till", None]
    assert shop.warnings == []


def test_what_is_in_no_place_is_counted_where_the_file_speaks_of_places(
    shop: Database, refused: Refused
) -> None:
    alone = [line(2, "TEA", "9")]
    assert errors(refused, lambda: count_products(shop, alone, attempt=ME)) == [
        (2, "counted", "conflict")
    ]
    count_products(shop, [*alone, line(3, "TEA", place="VAN")], attempt=ME)
    assert contents(shop, "TEA") == [("SHOP/SHELF", None, 5), ("VAN", None, 4), (None, None, 9)]
    # Of a product that lies nowhere it is all there is, unless the file finds it somewhere.
    count_products(shop, [line(2, "MUG", "5")], attempt=ME)
    rows = [line(2, "MUG", "2"), line(3, "MUG", "4", place="VAN")]
    count_products(shop, rows, attempt=ME)
    assert contents(shop, "MUG") == [("VAN", None, 4), (None, None, 2)]


def test_a_place_of_the_command_is_that_of_lines_that_name_none(
    shop: Database, refused: Refused
) -> None:
    options = CountOptions(place="SHOP")
    rows = [line(2, "MUG", "1"), line(3, "TEA", "4", place="SHOP/SHELF")]
    count_products(shop, rows, options=options, attempt=ME)
    assert shop.warnings == ["made the place SHOP, which is new"]
    assert contents(shop, "MUG") == [("SHOP", None, 1), (None, None, 6)]
    outside = [line(2, "TEA", "4", place="VAN"), line(3, "TEA", "4", place="SHOPPING")]
    found = errors(refused, lambda: count_products(shop, outside, options=options, attempt=ME))
    assert found == [(2, "place", "invalid_data"), (3, "place", "invalid_data")]
    with pytest.raises(InvalidValue):
        count_products(shop, [], options=CountOptions(place="any"), attempt=ME)


def test_a_complete_count_of_a_place_makes_nothing_of_what_it_does_not_name_there(
    shop: Database,
) -> None:
    add_to_place(shop, "TEA", 2, Spot("SHOP/SHELF", "L"), attempt=ME)
    add_to_place(shop, "MUG", 1, Spot("SHOPPING"), attempt=ME)
    create_product(shop, "GONE", name="Gone", attempt=ME)
    add_to_place(shop, "GONE", 1, BACK, attempt=ME)
    archive_product(shop, "GONE", attempt=ME)
    rows = [line(2, "TEA", "5", place="SHOP/SHELF"), line(3, "MUG", "0", place="SHOP/BACK")]
    assert unnamed(shop, rows, "SHOP") == (2, "TEA in SHOP/SHELF (L), CUP in SHOP/BACK")
    told: list[LineChange] = []
    done = count_products(shop, rows, options=IN_SHOP, told_lines=told, attempt=ME)
    assert (done.lines, done.movements, [one.line for one in told]) == (2, 2, [2, 3])
    assert contents(shop) == [
        ("SHOP/BACK", None, 1), ("SHOPPING", None, 1), (None, None, 6), ("SHOP/SHELF", None, 5),
        ("VAN", None, 4), (None, None, 10),
    ]  # fmt: skip
    undo_operation(shop, done.operation, attempt=ME)
    assert (quantity_of(shop, "TEA"), quantity_of(shop, "CUP")) == (21, 3)
    named = [*rows, line(4, "TEA", place="SHOP/SHELF", lot="L"), line(5, "CUP", place="SHOP/BACK")]
    assert unnamed(shop, named, "SHOP") == (0, "")
    assert count_products(shop, named, options=IN_SHOP, attempt=ME).movements == 0


def test_a_complete_count_says_of_which_place_where_there_are_some(
    shop: Database, refused: Refused
) -> None:
    complete = CountOptions(complete=True)
    for rows in ([line(2, "MUG", "1")], [line(2, "TEA", "1", place="VAN")]):
        for call in (
            partial(count_products, shop, rows, options=complete, attempt=ME),
            partial(unnamed, shop, rows),
        ):
            error = refused(call)
            assert isinstance(error, PlaceUnsaid)
            assert (error.code, error.details["reason"]) == ("conflict", "placed")


def test_lots_are_pots_of_their_own(shop: Database, refused: Refused) -> None:
    add_to_place(shop, "CUP", 2, Spot("VAN", "E", EARLY), attempt=ME)
    add_to_place(shop, "CUP", 2, Spot("VAN", None, LATE), attempt=ME)
    rows = [line(2, "CUP", "1", place="VAN", lot="E"), line(3, "CUP", "4", place="VAN", lot=LATE)]
    count_products(shop, rows, attempt=ME)
    assert contents(shop, "CUP")[1:] == [("VAN", "E", 1), ("VAN", LATE, 4)]
    assert shop.warnings == []
    count_products(shop, [*rows, line(4, "CUP", "1", place="VAN")], attempt=ME)
    assert shop.warnings == []
    count_products(shop, [line(2, "CUP", "1", place="VAN")], attempt=ME)
    assert shop.warnings == [
        "besides what was counted there are other lots, which nobody counted: CUP in VAN"
    ]
    shop.warnings.clear()
    count_products(shop, [line(2, "CUP", "4", place="VAN", lot="01.01.2031")], attempt=ME)
    assert shop.warnings == [
        "lots that are new; a count may have meant another one: 01.01.2031 of CUP in VAN"
    ]
    nowhere = [line(2, "CUP", "1", lot="E")]
    assert errors(refused, lambda: count_products(shop, nowhere, attempt=ME)) == [
        (2, "lot", "invalid_data")
    ]


def test_what_is_missing_on_one_shelf_may_be_held_if_it_lies_on_another(
    shop: Database, refused: Refused
) -> None:
    create_hold(shop, "TEA", 18, attempt=ME)
    rows = [line(2, "TEA", "0", place="SHOP/SHELF"), line(3, "TEA", "9", place="VAN")]
    count_products(shop, rows, attempt=ME)
    assert quantity_of(shop, "TEA") == 19
    rows = [line(2, "TEA", "11"), line(3, "TEA", "6", place="VAN"), line(4, "MUG", "0")]
    found = errors(refused, lambda: count_products(shop, rows, attempt=ME))
    assert found == [(3, "counted", "conflict")]


def test_what_has_run_out_is_held_no_more(shop: Database, set_clock: Callable[[str], None]) -> None:
    create_hold(shop, "CUP", 3, attempt=ME)
    set_clock("2099-01-01T00:00:00.000Z")
    count_products(shop, [line(2, "CUP", "1", place="SHOP/BACK")], attempt=ME)
    assert quantity_of(shop, "CUP") == 1


def test_a_slip_is_judged_by_what_the_book_says_of_the_pot(
    shop: Database, refused: Refused
) -> None:
    options = CountOptions(max_change=Fraction(20))
    rows = [line(2, "TEA", "3", place="VAN"), line(3, "TEA", "6", place="SHOP/SHELF")]
    rows += [line(4, "CUP", "1", place="VAN"), line(5, "TEA", "12")]
    found = errors(refused, lambda: count_products(shop, rows, options=options, attempt=ME))
    assert found == [(2, "counted", "conflict"), (4, "counted", "conflict")]
    complete = IN_SHOP._replace(max_change=Fraction(99))
    found = errors(
        refused,
        lambda: count_products(
            shop, [line(2, "TEA", "5", place="SHOP/SHELF")], options=complete, attempt=ME
        ),
    )
    assert found == [(None, "sku", "conflict")]


@pytest.fixture
def past(db: Database) -> Database:
    """TEA, that morning: 10 in no place and 5 in the VAN at seven; at ten 2 went from each."""
    create_product(db, "TEA", name="Tea", quantity=10, label=Label(at=OPENED), attempt=ME)
    add_to_place(db, "TEA", 5, VAN, label=Label(at=OPENED), attempt=ME)
    remove_from_place(db, "TEA", 2, VAN, label=Label(at=TEN), attempt=ME)
    remove_from_place(db, "TEA", 2, UNPLACED, label=Label(at=TEN), attempt=ME)
    return db


def test_a_count_of_then_is_what_was_counted_and_what_happened_in_the_pot_since(
    past: Database, query: Query
) -> None:
    rows = [
        line(2, "TEA", "3", place="VAN", counted_at=NOON),
        line(3, "TEA", "4", place="VAN", counted_at=NINE),
        line(4, "TEA", "9", counted_at=NINE),
        line(5, "TEA", "1", place="SHOP/SHELF"),
    ]
    count_products(past, rows, attempt=ME)
    assert contents(past) == [("SHOP/SHELF", None, 1), ("VAN", None, 5), (None, None, 7)]
    told = query("SELECT before, after, occurred_at FROM change WHERE field LIKE 'counted%'")
    assert sorted(told)[1:] == [("10", "9", NINE), ("5", "7", NINE)]
    assert get_product(past, "TEA", as_of=NINE).quantity == 16


def test_a_count_of_a_pot_older_than_its_last_one_is_stale(
    past: Database, refused: Refused
) -> None:
    first = [line(2, "TEA", "3", place="VAN"), line(3, "TEA", "8")]
    operation = count_products(past, first, label=Label(at=NOON), attempt=ME).operation
    rows = [
        line(2, "TEA", "3", place="VAN", counted_at=NINE),
        line(3, "TEA", "8", counted_at=NINE),
        line(4, "TEA", "1", place="SHOP/SHELF", counted_at=NINE),
    ]
    error = refused(lambda: count_products(past, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [one.line for one in error.lines] == [2, 3]
    assert all(f"operation {operation}" in one.message for one in error.lines)
    error = refused(lambda: count_place(past, "TEA", 3, VAN, label=Label(at=NINE), attempt=ME))
    assert isinstance(error, StaleCount)
    # One that was undone does not stand in the way; what went out since may.
    undo_operation(past, operation, attempt=ME)
    rows = [line(2, "TEA", "1", place="VAN", counted_at=NINE)]
    error = refused(lambda: count_products(past, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert "would leave -1" in error.lines[0].message


def test_the_label_dates_a_complete_count_of_a_place(past: Database) -> None:
    options = CountOptions(complete=True, place="VAN")
    add_to_place(past, "TEA", 7, VAN, label=Label(at=NOON), attempt=ME)
    remove_from_place(past, "TEA", 3, VAN, label=Label(at=NINE), attempt=ME)
    count_products(past, [], options=options, label=Label(at=TEN), attempt=ME)
    assert contents(past) == [("VAN", None, 7), (None, None, 8)]


def test_what_was_moved_before_such_a_count_is_not_taken_back(
    shop: Database, refused: Refused
) -> None:
    moved = move_stock(shop, "TEA", 1, VAN, SHELF, attempt=ME).operation
    counted = count_products(shop, [line(2, "TEA", "2", place="VAN")], attempt=ME).operation
    assert isinstance(refused(lambda: undo_operation(shop, moved, attempt=ME)), CountedSince)
    undo_operation(shop, counted, attempt=ME)
    undo_operation(shop, moved, attempt=ME)
    assert contents(shop, "TEA") == [("SHOP/SHELF", None, 5), ("VAN", None, 4), (None, None, 10)]
    found = count_products(shop, [line(2, "TEA", "9", place="VAN")], attempt=ME).operation
    remove_from_place(shop, "TEA", 6, VAN, attempt=ME)
    error = refused(lambda: undo_operation(shop, found, attempt=ME))
    assert isinstance(error, InsufficientStock)


def test_scans_of_a_code_are_counted_in_units_there(shop: Database) -> None:
    add_code(shop, "CUP", "BOX", units=6, attempt=ME)
    count_products(shop, [line(2, "BOX", "2", place="VAN")], attempt=ME)
    assert contents(shop, "CUP") == [("SHOP/BACK", None, 3), ("VAN", None, 12)]


def test_a_retry_of_a_count_is_told_by_its_place(shop: Database, refused: Refused) -> None:
    keyed, rows = ME._replace(key="k"), [line(2, "MUG", "1")]
    there = CountOptions(place="VAN")
    done = count_products(shop, rows, options=there, attempt=keyed)
    assert count_products(shop, rows, options=there, attempt=keyed) == done._replace(replayed=True)
    for options in (CountOptions(), CountOptions(place="SHOP")):
        call = partial(count_products, shop, rows, options=options, attempt=keyed)
        assert isinstance(refused(call), KeyReused)


def test_lines_of_nobody_knows_what_or_where_are_named(shop: Database, refused: Refused) -> None:
    rows = [
        line(2, "NOPE", "1", place="VAN"),
        line(3, "TEA", "1", place="any"),
        line(4, "TEA", "1", place="a//b"),
        line(5, "NOPE", place="VAN"),
    ]
    found = errors(refused, lambda: count_products(shop, rows, attempt=ME))
    assert found == [
        (2, "sku", "not_found"), (3, "place", "invalid_data"), (4, "place", "invalid_data"),
    ]  # fmt: skip


def test_a_rehearsed_count_makes_no_place(shop: Database) -> None:
    rows = [line(2, "MUG", "1", place="ATTIC")]
    told: list[LineChange] = []
    rehearsal = ME._replace(dry_run=True)
    count_products(shop, rows, told_lines=told, attempt=rehearsal)
    assert (told, contents(shop, "MUG")) == ([LineChange(2, "MUG", 1, 7, 6, 1)], [(None, None, 6)])


def sheet(db: Database, **query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for rows in list_sheet(db, **query) for row in rows]


def test_a_sheet_has_a_row_for_each_pot_and_for_what_is_in_none(shop: Database) -> None:
    add_to_place(shop, "CUP", 1, Spot("SHOP/BACK", None, LATE), attempt=ME)
    create_product(shop, "OLD", name="Old", attempt=ME)
    archive_product(shop, "OLD", attempt=ME)
    create_product(shop, "NEW", name="New", attempt=ME)
    tea = [("TEA", "Tea", "SHOP/SHELF", None), ("TEA", "Tea", "VAN", None)]
    cups = [("CUP", "Cup", "SHOP/BACK", None), ("CUP", "Cup", "SHOP/BACK", LATE)]
    rest = [("MUG", "Mug", None, None), ("NEW", "New", None, None)]
    assert sheet(shop) == [*cups, *rest, *tea, ("TEA", "Tea", None, None)]
    assert sheet(shop, place="SHOP") == [*cups, tea[0]]
    assert sheet(shop, place="SHOP/SHELF", search="tea") == [tea[0]]
    assert sheet(shop, search="cup") == cups
    assert sheet(shop, place="VAN", search="cup") == []
    with pytest.raises(PlaceNotFound):
        sheet(shop, place="ATTIC")


def test_a_sheet_filled_in_as_the_book_says_moves_nothing(shop: Database) -> None:
    there = {(row[0], row[2], row[3]): row[5] for rows in list_where(shop) for row in rows}
    rows = [
        line(number, str(sku), str(there[sku, place, lot]), place=place or "", lot=lot or "")
        for number, (sku, _, place, lot) in enumerate(sheet(shop), 2)
    ]
    done = count_products(shop, rows, options=CountOptions(max_change=Fraction(0)), attempt=ME)
    assert (done.lines, done.movements) == (5, 0)


moments = st.sampled_from([NINE, TEN, NOON])
spots = st.sampled_from([UNPLACED, VAN, SHELF, Spot("VAN", "L", LATE)])
moves = st.lists(st.tuples(spots, st.sampled_from([-2, -1, 3, 4]), moments), max_size=8)
looks = st.lists(
    st.tuples(spots.filter(lambda one: one.place), st.integers(0, 6), moments | st.none()),
    min_size=1, max_size=4, unique_by=lambda one: one[0],
)  # fmt: skip
numbers = itertools.count(1)


def both_ways(
    db: Database,
    moved: Sequence[tuple[Spot, int, str]],
    looked: Sequence[Sequence[tuple[Spot, int, str | None]]],
) -> None:
    """Let two products have one history, and count one by commands and the other by files."""
    number = next(numbers)
    one, other = f"ONE-{number}", f"OTHER-{number}"
    for sku in (one, other):
        create_product(db, sku, name=sku, label=Label(at=OPENED), attempt=ME)
        for spot, by, moment in moved:
            _moved(db, sku, spot, by, Label(at=moment))
    for counts in looked:
        rehearsal = ME._replace(dry_run=True)
        by_hand = [
            partial(count_place, db, one, units, spot, label=Label(at=moment))
            for spot, units, moment in counts
        ]
        rows = [
            line(number, other, str(units), place=str(spot.place), lot=spot.lot or "",
                 counted_at=moment or "")
            for number, (spot, units, moment) in enumerate(counts, 2)
        ]  # fmt: skip
        is_right = all(_is_done(partial(call, attempt=rehearsal)) for call in by_hand)
        assert _is_done(partial(count_products, db, rows, attempt=ME)) is is_right
        for call in by_hand if is_right else ():
            call(attempt=ME)
        # A file does not say when a lot expires, so what lies there comes in another order.
        assert sorted(map(str, contents(db, one))) == sorted(map(str, contents(db, other)))


def _moved(db: Database, sku: str, spot: Spot, by: int, label: Label) -> None:
    if by < 0:
        taken = spot._replace(expires_on=None)
        _is_done(partial(remove_from_place, db, sku, -by, taken, label=label, attempt=ME))
    elif spot.place is None:
        add_stock(db, sku, by, label=label, attempt=ME)
    else:
        add_to_place(db, sku, by, spot, label=label, attempt=ME)


def _is_done(call: Callable[[], object]) -> bool:
    try:
        call()
    except InventoryError:
        return False
    return True


def example(count: int) -> settings:
    # Every example has products of its own, so that it does not matter who shares an inventory.
    shared = [HealthCheck.function_scoped_fixture]
    return settings(max_examples=count, suppress_health_check=shared)


@pytest.mark.sqlite("a server has its examples in the sweep")
@example(40)
@given(moved=moves, looked=st.lists(looks, min_size=1, max_size=3))
def test_a_file_counts_what_as_many_commands_would(
    db: Database,
    moved: list[tuple[Spot, int, str]],
    looked: list[list[tuple[Spot, int, str | None]]],
) -> None:
    both_ways(db, moved, looked)


@pytest.mark.sweep
@example(120)
@given(moved=moves, looked=st.lists(looks, min_size=1, max_size=3))
def test_hundreds_of_files_count_what_as_many_commands_would(
    db: Database,
    moved: list[tuple[Spot, int, str]],
    looked: list[list[tuple[Spot, int, str | None]]],
) -> None:
    both_ways(db, moved, looked)
