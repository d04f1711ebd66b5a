"""TAB in the real shells, on a terminal, installed by the README's lines in a fresh home."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from shells_terminal import Terminal, need, readme_lines
from shop import Shop, new_shop

SHELLS = ("bash", "zsh", pytest.param("fish", marks=pytest.mark.sweep))
INJECTION = r"x\$(touch PWNED)"
HOSTILE_SKUS = (
    "BANK CHARGES",
    "A$HOME",
    "C'quote",
    'D"quote',
    "E\\back",
    "F:co:lon",
    "G=e=qual",
    "H*star",
    "I#hash",
    "#hash",
    "J(par)",
    "K&amp",
    "L%cent",
    "Mä-日本語",
    "~tilde",
    "N!bang",
    "O`touch PWNED`",
    "P;touch PWNED",
    "Q|r<s>t",
    "U{v,w}?[y]^@z",
    INJECTION,
)
HOSTILE_NAMES = {
    "8-1": "-a\tb",
    "8-2": "two\nlines",
    "8-3": "\x1b[31mred\x1b]0;title\x07[/b]",
    "8-4": INJECTION,
    "8-5": "100% %F{red} %d",
}


def install(shop: Shop, lines: str) -> None:
    """Run the README's lines, in a home where there is nothing yet."""
    done = shop.bash(f"set -e; {lines}")
    assert (done.code, done.stderr) == (0, "")


def fill(shop: Shop, names: dict[str, str], **columns: str) -> None:
    """Store products as they are, whatever the command would say to them."""
    if not shop.db.exists():
        assert shop.run("init", "--sku-rule", "any").code == 0
    values = {"quantity": 0, "created_at": "2026-01-31", "updated_at": "2026-01-31", **columns}
    with closing(sqlite3.connect(shop.db)) as connection, connection:
        for sku, name in names.items():
            row = {"sku": sku, "name": name, **values}
            places = ", ".join("?" * len(row))
            statement = f"INSERT INTO product ({', '.join(row)}) VALUES ({places})"  # noqa: S608
            connection.execute(statement, tuple(row.values()))


def home_in(root: Path) -> Shop:
    """Return a shop whose user has nothing but a home: the README speaks of ~/.local/share."""
    shop = new_shop(root)
    del shop.env["XDG_DATA_HOME"]
    return shop


@pytest.fixture(params=SHELLS, scope="module")
def shell(request: pytest.FixtureRequest) -> str:
    need("tmux", request.param)
    return str(request.param)


@pytest.fixture(scope="module")
def place(shell: str, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A home with completion for one shell, and hostile products; its tests only read them."""
    shop = home_in(tmp_path_factory.mktemp(shell))
    install(shop, readme_lines(shell))
    fill(shop, dict.fromkeys(HOSTILE_SKUS, "One of many"))
    fill(shop, HOSTILE_NAMES)
    fill(shop, {"TS-1": "T-shirt, one", "TS-2": "T-shirt, two"})
    fill(shop, {"9-1": "Given up"}, archived_at="2026-01-31")
    shop.file("price list.csv", "sku,name\n")
    return shop


@pytest.fixture(scope="module")
def shared_terminal(shell: str, place: Shop) -> Iterator[Terminal]:
    terminal = Terminal([shell], place.env, place.root)
    yield terminal
    terminal.close()


@pytest.fixture
def terminal(shared_terminal: Terminal, place: Shop) -> Iterator[Terminal]:
    """The shell of this module's tests, at an empty line, whatever the last test left there."""
    shared_terminal.clear()
    yield shared_terminal
    assert not (place.root / "PWNED").exists()


def shown_sku(terminal: Terminal, place: Shop, typed: str) -> object:
    """Complete a SKU, run the command, and return the SKU that arrived."""
    seen = place.root / "seen"
    seen.unlink(missing_ok=True)
    terminal.type(f"invctl product show {typed}")
    terminal.type("--json > seen", tab=False)
    terminal.press("Enter")
    said = terminal.writes(seen)
    terminal.wait_for_prompt()
    return json.loads(said)["sku"]


def test_the_first_tab_completes_a_command(shell: str, place: Shop) -> None:
    terminal = Terminal([shell], place.env, place.root)
    terminal.type("invctl pro")
    terminal.ends("invctl product")
    terminal.close()


def test_an_option_and_its_value_are_completed(terminal: Terminal) -> None:
    terminal.type("invctl product list --so")
    terminal.ends("--sort")
    terminal.type("q")
    terminal.ends("--sort quantity")
    terminal.type("--output=ts")
    terminal.ends("--output=tsv")
    terminal.type("--color al")
    terminal.ends("--color always")


def test_skus_are_listed_with_their_names(shell: str, terminal: Terminal) -> None:
    terminal.type("invctl stock add TS")
    terminal.ends("invctl stock add TS-")
    terminal.press("Tab", "Tab")
    screen = terminal.shows("TS-1", "TS-2")
    assert "BANK" not in screen
    # Readline has no place for descriptions.
    assert shell == "bash" or "T-shirt, two" in screen


def test_a_list_of_fields_goes_on_in_the_same_word(shell: str, terminal: Terminal) -> None:
    terminal.type("invctl stock low --columns quan")
    terminal.ends("--columns quantity")
    if shell != "fish":  # which sets a blank after every word
        terminal.type(",na")
        terminal.ends("--columns quantity,name")


@pytest.mark.parametrize(
    "sku",
    [
        pytest.param(sku, marks=() if number % 14 == 0 else pytest.mark.sweep)
        for number, sku in enumerate(HOSTILE_SKUS)
    ],
)
def test_a_sku_arrives_at_the_command_as_it_is(terminal: Terminal, place: Shop, sku: str) -> None:
    first = f"\\{sku[0]}" if sku[0] in "~#" else sku[0]
    assert shown_sku(terminal, place, first) == sku


@pytest.mark.sweep
@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("sku", [sku for sku in HOSTILE_SKUS if set(sku) & set(" $'\"\\:!`")])
def test_a_sku_is_completed_within_quotes(
    terminal: Terminal, place: Shop, sku: str, quote: str
) -> None:
    assert shown_sku(terminal, place, quote + sku[0]) == sku


@pytest.mark.parametrize(
    "typed",
    [
        *("BANK\\ CH", "F:co:", "G=e"),
        *(pytest.param(typed, marks=pytest.mark.sweep) for typed in ("F:co", "G=e=", '"F:co:')),
    ],
)
def test_a_word_is_taken_up_where_it_stands(terminal: Terminal, place: Shop, typed: str) -> None:
    sku = {"B": "BANK CHARGES", "F": "F:co:lon", "G": "G=e=qual"}[typed.lstrip('"')[0]]
    assert shown_sku(terminal, place, typed) == sku


def test_hostile_names_are_shown_and_do_nothing(shell: str, terminal: Terminal) -> None:
    terminal.type("invctl stock add 8-")
    terminal.press("Tab", "Tab")
    screen = terminal.shows(*HOSTILE_NAMES)
    if shell != "bash":
        for name in (r"-a\tb", r"two\nlines", r"\x1b[31mred\x1b]0;title\x07[/b]", INJECTION):
            assert name in screen
        assert HOSTILE_NAMES["8-5"] in screen


def test_what_a_run_starts_is_completed_and_its_files(terminal: Terminal) -> None:
    terminal.type("invctl hold run TS-1=2 -- truncat")
    terminal.ends("-- truncate")
    terminal.type("pri")
    terminal.ends("price\\ list.csv")


def test_files_are_completed_where_one_is_meant(terminal: Terminal) -> None:
    terminal.type("invctl --db pri")
    terminal.ends("--db price\\ list.csv")
    terminal.type("--db=pri")
    terminal.ends("--db=price\\ list.csv")
    terminal.type("product import pri")
    terminal.ends("import price\\ list.csv")


def test_nothing_is_completed_where_nothing_is_known(terminal: Terminal) -> None:
    terminal.type("invctl product create pri")
    terminal.type("--name pri")
    terminal.type("8-", tab=False)
    terminal.ends("invctl product create pri--name pri8-")


def test_where_skus_are_capitals_small_letters_and_a_true_beginning_are_completed(
    terminal: Terminal, tmp_path: Path
) -> None:
    other = new_shop(tmp_path)
    assert other.run("init").code == 0
    fill(other, {f"BULK-{number:05}": "One of many" for number in range(3000)})
    fill(other, {"TSHIRT-RED-L": "T-shirt"})
    terminal.type(f"invctl stock add --db {other.db} bu")
    terminal.ends(" BULK-0")
    terminal.clear()
    terminal.type(f"invctl stock add --db {other.db} tsh")
    terminal.ends(" TSHIRT-RED-L")


def test_the_inventory_on_the_line_is_asked(terminal: Terminal, tmp_path: Path) -> None:
    other = new_shop(tmp_path)
    fill(other, {"ELSE-1": "Only there"})
    terminal.type(f"invctl stock add --db {other.db} E")
    terminal.ends("ELSE-1")
    terminal.clear()
    terminal.type(f"invctl --db={other.db} stock add E")
    terminal.ends("ELSE-1")
