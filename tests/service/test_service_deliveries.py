"""Deliveries: what is on its way, what comes of it, and what does not."""

from collections.abc import Callable

import pytest

from invctl.core.catalog import get_product
from invctl.core.products import archive_product, create_product
from invctl.core.promises.deliveries import (
    cancel_delivery,
    expect_deliveries,
    expect_delivery,
    list_deliveries,
    receive_deliveries,
    receive_delivery,
)
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import (
    BalanceLimit,
    DeliveryClosed,
    InvalidData,
    InventoryError,
    MoreThanPromised,
    NothingToUndo,
    ProductArchived,
    PromiseNotFound,
)
from invctl.models.attempts import Attempt, Label
from invctl.models.promises import DeliveryChange
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
Refused = Callable[[Callable[[], object]], InventoryError]


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with ten units of TEA, low at 12, and none of MUG."""
    create_product(db, "TEA", name="Tea", quantity=10, reorder_point=12, attempt=ME)
    create_product(db, "MUG", name="Mug", attempt=ME)
    return db


def open_ones(db: Database, **only: object) -> list[tuple[int, int]]:
    """Return the number and what is to come of each open delivery."""
    return [(row[0], row[2]) for rows in list_deliveries(db, **only) for row in rows]  # type: ignore[arg-type]


def test_what_is_expected_changes_no_stock_but_what_is_low(stall: Database) -> None:
    assert get_product(stall, "TEA").low
    made = expect_delivery(stall, "TEA", 40, by="2030-01-31T12:00Z", attempt=ME)
    due = "2030-01-31T12:00:00.000Z"
    assert made == DeliveryChange(3, "expect", "TEA", 1, 40, "open", 0, 10, 10, due)
    product = get_product(stall, "TEA")
    assert (product.quantity, product.expected, product.low) == (10, 40, False)


def test_a_delivery_comes_in_parts(stall: Database) -> None:
    delivery = expect_delivery(stall, "TEA", 40, attempt=ME).delivery
    part = receive_delivery(stall, delivery, 15, attempt=ME)
    assert (part.kind, part.amount, part.state, part.quantity) == ("receive", 15, "open", 25)
    assert open_ones(stall) == [(delivery, 25)]
    assert get_product(stall, "TEA").expected == 25
    rest = receive_delivery(stall, delivery, attempt=ME)
    assert (rest.amount, rest.state, rest.quantity) == (25, "received", 50)
    assert open_ones(stall) == []


def test_more_than_was_expected_is_refused_unless_it_may_be(
    stall: Database, refused: Refused
) -> None:
    delivery = expect_delivery(stall, "TEA", 5, attempt=ME).delivery
    error = refused(lambda: receive_delivery(stall, delivery, 6, attempt=ME))
    assert isinstance(error, MoreThanPromised)
    assert receive_delivery(stall, delivery, 6, over=True, attempt=ME).quantity == 16


def test_what_is_closed_neither_comes_nor_is_cancelled(stall: Database, refused: Refused) -> None:
    delivery = expect_delivery(stall, "TEA", 5, attempt=ME).delivery
    assert cancel_delivery(stall, delivery, attempt=ME).state == "cancelled"
    for late, has_come in ((receive_delivery, True), (cancel_delivery, False)):
        error = refused(lambda late=late: late(stall, delivery, attempt=ME))  # type: ignore[misc]
        assert isinstance(error, DeliveryClosed)
        assert error.details["state"] == "cancelled"
        assert ("stock add" in error.advice) is has_come


def test_what_is_expected_by_a_time_that_is_past_is_taken_with_a_warning(stall: Database) -> None:
    made = expect_delivery(stall, "TEA", 5, by="2020-01-01T12:00Z", attempt=ME)
    assert made.due_at == "2020-01-01T12:00:00.000Z"
    assert len(stall.warnings) == 1
    expect_delivery(stall, "TEA", 5, by="7d", attempt=ME)
    assert len(stall.warnings) == 1


def test_an_order_is_expected_and_received_whole(stall: Database) -> None:
    rows = [(2, ("TEA", "5")), (3, ("MUG", "7"))]
    made = expect_deliveries(stall, rows, by="7d", label=Label(ref="PO-1"), attempt=ME)
    assert [one.operation for one in made] == [3, 3]
    receive_delivery(stall, made[0].delivery, 2, attempt=ME)
    came = receive_deliveries(stall, "PO-1", attempt=ME)
    assert [(one.sku, one.amount, one.quantity, one.state) for one in came] == [
        ("TEA", 3, 15, "received"),
        ("MUG", 7, 7, "received"),
    ]
    with pytest.raises(PromiseNotFound):
        receive_deliveries(stall, "PO-1", attempt=ME)


def test_an_order_with_a_bad_line_is_not_expected(stall: Database, refused: Refused) -> None:
    rows = [(2, ("TEA", "5")), (3, ("NONE", "7")), (4, ("", "1"))]
    error = refused(lambda: expect_deliveries(stall, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [one.line for one in error.lines] == [3, 4]


def test_what_should_have_come_by_now_is_overdue(
    stall: Database, set_clock: Callable[[str], None]
) -> None:
    late = expect_delivery(stall, "TEA", 5, by="1d", attempt=ME).delivery
    expect_delivery(stall, "TEA", 5, attempt=ME)
    assert open_ones(stall, overdue=True) == []
    set_clock("2099-01-01T00:00:00.000Z")
    assert open_ones(stall, overdue=True) == [(late, 5)]
    assert get_product(stall, "TEA").expected == 10


def test_undoing_an_expectation_cancels_it_and_undoing_a_receipt_expects_nothing(
    stall: Database, refused: Refused
) -> None:
    first = expect_delivery(stall, "TEA", 5, attempt=ME)
    undo_operation(stall, first.operation, attempt=ME)
    second = expect_delivery(stall, "TEA", 5, attempt=ME)
    receive_delivery(stall, second.delivery, attempt=ME)
    undo_operation(stall, None, attempt=ME)
    assert open_ones(stall) == []
    assert get_product(stall, "TEA").quantity == 10
    third = expect_delivery(stall, "TEA", 5, attempt=ME)
    ended = cancel_delivery(stall, third.delivery, attempt=ME)
    error = refused(lambda: undo_operation(stall, ended.operation, attempt=ME))
    assert isinstance(error, NothingToUndo)


def test_of_an_archived_product_nothing_is_expected_or_received(
    stall: Database, refused: Refused
) -> None:
    delivery = expect_delivery(stall, "MUG", 5, attempt=ME).delivery
    archive_product(stall, "MUG", attempt=ME)
    for call in (
        lambda: expect_delivery(stall, "MUG", 5, attempt=ME),
        lambda: receive_delivery(stall, delivery, attempt=ME),
    ):
        assert isinstance(refused(call), ProductArchived)


def test_no_more_is_expected_than_could_be_kept(stall: Database, refused: Refused) -> None:
    expect_delivery(stall, "MUG", MAX_QUANTITY, attempt=ME)
    error = refused(lambda: expect_delivery(stall, "MUG", 1, attempt=ME))
    assert isinstance(error, BalanceLimit)


@pytest.mark.parametrize(
    "call",
    [
        lambda db, attempt: expect_delivery(db, "TEA", 2, by="7d", attempt=attempt),
        lambda db, attempt: receive_delivery(db, 1, 1, attempt=attempt),
        lambda db, attempt: cancel_delivery(db, 1, attempt=attempt),
    ],
    ids=["expect", "receive", "cancel"],
)
def test_a_retry_is_answered_the_same_and_a_rehearsal_does_nothing(
    stall: Database, call: Callable[..., DeliveryChange], tables: Callable[[], object]
) -> None:
    expect_delivery(stall, "TEA", 2, attempt=ME)
    before = tables()
    call(stall, Attempt("tester", dry_run=True))
    assert tables() == before
    first = call(stall, Attempt("tester", "k-1"))
    after = tables()
    assert call(stall, Attempt("other", "k-1")) == first._replace(replayed=True)
    assert tables() == after


def test_no_file_expects_more_than_could_ever_be_kept(stall: Database, refused: Refused) -> None:
    half = str(MAX_QUANTITY // 2 + 1)
    rows = [(2, ("MUG", half)), (3, ("TEA", "1")), (4, ("MUG", half))]
    error = refused(lambda: expect_deliveries(stall, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [(one.line, one.code) for one in error.lines] == [(4, "conflict")]
