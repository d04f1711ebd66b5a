"""TAB in the real shells, installed as the README says, in a fresh home."""

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Shop
from shells_terminal import Terminal, need, readme_lines

SHELLS = ("bash", "zsh", "fish")
INJECTION = r"x\$(touch PWNED)"
NAMES = {
    "N-1": "-a\tb",
    "N-2": "two\nlines",
    "N-3": "\x1b[31mred\x1b]0;title\x07 [/b]",
    "N-4": INJECTION,
    "N-5": "100% %F{red} %d",
}
HOSTILE = (
    "BANK CHARGES",
    "A$HOME",
    "B'quote",
    'C"quote',
    "D\\back",
    "E:co:lon",
    "F=e=qual",
    "G*star",
    "H#hash",
    "#hash",
    "I(par)",
    "J&amp",
    "K%cent",
    "Lä-日本語",
    "~tilde",
    "M!bang",
    "O`touch PWNED`",
    "P;touch PWNED",
    "Q|r<s>t",
    "U{v,w}?[x]",
    INJECTION,
    "Y@z^",
)

Open = Callable[..., Terminal]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    need("tmux", request.param)
    return str(request.param)


@pytest.fixture
def home(shop: Shop) -> Shop:
    """A shop whose user has nothing but a home; the README speaks of ~/.local/share."""
    del shop.env["XDG_DATA_HOME"]
    return shop


@pytest.fixture
def opened_shell(home: Shop, shell: str) -> Iterator[Terminal]:
    """A shell in a fresh home, where the README's lines for it have been run."""
    install(home, readme_lines(shell))
    terminal = Terminal([shell], home.env, home.root)
    yield terminal
    terminal.close()


def install(shop: Shop, lines: str) -> None:
    done = shop.bash(f"set -e; {lines}")
    assert (done.code, done.stderr) == (0, "")


def fill(shop: Shop, names: dict[str, str]) -> None:
    """Put products into an inventory that takes any SKU, whatever the command would say to them."""
    assert shop.run("init", "--sku-rule", "any").code == 0
    moment = "2026-01-31T09:30:00.000000Z"
    with closing(sqlite3.connect(shop.db)) as connection, connection:
        connection.executemany(
            """INSERT INTO product (sku, name, quantity, created_at, updated_at)
               VALUES (?, ?, 0, ?, ?)""",
            [(sku, name, moment, moment) for sku, name in names.items()],
        )


def last_line(terminal: Terminal, end: str) -> None:
    """Wait until the line that is typed on ends so."""
    terminal.wait(lambda screen: any(line.endswith(end) for line in screen.splitlines()))


def test_the_first_tab_completes_a_command(opened_shell: Terminal) -> None:
    opened_shell.type("invctl pro")
    last_line(opened_shell, "invctl product")


def test_an_option_and_its_value_are_completed(opened_shell: Terminal) -> None:
    opened_shell.type("invctl product list --so")
    last_line(opened_shell, "--sort")
    opened_shell.type("q")
    last_line(opened_shell, "--sort quantity")
    opened_shell.type("--output=js")
    last_line(opened_shell, "--output=json")


def test_several_answers_are_listed(home: Shop, opened_shell: Terminal) -> None:
    fill(home, {"TS-1": "T-shirt, one", "TS-2": "T-shirt, two", "TX-3": "None of these"})
    opened_shell.type("invctl stock add TS")
    last_line(opened_shell, "invctl stock add TS-")
    opened_shell.press("Tab")
    screen = opened_shell.shows("TS-1", "TS-2")
    assert "TX-3" not in screen


@pytest.mark.parametrize("sku", HOSTILE)
def test_a_sku_arrives_at_the_command_as_it_is(
    home: Shop, opened_shell: Terminal, sku: str
) -> None:
    fill(home, dict.fromkeys(("0-none", *HOSTILE), "One of many"))
    start = {"~": r"\~", "#": r"\#", "x": "x"}.get(sku[0], sku[0])
    opened_shell.type(f"invctl product show {start}")
    opened_shell.type("--json > seen", tab=False)
    opened_shell.press("Enter")
    assert json.loads(opened_shell.writes(home.root / "seen"))["sku"] == sku
    assert not (home.root / "PWNED").exists()


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize(
    "sku", [sku for sku in HOSTILE if len(sku) > 1]
)
def test_a_sku_is_completed_within_quotes(
    home: Shop, opened_shell: Terminal, sku: str, quote: str
) -> None:
    fill(home, dict.fromkeys(("0-none", *HOSTILE), "One of many"))
    opened_shell.type(f"invctl product show {quote}{sku[0]}")
    opened_shell.type("--json > seen", tab=False)
    opened_shell.press("Enter")
    assert json.loads(opened_shell.writes(home.root / "seen"))["sku"] == sku
    assert not (home.root / "PWNED").exists()
