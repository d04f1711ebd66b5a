"""`invctl stock history` and `stock log`: which movements, and in which order."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from inventories import copy_inventory
from shop import Shop

MOVEMENT = [
    "id",
    "operation",
    "kind",
    "sku",
    "delta",
    "quantity",
    "reason",
    "ref",
    "note",
    "actor",
    "occurred_at",
    "recorded_at",
    "undoes",
    "undone_by",
    "place",
    "lot",
    "expires_on",
]
SALES = """sku,delta,reason,ref,occurred_at
A-1,-1,sale,1001,2026-01-10T12:00:00Z
B-1,8,delivery,77,2026-01-12T00:00:00Z
A-1,-2,sale,1002,2026-01-11T23:59:59.999Z
A-1,4,return,1001,2026-01-09T00:00:00Z
"""


@pytest.fixture(scope="module")
def sold(opened: Path, make_shop: Callable[[str], Shop]) -> Shop:
    """Movements 2 to 5, after movement 1 that is of today; to be read only."""
    shop = make_shop("sold")
    copy_inventory(opened, shop.db)
    assert shop.run("stock", "apply", "-", stdin=SALES).code == 0
    return shop


@pytest.mark.parametrize(
    ("command", "ids"),
    [
        ("history A-1", [1, 2, 4, 5]),
        ("history A-1 --reverse", [5, 4, 2, 1]),
        ("history B-1", [3]),
        ("history A-1 --until 2026-01-10", [2, 5]),
        ("history A-1 --until 2026-01-10T12:00:00Z", [2, 5]),
        ("history A-1 --until 2026-01-10T11:59:59Z", [5]),
        ("history A-1 --since 2026-01-10 --until 2026-01-11", [2, 4]),
        ("history A-1 --since 2026-01-10T12:00:00.001Z --until 2026-01-11", [4]),
        ("history A-1 --since 24h", [1]),
        ("history A-1 --until 24h", [2, 4, 5]),
        ("log", [1, 2, 3, 4, 5]),
        ("log --reverse", [5, 4, 3, 2, 1]),
        ("log --since-id 3", [4, 5]),
        ("log --since-id 0", [1, 2, 3, 4, 5]),
        ("log --since-id 5", []),
        ("log --reason sale", [2, 4]),
        ("log --ref 1001", [2, 5]),
        ("log --reason sale --ref 1001", [2]),
        ("log --reason never", []),
        ("log --until 2026-01-11", [2, 4, 5]),
        ("log --since 2026-01-12 --until 2026-01-12", [3]),
        ("log --since-id 1 --reverse", [5, 4, 3, 2]),
    ],
)
def test_movements_are_chosen_by_time_reason_ref_and_id(
    sold: Shop, command: str, ids: list[int]
) -> None:
    movements = sold.json("stock", *command.split())
    assert [movement["id"] for movement in movements] == ids


@pytest.mark.parametrize(
    ("command", "ids"),
    [
        ("history A-1 --limit 2", [4, 5]),
        ("history A-1 --limit 2 --reverse", [5, 4]),
        ("log --limit 3", [3, 4, 5]),
        ("log --limit 2 --since-id 1", [2, 3]),
        ("log --limit 1 --reverse", [5]),
    ],
)
def test_a_limit_takes_the_last_or_the_first_after_an_id_and_says_so(
    sold: Shop, command: str, ids: list[int]
) -> None:
    result = sold.run("stock", *command.split(), "-o", "jsonl")
    assert result.code == 0
    assert [movement["id"] for movement in result.records] == ids
    assert result.stderr.startswith("invctl: ")


def test_a_movement_has_every_key_and_its_operations_kind(sold: Shop) -> None:
    first, second, *_ = sold.json("stock", "log")
    assert list(first) == list(second) == MOVEMENT
    assert (first["kind"], first["operation"]) == ("create", 1)
    assert (second["kind"], second["operation"]) == ("apply", 3)
    assert (second["sku"], second["delta"], second["quantity"]) == ("A-1", -1, 9)


def test_each_verb_leaves_its_kind(stocked: Shop) -> None:
    stocked.json("stock", "add", "A-1", "1")
    stocked.json("stock", "remove", "A-1", "1")
    stocked.json("stock", "set", "A-1", "3")
    stocked.json("stock", "undo", "5")
    made = stocked.run("product", "import", "-", stdin="sku,name,quantity\nC-1,c,1\n")
    assert made.code == 0
    kinds = [movement["kind"] for movement in stocked.json("stock", "log")]
    assert kinds == ["create", "add", "remove", "set", "undo", "import"]


@pytest.mark.parametrize(
    "options",
    [
        ("--since-id", "-1"),
        ("--since-id", "x"),
        ("--since", "tomorrow"),
        ("--until", "2026-13-01"),
        ("--limit", "٣"),
    ],
)
def test_a_bad_bound_is_a_usage_error(stocked: Shop, options: tuple[str, ...]) -> None:
    assert stocked.fails(2, "stock", "log", *options)["code"] == "usage"


@pytest.mark.parametrize(
    "words",
    ["product list", "log", "stock log", "stock log --by sku", "stock history A-1"],
)
def test_a_list_of_none_says_no_more_than_that(stocked: Shop, words: str) -> None:
    done = stocked.run(*words.split(), "--limit", "0", "-o", "table")
    assert done.code == 0
    assert re.fullmatch(r"invctl: only the (first|last) 0 are shown \(--limit\)\n", done.stderr)


def test_a_change_is_of_what_records_tell(stocked: Shop) -> None:
    archived = stocked.json("product", "archive", "A-1")
    [change] = stocked.json("log", str(archived["operation"]))["change_records"]
    assert change == {"sku": "A-1", "field": "archived", "before": False, "after": True}


def test_who_reads_on_after_a_movement_that_a_restore_took_back_is_warned(stocked: Shop) -> None:
    assert stocked.run("db", "backup", "before.db").code == 0
    stocked.json("stock", "remove", "A-1", "1")
    read_to = stocked.json("stock", "log")[-1]["id"]
    assert stocked.run("db", "restore", "before.db", "--yes").code == 0
    for asked in ("log --since-id", "log --sku A-1 --limit 5 --since-id"):
        result = stocked.run("stock", *asked.split(), str(read_to), "-o", "jsonl")
        assert (result.code, result.out) == (0, b"")
        told = f"the newest movement is {read_to - 1}, and only what comes after {read_to} is told"
        assert result.stderr.startswith(f"invctl: warning: {told}")
    assert stocked.run("stock", "log", "--since-id", str(read_to - 1)).stderr == ""
