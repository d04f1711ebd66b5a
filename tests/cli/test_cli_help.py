"""Help that teaches: pages that say what a command takes, examples that run, and topics."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from inventories import copy_inventory
from shop import Result, Shop

from invctl.cli.catalog.code import IMPORT as CODES
from invctl.cli.catalog.imports import IMPORT as PRODUCTS
from invctl.cli.exit_codes import ExitCode
from invctl.cli.help.topics import TOPICS, text
from invctl.cli.stock.apply import APPLY, FITS
from invctl.cli.stock.counting import COUNT
from invctl.models.fields import (
    CODE_COLUMNS,
    COUNT_COLUMNS,
    KEYED_MOVEMENT_COLUMNS,
    MOVEMENT_COLUMNS,
    PRODUCT_COLUMNS,
    PROMISE_COLUMNS,
)

COMMANDS = [
    f"{noun} {verb}"
    for noun, verbs in {
        "product": "create list show update rename archive unarchive delete import export",
        "stock": "add remove move set apply where fits sheet count scan history log low usage undo",
        "hold": "create commit release extend list run",
        "delivery": "expect receive cancel list",
        "place": "list rename remove",
        "code": "add remove list import",
        "db": "info path check backup restore migrate copy",
    }.items()
    for verb in verbs.split()
]
ALONE = ["init", "log", "undo", "serve", "completion", "help"]
GROUPS = ["product", "stock", "hold", "delivery", "place", "code", "db"]
# What never ends, wants a server, or a program that need not be there.
NOT_RUN = {
    "invctl stock log --follow",
    "invctl serve",
    "invctl serve --host 0.0.0.0 --token-file tokens --read-only",
    "invctl db copy postgresql://shop@db.example.org/shop",
    'sqlite3 -readonly "$(invctl db path)" .tables',
}


def section(page: str, title: str) -> list[str]:
    """Return the lines under a title of a page."""
    _, found, rest = page.partition(f"\n{title}")
    assert found, f"there is no {title}"
    return [line.strip() for line in rest.split("\n\n")[0].splitlines()[1:]]


@pytest.fixture(scope="module")
def shirts(make_shop: Callable[[str], Shop]) -> Path:
    """An inventory with what the examples are about."""
    shop = make_shop("shirts")
    create = ["TSHIRT-RED-L", "--name", "T-shirt", "--quantity", "10", "-q"]
    shop.json("product", "create", *create)
    shop.json("stock", "remove", "TSHIRT-RED-L", "1", "-q")
    shop.json("product", "create", "MUG", "--name", "Mug", "--quantity", "5", "-q")
    shop.json("hold", "create", "MUG", "1", "--ref", "cart-0", "--no-expiry", "-q")
    shop.json("delivery", "expect", "MUG", "40", "--ref", "PO-0", "-q")
    shop.json("stock", "add", "MUG", "8", "--to", "SHOP/SHELF-1", "-q")
    shop.json("stock", "add", "MUG", "1", "--to", "VAN", "-q")
    shop.json("stock", "set", "MUG", "0", "--in", "OLD-ROOM", "-q")
    shop.json("code", "add", "MUG", "036000291452", "-q")
    shop.json("product", "create", "TYPO-1", "--name", "typo", "-q")
    return shop.db


@pytest.mark.parametrize("command", [*ALONE, *COMMANDS])
def test_the_examples_in_the_help_run(shop: Shop, shirts: Path, command: str) -> None:
    if command != "product export":
        shop.file("products.csv", "sku,name\nP-1,p\n")
    shop.file("shop.csv", "Item No.,Title,Vendor\nV-1,v,somebody\n")
    shop.file("sales.csv", "sku,delta\nTSHIRT-RED-L,-1\n")
    shop.file("cart.csv", "sku,amount\nTSHIRT-RED-L,1\n")
    shop.file("order.csv", "sku,amount\nTSHIRT-RED-L,7\n")
    shop.file("bom.csv", "sku,delta\nTSHIRT-RED-L,-2\nMUG,-1\n")
    shop.file("counts.csv", "sku,counted\nTSHIRT-RED-L,7\nMUG,12\n")
    shop.file("scans.txt", "TSHIRT-RED-L\n036000291452\n")
    codes = "sku,EAN\nMUG,4006381333931\n"
    shop.file("codes.csv", codes if command == "code import" else "")
    shop.file("counted.csv", "sku,Counted\nTSHIRT-RED-L,7\n")
    Path(shop.env["HOME"], ".zfunc").mkdir()
    if command not in ("init", "product create"):
        copy_inventory(shirts, shop.db)
    if command == "stock count":  # a file counts nothing that lies in places
        shop.run("stock", "move", "MUG", "8", "--from", "SHOP/SHELF-1")
        shop.run("stock", "move", "MUG", "1", "--from", "VAN")
    examples = section(shop.run(*command.split(), "-h").stdout, "Examples:")
    assert len(examples) == 2
    if command == "db restore":
        shop.run("db", "backup", "inventory-2026-01-31.db")
    for line in examples:
        assert f"invctl {command.removeprefix('stock ')}" in line.replace("stock ", "")
        if line not in NOT_RUN:
            done = typed(shop, line)
            assert done.code == 0, f"{line}: {done.stderr}"


def typed(shop: Shop, line: str) -> Result:
    """Run a line as a shell would, without one where the line is but a command's words."""
    if re.fullmatch(r"invctl [\w ./:,=@-]+", line):
        return shop.run(*line.split()[1:])
    return shop.bash(f"set -o pipefail; {line}")


def pages(shop: Shop, **env: str) -> Iterator[tuple[str, str]]:
    """Yield every page of help, by what asks for it."""
    for command in ["", *GROUPS, *ALONE, *COMMANDS]:
        done = shop.run(*command.split(), "--help", env=env)
        assert (done.code, done.stderr) == (0, ""), command
        yield f"invctl {command}".rstrip(), done.stdout


@pytest.mark.sqlite("it opens none")
@pytest.mark.parametrize("columns", ["60", pytest.param("120", marks=pytest.mark.sweep)])
def test_a_page_fits_its_terminal_and_is_plain_text(shop: Shop, columns: str) -> None:
    for path, page in pages(shop, COLUMNS=columns, FORCE_COLOR="1"):
        assert page.isascii(), path
        assert "\x1b" not in page
        assert page.startswith(f"Usage: {path} ")
        examples = section(page, "Examples:") if "\nExamples:" in page else []
        for line in page.splitlines():
            assert len(line) < int(columns) or line.strip() in examples, line


@pytest.mark.sqlite("it opens none")
def test_the_page_of_a_command_names_the_global_options_and_leaves_them_to_the_first(
    shop: Shop,
) -> None:
    shown = dict(pages(shop))
    for path, page in shown.items():
        if path.removeprefix("invctl ") in COMMANDS:
            title = "Global options (`invctl --help` explains them):"
            (line,) = section(page, title)
            names = "--db -o --json --columns --no-header -q --color --timeout -V -h"
            assert line.split() == names.split()
            assert "INVCTL_DB" not in page
            assert section(page, "Exit codes")[0].split() == ["0", "done"]
    first = shown["invctl"]
    assert "INVCTL_DB" in first
    for topic in TOPICS:
        assert topic in first


@pytest.mark.sqlite("it opens none")
def test_the_page_of_what_runs_a_command_tells_what_becomes_of_it(shop: Shop) -> None:
    page = shop.run("hold", "run", "--help").stdout
    assert page.startswith("Usage: invctl hold run [OPTIONS] SKU[=N]... -- COMMAND [ARG...]\n")
    assert "COMMAND [ARG...]" in section(page, "Arguments:")[-2]
    codes = [
        line.split()[0] for line in section(page, "Exit codes") if re.match("[0-9]|else", line)
    ]
    assert codes == ["0", "3", "4", "5", "126", "127", "128+N", "else"]


@pytest.mark.sqlite("it opens none")
def test_the_pages_of_files_explain_each_of_their_columns(shop: Shop) -> None:
    assert list(PRODUCTS.columns) == list(PRODUCT_COLUMNS)
    assert list(APPLY.columns) == list(KEYED_MOVEMENT_COLUMNS)
    assert list(FITS.columns) == list(MOVEMENT_COLUMNS)
    assert list(COUNT.columns) == list(COUNT_COLUMNS)
    assert list(CODES.columns) == list(CODE_COLUMNS)
    page = shop.run("stock", "apply", "--help").stdout
    told = {line.split()[0] for line in section(page, "Columns of the file")}
    assert set(KEYED_MOVEMENT_COLUMNS) <= told


@pytest.mark.sqlite("it opens none")
@pytest.mark.parametrize("path", ["", "product", "stock remove", "db check", "help", "init"])
def test_help_of_a_command_is_its_page(shop: Shop, path: str) -> None:
    asked = shop.run("help", *path.split())
    assert asked == shop.run(*path.split(), "--help")
    assert (asked.code, asked.stderr) == (0, "")


@pytest.mark.sqlite("it opens none")
@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_told_in_lines_that_fit(shop: Shop, topic: str, columns: int) -> None:
    done = shop.run("help", topic, env={"COLUMNS": str(columns)})
    assert (done.code, done.stderr) == (0, "")
    for line in done.stdout.splitlines():
        # What is to be copied is not broken.
        assert len(line) < columns or line.startswith("  ") or " " not in line.strip()
    words = "".join(done.stdout.replace("`", "").split())
    for paragraph in text(topic).split("\n\n"):
        if paragraph[0].isalpha():
            assert "".join(paragraph.replace("`", "").split()) in words


@pytest.mark.sqlite("it opens none")
@pytest.mark.parametrize(
    ("of", "columns"),
    [
        ("Products", PRODUCT_COLUMNS),
        ("Movements", MOVEMENT_COLUMNS),
        ("Counts", COUNT_COLUMNS),
        ("Codes", CODE_COLUMNS),
        ("Codes", PROMISE_COLUMNS),
    ],
)
def test_the_topic_of_files_has_all_their_columns(of: str, columns: dict[str, str]) -> None:
    (told,) = re.findall(rf"^- {of} (.*?)\n(?:- |\n)", text("files"), re.DOTALL | re.MULTILINE)
    words = {word for code in re.findall("`([^`]*)`", told) for word in code.split(",")}
    assert columns.keys() <= words


def test_the_topic_of_exit_codes_has_them_all() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", text("exit-codes"), re.MULTILINE)
    errors = set(ExitCode) - {ExitCode.SUCCESS, ExitCode.CHECK_SAID_YES, ExitCode.INTERRUPTED}
    assert {word: int(code) for code, word in rows} == {e.name.lower(): e for e in errors}


UNKNOWN = {
    "help product lst": "did you mean `invctl help product list`?",
    "help receive": "did you mean `invctl help delivery receive` or `invctl help stock add`?",
    "help exit": "did you mean `invctl help exit-codes`?",
    "help stock sell": "did you mean `invctl help stock remove`?",
    "help find": "did you mean `invctl help product list`?",
    "help excel": "did you mean `invctl help files`?",
    "help spreadsheet": "did you mean `invctl help files`?",
    "help csv": "did you mean `invctl help files` or `invctl help formats`?",
    "help cron": "did you mean `invctl help scripts` or `invctl help promises`?",
    "help frobnicate": "`invctl help` lists the commands and topics",
}


@pytest.mark.sqlite("it opens none")
@pytest.mark.parametrize("line", UNKNOWN)
def test_help_of_what_is_not_there_says_what_is(shop: Shop, line: str) -> None:
    done = shop.run(*line.split())
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.endswith(f"; {UNKNOWN[line]}\n")


def test_alone_on_a_new_machine_it_says_what_to_type_first(shop: Shop) -> None:
    first = shop.run()
    assert (first.code, first.stdout) == (2, "")
    assert "There is no inventory yet." in first.stderr
    line = first.stderr.partition("with a first product:\n")[2].splitlines()[0]
    assert shop.bash(line).code == 0
    narrow = shop.run(env={"INVCTL_DB": f"{shop.root}/other.db", "COLUMNS": "50"})
    assert "with\na first product:\n" in narrow.stderr
    second = shop.run()
    assert (second.code, second.stdout) == (2, "")
    assert "no inventory" not in second.stderr


@pytest.mark.sqlite("it opens none")
def test_alone_with_a_setting_that_is_wrong_it_still_shows_help(shop: Shop) -> None:
    done = shop.run(env={"INVCTL_DB": "mysql://x"})
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: invctl ")
