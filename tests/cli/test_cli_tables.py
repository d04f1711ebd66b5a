"""Tables as people see them: at fixed widths against `tables/*.txt`, and with hostile text inside.

Those files hold standard output, the totals line included; an escape character stands as `␛`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from shop import Shop

SNAPSHOTS = Path(__file__).with_name("tables")
WIDTHS = (60, 80, 200)
PRODUCTS = """sku,name,quantity,reorder_point,archived
BOLT-M8X40-ZN,"Hexagon bolt M8×40, zinc plated, full thread",15000,2000,
MUG-1,Mug,0,,
NIHON,日本語の長い商品名がここにありますので幅が二倍になります,12,,
OLD-1,Old thing,3,5,true
SUN,☀️ 👩‍👩‍👧 👍🏽 🇩🇪 flags and faces of a summer that was long,3,3,
TSHIRT-RED-L,"T-shirt, red, L",120,20,
TSHIRT-RED-M,"T-shirt, red, M, of heavy organic cotton, dyed in small batches near Porto",7,20,
"""
MOVES = (
    ("remove", "3", "--reason", "sale", "--ref", "invoice 2026-00017", "--actor", "maria.silva"),
    ("add", "50", "--reason", "delivery", "--ref", "PO-77", "--actor", "scanner-at-gate-2"),
    ("set", "150", "--reason", "count", "--actor", "joe"),
)
HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "link": "\x1b]8;;http://evil\x07click\x1b]8;;\x07",
    "clipboard": "\x1b]52;c;cm0gLXJm\x07",
    "c1": "\x9b31m \x9d0;title\x9c \x85",
    "return": "good\rEVIL",
    "lines": "one\ntwo\tthree\x00\x7f\u2028four",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069 \u200e\u200f\u061c",
    "markup": "[bold]x[/bold] [link=http://evil]y[/link] [/] :smile:",
    "tower": "Z" + "\u0301\u0302\u0303\u0304\u0305" * 20 + "algo",
    "mark first": "\u0301x",
    "wide": "日本語" * 30,
    "joiner": "a\u200db 👩\u200d👩\u200d👧",
    "selector": "☀\ufe0f 1\ufe0f\u20e3",
    "skin": "👍🏽 🏽",
    "flag": "🇩🇪 🇩",
    "unseen": "\u200b\ufeff\u00ad\u2800\u3164",
    "spaces": "\u3000\u00a0\u2003x",
    "jamo": "\u1112\u1161\u11ab",
}
"""Texts of which no command stores most, as another program may have written them."""
LEFT_OUT = {"history-60": "Ref, By", "low-60": "Available, Expected"}
"""What a table says that it has no room for."""
SHEET = [
    *("sku", "name", "description", "quantity", "reorder", "archived", "created", "updated"),
    *("low", "held", "available", "expected", "reorder"),
]


@pytest.fixture(scope="module")
def varied(make_shop: Callable[[str], Shop]) -> Iterator[Shop]:
    """A shop half an hour off a whole offset, with what is long, wide, low, archived, and moved."""
    shop = make_shop("varied")
    shop.env["TZ"] = "Asia/Kolkata"
    loaded = ("product", "import", "-", "--at", "2026-01-05T08:00:00Z", "--actor", "root")
    assert shop.run(*loaded, stdin=PRODUCTS).code == 0
    for day, (verb, units, *label) in enumerate(MOVES, 6):
        at = f"2026-01-{day:02}T20:30:00Z"
        assert shop.run("stock", verb, "TSHIRT-RED-L", units, *label, "--at", at).code == 0
    yield shop
    shop.check_books()


@pytest.fixture(scope="module")
def hostile(make_shop: Callable[[str], Shop]) -> Shop:
    """A shop in whose file each text of HOSTILE is a SKU, a name, a reason, a ref and a note.

    All of them together are the name and the description of ALL, which is archived.
    """
    shop = make_shop("hostile")
    rows = "".join(f"H-{place},x,1,1,\n" for place in range(len(HOSTILE))) + "ALL,x,0,1,true\n"
    head = "sku,name,quantity,reorder_point,archived\n"
    assert shop.run("product", "import", "-", stdin=head + rows).code == 0
    for place, text in enumerate(HOSTILE.values()):
        sku, old = f"{place}{text}", f"H-{place}"
        shop.change("UPDATE product SET sku = ?, name = ? WHERE sku = ?", sku, text, old)
        shop.change(
            "UPDATE movement SET reason = ?, ref = ?, note = ? WHERE product_id ="
            " (SELECT id FROM product WHERE sku = ?)",
            *(text, text, text, sku),
        )
    everything = " ".join(HOSTILE.values())
    named = "UPDATE product SET name = ?, description = ? WHERE sku = 'ALL'"
    shop.change(named, everything, everything)
    shop.change("UPDATE operation SET actor = ?", HOSTILE["colour"])
    return shop


def snapshot(name: str) -> str:
    return (SNAPSHOTS / f"{name}.txt").read_text("utf-8")


def acting(text: str) -> list[str]:
    """Return what of a text could act on a terminal, but for the ends of its lines."""
    kinds = ("Cc", "Cf", "Zl", "Zp", "Cs", "Cn")
    return [char for char in text if char != "\n" and unicodedata.category(char) in kinds]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("list", ("product", "list")),
        ("archived", ("product", "list", "--archived")),
        ("low", ("stock", "low")),
        ("history", ("stock", "history", "TSHIRT-RED-L")),
    ],
)
def test_a_table_looks_as_it_did_at_every_width(
    varied: Shop, name: str, command: tuple[str, ...], width: int
) -> None:
    shown = varied.run(*command, "-o", "table", env={"COLUMNS": str(width)})
    left_out = LEFT_OUT.get(f"{name}-{width}")
    said = f"invctl: left out for want of width: {left_out}; --columns says what is shown\n"
    assert (shown.code, shown.stderr) == (0, said if left_out else "")
    assert shown.stdout == snapshot(f"{name}-{width}")
    assert max(map(cell_len, shown.stdout.splitlines())) <= width


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("list", ("product", "list")),
        ("archived", ("product", "list", "--archived")),
        ("history", ("stock", "history", "TSHIRT-RED-L")),
    ],
)
def test_colour_adds_to_a_table_and_changes_no_letter_of_it(
    varied: Shop, name: str, command: tuple[str, ...]
) -> None:
    shown = varied.run(*command, "-o", "table", "--color", "always", env={"COLUMNS": "80"})
    assert (shown.code, shown.stderr) == (0, "")
    assert shown.stdout.replace("\x1b", "␛") == snapshot(f"{name}-80-colour")
    assert re.sub("\x1b\\[[0-9;]*m", "", shown.stdout) == snapshot(f"{name}-80")
    # White, black, yellow and cyan vanish on some background, and a background hides the rest.
    assert set(re.findall("\x1b\\[([0-9;]*)m", shown.stdout)) <= {"0", "1", "2", "1;31"}


def test_a_terminal_without_capabilities_gets_the_plain_table(varied: Shop) -> None:
    dumb = varied.terminal("product", "list", env={"COLUMNS": "80", "TERM": "dumb"})
    plain = varied.terminal("product", "list", env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert dumb == plain == (0, snapshot("list-80"))


def test_low_and_archived_are_words_and_not_only_colours(varied: Shop) -> None:
    rows = snapshot("list-80").splitlines()
    assert [row.split()[0] for row in rows if row.endswith("  low")] == ["SUN", "TSHIRT-RED-M"]
    assert rows[-1] == "6 products, 15172 units, 2 low"
    assert snapshot("archived-80").splitlines()[1].endswith(" archived")
    shown = varied.run("product", "show", "SUN", "-o", "table")
    assert (shown.code, shown.stderr) == (0, "")
    assert re.search(r"^quantity +3  low$", shown.stdout, re.M)


@pytest.mark.parametrize("width", ["1", "20", "40", "54"])
def test_what_a_movement_table_is_about_is_never_cut(varied: Shop, width: str) -> None:
    env = {"COLUMNS": width}
    shown = varied.run("stock", "history", "TSHIRT-RED-L", "-o", "table", env=env)
    left_out = f"Reason, {LEFT_OUT['history-60']}"
    said = f"invctl: left out for want of width: {left_out}; --columns says what is shown\n"
    assert (shown.code, shown.stderr) == (0, said)
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["Op", "When", "+05:30", "What", "Change", "Balance"],
        ["1", "2026-01-05", "13:30", "import", "+120", "120"],
        ["2", "2026-01-07", "02:00", "remove", "-3", "117"],
        ["3", "2026-01-08", "02:00", "add", "+50", "167"],
        ["4", "2026-01-09", "02:00", "set", "-17", "150"],
    ]


def test_what_is_left_out_is_not_said_to_who_wants_quiet(varied: Shop) -> None:
    env = {"COLUMNS": "60"}
    shown = varied.run("stock", "history", "TSHIRT-RED-L", "-q", "-o", "table", env=env)
    assert (shown.code, shown.stdout, shown.stderr) == (0, snapshot("history-60"), "")


def test_a_column_in_which_nothing_stands_takes_no_room(stocked: Shop) -> None:
    shown = stocked.run("stock", "log", "-o", "table", env={"COLUMNS": "60"})
    assert (shown.code, shown.stderr) == (0, "")
    assert shown.stdout.split("\n")[0].split()[-3:] == ["Change", "Balance", "By"]


def test_what_undo_takes_stands_first(varied: Shop) -> None:
    wide = {"COLUMNS": "100"}
    log = varied.run("stock", "log", "--reason", "delivery", "-o", "table", env=wide)
    assert (log.code, log.stderr) == (0, "")
    heading, row = log.stdout.splitlines()
    operation = varied.json("stock", "log", "--reason", "delivery")[0]["operation"]
    assert (heading.split()[0], row.split()[0]) == ("Op", str(operation))


@pytest.mark.parametrize("form", ["table", "csv"])
def test_columns_may_be_asked_for_by_title_in_any_case(varied: Shop, form: str) -> None:
    names = "operation,occurred_at,kind,sku,delta,quantity,actor"
    titles = "op,WHEN,What,SKU,change,Balance,by"
    asked = [
        varied.run("stock", "log", "-o", form, "--columns", columns) for columns in (names, titles)
    ]
    assert asked[0] == asked[1]
    assert (asked[0].code, asked[0].stderr) == (0, "")
    for titles in ("Reorder at,Sku", "reorder point,created at", "Created at +00:00"):
        assert varied.run("product", "list", "--columns", titles).code == 0


@pytest.mark.parametrize("columns", ["when", "finding", "low,Mark", "sku,SKU", "quantity,balance"])
def test_a_title_of_another_list_is_no_column(varied: Shop, columns: str) -> None:
    assert varied.fails(2, "product", "list", "--columns", columns)["code"] == "usage"


def test_columns_that_were_asked_for_are_there_at_any_width(varied: Shop) -> None:
    asked = ("--columns", "actor,ref,sku", "--limit", "9", "-q")
    shown = varied.run(
        "stock", "history", "TSHIRT-RED-L", *asked, "-o", "table", env={"COLUMNS": "20"}
    )
    assert (shown.code, shown.stderr) == (0, "")
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["By", "Ref", "SKU"],
        ["root", "TSHIRT-RED-L"],
        ["maria.s…", "invoice…", "TSHIRT-RED-L"],
        ["scanner…", "PO-77", "TSHIRT-RED-L"],
        ["joe", "TSHIRT-RED-L"],
    ]


def test_columns_that_were_asked_for_have_the_titles_that_their_table_has(varied: Shop) -> None:
    asked = ("--columns", "SKU,reorder_point,available", "-o", "table")
    shown = varied.run("product", "list", *asked).stdout.splitlines()[0]
    assert re.split("  +", shown) == ["SKU", "Reorder at", "Available"]
    asked = ("--columns", "recorded_at,when,op", "-o", "table")
    shown = varied.run("stock", "log", *asked).stdout.splitlines()[0]
    assert re.split("  +", shown) == ["Recorded at +05:30", "When +05:30", "Op"]


def test_columns_that_were_asked_for_have_no_marks_and_no_total(varied: Shop) -> None:
    asked = ("--columns", "sku,quantity", "--no-header", "-o", "table")
    shown = varied.run("product", "list", "--search", "t-shirt", *asked)
    assert (shown.code, shown.stderr) == (0, "")
    assert shown.stdout == "TSHIRT-RED-L  150\nTSHIRT-RED-M    7\n"


@pytest.mark.parametrize(
    "command",
    [("product", "list", "--search", "nothing"), ("stock", "log", "--reason", "nothing")],
    ids=" ".join,
)
def test_an_empty_table_is_a_note_on_stderr(varied: Shop, command: tuple[str, ...]) -> None:
    shown = varied.run(*command, "-o", "table")
    assert (shown.code, shown.stdout) == (0, "")
    assert re.fullmatch("invctl: .*\n", shown.stderr)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("fields", "command"),
    [
        ("name,quantity", ("product", "list")),
        ("sku,quantity", ("product", "list")),
        ("reason,ref,note,actor,delta", ("stock", "log")),
    ],
)
def test_hostile_text_neither_acts_nor_breaks_a_column(
    hostile: Shop, fields: str, command: tuple[str, ...], width: int
) -> None:
    env = {"COLUMNS": str(width)}
    shown = hostile.run(*command, "--columns", fields, "-o", "table", env=env)
    assert (shown.code, shown.stderr) == (0, "")
    assert acting(shown.stdout) == []
    lines = shown.stdout.splitlines()
    assert len(lines) == 1 + len(HOSTILE)
    assert len({cell_len(line) for line in lines}) == 1, shown.stdout


@pytest.mark.parametrize(
    "command", [("product", "list"), ("stock", "log"), ("stock", "low")], ids=" ".join
)
def test_hostile_text_does_not_act_in_a_table_as_it_comes(
    hostile: Shop, command: tuple[str, ...]
) -> None:
    shown = hostile.run(*command, "-q", "-o", "table")
    assert (shown.code, shown.stderr) == (0, "")
    assert acting(shown.stdout) == []
    # A heading, a total under products, and one line for each: none was broken in two.
    lines = 1 + len(HOSTILE) + (command != ("stock", "log"))
    assert len(shown.stdout.splitlines()) == lines


def test_hostile_text_does_not_act_on_a_sheet(hostile: Shop) -> None:
    shown = hostile.run("product", "show", "ALL", "-o", "table")
    assert (shown.code, shown.stderr) == (0, "")
    assert set(acting(shown.stdout)) <= {"\u200d"}
    assert [line.split()[0] for line in shown.stdout.splitlines()] == SHEET


def test_hostile_text_does_not_act_in_colour(hostile: Shop) -> None:
    for archived in ((), ("--archived",)):
        shown = hostile.run("product", "list", *archived, "-o", "table", "--color", "always")
        assert (shown.code, shown.stderr) == (0, "")
        assert acting(re.sub("\x1b\\[(?:0|1|2|1;31)m", "", shown.stdout)) == []


def test_a_tower_of_marks_keeps_four_and_shows_the_rest_as_escapes(hostile: Shop) -> None:
    asked = ("--search", "algo", "--columns", "name", "--no-header", "-o", "table")
    shown = hostile.run("product", "list", *asked, env={"COLUMNS": "1000"})
    assert (shown.code, shown.stderr) == (0, "")
    assert shown.stdout.startswith("Z\u0301\u0302\u0303\u0304\\u0305\\u0301\\u0302")
    assert shown.stdout.endswith("\\u0305algo\n")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("नी", "नी  1"),  # its vowel sign takes a column of its own, as in tmux and xterm
        ("نامه\u200cها", "نامه\u200cها  1"),
        ("❤\ufe0f", "❤  1"),
        ("👩\u200d👧", "👩👧  1"),
        ("👍🏽", "👍  1"),
    ],
)
def test_text_that_terminals_disagree_on_is_shown_as_all_of_them_draw_it(
    stocked: Shop, name: str, shown: str
) -> None:
    stocked.json("product", "update", "A-1", "--name", name)
    stocked.json("stock", "set", "A-1", "1")
    asked = ("--search", "A-1", "--columns", "name,quantity", "--no-header", "-o", "table")
    listed = stocked.run("product", "list", *asked)
    assert (listed.code, listed.stdout, listed.stderr) == (0, f"{shown}\n", "")
    sheet = stocked.run("product", "show", "A-1", "-o", "table")
    assert name in sheet.stdout


def test_a_mark_that_has_nothing_to_mark_is_shown_as_an_escape(hostile: Shop) -> None:
    asked = ("--columns", "name", "--no-header", "-o", "table")
    shown = hostile.run("product", "list", *asked)
    assert (shown.code, shown.stderr) == (0, "")
    assert "\\u0301x" in shown.stdout.splitlines()


def test_a_sku_shows_what_tells_it_from_another(tolerant: Shop) -> None:
    for sku in ("❤", "❤\ufe0f"):
        tolerant.json("product", "create", sku, "--name", "x")
    asked = ("--columns", "sku", "--no-header", "-o", "table")
    listed = tolerant.run("product", "list", *asked)
    assert (listed.code, listed.stdout, listed.stderr) == (0, "❤\n❤\\ufe0f\n", "")


def test_a_time_that_is_none_is_shown_as_it_is_stored(stocked: Shop) -> None:
    stocked.change("UPDATE movement SET occurred_at = '\x1b[2Jlong ago'")
    shown = stocked.run("stock", "log", "-o", "table")
    assert (shown.code, shown.stderr) == (0, "")
    assert "\\x1b[2Jlong ago" in shown.stdout


@pytest.mark.parametrize(
    ("encoding", "name", "change"),
    [
        ("ascii", "Gr\\xf6\\xdfe \\u65e5 ...", "A-1: 10 -> 11 (added 1, operation 4)"),
        ("iso-8859-1", "Größe \\u65e5 ...", "A-1: 10 -> 11 (added 1, operation 4)"),
        ("utf-8", "Größe 日 …", "A-1: 10 → 11 (added 1, operation 4)"),
    ],
)
def test_a_screen_that_lacks_a_sign_gets_it_in_ascii(
    stocked: Shop, encoding: str, name: str, change: str
) -> None:
    stocked.json("product", "update", "A-1", "--name", "Größe 日 …")
    env = {"PYTHONIOENCODING": encoding}
    listed = stocked.run("product", "list", "--search", "A-1", "-o", "table", env=env)
    assert (listed.code, listed.err) == (0, b"")
    heading, row, _ = listed.out.decode(encoding).splitlines()
    assert name in row
    assert cell_len(heading.partition("Quantity")[0]) + 6 == cell_len(row.partition("10")[0])
    added = stocked.run("stock", "add", "A-1", "1", "-o", "table", env=env)
    assert (added.code, added.out.decode(encoding), added.err) == (0, f"{change}\n", b"")
    file = stocked.file("p.csv", "sku,name\n" + "a,b\n" * 30)
    refused = stocked.run("product", "import", file, env=env)
    assert (refused.code, b"\\u" in refused.err) == (6, False)


def test_a_wide_column_that_is_left_out_takes_no_narrow_ones_along(stocked: Shop) -> None:
    place = "WAREHOUSE-PRAGUE/AISLE-12/SHELF-3/BOX-7"
    stocked.json("stock", "add", "A-1", "5", "--to", place, "--lot", "L", "--reason", "won", "-q")

    def titles(command: str, width: str) -> list[str]:
        shown = stocked.run("stock", command, "-o", "table", env={"COLUMNS": width})
        assert all(len(line) <= int(width) for line in shown.stdout.splitlines())
        return shown.stdout.splitlines()[0].split()

    assert titles("log", "80")[-3:] == ["Balance", "Reason", "By"]
    assert titles("log", "160")[-4:] == ["Reason", "By", "Place", "Lot"]
    assert titles("where", "60") == ["SKU", "Place", "Lot", "Quantity"]
    stocked.json("product", "rename", "A-1", "A-1-LONG-NAMED", "-q")
    assert titles("usage", "60")[-4:] == ["Went", "out", "Days", "left"]


def test_what_lies_where_is_told_apart_by_its_lots_before_its_name(stocked: Shop) -> None:
    for lot in ("A12", "B1-2026-11"):
        line = ["stock", "add", "A-1", "5", "--to", "COLDROOM/SHELF-1", "--lot", lot, "-q"]
        stocked.json(*line, "--expires", "2062-03-31")
    shown = stocked.run("stock", "where", "A-1", "-o", "table", env={"COLUMNS": "60"})
    titles = shown.stdout.splitlines()[0].split()
    assert titles == ["SKU", "Place", "Lot", "Expires", "Quantity"]
    assert shown.stderr.startswith("invctl: left out for want of width: Name; ")
