"""A file of movements as one operation: all of its lines, or none."""

from collections.abc import Callable, Iterator

import pytest
from inventories import Rows
from lines import movement_line as line
from stock import quantity_of

from invctl.core.bulk.apply import apply_movements
from invctl.core.catalog import get_product
from invctl.core.products import archive_product, create_product
from invctl.db.database import Database
from invctl.errors import InvalidData, InvalidValue, InventoryError, LineError
from invctl.models.attempts import Attempt, Label
from invctl.models.batches import BatchChange
from invctl.models.rows import BadRow, FileRow
from invctl.spreadsheets import NO_PRODUCT
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
Tables = dict[str, list[tuple[object, ...]]]
Refused = Callable[[Callable[[], object]], InventoryError]
CHUNKS = [1, 2, 3, 10_000]


@pytest.fixture(params=CHUNKS)
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small chunks, so that their borders fall into short files."""
    for module in ("lines", "batch"):
        monkeypatch.setattr(f"invctl.core.bulk.{module}.BATCH", request.param)


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with ten units of TEA, none of CUP, and POT, which is archived."""
    create_product(db, "TEA", name="Tea", quantity=10, attempt=ME)
    create_product(db, "CUP", name="Cup", attempt=ME)
    create_product(db, "POT", name="Pot", quantity=1, attempt=ME)
    archive_product(db, "POT", attempt=ME)
    return db


def errors_of(error: InventoryError) -> list[tuple[object, ...]]:
    """Return line, column, value and code of each refused line."""
    assert isinstance(error, InvalidData)
    found = error.details["errors"]
    assert isinstance(found, list)
    assert error.details["error_count"] == len(found)
    return [(one["line"], one["column"], one["value"], one["code"]) for one in found]


@pytest.mark.usefixtures("chunk")
def test_later_lines_see_earlier_ones(stall: Database, tables: Callable[[], Tables]) -> None:
    rows = [
        line(2, "TEA", delta="-4"),
        line(3, "CUP", action="add", amount="7"),
        line(4, "TEA", action="remove", amount="6"),
        line(5, "CUP", action="set", amount="2"),
        line(6, "TEA", delta="1"),
        line(7, "CUP", delta="-1"),
    ]
    answer = apply_movements(stall, rows, attempt=ME)
    assert answer == BatchChange(operation=5, lines=6, movements=6, products=2)
    moved = [row[1:5] for row in tables()["movement"][2:]]
    assert moved == [
        (5, 1, -4, 6),
        (5, 2, 7, 7),
        (5, 1, -6, 0),
        (5, 2, -5, 2),
        (5, 1, 1, 1),
        (5, 2, -1, 1),
    ]
    assert (quantity_of(stall, "TEA"), quantity_of(stall, "CUP")) == (1, 1)


@pytest.mark.usefixtures("chunk")
def test_a_refused_line_counts_as_not_having_happened_for_those_after_it(
    stall: Database, refused: Refused
) -> None:
    rows = [
        line(2, "TEA", delta="-11"),
        line(3, "TEA", delta="-10"),
        line(4, "TEA", action="remove", amount="1"),
        line(5, "CUP", action="add", amount="3.0"),
        line(6, "CUP", delta="-1"),
    ]
    assert errors_of(refused(lambda: apply_movements(stall, rows, attempt=ME))) == [
        (2, "delta", "-11", "insufficient_stock"),
        (4, "amount", "1", "insufficient_stock"),
        (5, "amount", "3.0", "invalid_data"),
        (6, "delta", "-1", "insufficient_stock"),
    ]


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (line(2, "NOPE", delta="1"), (2, "sku", "NOPE", "not_found")),
        (line(2, "teas", delta="1"), (2, "sku", "teas", "not_found")),
        (line(2, "POT", delta="1"), (2, "sku", "POT", "conflict")),
        (line(2, "POT", action="set", amount="1"), (2, "sku", "POT", "conflict")),
        (line(2, "", delta="1"), (2, "sku", "", "invalid_data")),
        (line(2, "TEA", delta="-11"), (2, "delta", "-11", "insufficient_stock")),
        (
            line(2, "TEA", action="add", amount=str(MAX_QUANTITY)),
            (2, "amount", str(MAX_QUANTITY), "conflict"),
        ),
        (line(2, "TEA", delta="+1"), (2, "delta", "+1", "invalid_data")),
        (line(2, "TEA", delta="1.0"), (2, "delta", "1.0", "invalid_data")),
        (line(2, "TEA", delta="--1"), (2, "delta", "--1", "invalid_data")),
        (line(2, "TEA", delta="-"), (2, "delta", "-", "invalid_data")),
        (line(2, "TEA", delta=" 1"), (2, "delta", " 1", "invalid_data")),
        (
            line(2, "TEA", delta="-9007199254740992"),
            (2, "delta", "-9007199254740992", "invalid_data"),
        ),
        (line(2, "TEA", delta=f"-{'9' * 400}"), (2, "delta", f"-{'9' * 400}", "invalid_data")),
        (line(2, "TEA", action="add", amount="00"), (2, "amount", "00", "invalid_data")),
        (line(2, "TEA", action="add", amount="-1"), (2, "amount", "-1", "invalid_data")),
        (line(2, "TEA", action="add"), (2, "amount", "", "invalid_data")),
        (line(2, "TEA", action="set"), (2, "amount", "", "invalid_data")),
        (line(2, "TEA", action="steal", amount="1"), (2, "action", "steal", "invalid_data")),
        (line(2, "TEA", action="ADD", amount="1"), (2, "action", "ADD", "invalid_data")),
        (line(2, "TEA", amount="1"), (2, "action", "", "invalid_data")),
        (line(2, "TEA"), (2, "delta", "", "invalid_data")),
        (line(2, "TEA", delta="1", action="add"), (2, "delta", "1", "invalid_data")),
        (line(2, "TEA", delta="1", amount="1"), (2, "delta", "1", "invalid_data")),
        (line(2, "TEA", delta="1", reason="No"), (2, "reason", "No", "invalid_data")),
        (line(2, "TEA", delta="1", ref="a\x1b"), (2, "ref", "a\x1b", "invalid_data")),
        (line(2, "TEA", delta="1", note="\0"), (2, "note", "\0", "invalid_data")),
        (
            line(2, "TEA", delta="1", occurred_at="soon"),
            (2, "occurred_at", "soon", "invalid_data"),
        ),
        (BadRow(2, "delta", "x", "torn"), (2, "delta", "x", "invalid_data")),
        (BadRow(2, None, None, "torn"), (2, None, None, "invalid_data")),
    ],
    ids=lambda one: repr(one)[:60],
)
def test_a_bad_line_is_named_with_its_column_value_and_code(
    stall: Database, refused: Refused, bad: FileRow | BadRow, expected: tuple[object, ...]
) -> None:
    rows = [bad, line(3, "TEA", delta="-1")]
    assert errors_of(refused(lambda: apply_movements(stall, rows, attempt=ME))) == [expected]


def test_the_nearest_sku_is_hinted_in_the_line_that_has_none(
    stall: Database, refused: Refused
) -> None:
    many = [line(number, f"NONE-{number}", delta="1") for number in range(3, 20)]
    rows = [line(2, "teas", delta="1"), *many, line(20, "Totals:", delta="18")]
    told = refused(lambda: apply_movements(stall, rows, attempt=ME)).details["errors"]
    assert isinstance(told, list)
    assert "did you mean TEA?" in told[0]["message"]
    assert told[-1]["code"] == "not_found"
    assert NO_PRODUCT in told[-1]["message"]


def test_what_brings_archived_products_back_names_them(stall: Database, refused: Refused) -> None:
    rows = [line(2, "pot", delta="1"), line(3, "POT", delta="2")]
    assert "`invctl product unarchive POT` brings it" in (
        refused(lambda: apply_movements(stall, rows, attempt=ME)).advice
    )
    archive_product(stall, "CUP", attempt=ME)
    rows.append(line(4, "CUP", delta="1"))
    error = refused(lambda: apply_movements(stall, rows, attempt=ME))
    assert error.advice == "`invctl product unarchive POT CUP` brings them back"


@pytest.mark.usefixtures("chunk")
@pytest.mark.parametrize("count", [99, 100, 101, 150])
def test_the_first_hundred_errors_are_told_and_all_are_counted(
    stall: Database, refused: Refused, count: int
) -> None:
    rows = [line(2, "TEA", delta="1"), *(line(n, "NO", delta="1") for n in range(3, 3 + count))]
    error = refused(lambda: apply_movements(stall, rows, attempt=ME))
    told = error.details["errors"]
    assert isinstance(told, list)
    assert error.details["error_count"] == count
    assert [one["line"] for one in told] == list(range(3, 3 + min(count, 100)))


@pytest.mark.usefixtures("chunk")
def test_errors_are_told_in_order_of_their_lines(stall: Database, refused: Refused) -> None:
    rows: list[FileRow | BadRow] = [
        line(2, "NO", delta="1"),
        BadRow(3, None, None, "torn"),
        line(4, "TEA", delta="x"),
        BadRow(5, None, None, "torn"),
    ]
    told = errors_of(refused(lambda: apply_movements(stall, rows, attempt=ME)))
    assert [number for number, *_ in told] == [2, 3, 4, 5]


@pytest.mark.usefixtures("chunk")
def test_a_file_that_cannot_be_read_on_is_refused_with_what_was_wrong_before(
    stall: Database, refused: Refused
) -> None:
    class Torn:
        """A file, which can be read again."""

        def __iter__(self) -> Iterator[FileRow | BadRow]:
            yield line(2, "TEA", delta="1")
            yield line(3, "TEA", delta="x")
            raise InvalidData([LineError(4, None, None, "invalid_data", "is cut off")])

    told = errors_of(refused(lambda: apply_movements(stall, Torn(), attempt=ME)))
    assert [number for number, *_ in told] == [3, 4]


@pytest.mark.usefixtures("chunk")
def test_spellings_of_one_sku_are_one_product(
    any_db: Database, tables: Callable[[], Tables]
) -> None:
    create_product(any_db, "é", name="x", quantity=5, attempt=ME)
    rows = [
        line(2, "e\u0301", delta="-3"),
        line(3, "é", delta="-1"),
        line(4, "e\u0301", action="set", amount="2"),
        line(5, "é", delta="10"),
    ]
    answer = apply_movements(any_db, rows, attempt=ME)
    assert answer[1:4] == (4, 4, 1)
    assert [row[3:5] for row in tables()["movement"]] == [
        (5, 5),
        (-3, 2),
        (-1, 1),
        (1, 2),
        (10, 12),
    ]
    assert quantity_of(any_db, "é") == 12


def test_lines_take_the_label_of_the_command_where_they_have_none(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    rows = [
        line(2, "TEA", delta="1"),
        line(3, "TEA", delta="1", reason="gift", occurred_at="2025-02-03T04:05:06+01:00"),
        line(4, "TEA", delta="1", ref="cafe\u0301", note="two\nlines"),
    ]
    label = Label(reason="sale", ref="R", note="N", at="2026-01-01T00:00:00Z")
    apply_movements(stall, rows, label=label, attempt=ME)
    new_year = "2026-01-01T00:00:00.000Z"
    assert [row[5:9] for row in tables()["movement"][2:]] == [
        ("sale", "R", "N", new_year),
        ("gift", "R", "N", "2025-02-03T03:05:06.000Z"),
        ("sale", "café", "two\nlines", new_year),
    ]


def test_lines_without_a_time_happened_when_the_operation_was_recorded(
    stall: Database, query: Callable[..., Rows]
) -> None:
    apply_movements(stall, [line(2, "TEA", delta="1")], attempt=ME)
    [*_, (occurred_at, recorded_at)] = query(
        """SELECT occurred_at, recorded_at
        FROM movement JOIN operation ON operation.id = operation_id ORDER BY movement.id"""
    )
    assert occurred_at == recorded_at


def test_a_bad_label_of_the_command_is_a_usage_error(stall: Database, refused: Refused) -> None:
    rows = [line(2, "TEA", delta="1")]
    error = refused(lambda: apply_movements(stall, rows, label=Label(reason="No"), attempt=ME))
    assert isinstance(error, InvalidValue)


@pytest.mark.parametrize("rows", [[], [line(2, "TEA", action="set", amount="10")]], ids=len)
def test_a_file_that_moves_nothing_succeeds(stall: Database, rows: list[FileRow]) -> None:
    answer = apply_movements(stall, rows, attempt=ME)
    assert answer == BatchChange(operation=5, lines=len(rows), movements=0, products=0)


def test_only_products_that_moved_are_updated(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    before = tables()["product"]
    rows = [line(2, "CUP", delta="1"), line(3, "TEA", action="set", amount="10")]
    apply_movements(stall, rows, attempt=ME)
    after = tables()["product"]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]
    assert after[1][-1] == tables()["operation"][-1][-1]


def test_balances_reach_both_ends_of_their_range(stall: Database) -> None:
    rows = [
        line(2, "TEA", delta=str(MAX_QUANTITY - 10)),
        line(3, "TEA", delta=f"-{MAX_QUANTITY}"),
        line(4, "CUP", action="set", amount=str(MAX_QUANTITY)),
    ]
    assert apply_movements(stall, rows, attempt=ME).movements == 3
    assert (quantity_of(stall, "TEA"), quantity_of(stall, "CUP")) == (0, MAX_QUANTITY)


@pytest.mark.usefixtures("chunk")
def test_more_products_than_are_remembered_are_settled_on_the_way(
    stall: Database, tables: Callable[[], Tables], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invctl.core.bulk.batch._REMEMBERED", 1)
    rows = [line(n, sku, delta="2") for n, sku in enumerate(["TEA", "CUP", "TEA", "CUP", "TEA"], 2)]
    change = apply_movements(stall, rows, attempt=ME)
    assert (change.lines, change.movements, change.products) == (5, 5, 2)
    assert (get_product(stall, "TEA").quantity, get_product(stall, "CUP").quantity) == (16, 4)
    before = tables()
    with pytest.raises(InvalidData):
        apply_movements(stall, [*rows, line(9, "CUP", delta="-99")], attempt=ME)
    assert tables() == before
