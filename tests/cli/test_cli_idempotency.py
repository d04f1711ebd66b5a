"""`--idempotency-key`: a retry answers what the first run answered, and moves nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from inventories import copy_inventory
from shop import Shop

KEY = ("--idempotency-key", "k1")
FILE_KEY = ("--idempotency-key", "k2")
MUTATIONS = [
    ("stock", "add", "A-1", "5"),
    ("stock", "remove", "A-1", "3"),
    ("stock", "remove", "A-1", "30", "--up-to"),
    ("stock", "set", "A-1", "4", "--expect", "10"),
    ("stock", "set", "A-1", "10"),
    ("stock", "add", "A-1", "5", "--at", "24h", "--reason", "sale", "--ref", "7", "--note", "n"),
    ("stock", "undo", "1"),
    ("product", "create", "C-1", "--name", "x", "--quantity", "3", "--at", "24h"),
    ("stock", "apply", "lines.csv", "--at", "24h"),
    ("product", "import", "products.csv", "--set-quantity"),
]


def _files(shop: Shop) -> None:
    shop.file("lines.csv", "sku,delta\nA-1,-1\nB-1,2\n")
    shop.file("products.csv", "sku,name,quantity\nC-1,New,4\nA-1,Widget,7\n")


@pytest.fixture(scope="module")
def keyed(opened: Path, make_shop: Callable[[str], Shop]) -> Shop:
    """A shop where `k1` added five of A-1 and `k2` applied lines.csv; to be refused by only."""
    shop = make_shop("keyed")
    copy_inventory(opened, shop.db)
    _files(shop)
    shop.json("stock", "add", "A-1", "5", *KEY)
    shop.json("stock", "apply", "lines.csv", *FILE_KEY)
    return shop


@pytest.mark.parametrize("command", MUTATIONS, ids=" ".join)
def test_a_retry_answers_the_same_and_moves_nothing(
    stocked: Shop, command: tuple[str, ...]
) -> None:
    _files(stocked)
    first = stocked.json(*command, *KEY)
    assert first["replayed"] is False
    before = stocked.dump()
    again = stocked.json(*command, *KEY, "--actor", "somebody else", "--timeout", "9")
    assert again == {**first, "replayed": True}
    assert list(again) == list(first)
    assert stocked.dump() == before


def test_the_first_answer_is_exact_after_renames_archiving_and_later_movements(
    stocked: Shop,
) -> None:
    add = ("stock", "add", "A-1", "5", *KEY)
    create = ("product", "create", "C-1", "--name", "x", "--idempotency-key", "k2")
    added, created = stocked.json(*add), stocked.json(*create)
    stocked.json("stock", "remove", "A-1", "12")
    stocked.json("product", "rename", "A-1", "Z-9")
    stocked.json("product", "archive", "Z-9")
    stocked.json("product", "update", "C-1", "--name", "Other")
    assert stocked.json(*add) == {**added, "replayed": True}
    assert stocked.json(*create) == {**created, "replayed": True}
    assert stocked.quantity("Z-9") == 3


@pytest.mark.parametrize(
    "other",
    [
        ("stock", "add", "A-1", "4"),
        ("stock", "remove", "A-1", "5"),
        ("stock", "set", "A-1", "5"),
        ("stock", "add", "B-1", "5"),
        ("stock", "add", "A-1", "5", "--reason", "sale"),
        ("stock", "add", "A-1", "5", "--ref", "1"),
        ("stock", "add", "A-1", "5", "--note", "1"),
        ("stock", "add", "A-1", "5", "--at", "2026-01-01"),
        ("stock", "undo", "1"),
        ("product", "create", "C-1", "--name", "x"),
        ("stock", "apply", "lines.csv"),
        ("product", "import", "products.csv"),
        ("stock", "add", "NOPE", "5"),
    ],
    ids=" ".join,
)
def test_another_request_with_a_used_key_is_a_conflict(keyed: Shop, other: tuple[str, ...]) -> None:
    error = keyed.refuses(4, *other, *KEY)
    assert (error["code"], error["details"]["reason"]) == ("conflict", "key_reused")


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("stock remove A-1 5", "stock remove A-1 5 --up-to"),
        ("stock set A-1 4", "stock set A-1 4 --expect 4"),
        ("stock add A-1 1 --at 24h", "stock add A-1 1 --at 25h"),
        ("product import products.csv", "product import products.csv --set-quantity"),
        ("stock apply lines.csv", "stock apply lines.csv --reason sale"),
        ("product create C-1 --name x", "product create C-1 --name x --reorder-point 1"),
    ],
)
def test_an_option_makes_another_request(stocked: Shop, first: str, other: str) -> None:
    _files(stocked)
    stocked.json(*first.split(), *KEY, "-q")
    error = stocked.refuses(4, *other.split(), *KEY)
    assert error["details"]["reason"] == "key_reused"


def test_the_format_is_no_part_of_a_request(stocked: Shop) -> None:
    add = ("stock", "add", "A-1", "5", *KEY)
    stocked.json(*add)
    told = stocked.run(*add, "-o", "csv", "--columns", "delta,replayed")
    assert (told.code, told.stdout, told.stderr) == (0, "delta,replayed\n5,true\n", "")
    quiet = stocked.run(*add, "-q")
    assert (quiet.code, quiet.stdout, quiet.stderr) == (0, "", "")


def test_a_file_is_the_same_request_by_its_lines_wherever_they_come_from(stocked: Shop) -> None:
    lines = "sku,delta\nA-1,-1\nB-1,2\n"
    first = stocked.json("stock", "apply", "-", *KEY, stdin=lines)
    for_other_name = stocked.file("same.csv", lines)
    again = stocked.json("stock", "apply", for_other_name, *KEY)
    assert again == {**first, "replayed": True}
    turned = stocked.json("stock", "apply", "-", *KEY, stdin="delta,sku\n-1,A-1\n2,B-1\n")
    assert turned == again


@pytest.mark.parametrize(
    "lines",
    [
        "A-1,-1\n",
        "A-1,-1\nB-1,3\n",
        "B-1,2\nA-1,-1\n",
        "A-1,-1\nB-1,2\nB-1,2\n",
        "NOPE,1\n",
        "A-1,-999\n",
        "A-1,x\n",
    ],
    ids=ascii,
)
def test_other_lines_are_another_request_whatever_they_ask_for(keyed: Shop, lines: str) -> None:
    error = keyed.refuses(4, "stock", "apply", "-", *FILE_KEY, stdin=f"sku,delta\n{lines}")
    assert error["details"]["reason"] == "key_reused"


@pytest.mark.parametrize("extra", ["A-1,-1,7\n", '"A-1,-1\n'], ids=["too many cells", "open quote"])
def test_lines_that_cannot_be_read_are_never_a_retry_of_those_without_them(
    keyed: Shop, extra: str
) -> None:
    lines = "sku,delta\nA-1,-1\nB-1,2\n"
    result = keyed.run("stock", "apply", "-", *FILE_KEY, "--json", stdin=lines + extra)
    assert result.code in (4, 6)
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        (5, ("stock", "remove", "A-1", "11")),
        (3, ("stock", "add", "NOPE", "1")),
        (4, ("stock", "set", "A-1", "4", "--expect", "9")),
        (6, ("stock", "apply", "-")),
        (4, ("product", "create", "A-1", "--name", "x")),
        (2, ("stock", "add", "A-1", "x")),
        (0, ("stock", "add", "A-1", "3", "--dry-run")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_what_did_not_happen_does_not_use_its_key_up(
    stocked: Shop, code: int, refused: tuple[str, ...]
) -> None:
    result = stocked.run(*refused, *KEY, stdin="sku,delta\nA-1,-11\n")
    assert result.code == code
    assert stocked.json("stock", "add", "A-1", "5", *KEY)["replayed"] is False


def test_a_dry_run_of_a_retry_says_so_and_changes_nothing(stocked: Shop) -> None:
    first = stocked.json("stock", "add", "A-1", "5", *KEY)
    before = stocked.dump()
    again = stocked.json("stock", "add", "A-1", "5", *KEY, "--dry-run")
    assert again == {**first, "replayed": True, "dry_run": True}
    assert stocked.dump() == before


def test_a_key_is_text_and_means_one_thing_in_nfc(stocked: Shop) -> None:
    first = stocked.json("stock", "add", "A-1", "5", "--idempotency-key", "Cafe\u0301 1; --")
    again = stocked.json("stock", "add", "A-1", "5", "--idempotency-key", "Caf\u00e9 1; --")
    assert again == {**first, "replayed": True}
