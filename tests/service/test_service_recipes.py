"""Recipes: a file that is applied several times, and how many times it fits."""

from collections.abc import Callable

import pytest
from lines import movement_line as line

from invctl.core.apply import apply_movements
from invctl.core.catalog import get_product
from invctl.core.codes import add_code
from invctl.core.holds import create_hold
from invctl.core.products import create_product
from invctl.core.recipes import fits
from invctl.core.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import InsufficientStock, InvalidData, InventoryError, NoLimit
from invctl.models import Attempt, Fits, Row
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


def limit(sku: str, available: int, per: int) -> dict[str, object]:
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


NO_RECIPES: dict[str, tuple[list[Row], list[tuple[int, str | None, str]]]] = {
    "a count": (
        [line(2, "R", action="set", amount="1"), line(3, "C", "-1")],
        [(2, "action", "invalid_data")],
    ),
    "taken and added": (
        [line(2, "C", "-1"), line(3, "BOX", "1"), line(4, "NOPE", "-1")],
        [(3, "sku", "invalid_data"), (4, "sku", "not_found")],
    ),
    "too many": (
        [line(2, "R", str(-MAX_QUANTITY)), line(3, "BOX", str(MAX_QUANTITY))],
        [(3, "delta", "invalid_data")],
    ),
}


@pytest.mark.parametrize(("rows", "errors"), NO_RECIPES.values(), ids=NO_RECIPES)
def test_what_is_no_recipe_is_refused(
    bench: Database,
    refused: Refused,
    rows: list[Row],
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
