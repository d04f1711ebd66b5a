"""Standard output in every format: for lists, for one thing, and for what a mutation did."""

import csv
import io
import json

import pytest
from shop import Shop

NASTY = 'tab\there\nline, "quoted" \\ back'


@pytest.fixture
def nasty(stocked: Shop) -> Shop:
    stocked.json("product", "update", "A-1", "--name", 'a,"b"', "--description", NASTY)
    return stocked


def test_json_is_one_array_of_ascii_and_jsonl_one_object_a_line(stocked: Shop) -> None:
    stocked.json("product", "update", "A-1", "--name", "Größe 😀")
    array = stocked.run("product", "list", "-o", "json")
    lines = stocked.run("product", "list", "-o", "jsonl")
    assert (array.code, array.stderr, lines.code, lines.stderr) == (0, "", 0, "")
    assert array.out.isascii()
    assert lines.out.isascii()
    assert json.loads(array.out) == lines.records
    assert lines.records[0]["name"] == "Größe 😀"


@pytest.mark.parametrize("output", ["json", "jsonl"])
def test_one_thing_is_one_object(stocked: Shop, output: str) -> None:
    result = stocked.run("product", "show", "A-1", "-o", output)
    assert (result.code, result.stderr) == (0, "")
    assert json.loads(result.out)["sku"] == "A-1"


def test_csv_is_rfc_4180_with_lf_and_no_mark(nasty: Shop) -> None:
    result = nasty.run("product", "list", "-o", "csv", "--columns", "sku,name,description")
    assert (result.code, result.stderr) == (0, "")
    assert b"\r" not in result.out
    assert not result.out.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(result.stdout, newline="")))
    assert rows == [
        ["sku", "name", "description"],
        ["A-1", 'a,"b"', NASTY],
        ["B-1", "Gadget", ""],
    ]


def test_tsv_escapes_tabs_lines_and_backslashes(nasty: Shop) -> None:
    result = nasty.run("product", "list", "-o", "tsv", "--columns", "sku,description,archived")
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout.split("\n") == [
        "sku\tdescription\tarchived",
        'A-1\ttab\\there\\nline, "quoted" \\\\ back\tfalse',
        "B-1\t\tfalse",
        "",
    ]


def test_a_pipe_gets_tsv_when_nothing_is_asked(stocked: Shop) -> None:
    asked = stocked.run("product", "list", "-o", "tsv")
    result = stocked.run("product", "list")
    assert (result.code, result.stdout, result.stderr) == (0, asked.stdout, "")
    assert result.stdout.startswith("sku\tname\t")


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("json", '[{"quantity":10,"reorder_point":null,"sku":"A-1"}]'),
        ("jsonl", '{"quantity":10,"reorder_point":null,"sku":"A-1"}'),
        ("csv", "quantity,reorder_point,sku\n10,,A-1"),
        ("tsv", "quantity\treorder_point\tsku\n10\t\tA-1"),
    ],
)
def test_columns_picks_and_orders_the_fields(stocked: Shop, output: str, text: str) -> None:
    asked = ("--columns", "quantity,reorder_point,sku", "-o", output)
    result = stocked.run("product", "list", "--limit", "1", "-q", *asked)
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout.replace("\n", "").replace(" ", "") == text.replace("\n", "")


def test_columns_picks_and_orders_those_of_a_table(stocked: Shop) -> None:
    result = stocked.run("product", "list", "--columns", "quantity,sku", "-o", "table")
    assert (result.code, result.stderr) == (0, "")
    assert [line.split() for line in result.stdout.splitlines()][1:] == [
        ["10", "A-1"],
        ["0", "B-1"],
    ]


@pytest.mark.parametrize(
    "command",
    [
        ("product", "show", "A-1"),
        ("product", "update", "A-1", "--name", "x"),
        ("stock", "history", "A-1"),
    ],
    ids=" ".join,
)
def test_columns_goes_with_every_record(stocked: Shop, command: tuple[str, ...]) -> None:
    result = stocked.run(*command, "--columns", "quantity,sku", "-o", "csv")
    assert (result.code, result.stdout, result.stderr) == (0, "quantity,sku\n10,A-1\n", "")


@pytest.mark.parametrize(
    "command",
    [
        ("product", "list"),
        ("product", "show", "A-1"),
        ("product", "update", "A-1", "--name", "x"),
        ("stock", "add", "A-1", "1"),
        ("stock", "log"),
        ("db", "info"),
    ],
    ids=" ".join,
)
def test_an_unknown_column_is_a_usage_error_and_changes_nothing(
    stocked: Shop, command: tuple[str, ...]
) -> None:
    error = stocked.refuses(2, *command, "--columns", "price")
    assert error["code"] == "usage"
    assert "price" in error["message"]


@pytest.mark.parametrize("output", ["csv", "tsv", "table"])
def test_no_header_leaves_the_first_line_out(stocked: Shop, output: str) -> None:
    columns = ("--columns", "sku,quantity", "-o", output)
    result = stocked.run("product", "list", "--no-header", *columns)
    assert (result.code, result.stderr) == (0, "")
    assert [line.replace(",", " ").split() for line in result.stdout.splitlines()] == [
        ["A-1", "10"],
        ["B-1", "0"],
    ]


@pytest.mark.parametrize(
    ("output", "text"), [("json", "[]\n"), ("jsonl", ""), ("csv", "sku\n"), ("tsv", "sku\n")]
)
def test_an_empty_list_is_success_in_every_format(stocked: Shop, output: str, text: str) -> None:
    asked = ("--search", "nothing", "--columns", "sku", "-o", output)
    result = stocked.run("product", "list", *asked)
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout.replace("[\n]", "[]") == text


def test_a_mutation_is_a_record_in_every_machine_format(stocked: Shop) -> None:
    change = ("stock", "add", "A-1", "1")
    fields = "operation,kind,sku,delta,quantity,replayed,dry_run,movement"
    fields += ",low,counted,hold,movement_ids"
    as_csv = stocked.run(*change, "-o", "csv")
    assert (as_csv.code, as_csv.stderr) == (0, "")
    assert as_csv.stdout == f"{fields}\n3,add,A-1,1,11,false,false,2,false,,,[2]\n"
    as_tsv = stocked.run(*change)
    assert as_tsv.stdout.splitlines()[0] == fields.replace(",", "\t")
    as_lines = stocked.run(*change, "-o", "jsonl")
    assert ",".join(as_lines.records[0]) == fields
    nothing_moved = stocked.run("stock", "set", "A-1", "13", "-o", "csv", "--no-header")
    assert nothing_moved.stdout == "6,set,A-1,0,13,false,false,,false,13,,[]\n"


@pytest.mark.parametrize(
    "command",
    [
        ("product", "create", "C-1", "--name", "x"),
        ("product", "update", "A-1", "--name", "x"),
        ("product", "rename", "A-1", "C-1"),
        ("product", "archive", "A-1"),
        ("product", "delete", "B-1", "--yes"),
        ("product", "import", "-"),
        ("stock", "remove", "A-1", "1"),
        ("stock", "apply", "-"),
        ("stock", "undo", "1"),
    ],
    ids=" ".join,
)
def test_a_mutation_on_a_terminal_is_one_sentence_and_quiet_is_silent(
    stocked: Shop, command: tuple[str, ...]
) -> None:
    file = "sku,name\nA-1,x\n" if "import" in command else "sku,delta\nA-1,1\n"
    told = stocked.run(*command, "--dry-run", "-o", "table", stdin=file)
    assert (told.code, told.stderr) == (0, "")
    assert told.stdout.count("\n") == 1
    assert "operation 3" in told.stdout
    quiet = stocked.run(*command, "--dry-run", "-q", stdin=file)
    assert (quiet.code, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.parametrize("asked", ["--json", "-otable"])
def test_quiet_prints_a_change_in_the_format_that_was_asked_for(stocked: Shop, asked: str) -> None:
    result = stocked.run("stock", "add", "A-1", "1", "-q", asked)
    assert (result.code, result.stderr) == (0, "")
    assert "A-1" in result.stdout


def test_quiet_keeps_data_and_errors(stocked: Shop) -> None:
    shown = stocked.run("product", "show", "A-1", "-q", "--columns", "sku", "--no-header")
    assert (shown.code, shown.stdout, shown.stderr) == (0, "A-1\n", "")
    failed = stocked.run("product", "show", "NOPE", "-q")
    assert (failed.code, failed.stdout) == (3, "")
    assert failed.stderr.startswith("invctl: error: ")


def test_quiet_does_not_say_that_an_inventory_was_made(shop: Shop) -> None:
    result = shop.run("product", "create", "A-1", "--name", "x", "-q")
    assert (result.code, result.stdout, result.stderr) == (0, "", "")
