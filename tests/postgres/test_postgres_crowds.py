"""Many at once on few products: exact, no error but what the stock says, and no deadlock."""

import json
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from crowd import crowd
from inventories import Schema
from lines import movement_line, product_line
from psycopg.sql import SQL, Identifier
from shop import WAIT, Shop

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product
from invctl.core.products import (
    archive_product,
    create_product,
    delete_product,
    rename_product,
    unarchive_product,
)
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import (
    AlreadyUndone,
    InsufficientStock,
    InventoryError,
    ProductArchived,
    ProductExists,
    ProductNotFound,
)
from invctl.models.attempts import Attempt
from invctl.models.rows import FileRow

pytestmark = pytest.mark.sweep

ME = Attempt("tester")
KEYED = Attempt("tester", "key")
CLIENTS = 16


def kinds(results: Sequence[object]) -> Counter[str]:
    """Count the answers by their type; an error's is its class."""
    return Counter(type(one).__name__ for one in results)


def moves(skus: list[str], delta: int) -> list[FileRow]:
    return [movement_line(line, sku, str(delta)) for line, sku in enumerate(skus, 2)]


def test_one_hot_product_counts_every_change_and_numbers_them_without_gaps(
    stall: Database, schema: Schema
) -> None:
    def change(db: Database, number: int) -> list[int]:
        by = [add_stock if (number + one) % 2 else remove_stock for one in range(6)]
        return [verb(db, "A", number + 1, attempt=ME).quantity for verb in by]

    assert kinds(crowd(stall.location, CLIENTS, change)) == {"list": CLIENTS}
    assert get_product(stall, "A").quantity == 100
    assert schema.query("SELECT count(*), max(id) FROM movement") == [(99, 99)]
    balances = schema.query("SELECT delta, quantity FROM movement WHERE product_id = 1 ORDER BY id")
    before = 0
    for delta, quantity in balances:
        assert quantity == before + delta
        before = quantity


def test_sixteen_coprocesses_on_one_hot_product_lose_nothing(stocked: Shop) -> None:
    lines = "".join(f'{{"sku":"A-1","delta":{(-1) ** one}}}\n' for one in range(100))
    file = stocked.file("lines.jsonl", lines)
    command = ("stock", "apply", file, "--each", "--timeout", "60")
    processes = [stocked.start(*command) for _ in range(CLIENTS)]
    for process in processes:
        out, err = process.communicate(timeout=WAIT)
        assert (process.returncode, err, out.count(b"error")) == (0, b"", 0)
    assert stocked.query("SELECT count(*), max(id) FROM movement") == [(1601, 1601)]
    assert stocked.quantity() == 10


@pytest.mark.parametrize(
    ("verb", "left"),
    [
        (lambda db: add_stock(db, "A", 1, attempt=KEYED), 2),
        (lambda db: remove_stock(db, "A", 1, attempt=KEYED), 0),
        (lambda db: set_stock(db, "A", 7, expect=1, attempt=KEYED), 7),
        (lambda db: apply_movements(db, moves(["A"], -1), attempt=KEYED), 0),
        (lambda db: undo_operation(db, 1, attempt=KEYED), 1),
    ],
    ids=["add", "remove the last", "set what is expected", "apply", "undo"],
)
def test_of_many_with_one_key_one_moves_and_the_others_hear_its_answer(
    stall: Database, verb: Callable[[Database], object], left: int
) -> None:
    if left != 1:
        set_stock(stall, "A", 1, attempt=ME)
    else:
        add_stock(stall, "A", 1, attempt=ME)  # what the undo of its opening leaves
    answers = crowd(stall.location, CLIENTS, lambda db, _: verb(db))
    assert [one for one in answers if isinstance(one, InventoryError)] == []
    replayed = [bool(one.replayed) for one in answers]  # type: ignore[attr-defined]
    assert sorted(replayed) == [False, *[True] * 15]
    told = [one._replace(replayed=True) for one in answers]  # type: ignore[attr-defined]
    assert told == told[:1] * CLIENTS
    assert get_product(stall, "A").quantity == left


def test_a_sku_that_many_create_is_created_by_one(stall: Database, schema: Schema) -> None:
    def create(db: Database, number: int) -> object:
        return create_product(db, "NEW", name=str(number), quantity=5, attempt=ME)

    assert kinds(crowd(stall.location, CLIENTS, create)) == {
        "ProductChange": 1,
        "ProductExists": 15,
    }
    assert schema.query("SELECT sum(quantity), max(id) FROM product WHERE sku = 'NEW'") == [(5, 4)]


def test_a_product_that_many_create_with_one_key_is_created_once(stall: Database) -> None:
    def create(db: Database, _number: int) -> object:
        return create_product(db, "NEW", name="x", quantity=5, attempt=KEYED)

    assert kinds(crowd(stall.location, CLIENTS, create)) == {"ProductChange": 16}


def test_an_operation_that_many_undo_is_undone_once(stall: Database) -> None:
    undone = add_stock(stall, "A", 5, attempt=ME).operation
    done = crowd(stall.location, CLIENTS, lambda db, _: undo_operation(db, undone, attempt=ME))
    assert kinds(done) == {"StockUndo": 1, "AlreadyUndone": 15}
    by = {one.details["undone_by"] for one in done if isinstance(one, AlreadyUndone)}
    assert by == {one.operation for one in done if not isinstance(one, InventoryError)}
    assert get_product(stall, "A").quantity == 100


def test_files_over_the_same_products_in_opposite_orders_all_go_through(
    stall: Database, schema: Schema
) -> None:
    skus = [f"P-{number:03}" for number in range(60)]
    products = [product_line(line, sku, sku, quantity="50") for line, sku in enumerate(skus, 2)]
    import_products(stall, products, attempt=ME)

    def work(db: Database, number: int) -> object:
        order = skus if number % 2 else skus[::-1]
        if number % 4 < 2:
            return apply_movements(db, moves(order, (-1) ** number), attempt=ME)
        rows = [
            product_line(line, sku, f"{sku} {number}", quantity="60")
            for line, sku in enumerate(order)
        ]
        rows.append(product_line(99, f"NEW-{number}", "new", quantity="1"))
        counts = ImportOptions(set_quantity=number % 4 == 3)
        return import_products(db, rows, options=counts, attempt=ME)

    for _ in range(3):
        done = crowd(stall.location, CLIENTS, work)
        assert [one for one in done if isinstance(one, InventoryError)] == []
    numbers = "SELECT count(*) = max(id) FROM"
    assert schema.query(f"{numbers} movement UNION ALL {numbers} operation") == [(True,)] * 2


def test_new_products_of_overlapping_files_are_created_once(stall: Database) -> None:
    def take(db: Database, number: int) -> object:
        skus = [f"N-{one}" for one in range(number, number + 20)]
        order = skus if number % 2 else skus[::-1]
        rows = [product_line(line, sku, "new", quantity="2") for line, sku in enumerate(order, 2)]
        return import_products(db, rows, attempt=ME)

    done = crowd(stall.location, 8, take)
    assert kinds(done) == {"ImportChange": 8}
    assert sum(one.created for one in done if not isinstance(one, InventoryError)) == 27  # type: ignore[attr-defined]


def test_products_that_change_their_names_while_their_stock_moves_lose_none_of_it(
    stall: Database, schema: Schema
) -> None:
    def work(db: Database, number: int) -> int:
        done = 0
        for _ in range(8):
            try:
                if number == 0:
                    rename_product(db, "A", "Z", attempt=ME)
                    rename_product(db, "Z", "A", attempt=ME)
                elif number == 1:
                    archive_product(db, "A", attempt=ME)
                    unarchive_product(db, "A", attempt=ME)
                else:
                    done += add_stock(db, "A", 1, attempt=ME).delta
            except (ProductNotFound, ProductArchived):
                continue
        return done

    added = crowd(stall.location, 8, work)
    assert [one for one in added if isinstance(one, InventoryError)] == []
    total = 100 + sum(one for one in added if isinstance(one, int))
    assert schema.query("SELECT quantity FROM product WHERE id = 1") == [(total,)]


def test_what_is_refused_waits_for_nobody(stall: Database, schema: Schema) -> None:
    """Who has the product may wait for the turn, and who has that may have it for long."""
    with schema.server.connect(autocommit=False) as other:
        for locked in ("product", "setting"):
            name = SQL("{}.{}").format(Identifier(schema.name), Identifier(locked))
            other.execute(SQL("SELECT * FROM {} FOR UPDATE").format(name))
        with pytest.raises(InsufficientStock):
            remove_stock(stall, "A", 101, attempt=ME)


def test_a_product_is_either_deleted_or_moved(stall: Database, schema: Schema) -> None:
    for number in range(12):
        sku = f"D-{number}"
        create_product(stall, sku, name="x", attempt=ME)

        def work(db: Database, client: int, sku: str = sku) -> object:
            if client % 2:
                return delete_product(db, sku, attempt=ME)
            return add_stock(db, sku, 1, attempt=ME)

        deleted, *_ = done = sorted(
            crowd(stall.location, 2, work), key=lambda one: type(one).__name__
        )
        expected = {
            frozenset({"HasHistory", "StockChange"}),
            frozenset({"ProductChange", "ProductNotFound"}),
        }
        assert frozenset(kinds(list(done))) in expected, deleted
    orphans = (
        "SELECT count(*) FROM movement LEFT JOIN product p ON p.id = product_id WHERE p.id IS NULL"
    )
    assert schema.query(orphans) == [(0,)]


def test_two_swaps_of_a_name_end_with_each_name_once(stall: Database, schema: Schema) -> None:
    def work(db: Database, number: int) -> object:
        return rename_product(db, "AB"[number % 2], "X", attempt=ME)

    done = crowd(stall.location, 8, work)
    renamed = [one for one in done if not isinstance(one, InventoryError)]
    assert len(renamed) == 1
    assert {type(one) for one in done if isinstance(one, InventoryError)} <= {
        ProductExists,
        ProductNotFound,
    }
    assert schema.query("SELECT count(*) FROM product WHERE sku = 'X'") == [(1,)]


def test_of_sixteen_commands_with_one_key_none_is_told_that_there_is_too_little(
    stocked: Shop,
) -> None:
    stocked.json("stock", "set", "A-1", "1")
    command = ("stock", "remove", "A-1", "1", "--idempotency-key", "k", "--json")
    processes = [stocked.start(*command, "--timeout", "60") for _ in range(CLIENTS)]
    answers = []
    for process in processes:
        out, err = process.communicate(timeout=WAIT)
        assert (process.returncode, err) == (0, b"")
        answers.append(json.loads(out))
    assert sorted(answer.pop("replayed") for answer in answers) == [False, *[True] * 15]
    assert all(answer == answers[0] for answer in answers)
