"""Places and lots: what lies where, and that nothing is taken from where nobody said."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from inventories import Inventory, Rows, look
from lines import count_line, keyed_line, movement_line, product_line
from stock import contents, quantity_of

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.each import apply_lines
from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.bulk.recipes import fits
from invctl.core.codes import add_code
from invctl.core.counting.file import count_products
from invctl.core.ledger import stock_history
from invctl.core.log import get_operation, list_operations
from invctl.core.places.lists import list_where
from invctl.core.places.naming import slip_of
from invctl.core.places.places import list_places, remove_place, rename_place
from invctl.core.places.spots import ANY, UNPLACED, Spot, check_spot
from invctl.core.places.stock import add_to_place, count_place, move_stock, remove_from_place
from invctl.core.products import archive_product, create_product, delete_product
from invctl.core.promises.deliveries import expect_delivery, receive_delivery
from invctl.core.promises.endings import commit_hold
from invctl.core.promises.holds import create_hold
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.backups import backup_inventory, restore_inventory
from invctl.core.upkeep.check import Check
from invctl.db.database import Database
from invctl.errors import (
    BalanceLimit,
    CountedSince,
    InsufficientStock,
    InvalidData,
    InvalidValue,
    InventoryError,
    KeyReused,
    LotDiffers,
    NothingToUndo,
    PlaceExists,
    PlaceNotEmpty,
    PlaceNotFound,
    ProductArchived,
    StaleCount,
    StaleQuantity,
    UnitsHeld,
    UnitsPlaced,
    UsageError,
)
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.stock import StockChange
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
Refused = Callable[[Callable[[], object]], InventoryError]
VAN, SHOP, FRIDGE = Spot("VAN"), Spot("SHOP/SHELF"), Spot("FRIDGE")
EARLY, LATE = "2030-01-01", "2031-01-01"


@pytest.fixture
def db(db: Database) -> Iterator[Database]:
    """An inventory in which at the end pots, products and movements say the same."""
    yield db
    assert list(Check(db)) == []


@pytest.fixture
def shop(db: Database) -> Database:
    """TEA: 10 in no place (1), 4 in the VAN (2), 5 in the SHOP (3)."""
    create_product(db, "TEA", name="Tea", quantity=10, attempt=ME)
    add_to_place(db, "TEA", 4, VAN, attempt=ME)
    add_to_place(db, "TEA", 5, SHOP, attempt=ME)
    db.warnings.clear()
    return db


@pytest.fixture
def fridge(db: Database) -> Database:
    """MILK in the FRIDGE: 3 late, 3 early, 2 that never expire; 1 old in the VAN; 2 nowhere."""
    create_product(db, "MILK", name="Milk", quantity=2, attempt=ME)
    add_to_place(db, "MILK", 3, Spot("FRIDGE", None, LATE), attempt=ME)
    add_to_place(db, "MILK", 2, FRIDGE, attempt=ME)
    add_to_place(db, "MILK", 3, Spot("FRIDGE", "E", EARLY), attempt=ME)
    add_to_place(db, "MILK", 1, Spot("VAN", "OLD", "2029-01-01"), attempt=ME)
    return db


def test_what_lies_in_a_place_that_is_gone_is_a_finding(db: Database, inventory: Inventory) -> None:
    create_product(db, "TEA", name="Tea", quantity=10, attempt=ME)
    add_to_place(db, "TEA", 4, VAN, attempt=ME)
    look(inventory).change("UPDATE place SET removed_at = '2026-01-01T00:00:00.000Z'")
    [found] = Check(db)
    assert (found.kind, found.sku, found.actual) == ("value", "TEA", 4)
    assert found.message == "4 in VAN, a place that was removed"
    look(inventory).change("UPDATE place SET removed_at = NULL")


def moved(db: Database, answer: StockChange) -> Sequence[tuple[object, ...]]:
    """Return delta, balance, place and lot of what an operation moved."""
    rows = get_operation(db, answer.operation)["movement_records"]
    return [(one["delta"], one["quantity"], one["place"], one["lot"]) for one in rows]


def test_units_lie_where_they_were_put_and_the_rest_in_no_place(shop: Database) -> None:
    assert contents(shop) == [("SHOP/SHELF", None, 5), ("VAN", None, 4), (None, None, 10)]
    assert contents(shop, "tea", place="SHOP") == [("SHOP/SHELF", None, 5)]
    answer = add_to_place(shop, "TEA", 1, VAN, attempt=ME)
    assert answer == StockChange(4, "add", "TEA", 1, 20, movement=4, low=False, movement_ids=[4])
    assert moved(shop, answer) == [(1, 20, "VAN", None)]


def test_what_was_taken_from_a_place_that_lost_its_name_comes_back_to_that_name(
    shop: Database, refused: Refused
) -> None:
    taken = remove_from_place(shop, "TEA", 4, VAN, attempt=ME).operation
    rename_place(shop, "SHOP/SHELF", "VAN", attempt=ME)
    assert contents(shop) == [("VAN", None, 5), (None, None, 10)]
    history = stock_history(shop, "TEA")
    assert {row[14] for rows in history for row in rows} == {None, "VAN"}
    undo_operation(shop, taken, attempt=ME)
    assert contents(shop) == [("VAN", None, 9), (None, None, 10)]
    undo_operation(shop, 2, attempt=ME)
    assert contents(shop) == [("VAN", None, 5), (None, None, 10)]
    remove_from_place(shop, "TEA", 5, VAN, attempt=ME)
    remove_place(shop, "VAN", attempt=ME)
    error = refused(lambda: undo_operation(shop, 3, attempt=ME))
    assert error.message == "TEA has 0 in VAN, not 5"
    undo_operation(shop, 8, attempt=ME)
    assert contents(shop) == [("VAN", None, 5), (None, None, 10)]


def test_a_place_is_made_by_naming_it_which_is_said_once(shop: Database) -> None:
    add_to_place(shop, "TEA", 1, Spot("CELLAR/BOX"), attempt=ME)
    add_to_place(shop, "TEA", 1, Spot("CELLAR/BOX"), attempt=ME)
    assert shop.warnings == ["made the place CELLAR/BOX, which is new"]


def test_a_removal_takes_nothing_from_a_place_that_was_not_named(
    shop: Database, refused: Refused
) -> None:
    error = refused(lambda: remove_stock(shop, "TEA", 11, attempt=ME))
    assert isinstance(error, InsufficientStock)
    assert (error.details["available"], error.details["quantity"]) == (10, 19)
    assert error.details["places"] == [
        {"place": "VAN", "lot": None, "expires_on": None, "quantity": 4},
        {"place": "SHOP/SHELF", "lot": None, "expires_on": None, "quantity": 5},
    ]
    assert remove_stock(shop, "TEA", 99, up_to=True, attempt=ME).delta == -10
    assert contents(shop) == [("SHOP/SHELF", None, 5), ("VAN", None, 4)]


def test_a_hold_is_of_units_and_its_refusal_speaks_of_no_place(
    shop: Database, refused: Refused
) -> None:
    error = refused(lambda: create_hold(shop, "TEA", 20, attempt=ME))
    assert isinstance(error, InsufficientStock)
    assert (error.message, "places" in error.details) == ("TEA has 19 in stock, not 20", False)
    create_hold(shop, "TEA", 19, attempt=ME)


def test_of_what_lies_somewhere_the_lot_is_told(fridge: Database, refused: Refused) -> None:
    error = refused(lambda: remove_stock(fridge, "MILK", 3, attempt=ME))
    assert str(error.hint).startswith("nothing was changed; it lies here: 1 in VAN (OLD), 3 in FRI")


def test_a_removal_from_a_place_takes_from_that_alone(shop: Database, refused: Refused) -> None:
    answer = remove_from_place(shop, "TEA", 3, VAN, attempt=ME)
    assert (answer.quantity, moved(shop, answer)) == (16, [(-3, 16, "VAN", None)])
    error = refused(lambda: remove_from_place(shop, "TEA", 2, VAN, attempt=ME))
    assert isinstance(error, InsufficientStock)
    assert error.details["available"] == 1
    assert error.message == "TEA has 1 in VAN, not 2"
    # What is inside a place is another one.
    assert isinstance(
        refused(lambda: remove_from_place(shop, "TEA", 1, Spot("SHOP"), attempt=ME)), PlaceNotFound
    )
    assert remove_from_place(shop, "TEA", 9, VAN, up_to=True, attempt=ME).delta == -1
    assert remove_from_place(shop, "TEA", 9, VAN, up_to=True, attempt=ME).delta == 0


def test_a_place_that_is_not_there_is_told_which_was_meant(
    fridge: Database, refused: Refused
) -> None:
    for name, meant in (("FRIGE", "FRIDGE"), ("fridge", "FRIDGE"), ("VAM", "VAN"), ("ROOF", "")):
        hint = f"did you mean {meant}?" if meant else "`invctl place list` shows them"
        spot = Spot(name)
        error = refused(partial(remove_from_place, fridge, "MILK", 1, spot, attempt=ME))
        assert error.advice == hint
        assert _error(partial(contents, fridge, place=name)).advice == hint
        rows = [movement_line(2, "MILK", "-1", place=name)]
        error = refused(partial(apply_movements, fridge, rows, attempt=ME))
        assert (f"there is no place {name}; did you mean" in error.message) is bool(meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("shelf", "SHOP/SHELF"), ("shop", "SHOP"), ("shop/shelf", "SHOP/SHELF"), ("vann", "VAN")],
)
def test_a_place_is_told_by_its_last_name_and_by_those_around_it(
    shop: Database, typed: str, meant: str
) -> None:
    assert _error(partial(contents, shop, place=typed)).advice == f"did you mean {meant}?"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("SHOP", "that is a place: `invctl stock where --place SHOP` shows what lies there"),
        (" VAN ", "that is a place: `invctl stock where --place VAN` shows what lies there"),
        ("TEAA", "did you mean TEA?"),
        ("ROOF", "`invctl product list` shows them all"),
        ("\0", "`invctl product list` shows them all"),
    ],
)
def test_a_place_where_a_product_is_wanted_is_told_to_be_one(
    shop: Database, refused: Refused, typed: str, told: str
) -> None:
    assert _error(partial(contents, shop, typed)).hint == told
    assert refused(partial(add_stock, shop, typed, 1, attempt=ME)).hint == told


def test_too_little_in_a_place_is_the_reason_whatever_is_held(
    shop: Database, refused: Refused
) -> None:
    hold = create_hold(shop, "TEA", 12, attempt=ME)  # of 19: 7 are free
    here = "nothing was changed; it lies here: 4 in VAN, 5 in SHOP/SHELF, 10 outside all places"
    for call in (
        lambda: remove_from_place(shop, "TEA", 6, VAN, attempt=ME),
        lambda: move_stock(shop, "TEA", 6, VAN, SHOP, attempt=ME),
        lambda: commit_hold(shop, hold.hold or 0, 6, spot=VAN, attempt=ME),
    ):
        error = refused(call)
        assert isinstance(error, InsufficientStock)
        assert (error.message, error.hint) == ("TEA has 4 in VAN, not 6", here)
        assert error.details["held_until"] == hold.due_at
    error = refused(lambda: remove_from_place(shop, "TEA", 1, Spot("VAN", "L"), attempt=ME))
    assert error.message == "TEA has 0 in VAN of lot L, not 1"
    remove_from_place(shop, "TEA", 4, SHOP, attempt=ME)
    error = refused(lambda: remove_from_place(shop, "TEA", 4, VAN, attempt=ME))
    assert error.message.startswith("TEA has 3 available, not 4: 12 of 15 are held, the first")
    rows = [movement_line(2, "TEA", "-6", place="VAN"), movement_line(3, "TEA", "-4", place="VAN")]
    error = refused(lambda: apply_movements(shop, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert error.lines[0].message.startswith("TEA has 3 available, not 6: 12 of 15 are held")
    alone, group = (
        apply_lines(shop, [keyed_line(delta="-9")] * n, label=NO_LABEL, attempt=ME) for n in (1, 2)
    )
    assert isinstance(alone[0], InsufficientStock)
    assert isinstance(group[0], InsufficientStock)
    assert alone[0].details == group[0].details


def test_what_lies_in_no_place_is_told_to_who_takes_from_an_empty_one(
    shop: Database, refused: Refused
) -> None:
    move_stock(shop, "TEA", 4, VAN, UNPLACED, attempt=ME)
    move_stock(shop, "TEA", 5, SHOP, UNPLACED, attempt=ME)
    here = "nothing was changed; it lies here: 19 outside all places"
    error = refused(lambda: move_stock(shop, "TEA", 1, VAN, SHOP, attempt=ME))
    assert (error.message, error.hint) == ("TEA has 0 in VAN, not 1", here)
    error = refused(lambda: undo_operation(shop, 2, attempt=ME))
    way = "`invctl stock move TEA 4 --to VAN` brings it there"
    assert (error.message, error.hint) == ("TEA has 0 in VAN, not 4", f"{here}; {way}")
    move_stock(shop, "TEA", 17, UNPLACED, VAN, attempt=ME)
    rows = [movement_line(2, "TEA", "-3")]
    error = refused(lambda: apply_movements(shop, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert error.lines[0].message == "TEA has 2 outside all places, not 3"
    assert error.hint.startswith("a column place, or --defaults place=…, says where to take it")
    error = refused(lambda: undo_operation(shop, 1, attempt=ME))
    assert error.message == "TEA has 2 outside all places, not 10"
    assert error.hint.endswith("; `invctl stock move TEA 8 --from VAN` brings it there")
    move_stock(shop, "TEA", 8, VAN, UNPLACED, attempt=ME)
    undo_operation(shop, 1, attempt=ME)


def test_an_undo_in_a_lot_is_brought_units_of_that_lot(fridge: Database, refused: Refused) -> None:
    remove_from_place(fridge, "MILK", 4, Spot("FRIDGE"), attempt=ME)
    error = refused(lambda: undo_operation(fridge, 4, attempt=ME))
    assert error.message == "MILK has 0 in FRIDGE of lot E, not 3"
    assert error.hint.endswith("2 outside all places")  # which is too little
    move_stock(fridge, "MILK", 2, FRIDGE._replace(lot=LATE), VAN, attempt=ME)
    error = refused(lambda: undo_operation(fridge, 2, attempt=ME))
    assert error.message == f"MILK has 0 in FRIDGE of lot {LATE}, not 3"
    assert error.hint.endswith("; `invctl stock move` brings it there")


def test_what_expires_first_goes_first_and_then_what_came_first(fridge: Database) -> None:
    answer = remove_from_place(fridge, "MILK", 7, FRIDGE, attempt=ME)
    assert answer.movement is None
    assert len(answer.movement_ids or ()) == 3
    assert moved(fridge, answer) == [
        (-3, 8, "FRIDGE", "E"), (-3, 5, "FRIDGE", LATE), (-1, 4, "FRIDGE", None),
    ]  # fmt: skip


def test_a_lot_that_came_first_goes_first_wherever_it_has_been_since(db: Database) -> None:
    create_product(db, "JAM", name="Jam", attempt=ME)
    old, new = Spot("CELLAR", "OLD"), Spot("SHELF", "NEW")
    for spot in (old, new):
        add_to_place(db, "JAM", 2, spot, attempt=ME)
    move_stock(db, "JAM", 2, old, Spot("SHELF"), attempt=ME)
    remove_from_place(db, "JAM", 2, Spot("SHELF", "NEW"), attempt=ME)
    add_to_place(db, "JAM", 2, new, attempt=ME)
    add_to_place(db, "JAM", 2, old, attempt=ME)
    answer = remove_from_place(db, "JAM", 5, Spot(ANY), attempt=ME)
    assert [row[2:] for row in moved(db, answer)] == [
        ("CELLAR", "OLD"), ("SHELF", "OLD"), ("SHELF", "NEW"),
    ]  # fmt: skip


def test_any_takes_from_all_places_and_from_no_place_last(
    fridge: Database, refused: Refused
) -> None:
    wanted = lambda: remove_from_place(fridge, "MILK", 12, Spot(ANY), attempt=ME)  # noqa: E731
    assert refused(wanted).details["available"] == 11
    answer = remove_from_place(fridge, "MILK", 10, Spot(ANY), attempt=ME)
    taken = [(delta, place) for delta, _, place, _ in moved(fridge, answer)]
    assert taken == [(-1, "VAN"), (-3, "FRIDGE"), (-3, "FRIDGE"), (-2, "FRIDGE"), (-1, None)]


def test_a_lot_that_is_named_is_taken_wherever_it_lies(fridge: Database) -> None:
    move_stock(fridge, "MILK", 1, Spot("FRIDGE", "E"), VAN, attempt=ME)
    answer = remove_from_place(fridge, "MILK", 3, Spot(ANY, "E"), attempt=ME)
    assert [row[2:] for row in moved(fridge, answer)] == [("FRIDGE", "E"), ("VAN", "E")]


def test_one_lot_has_one_date(fridge: Database, refused: Refused) -> None:
    error = refused(lambda: add_to_place(fridge, "MILK", 1, Spot("VAN", "E", LATE), attempt=ME))
    assert isinstance(error, LotDiffers)
    assert (error.details["reason"], error.details["expires_on"]) == ("lot", EARLY)
    add_to_place(fridge, "MILK", 1, Spot("VAN", "E"), attempt=ME)
    add_to_place(fridge, "MILK", 1, Spot("VAN", "NEW"), attempt=ME)
    add_to_place(fridge, "MILK", 1, Spot("VAN", "NEW", LATE), attempt=ME)  # nobody knew it yet
    dates = {row[3]: row[4] for rows in list_where(fridge, "MILK", place="VAN") for row in rows}
    assert dates == {"OLD": "2029-01-01", "E": EARLY, "NEW": LATE}


def test_what_has_expired_is_taken_with_a_warning(shop: Database) -> None:
    add_to_place(shop, "TEA", 1, Spot("VAN", None, "2020-01-01"), attempt=ME)
    assert [one for one in shop.warnings if "2020-01-01 is past" in one]
    assert contents(shop, expiring="2020-01-01") == [("VAN", "2020-01-01", 1)]


def test_what_was_taken_though_it_had_expired_is_said(shop: Database) -> None:
    old = "2020-01-01"
    add_to_place(shop, "TEA", 4, Spot("VAN", "L", old), attempt=ME)
    add_to_place(shop, "TEA", 9, Spot("BIN", None, old), attempt=ME)

    def said(do: Callable[[], object]) -> list[str]:
        shop.warnings.clear()
        do()
        return shop.warnings

    assert said(lambda: remove_from_place(shop, "TEA", 1, SHOP, attempt=ME)) == []
    took = "what was taken had expired: "
    from_any = said(
        lambda: remove_from_place(shop, "TEA", 6, Spot(ANY, "L"), up_to=True, attempt=ME)
    )
    assert from_any == [f"{took}4 of TEA from VAN ({old}, lot L)"]
    assert said(lambda: move_stock(shop, "TEA", 1, Spot("BIN"), SHOP, attempt=ME)) == []
    rehearsed = ME._replace(dry_run=True)
    would = said(lambda: move_stock(shop, "TEA", 1, Spot("BIN"), UNPLACED, attempt=rehearsed))
    it = f"1 of TEA from BIN ({old})"
    lose = "in no place there are no lots, so that these would lose theirs"
    assert would == [f"what would be taken had expired: {it}", f"{lose}: {it}"]
    held = create_hold(shop, "TEA", 7, attempt=ME).hold
    assert held is not None
    committed = said(lambda: commit_hold(shop, held, spot=Spot("BIN"), attempt=ME))
    assert committed == [f"{took}7 of TEA from BIN ({old})"]


def test_what_a_file_takes_though_it_had_expired_is_said_once_in_a_sum(shop: Database) -> None:
    add_to_place(shop, "TEA", 9, Spot("VAN", None, "2020-01-01"), attempt=ME)
    shop.warnings.clear()
    rows = [movement_line(line, "TEA", "-2", place="VAN") for line in range(1, 7)]
    apply_movements(shop, rows, attempt=ME)
    assert shop.warnings == ["what was taken had expired: 9 of TEA from VAN (2020-01-01)"]


def test_a_lot_that_is_lost_is_said_where_units_are_moved_to_no_place(shop: Database) -> None:
    add_to_place(shop, "TEA", 2, Spot("VAN", "L", "2062-01-31"), attempt=ME)
    add_to_place(shop, "TEA", 4, Spot("BIN", "M"), attempt=ME)
    move_stock(shop, "TEA", 1, SHOP, Spot("VAN"), attempt=ME)
    shop.warnings.clear()
    move_stock(shop, "TEA", 1, Spot("BIN"), Spot("VAN"), attempt=ME)
    move_stock(shop, "TEA", 1, SHOP, UNPLACED, attempt=ME)
    assert shop.warnings == []
    lost = "in no place there are no lots, so that these lose theirs: "
    move_stock(shop, "TEA", 1, Spot("BIN"), UNPLACED, attempt=ME)
    assert shop.warnings == [f"{lost}1 of TEA from BIN (lot M)"]
    shop.warnings.clear()
    rows = [
        movement_line(line, "TEA", action="move", amount="1", place=place)
        for line, place in enumerate(("VAN", "BIN", "VAN"), 1)
    ]
    apply_movements(shop, rows, attempt=ME)
    of_van = "2 of TEA from VAN (2062-01-31, lot L)"
    assert shop.warnings == [f"{lost}{of_van}, 1 of TEA from BIN (lot M)"]


NEW = {
    "VITRIEN": "VITRINE",
    "vitrine": "VITRINE",
    "COLDROOM 1": "COLD-ROOM-1",
    "SHOP/SHLEF-2": "SHOP/SHELF-2",
    "SHOP/SHELF-3": None,
    "ROW-B": None,
    "SHOP": None,
    "SHOP/SHELF": None,
    "VITRINE/2": None,
    "WARES/SOUTH": None,
}


@pytest.mark.parametrize("name", NEW)
def test_a_new_place_that_may_be_a_slip_of_another_says_of_which(name: str) -> None:
    there = ["ROW-A", "SHOP/SHELF-1", "SHOP/SHELF-2", "VITRINE", "COLD-ROOM-1", "WARES/NORTH"]
    assert slip_of(name, there) == NEW[name]


def test_a_place_that_is_made_by_a_slip_says_which_may_have_been_meant(shop: Database) -> None:
    add_to_place(shop, "TEA", 1, Spot("SHOP/SHLEF"), attempt=ME)
    said = "made the place SHOP/SHLEF, which is new; did you mean SHOP/SHELF?"
    assert shop.warnings == [said]


def test_what_expires_is_listed_in_that_order(fridge: Database) -> None:
    assert [lot for _, lot, _ in contents(fridge, expiring=LATE)] == ["OLD", "E", LATE]
    assert [lot for _, lot, _ in contents(fridge, expiring=EARLY, place="FRIDGE")] == ["E"]
    assert contents(fridge, expiring="2028-12-31") == []


def test_a_move_changes_two_pots_and_no_total(shop: Database, refused: Refused) -> None:
    answer = move_stock(shop, "TEA", 3, VAN, SHOP, attempt=ME)
    assert (answer.delta, answer.quantity, answer.movement) == (0, 19, None)
    assert moved(shop, answer) == [(-3, 16, "VAN", None), (3, 19, "SHOP/SHELF", None)]
    move_stock(shop, "TEA", 10, UNPLACED, VAN, attempt=ME)
    move_stock(shop, "TEA", 8, SHOP, UNPLACED, attempt=ME)
    assert contents(shop) == [("VAN", None, 11), (None, None, 8)]
    error = refused(lambda: move_stock(shop, "TEA", 12, VAN, SHOP, attempt=ME))
    assert error.details["available"] == 11
    for source, target in ((VAN, VAN), (UNPLACED, UNPLACED)):
        with pytest.raises(UsageError):
            move_stock(shop, "TEA", 1, source, target, attempt=ME)


def test_a_move_keeps_lots_and_their_order_and_moves_what_is_held(fridge: Database) -> None:
    create_hold(fridge, "MILK", 11, attempt=ME)
    move_stock(fridge, "MILK", 4, FRIDGE, VAN, attempt=ME)
    assert contents(fridge, place="VAN") == [("VAN", "OLD", 1), ("VAN", "E", 3), ("VAN", LATE, 1)]
    answer = move_stock(fridge, "MILK", 2, UNPLACED, Spot("VAN", "OLD"), attempt=ME)
    assert moved(fridge, answer)[1] == (2, 11, "VAN", "OLD")


def test_a_count_in_a_place_is_of_one_pot(shop: Database, refused: Refused) -> None:
    add_code(shop, "TEA", "BOX", units=6, attempt=ME)
    error = refused(lambda: set_stock(shop, "BOX", 3, attempt=ME))
    assert isinstance(error, UnitsPlaced)
    assert (error.details["reason"], error.details["quantity"]) == ("placed", 18)
    answer = count_place(shop, "TEA", 6, VAN, expect=4, attempt=ME)
    assert (answer.delta, answer.quantity, answer.counted) == (2, 21, 6)
    error = refused(lambda: count_place(shop, "TEA", 6, VAN, expect=4, attempt=ME))
    assert isinstance(error, StaleQuantity)
    assert error.details["actual"] == 6
    same = count_place(shop, "TEA", 6, VAN, attempt=ME)
    assert (same.delta, same.movement, same.counted) == (0, None, 6)
    assert get_operation(shop, same.operation)["change_records"] == [
        {"sku": "TEA", "field": "counted", "before": "6", "after": "6"}
    ]
    count_place(shop, "TEA", 0, VAN, attempt=ME)
    count_place(shop, "TEA", 0, SHOP, attempt=ME)
    assert set_stock(shop, "TEA", 7, attempt=ME).quantity == 7


def test_a_count_of_then_is_about_its_own_pot(shop: Database, refused: Refused) -> None:
    before = Label(at="2020-01-01T00:00:00Z")
    noon, later = Label(at="2020-01-02T00:00:00Z"), Label(at="2020-01-03T00:00:00Z")
    remove_from_place(shop, "TEA", 1, VAN, label=later, attempt=ME)
    assert count_place(shop, "TEA", 0, VAN, label=noon, attempt=ME).quantity == 18
    assert contents(shop, place="VAN") == [("VAN", None, 3)]
    error = refused(lambda: count_place(shop, "TEA", 9, VAN, label=before, attempt=ME))
    assert isinstance(error, StaleCount)
    # The other shelf was looked at before, which is no matter.
    count_place(shop, "TEA", 1, SHOP, label=before, attempt=ME)
    assert any("was counted after that" in one for one in _warned(shop, before))


def _warned(db: Database, label: Label) -> list[str]:
    add_to_place(db, "TEA", 1, VAN, label=label, attempt=ME)
    return db.warnings


def test_what_was_counted_in_a_place_is_not_undone_from_under_the_count(
    shop: Database, refused: Refused
) -> None:
    count_place(shop, "TEA", 4, VAN, attempt=ME)
    assert isinstance(refused(lambda: undo_operation(shop, 2, attempt=ME)), CountedSince)
    undo_operation(shop, 4, attempt=ME)
    undo_operation(shop, 2, attempt=ME)
    assert contents(shop) == [("SHOP/SHELF", None, 5), (None, None, 10)]


def test_an_undo_puts_back_where_it_was_taken(fridge: Database, refused: Refused) -> None:
    before = contents(fridge)
    done = [
        remove_from_place(fridge, "MILK", 10, Spot(ANY), attempt=ME).operation,
        move_stock(fridge, "MILK", 1, UNPLACED, Spot("ATTIC"), attempt=ME).operation,
    ]
    error = refused(lambda: undo_operation(fridge, 1, attempt=ME))
    assert isinstance(error, InsufficientStock)
    assert error.details["places"] is not None
    for operation in reversed(done):
        undo_operation(fridge, operation, attempt=ME)
    assert contents(fridge) == before
    undo_operation(fridge, done[-1] + 2, attempt=ME)  # in effect again
    assert contents(fridge) == [(None, None, 1)]


def test_an_undo_makes_a_place_stand_again_that_was_removed(shop: Database) -> None:
    remove_from_place(shop, "TEA", 4, VAN, attempt=ME)
    remove_place(shop, "VAN", attempt=ME)
    assert isinstance(_error(lambda: contents(shop, place="VAN")), PlaceNotFound)
    undo_operation(shop, 4, attempt=ME)
    assert contents(shop, place="VAN") == [("VAN", None, 4)]
    assert any("made the place VAN again" in one for one in shop.warnings)


def _error(call: Callable[[], object]) -> InventoryError:
    with pytest.raises(InventoryError) as caught:
        call()
    return caught.value


def test_a_hold_is_of_units_wherever_they_lie(shop: Database, refused: Refused) -> None:
    create_hold(shop, "TEA", 15, attempt=ME)
    error = refused(lambda: remove_from_place(shop, "TEA", 5, SHOP, attempt=ME))
    assert (error.details["available"], error.details["held"]) == (4, 15)
    assert isinstance(refused(lambda: count_place(shop, "TEA", 0, SHOP, attempt=ME)), UnitsHeld)
    answer = commit_hold(shop, 1, 12, attempt=ME)
    assert [row[2] for row in moved(shop, answer)] == ["VAN", "SHOP/SHELF", None]
    assert (answer.hold, answer.quantity) == (1, 7)
    create_hold(shop, "TEA", 7, attempt=ME)
    assert isinstance(
        refused(lambda: commit_hold(shop, 2, spot=VAN, attempt=ME)), InsufficientStock
    )
    undo_operation(shop, answer.operation, attempt=ME)
    answer = commit_hold(shop, 2, 3, spot=VAN, attempt=ME)
    assert moved(shop, answer) == [(-3, 16, "VAN", None)]


def test_a_hold_that_has_run_out_is_closed_by_who_takes_from_a_place(
    shop: Database, set_clock: Callable[[str], None]
) -> None:
    create_hold(shop, "TEA", 19, attempt=ME)
    set_clock("2099-01-01T00:00:00.000Z")
    assert remove_from_place(shop, "TEA", 4, VAN, attempt=ME).quantity == 15


def test_a_delivery_is_received_in_a_place(shop: Database) -> None:
    expect_delivery(shop, "TEA", 6, attempt=ME)
    spot = Spot("FRIDGE", None, LATE)
    assert receive_delivery(shop, 1, 4, spot=spot, attempt=ME).quantity == 23
    assert contents(shop, place="FRIDGE") == [("FRIDGE", LATE, 4)]


FILES = [
    ([("", {"action": "move", "place": "VAN", "to_place": "SHOP/SHELF", "amount": "2"})], (7, 2)),
    ([("", {"action": "move", "to_place": "VAN", "amount": "2"})], (5, 6)),
    ([("2", {"place": "VAN"}), ("-3", {"place": "VAN"})], (5, 3)),
    ([("", {"action": "set", "amount": "9", "place": "VAN"})], (5, 9)),
    ([("-5", {"place": "any"})], (4, 0)),
]


@pytest.mark.parametrize(("lines", "left"), FILES)
@pytest.mark.parametrize("each", [False, True])
def test_files_name_places(
    shop: Database, lines: list[tuple[str, dict[str, str]]], left: tuple[int, int], each: bool
) -> None:
    if each:
        cells = [keyed_line(delta=delta, **said) for delta, said in lines]
        done = apply_lines(shop, cells, label=NO_LABEL, attempt=ME)
        assert [one for one in done if isinstance(one, InventoryError)] == []
    else:
        rows = [movement_line(n, "TEA", delta, **said) for n, (delta, said) in enumerate(lines, 2)]
        apply_movements(shop, rows, attempt=ME)
    there = {place: units for place, _, units in contents(shop)}
    assert (there.get("SHOP/SHELF", 0), there.get("VAN", 0)) == left


WRONG = {
    "a place of nothing": {"delta": "-1", "place": "ATTIC"},
    "to nowhere": {"action": "move", "amount": "1"},
    "to itself": {"action": "move", "amount": "1", "place": "VAN", "to_place": "VAN"},
    "an end too many": {"delta": "1", "place": "VAN", "to_place": "SHOP"},
    "a lot of no place": {"delta": "1", "lot": "L"},
    "into any": {"delta": "1", "place": "any"},
    "a date that is none": {"delta": "1", "place": "VAN", "expires_on": "2026-02-30"},
    "a date of what goes": {"delta": "-1", "place": "VAN", "expires_on": LATE},
    "a count of all": {"action": "set", "amount": "19"},
    "no name": {"delta": "1", "place": "VAN//BOX"},
}


@pytest.mark.parametrize("cells", WRONG.values(), ids=WRONG)
def test_lines_that_make_no_sense_are_refused(
    shop: Database, refused: Refused, cells: dict[str, str]
) -> None:
    line = movement_line(2, "TEA", **cells)
    assert isinstance(refused(lambda: apply_movements(shop, [line], attempt=ME)), InvalidData)
    [outcome] = apply_lines(shop, [keyed_line(**cells)], label=NO_LABEL, attempt=ME)
    assert isinstance(outcome, InventoryError)


def test_an_import_puts_opening_stock_in_its_place(db: Database) -> None:
    rows = [
        product_line(2, "CUP", "Cup", quantity="3", place="VAN"),
        product_line(3, "POT", "Pot", quantity="2"),
    ]
    import_products(db, rows, attempt=ME)
    assert contents(db) == [("VAN", None, 3), (None, None, 2)]
    again = import_products(db, rows, attempt=ME)
    assert (again.unchanged, again.movements) == (2, 0)
    counted = ImportOptions(set_quantity=True)
    same = [product_line(2, "CUP", quantity="3")]
    assert import_products(db, same, options=counted, attempt=ME).unchanged == 1
    other = [product_line(2, "CUP", quantity="4")]
    with pytest.raises(InvalidData):
        import_products(db, other, options=counted, attempt=ME)
    there = [product_line(2, "CUP", quantity="4", place="VAN")]
    assert import_products(db, there, options=counted, attempt=ME).updated == 1
    assert contents(db, "CUP") == [("VAN", None, 4)]
    undo_operation(db, 1, attempt=ME, despite_counts=True)
    assert quantity_of(db, "CUP") == 1


def test_places_are_listed_with_all_that_is_inside_them(shop: Database) -> None:
    add_to_place(shop, "TEA", 1, Spot("SHOP/WINDOW"), attempt=ME)
    create_product(shop, "CUP", name="Cup", attempt=ME)
    add_to_place(shop, "CUP", 2, Spot("SHOP/WINDOW"), attempt=ME)
    listed = [row for rows in list_places(shop) for row in rows]
    assert listed == [
        ("SHOP", 2, 8), ("SHOP/SHELF", 1, 5), ("SHOP/WINDOW", 2, 3), ("VAN", 1, 4),
    ]  # fmt: skip
    assert [row for rows in list_places(shop, search="WIND shop") for row in rows] == [listed[2]]


def test_a_place_is_renamed_with_what_is_inside_it(shop: Database, refused: Refused) -> None:
    history = [row[14] for rows in stock_history(shop, "TEA") for row in rows]
    assert history == [None, "VAN", "SHOP/SHELF"]
    answer = rename_place(shop, "SHOP", "STORE", attempt=ME)
    assert (answer.place, answer.products, answer.units) == ("STORE", 1, 5)
    assert contents(shop, place="STORE") == [("STORE/SHELF", None, 5)]
    assert isinstance(refused(lambda: rename_place(shop, "SHOP", "X", attempt=ME)), PlaceNotFound)
    error = refused(lambda: rename_place(shop, "STORE", "VAN", attempt=ME))
    assert isinstance(error, PlaceExists)
    assert error.details["reason"] == "exists"
    rename_place(shop, "VAN", "VAN/FRONT", attempt=ME)
    assert contents(shop, place="VAN") == [("VAN/FRONT", None, 4)]
    rename_place(shop, "VAN/FRONT", "VAN", attempt=ME)
    remove_from_place(shop, "TEA", 4, VAN, attempt=ME)
    rename_place(shop, "STORE/SHELF", "VAN", attempt=ME)  # it is empty, so its name is free
    assert contents(shop, "TEA", place="VAN") == [("VAN", None, 5)]
    add_to_place(shop, "TEA", 1, Spot("STORE/SHELF"), attempt=ME)
    assert [row[2] for row in contents(shop)] == [1, 5, 10]


def test_only_an_empty_place_is_removed_and_comes_back_by_naming_it(
    shop: Database, refused: Refused
) -> None:
    error = refused(lambda: remove_place(shop, "SHOP", attempt=ME))
    assert isinstance(error, PlaceNotEmpty)
    assert (error.details["reason"], error.details["units"]) == ("not_empty", 5)
    move_stock(shop, "TEA", 5, SHOP, VAN, attempt=ME)
    remove_place(shop, "SHOP", attempt=ME)
    assert [row[0] for rows in list_places(shop) for row in rows] == ["VAN"]
    assert isinstance(
        refused(lambda: remove_from_place(shop, "TEA", 1, SHOP, attempt=ME)), PlaceNotFound
    )
    move_stock(shop, "TEA", 1, VAN, SHOP, attempt=ME)
    assert contents(shop, place="SHOP") == [("SHOP/SHELF", None, 1)]


def test_an_amount_in_a_place_counts_scans_where_a_code_stands_for_the_sku(
    shop: Database, refused: Refused
) -> None:
    add_code(shop, "TEA", "BOX", units=6, attempt=ME)
    assert add_to_place(shop, "BOX", 2, VAN, attempt=ME).delta == 12
    assert remove_from_place(shop, "BOX", 1, VAN, attempt=ME).delta == -6
    move_stock(shop, "BOX", 1, VAN, SHOP, attempt=ME)
    error = refused(lambda: remove_from_place(shop, "BOX", 1, VAN, attempt=ME))
    assert isinstance(error, InsufficientStock)
    assert (error.details["requested"], error.details["available"]) == (6, 4)
    assert count_place(shop, "BOX", 1, VAN, attempt=ME).counted == 6
    rows = [
        movement_line(2, "BOX", "1", place="VAN"),
        movement_line(3, "BOX", action="move", amount="2", place="VAN", to_place="SHOP/SHELF"),
        movement_line(4, "TEA", "-1", place="SHOP/SHELF"),
        movement_line(5, "BOX", action="set", amount="3", place="SHOP/SHELF"),
    ]
    apply_movements(shop, rows[:3], attempt=ME)
    assert [row[-1] for row in contents(shop, "TEA")] == [22, 10]
    apply_movements(shop, rows[3:], attempt=ME)
    cells = [keyed_line("BOX", delta="1", place="VAN")] * 2
    answers = apply_lines(shop, cells, label=NO_LABEL, attempt=ME)
    assert [one.delta for one in answers if isinstance(one, StockChange)] == [6, 6]
    assert quantity_of(shop, "TEA") == 10 + 18 + 12


def test_lines_that_name_no_place_are_not_about_what_lies_in_places(
    shop: Database, refused: Refused
) -> None:
    # What lies in places is no part of what a recipe takes.
    assert fits(shop, [movement_line(2, "TEA", "-3")]).times == 3
    counts = [count_line(2, "TEA", "19")]
    error = refused(lambda: count_products(shop, counts, attempt=ME))
    assert isinstance(error, InvalidData)
    assert (error.lines[0].code, error.lines[0].column) == (UnitsPlaced.code, "counted")


def test_the_same_key_moves_once_and_another_place_is_another_request(shop: Database) -> None:
    keyed = ME._replace(key="k")
    first = remove_from_place(shop, "TEA", 1, VAN, attempt=keyed)
    assert remove_from_place(shop, "TEA", 1, VAN, attempt=keyed) == first._replace(replayed=True)
    for other in (SHOP, Spot("VAN", "L"), Spot(ANY)):
        with pytest.raises(KeyReused):
            remove_from_place(shop, "TEA", 1, other, attempt=keyed)
    with pytest.raises(KeyReused):
        remove_stock(shop, "TEA", 1, attempt=keyed)


def test_a_rehearsal_makes_no_place(shop: Database, query: Callable[..., Rows]) -> None:
    rehearsal = ME._replace(dry_run=True)
    add_to_place(shop, "TEA", 1, Spot("X"), attempt=rehearsal)
    count_products(shop, [count_line(2, "TEA", "1", place="X")], attempt=rehearsal)
    assert shop.warnings == ["would make the place X, which is new"]
    assert query("SELECT count(*) FROM place WHERE name = 'X'") == [(0,)]


def test_of_a_place_that_others_are_only_inside_it_is_said_that_nothing_lies_there(
    shop: Database, refused: Refused
) -> None:
    error = refused(lambda: move_stock(shop, "TEA", 1, Spot("SHOP"), VAN, attempt=ME))
    assert isinstance(error, PlaceNotFound)
    assert error.message == "nothing lies in SHOP itself"
    assert error.hint == "inside it there is SHOP/SHELF"
    error = refused(lambda: move_stock(shop, "TEA", 1, Spot("SHO"), VAN, attempt=ME))
    assert error.message == "there is no place SHO"


def test_what_is_wrong_with_a_place_is_told_of_its_column(shop: Database, refused: Refused) -> None:
    create_product(shop, "VANS", name="v", attempt=ME)
    add_to_place(shop, "TEA", 1, Spot("VAN", "L", EARLY), attempt=ME)
    rows = [
        movement_line(2, "TEA", "-1", place="VANN"),
        movement_line(3, "TEA", action="move", amount="1", place="VANN", to_place="VAN"),
        movement_line(4, "TEA", "1", place="VAN", lot="L", expires_on=LATE),
    ]
    error = refused(lambda: apply_movements(shop, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [(one.column, one.value, one.code) for one in error.lines] == [
        ("place", "VANN", "not_found"), ("place", "VANN", "not_found"),
        ("expires_on", LATE, "conflict"),
    ]  # fmt: skip
    assert error.lines[0].message == "there is no place VANN; did you mean VAN?"


def summaries(db: Database) -> list[object]:
    return [row[2] for rows in list_operations(db) for row in rows]


def test_the_log_says_what_was_done_where(fridge: Database) -> None:
    count_place(fridge, "MILK", 2, FRIDGE, attempt=ME)
    count_place(fridge, "MILK", 3, Spot("FRIDGE", "E"), attempt=ME)
    remove_from_place(fridge, "MILK", 6, FRIDGE, attempt=ME)
    move_stock(fridge, "MILK", 2, FRIDGE, VAN, attempt=ME)
    told = summaries(fridge)[5:]
    assert told[:3] == [
        "MILK in FRIDGE counted, 2 as the book said",
        "MILK in FRIDGE of lot E counted, 3 as the book said",
        "MILK -6",
    ]
    assert [get_operation(fridge, 5 + n)["summary"] for n in range(1, 4)] == told[:3]
    assert told[3:] == ["MILK: 2 moved"]


def test_the_log_names_the_places_that_were_renamed_or_removed(shop: Database) -> None:
    add_code(shop, "TEA", "T", attempt=ME)
    rename_place(shop, "SHOP", "STORE", attempt=ME)
    move_stock(shop, "TEA", 4, VAN, UNPLACED, attempt=ME)
    number = remove_place(shop, "VAN", attempt=ME).operation
    assert summaries(shop)[4:] == ["SHOP is STORE now", "TEA: 4 moved", "VAN removed"]
    told = get_operation(shop, number)
    assert [told[name] for name in ("products", "movements", "changes")] == [0, 0, 1]
    assert told["change_records"] == [
        {"sku": None, "field": "place", "before": "VAN", "after": None}
    ]
    assert undo_operation(shop, None, attempt=ME).operation == number + 1
    with pytest.raises(NothingToUndo):
        undo_operation(shop, number, attempt=ME)


def test_the_log_says_whose_holds_have_run_out(
    shop: Database, set_clock: Callable[[str], None]
) -> None:
    create_hold(shop, "TEA", 19, attempt=ME)
    set_clock("2099-01-01T00:00:00.000Z")
    remove_stock(shop, "TEA", 1, attempt=ME)
    assert summaries(shop)[4:] == ["TEA: a hold had run out", "TEA -1"]


def test_archived_and_full_products_take_nothing(shop: Database, refused: Refused) -> None:
    archive_product(shop, "TEA", attempt=ME)
    for call in (
        lambda: add_to_place(shop, "TEA", 1, VAN, attempt=ME),
        lambda: remove_from_place(shop, "TEA", 1, VAN, attempt=ME),
        lambda: move_stock(shop, "TEA", 1, VAN, SHOP, attempt=ME),
        lambda: count_place(shop, "TEA", 1, VAN, attempt=ME),
    ):
        assert isinstance(refused(call), ProductArchived)
    create_product(shop, "FULL", name="f", quantity=MAX_QUANTITY, attempt=ME)
    error = refused(lambda: add_to_place(shop, "FULL", 1, VAN, attempt=ME))
    assert isinstance(error, BalanceLimit)
    move_stock(shop, "FULL", 5, UNPLACED, VAN, attempt=ME)
    assert contents(shop, "FULL")[0] == ("VAN", None, 5)


def test_a_product_without_movements_is_deleted_with_its_empty_pots(db: Database) -> None:
    create_product(db, "NEW", name="n", attempt=ME)
    count_place(db, "NEW", 0, Spot("VAN", "L", LATE), attempt=ME)
    delete_product(db, "NEW", attempt=ME)
    assert contents(db) == []


def test_a_backup_holds_what_lies_where(
    fridge: Database, tmp_path: Path, open_db: Callable[..., Database]
) -> None:
    backup_inventory(fridge, str(tmp_path / "copy.db"))
    with closing(open_db(str(tmp_path / "copy.db"))) as copy:
        assert list(Check(copy)) == []
        assert contents(copy) == contents(fridge)
    before = contents(fridge)
    move_stock(fridge, "MILK", 1, UNPLACED, Spot("ATTIC"), attempt=ME)
    restore_inventory(fridge, str(tmp_path / "copy.db"), ready=lambda: None)
    assert contents(fridge) == before


@pytest.mark.parametrize("name", ["any", "", "a//b", "/a", "a/", "a /b", "x" * 201, "a\nb"])
def test_names_that_no_place_can_have(name: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_spot(name or " ")
    assert caught.value.details["field"] == "place"


def test_who_names_no_place_asks_no_statement_more(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_product(db, "TEA", name="Tea", quantity=10, attempt=ME)
    asked: list[str] = []
    kind: Any = db.write(type)

    def noted(name: str, real: Any) -> Any:
        def ask(*given: object, **values: object) -> Any:
            asked.append(name)
            return real(*given, **values)

        return ask

    for name in ("one", "rows", "post"):
        monkeypatch.setattr(kind, name, noted(name, getattr(kind, name)))
    remove_stock(db, "TEA", 1, attempt=ME)
    add_stock(db, "TEA", 1, attempt=ME)
    assert asked == ["post"] * 2


def test_a_lot_of_which_nothing_is_left_may_be_another_one_by_that_name(db: Database) -> None:
    create_product(db, "M", name="M", attempt=ME)
    typo = add_to_place(db, "M", 5, check_spot("A", "L1", "2031-01-01"), attempt=ME)
    undo_operation(db, typo.operation, attempt=ME)
    add_to_place(db, "M", 5, check_spot("A", "L1", "2032-01-01"), attempt=ME)
    assert [row[3:5] for rows in list_where(db, "M") for row in rows] == [("L1", "2032-01-01")]
    for spot in (check_spot("A", "L1", "2033-01-01"), check_spot("B", "L1", "2033-01-01")):
        with pytest.raises(LotDiffers):
            add_to_place(db, "M", 1, spot, attempt=ME)


def test_what_was_expected_of_a_pot_is_told_of_the_pot(db: Database) -> None:
    create_product(db, "M", name="M", attempt=ME)
    for place in ("S", "T"):
        add_to_place(db, "M", 5, Spot(place), attempt=ME)
    with pytest.raises(StaleQuantity) as caught:
        count_place(db, "M", 3, Spot("T"), expect=4, attempt=ME)
    assert caught.value.message == "M is at 5 in T, not at the expected 4"
    assert caught.value.details.items() >= {"actual": 5, "place": "T", "lot": None}.items()
