"""Recipes: a file that is applied several times, and how many times it fits."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lines import movement_line as line

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.recipes import fits
from invctl.core.catalog import get_product
from invctl.core.codes import add_code
from invctl.core.places.spots import Spot
from invctl.core.places.stock import add_to_place
from invctl.core.products import create_product
from invctl.core.promises.endings import release_hold
from invctl.core.promises.holds import create_hold
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import InsufficientStock, InvalidData, InventoryError, NoLimit
from invctl.models.attempts import Attempt
from invctl.models.batches import Fits
from invctl.models.rows import FileRow
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
Refused = Callable[[Callable[[], object]], InventoryError]
BOARD = [line(2, "R", "-4"), line(3, "BOX", "-1"), line(4, "R", "-2"), line(5, "BOARD", "1")]
"""Six R, and a BOX of ten C, make a BOARD."""


@pytest.fixture
def bench(db: Database) -> Database:
    """An inventory with 20 R and 35 C, ten to a BOX."""
    for sku, quantity in {"R": 20, "C": 35, "BOARD": 0}.items():
        create_product(db, sku, name=sku, quantity=quantity, attempt=ME)
    add_code(db, "C", "BOX", units=10, attempt=ME)
    return db


def stock(db: Database) -> tuple[int, int, int]:
    return tuple(get_product(db, sku).quantity for sku in ("R", "C", "BOARD"))  # type: ignore[return-value]


Limits = dict[str, object]


def limit(sku: str, available: int, per: int) -> Limits:
    return {"sku": sku, "available": available, "per": per}


def test_a_recipe_fits_as_often_as_its_scarcest_part(bench: Database) -> None:
    assert fits(bench, BOARD) == Fits(3, [limit("C", 35, 10), limit("R", 20, 6)])
    create_hold(bench, "R", 3, attempt=ME)
    assert fits(bench, BOARD) == Fits(2, [limit("R", 17, 6)])
    assert fits(bench, [line(2, "BOARD", "1")]) == Fits(None, [])
    assert fits(bench, []) == Fits(None, [])


def test_it_is_applied_so_many_times_as_one_operation(bench: Database) -> None:
    done = apply_movements(bench, BOARD, times=2, attempt=ME)
    assert (done.times, done.lines, done.movements, done.products) == (2, 4, 4, 3)
    assert stock(bench) == (8, 15, 2)
    undo_operation(bench, done.operation, attempt=ME)
    assert stock(bench) == (20, 35, 0)
    assert apply_movements(bench, BOARD, times="max", attempt=ME).times == 3
    assert stock(bench) == (2, 5, 3)


def test_once_more_than_it_fits_is_refused_line_by_line(bench: Database, refused: Refused) -> None:
    error = refused(lambda: apply_movements(bench, BOARD, times=4, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [(one.line, one.code) for one in error.lines] == [
        (3, "insufficient_stock"),
        (4, "insufficient_stock"),
    ]


def test_as_often_as_it_fits_may_be_never_or_for_ever(bench: Database, refused: Refused) -> None:
    short = [line(2, "R", "-21"), line(3, "C", "-36"), line(4, "BOARD", "0")]
    error = refused(lambda: apply_movements(bench, short, times="max", attempt=ME))
    assert isinstance(error, InsufficientStock)
    errors = error.details["errors"]
    assert isinstance(errors, list)
    assert [(one["sku"], one["requested"], one["available"]) for one in errors] == [
        ("C", 36, 35),
        ("R", 21, 20),
    ]
    endless = [line(2, "BOARD", "1")]
    error = refused(lambda: apply_movements(bench, endless, times="max", attempt=ME))
    assert isinstance(error, NoLimit)


VAN, SHELF = Spot("VAN"), Spot("SHOP/SHELF")
EARLY, LATE = "2030-01-01", "2031-01-01"


@pytest.fixture
def van(bench: Database) -> Database:
    """Besides 20 R: 9 on the SHELF, and in the VAN 4 that expire EARLY and 6 that do LATE."""
    add_to_place(bench, "R", 9, SHELF, attempt=ME)
    add_to_place(bench, "R", 6, Spot("VAN", None, LATE), attempt=ME)
    add_to_place(bench, "R", 4, Spot("VAN", None, EARLY), attempt=ME)
    return bench


def at(sku: str, available: int, per: int, place: str | None, lot: str | None = None) -> Limits:
    return {**limit(sku, available, per), "place": place, "lot": lot}


RECIPES: dict[str, tuple[list[FileRow], int, Limits]] = {
    "a pot": ([line(2, "R", "-2", place="SHOP/SHELF")], 4, at("R", 9, 2, "SHOP/SHELF")),
    "lines of a pot are summed": (
        [line(n, "R", action="remove", amount="2", place="SHOP/SHELF") for n in (2, 3)],
        2, at("R", 9, 4, "SHOP/SHELF"),
    ),
    "all lots of a place": ([line(2, "R", "-3", place="VAN")], 3, at("R", 10, 3, "VAN")),
    "one lot": ([line(2, "R", "-3", place="VAN", lot=LATE)], 2, at("R", 6, 3, "VAN", LATE)),
    "anywhere": ([line(2, "R", "-4", place="any")], 9, at("R", 39, 4, None)),
    "a lot anywhere": (
        [line(2, "R", "-3", place="any", lot=EARLY)], 1, at("R", 4, 3, "any", EARLY),
    ),
    "a place, and none": (
        [line(2, "R", "-1", place="VAN"), line(3, "R", "-7")], 2, at("R", 20, 7, None),
    ),
    "a lot that another line takes first": (
        [line(2, "R", "-3", place="VAN"), line(3, "R", "-1", place="VAN", lot=EARLY)],
        1, at("R", 4, 4, "VAN", EARLY),
    ),
    "a lot that another line leaves": (
        [line(2, "R", "-1", place="VAN", lot=EARLY), line(3, "R", "-3", place="VAN")],
        2, at("R", 10, 4, "VAN"),
    ),
    "what is put somewhere limits nothing": (
        [line(2, "C", "-10"), line(3, "BOARD", "1", place="ATTIC")], 3, limit("C", 35, 10),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "times", "limiting"), RECIPES.values(), ids=RECIPES)
def test_what_lies_where_limits_a_recipe_that_says_where(
    van: Database, refused: Refused, rows: list[FileRow], times: int, limiting: dict[str, object]
) -> None:
    assert fits(van, rows) == Fits(times, [limiting])
    error = refused(lambda: apply_movements(van, rows, times=times + 1, attempt=ME))
    assert isinstance(error, InvalidData)
    assert {one.code for one in error.lines} == {"insufficient_stock"}
    done = apply_movements(van, rows, times="max", attempt=ME)
    assert done.times == times
    assert fits(van, rows).times == 0
    error = refused(lambda: apply_movements(van, rows, times="max", attempt=ME))
    assert isinstance(error, InsufficientStock)
    undo_operation(van, done.operation, attempt=ME)
    assert fits(van, rows).times == times


def test_what_is_held_limits_a_recipe_wherever_it_lies(van: Database, refused: Refused) -> None:
    create_hold(van, "R", 34, attempt=ME)
    rows = [line(2, "R", "-2", place="VAN")]
    assert fits(van, rows) == Fits(2, [at("R", 5, 2, None)])
    rows = [line(2, "R", "-6", place="VAN")]
    error = refused(lambda: apply_movements(van, rows, times="max", attempt=ME))
    assert (error.details["requested"], error.details["available"]) == (6, 5)


def test_a_place_that_a_recipe_takes_from_must_be_there(van: Database, refused: Refused) -> None:
    rows = [line(2, "R", "-1", place="VAN"), line(3, "R", "-1", place="ATTIC")]
    for call in (
        lambda: fits(van, rows),
        lambda: apply_movements(van, rows, times="max", attempt=ME),
    ):
        error = refused(call)
        assert isinstance(error, InvalidData)
        assert [(one.line, one.column, one.code) for one in error.lines] == [
            (3, "place", "not_found")
        ]
    short = [line(2, "R", "-7", place="VAN", lot=LATE), line(3, "C", "-36")]
    error = refused(lambda: apply_movements(van, short, times="max", attempt=ME))
    assert isinstance(error, InsufficientStock)
    told = error.details["errors"]
    assert isinstance(told, list)
    assert [(one["sku"], one["available"], "places" in one) for one in told] == [
        ("C", 35, False), ("R", 6, True),
    ]  # fmt: skip


takes = st.lists(
    st.tuples(
        st.sampled_from(["", "VAN", "SHOP/SHELF", "any"]),
        st.sampled_from(["", EARLY, LATE]),
        st.integers(1, 4),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@pytest.mark.sqlite("what is judged is judged in memory")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taken=takes, held=st.integers(0, 39))
def test_a_recipe_fits_as_often_as_it_can_be_applied(
    van: Database, taken: list[tuple[str, str, int]], held: int
) -> None:
    rows = [
        line(number, "R", str(-units), place=place, lot=lot if place in ("VAN", "any") else "")
        for number, (place, lot, units) in enumerate(taken, 2)
    ]
    hold = create_hold(van, "R", held, lasting=None, attempt=ME).hold if held else None
    times = fits(van, rows).times
    assert times is not None
    rehearsal = ME._replace(dry_run=True)
    for many in range(1, times + 1):
        apply_movements(van, rows, times=many, attempt=rehearsal)
    for more in (times + 1, times + 2):
        with pytest.raises(InvalidData):
            apply_movements(van, rows, times=more, attempt=rehearsal)
    if hold is not None:
        release_hold(van, hold, attempt=ME)


NO_RECIPES: dict[str, tuple[list[FileRow], list[tuple[int, str | None, str]]]] = {
    "a count": (
        [line(2, "R", action="set", amount="1"), line(3, "C", "-1")],
        [(2, "action", "invalid_data")],
    ),
    "taken and added": (
        [line(2, "C", "-1"), line(3, "BOX", "1"), line(4, "NOPE", "-1")],
        [(3, "sku", "invalid_data"), (4, "sku", "not_found")],
    ),
    "a move": (
        [line(2, "R", action="move", amount="1", to_place="VAN")],
        [(2, "action", "invalid_data")],
    ),
    "taken in a place and added in another": (
        [line(2, "R", "-1"), line(3, "R", "1", place="VAN")],
        [(3, "sku", "invalid_data")],
    ),
    "no place": ([line(2, "R", "-1", place="a//b")], [(2, "place", "invalid_data")]),
    "too many": (
        [line(2, "R", str(-MAX_QUANTITY)), line(3, "BOX", str(MAX_QUANTITY))],
        [(3, "delta", "invalid_data")],
    ),
}


@pytest.mark.parametrize(("rows", "errors"), NO_RECIPES.values(), ids=NO_RECIPES)
def test_what_is_no_recipe_is_refused(
    bench: Database,
    refused: Refused,
    rows: list[FileRow],
    errors: list[tuple[int, str | None, str]],
) -> None:
    for ask in (
        lambda: fits(bench, rows),
        lambda: apply_movements(bench, rows, times=1, attempt=ME),
        lambda: apply_movements(bench, rows, times="max", attempt=ME),
    ):
        error = refused(ask)
        assert isinstance(error, InvalidData)
        assert [(one.line, one.column, one.code) for one in error.lines] == errors


def test_a_retry_of_a_recipe_is_told_by_its_times(bench: Database, refused: Refused) -> None:
    keyed = ME._replace(key="k")
    done = apply_movements(bench, BOARD, times=2, attempt=keyed)
    again = apply_movements(bench, BOARD, times=2, attempt=keyed)
    assert again == done._replace(replayed=True)
    assert refused(lambda: apply_movements(bench, BOARD, attempt=keyed)).code == "conflict"
