"""What went out of each product: what counts, over which time, and for how long there is enough."""

import pytest
from lines import movement_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.products import archive_product, create_product
from invctl.core.promises.endings import commit_hold
from invctl.core.promises.holds import create_hold
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.usage import stock_usage
from invctl.db.database import Database
from invctl.errors import InvalidValue
from invctl.models.attempts import Attempt, Label
from invctl.models.reports import Usage

ME = Attempt("tester")
LONG_AGO = Label(at="2020-01-01")


def ago(days: int) -> Label:
    return Label(at=f"{days * 24}h")


def usage(db: Database, days: int = 90, idle: str | None = None) -> list[Usage]:
    return [one for rows in stock_usage(db, days=days, idle=idle) for one in rows]


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with TEA, MUG and JAR, whose stock came long ago, and a new, empty CUP."""
    for sku in ("TEA", "MUG", "JAR"):
        create_product(db, sku, name=sku.title(), quantity=100, label=LONG_AGO, attempt=ME)
    create_product(db, "CUP", name="Cup", attempt=ME)
    return db


def removed(db: Database, days: int = 90) -> dict[str, int]:
    return {one.sku: one.removed for one in usage(db, days) if one.removed}


def test_what_was_removed_committed_and_taken_by_a_file_went_out_and_nothing_else(
    stall: Database,
) -> None:
    remove_stock(stall, "TEA", 5, attempt=ME)
    hold = create_hold(stall, "TEA", 9, attempt=ME).hold
    assert hold is not None
    commit_hold(stall, hold, 7, attempt=ME)
    create_hold(stall, "TEA", 3, attempt=ME)
    add_stock(stall, "TEA", 2, attempt=ME)
    set_stock(stall, "TEA", 50, attempt=ME)
    lines = [
        movement_line(2, "TEA", action="remove", amount="11"),
        movement_line(3, "TEA", action="set", amount="20"),
        movement_line(4, "TEA", action="remove", amount="13"),
        movement_line(5, "MUG", action="set", amount="70"),
        movement_line(6, "JAR", action="set", amount="200"),
    ]
    apply_movements(stall, lines, attempt=ME)
    assert removed(stall) == {"TEA": 5 + 7 + 11 + 13}


def test_what_a_file_moved_to_other_places_or_counted_there_did_not_go_out(
    stall: Database,
) -> None:
    lines = [
        movement_line(2, "TEA", action="move", amount="30", to_place="VAN"),
        movement_line(3, "TEA", action="remove", amount="4", place="VAN"),
        movement_line(4, "TEA", action="move", amount="6", place="VAN"),
        movement_line(5, "MUG", action="move", amount="10", to_place="VAN"),
        movement_line(6, "MUG", action="move", amount="10", place="VAN", to_place="SHOP"),
    ]
    apply_movements(stall, lines, attempt=ME)
    counts = [
        movement_line(2, "MUG", action="set", amount="3", place="SHOP"),
        movement_line(3, "MUG", action="set", amount="7", place="VAN"),
        movement_line(4, "TEA", action="set", amount="15", place="VAN"),
        movement_line(5, "TEA", action="remove", amount="2", place="VAN"),
    ]
    apply_movements(stall, counts, attempt=ME)
    assert removed(stall) == {"TEA": 4 + 2}


def test_what_was_undone_did_not_go_out_until_that_is_undone(stall: Database) -> None:
    done = remove_stock(stall, "TEA", 5, attempt=ME)
    added = add_stock(stall, "MUG", 5, attempt=ME)
    undo_operation(stall, added.operation, attempt=ME)
    undo = undo_operation(stall, done.operation, attempt=ME)
    assert removed(stall) == {}
    undo_operation(stall, undo.operation, attempt=ME)
    assert removed(stall) == {"TEA": 5}


def test_the_days_are_counted_back_from_now_by_when_it_happened(stall: Database) -> None:
    for amount, days in ((1, 1), (2, 20), (4, 40), (8, 100)):
        remove_stock(stall, "TEA", amount, label=ago(days), attempt=ME)
    assert removed(stall) == {"TEA": 7}
    assert removed(stall, 30) == {"TEA": 3}
    assert removed(stall, 9_999_999) == {"TEA": 15}


def test_the_largest_comes_first_and_shares_add_up(stall: Database) -> None:
    remove_stock(stall, "MUG", 6, attempt=ME)
    remove_stock(stall, "TEA", 2, attempt=ME)
    archive_product(stall, "JAR", attempt=ME)
    found = usage(stall)
    assert [one.sku for one in found] == ["MUG", "TEA", "CUP"]
    assert [one.share for one in found] == [0.75, 1, 1]
    assert [one.per_day for one in found] == [0.067, 0.022, 0]
    # As many whole days as what is available lasts at what is told to go out a day.
    assert [one.days_left for one in found] == [94_000 // 67, 98_000 // 22, None]


def test_a_product_that_is_younger_is_judged_by_its_life_of_a_day_at_least(
    stall: Database,
) -> None:
    create_product(stall, "NEW", name="New", quantity=30, label=ago(10), attempt=ME)
    remove_stock(stall, "NEW", 20, attempt=ME)
    add_stock(stall, "CUP", 10, attempt=ME)
    remove_stock(stall, "CUP", 3, attempt=ME)
    create_hold(stall, "CUP", 1, attempt=ME)
    by_sku = {one.sku: one for one in usage(stall)}
    assert (by_sku["NEW"].per_day, by_sku["NEW"].days_left) == (2, 5)
    assert (by_sku["CUP"].per_day, by_sku["CUP"].available, by_sku["CUP"].days_left) == (3, 6, 2)


def test_where_nothing_went_out_nobody_knows_the_share_or_the_days(stall: Database) -> None:
    assert {(one.share, one.per_day, one.days_left) for one in usage(stall)} == {(None, 0, None)}


def test_what_lies_still_is_in_stock_and_did_not_go_out_for_so_long(stall: Database) -> None:
    remove_stock(stall, "TEA", 1, label=ago(200), attempt=ME)
    remove_stock(stall, "MUG", 1, label=ago(100), attempt=ME)
    remove_stock(stall, "JAR", 1, label=ago(1), attempt=ME)
    apply_movements(stall, [movement_line(2, "TEA", action="set", amount="9")], attempt=ME)
    assert [one.sku for one in usage(stall, idle="180d")] == ["TEA"]
    assert [one.sku for one in usage(stall, idle="50d")] == ["MUG", "TEA"]
    assert [one.share for one in usage(stall, idle="50d")] == [1, 1]


@pytest.mark.parametrize(("days", "idle"), [(0, None), (90, "soon"), (90, "0d")])
def test_what_is_no_length_of_time_is_refused(stall: Database, days: int, idle: str | None) -> None:
    with pytest.raises(InvalidValue):
        usage(stall, days, idle)
