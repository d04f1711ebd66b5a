"""Adding, removing and counting stock: what is answered, what is written, what is refused."""

from collections.abc import Callable
from functools import partial

import pytest
from inventories import Rows
from stock import quantity_of

from invctl.core.products import archive_product, create_product
from invctl.core.stock import add_stock, move, remove_stock, set_stock
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import (
    BalanceLimit,
    InsufficientStock,
    InvalidValue,
    InventoryError,
    ProductArchived,
    ProductNotFound,
    StaleQuantity,
)
from invctl.models.attempts import Attempt, Label
from invctl.models.stock import StockChange
from invctl.repository.operations import Draft
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
LATER = Draft("remove", "tester", None, "2026-01-31T09:30:00.000Z")
Tables = dict[str, list[tuple[object, ...]]]
Query = Callable[..., Rows]
Refused = Callable[[Callable[[], object]], InventoryError]

TIMES = """SELECT occurred_at, recorded_at
    FROM movement JOIN operation ON operation.id = operation_id WHERE movement.id = 2"""


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with ten units of TEA."""
    create_product(db, "TEA", name="Tea", quantity=10, attempt=ME)
    return db


def test_adding_answers_with_the_movement_and_the_balance_after_it(stall: Database) -> None:
    assert add_stock(stall, "TEA", 5, attempt=ME) == StockChange(
        operation=2,
        kind="add",
        sku="TEA",
        delta=5,
        quantity=15,
        movement=2,
        low=False,
        movement_ids=[2],
    )


def test_removing_answers_with_a_negative_delta(stall: Database) -> None:
    assert remove_stock(stall, "TEA", 3, attempt=ME) == StockChange(
        operation=2,
        kind="remove",
        sku="TEA",
        delta=-3,
        quantity=7,
        movement=2,
        low=False,
        movement_ids=[2],
    )


def test_the_last_unit_can_be_removed(stall: Database) -> None:
    assert remove_stock(stall, "TEA", 10, attempt=ME).quantity == 0


def test_a_movement_writes_one_operation_one_movement_and_one_balance(
    stall: Database, tables: Callable[[], Tables], query: Query
) -> None:
    before = tables()
    label = Label(reason="sale", ref="INV-1", note="two\nlines", at="2026-01-31T10:00:00+01:00")
    remove_stock(stall, "TEA", 3, label=label, attempt=ME)
    after = tables()
    assert after["operation"][:-1] == before["operation"]
    assert query(
        """SELECT id, kind, idempotency_key, request_hash, result, reverses_id, actor, reason, ref,
        file_hash, first_movement, last_movement, first_change, last_change, undone
        FROM operation WHERE id = 2"""
    ) == [(2, "remove", *[None] * 4, "tester", "sale", "INV-1", None, 2, 2, None, None, 0)]
    assert after["movement"] == [
        *before["movement"],
        (2, 2, 1, -3, 7, "sale", "INV-1", "two\nlines", "2026-01-31T09:00:00.000Z", None),
    ]
    [(recorded_at,)] = query("SELECT recorded_at FROM operation WHERE id = 2")
    created_at = before["product"][0][7]
    assert after["product"] == [
        (1, "TEA", "Tea", None, 7, None, None, created_at, recorded_at, None, 0, 0)
    ]
    rest = ("setting", "change", "promise", "pot", "place", "lot", "code")
    assert {name: after[name] for name in rest} == {name: before[name] for name in rest}


def test_a_movement_without_a_time_happened_when_it_was_recorded(
    stall: Database, query: Query
) -> None:
    add_stock(stall, "TEA", 1, attempt=ME)
    [(occurred_at, recorded_at)] = query(TIMES)
    assert occurred_at == recorded_at


@pytest.mark.parametrize("requested", [11, MAX_QUANTITY])
def test_removing_more_than_there_is_changes_nothing(
    stall: Database, refused: Refused, requested: int
) -> None:
    error = refused(lambda: remove_stock(stall, "TEA", requested, attempt=ME))
    assert isinstance(error, InsufficientStock)
    assert error.details == {
        "sku": "TEA",
        "requested": requested,
        "available": 10,
        "quantity": 10,
        "held": 0,
    }


@pytest.mark.parametrize(
    ("asked", "delta", "left"), [(3, -3, 7), (10, -10, 0), (11, -10, 0), (MAX_QUANTITY, -10, 0)]
)
def test_up_to_takes_what_there_is_and_says_how_much(
    stall: Database, asked: int, delta: int, left: int
) -> None:
    answer = remove_stock(stall, "TEA", asked, up_to=True, attempt=ME)
    assert (answer.delta, answer.quantity, answer.movement) == (delta, left, 2)


def test_up_to_of_nothing_succeeds_and_moves_nothing(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    set_stock(stall, "TEA", 0, attempt=ME)
    before = tables()
    answer = remove_stock(stall, "TEA", 4, up_to=True, attempt=ME)
    assert (answer.delta, answer.quantity, answer.movement) == (0, 0, None)
    after = tables()
    assert (after["movement"], after["product"]) == (before["movement"], before["product"])


@pytest.mark.parametrize(
    ("count", "delta"), [(0, -10), (4, -6), (11, 1), (MAX_QUANTITY, MAX_QUANTITY - 10)]
)
def test_a_count_moves_the_difference(stall: Database, count: int, delta: int) -> None:
    assert set_stock(stall, "TEA", count, attempt=ME) == StockChange(
        operation=2,
        kind="set",
        sku="TEA",
        delta=delta,
        quantity=count,
        movement=2,
        low=False,
        counted=count,
        movement_ids=[2],
    )


def test_a_count_of_what_is_there_moves_nothing(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    before = tables()
    answer = set_stock(stall, "TEA", 10, attempt=ME)
    assert (answer.delta, answer.quantity, answer.movement) == (0, 10, None)
    after = tables()
    assert (after["movement"], after["product"]) == (before["movement"], before["product"])


def test_a_count_that_expects_what_is_there_is_made(stall: Database) -> None:
    assert set_stock(stall, "TEA", 4, expect=10, attempt=ME).quantity == 4


@pytest.mark.parametrize("expected", [0, 9, MAX_QUANTITY])
def test_a_count_that_expects_something_else_is_refused(
    stall: Database, refused: Refused, expected: int
) -> None:
    error = refused(lambda: set_stock(stall, "TEA", 4, expect=expected, attempt=ME))
    assert isinstance(error, StaleQuantity)
    assert error.details == {"reason": "stale", "sku": "TEA", "expected": expected, "actual": 10}


def test_a_count_to_what_is_there_is_still_refused_when_it_expects_something_else(
    stall: Database, refused: Refused
) -> None:
    error = refused(lambda: set_stock(stall, "TEA", 10, expect=9, attempt=ME))
    assert isinstance(error, StaleQuantity)


def test_a_balance_reaches_the_largest_quantity_exactly(stall: Database) -> None:
    assert add_stock(stall, "TEA", MAX_QUANTITY - 10, attempt=ME).quantity == MAX_QUANTITY
    assert remove_stock(stall, "TEA", MAX_QUANTITY, attempt=ME).quantity == 0


@pytest.mark.parametrize("amount", [MAX_QUANTITY - 9, MAX_QUANTITY])
def test_a_balance_does_not_pass_the_largest_quantity(
    stall: Database, refused: Refused, amount: int
) -> None:
    error = refused(lambda: add_stock(stall, "TEA", amount, attempt=ME))
    assert isinstance(error, BalanceLimit)
    assert error.details == {"reason": "limit", "sku": "TEA", "quantity": 10, "delta": amount}


CHANGES: list[Callable[[Database, str], object]] = [
    lambda db, sku: add_stock(db, sku, 1, attempt=ME),
    lambda db, sku: remove_stock(db, sku, 1, attempt=ME),
    lambda db, sku: remove_stock(db, sku, 99, attempt=ME),
    lambda db, sku: remove_stock(db, sku, 1, up_to=True, attempt=ME),
    lambda db, sku: set_stock(db, sku, 3, attempt=ME),
    lambda db, sku: set_stock(db, sku, 10, attempt=ME),
    lambda db, sku: set_stock(db, sku, 3, expect=4, attempt=ME),
]
CHANGE_NAMES = ["add", "remove", "too-much", "up-to", "set", "set-same", "expect"]


@pytest.mark.parametrize("change", CHANGES, ids=CHANGE_NAMES)
def test_an_archived_product_does_not_move(
    stall: Database, refused: Refused, change: Callable[[Database, str], object]
) -> None:
    archive_product(stall, "TEA", attempt=ME)
    error = refused(lambda: change(stall, "TEA"))
    assert isinstance(error, ProductArchived)
    assert error.details == {"reason": "archived", "sku": "TEA"}


@pytest.mark.parametrize("change", CHANGES, ids=CHANGE_NAMES)
def test_an_unknown_sku_is_not_found_and_the_nearest_is_named_but_never_used(
    stall: Database, refused: Refused, change: Callable[[Database, str], object]
) -> None:
    error = refused(lambda: change(stall, "TEAS"))
    assert isinstance(error, ProductNotFound)
    assert error.details["nearest"] == "TEA"
    assert quantity_of(stall) == 10


@pytest.mark.parametrize(
    ("sku", "nearest"),
    [("T_EA", "TEA"), ("CUP", None), ("", None), ("T\0", None), ("\udc80", None)],
    ids=repr,
)
def test_whatever_is_typed_as_a_sku_may_be_unknown(
    stall: Database, refused: Refused, sku: str, nearest: str | None
) -> None:
    error = refused(lambda: set_stock(stall, sku, 3, attempt=ME))
    assert isinstance(error, ProductNotFound)
    assert error.details["nearest"] == nearest


@pytest.mark.parametrize("typed", ["tea", " Tea\r"], ids=repr)
def test_under_the_strict_rule_case_and_blanks_are_nothing(stall: Database, typed: str) -> None:
    for change in (partial(add_stock, stall, typed, 1), partial(remove_stock, stall, typed, 1)):
        assert change(attempt=ME).sku == "TEA"
    assert set_stock(stall, typed, 4, attempt=ME).sku == "TEA"
    assert quantity_of(stall) == 4


@pytest.mark.parametrize("amount", [0, -1, MAX_QUANTITY + 1])
@pytest.mark.parametrize("change", [add_stock, remove_stock])
def test_an_amount_out_of_range_is_a_usage_error(
    stall: Database, refused: Refused, change: Callable[..., StockChange], amount: int
) -> None:
    error = refused(lambda: change(stall, "TEA", amount, attempt=ME))
    assert isinstance(error, InvalidValue)
    assert (error.code, error.details["field"]) == ("usage", "amount")


@pytest.mark.parametrize("count", [-1, MAX_QUANTITY + 1])
def test_a_count_out_of_range_is_a_usage_error(
    stall: Database, refused: Refused, count: int
) -> None:
    error = refused(lambda: set_stock(stall, "TEA", count, attempt=ME))
    assert isinstance(error, InvalidValue)
    assert error.details["field"] == "quantity"


@pytest.mark.parametrize(
    ("label", "field"),
    [
        (Label(reason="Sale"), "reason"),
        (Label(reason=""), "reason"),
        (Label(ref="a\nb"), "ref"),
        (Label(ref="x" * 201), "ref"),
        (Label(note="\x1b[1m"), "note"),
        (Label(note="x" * 1001), "note"),
        (Label(at="soon"), "at"),
    ],
    ids=lambda one: repr(one)[:60],
)
def test_a_bad_label_is_a_usage_error(
    stall: Database, refused: Refused, label: Label, field: str
) -> None:
    error = refused(lambda: add_stock(stall, "TEA", 1, label=label, attempt=ME))
    assert isinstance(error, InvalidValue)
    assert error.details["field"] == field


@pytest.mark.parametrize("actor", ["", "a\nb", "x" * 201, "\u202ebob", "\udc80"], ids=repr)
def test_an_actor_that_is_not_text_is_a_usage_error(
    stall: Database, refused: Refused, actor: str
) -> None:
    error = refused(lambda: add_stock(stall, "TEA", 1, attempt=Attempt(actor)))
    assert isinstance(error, InvalidValue)
    assert error.details["field"] == "actor"


def test_texts_of_a_label_are_stored_composed_and_empty_ones_as_null(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    add_stock(stall, "TEA", 1, label=Label(ref="cafe\u0301", note=""), attempt=ME)
    assert tables()["movement"][-1][5:8] == (None, "café", None)


def test_a_refused_movement_leaves_nothing_even_before_its_transaction_is_undone(
    db: Database, tables: Callable[[], Tables]
) -> None:
    create_product(db, "TEA", name="Tea", quantity=4, attempt=ME)
    before = tables()["movement"]

    def work(session: Session) -> None:
        with pytest.raises(InsufficientStock):
            move(session, LATER, "TEA", -5)

    db.write(work)
    assert tables()["movement"] == before
