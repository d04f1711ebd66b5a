"""Counts: of now, and of the moment in which the shelf was looked at."""

from collections.abc import Callable
from functools import partial

import pytest
from inventories import Inventory, Rows, look
from lines import keyed_line as keyed
from lines import movement_line as line
from lines import product_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.each import apply_lines
from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product
from invctl.core.products import create_product
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import (
    BalanceLimit,
    InvalidData,
    InventoryError,
    StaleCount,
    StaleQuantity,
    UnitsHeld,
    UnitsPlaced,
)
from invctl.models.attempts import Attempt, Label
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
Query = Callable[..., Rows]
Refused = Callable[[Callable[[], object]], InventoryError]
Count = Callable[[Database, int, str | None], object]

OPENED, NINE, TEN, NOON, ONE = (f"2026-03-01T{hour:02}:00:00.000Z" for hour in (8, 9, 10, 12, 13))
COUNTS = "SELECT product_id, sku, before, after, occurred_at FROM change WHERE field = 'counted'"


def at(moment: str | None) -> Label:
    return Label(at=moment)


def by_set(db: Database, counted: int, moment: str | None) -> object:
    return set_stock(db, "TEA", counted, label=at(moment), attempt=ME)


def by_line(db: Database, counted: int, moment: str | None) -> object:
    cells = {"action": "set", "amount": str(counted), "occurred_at": moment or ""}
    return apply_movements(db, [line(2, "TEA", **cells)], attempt=ME)


def by_command(db: Database, counted: int, moment: str | None) -> object:
    row = line(2, "TEA", action="set", amount=str(counted))
    return apply_movements(db, [row], label=at(moment), attempt=ME)


def by_import(db: Database, counted: int, moment: str | None) -> object:
    row = product_line(2, "TEA", quantity=str(counted))
    counts = ImportOptions(set_quantity=True)
    return import_products(db, [row], options=counts, label=at(moment), attempt=ME)


def by_pipe(db: Database, counted: int, moment: str | None) -> object:
    cells = keyed("TEA", action="set", amount=str(counted), occurred_at=moment or "")
    first, outcome = apply_lines(db, [keyed("CUP", delta="1"), cells], label=Label(), attempt=ME)
    if isinstance(outcome, InventoryError):
        undo_operation(db, first.operation, attempt=ME)  # type: ignore[union-attr]
        raise outcome
    return outcome


WAYS: dict[str, Count] = {
    "set": by_set,
    "line": by_line,
    "label of the file": by_command,
    "import": by_import,
    "pipe": by_pipe,
}
each_way = pytest.mark.parametrize("count", WAYS.values(), ids=WAYS)


def quantity_of(db: Database, as_of: str | None = None) -> int:
    return get_product(db, "TEA", as_of=as_of).quantity


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    """Return the code of what is refused, as itself or as the one line of a file, and why."""
    with pytest.raises(InventoryError) as caught:
        call()
    if isinstance(caught.value, InvalidData):
        [told] = caught.value.lines
        return told.code, told.message
    return caught.value.code, caught.value.message


@pytest.fixture
def stall(db: Database) -> Database:
    """TEA: ten at eight, three sold at nine, two at one o'clock; and no CUP."""
    create_product(db, "TEA", name="Tea", quantity=10, label=at(OPENED), attempt=ME)
    create_product(db, "CUP", name="Cup", attempt=ME)
    remove_stock(db, "TEA", 3, label=at(NINE), attempt=ME)
    remove_stock(db, "TEA", 2, label=at(ONE), attempt=ME)
    return db


@each_way
def test_a_count_of_then_is_what_was_counted_and_what_happened_since(
    stall: Database, query: Query, count: Count
) -> None:
    count(stall, 20, NOON)
    assert quantity_of(stall) == 18
    assert quantity_of(stall, NOON) == 20
    assert query(COUNTS) == [(1, "TEA", "7", "20", NOON)]
    assert query("SELECT delta, occurred_at FROM movement WHERE delta = 13") == [(13, NOON)]


@each_way
def test_a_count_of_now_is_what_was_counted(stall: Database, query: Query, count: Count) -> None:
    count(stall, 20, None)
    assert (quantity_of(stall), quantity_of(stall, NOON)) == (20, 7)
    [(*told, moment)] = query(COUNTS)
    assert told == [1, "TEA", "5", "20"]
    assert moment > ONE


@each_way
@pytest.mark.parametrize(("counted", "moment"), [(7, NOON), (5, None)])
def test_a_count_that_moves_nothing_is_one(
    stall: Database, query: Query, count: Count, counted: int, moment: str | None
) -> None:
    count(stall, counted, moment)
    assert quantity_of(stall) == 5
    [(_, _, before, after, when)] = query(COUNTS)
    assert (before, after) == (str(counted), str(counted))
    assert when == moment or moment is None
    assert refusal(lambda: by_set(stall, 1, TEN))[0] == "conflict"


@each_way
def test_a_count_older_than_the_last_one_is_stale(stall: Database, count: Count) -> None:
    by_set(stall, 7, NOON)
    code, message = refusal(lambda: count(stall, 9, TEN))
    assert (code, "counted later, by operation 5" in message) == ("conflict", True)
    assert quantity_of(stall) == 5


@each_way
def test_a_count_of_the_moment_of_the_last_one_takes_its_place(
    stall: Database, count: Count
) -> None:
    by_set(stall, 9, NOON)
    count(stall, 7, NOON)
    assert (quantity_of(stall), quantity_of(stall, NOON)) == (5, 7)


@each_way
def test_a_count_of_which_more_has_gone_out_since_is_stale(stall: Database, count: Count) -> None:
    code, message = refusal(lambda: count(stall, 1, NOON))
    assert (code, "would leave -1" in message) == ("conflict", True)
    assert quantity_of(stall) == 5


@each_way
def test_a_count_that_comes_to_more_than_is_kept_is_a_conflict(
    stall: Database, count: Count
) -> None:
    add_stock(stall, "TEA", 4, label=at(ONE), attempt=ME)
    code, message = refusal(lambda: count(stall, MAX_QUANTITY, NOON))
    assert (code, "the most that is kept" in message) == ("conflict", True)


@pytest.mark.parametrize(
    ("column", "kind"), [("held", UnitsHeld), ("placed", UnitsPlaced)], ids=["held", "placed"]
)
@pytest.mark.parametrize("moment", [None, NOON])
def test_a_count_below_what_is_promised_or_lies_in_places_is_a_conflict(
    stall: Database,
    inventory: Inventory,
    column: str,
    kind: type[InventoryError],
    moment: str | None,
) -> None:
    look(inventory).change(f"UPDATE product SET {column} = 4 WHERE sku = 'TEA'")  # noqa: S608
    # Where units lie in places, a count of all of them is none, however many it says.
    enough = [] if column == "placed" else [4 if moment is None else 6]
    for count in WAYS.values():
        assert refusal(partial(count, stall, 3, moment))[0] == "conflict"
    with pytest.raises(kind):
        by_set(stall, 3, moment)
    for units in enough:
        by_set(stall, units, moment)
    look(inventory).change(f"UPDATE product SET {column} = 0")  # noqa: S608


def test_a_stale_count_tells_which_operation_counted_later_or_what_would_be_left(
    stall: Database, refused: Refused
) -> None:
    by_set(stall, 7, NOON)
    error = refused(lambda: by_set(stall, 9, TEN))
    assert isinstance(error, StaleCount)
    assert error.details["reason"] == "stale"
    assert (error.details["counted_by"], error.details["quantity"]) == (5, None)
    error = refused(lambda: by_set(stall, 1, NOON))
    assert (error.details["counted_by"], error.details["quantity"]) == (None, -1)


def test_a_count_that_was_undone_is_none(stall: Database) -> None:
    by_set(stall, 9, NOON)
    undo_operation(stall, 5, attempt=ME)
    by_set(stall, 8, TEN)
    assert quantity_of(stall) == 6


def test_a_count_expects_what_there_is_now(stall: Database, refused: Refused) -> None:
    for expected in (7, 10):
        count = partial(set_stock, stall, "TEA", 20, label=at(NOON), attempt=ME)
        assert isinstance(refused(partial(count, expect=expected)), StaleQuantity)
    assert set_stock(stall, "TEA", 20, expect=5, label=at(NOON), attempt=ME).quantity == 18


def test_counts_of_a_file_take_in_what_its_own_lines_have_moved_since(stall: Database) -> None:
    rows = [
        line(2, "TEA", delta="4", occurred_at=ONE),
        line(3, "TEA", delta="-1", occurred_at=TEN),
        line(4, "TEA", action="set", amount="20", occurred_at=NOON),
        line(5, "TEA", delta="-2"),
    ]
    apply_movements(stall, rows, attempt=ME)
    assert (quantity_of(stall), quantity_of(stall, NOON)) == (20, 20)


def test_counts_of_a_pipe_take_in_what_its_earlier_lines_have_done(
    stall: Database, query: Query
) -> None:
    lines = [
        keyed("TEA", delta="4", occurred_at=ONE),
        keyed("TEA", delta="-1", occurred_at=TEN),
        keyed("TEA", action="set", amount="20", occurred_at=NOON),
        keyed("TEA", action="set", amount="19", occurred_at=TEN),
        keyed("TEA", delta="-2"),
    ]
    outcomes = apply_lines(stall, lines, label=Label(), attempt=ME)
    assert [isinstance(one, StaleCount) for one in outcomes] == [False, False, False, True, False]
    assert (quantity_of(stall), quantity_of(stall, NOON)) == (20, 20)
    assert len(query(COUNTS)) == 1


@pytest.mark.parametrize("again", ["20", "7"])
def test_one_sku_counted_twice_in_a_file_is_refused(
    stall: Database, refused: Refused, again: str
) -> None:
    rows = [
        line(2, "TEA", action="set", amount="7"),
        line(3, "TEA", delta="1"),
        line(4, "tea", action="set", amount=again),
        line(5, "CUP", action="set", amount="3"),
    ]
    error = refused(lambda: apply_movements(stall, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [(one.line, one.column, one.code) for one in error.lines] == [(4, "sku", "invalid_data")]
    assert "counted twice" in error.lines[0].message


@pytest.mark.parametrize("place", ["", "bin"])
def test_it_is_still_refused_when_more_products_were_counted_than_are_remembered(
    stall: Database, refused: Refused, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    for name in ("lines.BATCH", "lines._PIECE", "batch._REMEMBERED"):
        monkeypatch.setattr(f"invctl.core.bulk.{name}", 1)
    skus = ("TEA", "CUP", "tea", "CUP")
    count = {"action": "set", "amount": "3", "place": place}
    rows = [line(number, sku, **count) for number, sku in enumerate(skus, 2)]
    error = refused(lambda: apply_movements(stall, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [one.line for one in error.lines] == [4, 5]


def test_it_is_not_counted_twice_where_the_first_count_was_refused(
    stall: Database, refused: Refused
) -> None:
    rows = [
        line(2, "TEA", action="set", amount="1", occurred_at=NOON),
        line(3, "TEA", action="set", amount="3", occurred_at=NOON),
    ]
    error = refused(lambda: apply_movements(stall, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [one.line for one in error.lines] == [2]


def by_verb(db: Database, delta: int, moment: str | None) -> object:
    verb = add_stock if delta > 0 else remove_stock
    return verb(db, "TEA", abs(delta), label=at(moment), attempt=ME)


def by_file(db: Database, delta: int, moment: str | None) -> object:
    # The cells have been read before, for a product that nobody has counted.
    same = {"delta": str(delta), "occurred_at": moment or ""}
    rows = [line(2, "CUP", delta="9"), line(3, "CUP", **same), line(4, "TEA", **same)]
    return apply_movements(db, rows, attempt=ME)


def by_a_file_with_one_time(db: Database, delta: int, moment: str | None) -> object:
    return apply_movements(db, [line(2, "TEA", delta=str(delta))], label=at(moment), attempt=ME)


def by_a_shared_commit(db: Database, delta: int, moment: str | None) -> object:
    same = {"delta": str(delta), "occurred_at": moment or ""}
    lines = [keyed("CUP", delta="9"), keyed("CUP", **same), keyed("TEA", **same)]
    return apply_lines(db, lines, label=Label(), attempt=ME)


MOVES: dict[str, Count] = {
    "verb": by_verb,
    "file": by_file,
    "label of the file": by_a_file_with_one_time,
    "pipe": by_a_shared_commit,
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize(
    ("moment", "warned"), [(TEN, True), (NOON, False), (ONE, False), (None, False)]
)
def test_a_movement_labelled_before_the_last_count_is_made_with_a_warning(
    stall: Database, move: Count, moment: str | None, warned: bool
) -> None:
    by_set(stall, 20, NOON)
    move(stall, -1, moment)
    assert quantity_of(stall) == 17
    told = [one for one in stall.warnings if "TEA" in one]
    assert [("counted" in one, "CUP" in one) for one in told] == [(True, False)] * warned


def test_it_is_warned_of_whatever_counted_in_the_same_file_or_pipe(stall: Database) -> None:
    cells: tuple[dict[str, str], ...] = (
        {"action": "set", "amount": "20"},
        {"delta": "-1", "occurred_at": TEN},
    )
    apply_movements(stall, [line(n, "TEA", **one) for n, one in enumerate(cells, 2)], attempt=ME)
    assert len(stall.warnings) == 1
    stall.warnings.clear()
    apply_lines(stall, [keyed("TEA", **one) for one in cells], label=Label(), attempt=ME)
    assert stall.warnings == [
        "TEA was counted after that (operation 6): if the count had it already, "
        "it is counted twice now"
    ]


def test_a_count_that_was_undone_is_not_warned_of(stall: Database) -> None:
    by_set(stall, 20, NOON)
    undo_operation(stall, 5, attempt=ME)
    for move in MOVES.values():
        move(stall, -1, TEN)
    assert stall.warnings == []


def test_a_count_too_large_is_a_limit(stall: Database, refused: Refused) -> None:
    add_stock(stall, "TEA", 4, label=at(ONE), attempt=ME)
    error = refused(lambda: by_set(stall, MAX_QUANTITY, NOON))
    assert isinstance(error, BalanceLimit)
