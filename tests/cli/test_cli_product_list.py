"""`invctl product list`: which products, in which order, and how many of them."""

import json
from collections.abc import Callable

import pytest
from shop import Shop

SHELF = """sku,name,description,quantity,reorder_point,archived
B-10,apple,100% wool,5,5,
B-2,Zebra,,30,,
A-1,apple,under_score,7,6,
C-3,Größe [/b],,0,0,
D-4,old,,1,4,true
"""


@pytest.fixture(scope="module")
def shelf(make_shop: Callable[[str], Shop]) -> Shop:
    """Five products that tests may read, and not change."""
    shop = make_shop("shelf")
    assert shop.run("product", "import", "-", stdin=SHELF).code == 0
    return shop


@pytest.mark.parametrize(
    ("options", "skus"),
    [
        ("", "A-1 B-10 B-2 C-3"),
        ("--reverse", "C-3 B-2 B-10 A-1"),
        ("--sort sku", "A-1 B-10 B-2 C-3"),
        ("--sort quantity", "C-3 B-10 A-1 B-2"),
        ("--sort quantity --reverse", "B-2 A-1 B-10 C-3"),
        ("--sort updated", "A-1 B-10 B-2 C-3"),
        ("--archived", "D-4"),
        ("--low", "B-10 C-3"),
        ("--archived --low", "D-4"),
        ("--search zEBRA", "B-2"),
        ("--search b-1", "B-10"),
        ("--search GRÖSSE", "C-3"),
        ("--search %", "B-10"),
        ("--search _", "A-1"),
        ("--search WOOL", "B-10"),
        ("--search [/b]", "C-3"),
        ("--search apple --low", "B-10"),
        ("--search nothing", ""),
    ],
)
def test_a_list_holds_what_was_asked_for_in_its_order(shelf: Shop, options: str, skus: str) -> None:
    found = shelf.json("product", "list", *options.split())
    assert " ".join(product["sku"] for product in found) == skus


USAGE = [
    "sku",
    "name",
    "quantity",
    "available",
    "removed",
    "per_day",
    "days_left",
    "last_moved_at",
    "share",
]


def test_products_of_one_name_are_in_order_of_sku(shelf: Shop) -> None:
    found = [p["sku"] for p in shelf.json("product", "list", "--sort", "name")]
    assert found.index("A-1") < found.index("B-10")


def test_a_changed_product_is_the_last_by_update(stocked: Shop) -> None:
    stocked.json("stock", "add", "A-1", "1")
    found = stocked.json("product", "list", "--sort", "updated")
    assert [product["sku"] for product in found] == ["B-1", "A-1"]


def test_skus_are_in_order_of_code_points(tolerant: Shop) -> None:
    made = tolerant.run("product", "import", "-", stdin="sku,name\né,1\nb,2\nB,3\n😀,4\n\uffee,5\n")
    assert made.code == 0
    found = [p["sku"] for p in tolerant.json("product", "list")]
    assert found == ["B", "b", "é", "\uffee", "😀"]


@pytest.mark.parametrize(("limit", "skus"), [("2", ["A-1", "B-10"]), ("0", [])])
def test_a_limit_takes_the_first_and_says_on_stderr_that_it_cut(
    shelf: Shop, limit: str, skus: list[str]
) -> None:
    result = shelf.run("product", "list", "--limit", limit, "-o", "jsonl")
    assert result.code == 0
    assert [p["sku"] for p in result.records] == skus
    assert limit in result.stderr
    quiet = shelf.run("product", "list", "--limit", limit, "-o", "jsonl", "-q")
    assert (quiet.code, quiet.stdout, quiet.stderr) == (0, result.stdout, "")


def test_a_limit_that_cuts_nothing_says_nothing(shelf: Shop) -> None:
    assert len(shelf.json("product", "list", "--limit", "4")) == 4


@pytest.mark.parametrize(
    "options",
    [
        ("--sort", "price"),
        ("--limit", "-1"),
        ("--limit", "1.0"),
        ("--as-of", "last week"),
        ("extra",),
    ],
)
def test_a_bad_option_of_a_list_is_a_usage_error(stocked: Shop, options: tuple[str, ...]) -> None:
    assert stocked.fails(2, "product", "list", *options)["code"] == "usage"


def test_an_empty_inventory_lists_as_an_empty_array(shop: Shop) -> None:
    assert shop.run("init").code == 0
    assert shop.json("product", "list") == []
    assert shop.json("stock", "log") == []
    assert shop.json("stock", "low") == []


def test_as_of_sums_the_movements_until_then_and_shows_todays_fields(shop: Shop) -> None:
    create = ("product", "create", "A-1", "--name", "Old", "--quantity", "10")
    assert shop.run(*create, "--at", "2026-01-10T12:00:00Z").code == 0
    shop.json("stock", "remove", "A-1", "4", "--at", "2026-01-05T12:00:00Z")
    shop.json("product", "update", "A-1", "--name", "New")
    was = {
        day: shop.json("product", "show", "A-1", "--as-of", day)["quantity"]
        for day in ("2026-01-04", "2026-01-05", "2026-01-10")
    }
    assert was == {"2026-01-04": 0, "2026-01-05": -4, "2026-01-10": 6}
    (product,) = shop.json("product", "list", "--as-of", "2026-01-05T12:00:00Z")
    assert (product["name"], product["quantity"]) == ("New", -4)
    assert shop.json("product", "list", "--as-of", "2026-01-05T11:59:59.999Z") == []


def test_what_is_less_than_nothing_as_of_then_is_marked_and_said(stocked: Shop) -> None:
    stocked.json("stock", "remove", "A-1", "4", "--at", "2026-01-05T12:00:00Z")
    told = (
        "invctl: warning: a quantity is negative: what went out is told to have happened before "
        "what came in\n"
    )
    then = ("--as-of", "2026-01-06", "-o", "table")
    shown = stocked.run("product", "list", *then)
    assert (shown.code, shown.stderr) == (0, told)
    assert shown.stdout.splitlines()[1].split() == ["A-1", "Widget", "-4", "negative"]
    assert stocked.run("product", "show", "A-1", *then).stderr == told
    assert stocked.run("product", "list", *then, "-q").stderr == ""
    assert stocked.run("product", "list", *then, "--limit", "0").stderr.count("negative") == 0
    assert stocked.run("product", "list", "-o", "table").stderr == ""


def test_where_nothing_was_there_then_it_says_so(stocked: Shop) -> None:
    shown = stocked.run("product", "list", "--as-of", "2020", "-o", "table")
    told = "invctl: no product of today's was there at 2020\n"
    assert (shown.code, shown.stdout, shown.stderr) == (0, "", told)
    stocked.json("stock", "add", "A-1", "1", "--at", "2019-01-05")
    stocked.json("stock", "remove", "A-1", "1", "--at", "2019-01-06")
    then = ("--as-of", "2020", "-o", "table")
    assert stocked.run("product", "show", "A-1", *then).stderr == ""
    for skus in (("B-1",), ("A-1", "b-1")):
        shown = stocked.run("product", "show", *skus, *then)
        assert (shown.code, shown.stderr) == (0, "invctl: B-1 was not there at 2020\n")


def test_low_stock_is_listed_and_ends_with_8_only_when_asked(stocked: Shop) -> None:
    (low,) = stocked.json("stock", "low")
    assert (low["sku"], low["quantity"], low["reorder_point"]) == ("B-1", 0, 5)
    found = stocked.run("stock", "low", "--exit-code", "--json")
    assert (found.code, found.stderr) == (8, "")
    assert b'"B-1"' in found.out
    stocked.json("stock", "set", "B-1", "6")
    none = stocked.run("stock", "low", "--exit-code", "--json")
    assert (none.code, none.stdout.strip(), none.stderr) == (0, "[]", "")


def test_what_usage_names_for_other_times_comes_to_the_same_units(stocked: Shop) -> None:
    stocked.run("stock", "apply", "-", stdin="sku,delta\nA-1,-2\nA-1,4\n")
    stocked.run("stock", "remove", "A-1", "1")
    hint = stocked.fails(2, "stock", "usage", "--since", "24h")["hint"]
    named = hint.split("`")[1].replace("TIME", "24h").split()[1:]
    (summed,) = stocked.json(*named)
    used = {one["sku"]: one["removed"] for one in stocked.json("stock", "usage")}
    assert (summed["sku"], summed["removed"]) == ("A-1", used["A-1"])


def test_usage_is_a_table_of_what_went_out_and_ends_with_8_only_when_asked(stocked: Shop) -> None:
    stocked.run("stock", "remove", "A-1", "4")
    shown = stocked.run("stock", "usage", "--days", "7", "-o", "table", "--color", "never")
    assert (shown.code, shown.stderr) == (0, "")
    assert shown.stdout.split("\n")[1].split()[:6] == ["A-1", "Widget", "6", "6", "4", "4.000"]
    assert shown.stdout.endswith("\n2 products, 4 units went out\n")
    found = stocked.run("stock", "usage", "--exit-code", "--json")
    assert (found.code, [*json.loads(found.out)[0]], found.stderr) == (8, USAGE, "")
    still = stocked.run("stock", "usage", "--idle", "1d", "--exit-code", "--json")
    assert (still.code, still.stdout, still.stderr) == (0, "[]\n", "")
