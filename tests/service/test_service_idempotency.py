"""Idempotency keys and dry runs: the same answer again, and nothing moved."""

import unicodedata
from collections.abc import Callable

import pytest
from lines import count_line, movement_line, product_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product
from invctl.core.codes import import_codes
from invctl.core.counting.file import count_products
from invctl.core.products import (
    archive_product,
    create_product,
    delete_product,
    rename_product,
    unarchive_product,
    update_product,
)
from invctl.core.promises.deliveries import expect_deliveries
from invctl.core.promises.holds import create_holds
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import InsufficientStock, InvalidData, InvalidValue, InventoryError, KeyReused
from invctl.models.answers import Answer
from invctl.models.attempts import Attempt, Label
from invctl.models.rows import BadRow, FileRow

ME = Attempt("tester")
KEYED = Attempt("tester", "key")
Tables = dict[str, list[tuple[object, ...]]]
Refused = Callable[[Callable[[], object]], InventoryError]
Mutation = Callable[[Database, Attempt], Answer]


def movements(*lines: tuple[str, str]) -> list[FileRow | BadRow]:
    return [movement_line(n, *one) for n, one in enumerate(lines, 2)]


def products(*lines: tuple[str, str, str]) -> list[FileRow | BadRow]:
    return [product_line(n, *one[:2], quantity=one[2]) for n, one in enumerate(lines, 2)]


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with ten units of TEA (operations 1 and 2) and none of CUP."""
    create_product(db, "TEA", name="Tea", quantity=9, attempt=ME)
    add_stock(db, "TEA", 1, attempt=ME)
    create_product(db, "CUP", name="Cup", attempt=ME)
    return db


MUTATIONS: dict[str, Mutation] = {
    "create": lambda db, by: create_product(db, "NEW", name="New", quantity=2, attempt=by),
    "update": lambda db, by: update_product(db, "TEA", name="Green tea", attempt=by),
    "rename": lambda db, by: rename_product(db, "TEA", "TEA-2", attempt=by),
    "archive": lambda db, by: archive_product(db, "TEA", attempt=by),
    "unarchive": lambda db, by: unarchive_product(db, "TEA", attempt=by),
    "delete": lambda db, by: delete_product(db, "CUP", attempt=by),
    "add": lambda db, by: add_stock(db, "TEA", 3, attempt=by),
    "remove": lambda db, by: remove_stock(db, "TEA", 3, attempt=by),
    "up-to": lambda db, by: remove_stock(db, "TEA", 99, up_to=True, attempt=by),
    "set": lambda db, by: set_stock(db, "TEA", 7, expect=10, attempt=by),
    "set-same": lambda db, by: set_stock(db, "TEA", 10, attempt=by),
    "undo": lambda db, by: undo_operation(db, 2, attempt=by),
    "apply": lambda db, by: apply_movements(
        db, movements(("TEA", "-4"), ("CUP", "6"), ("TEA", "1")), attempt=by
    ),
    "import": lambda db, by: import_products(
        db, products(("TEA", "Thé", "1"), ("POT", "Pot", "3"), ("CUP", "Cup", "")), attempt=by
    ),
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_the_same_request_with_its_key_is_answered_again_and_changes_nothing(
    stall: Database, tables: Callable[[], Tables], mutation: Mutation
) -> None:
    first = mutation(stall, Attempt("tester", "key"))
    assert (first.replayed, first.dry_run) == (False, False)
    before = tables()
    assert mutation(stall, Attempt("somebody else", "key")) == first._replace(replayed=True)
    assert mutation(stall, Attempt("tester", "key")) == first._replace(replayed=True)
    assert tables() == before


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_a_replay_is_exact_after_renames_and_later_movements(
    stall: Database, mutation: Mutation
) -> None:
    first = mutation(stall, Attempt("tester", "key"))
    sku = "TEA-2" if first._asdict().get("sku") == "TEA-2" else "TEA"
    unarchive_product(stall, sku, attempt=ME)
    rename_product(stall, sku, "COFFEE", attempt=ME)
    add_stock(stall, "COFFEE", 100, attempt=ME)
    archive_product(stall, "COFFEE", attempt=ME)
    assert mutation(stall, Attempt("tester", "key")) == first._replace(replayed=True)
    assert get_product(stall, "COFFEE").archived is True


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_a_dry_run_answers_like_the_real_one_and_changes_no_row(
    stall: Database, tables: Callable[[], Tables], mutation: Mutation
) -> None:
    before = tables()
    rehearsed = mutation(stall, Attempt("tester", "key", dry_run=True))
    assert tables() == before
    assert rehearsed.dry_run is True
    real = mutation(stall, Attempt("tester", "key"))
    assert timeless(rehearsed._replace(dry_run=False)) == timeless(real)


def timeless(change: Answer) -> dict[str, object]:
    return {k: v for k, v in change._asdict().items() if k not in ("created_at", "updated_at")}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_a_dry_run_with_a_used_key_is_a_replay_and_a_dry_run(
    stall: Database, mutation: Mutation
) -> None:
    first = mutation(stall, Attempt("tester", "key"))
    again = mutation(stall, Attempt("tester", "key", dry_run=True))
    assert again == first._replace(replayed=True, dry_run=True)


LABEL = Label(reason="sale", ref="R", note="N", at="2026-01-01")
ADD_TWO: Mutation = lambda db, by: add_stock(db, "TEA", 2, label=LABEL, attempt=by)  # noqa: E731
OTHER_REQUESTS: dict[str, Mutation] = {
    "verb": lambda db, by: remove_stock(db, "TEA", 2, label=LABEL, attempt=by),
    "set": lambda db, by: set_stock(db, "TEA", 2, label=LABEL, attempt=by),
    "sku": lambda db, by: add_stock(db, "CUP", 2, label=LABEL, attempt=by),
    "unknown sku": lambda db, by: add_stock(db, "NOPE", 2, label=LABEL, attempt=by),
    "amount": lambda db, by: add_stock(db, "TEA", 3, label=LABEL, attempt=by),
    "reason": lambda db, by: add_stock(db, "TEA", 2, label=LABEL._replace(reason="x"), attempt=by),
    "ref": lambda db, by: add_stock(db, "TEA", 2, label=LABEL._replace(ref=None), attempt=by),
    "note": lambda db, by: add_stock(db, "TEA", 2, label=LABEL._replace(note="n"), attempt=by),
    "at": lambda db, by: add_stock(db, "TEA", 2, label=LABEL._replace(at=None), attempt=by),
    "undo": lambda db, by: undo_operation(db, 2, label=LABEL, attempt=by),
    "apply": lambda db, by: apply_movements(db, movements(("TEA", "2")), label=LABEL, attempt=by),
    "import": lambda db, by: import_products(db, products(("TEA", "Tea", "")), attempt=by),
    "create": lambda db, by: create_product(db, "NEW", name="New", attempt=by),
}


@pytest.mark.parametrize("other", OTHER_REQUESTS.values(), ids=OTHER_REQUESTS)
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_key_of_another_request_is_refused(
    stall: Database, refused: Refused, other: Mutation, dry_run: bool
) -> None:
    ADD_TWO(stall, Attempt("tester", "key"))
    error = refused(lambda: other(stall, Attempt("tester", "key", dry_run)))
    assert isinstance(error, KeyReused)
    assert error.details == {"reason": "key_reused", "key": "key"}


PAIRS: dict[str, tuple[Mutation, Mutation]] = {
    "up-to": (
        lambda db, by: remove_stock(db, "TEA", 2, attempt=by),
        lambda db, by: remove_stock(db, "TEA", 2, up_to=True, attempt=by),
    ),
    "expect": (
        lambda db, by: set_stock(db, "TEA", 2, attempt=by),
        lambda db, by: set_stock(db, "TEA", 2, expect=2, attempt=by),
    ),
    "undone operation": (
        lambda db, by: undo_operation(db, 2, attempt=by),
        lambda db, by: undo_operation(db, 1, attempt=by),
    ),
    "line": (
        lambda db, by: apply_movements(db, movements(("TEA", "2")), attempt=by),
        lambda db, by: apply_movements(db, movements(("TEA", "2"), ("TEA", "2")), attempt=by),
    ),
    "label of a file": (
        lambda db, by: apply_movements(db, movements(("TEA", "2")), attempt=by),
        lambda db, by: apply_movements(db, movements(("TEA", "2")), label=LABEL, attempt=by),
    ),
    "unreadable line": (
        lambda db, by: apply_movements(db, movements(("TEA", "2")), attempt=by),
        lambda db, by: apply_movements(
            db, [*movements(("TEA", "2")), BadRow(3, None, '"', "never closed")], attempt=by
        ),
    ),
    "set quantity": (
        lambda db, by: import_products(db, products(("TEA", "Tea", "2")), attempt=by),
        lambda db, by: import_products(
            db, products(("TEA", "Tea", "2")), options=ImportOptions(set_quantity=True), attempt=by
        ),
    ),
    "created name": (
        lambda db, by: create_product(db, "NEW", name="New", attempt=by),
        lambda db, by: create_product(db, "NEW", name="Newer", attempt=by),
    ),
    "updated name": (
        lambda db, by: update_product(db, "TEA", name="Green", attempt=by),
        lambda db, by: update_product(db, "TEA", name="Black", attempt=by),
    ),
    "new sku": (
        lambda db, by: rename_product(db, "TEA", "TEA-2", attempt=by),
        lambda db, by: rename_product(db, "TEA", "TEA-3", attempt=by),
    ),
}


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS)
def test_a_key_is_refused_when_anything_that_was_asked_differs(
    stall: Database, refused: Refused, one: Mutation, other: Mutation
) -> None:
    one(stall, Attempt("tester", "key"))
    assert isinstance(refused(lambda: other(stall, Attempt("tester", "key"))), KeyReused)


def test_a_refused_command_does_not_use_its_key_up(stall: Database, refused: Refused) -> None:
    attempt = Attempt("tester", "key")
    error = refused(lambda: remove_stock(stall, "TEA", 11, attempt=attempt))
    assert isinstance(error, InsufficientStock)
    add_stock(stall, "TEA", 1, attempt=ME)
    assert remove_stock(stall, "TEA", 11, attempt=attempt).replayed is False


def test_a_refused_file_does_not_use_its_key_up(stall: Database, refused: Refused) -> None:
    attempt = Attempt("tester", "key")
    error = refused(lambda: apply_movements(stall, movements(("TEA", "-11")), attempt=attempt))
    assert isinstance(error, InvalidData)
    assert apply_movements(stall, movements(("TEA", "-1")), attempt=attempt).replayed is False


def test_a_dry_run_does_not_use_its_key_up(stall: Database) -> None:
    add_stock(stall, "TEA", 1, attempt=Attempt("tester", "key", dry_run=True))
    assert add_stock(stall, "TEA", 2, attempt=Attempt("tester", "key")).replayed is False


def test_the_key_is_looked_up_before_the_state_is(stall: Database) -> None:
    attempt = Attempt("tester", "key")
    first = remove_stock(stall, "TEA", 10, attempt=attempt)
    assert remove_stock(stall, "TEA", 10, attempt=attempt) == first._replace(replayed=True)


def test_a_replay_survives_that_its_time_is_relative(stall: Database) -> None:
    attempt = Attempt("tester", "key")
    first = add_stock(stall, "TEA", 1, label=Label(at="24h"), attempt=attempt)
    again = add_stock(stall, "TEA", 1, label=Label(at="24h"), attempt=attempt)
    assert again == first._replace(replayed=True)


def test_requests_without_a_key_are_never_replays(stall: Database) -> None:
    assert add_stock(stall, "TEA", 1, attempt=ME).quantity == 11
    assert add_stock(stall, "TEA", 1, attempt=ME).quantity == 12


@pytest.mark.parametrize("key", ["", "k" * 201, "a\nb", "\u202e", "\udc80"], ids=repr)
def test_a_key_that_is_not_text_is_a_usage_error(
    stall: Database, refused: Refused, key: str
) -> None:
    error = refused(lambda: add_stock(stall, "TEA", 1, attempt=Attempt("tester", key)))
    assert isinstance(error, InvalidValue)
    assert error.details["field"] == "idempotency key"


def test_a_dry_run_is_refused_like_the_real_one(stall: Database, refused: Refused) -> None:
    rehearsal = Attempt("tester", dry_run=True)
    error = refused(lambda: remove_stock(stall, "TEA", 11, attempt=rehearsal))
    assert isinstance(error, InsufficientStock)
    assert error.details == {
        "sku": "TEA",
        "requested": 11,
        "available": 10,
        "quantity": 10,
        "held": 0,
    }


@pytest.mark.parametrize(
    "ask",
    [
        lambda db, text: create_product(db, "NEW", name=text, attempt=KEYED),
        lambda db, text: update_product(db, "TEA", description=text, attempt=KEYED),
        lambda db, text: add_stock(db, "TEA", 1, label=Label(note=text), attempt=KEYED),
        lambda db, text: undo_operation(db, 1, label=Label(ref=text), attempt=KEYED),
        lambda db, text: apply_movements(
            db, movements(("TEA", "1")), label=Label(ref=text), attempt=KEYED
        ),
    ],
    ids=["create", "update", "add", "undo", "apply"],
)
def test_a_retry_may_spell_its_texts_by_other_code_points(
    stall: Database, ask: Callable[[Database, str], Answer]
) -> None:
    first = ask(stall, unicodedata.normalize("NFD", "Gr\xfc\xdfe"))
    assert ask(stall, unicodedata.normalize("NFC", "Gr\xfc\xdfe")) == first._replace(replayed=True)


LABELLED: dict[str, Callable[[Database, Label], Answer]] = {
    "create": lambda db, said: create_product(db, "NEW", name="New", label=said, attempt=KEYED),
    "add": lambda db, said: add_stock(db, "TEA", 1, label=said, attempt=KEYED),
    "undo": lambda db, said: undo_operation(db, 1, label=said, attempt=KEYED),
    "apply": lambda db, said: apply_movements(
        db, movements(("TEA", "1")), label=said, attempt=KEYED
    ),
}


@pytest.mark.parametrize("ask", LABELLED.values(), ids=LABELLED)
def test_a_retry_may_leave_out_what_was_given_empty(
    stall: Database, ask: Callable[[Database, Label], Answer]
) -> None:
    first = ask(stall, Label(ref="", note=""))
    assert ask(stall, Label()) == first._replace(replayed=True)


@pytest.mark.parametrize("text", ["a\n\u0303b", "a\t\u0308b", 'a"\u0303\\\u0338'])
def test_a_keyed_text_may_have_a_mark_after_what_json_escapes(stall: Database, text: str) -> None:
    first = add_stock(stall, "TEA", 1, label=Label(note=text), attempt=KEYED)
    again = add_stock(stall, "TEA", 1, label=Label(note=text), attempt=KEYED)
    assert again == first._replace(replayed=True)


@pytest.mark.parametrize(
    "ask",
    [
        lambda db, sku: apply_movements(db, movements(("CUP", "1"), (sku, "-1")), attempt=KEYED),
        lambda db, sku: count_products(db, [count_line(2, sku, "4")], attempt=KEYED),
        lambda db, sku: import_products(db, products((sku, "Thé", "")), attempt=KEYED),
        lambda db, sku: create_holds(db, [(2, (sku, "1"))], attempt=KEYED)[0],
        lambda db, sku: expect_deliveries(db, [(2, (sku, "1"))], attempt=KEYED)[0],
        lambda db, sku: import_codes(db, [(2, (sku, "4006381333931", "1"))], attempt=KEYED),
    ],
    ids=["apply", "count", "import", "hold", "delivery", "codes"],
)
@pytest.mark.parametrize(("typed", "again"), [("TEA", "tea"), ("tEa", "Tea")])
def test_a_retry_of_a_file_may_spell_its_skus_in_another_case(
    stall: Database, ask: Callable[[Database, str], Answer], typed: str, again: str
) -> None:
    first = ask(stall, typed)
    assert ask(stall, again) == first._replace(replayed=True)


def test_where_case_counts_a_file_with_another_is_another_request(
    any_db: Database, refused: Refused
) -> None:
    for sku in ("tea", "TEA"):
        create_product(any_db, sku, name="Tea", attempt=ME)
    apply_movements(any_db, movements(("tea", "1")), attempt=KEYED)
    error = refused(lambda: apply_movements(any_db, movements(("TEA", "1")), attempt=KEYED))
    assert isinstance(error, KeyReused)
