"""Global options on either side of the command, help, version, and bad command lines."""

import json
from pathlib import Path

import pytest
from shop import INVCTL, Shop, error_of

from invctl.cli.invocation import Invocation
from invctl.settings import read_location


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("--json product show A-1", "json"),
        ("product --json show A-1", "json"),
        ("product show A-1 --json", "json"),
        ("product show --json A-1", "json"),
        ("-o csv product show A-1 -o json", "json"),
        ("-o json product show A-1 -o csv", "csv"),
        ("--json product show A-1 -o csv", "csv"),
        ("-o csv product show A-1 --json", "json"),
        ("-o csv product --json show A-1", "json"),
        ("product show A-1 -o csv --json", "json"),
        ("product show A-1 --json -o csv", "csv"),
        ("product show A-1 --json --output=csv", "csv"),
        ("-o csv --json product show A-1", "json"),
        ("--json -o csv product show A-1", "csv"),
        ("product show A-1 -ocsv", "csv"),
    ],
)
def test_global_options_stand_anywhere_and_the_later_one_wins(
    stocked: Shop, line: str, output: str
) -> None:
    result = stocked.run(*line.split(), "--columns", "sku,quantity")
    text = {"json": '{"sku":"A-1","quantity":10}\n', "csv": "sku,quantity\nA-1,10\n"}[output]
    assert (result.code, result.stdout, result.stderr) == (0, text, "")


def test_every_other_global_option_works_on_both_sides(stocked: Shop) -> None:
    before = stocked.run(
        *("--db", stocked.db, "--columns", "sku", "--no-header", "-q", "--color", "never"),
        *("--timeout", "1", "product", "list"),
        env={"INVCTL_DB": "/nowhere"},
    )
    after = stocked.run(
        *("product", "list", "--db", stocked.db, "--columns", "sku", "--no-header"),
        *("-q", "--color", "never", "--timeout", "0.5"),
        env={"INVCTL_DB": "/nowhere"},
    )
    assert (before.code, before.stdout, before.stderr) == (0, "A-1\nB-1\n", "")
    assert after == before
    later = stocked.run("-o", "json", "product", "show", "A-1", "-o", "csv", "--no-header")
    assert later.stdout.startswith("A-1,Widget,")


@pytest.mark.parametrize(
    "line",
    [
        "--columns name product show A-1 --columns sku --columns quantity",
        "product --columns name show --columns sku,quantity A-1",
        "product show A-1 --columns Name,SKU,Quantity",
    ],
)
def test_columns_add_up(stocked: Shop, line: str) -> None:
    done = stocked.run(*line.split(), "-o", "csv")
    assert (done.code, done.stdout) == (0, "name,sku,quantity\nWidget,A-1,10\n")


@pytest.mark.parametrize(
    ("line", "columns", "fields"),
    [
        ("product list", "sku,REORDER AT", "sku,reorder_point"),
        ("product list", "Reorder_Point", "reorder_point"),
        ("stock log", "When,What,Change,Balance,By,id", "occurred_at,kind,delta,quantity,actor,id"),
        ("db check", "Finding", "message"),
        ("product export", "SKU,name", "sku,name"),
    ],
)
def test_columns_go_by_the_titles_of_tables_too(
    stocked: Shop, line: str, columns: str, fields: str
) -> None:
    done = stocked.run(*line.split(), "--columns", columns, "-o", "csv")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == fields


def test_a_column_that_stands_there_twice_is_refused_by_either_name(stocked: Shop) -> None:
    error = stocked.fails(2, "product", "list", "--columns", "sku", "--columns", "SKU")
    assert error["message"] == "--columns: a column stands there twice"


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("stock add A-1 1 --reason a --reason b", "--reason"),
        ("stock add A-1 1 --reason a --reason a", "--reason"),
        ("stock add A-1 1 --dry-run --dry-run", "--dry-run"),
        ("stock log --since 1h --since 2h", "--since"),
        ("product list -n 1 --limit 2", "--limit"),
        ("product list --low --low", "--low"),
        ("product create C-1 --name x --name y", "--name"),
        ("stock apply - --encoding utf-8 --encoding=cp1252", "--encoding"),
    ],
)
def test_an_option_of_a_command_given_twice_is_a_usage_error(
    stocked: Shop, line: str, option: str
) -> None:
    before = stocked.dump()
    error = stocked.fails(2, *line.split())
    assert error["message"] == f"{option} is given more than once"
    assert stocked.dump() == before


@pytest.mark.parametrize(
    "options",
    [["--map", "sku=Code", "--map", "delta=Moved"], ["--map=sku=Code", "--map", "delta=Moved"]],
)
def test_pairs_of_a_foreign_file_add_up(stocked: Shop, options: list[str]) -> None:
    file = stocked.file("moved.csv", "Code,Moved\nA-1,3\n")
    twice = ["--defaults", "reason=sale", "--defaults", "ref=7"]
    assert stocked.run("stock", "apply", file, *options, *twice).code == 0
    last = stocked.json("stock", "history", "A-1")[-1]
    assert (last["delta"], last["reason"], last["ref"]) == (3, "sale", "7")


def test_n_is_limit(stocked: Shop) -> None:
    done = stocked.run("product", "list", "-n1", "--columns", "sku", "--no-header", "-q")
    assert (done.code, done.stdout) == (0, "A-1\n")


BAD_LINES = [
    "nope",
    "product nope",
    "product show",
    "stock history A-1 B-1",
    "product show A-1 --nope",
    "product create C-1",
    "stock add A-1",
    "stock add A-1 x",
    "stock add A-1 -3",
    "stock remove A-1 1 --up-to=3",
    "product list --timeout soon",
    "product list --columns sku,price",
    "init --sku-rule",
    "product show A-1 --nope -o csv",
    "stock history -- --json x",
    "product list -o xml",
]


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_is_a_usage_error_on_stderr(stocked: Shop, line: str) -> None:
    result = stocked.run(*line.split())
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr.startswith("invctl: error: ")


@pytest.mark.parametrize(
    "line",
    [
        "--json product show A-1 --nope",
        "--json nope",
        "-o json nope",
        "-o jsonl product show",
        "-ojson product nope",
        "--output=jsonl product nope",
        "product --json nope",
        "product show --nope -o json",
        "product show --nope A-1 -o jsonl",
        "stock add --json A-1 -3",
        "-o csv product show A-1 --nope --json",
        "product show A-1 --nope -o csv --json",
        "product show A-1 -qo json --nope",
        "product show A-1 -qojson --nope",
        "--json",
        "product --json",
        "--json product show A-1 --columns price",
        "--color sometimes product list --json",
        "--timeout soon product list --json",
        "-o xml product list --json",
    ],
)
def test_a_usage_error_is_json_wherever_the_line_asks_for_it(stocked: Shop, line: str) -> None:
    error = error_of(stocked.run(*line.split()), 2)
    assert (error["code"], error["retryable"]) == ("usage", False)
    assert error["message"]


@pytest.mark.parametrize("line", ["", "product", "stock", "db"])
def test_no_command_shows_help_on_stderr(shop: Shop, line: str) -> None:
    result = shop.run(*line.split())
    assert (result.code, result.stdout) == (2, "")
    assert f"Usage: invctl {line}".rstrip() in result.stderr


def test_help_is_data_on_stdout_and_needs_no_inventory(shop: Shop) -> None:
    root = shop.run("--help")
    assert (root.code, root.stderr) == (0, "")
    for name in ("init", "product", "stock", "db"):
        assert f"  {name} " in root.stdout
    command = shop.run("stock", "remove", "-h")
    assert (command.code, command.stderr) == (0, "")
    for option in ("--up-to", "--reason", "--idempotency-key", "--dry-run", "--json", "--db"):
        assert option in command.stdout
    assert not shop.db.exists()


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_is_one_line(shop: Shop, flag: str) -> None:
    result = shop.run(flag)
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout.startswith("invctl ")
    assert result.stdout.count("\n") == 1
    assert shop.run("product", "list", flag).stdout == result.stdout


def test_the_package_runs_as_a_module(stocked: Shop) -> None:
    python = INVCTL.with_name("python")
    result = stocked.bash(f"'{python}' -m invctl product show A-1 --json")
    assert (result.code, result.stderr) == (0, "")
    assert json.loads(result.out)["quantity"] == 10
    failed = stocked.bash(f"'{python}' -m invctl stock remove A-1 11")
    assert (failed.code, failed.stdout) == (5, "")


@pytest.mark.parametrize("seconds", ["2147484", "9" * 30])
def test_a_wait_may_be_as_long_as_anyone_likes(stocked: Shop, seconds: str) -> None:
    added = stocked.json("stock", "add", "A-1", "1", "--timeout", seconds)
    assert added["quantity"] == 11


def test_each_inventory_that_a_run_opens_says_its_own_warnings(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    call = Invocation()
    one, other = (read_location(str(tmp_path / name), "--db") for name in ("a.db", "b.db"))
    with call.inventory(one, create=True) as first, call.inventory(other, create=True) as second:
        first.warnings.append("of the first")
        second.warnings.append("of the second")
        call.say_warnings(second)
    told = [line for line in capfd.readouterr().err.splitlines() if "warning" in line]
    assert told == ["invctl: warning: of the second", "invctl: warning: of the first"]
