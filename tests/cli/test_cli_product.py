"""`invctl product` create, show, update, rename, archive, unarchive, delete."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from inventories import copy_inventory
from shop import Shop

PRODUCT = [
    "sku",
    "name",
    "description",
    "quantity",
    "reorder_point",
    "archived",
    "created_at",
    "updated_at",
]
NEWER = ["low", "held", "available", "expected", "reorder_to"]
CHANGE = [*PRODUCT, "operation", "replayed", "dry_run", *NEWER]
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module")
def shelved(opened: Path, make_shop: Callable[[str], Shop]) -> Shop:
    """A shop whose A-1 is archived; to be refused by only."""
    shop = make_shop("shelved")
    copy_inventory(opened, shop.db)
    shop.json("product", "archive", "A-1")
    return shop


def test_create_answers_the_whole_product_and_its_operation(shop: Shop) -> None:
    result = shop.run(
        *("product", "create", "A-1", "--name", "Widget", "--description", "A thing"),
        *("--quantity", "10", "--reorder-point", "3", "--json"),
    )
    assert result.code == 0
    assert str(shop.db) in result.stderr
    (product,) = result.records
    assert list(product) == CHANGE
    assert STAMP.fullmatch(product.pop("created_at"))
    assert STAMP.fullmatch(product.pop("updated_at"))
    assert product == {
        "sku": "A-1",
        "name": "Widget",
        "description": "A thing",
        "quantity": 10,
        "reorder_point": 3,
        "archived": False,
        "operation": 1,
        "replayed": False,
        "dry_run": False,
        "low": False,
        "held": 0,
        "available": 10,
        "expected": 0,
        "reorder_to": None,
    }


def test_a_product_without_options_has_nothing_in_stock_and_no_movement(shop: Shop) -> None:
    shop.run("product", "create", "A-1", "--name", "Widget")
    product = shop.json("product", "show", "A-1")
    assert list(product) == [*PRODUCT, *NEWER]
    assert (product["quantity"], product["description"], product["reorder_point"]) == (
        0,
        None,
        None,
    )
    assert shop.json("stock", "history", "A-1") == []


def test_opening_stock_is_a_movement_of_the_create_with_its_time(shop: Shop) -> None:
    shop.run(
        *("product", "create", "A-1", "--name", "W", "--quantity", "7"),
        *("--at", "2026-01-31T09:30:00Z", "--actor", "ann"),
    )
    (movement,) = shop.json("stock", "history", "A-1")
    assert (movement["kind"], movement["delta"], movement["quantity"]) == ("create", 7, 7)
    assert (movement["occurred_at"], movement["actor"]) == ("2026-01-31T09:30:00.000Z", "ann")


def test_creating_a_sku_that_exists_is_a_conflict(stocked: Shop) -> None:
    error = stocked.refuses(4, "product", "create", "A-1", "--name", "Other")
    assert error["code"] == "conflict"
    assert error["details"]["reason"] == "exists"


def test_create_without_a_name_is_a_usage_error_and_makes_no_database(shop: Shop) -> None:
    assert shop.fails(2, "product", "create", "A-1")["code"] == "usage"
    assert not shop.db.exists()


@pytest.mark.parametrize(
    "command",
    [
        ("product", "show", "NOPE"),
        ("product", "update", "NOPE", "--name", "x"),
        ("product", "rename", "NOPE", "YEP"),
        ("product", "archive", "NOPE"),
        ("product", "unarchive", "NOPE"),
        ("product", "delete", "NOPE", "--yes"),
        ("stock", "add", "NOPE", "1"),
        ("stock", "remove", "NOPE", "1", "--up-to"),
        ("stock", "set", "NOPE", "0"),
        ("stock", "history", "NOPE"),
    ],
    ids=" ".join,
)
def test_an_unknown_sku_is_not_found_wherever_one_is_named(
    stocked: Shop, command: tuple[str, ...]
) -> None:
    error = stocked.refuses(3, *command)
    assert error["code"] == "not_found"
    assert error["details"]["sku"] == "NOPE"


def test_update_changes_what_is_given_and_nothing_else(stocked: Shop) -> None:
    product = stocked.json("product", "update", "B-1", "--description", "Blue")
    assert list(product) == CHANGE
    assert (product["name"], product["description"], product["reorder_point"]) == (
        "Gadget",
        "Blue",
        5,
    )
    product = stocked.json("product", "update", "B-1", "--name", "Gizmo", "--reorder-point", "0")
    assert (product["name"], product["description"], product["reorder_point"]) == (
        "Gizmo",
        "Blue",
        0,
    )
    product = stocked.json("product", "update", "B-1", "--no-reorder-point", "--description", "")
    assert (product["name"], product["description"], product["reorder_point"]) == (
        "Gizmo",
        None,
        None,
    )


@pytest.mark.parametrize(
    "options",
    [
        ("--reorder-point", "3", "--no-reorder-point"),
        ("--name", ""),
        ("--name", " "),
        ("--reorder-point", "3.0"),
        ("--reorder-point", "-3"),
        ("--reorder-point", "9007199254740992"),
    ],
)
def test_a_bad_update_is_a_usage_error(stocked: Shop, options: tuple[str, ...]) -> None:
    assert stocked.refuses(2, "product", "update", "B-1", *options)["code"] == "usage"


def test_a_rename_keeps_identity_and_history(stocked: Shop) -> None:
    before = stocked.json("product", "show", "A-1")
    after = stocked.json("product", "rename", "A-1", "Z-9")
    assert (after["sku"], after["quantity"], after["created_at"]) == (
        "Z-9",
        10,
        before["created_at"],
    )
    (movement,) = stocked.json("stock", "history", "Z-9")
    assert (movement["sku"], movement["id"], movement["kind"]) == ("Z-9", 1, "create")
    assert stocked.fails(3, "product", "show", "A-1")["code"] == "not_found"


def test_a_rename_to_a_taken_sku_is_a_conflict(stocked: Shop) -> None:
    error = stocked.refuses(4, "product", "rename", "A-1", "B-1")
    assert error["details"]["reason"] == "exists"


def test_who_makes_an_archived_product_again_is_told_that_it_is_archived(stocked: Shop) -> None:
    assert "update" in stocked.refuses(4, "product", "create", "A-1", "--name", "x")["hint"]
    stocked.json("product", "archive", "A-1")
    error = stocked.refuses(4, "product", "create", "A-1", "--name", "x")
    assert error["hint"] == "it is archived; `invctl product unarchive A-1` brings it back"


REFUSED = {
    "product create A_1 --name x": "",
    "product create a-2 --name x": "",
    "product rename A-1 cc-tee": "",
    "product import -": "nothing was changed: ",
}


@pytest.mark.parametrize("line", [line for line in REFUSED if "rename" not in line])
def test_who_has_other_skus_is_told_of_the_rule_that_takes_them(shop: Shop, line: str) -> None:
    made = "`invctl init --sku-rule any` makes an inventory that takes such SKUs"
    code = 6 if "import" in line else 2
    error = shop.fails(code, *line.split(), stdin="sku,name\nMH01-XS-Black,x\n")
    assert error["hint"] == REFUSED[line] + made


@pytest.mark.parametrize("line", [*REFUSED, "init --sku-rule any"])
def test_beside_an_inventory_the_way_to_other_skus_can_be_pasted(stocked: Shop, line: str) -> None:
    code = {"init": 4, "product import -": 6}.get(line.partition(" --")[0], 2)
    error = stocked.refuses(code, *line.split(), stdin="sku,name\nMH01-XS-Black,x\n")
    assert error["hint"].startswith(REFUSED.get(line, "the rule is chosen when an inventory is"))
    new = str(stocked.root / "new.db") if "--db URL" in error["hint"] else ""
    typed = [one.replace("URL", new).split() for one in error["hint"].split("`")[1::2]]
    # A file is named in each of them: it may be another one than the shell's own.
    env = {} if new else {"INVCTL_DB": str(stocked.root / "elsewhere.db")}
    assert [stocked.run(*words[1:], env=env).code for words in typed] == [0, 0, 0]
    there = ("--db", typed[0][-1])
    assert stocked.json("product", "show", "A-1", *there)["quantity"] == 10
    assert stocked.json("db", "info", *there)["sku_rule"] == "any"


def test_an_archived_product_is_hidden_and_its_history_stays(stocked: Shop) -> None:
    assert stocked.json("product", "archive", "A-1")["archived"] is True
    assert [p["sku"] for p in stocked.json("product", "list")] == ["B-1"]
    assert [p["sku"] for p in stocked.json("product", "list", "--archived")] == ["A-1"]
    assert stocked.json("product", "show", "A-1")["archived"] is True
    assert len(stocked.json("stock", "history", "A-1")) == 1


@pytest.mark.parametrize(
    "command",
    [
        ("stock", "add", "A-1", "1"),
        ("stock", "remove", "A-1", "1"),
        ("stock", "remove", "A-1", "1", "--up-to"),
        ("stock", "set", "A-1", "3"),
        ("stock", "undo", "1"),
    ],
    ids=" ".join,
)
def test_stock_of_an_archived_product_cannot_change(
    shelved: Shop, command: tuple[str, ...]
) -> None:
    error = shelved.refuses(4, *command)
    assert error["code"] == "conflict"
    assert error["details"]["reason"] == "archived"


def test_archiving_twice_is_success_and_unarchiving_brings_back(stocked: Shop) -> None:
    first = stocked.json("product", "archive", "A-1")
    again = stocked.json("product", "archive", "A-1")
    assert (again["archived"], again["updated_at"]) == (True, first["updated_at"])
    assert stocked.json("product", "unarchive", "A-1")["archived"] is False
    assert stocked.json("product", "unarchive", "A-1")["archived"] is False
    assert stocked.json("stock", "remove", "A-1", "1")["quantity"] == 9


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("update a-1 --name Widget --no-reorder-to", "A-1: unchanged"),
        ("rename A-1 A-1", "A-1: unchanged, it is called so already"),
        ("rename a-1 Z-9", "Z-9: was A-1"),
        ("unarchive A-1", "A-1: unchanged, it was not archived"),
        ("archive B-1 --dry-run", "B-1: unchanged, it was archived already"),
        ("update A-1 --name Gizmo --dry-run", "A-1: updated"),
    ],
)
def test_what_changed_nothing_says_so(stocked: Shop, command: str, said: str) -> None:
    stocked.json("product", "archive", "B-1")
    done = stocked.run("product", *command.split(), "-o", "table")
    dry = "; a dry run, nothing happened" if "--dry-run" in command else ""
    assert (done.code, done.stdout) == (0, f"{said} (operation 4){dry}\n")
    if "unchanged" in said and not dry:
        assert stocked.json("log", "4")["summary"] == "nothing changed"


def test_of_several_each_says_whether_it_changed(stocked: Shop) -> None:
    stocked.json("product", "archive", "B-1")
    keyed = ("product", "archive", "A-1", "B-1", "--idempotency-key", "k", "-o", "table")
    assert stocked.run(*keyed).stdout == (
        "A-1: archived (operation 4)\nB-1: unchanged, it was archived already (operation 4)\n"
    )
    assert "unchanged" not in stocked.run(*keyed).stdout  # what was done is told, not what is now


def test_several_are_shown_as_a_list_each_once(stocked: Shop) -> None:
    both = [stocked.json("product", "show", sku) for sku in ("B-1", "A-1")]
    assert stocked.json("product", "show", "b-1", "A-1", "B-1") == both
    table = stocked.run("product", "show", "B-1", "A-1", "-o", "table")
    assert [line.split()[0] for line in table.stdout.splitlines()[1:-1]] == ["B-1", "A-1"]
    assert stocked.fails(3, "product", "show", "A-1", "NOPE")["details"]["sku"] == "NOPE"


def test_several_are_archived_and_brought_back_as_one_operation(stocked: Shop) -> None:
    done = stocked.json("product", "archive", "B-1", "a-1", "B-1")
    assert [list(one) for one in done] == [CHANGE, CHANGE]
    told = [(one["sku"], one["archived"], one["operation"]) for one in done]
    assert told == [("B-1", True, 3), ("A-1", True, 3)]
    assert stocked.json("product", "list") == []
    back = stocked.run("product", "unarchive", "A-1", "B-1", "-o", "table")
    lines = [f"{sku}: no longer archived (operation 4)\n" for sku in ("A-1", "B-1")]
    assert (back.code, back.stdout, back.stderr) == (0, "".join(lines), "")
    assert stocked.json("undo", "4")["changes"] == 2
    assert stocked.json("product", "list") == []


def test_of_several_all_are_archived_or_none(stocked: Shop) -> None:
    stocked.refuses(3, "product", "archive", "B-1", "NOPE")
    stocked.json("hold", "create", "A-1", "1")
    refused = stocked.refuses(4, "product", "archive", "B-1", "A-1")
    quantity = stocked.quantity("A-1")
    expected = {"reason": "held", "sku": "A-1", "quantity": quantity, "held": 1}
    assert (quantity > 0, refused["details"]) == (True, expected)
    assert refused["message"] == "A-1 has 1 unit held, and what is held cannot be archived"


@pytest.mark.parametrize(
    "command",
    [
        "update A-1 --name Other",
        "rename A-1 Z-9",
        "archive A-1",
        "archive A-1 B-1",
        "unarchive A-1 B-1",
        "delete B-1 --yes",
    ],
)
def test_a_change_of_products_happens_once_under_its_key(stocked: Shop, command: str) -> None:
    line = ("product", *command.split(), "--idempotency-key", "k")
    first, again = stocked.json(*line), stocked.json(*line)
    several = isinstance(first, list)
    for one in first if several else [first]:
        assert one.pop("replayed") is False
    for one in again if several else [again]:
        assert one.pop("replayed") is True
    assert first == again
    assert stocked.query("SELECT count(*) FROM operation") == [(3,)]
    other = stocked.refuses(4, "product", "archive", "OTHER", "--idempotency-key", "k")
    assert other["details"]["reason"] == "key_reused"


def test_a_product_that_never_moved_can_be_deleted_and_made_anew(stocked: Shop) -> None:
    deleted = stocked.json("product", "delete", "B-1", "--yes")
    assert list(deleted) == CHANGE
    assert (deleted["sku"], deleted["name"]) == ("B-1", "Gadget")
    assert stocked.fails(3, "product", "show", "B-1")["code"] == "not_found"
    assert stocked.json("product", "create", "B-1", "--name", "Anew")["name"] == "Anew"


def test_a_product_with_movements_cannot_be_deleted(stocked: Shop) -> None:
    stocked.json("stock", "set", "A-1", "0")
    error = stocked.refuses(4, "product", "delete", "A-1", "--yes")
    assert error["code"] == "conflict"
    assert error["details"]["reason"] == "has_history"


def test_a_deletion_that_cannot_ask_names_its_flag(stocked: Shop) -> None:
    error = stocked.refuses(7, "product", "delete", "B-1")
    assert error["code"] == "confirmation_required"
    assert "--yes" in error["message"] + error["hint"]


@pytest.mark.parametrize(("answer", "code", "left"), [("y\n", 0, 1), ("n\n", 7, 2)])
def test_a_deletion_on_a_terminal_asks_first(
    stocked: Shop, answer: str, code: int, left: int
) -> None:
    status, shown = stocked.terminal("product", "delete", "B-1", typed=answer)
    assert status == code
    assert "B-1" in shown
    assert stocked.query("SELECT count(*) FROM product") == [(left,)]
