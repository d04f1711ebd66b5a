"""What people see: tables, colour, and stored text that cannot act on a terminal."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from shop import Shop

ESC = "\x1b"
LIST = ("product", "list", "-o", "table")


def test_a_terminal_gets_a_table_in_colour_where_low_stock_stands_out(stocked: Shop) -> None:
    code, shown = stocked.terminal("product", "list")
    assert code == 0
    low = next(line for line in shown.splitlines() if "B-1" in line)
    full = next(line for line in shown.splitlines() if "A-1" in line)
    assert ESC in low
    assert ESC not in full
    assert "\t" not in shown


@pytest.mark.parametrize(
    ("options", "env", "colored"),
    [
        ((), {"CLICOLOR": "0"}, False),
        ((), {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "auto"), {"NO_COLOR": "1"}, False),
    ],
)
def test_colour_on_a_terminal_follows_the_flag_and_then_the_environment(
    stocked: Shop, options: tuple[str, ...], env: dict[str, str], colored: bool
) -> None:
    code, shown = stocked.terminal("product", "list", *options, env=env)
    assert code == 0
    assert "B-1" in shown
    assert (ESC in shown) is colored


@pytest.mark.parametrize(
    ("options", "env", "colored"),
    [
        ((), {}, False),
        (("--color", "always"), {}, True),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"CLICOLOR_FORCE": "1"}, True),
        ((), {"FORCE_COLOR": "1", "CLICOLOR": "0"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "never"), {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, False),
    ],
)
def test_colour_in_a_pipe_is_on_only_when_it_is_forced(
    stocked: Shop, options: tuple[str, ...], env: dict[str, str], colored: bool
) -> None:
    result = stocked.run(*LIST, *options, env=env)
    assert (result.code, result.stderr) == (0, "")
    assert (ESC in result.stdout) is colored
    error = stocked.run("product", "show", "NOPE", *options, env=env)
    assert (error.code, error.stdout) == (3, "")
    assert (ESC in error.stderr) is colored


@pytest.mark.parametrize("output", ["json", "jsonl", "csv", "tsv"])
def test_a_machine_format_never_has_colour(stocked: Shop, output: str) -> None:
    env = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm-256color"}
    result = stocked.run("product", "list", "-o", output, "--color", "always", env=env)
    assert (result.code, result.stderr) == (0, "")
    assert ESC not in result.stdout
    if output.startswith("json"):
        failed = stocked.run("product", "show", "NOPE", "-o", output, "--color", "always", env=env)
        assert (failed.code, failed.stdout) == (3, "")
        assert ESC not in failed.stderr


@pytest.mark.parametrize(
    "command", [("--help",), ("stock", "-h"), ("stock", "add", "--help"), ("stock", "add", "--no")]
)
def test_help_and_usage_errors_have_no_escape_when_colour_is_off(
    shop: Shop, command: tuple[str, ...]
) -> None:
    code, shown = shop.terminal(*command, env={"NO_COLOR": "1"})
    assert code == (2 if "--no" in command else 0)
    assert shown
    assert ESC not in shown
    piped = shop.run(*command)
    assert ESC.encode() not in piped.out + piped.err


def test_a_bad_colour_is_a_usage_error(stocked: Shop) -> None:
    assert stocked.fails(2, "product", "list", "--color", "sometimes")["code"] == "usage"


def test_stored_text_is_no_markup_no_emoji_and_no_escape(stocked: Shop) -> None:
    stocked.json("product", "update", "A-1", "--name", "[bold]x[/b] :smile:")
    stocked.json("product", "update", "B-1", "--name", "a\u200eb", "--description", "one\ntwo\tx")
    result = stocked.run(*LIST, "--columns", "sku,name,description", env={"COLUMNS": "120"})
    assert (result.code, result.stderr) == (0, "")
    assert "[bold]x[/b] :smile:" in result.stdout
    assert result.stdout.count("\n") == 3
    assert "one\\ntwo\\tx" in result.stdout
    assert "\u200e" not in result.stdout
    sheet = stocked.run("product", "show", "A-1", "-o", "table")
    assert (sheet.code, sheet.stderr) == (0, "")
    assert "[bold]x[/b] :smile:" in sheet.stdout


@pytest.mark.parametrize("width", ["10", "20", "40"])
def test_a_narrow_table_never_cuts_a_sku_or_a_quantity(shop: Shop, width: str) -> None:
    rows = f"sku,name,quantity\n{'A' * 50},{'long ' * 40},9007199254740991\nB,{'x' * 200},7\n"
    assert shop.run("product", "import", "-", stdin=rows).code == 0
    result = shop.run(*LIST, env={"COLUMNS": width})
    assert (result.code, result.stderr) == (0, "")
    assert "A" * 50 in result.stdout
    assert "9007199254740991" in result.stdout


def test_numbers_of_a_table_are_right_aligned(shop: Shop) -> None:
    rows = "sku,name,quantity\nA,a,12345\nB,b,7\n"
    assert shop.run("product", "import", "-", stdin=rows).code == 0
    first, second = shop.run(*LIST, "--columns", "sku,quantity", "--no-header").stdout.splitlines()
    assert first.index("12345") + 5 == second.index("7") + 1


def test_an_empty_table_says_so_on_stderr(stocked: Shop) -> None:
    result = stocked.run(*LIST, "--search", "nothing")
    assert (result.code, result.stdout) == (0, "")
    assert result.stderr


@pytest.mark.parametrize("width", [40, 60])
def test_what_a_change_did_is_broken_between_words_too(stocked: Shop, width: int) -> None:
    command = ("stock", "remove", "A-1", "3", "--dry-run")
    code, shown = stocked.terminal(*command, env={"COLUMNS": str(width)})
    assert code == 0
    assert max(map(len, shown.splitlines())) <= width
    told = stocked.run(*command, "-o", "table").stdout
    assert told.count("\n") == 1
    assert " ".join(shown.split()) == told.strip()


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_long_question_is_broken_between_words(shop: Shop, answer: str) -> None:
    sku = "A-VERY-LONG-SKU-WITH-ALL-THAT-IS-KNOWN-OF-IT"
    shop.json("product", "create", sku, "--name", "x", "-q")
    env = {"COLUMNS": "50", "NO_COLOR": "1"}
    code, shown = shop.terminal("product", "delete", sku, typed=f"{answer}\n", env=env)
    assert code == (0 if answer == "y" else 7)
    assert f"delete\n  {sku}?\n  [y/N]: " in shown
    refused = " ".join(shown.split()).partition("invctl: error: ")[2]
    said = f"not confirmed: delete {sku}; nothing was changed; --yes does it without being asked"
    assert refused == ("" if answer == "y" else said)


def test_the_end_of_the_keyboard_is_no_to_a_question(stocked: Shop) -> None:
    env = {"COLUMNS": "200", "NO_COLOR": "1"}
    code, shown = stocked.terminal("product", "delete", "B-1", typed="\x04", env=env)
    assert code == 7
    said = "not confirmed: delete B-1; nothing was changed; --yes does it without being asked"
    assert shown.replace("^D\b\b", "") == f"delete B-1? [y/N]: \ninvctl: error: {said}\n"
    assert stocked.json("product", "show", "B-1")["sku"] == "B-1"


def test_a_question_leaves_standard_output_to_the_data(stocked: Shop) -> None:
    line = "invctl product delete B-1 --json > out"
    code, shown = stocked.screen("bash", "-c", line, typed="maybe\nyes\n")
    assert (code, "'maybe' is neither yes nor no" in shown) == (0, True)
    assert (stocked.root / "out").read_text().startswith('{"sku":"B-1"')


def test_a_time_in_a_message_is_local_on_a_terminal(stocked: Shop) -> None:
    due = stocked.json("hold", "create", "A-1", "8")["due_at"]
    env = {"COLUMNS": "200", "NO_COLOR": "1", "TZ": "Asia/Kolkata"}
    code, shown = stocked.terminal("stock", "remove", "A-1", "3", env=env)
    local = datetime.fromisoformat(due).astimezone(ZoneInfo("Asia/Kolkata"))
    assert code == 5
    assert f"are held, the first of them until {local:%Y-%m-%d %H:%M} +05:30; nothing" in shown
    piped = stocked.run("stock", "remove", "A-1", "3", "-o", "table", env=env).stderr
    assert f"the first of them until {due}; nothing" in piped
    wanted = stocked.file("wanted.csv", "sku,amount\nA-1,3\nNONE,1\n")
    shown = stocked.terminal("hold", "create", "--file", str(wanted), env=env)[1]
    assert f"the first of them until {local:%Y-%m-%d %H:%M} +05:30\n" in shown
    given = "2020-01-01T00:00:00.000Z"
    stocked.json("stock", "set", "A-1", "9")
    sheet = stocked.file("sheet.csv", f"sku,counted,counted_at\nA-1,8,{given}\n")
    shown = stocked.terminal("stock", "count", str(sheet), env=env)[1]
    assert "A-1 cannot be what was counted at 2020-01-01 05:30 +05:30:" in shown


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_an_operation_log_is_no_wider_than_the_terminal(stocked: Shop, width: int) -> None:
    rows = "sku,name,quantity\nC-1,New,5\nC-2,Newer,6\nA-1,Renamed,10\n"
    assert stocked.run("product", "import", "-", stdin=rows).code == 0
    stocked.json("undo", "3", "--reason", "mistake", "--ref", "import-17", "--actor", "maria")
    shown = stocked.run("log", "-o", "table", env={"COLUMNS": str(width)})
    assert shown.code == 0
    heading, *lines = shown.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert ("Undone by" in heading, "Undoes" in heading) == (width > 60, width > 60)
    assert lines[2].split()[-1] == {40: "movemen…", 60: "pro…"}.get(width, "4")


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_long_message_is_broken_between_words_and_commands_are_whole(
    shop: Shop, width: int
) -> None:
    env = {"COLUMNS": str(width), "FORCE_COLOR": "1"}
    code, shown = shop.terminal("stock", "receive", "A-1", "5", env=env)
    assert code == 2
    lines = shown.replace("\x1b[1;31merror:\x1b[0m", "error:").splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= width
    assert all(line.startswith("  ") for line in lines[1:])
    assert "`invctl delivery receive`" in shown
    told = shop.run("stock", "receive", "A-1", "5", "-o", "table").stderr
    assert " ".join(line.strip() for line in lines) == told.strip()
