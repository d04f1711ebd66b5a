"""`invctl stock undo`: the inverse of an operation, once."""

import pytest
from shop import Shop

BATCH = ["operation", "lines", "movements", "products", "replayed", "dry_run", "times", "changes"]


@pytest.mark.parametrize(
    ("command", "delta", "before"),
    [("add A-1 5", -5, 10), ("remove A-1 3", 3, 10), ("set A-1 4", 6, 10)],
)
def test_an_undo_appends_the_inverse_and_answers_as_a_mutation(
    stocked: Shop, command: str, delta: int, before: int
) -> None:
    done = stocked.json("stock", *command.split())
    undone = stocked.json("stock", "undo", str(done["operation"]), "--reason", "mistake")
    assert list(undone) == [*done, "changes"]
    assert undone == {
        "operation": 4,
        "kind": "undo",
        "sku": "A-1",
        "delta": delta,
        "quantity": before,
        "replayed": False,
        "dry_run": False,
        "movement": 3,
        "low": False,
        "counted": None,
        "hold": None,
        "movement_ids": [3],
        "changes": 0,
    }
    last = stocked.json("stock", "history", "A-1")[-1]
    assert (last["kind"], last["reason"], last["delta"]) == ("undo", "mistake", delta)


def test_an_operation_is_undone_once_even_when_its_undo_was_undone(stocked: Shop) -> None:
    stocked.json("stock", "add", "A-1", "5")
    stocked.json("stock", "undo", "3")
    error = stocked.refuses(4, "stock", "undo", "3")
    assert (error["code"], error["details"]["reason"]) == ("conflict", "already_undone")
    assert stocked.json("stock", "undo", "4")["quantity"] == 15
    error = stocked.refuses(4, "stock", "undo", "3")
    assert error["details"]["reason"] == "already_undone"


def test_an_undo_that_would_go_below_zero_is_refused(stocked: Shop) -> None:
    stocked.json("stock", "remove", "A-1", "4")
    error = stocked.refuses(5, "stock", "undo", "1")
    assert (error["code"], error["hint"]) == ("insufficient_stock", "nothing was changed")
    short = {"sku": "A-1", "requested": 10, "available": 6, "quantity": 6, "held": 0}
    assert error["details"] == {**short, "errors": [short]}


def test_an_undo_past_the_limit_is_refused(stocked: Shop) -> None:
    stocked.json("stock", "remove", "A-1", "10")
    stocked.json("stock", "set", "A-1", str(2**53 - 1))
    undo = ("stock", "undo", "3")
    assert stocked.refuses(4, *undo)["details"]["reason"] == "counted_since"
    assert stocked.refuses(4, *undo, "--despite-counts")["details"]["reason"] == "limit"


def test_opening_stock_can_be_undone_and_the_product_stays(stocked: Shop) -> None:
    assert stocked.json("stock", "undo", "1")["quantity"] == 0
    assert stocked.json("product", "show", "A-1")["name"] == "Widget"


@pytest.mark.parametrize(
    "command",
    [
        ("product", "update", "A-1", "--name", "Widget"),
        ("product", "rename", "A-1", "A-1"),
        ("product", "unarchive", "A-1"),
    ],
    ids=" ".join,
)
def test_an_operation_that_changed_nothing_has_nothing_to_undo(
    stocked: Shop, command: tuple[str, ...]
) -> None:
    stocked.json(*command)
    error = stocked.refuses(4, "stock", "undo", "3")
    assert (error["code"], error["details"]["reason"]) == ("conflict", "nothing_to_undo")


def test_an_unknown_operation_is_not_found(stocked: Shop) -> None:
    error = stocked.refuses(3, "stock", "undo", "99")
    assert error["code"] == "not_found"
    assert error["details"]["operation"] == 99


@pytest.mark.parametrize("operation", ["x", "1.0", "-1", "", "٣", "9" * 400])
def test_what_is_no_operation_id_is_a_usage_error(stocked: Shop, operation: str) -> None:
    assert stocked.refuses(2, "stock", "undo", operation)["code"] == "usage"


def test_an_undone_apply_answers_as_an_apply_and_restores_every_balance(stocked: Shop) -> None:
    lines = "sku,delta\nA-1,-10\nB-1,4\nA-1,3\nB-1,-4\n"
    assert stocked.run("stock", "apply", "-", stdin=lines).code == 0
    undone = stocked.json("stock", "undo", "3")
    assert list(undone) == BATCH
    assert (undone["operation"], undone["movements"], undone["products"]) == (4, 4, 2)
    assert (stocked.quantity("A-1"), stocked.quantity("B-1")) == (10, 0)
    again = stocked.json("stock", "undo", "4")
    assert (again["operation"], again["movements"]) == (5, 4)
    assert (stocked.quantity("A-1"), stocked.quantity("B-1")) == (3, 0)


def test_an_undone_import_takes_its_opening_stock_and_what_it_said(stocked: Shop) -> None:
    rows = "sku,name,quantity\nC-1,New,5\nC-2,Newer,6\nA-1,Renamed,10\n"
    assert stocked.run("product", "import", "-", stdin=rows).code == 0
    undone = stocked.json("stock", "undo", "3")
    assert (undone["movements"], undone["products"]) == (2, 3)
    made = [stocked.json("product", "show", sku) for sku in ("C-1", "C-2")]
    assert [(one["quantity"], one["archived"]) for one in made] == [(0, True), (0, True)]
    assert stocked.json("product", "show", "A-1")["name"] == "Widget"


def test_an_undo_says_whether_it_left_a_product_low(stocked: Shop) -> None:
    stocked.json("product", "update", "A-1", "--reorder-point", "10")
    stocked.json("stock", "add", "A-1", "5")
    assert stocked.json("stock", "undo", "4")["low"] is True
    assert stocked.json("stock", "undo", "5")["low"] is False


def test_an_undo_follows_a_product_to_its_new_sku(stocked: Shop) -> None:
    stocked.json("stock", "remove", "A-1", "3")
    stocked.json("product", "rename", "A-1", "Z-9")
    undone = stocked.json("stock", "undo", "3")
    assert (undone["sku"], undone["quantity"]) == ("Z-9", 10)


def test_the_newest_one_is_named(stocked: Shop) -> None:
    stocked.json("stock", "add", "A-1", "5")
    rehearsed = stocked.run("undo", "--last", "--dry-run", "-o", "table")
    told = "undid your newest operation, 3: A-1: 15 → 10 (removed 5, operation 4)"
    assert (rehearsed.code, rehearsed.stderr) == (0, "")
    assert rehearsed.stdout == f"{told}; a dry run, nothing happened\n"
    done = stocked.run("undo", "--last", "-o", "table")
    assert (done.code, done.stdout, done.stderr) == (0, f"{told}\n", "")


UNDONE = {
    "product rename A-1 Z-9": "Z-9 is A-1 again (operation 4)",
    "product archive A-1": "A-1 is brought back (operation 4)",
    "product update A-1 --name New --reorder-point 4": "A-1: name: New → Widget; reorder point: ",
    "product create C-1 --name C --quantity 2": "operation 4), and C-1 is archived now\n",
    "hold create A-1 4": "A-1: 4 held no more (operation 4)",
}


@pytest.mark.parametrize("line", UNDONE)
def test_what_was_undone_of_a_product_is_told(stocked: Shop, line: str) -> None:
    stocked.json(*line.split())
    done = stocked.run("undo", "--last", "-o", "table")
    assert (done.code, done.stderr) == (0, "")
    assert UNDONE[line] in done.stdout


LEFT = {
    "hold create A-1 4; hold commit 1": "added 4, operation 5); what was committed is not held ag",
    "delivery expect A-1 4 --ref PO; delivery receive --ref PO": "what was received is not expect",
    "stock move A-1 3 --to VAN; stock move A-1 2 --from VAN": "A-1: moved 2 back from no place to",
}


@pytest.mark.parametrize("lines", LEFT)
def test_what_an_undo_leaves_as_it_is_is_told_and_where_units_are_again(
    stocked: Shop, lines: str
) -> None:
    for line in lines.split("; "):
        stocked.json(*line.split(), "-q")
    done = stocked.run("undo", "--last", "-o", "table")
    assert (done.code, done.stderr) == (0, "")
    assert LEFT[lines] in done.stdout


def test_an_undo_of_many_is_refused_whole(stocked: Shop) -> None:
    assert stocked.run("stock", "apply", "-", stdin="sku,delta\nA-1,-1\nB-1,4\n").code == 0
    stocked.json("stock", "remove", "B-1", "1")
    error = stocked.refuses(5, "stock", "undo", "3")
    short = {"sku": "B-1", "requested": 4, "available": 3, "quantity": 3, "held": 0}
    assert error["details"] == {**short, "errors": [short]}


def test_a_newest_one_that_cannot_be_taken_back_is_named(stocked: Shop) -> None:
    stocked.json("stock", "add", "A-1", "5", "--actor", "ben")
    stocked.json("stock", "remove", "A-1", "13", "--actor", "ann")
    hint = stocked.refuses(5, "undo", "--last", "--actor", "ben")["hint"]
    assert hint == "nothing was changed; `invctl log 3` shows what was to be taken back"
    assert stocked.refuses(5, "undo", "3")["hint"] == "nothing was changed"
