"""Holds: what they promise, how they end, and that time alone ends them."""

from collections.abc import Callable

import pytest
from inventories import Rows
from lines import keyed_line, movement_line, product_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.each import apply_lines
from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product, list_products
from invctl.core.log import list_operations
from invctl.core.products import archive_product, create_product, delete_product
from invctl.core.promises.deliveries import expect_delivery
from invctl.core.promises.endings import (
    commit_all,
    commit_hold,
    commit_holds,
    release_all,
    release_hold,
    release_holds,
)
from invctl.core.promises.holds import (
    create_hold,
    create_holds,
    extend_all,
    extend_hold,
    hold_all,
    list_holds,
    read_wanted_skus,
)
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.check import Check
from invctl.db.database import Database
from invctl.errors import (
    HasHistory,
    HoldClosed,
    HoldExpired,
    InsufficientStock,
    InvalidData,
    InvalidValue,
    InventoryError,
    KeyReused,
    MoreThanPromised,
    NothingToUndo,
    ProductArchived,
    ProductNotFound,
    PromiseNotFound,
    UnitsHeld,
)
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.promises import HoldChange
from invctl.models.stock import StockChange

ME = Attempt("tester")
Query = Callable[..., Rows]
LATER = "2099-01-01T00:00:00.000Z"
Refused = Callable[[Callable[[], object]], InventoryError]


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with ten units of TEA and four of MUG."""
    create_product(db, "TEA", name="Tea", quantity=10, reorder_point=3, attempt=ME)
    create_product(db, "MUG", name="Mug", quantity=4, attempt=ME)
    return db


def held(db: Database, amount: int, **more: object) -> int:
    """Hold units of TEA and return the hold's number."""
    hold = create_hold(db, "TEA", amount, attempt=ME, **more).hold  # type: ignore[arg-type]
    assert hold is not None
    return hold


def numbers(db: Database) -> tuple[int, int, int]:
    """Return quantity, held and available of TEA, which its record and the list agree on."""
    product = get_product(db, "TEA")
    listed = [row for rows in list_products(db, archived=None) for row in rows if row[0] == "TEA"]
    assert listed == [tuple(product)]
    return product.quantity, product.held, product.available


def states(db: Database) -> list[tuple[int, str]]:
    return [(row[0], row[3]) for rows in list_holds(db, state="all") for row in rows]


def test_a_hold_keeps_the_quantity_and_takes_from_what_is_available(stall: Database) -> None:
    made = create_hold(stall, "tea", 6, lasting=None, attempt=ME)
    assert made == HoldChange(3, "hold", "TEA", 1, 6, "open", 6, 4, 10, None)
    assert numbers(stall) == (10, 6, 4)


def test_a_commit_is_answered_as_a_movement_of_the_hold_with_its_reason_and_ref(
    stall: Database,
) -> None:
    hold = held(stall, 6, label=Label(reason="sale", ref="cart-1"))
    done = commit_hold(stall, hold, attempt=ME)
    assert done == StockChange(
        4, "commit", "TEA", -6, 4, movement=3, low=False, hold=hold, movement_ids=[3]
    )
    [rows] = [list(rows) for rows in list_holds(stall, state="committed")]
    assert [row[:4] for row in rows] == [(hold, "TEA", 6, "committed")]
    assert numbers(stall) == (4, 0, 4)


def test_committing_less_than_a_hold_frees_the_rest(stall: Database) -> None:
    assert commit_hold(stall, held(stall, 6), 2, attempt=ME).quantity == 8
    assert numbers(stall) == (8, 0, 8)


def test_committing_more_than_a_hold_is_refused(stall: Database, refused: Refused) -> None:
    hold = held(stall, 6)
    error = refused(lambda: commit_hold(stall, hold, 7, attempt=ME))
    assert isinstance(error, MoreThanPromised)
    assert error.details == {"reason": "limit", "hold": hold, "amount": 6, "requested": 7}


def test_a_refused_removal_says_what_is_held_and_until_when(
    stall: Database, refused: Refused
) -> None:
    due = create_hold(stall, "TEA", 6, attempt=ME).due_at
    error = refused(lambda: remove_stock(stall, "TEA", 5, attempt=ME))
    assert isinstance(error, InsufficientStock)
    assert error.details == {
        "sku": "TEA", "requested": 5, "available": 4, "quantity": 10, "held": 6, "held_until": due,
    }  # fmt: skip
    assert error.message.endswith(f": 6 of 10 are held, the first of them until {due}")


def test_more_than_is_available_cannot_be_held(stall: Database, refused: Refused) -> None:
    held(stall, 6)
    error = refused(lambda: create_hold(stall, "TEA", 5, attempt=ME))
    assert isinstance(error, InsufficientStock)
    assert (error.details["requested"], error.details["available"]) == (5, 4)


@pytest.mark.parametrize(("asked", "got", "hold"), [(9, 4, 2), (3, 3, 2)])
def test_a_hold_up_to_something_is_of_what_there_is(
    stall: Database, asked: int, got: int, hold: int
) -> None:
    held(stall, 6)
    made = create_hold(stall, "TEA", asked, up_to=True, attempt=ME)
    assert (made.hold, made.amount) == (hold, got)


def test_a_hold_up_to_something_of_nothing_is_no_hold(stall: Database) -> None:
    held(stall, 10)
    made = create_hold(stall, "TEA", 1, up_to=True, attempt=ME)
    assert (made.hold, made.amount, made.state, made.available) == (None, 0, None, 0)


def test_a_release_belongs_to_what_its_holds_belong_to(stall: Database, query: Query) -> None:
    held(stall, 1, label=Label(reason="cart", ref="cart-1"))
    held(stall, 2, label=Label(ref="cart-1"))
    release_holds(stall, "cart-1", attempt=ME)
    release_hold(
        stall, held(stall, 1, label=Label(ref="cart-2")), label=Label(ref="late"), attempt=ME
    )
    assert query("SELECT reason, ref FROM operation WHERE kind = 'release' ORDER BY id") == [
        (None, "cart-1"),
        (None, "late"),
    ]


def test_a_released_hold_is_free_again_and_closed(stall: Database, refused: Refused) -> None:
    hold = held(stall, 6)
    assert release_hold(stall, hold, attempt=ME).state == "released"
    assert numbers(stall) == (10, 0, 10)
    for again in (
        lambda: release_hold(stall, hold, attempt=ME),
        lambda: commit_hold(stall, hold, attempt=ME),
        lambda: extend_hold(stall, hold, "5m", attempt=ME),
    ):
        error = refused(again)
        assert isinstance(error, HoldClosed)
        assert error.details == {"reason": "hold_closed", "hold": hold, "state": "released"}


def test_an_unknown_hold_is_not_found(stall: Database, refused: Refused) -> None:
    error = refused(lambda: commit_hold(stall, 9, attempt=ME))
    assert isinstance(error, PromiseNotFound)
    assert (error.details, error.message) == ({"hold": 9}, "there is no hold 9")


@pytest.mark.parametrize("lasting", ["", "0s", "5", "-5m", "soon", "999999999w"])
def test_what_is_no_length_of_time_is_refused(
    stall: Database, refused: Refused, lasting: str
) -> None:
    error = refused(lambda: create_hold(stall, "TEA", 1, lasting=lasting, attempt=ME))
    assert isinstance(error, InvalidValue)


# --- Time alone ends a hold


def test_what_has_run_out_is_free_for_everybody_at_once(
    stall: Database, set_clock: Callable[[str], None]
) -> None:
    hold = held(stall, 9)
    assert get_product(stall, "TEA").low
    set_clock(LATER)
    assert numbers(stall) == (10, 0, 10)
    assert not get_product(stall, "TEA").low
    assert states(stall) == [(hold, "overdue")]


@pytest.mark.parametrize(
    "needs",
    [
        lambda db: remove_stock(db, "TEA", 8, attempt=ME),
        lambda db: remove_stock(db, "TEA", 8, up_to=True, attempt=ME),
        lambda db: set_stock(db, "TEA", 2, attempt=ME),
        lambda db: create_hold(db, "TEA", 8, attempt=ME),
        lambda db: apply_movements(db, [movement_line(2, "TEA", "-8")], attempt=ME),
        lambda db: apply_movements(
            db, [movement_line(2, "TEA", action="set", amount="2")], attempt=ME
        ),
        lambda db: apply_lines(
            db, [keyed_line(delta="-8"), keyed_line(delta="1")], label=NO_LABEL, attempt=ME
        ),
        lambda db: undo_operation(db, 1, attempt=ME),
        lambda db: archive_product(db, "TEA", attempt=ME),
    ],
    ids=["remove", "up-to", "set", "hold", "apply", "apply-set", "each", "undo", "archive"],
)
def test_who_needs_units_of_holds_that_have_run_out_closes_them(
    stall: Database,
    set_clock: Callable[[str], None],
    needs: Callable[[Database], object],
    query: Query,
) -> None:
    first = held(stall, 4, label=Label(reason="cart", ref="cart-1"))
    second = held(stall, 3, label=Label(reason="phone", ref="cart-1"))
    set_clock(LATER)
    needs(stall)
    assert states(stall)[:2] == [(first, "expired"), (second, "expired")]
    assert query("SELECT reason, ref FROM operation WHERE kind = 'expire'") == [(None, "cart-1")]
    assert list(Check(stall)) == []


def test_who_does_not_need_them_leaves_them_alone(
    stall: Database, set_clock: Callable[[str], None]
) -> None:
    hold = held(stall, 4)
    set_clock(LATER)
    remove_stock(stall, "TEA", 6, attempt=ME)
    assert states(stall) == [(hold, "overdue")]


def test_a_hold_that_has_run_out_can_neither_be_committed_nor_extended(
    stall: Database, set_clock: Callable[[str], None], refused: Refused
) -> None:
    hold = held(stall, 4)
    set_clock(LATER)
    for late in (
        lambda: commit_hold(stall, hold, attempt=ME),
        lambda: extend_hold(stall, hold, "5m", attempt=ME),
    ):
        assert isinstance(refused(late), HoldExpired)
    assert release_hold(stall, hold, attempt=ME).state == "expired"
    assert states(stall) == [(hold, "expired")]


def test_a_clock_that_goes_back_never_gives_units_twice(
    stall: Database, set_clock: Callable[[str], None], refused: Refused
) -> None:
    hold = held(stall, 8)
    set_clock(LATER)
    remove_stock(stall, "TEA", 9, attempt=ME)
    set_clock("2020-01-01T00:00:00.000Z")
    error = refused(lambda: commit_hold(stall, hold, attempt=ME))
    assert isinstance(error, HoldClosed)
    assert error.details["state"] == "expired"
    assert numbers(stall) == (1, 0, 1)


def test_a_clock_that_goes_back_brings_a_hold_back_that_nobody_has_closed(
    stall: Database, set_clock: Callable[[str], None]
) -> None:
    hold = held(stall, 8)
    set_clock(LATER)
    assert numbers(stall) == (10, 0, 10)
    set_clock("2020-01-01T00:00:00.000Z")
    assert numbers(stall) == (10, 8, 2)
    assert commit_hold(stall, hold, attempt=ME).quantity == 2


def test_an_extended_hold_is_good_for_longer(
    stall: Database, set_clock: Callable[[str], None]
) -> None:
    set_clock("2030-01-01T00:00:00.000Z")
    hold = held(stall, 4)
    made = extend_hold(stall, hold, "2h", attempt=ME)
    assert (made.state, made.due_at) == ("open", "2030-01-01T02:00:00.000Z")
    assert stall.warnings == []
    set_clock("2030-01-01T01:59:59.999Z")
    assert commit_hold(stall, hold, attempt=ME).quantity == 6


def test_a_hold_that_is_cut_short_is_extended_with_a_warning(
    stall: Database, set_clock: Callable[[str], None]
) -> None:
    set_clock("2030-01-01T00:00:00.000Z")
    for lasting in ("14d", None):
        extend_hold(stall, held(stall, 2, lasting=lasting), "1d", attempt=ME)
    assert stall.warnings == [
        "hold 1 was good until 2030-01-15T00:00:00.000Z",
        "hold 2 was good without end",
    ]


def test_a_hold_without_an_end_never_runs_out(
    stall: Database, set_clock: Callable[[str], None]
) -> None:
    hold = held(stall, 4, lasting=None)
    set_clock("9999-12-31T23:59:59.999Z")
    assert commit_hold(stall, hold, attempt=ME).quantity == 6


# --- Many at once


def test_a_file_of_holds_is_one_operation(stall: Database) -> None:
    made = create_holds(
        stall, [(2, ("TEA", "1")), (3, ("MUG", "2"))], times=2, label=Label(ref="kit"), attempt=ME
    )
    assert [(one.operation, one.sku, one.hold, one.amount) for one in made] == [
        (3, "TEA", 1, 2),
        (3, "MUG", 2, 4),
    ]


def test_a_file_with_a_line_that_cannot_be_held_holds_nothing(
    stall: Database, refused: Refused
) -> None:
    rows = [(2, ("TEA", "1")), (3, ("NONE", "1")), (4, ("MUG", "5")), (5, ("MUG", "x"))]
    error = refused(lambda: create_holds(stall, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [(one.line, one.column, one.code) for one in error.lines] == [
        (3, "sku", "not_found"),
        (4, "amount", "insufficient_stock"),
        (5, "amount", "invalid_data"),
    ]


@pytest.mark.parametrize(("end", "left"), [(commit_all, (8, 0, 8)), (release_all, (10, 0, 10))])
def test_what_is_held_for_a_command_is_held_and_ends_as_one_operation(
    stall: Database, end: Callable[..., None], left: tuple[int, int, int]
) -> None:
    wanted = read_wanted_skus(stall, ["TEA=2", "MUG"])
    made = hold_all(stall, wanted, lasting="5m", label=NO_LABEL, attempt=ME)
    assert [(one.operation, one.sku, one.amount) for one in made] == [(3, "TEA", 2), (3, "MUG", 1)]
    assert numbers(stall) == (10, 2, 8)
    end(stall, [1, 2], label=NO_LABEL, attempt=ME)
    assert numbers(stall) == left


@pytest.mark.parametrize("end", [commit_holds, release_holds])
def test_all_holds_of_a_ref_end_as_one_operation(
    stall: Database, end: Callable[..., list[HoldChange] | list[StockChange]]
) -> None:
    create_holds(stall, [(2, ("TEA", "1")), (3, ("MUG", "2"))], label=Label(ref="kit"), attempt=ME)
    held(stall, 3)
    done = end(stall, "kit", attempt=ME)
    assert [(one.operation, one.sku) for one in done] == [(5, "TEA"), (5, "MUG")]
    assert numbers(stall)[1] == 3
    with pytest.raises(PromiseNotFound):
        end(stall, "kit", attempt=ME)


def test_one_hold_of_a_ref_that_has_run_out_stops_the_commit_of_all(
    stall: Database, set_clock: Callable[[str], None], refused: Refused
) -> None:
    held(stall, 1, lasting=None, label=Label(ref="kit"))
    over = held(stall, 1, label=Label(ref="kit"))
    set_clock(LATER)
    late = refused(lambda: commit_holds(stall, "kit", attempt=ME))
    assert isinstance(late, HoldExpired)
    assert f"`invctl hold release {over}` closes it" in late.hint  # holding anew would not do
    ended = release_holds(stall, "kit", attempt=ME)
    told = [(one.operation, one.kind, one.state) for one in ended]
    assert told == [(5, "release", "released"), (6, "expire", "expired")]
    assert numbers(stall) == (10, 0, 10)


def test_operations_that_end_holds_are_in_the_order_of_these(
    stall: Database, set_clock: Callable[[str], None]
) -> None:
    held(stall, 1, label=Label(ref="kit"))
    held(stall, 1, lasting=None, label=Label(ref="kit"))
    set_clock(LATER)
    keyed = ME._replace(key="k")
    ended = release_holds(stall, "kit", attempt=keyed)
    assert [(one.operation, one.kind) for one in ended] == [(5, "expire"), (6, "release")]
    again = release_holds(stall, "kit", attempt=keyed)
    assert again == [one._replace(replayed=True) for one in ended]


def test_the_log_tells_of_how_many_products_holds_had_run_out(
    stall: Database, set_clock: Callable[[str], None]
) -> None:
    for sku in ("TEA", "MUG", "TEA"):
        create_hold(stall, sku, 1, label=Label(ref="kit"), attempt=ME)
    set_clock(LATER)
    release_holds(stall, "kit", attempt=ME)
    last = [row for rows in list_operations(stall) for row in rows][-1]
    assert last[1:4] == ("expire", "3 holds of 2 products had run out", 2)


# --- What goes with every mutation


@pytest.mark.parametrize(
    "call",
    [
        lambda db, attempt: create_hold(db, "TEA", 2, attempt=attempt),
        lambda db, attempt: create_holds(db, [(2, ("TEA", "2"))], attempt=attempt),
        lambda db, attempt: create_holds(db, [], attempt=attempt),
        lambda db, attempt: commit_hold(db, 1, attempt=attempt),
        lambda db, attempt: commit_holds(db, "kit", attempt=attempt),
        lambda db, attempt: release_hold(db, 1, attempt=attempt),
        lambda db, attempt: release_holds(db, "kit", attempt=attempt),
        lambda db, attempt: extend_hold(db, 1, "5m", attempt=attempt),
    ],
    ids=["create", "file", "no-lines", "commit", "commit-ref", "release", "release-ref", "extend"],
)
def test_a_retry_is_answered_the_same_and_a_rehearsal_does_nothing(
    stall: Database, call: Callable[..., object], tables: Callable[[], object]
) -> None:
    held(stall, 3, label=Label(ref="kit"))
    before = tables()
    call(stall, Attempt("tester", dry_run=True))
    assert tables() == before
    first = call(stall, Attempt("tester", "k-1"))
    after = tables()
    again = call(stall, Attempt("another", "k-1"))
    assert tables() == after
    for one, other in zip(
        first if isinstance(first, list) else [first],
        again if isinstance(again, list) else [again],
        strict=True,
    ):
        assert (one.replayed, other.replayed) == (False, True)
        assert one._replace(replayed=True) == other
    with pytest.raises(KeyReused):
        add_stock(stall, "TEA", 1, attempt=Attempt("tester", "k-1"))


def test_undoing_a_hold_releases_it_and_nothing_opens_it_again(
    stall: Database, refused: Refused
) -> None:
    made = create_hold(stall, "TEA", 3, attempt=ME)
    undone = undo_operation(stall, None, attempt=ME)
    assert states(stall) == [(made.hold, "released")]
    assert numbers(stall) == (10, 0, 10)
    error = refused(lambda: undo_operation(stall, undone.operation, attempt=ME))
    assert isinstance(error, NothingToUndo)


def test_undoing_a_commit_brings_the_units_back_and_opens_no_hold(stall: Database) -> None:
    hold = held(stall, 3)
    commit_hold(stall, hold, attempt=ME)
    undo_operation(stall, None, attempt=ME)
    assert numbers(stall) == (10, 0, 10)
    assert states(stall) == [(hold, "committed")]


def test_a_hold_that_was_committed_cannot_be_undone(stall: Database, refused: Refused) -> None:
    made = create_hold(stall, "TEA", 3, attempt=ME)
    commit_hold(stall, made.hold or 0, attempt=ME)
    error = refused(lambda: undo_operation(stall, made.operation, attempt=ME))
    assert isinstance(error, HoldClosed)


@pytest.mark.parametrize(
    "end",
    [
        lambda db: release_hold(db, 1, attempt=ME).operation,
        lambda db: extend_hold(db, 1, "5m", attempt=ME).operation,
    ],
)
def test_what_ends_or_lengthens_a_hold_is_not_taken_back(
    stall: Database, refused: Refused, end: Callable[[Database], int]
) -> None:
    held(stall, 3)
    operation = end(stall)
    error = refused(lambda: undo_operation(stall, operation, attempt=ME))
    assert isinstance(error, NothingToUndo)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda db: set_stock(db, "TEA", 2, attempt=ME), UnitsHeld),
        (lambda db: archive_product(db, "TEA", attempt=ME), UnitsHeld),
        (lambda db: undo_operation(db, 1, attempt=ME), InsufficientStock),
        (lambda db: delete_product(db, "TEA", attempt=ME), HasHistory),
    ],
    ids=["count", "archive", "undo", "delete"],
)
def test_what_is_held_stays(
    stall: Database,
    refused: Refused,
    call: Callable[[Database], object],
    kind: type[InventoryError],
) -> None:
    held(stall, 3)
    assert isinstance(refused(lambda: call(stall)), kind)


def test_a_line_that_hides_what_is_held_is_refused_by_the_column_that_says_so(
    stall: Database, refused: Refused
) -> None:
    held(stall, 3)
    rows = [product_line(2, "TEA", "Tea", archived="true")]
    error = refused(lambda: import_products(stall, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    [line] = error.lines
    assert (line.column, line.value, line.code) == ("archived", "true", UnitsHeld.code)


def test_a_list_of_the_holds_of_an_unknown_sku_says_what_was_meant(stall: Database) -> None:
    with pytest.raises(ProductNotFound, match="MUG") as caught:
        list(list_holds(stall, skus=["MUGG"]))
    assert caught.value.hint == "did you mean MUG?"


def test_of_an_archived_product_nothing_can_be_held(stall: Database, refused: Refused) -> None:
    archive_product(stall, "MUG", attempt=ME)
    error = refused(lambda: create_hold(stall, "MUG", 1, attempt=ME))
    assert isinstance(error, ProductArchived)


def test_a_product_that_was_promised_but_never_moved_cannot_be_deleted(
    stall: Database, refused: Refused
) -> None:
    create_product(stall, "NEW", name="New", attempt=ME)
    expect_delivery(stall, "NEW", 5, attempt=ME)
    error = refused(lambda: delete_product(stall, "NEW", attempt=ME))
    assert isinstance(error, HasHistory)
    assert error.message == "NEW has been promised once, which a deletion would lose"


@pytest.mark.sqlite("it writes into a file by itself")
def test_a_held_number_that_its_holds_do_not_say_is_a_finding(stall: Database, path: str) -> None:
    import sqlite3

    held(stall, 3)
    with sqlite3.connect(path) as driver:
        driver.execute("UPDATE product SET held = 2 WHERE sku = 'TEA'")
    driver.close()
    [finding] = Check(stall)
    assert (finding.kind, finding.sku, finding.expected, finding.actual) == ("held", "TEA", 3, 2)


def test_of_several_holds_those_that_are_open_still_are_extended_and_let_go(
    stall: Database, set_clock: Callable[[str], None]
) -> None:
    wanted = read_wanted_skus(stall, ["TEA=2", "MUG", "TEA=3"])
    set_clock("2030-01-31T12:00:00.000Z")
    hold_all(stall, wanted, lasting="5m", label=NO_LABEL, attempt=ME)
    release_hold(stall, 1, attempt=ME)
    extended = extend_all(stall, [1, 2, 3], "10m", attempt=ME)
    assert [one.hold for one in extended] == [2, 3]
    release_all(stall, [1, 2, 3], label=NO_LABEL, attempt=ME)
    assert numbers(stall) == (10, 0, 10)
    with pytest.raises(HoldClosed):
        release_all(stall, [1, 2, 3], label=NO_LABEL, attempt=ME)
