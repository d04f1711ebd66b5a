"""Lines that share a commit are judged as if each were alone, and refuse nothing but themselves."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from engines import SQLITE
from hypothesis import given, settings
from hypothesis import strategies as st
from inventories import Inventory, copy_inventory, give_back, look, new_schema
from lines import keyed_line as line

from invctl.core.bulk.each import apply_lines
from invctl.core.bulk.group import Outcome
from invctl.core.catalog import get_product
from invctl.core.products import archive_product, create_product
from invctl.core.promises.holds import create_hold
from invctl.core.stock import remove_stock
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.errors import (
    InsufficientStock,
    InventoryError,
    KeyReused,
    OutcomeUnknown,
    ProductNotFound,
)
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.stock import StockChange
from invctl.settings import read_location
from invctl.values import MAX_QUANTITY

ME = Attempt("tester")
Cells = tuple[str, ...]

skus = st.sampled_from(["TEA", "CUP", "FULL", "GONE", "NOPE", "", "tea"])
moves = st.one_of(
    st.integers(1, 6).map(lambda n: (str(n), "", "")),
    st.integers(1, 6).map(lambda n: (str(-n), "", "")),
    st.integers(0, 6).map(lambda n: ("", "set", str(n))),
    st.sampled_from([("", "", ""), ("x", "", ""), ("1", "add", "1"), ("", "add", "0")]),
)
labels = st.sampled_from(
    [
        *[("", "", "", "")] * 3,
        ("sale", "R", "", ""),
        ("No", "", "", ""),
        *(("", "", "", f"202{year}-01-01T00:00:00Z") for year in range(3)),
    ]
)
keys = st.sampled_from(["", "", "", "k-1", "k-2", "old"])
lines = st.builds(
    lambda sku, move, label, key: (sku, *move, *label, key), skus, moves, labels, keys
)
groups = st.lists(st.lists(lines, min_size=1, max_size=9), min_size=1, max_size=4)


def fill(db: Database) -> None:
    """Make ten of TEA, none of CUP, nearly the most of FULL, and GONE, which is archived."""
    for sku, quantity in {"TEA": 10, "CUP": 0, "FULL": MAX_QUANTITY - 3, "GONE": 3}.items():
        opening = Label(at="2020-06-01T00:00:00Z")
        create_product(db, sku, name="x", quantity=quantity, label=opening, attempt=ME)
    archive_product(db, "GONE", attempt=ME)
    remove_stock(db, "TEA", 1, attempt=Attempt("tester", "old"))
    create_hold(db, "FULL", 9, lasting="90d", attempt=ME)


@pytest.fixture(scope="module")
def template(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    where = tmp_path_factory.mktemp("group") / "inventory.db" if engine == SQLITE else new_schema()
    with closing(opened(where, create=True)) as db:
        fill(db)
    return where


@pytest.fixture
def stall(db: Database) -> Database:
    fill(db)
    return db


def opened(where: Inventory, **options: bool) -> Database:
    return open_database(read_location(str(where), "--db"), **options)  # type: ignore[arg-type]


def told(outcome: Outcome | Exception) -> object:
    if isinstance(outcome, InventoryError):
        return outcome.code, outcome.message, outcome.details
    return outcome


def books(where: Inventory) -> list[list[tuple[object, ...]]]:
    """Return what they hold; a time that is the operation's own stands as `now`."""
    when = "CASE occurred_at WHEN recorded_at THEN 'now' ELSE occurred_at END"
    by = "JOIN operation ON operation.id = operation_id"
    return [
        look(where).query(query)
        for query in (
            "SELECT sku, quantity, held FROM product ORDER BY id",
            """SELECT id, kind, idempotency_key, request_hash, result, actor, reason, ref,
               first_movement, last_movement, first_change, last_change
               FROM operation ORDER BY id""",
            f"""SELECT movement.id, operation_id, product_id, delta, quantity, movement.reason,
               movement.ref, note, {when} FROM movement {by} ORDER BY movement.id""",  # noqa: S608
            f"""SELECT change.id, operation_id, product_id, sku, field, "before", "after", {when}
               FROM change {by} ORDER BY change.id""",  # noqa: S608
        )
    ]


def hold_equal(template: Inventory, given_groups: list[list[Cells]]) -> None:
    with TemporaryDirectory() as folder:
        alone, together = (
            Path(folder, name) if isinstance(template, Path) else new_schema()
            for name in ("alone.db", "together.db")
        )
        for copy in (alone, together):
            copy_inventory(template, copy)
        with closing(opened(alone)) as one, closing(opened(together)) as other:
            for group in given_groups:
                singly = [
                    told(outcome)
                    for cells in group
                    for outcome in apply_lines(one, [cells], label=NO_LABEL, attempt=ME)
                ]
                grouped = apply_lines(other, group, label=NO_LABEL, attempt=ME)
                assert [told(outcome) for outcome in grouped] == singly
                assert set(other.warnings) == set(one.warnings)
        assert books(together) == books(alone)
        give_back(together, alone)


@given(given_groups=groups)
@settings(max_examples=12)
def test_a_group_does_what_its_lines_do_alone(
    template: Inventory, given_groups: list[list[Cells]]
) -> None:
    hold_equal(template, given_groups)


@pytest.mark.sweep
@given(given_groups=groups)
@settings(max_examples=200)
def test_hundreds_of_groups_do_what_their_lines_do_alone(
    template: Inventory, given_groups: list[list[Cells]]
) -> None:
    hold_equal(template, given_groups)


def test_later_lines_see_earlier_ones_and_a_refused_one_changes_nothing(stall: Database) -> None:
    outcomes = apply_lines(
        stall,
        [line(delta="-9"), line(delta="-1"), line(delta="2"), line(delta="-2"), line("NOPE")],
        label=Label(reason="sale"),
        attempt=ME,
    )
    kinds = [type(one) for one in outcomes]
    assert kinds[:2] == [StockChange, InsufficientStock]
    assert kinds[2:4] == [StockChange, StockChange]
    assert isinstance(outcomes[4], InventoryError)
    assert get_product(stall, "TEA").quantity == 0


def test_a_refused_line_does_not_close_what_has_run_out(
    stall: Database, inventory: Inventory
) -> None:
    create_hold(stall, "TEA", 8, attempt=ME)
    look(inventory).change(
        "UPDATE promise SET due_at = '2020-01-01T00:00:00.000Z' WHERE amount = 8"
    )
    before = books(inventory)
    refused = apply_lines(stall, [line(delta="-10")] * 2, label=NO_LABEL, attempt=ME)
    assert [one.details for one in refused if isinstance(one, InsufficientStock)] == [
        {"sku": "TEA", "requested": 10, "available": 9, "quantity": 9, "held": 0}
    ] * 2
    assert books(inventory) == before
    done = apply_lines(stall, [line(delta="-10"), line(delta="-2")], label=NO_LABEL, attempt=ME)
    assert [type(one) for one in done] == [InsufficientStock, StockChange]
    product = get_product(stall, "TEA")
    assert (product.quantity, product.held) == (7, 0)
    kinds = look(inventory).query("SELECT kind FROM operation ORDER BY id DESC")
    assert [kind for (kind,) in kinds[:3]] == ["remove", "expire", "hold"]


def test_the_same_key_twice_in_a_group_happens_once(stall: Database) -> None:
    first, again, other = apply_lines(
        stall,
        [
            line(delta="-1", idempotency_key="k"),
            line(delta="-1", idempotency_key="k"),
            line(delta="-2", idempotency_key="k"),
        ],
        label=NO_LABEL,
        attempt=ME,
    )
    assert isinstance(first, StockChange)
    assert again == first._replace(replayed=True)
    assert isinstance(other, KeyReused)
    assert get_product(stall, "TEA").quantity == 8


def test_what_nobody_foresaw_is_the_outcome_of_its_line_alone(
    stall: Database, inventory: Inventory
) -> None:
    keyed = line(delta="-1", idempotency_key="k")
    apply_lines(stall, [keyed], label=NO_LABEL, attempt=ME)
    forged = """UPDATE operation SET result = '{"answer":"Nope"}' WHERE idempotency_key = 'k'"""
    look(inventory).change(forged)
    outcomes = apply_lines(
        stall, [line(delta="-1"), keyed, line(delta="-1")], label=NO_LABEL, attempt=ME
    )
    assert [type(one) for one in outcomes] == [StockChange, KeyError, StockChange]
    assert get_product(stall, "TEA").quantity == 6


def test_a_rehearsed_line_is_not_seen_by_the_next(stall: Database) -> None:
    rehearsal = ME._replace(dry_run=True)
    outcomes = apply_lines(stall, [line(delta="-9")] * 2, label=NO_LABEL, attempt=rehearsal)
    assert [isinstance(one, StockChange) and one.quantity for one in outcomes] == [0, 0]
    assert get_product(stall, "TEA").quantity == 9


def test_an_unknown_sku_in_a_group_is_told_with_the_one_that_was_meant(stall: Database) -> None:
    outcomes = apply_lines(
        stall, [line("TEA-", delta="1"), line(delta="1")], label=NO_LABEL, attempt=ME
    )
    assert isinstance(outcomes[0], ProductNotFound)
    assert outcomes[0].details["nearest"] == "TEA"


@pytest.mark.sqlite("it replaces a file")
def test_a_lost_commit_leaves_the_outcome_of_each_line_open(
    stall: Database, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invctl.db.sqlite.files.is_same_file", same_until_then(path))
    outcomes = apply_lines(stall, [line(delta="-1")] * 2, label=NO_LABEL, attempt=ME)
    assert [type(one) for one in outcomes] == [OutcomeUnknown] * 2


def same_until_then(path: str) -> Callable[..., bool]:
    """Return what finds the inventory's own file at first, and then another."""
    looks = iter([True])
    return lambda where, _, **_kept: where != path or next(looks, False)
