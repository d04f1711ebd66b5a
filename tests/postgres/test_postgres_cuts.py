"""The wire breaks at each request of each mutation: before the server has it, or its answer.

Whatever was answered happened once; what was refused did not happen; what is not known happened
once or not at all; and made again with its key it has happened once. A session that was used
before and is lost when a transaction begins has done nothing yet, as one that a restarted server
has forgotten: another takes its place and nobody is told.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from inventories import Schema, new_schema
from lines import movement_line, product_line
from proxy import Cut, Proxy
from shop import Shop, error_of

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product
from invctl.core.products import (
    archive_product,
    create_product,
    delete_product,
    rename_product,
    update_product,
)
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.errors import InventoryError, OutcomeUnknown, ServerUnreachable
from invctl.models.answers import Answer
from invctl.models.attempts import Attempt
from invctl.models.products import ProductChange
from invctl.settings import read_location

ME = Attempt("tester")
KEYED = Attempt("tester", "key")
NEW = product_line(3, "N", "new", quantity="5")
WHEN = ["before", "after", "amid"]

MUTATIONS: dict[str, Callable[[Database], Answer]] = {
    "add": lambda db: add_stock(db, "A", 1, attempt=KEYED),
    "remove all": lambda db: remove_stock(db, "A", 100, attempt=KEYED),
    "set": lambda db: set_stock(db, "A", 5, expect=100, attempt=KEYED),
    "create": lambda db: create_product(db, "N", name="n", quantity=1, attempt=KEYED),
    "update": lambda db: update_product(db, "A", name="n", attempt=KEYED),
    "rename": lambda db: rename_product(db, "A", "Z", attempt=KEYED),
    "archive": lambda db: archive_product(db, "A", attempt=KEYED),
    "delete": lambda db: delete_product(db, "EMPTY", attempt=KEYED),
    "apply": lambda db: apply_movements(db, lines("A", "B"), attempt=KEYED),
    "import": lambda db: import_products(
        db,
        [product_line(2, "A", "x", quantity="7"), NEW],
        options=ImportOptions(set_quantity=True),
        attempt=KEYED,
    ),
    "undo": lambda db: undo_operation(db, 1, attempt=KEYED),
}


def lines(*skus: str) -> list[tuple[int, tuple[str, ...]]]:
    return [movement_line(line, sku, "-1") for line, sku in enumerate(skus, 2)]


@pytest.fixture
def wire(schema: Schema) -> Iterator[Proxy]:
    # Not below pytest's own folders: the path of a socket has 107 bytes at the most.
    with TemporaryDirectory(dir="/tmp") as folder, Proxy(Path(folder), schema) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def template() -> Schema:
    """An inventory with a hundred of A and of B, and EMPTY, which never had any."""
    template = new_schema()
    with closing(open_database(read_location(template.url, "--db"), create=True)) as db:
        for sku, quantity in (("A", 100), ("B", 100), ("EMPTY", 0)):
            create_product(db, sku, name=sku.lower(), quantity=quantity, attempt=ME)
    return template


def opened(url: str, **options: object) -> closing[Database]:
    given = {"timeout": 10, **options}
    return closing(open_database(read_location(url, "--db"), **given))  # type: ignore[arg-type]


def attempt(url: str, mutation: Callable[[Database], Answer]) -> Answer | InventoryError:
    with opened(url, create=True) as db:
        try:
            return mutation(db)
        except InventoryError as error:
            return error


def commit_of(template: Schema | None, mutation: Callable[[Database], Answer]) -> int:
    """Return which request of a mutation has its COMMIT, when nothing is cut."""
    schema = new_schema()
    if template:
        schema.copy_from(template)
    with TemporaryDirectory(dir="/tmp") as folder, Proxy(Path(folder), schema) as wire:
        attempt(wire.url, mutation)
        return the_commit(wire.requests)


def the_commit(requests: Sequence[bytes]) -> int:
    [commit] = [at for at, one in enumerate(requests) if b"COMMIT\0" in one]
    return commit


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_a_cut_at_any_request_leaves_all_or_nothing_and_a_retry_makes_it_once(
    template: Schema, mutation: Callable[[Database], Answer], when: str
) -> None:
    commit = commit_of(template, mutation)
    for at in range(commit + 2):
        schema = new_schema()
        schema.copy_from(template)
        before = schema.tables()
        with TemporaryDirectory(dir="/tmp") as folder, Proxy(Path(folder), schema) as wire:
            wire.begin(Cut(at, when))
            outcome = attempt(wire.url, mutation)
        happened = len(schema.tables()["operation"]) - len(before["operation"])
        if at == commit:
            assert isinstance(outcome, OutcomeUnknown)
            assert happened == (when != "before")
        elif at > commit or not isinstance(outcome, ServerUnreachable):
            assert not isinstance(outcome, InventoryError)
            assert happened == 1
        else:
            assert outcome.retryable is True
            assert schema.tables() == before
        again = attempt(schema.url, mutation)
        assert not isinstance(again, InventoryError)
        assert again.replayed is bool(happened)
        assert len(schema.tables()["operation"]) - len(before["operation"]) == 1
        schema.check()


@pytest.mark.parametrize("when", WHEN)
def test_a_cut_in_a_first_command_leaves_all_of_an_inventory_or_nothing(when: str) -> None:
    mutation = MUTATIONS["create"]
    commit = commit_of(None, mutation)
    for at in range(commit + 2):
        schema = new_schema()
        with TemporaryDirectory(dir="/tmp") as folder, Proxy(Path(folder), schema) as wire:
            wire.begin(Cut(at, when))
            outcome = attempt(wire.url, mutation)
        there = len(schema.tables()["operation"]) if schema.exists() else 0
        if at == commit:
            assert isinstance(outcome, OutcomeUnknown)
            assert there == (when != "before")
        elif at > commit or not isinstance(outcome, ServerUnreachable):
            assert isinstance(outcome, ProductChange)
            assert there == 1
        else:
            assert there == 0
        again = attempt(schema.url, mutation)
        assert not isinstance(again, InventoryError)
        assert len(schema.tables()["operation"]) == 1


@pytest.mark.parametrize("when", WHEN)
def test_a_session_is_of_use_after_any_cut(
    template: Schema, schema: Schema, wire: Proxy, when: str
) -> None:
    schema.copy_from(template)
    with opened(wire.url) as db:
        add_stock(db, "A", 1, attempt=ME)
        done, made = 1, 0
        for at in range(100):
            wire.begin(Cut(at, when))
            try:
                add_stock(db, "A", 1, attempt=ME)
                done += 1
            except OutcomeUnknown:
                made += when != "before"
            except ServerUnreachable:
                assert at > 0
            if len(wire.requests) <= at:  # it was over before the cut
                break
            wire.begin()
            assert get_product(db, "A").quantity == 100 + done + made
            add_stock(db, "A", 1, attempt=ME)
            done += 1
    assert schema.query("SELECT quantity FROM product WHERE id = 1") == [(100 + done + made,)]


def test_a_commit_that_was_sent_and_not_answered_has_an_unknown_outcome(stocked: Shop) -> None:
    command = ("stock", "add", "A-1", "1", "--idempotency-key", "k", "--json")
    schema = cast("Schema", stocked.db)
    with TemporaryDirectory(dir="/tmp") as folder, Proxy(Path(folder), schema) as wire:
        there = {"INVCTL_DB": wire.url}
        made = stocked.run("stock", "add", "A-1", "5", "--idempotency-key", "j", env=there)
        assert made.code == 0
        wire.begin(Cut(the_commit(wire.requests), "after"))
        error = error_of(stocked.run(*command, env=there), 9)
        assert (error["code"], error["retryable"]) == ("outcome_unknown", True)
        wire.begin()
        assert stocked.json(*command, env=there)["replayed"] is True
    assert stocked.quantity() == 16


# All that a sale asks before its COMMIT: what is there, its version, and the sale itself.
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_wire_that_breaks_is_told_in_one_line(stocked: Shop, at: int) -> None:
    schema = cast("Schema", stocked.db)
    with TemporaryDirectory(dir="/tmp") as folder, Proxy(Path(folder), schema) as wire:
        wire.begin(Cut(at, "before"))
        command = ("stock", "add", "A-1", "1", "--json")
        error = error_of(stocked.run(*command, env={"INVCTL_DB": wire.url}), 12)
    assert (error["code"], error["retryable"]) == ("db_unusable", True)
    assert stocked.quantity() == 10
