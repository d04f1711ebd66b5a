"""What is said in passing: numbers of things, empty lists, and what looks like a slip."""

import pytest
from shop import Shop

EAN = "4006381333931"


def said(shop: Shop, *arguments: str, stdin: str = "") -> str:
    """Return what a run that goes well says to people, on both streams."""
    done = shop.run(*arguments, "-o", "table", stdin=stdin)
    assert done.code == 0, done.stderr
    return done.stdout + done.stderr


def test_one_thing_is_no_plural(stocked: Shop) -> None:
    line = "sku,delta\nA-1,-1\n"
    assert said(stocked, "stock", "apply", "-", stdin=line).startswith(
        "1 line: 1 movement of 1 product in "
    )
    row = "sku,name,quantity\nC-1,x,1\n"
    assert "1 movement in " in said(stocked, "product", "import", "-", stdin=row)
    kept = "sku,name,quantity\nC-1,x,5\n"
    assert "1 product has another quantity" in said(stocked, "product", "import", "-", stdin=kept)
    assert "1 product, 1 unit\n" in said(stocked, "product", "list", "--search", "C-1")


@pytest.mark.parametrize(
    ("most", "told"), [("1", "only the first is"), ("2", "only the first 2 are")]
)
def test_a_cut_list_says_how_many_are_shown(stocked: Shop, most: str, told: str) -> None:
    stocked.json("product", "create", "C-1", "--name", "x", "-q")
    assert f"invctl: {told} shown (--limit)\n" in said(stocked, "product", "list", "-n", most)


def test_who_asks_the_log_for_a_product_is_told_how(stocked: Shop) -> None:
    error = stocked.fails(2, "log", "A-1")
    assert error["hint"] == "`invctl log --sku A-1` shows what was done to a product"


def test_what_filters_the_log_does_not_filter_one_operation(stocked: Shop) -> None:
    error = stocked.fails(2, "log", "1", "--kind", "add")
    assert error["message"].startswith("one operation is shown in full")


def test_more_than_one_is_a_plural(stocked: Shop) -> None:
    lines = "sku,delta\nA-1,-1\nB-1,2\n"
    assert said(stocked, "stock", "apply", "-", stdin=lines).startswith(
        "2 lines: 2 movements of 2 products in "
    )
    rows = "sku,name,quantity\nA-1,Widget,5\nB-1,Gadget,6\n"
    assert "2 products have another" in said(stocked, "product", "import", "-", stdin=rows)


def test_an_empty_inventory_says_how_to_begin(shop: Shop) -> None:
    assert shop.run("init").code == 0
    assert said(shop, "product", "list") == (
        "invctl: no products yet; see `invctl product create -h`\n"
    )
    assert said(shop, "stock", "log") == "invctl: no movements yet; see `invctl stock -h`\n"


def test_where_all_products_are_archived_it_says_so(stocked: Shop) -> None:
    stocked.json("product", "archive", "A-1")
    stocked.json("product", "archive", "B-1")
    told = "archived; `invctl product list --archived` shows what is\n"
    assert said(stocked, "product", "list") == f"invctl: all 2 products are {told}"
    stocked.json("product", "delete", "B-1", "--yes")
    assert said(stocked, "product", "list") == f"invctl: the only product is {told}"


def test_a_filter_that_finds_nothing_does_not_say_that_there_is_nothing(stocked: Shop) -> None:
    assert "yet" not in said(stocked, "product", "list", "--search", "zzz")
    assert said(stocked, "stock", "log", "--reason", "sale") == "invctl: no movement is like that\n"
    assert said(stocked, "stock", "where", "B-1") == "invctl: nothing of B-1 is in stock\n"


@pytest.mark.parametrize("command", ["log", "history A-1"])
def test_bounds_the_wrong_way_round_are_a_usage_error(stocked: Shop, command: str) -> None:
    bounds = ["--since", "2026-02-01", "--until", "2026-01-01"]
    error = stocked.fails(2, "stock", *command.split(), *bounds)
    assert error["message"] == "--since 2026-02-01 is later than --until 2026-01-01"
    same = ["--since", "2026-02-01", "--until", "2026-02-01"]
    assert stocked.run("stock", *command.split(), *same).code == 0


@pytest.mark.parametrize(
    "line",
    [
        f"stock add A-1 {EAN}",
        f"stock set A-1 {EAN}",
        f"product create C-1 --name x --quantity {EAN}",
        f"product update A-1 --reorder-point {EAN}",
    ],
)
def test_a_barcode_in_the_place_of_a_number_is_warned_of(stocked: Shop, line: str) -> None:
    done = stocked.run(*line.split(), "-o", "jsonl")
    assert done.code == 0
    number = done.records[0]["operation"]
    assert done.stderr == (
        f"invctl: warning: {EAN} looks like a barcode, not like a number of units; "
        f"`invctl undo {number}` takes it back if it was one\n"
    )
    assert stocked.run(*line.replace("C-1", "D-1").split(), "-q").stderr == ""


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        ("stock count", f"sku,counted\nA-1,1\nB-1,{EAN}\n"),
        ("stock apply", f"sku,delta\nA-1,-1\nB-1,{EAN}\n"),
        ("product import", f"sku,name,quantity\nC-1,c,{EAN}\nC-2,c,{EAN}\n"),
        ("delivery expect --file", f"sku,amount\nA-1,{EAN}\n"),
    ],
)
def test_a_barcode_in_a_column_of_numbers_is_warned_of_once(
    stocked: Shop, command: str, rows: str
) -> None:
    done = stocked.run(*command.split(), stocked.file("scanned.csv", rows))
    warning = f"invctl: warning: {EAN} looks like a barcode, not like a number of units\n"
    assert (done.code, done.stderr.count("looks like"), warning in done.stderr) == (0, 1, True)
    assert "barcode" not in stocked.run(*command.split(), "-", "-q", stdin=rows + "\n").stderr


def test_a_barcode_that_is_more_than_there_is_is_warned_of_too(stocked: Shop) -> None:
    done = stocked.run("stock", "remove", "A-1", EAN)
    assert (done.code, done.stdout) == (5, "")
    assert "looks like a barcode" in done.stderr
    # The newest operation is another one.
    assert "undo" not in done.stderr


def test_where_nothing_was_done_with_a_barcode_now_nothing_is_proposed(stocked: Shop) -> None:
    none = ("stock", "remove", "B-1", EAN, "--up-to")
    keyed = ("stock", "add", "A-1", EAN, "--idempotency-key", "k")
    assert "invctl undo" in stocked.run(*keyed).stderr
    for line in (none, keyed, ("hold", "create", "B-1", EAN, "--up-to")):
        done = stocked.run(*line)
        assert (done.code, done.stderr.count("barcode"), "undo" in done.stderr) == (0, 1, False)


def test_a_barcode_in_a_rehearsal_leaves_nothing_to_take_back(stocked: Shop) -> None:
    done = stocked.run("stock", "add", "A-1", EAN, "--dry-run")
    assert (done.code, "looks like a barcode" in done.stderr) == (0, True)
    assert "undo" not in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "product import",
        "product export",
        "stock apply",
        "stock count",
        "stock fits",
        "stock sheet",
        "hold create --file",
        "delivery expect --file",
        "code import",
        "stock scan --codes",
        "stock scan --unknown",
        "db backup",
        "db restore --yes",
    ],
)
def test_an_empty_name_of_a_file_is_told_as_such(stocked: Shop, line: str) -> None:
    done = stocked.run(*line.split(), "")
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("invctl: error: the name of the file is empty; give ")


def test_what_a_line_changed_is_told_in_words(stocked: Shop) -> None:
    rows = "sku,name,description\nA-1,Gizmo,\nB-1,Gadget,Handy\n"
    asked = ("product", "import", "-", "--lines", "--dry-run", "-o", "table")
    table = stocked.run(*asked, stdin=rows).stdout.splitlines()
    assert table == [
        "Line  SKU  Status   Quantity  Before  Changes",
        "   2  A-1  updated        10      10  name: Widget → Gizmo",
        "   3  B-1  updated         0       0  description: nothing → Handy",
    ]


def test_what_an_update_did_is_told_in_words(stocked: Shop) -> None:
    stocked.json("product", "update", "A-1", "--reorder-point", "20", "--reorder-to", "40")
    stocked.json("product", "update", "A-1", "--name", "Gizmo")
    summaries = [one["summary"] for one in stocked.json("log", "--kind", "update")]
    assert summaries == [
        "A-1: reorder point is 20 now; 1 more changed",
        "A-1: name is 'Gizmo' now, was 'Widget'",
    ]


def test_what_an_operation_did_of_one_product_is_not_told_as_its_first_alone(stocked: Shop) -> None:
    assert stocked.run("hold", "run", "A-1=2", "A-1=1", "--", "true").code == 0
    (held,) = stocked.json("log", "--kind", "hold")
    assert held["summary"] == "A-1 2 held; 1 more"


@pytest.mark.parametrize("amount", ["7", "4006381333930", "12345678", "100000000"])
def test_another_number_is_not(stocked: Shop, amount: str) -> None:
    assert stocked.run("stock", "add", "A-1", amount).stderr == ""


@pytest.mark.parametrize("options", [[], ["--each"]], ids=["whole", "each"])
def test_at_a_keyboard_it_says_that_it_waits_for_lines(stocked: Shop, options: list[str]) -> None:
    typed = "sku,delta\nA-1,-1\n\x04"
    code, shown = stocked.terminal("stock", "apply", "-", *options, typed=typed)
    assert code == 0
    assert "reading lines from the keyboard, headers first; Ctrl-D on an empty line" in shown
    assert stocked.quantity() == 9
    assert "keyboard" not in stocked.run("stock", "apply", "-", *options, stdin=typed[:-1]).stderr


def test_lines_of_a_file_say_how_a_product_is_called_now(stocked: Shop) -> None:
    stocked.json("product", "rename", "A-1", "NEW-NAME")
    for command, columns in (("apply", "sku,delta"), ("count", "sku,counted")):
        done = stocked.run("stock", command, "-", stdin=f"{columns}\nA-1,1\n")
        assert (done.code, "that is NEW-NAME since it was renamed" in done.stderr) == (6, True)


def test_days_are_days(stocked: Shop) -> None:
    error = stocked.fails(2, "stock", "usage", "--days", "99999999999")
    assert error["message"] == "--days: 99999999999 days are longer than time is"
    assert error["details"]["value"] == "99999999999"


def test_a_key_that_is_there_twice_is_not_one_that_is_missing(shop: Shop) -> None:
    twice = '{"sku":"A-1","sku":"A-2","name":"x"}\n'
    done = shop.run("product", "import", "-", "-o", "table", stdin=twice)
    assert (done.code, "--skip-empty" in done.stderr) == (6, False)


@pytest.mark.parametrize(
    ("line", "rows", "told"),
    [
        ("product import -", "sku,name\n", "warning: standard input has no line to be imported\n"),
        (
            "product import - --skip-empty -o json",
            "sku,name\n,x\n",
            "warning: 1 row was passed over, without a SKU or without a number (--skip-empty), and "
            "no other was read\n",
        ),
        ("product import - -o json", "sku,name\n", ""),
    ],
)
def test_an_import_of_nothing_is_no_success_to_be_silent_of(
    stocked: Shop, line: str, rows: str, told: str
) -> None:
    done = stocked.run(*line.split(), stdin=rows)
    assert (done.code, done.stderr) == (0, told and f"invctl: {told}")


def test_an_order_that_leaves_a_product_low_is_said(shop: Shop) -> None:
    point = ("--reorder-point", "20")
    made = shop.run("product", "create", "M", "--name", "M", *point, "--reorder-to", "5")
    assert "M is low at 20, and with 5 ordered up to it would stay low" in made.stderr
    assert shop.run("product", "update", "M", "--reorder-to", "21").stderr == ""
    assert "stay low" in shop.run("product", "update", "M", "--reorder-point", "21").stderr


def test_a_column_s_name_of_several_lines_is_told_in_one(shop: Shop) -> None:
    file = shop.file("p.csv", 'sku,name,"Quantity\non hand"\nA-1,x,3\n')
    done = shop.run("product", "import", file)
    assert (done.code, done.stderr.splitlines()[-1]) == (
        0,
        r"invctl: read 'Quantity\non hand' as quantity",
    )
