"""Reading movements: one product's history and the log of all, by id and by time."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from lines import movement_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.following import follow_log
from invctl.core.ledger import EVERYTHING, Filter, movement_totals, stock_history, stock_log
from invctl.core.log import list_operations
from invctl.core.places.places import remove_place, rename_place
from invctl.core.places.spots import Spot
from invctl.core.places.stock import add_to_place, move_stock, remove_from_place
from invctl.core.products import archive_product, create_product, rename_product
from invctl.core.stock import add_stock, remove_stock
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import InvalidValue, PlaceNotFound, ProductNotFound
from invctl.models.attempts import Attempt, Label
from invctl.models.fields import MOVEMENT_FIELDS
from invctl.models.rows import MovementRow

ME = Attempt("tester")


def log(db: Database, only: Filter = EVERYTHING, **how: Any) -> list[MovementRow]:
    return [row for chunk in stock_log(db, only, **how) for row in chunk]


def history(db: Database, sku: str, only: Filter = EVERYTHING, **how: Any) -> list[MovementRow]:
    return [row for chunk in stock_history(db, sku, only, **how) for row in chunk]


def ids(rows: list[MovementRow]) -> list[int]:
    return [row[0] for row in rows]


@pytest.fixture
def ledger(db: Database) -> Database:
    """Six movements of TEA and CUP; the fourth is back-dated before all others."""
    create_product(
        db, "TEA", name="Tea", quantity=10, label=Label(at="2026-01-01T00:00:00Z"), attempt=ME
    )
    create_product(
        db, "CUP", name="Cup", quantity=5, label=Label(at="2026-02-01T00:00:00Z"), attempt=ME
    )
    sale = Label(reason="sale", ref="café", note="n", at="2026-03-01T00:00:00Z")
    remove_stock(db, "TEA", 1, label=sale, attempt=Attempt("alice"))
    late = Label(reason="sale", ref="R-2", at="2025-01-01T00:00:00Z")
    remove_stock(db, "CUP", 2, label=late, attempt=ME)
    add_stock(db, "TEA", 4, label=Label(at="2026-04-01T00:00:00Z"), attempt=ME)
    undo_operation(db, 4, label=Label(at="2026-05-01T00:00:00Z"), attempt=ME)
    return db


def test_a_movement_is_read_with_every_field(ledger: Database) -> None:
    record = dict(zip(MOVEMENT_FIELDS, log(ledger)[2], strict=True))
    recorded_at = record.pop("recorded_at")
    assert record == {
        "id": 3,
        "operation": 3,
        "kind": "remove",
        "sku": "TEA",
        "delta": -1,
        "quantity": 9,
        "reason": "sale",
        "ref": "café",
        "note": "n",
        "actor": "alice",
        "occurred_at": "2026-03-01T00:00:00.000Z",
        "undoes": None,
        "undone_by": None,
        "place": None,
        "lot": None,
        "expires_on": None,
    }
    assert str(recorded_at) > "2026-03"


def test_a_movement_tells_what_it_undoes_and_what_undid_it(ledger: Database) -> None:
    told = MOVEMENT_FIELDS.index("undoes"), MOVEMENT_FIELDS.index("undone_by")
    assert [tuple(row[place] for place in told) for row in log(ledger)[3:]] == [
        (None, 6),
        (None, None),
        (4, None),
    ]


def test_the_log_is_in_order_of_id_whatever_the_times(ledger: Database) -> None:
    assert ids(log(ledger)) == [1, 2, 3, 4, 5, 6]
    assert ids(log(ledger, reverse=True)) == [6, 5, 4, 3, 2, 1]
    assert [row[2] for row in log(ledger)] == [
        "create",
        "create",
        "remove",
        "remove",
        "add",
        "undo",
    ]


def test_a_history_holds_one_product(ledger: Database) -> None:
    assert ids(history(ledger, "CUP")) == [2, 4, 6]
    assert [row[5] for row in history(ledger, "CUP")] == [5, 3, 5]
    assert ids(history(ledger, "CUP", reverse=True, limit=2)) == [6, 4]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-03-01T00:00:00.000Z", None, [3, 5, 6]),
        ("2026-03-01T00:00:00.001Z", None, [5, 6]),
        (None, "2026-01-01T00:00:00.000Z", [1, 4]),
        (None, "2025-12-31T23:59:59.999Z", [4]),
        ("2026-02-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z", [2, 3, 5]),
        ("2027-01-01T00:00:00.000Z", None, []),
        ("2026-04-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", []),
    ],
)
def test_time_bounds_are_inclusive_and_go_by_when_it_happened(
    ledger: Database, since: str | None, until: str | None, expected: list[int]
) -> None:
    assert ids(log(ledger, Filter(since, until))) == expected
    of_tea = [one for one in expected if one in (1, 3, 5)]
    assert ids(history(ledger, "TEA", Filter(since, until))) == of_tea


@pytest.mark.parametrize(("since_id", "expected"), [(0, 6), (3, 3), (5, 1), (6, 0), (99, 0)])
def test_an_id_bound_is_exclusive(ledger: Database, since_id: int, expected: int) -> None:
    assert len(log(ledger, since_id=since_id)) == expected


def test_the_log_is_filtered_by_reason_and_by_ref(ledger: Database) -> None:
    # An undo has the reason and the ref of what it undoes.
    assert ids(log(ledger, Filter(reasons=["sale"]))) == [3, 4, 6]
    assert ids(log(ledger, Filter(refs=["R-2"]))) == [4, 6]
    assert ids(log(ledger, Filter(reasons=["sale"], refs=["R-2"]), since_id=4)) == [6]
    assert ids(log(ledger, Filter(reasons=["gift"]))) == []
    assert ids(log(ledger, Filter(refs=["R-2", "café"]))) == [3, 4, 6]


def test_any_number_of_refs_may_be_asked_for(ledger: Database) -> None:
    only = Filter(refs=["R-2", *map(str, range(1200))])
    assert ids(log(ledger, only)) == [4, 6]
    assert [row[0] for rows in list_operations(ledger, only) for row in rows] == [4, 6]


def test_a_ref_is_found_in_both_spellings(ledger: Database) -> None:
    assert ids(log(ledger, Filter(refs=["cafe\u0301"]))) == [3]


@pytest.mark.parametrize("limit", [1, 2, 6, 9])
def test_a_limit_takes_the_last_ones(ledger: Database, limit: int) -> None:
    assert ids(log(ledger, limit=limit)) == [1, 2, 3, 4, 5, 6][-limit:]
    assert ids(log(ledger, limit=limit, reverse=True)) == [6, 5, 4, 3, 2, 1][:limit]


def test_after_an_id_a_limit_takes_the_first_ones(ledger: Database) -> None:
    assert ids(log(ledger, since_id=2, limit=3)) == [3, 4, 5]
    assert ids(log(ledger, since_id=2, limit=3, reverse=True)) == [5, 4, 3]


@pytest.mark.parametrize("chunk", [1, 4, 6, 7])
def test_a_long_log_comes_whole(
    ledger: Database, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    for engine in ("sqlite", "postgresql"):
        monkeypatch.setattr(f"invctl.db.{engine}.session.CHUNK", chunk)
    chunks = list(stock_log(ledger))
    assert [len(rows) for rows in chunks[:-1]] == [chunk] * (len(chunks) - 1)
    assert ids([row for rows in chunks for row in rows]) == [1, 2, 3, 4, 5, 6]


def test_movements_carry_the_sku_of_today(ledger: Database) -> None:
    rename_product(ledger, "TEA", "TEA-2", attempt=ME)
    assert {row[3] for row in log(ledger)} == {"TEA-2", "CUP"}
    assert ids(history(ledger, "TEA-2")) == [1, 3, 5]
    with pytest.raises(ProductNotFound):
        history(ledger, "TEA")


def test_an_archived_product_keeps_its_history(ledger: Database) -> None:
    archive_product(ledger, "TEA", attempt=ME)
    assert ids(history(ledger, "TEA")) == [1, 3, 5]


def test_movements_of_a_file_share_its_operation_and_kind(ledger: Database) -> None:
    rows = [movement_line(2, "TEA", "1"), movement_line(3, "CUP", "1")]
    apply_movements(ledger, rows, attempt=ME)
    assert [row[1:3] for row in log(ledger, since_id=6)] == [(7, "apply"), (7, "apply")]


def test_a_product_that_never_moved_has_an_empty_history(ledger: Database) -> None:
    create_product(ledger, "POT", name="Pot", attempt=ME)
    assert history(ledger, "POT") == []


def test_sums_are_in_the_order_of_code_points_and_begin_with_what_nothing_was_said_of(
    ledger: Database,
) -> None:
    for ref in ("b", "Z", "é", "a-1", "a_1", "A"):
        add_stock(ledger, "TEA", 1, label=Label(ref=ref), attempt=ME)
    refs = [row[0] for rows in movement_totals(ledger, EVERYTHING, "ref") for row in rows]
    assert (refs[0], "Z" in refs) == (None, True)
    assert refs[1:] == sorted(refs[1:])


def test_the_log_of_a_lot_tells_where_it_came_and_went(db: Database) -> None:
    create_product(db, "MILK", name="Milk", attempt=ME)
    for lot in ("L1", "L2"):
        add_to_place(db, "MILK", 5, Spot("SHOP/FRIDGE", lot), attempt=ME)
    move_stock(db, "MILK", 2, Spot("SHOP/FRIDGE", "L1"), Spot("VAN", "L1"), attempt=ME)
    remove_from_place(db, "MILK", 1, Spot("VAN"), attempt=Attempt("alice"))
    assert [row[4] for row in log(db, Filter(lot="L1"))] == [5, -2, 2, -1]
    assert [row[4] for row in log(db, Filter(lot="L1", place="SHOP"))] == [5, -2]
    assert [row[4] for row in log(db, Filter(lot="L1", actors=["alice"]), reverse=True)] == [-1]
    assert log(db, Filter(lot="L3")) == []
    (sums,) = movement_totals(db, Filter(place="VAN", kinds=["move", "remove"]), "actor")
    assert list(sums) == [("alice", 0, 1, -1, 1), ("tester", 2, 0, 2, 1)]


def test_the_log_of_a_place_outlives_it(db: Database) -> None:
    create_product(db, "MILK", name="Milk", attempt=ME)
    add_to_place(db, "MILK", 5, Spot("SHOP/FRIDGE"), attempt=ME)
    remove_from_place(db, "MILK", 5, Spot("SHOP/FRIDGE"), attempt=ME)
    remove_place(db, "SHOP", attempt=ME)
    add_to_place(db, "MILK", 1, Spot("VAN"), attempt=ME)
    rename_place(db, "VAN", "SHOP/FRIDGE", attempt=ME)
    assert [row[4] for row in log(db, Filter(place="SHOP/FRIDGE"))] == [5, -5, 1]
    with pytest.raises(PlaceNotFound):
        log(db, Filter(place="VAN"))
    with pytest.raises(InvalidValue):
        log(db, Filter(place="any"))


@pytest.mark.parametrize("by", ["ref", "sku", "day"])
def test_sums_are_turned_round_and_cut_where_they_are_made(ledger: Database, by: str) -> None:
    """There may be as many as movements: nobody who asks for ten of them is given all."""
    add_stock(ledger, "CUP", 1, label=Label(ref="b", at="2026-01-02T12:00:00.000Z"), attempt=ME)
    [*sums] = [row for rows in movement_totals(ledger, EVERYTHING, by) for row in rows]
    assert len(sums) > 1
    for reverse, order in ((False, sums), (True, sums[::-1])):
        cut = movement_totals(ledger, EVERYTHING, by, limit=1, reverse=reverse)
        assert [row for rows in cut for row in rows] == order[:1]
        whole = movement_totals(ledger, EVERYTHING, by, reverse=reverse)
        assert [row for rows in whole for row in rows] == order


def test_an_unknown_product_has_no_history(ledger: Database) -> None:
    with pytest.raises(ProductNotFound) as caught:
        history(ledger, "teas")
    assert caught.value.details == {"sku": "teas", "nearest": "TEA", "renamed_to": None}


def test_a_reason_that_is_none_is_a_usage_error(ledger: Database) -> None:
    with pytest.raises(InvalidValue):
        log(ledger, Filter(reasons=["No Reason"]))


def next_rows(follower: Iterator[Sequence[MovementRow]]) -> list[MovementRow]:
    """Return the next chunk in which there is anything."""
    return list(next(filter(None, follower)))


def test_the_log_can_be_followed_as_others_write(
    ledger: Database, open_db: Callable[..., Database]
) -> None:
    follower = follow_log(open_db(), since_id=5)
    assert ids(next_rows(follower)) == [6]
    add_stock(ledger, "TEA", 1, attempt=ME)
    add_stock(ledger, "CUP", 1, attempt=ME)
    assert ids(next_rows(follower)) == [7, 8]
    add_stock(ledger, "TEA", 1, attempt=ME)
    assert ids(next_rows(follower)) == [9]


def test_a_followed_log_keeps_to_its_filter(
    ledger: Database, open_db: Callable[..., Database]
) -> None:
    follower = follow_log(open_db(), Filter(reasons=["gift"]))
    add_stock(ledger, "TEA", 1, attempt=ME)
    add_stock(ledger, "TEA", 1, label=Label(reason="gift"), attempt=ME)
    assert ids(next_rows(follower)) == [8]


def test_an_operation_counts_the_products_that_it_touched_and_no_others(ledger: Database) -> None:
    lines = [
        movement_line(2, "TEA", "1"),
        movement_line(3, "TEA", "1"),
        movement_line(4, "CUP", "1"),
    ]
    apply_movements(ledger, lines[:2], attempt=ME)
    apply_movements(ledger, lines, attempt=ME)
    told = [row for chunk in list_operations(ledger) for row in chunk]
    assert [row[2] for row in told[:2]] == ["TEA +10", "CUP +5"]
    counts = [row[3:6] for row in told]
    assert counts == [(1, 1, 1), (1, 1, 1), *[(1, 1, 0)] * 4, (1, 2, 0), (2, 3, 0)]
    assert told[-1][2] == "3 movements, 2 products"
