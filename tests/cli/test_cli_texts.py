"""Names, descriptions, reasons, refs, notes, actors and keys: their limits, and what is no text."""

import json
from itertools import product
from unicodedata import normalize

import pytest
from shop import Shop, error_of

REFUSED: dict[str, str | bytes] = {
    "escape": "a\x1b[31mb",
    "bell": "a\x07b",
    "delete": "a\x7fb",
    "C1 control": "a\x9bb",
    "right-to-left override": "a\u202eb",
    "bidi isolate": "a\u2066b",
    "not UTF-8": b"a\xffb",
    "surrogate in UTF-8": b"a\xed\xb2\x80b",
}
NO_NAMES = {
    **{name: REFUSED[name] for name in ("escape", "right-to-left override", "not UTF-8")},
    "surrogate in UTF-8": b"a\xed\xb2\x80b",
    "LF": "a\nb",
    "PS": "a\u2029b",
}


@pytest.mark.parametrize("text", NO_NAMES.values(), ids=NO_NAMES)
def test_a_name_is_one_line_of_text(stocked: Shop, text: str | bytes) -> None:
    error = stocked.refuses(2, "product", "update", "A-1", "--name", text)
    assert error["code"] == "usage"
    assert error["message"].isprintable()


_UNTYPED = ["a\x1bb", "a\u202eb", b"a\xffb"]
_TWO_LINES = ["a\nb", "a\u2028b"]  # which a note may have


@pytest.mark.parametrize(
    ("option", "text"),
    [
        *product(["--note", "--ref", "--actor", "--idempotency-key"], _UNTYPED),
        *product(["--ref", "--actor", "--idempotency-key"], _TWO_LINES),
    ],
    ids=ascii,
)
def test_every_other_text_refuses_the_same(stocked: Shop, option: str, text: str | bytes) -> None:
    assert stocked.refuses(2, "stock", "add", "A-1", "1", option, text)["code"] == "usage"


@pytest.mark.parametrize("text", ["a\x1bb", "a\u2066b", b"a\xffb"], ids=ascii)
def test_a_refused_description_leaves_no_database(shop: Shop, text: str | bytes) -> None:
    error = shop.fails(2, "product", "create", "A-1", "--name", "x", "--description", text)
    assert error["code"] == "usage"
    assert not shop.db.exists()


def test_a_file_can_bring_in_no_more_than_the_command_line(stocked: Shop) -> None:
    bad = [
        *(text for text in REFUSED.values() if isinstance(text, str)),
        "a\0b",
        "a\rb",
        "\x1b]8;;",
    ]
    cells = [("description", text) for text in bad]
    cells += [("name", text) for text in [*bad, "a\nb", "a\tb", "a\u2028b"]]
    rows = "".join(
        json.dumps({"sku": f"C-{number}", "name": "x"} | {column: text}) + "\n"
        for number, (column, text) in enumerate(cells)
    )
    error = stocked.refuses(6, "product", "import", "-", stdin=rows)
    told = [(fault["line"], fault["column"]) for fault in error["details"]["errors"]]
    assert told == [(line, column) for line, (column, _) in enumerate(cells, 1)]


KEPT = {
    "Cafe\u0301": "Caf\u00e9",
    "\u1100\u1161": "\uac00",
    "👩\u200d🔧": "👩\u200d🔧",
    "نام\u200cه": "نام\u200cه",
    "a\u200eb\u200fc": "a\u200eb\u200fc",
    "[/b] :smile: [red]x": "[/b] :smile: [red]x",
    "  blanks  ": "  blanks  ",
    "'; DROP TABLE product; --": "'; DROP TABLE product; --",
    "=1+1": "=1+1",
    "ﬁ ²": "ﬁ ²",
}


def test_text_is_kept_in_nfc_and_otherwise_as_given(stocked: Shop) -> None:
    rows = [
        {"sku": f"T-{number}", "name": text, "description": text}
        for number, text in enumerate(KEPT)
    ]
    file = "".join(json.dumps(row) + "\n" for row in rows)
    assert stocked.run("product", "import", "-", stdin=file).code == 0
    found = stocked.json("product", "list", "--search", "T-")
    # Blanks around a cell are the file's, but for those of a description.
    kept = [(text.strip(" "), text) for text in KEPT.values()]
    assert [(p["name"], p["description"]) for p in found] == kept


@pytest.mark.parametrize("text", ["Cafe\u0301", "👩\u200d🔧", "  [/b]\u200e "], ids=ascii)
def test_an_argument_is_kept_as_a_file_is(stocked: Shop, text: str) -> None:
    made = stocked.json("product", "update", "A-1", "--name", text, "--description", text)
    assert made["name"] == made["description"] == normalize("NFC", text)


def test_a_description_and_a_note_may_have_lines_and_tabs(stocked: Shop) -> None:
    stocked.json("product", "update", "A-1", "--description", "a\tb\nc")
    assert stocked.json("product", "show", "A-1")["description"] == "a\tb\nc"
    stocked.json("stock", "add", "A-1", "1", "--note", "a\tb\nc")
    assert stocked.json("stock", "history", "A-1")[-1]["note"] == "a\tb\nc"


def test_every_text_may_be_as_long_as_its_limit(stocked: Shop) -> None:
    stocked.json("product", "update", "A-1", "--name", "é" * 255, "--description", "é" * 1000)
    product = stocked.json("product", "show", "A-1")
    assert (len(product["name"]), len(product["description"])) == (255, 1000)
    stocked.json(
        *("stock", "add", "A-1", "1", "--reason", "r" * 32, "--ref", "é" * 200),
        *("--actor", "é" * 200, "--note", "é" * 1000, "--idempotency-key", "é" * 200),
    )
    last = stocked.json("stock", "history", "A-1")[-1]
    lengths = {name: len(last[name]) for name in ("reason", "ref", "actor", "note")}
    assert lengths == {"reason": 32, "ref": 200, "actor": 200, "note": 1000}


@pytest.mark.parametrize(
    "command",
    [
        ("product", "update", "A-1", "--name", "x" * 256),
        ("product", "update", "A-1", "--description", "x" * 1001),
        ("product", "create", "C-1", "--name", ""),
        ("stock", "add", "A-1", "1", "--ref", "x" * 201),
        ("stock", "add", "A-1", "1", "--actor", "x" * 201),
        ("stock", "add", "A-1", "1", "--note", "x" * 1001),
        ("stock", "add", "A-1", "1", "--idempotency-key", "x" * 201),
    ],
    ids=lambda command: command[-2],
)
def test_one_character_more_is_a_usage_error(stocked: Shop, command: tuple[str, ...]) -> None:
    assert stocked.refuses(2, *command)["code"] == "usage"


@pytest.mark.parametrize("reason", ["Sale", "-sale", "sale_1", "r" * 33, "salé", "sale\n"])
def test_a_reason_is_one_small_word(stocked: Shop, reason: str) -> None:
    error = stocked.refuses(2, "stock", "add", "A-1", "1", f"--reason={reason}")
    assert error["code"] == "usage"


@pytest.mark.parametrize("environment", ["C", "en_US.ISO-8859-1"])
def test_text_is_utf8_whatever_the_locale(stocked: Shop, environment: str) -> None:
    env = {"LANG": environment, "LC_ALL": environment}
    stocked.run("product", "update", "A-1", "--name", "Größe 尺寸", env=env)
    listed = stocked.run("product", "show", "A-1", "-o", "csv", "--columns", "name", env=env)
    assert (listed.code, listed.stdout, listed.stderr) == (0, "name\nGröße 尺寸\n", "")


def test_bytes_that_are_no_text_do_not_break_an_error_message(stocked: Shop) -> None:
    error = error_of(stocked.run("product", "show", b"\xff\xfe", "--json"), 3)
    assert error["message"].isprintable()
    plain = stocked.run("stock", "history", b"\xff\x1b[31m", "\u202e")
    assert (plain.code, plain.stdout) == (2, "")
    assert b"\x1b" not in plain.err
    assert "\u202e" not in plain.stderr
