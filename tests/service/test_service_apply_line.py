"""One line of a stream as an operation of its own: what `add`, `remove` and `set` would do."""

from collections.abc import Callable

import pytest
from lines import keyed_line as line

from invctl.core.bulk.each import apply_lines
from invctl.core.catalog import get_product
from invctl.core.moves import ACTION, AMOUNT, DELTA, LABEL, MOVE, OCCURRED_AT, SKU, SPOTS
from invctl.core.products import archive_product, create_product
from invctl.db.database import Database
from invctl.errors import (
    InsufficientStock,
    InvalidValue,
    InventoryError,
    KeyReused,
    ProductArchived,
    ProductNotFound,
)
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.fields import MOVEMENT_COLUMNS
from invctl.models.stock import StockChange

ME = Attempt("tester")
Tables = dict[str, list[tuple[object, ...]]]
Refused = Callable[[Callable[[], object]], InventoryError]


def apply_line(
    db: Database, cells: tuple[str, ...], *, label: Label = NO_LABEL, attempt: Attempt
) -> StockChange:
    """Apply one line on its own; what refuses it is raised."""
    [outcome] = apply_lines(db, [cells], label=label, attempt=attempt)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with ten units of TEA, and POT, which is archived."""
    create_product(db, "TEA", name="Tea", quantity=10, attempt=ME)
    create_product(db, "POT", name="Pot", quantity=1, attempt=ME)
    archive_product(db, "POT", attempt=ME)
    return db


@pytest.mark.parametrize(
    ("cells", "kind", "delta"),
    [
        ({"delta": "3"}, "add", 3),
        ({"delta": "-3"}, "remove", -3),
        ({"action": "add", "amount": "3"}, "add", 3),
        ({"action": "remove", "amount": "10"}, "remove", -10),
        ({"action": "set", "amount": "4"}, "set", -6),
    ],
    ids=str,
)
def test_a_line_does_what_its_verb_does(
    stall: Database, cells: dict[str, str], kind: str, delta: int
) -> None:
    assert apply_line(stall, line(**cells), attempt=ME) == StockChange(
        operation=4,
        kind=kind,
        sku="TEA",
        delta=delta,
        quantity=10 + delta,
        movement=3,
        low=False,
        counted=10 + delta if kind == "set" else None,
        movement_ids=[3],
    )


def test_a_count_of_what_is_there_moves_nothing(stall: Database) -> None:
    answer = apply_line(stall, line(action="set", amount="10"), attempt=ME)
    assert (answer.delta, answer.quantity, answer.movement) == (0, 10, None)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"delta": "-11"}, InsufficientStock),
        ({"sku": "NOPE", "delta": "1"}, ProductNotFound),
        ({"sku": "POT", "delta": "1"}, ProductArchived),
        ({"sku": "POT", "action": "set", "amount": "1"}, ProductArchived),
        ({"sku": "", "delta": "1"}, InvalidValue),
        ({"delta": "3.0"}, InvalidValue),
        ({"delta": "1", "amount": "1"}, InvalidValue),
        ({"action": "steal", "amount": "1"}, InvalidValue),
        ({"amount": "1"}, InvalidValue),
        ({}, InvalidValue),
        ({"delta": "1", "reason": "No"}, InvalidValue),
        ({"delta": "1", "occurred_at": "soon"}, InvalidValue),
    ],
    ids=str,
)
def test_a_refused_line_changes_nothing(
    stall: Database, refused: Refused, cells: dict[str, str], kind: type[InventoryError]
) -> None:
    error = refused(lambda: apply_line(stall, line(**cells), attempt=ME))
    assert type(error) is kind


def test_a_line_takes_the_label_of_the_command_where_it_has_none(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    label = Label(reason="sale", ref="R", note="N", at="2026-01-01T00:00:00Z")
    apply_line(stall, line(delta="1", ref="mine"), label=label, attempt=ME)
    assert tables()["movement"][-1][5:9] == ("sale", "mine", "N", "2026-01-01T00:00:00.000Z")


def test_a_line_that_carries_a_used_key_is_answered_again(
    stall: Database, tables: Callable[[], Tables]
) -> None:
    keyed = line(delta="-3", idempotency_key="k")
    first = apply_line(stall, keyed, attempt=ME)
    before = tables()
    assert apply_line(stall, keyed, attempt=ME) == first._replace(replayed=True)
    assert tables() == before


def test_a_line_with_the_key_of_another_is_refused(stall: Database, refused: Refused) -> None:
    apply_line(stall, line(delta="-3", idempotency_key="k"), attempt=ME)
    other = line(delta="-4", idempotency_key="k")
    assert isinstance(refused(lambda: apply_line(stall, other, attempt=ME)), KeyReused)


def test_a_refused_line_leaves_the_next_one_as_it_is(stall: Database, refused: Refused) -> None:
    refused(lambda: apply_line(stall, line(delta="-11"), attempt=ME))
    assert apply_line(stall, line(delta="-10"), attempt=ME).quantity == 0
    assert get_product(stall, "TEA").quantity == 0


def test_a_rehearsed_line_changes_nothing(stall: Database, tables: Callable[[], Tables]) -> None:
    before = tables()
    assert apply_line(stall, line(delta="1"), attempt=Attempt("tester", dry_run=True)).dry_run
    assert tables() == before


def test_cells_are_looked_for_where_their_columns_stand() -> None:
    columns = tuple(MOVEMENT_COLUMNS)
    assert (columns[SKU], columns[OCCURRED_AT]) == ("sku", "occurred_at")
    assert (columns[DELTA], columns[ACTION], columns[AMOUNT]) == columns[MOVE]
    assert columns[MOVE] == ("delta", "action", "amount")
    assert columns[LABEL] == ("reason", "ref", "note", "occurred_at")
    assert columns[SPOTS] == ("place", "to_place", "lot", "expires_on")
