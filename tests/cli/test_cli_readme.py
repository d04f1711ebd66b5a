"""README: what it tells to type runs as it stands, and shows what it says."""

import re
from pathlib import Path

import pytest
from readme import TEXT, block
from shop import INVCTL, Shop

from invctl import __version__
from invctl.cli.help.readme import with_topics

pytestmark = pytest.mark.sqlite("it is about files")

MARK = "<<next>>"
FOLDER = "/home/ann/invctl"
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_FOLD = re.compile(r"((?:^|: )(?:invctl: |replace the ).*)\n  (?=\S)", re.MULTILINE)
_STAMP = re.compile(r"\d{8}T\d{6}Z")


def steps(console: str) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with what it shows."""
    parts = re.split(r"^\$ (.*)\n", console, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def normal(shown: str, folder: Path) -> str:
    """Return what a terminal showed as README's user ann would have seen it, some day."""
    shown = shown.replace(str(folder), FOLDER)
    while (unfolded := _FOLD.sub(r"\1 ", shown)) != shown:
        shown = unfolded  # README's own lines are as long as they are
    return _STAMP.sub("20260202T081500Z", _TIME.sub("2026-02-02 09:15", shown))


def play(shop: Shop, console: str, *, before: str = ":", typed: str = "") -> list[tuple[str, str]]:
    """Type the commands of a console block on a terminal; return them with what it showed."""
    commands = [command for command, _ in steps(console)]
    lines = [before, *(line for command in commands for line in (f"echo '{MARK}'", command))]
    script = shop.file("tour.sh", "\n".join(lines))
    env = {"COLUMNS": "80", "INVCTL_DB": None, "NO_COLOR": "1", "INVCTL_ACTOR": "ann"}
    _, shown = shop.screen("bash", script, typed=typed, env=env)
    parts = shown.split(f"{MARK}\n")[1:]
    return [(c, normal(part, shop.root)) for c, part in zip(commands, parts, strict=True)]


def test_its_topics_are_those_of_invctl_help() -> None:
    how = "`python -m invctl.cli.help.readme` brings it up to date"
    assert with_topics(TEXT) == TEXT, how


def test_its_changes_are_those_of_this_version() -> None:
    assert TEXT.partition("\n## Changes\n\n")[2].startswith(f"{__version__}, since ")


def test_the_tour_shows_what_it_says_from_a_clean_home(shop: Shop) -> None:
    assert play(shop, block("tour")) == steps(block("tour"))


def first_command() -> str:
    """Return what the first command does once `invctl` is installed."""
    parts = block("first command").strip().split(" && ")
    assert parts[:3] == ["python3 -m venv .venv", ". .venv/bin/activate", "pip install -q ."]
    return " && ".join(parts[3:])


@pytest.mark.sweep
def test_the_tour_shows_the_same_where_the_first_command_left_off(shop: Shop) -> None:
    assert play(shop, block("tour"), before=first_command()) == steps(block("tour"))


def test_the_first_command_leaves_a_shell_that_works_on_a_trial(shop: Shop) -> None:
    done = shop.bash(f"{first_command()} && invctl db path", env={"INVCTL_DB": None})
    assert (done.code, done.stdout.splitlines()[-1]) == (0, f"{shop.root}/trial/inventory.db")
    assert not Path(shop.env["XDG_DATA_HOME"]).exists()


@pytest.mark.sweep
def test_backups_show_what_it_says(shop: Shop) -> None:
    script = "; ".join(command for command, _ in steps(block("tour")))
    before = f"{{ {script}; }} >/dev/null 2>&1"
    # A terminal echoes what is typed when it is typed, which here is before all else.
    expected = block("backups").replace("[y/N]: y\n", "[y/N]: ")
    assert play(shop, block("backups"), before=before, typed="y\n") == steps(expected)


@pytest.mark.sweep
def test_places_show_what_it_says(shop: Shop) -> None:
    assert play(shop, block("places")) == steps(block("places"))


CRON = re.search(r"^0 7 \* \* \*  (.*)$", TEXT, re.MULTILINE)
MAIL = '#!/bin/sh\n{ echo "$2"; cat; } > mail\n'


@pytest.mark.parametrize(
    ("point", "db", "subject"),
    [("5", "shop.db", "order these"), ("0", "shop.db", None), ("5", "gone.db", "invctl failed")],
    ids=["low", "not low", "failed"],
)
def test_the_line_for_cron_tells_what_is_low_from_what_failed(
    shop: Shop, point: str, db: str, subject: str | None
) -> None:
    assert CRON
    shop.json(*f"product create A-1 --name x --quantity 5 --reorder-point {point} -q".split())
    shop.file("mail.sh", MAIL).chmod(0o755)
    Path(shop.root, "bin").mkdir()
    Path(shop.root, "bin", "mail").symlink_to(shop.root / "mail.sh")
    path = f"{shop.root}/bin:{INVCTL.parent}:/usr/bin:/bin"
    shop.bash(f"sh -c '{CRON[1].replace(chr(39), chr(34))}'", env={"PATH": path, "INVCTL_DB": db})
    mail = Path(shop.root, "mail")
    assert mail.exists() == (subject is not None)
    if subject:
        assert mail.read_text().startswith(f"{subject}\n")
        assert ("A-1" in mail.read_text()) == (subject == "order these")


@pytest.mark.parametrize(
    ("column", "command", "quantity"), [("Counted", "count", 7), ("Sold", "apply", 3)]
)
def test_its_lines_for_spreadsheets_take_a_sheet_as_it_is(
    stocked: Shop, column: str, command: str, quantity: int
) -> None:
    stocked.file("counted.csv", f"sku;{column}\r\nA-1;7\r\n")
    stocked.file("sales.csv", f"sku,{column}\nA-1,7\n")
    sheets = " ".join(TEXT.split()).partition("### With a spreadsheet")[2]
    line = re.search(rf"`(invctl stock {command} \S+ [^`]*)`", sheets)
    assert line
    done = stocked.bash(line[1])
    assert (done.code, done.stderr) == (0, "")
    assert stocked.json("product", "show", "A-1")["quantity"] == quantity


def script_with(words: str) -> str:
    """Return README's block of shell that has some words in it."""
    blocks = re.findall(r"^```sh\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
    (found,) = (one for one in blocks if words in one)
    return str(found)


@pytest.mark.parametrize(("paid", "left"), [("true", 3), ("false", 5)])
def test_its_cart_is_taken_when_it_is_paid_and_else_given_back(
    shop: Shop, paid: str, left: int
) -> None:
    products = "sku,name,quantity\nTSHIRT-RED-L,T,5\nMUG-BLUE,M,1\n"
    assert shop.run("product", "import", "-", "-q", stdin=products).code == 0
    shop.file("pay", f"#!/bin/sh\n{paid}\n").chmod(0o755)
    done = shop.bash(script_with("./pay"))
    assert (done.code, done.stderr) == (0, ""), done.stdout
    shirt = shop.json("product", "show", "TSHIRT-RED-L")
    assert (shirt["quantity"], shirt["available"]) == (left, left)


def test_its_cart_is_taken_once_though_its_first_run_was_killed(shop: Shop) -> None:
    products = "sku,name,quantity\nTSHIRT-RED-L,T,9\nMUG-BLUE,M,9\n"
    assert shop.run("product", "import", "-", "-q", stdin=products).code == 0
    killed_once = "#!/bin/sh\n[ -e tried ] || { touch tried; kill -9 $PPID; }\n"
    shop.file("pay", killed_once).chmod(0o755)
    assert shop.bash(script_with("./pay")).code == -9
    done = shop.bash(script_with("./pay"))
    assert (done.code, done.stderr) == (0, ""), done.stdout
    shirt = shop.json("product", "show", "TSHIRT-RED-L")
    assert (shirt["quantity"], shirt["held"]) == (7, 0)


@pytest.mark.parametrize("passed", ["true", "false"])
def test_its_bench_is_free_again_whatever_came_of_the_test(shop: Shop, passed: str) -> None:
    shop.json("product", "create", "BENCH", "--name", "Bench", "--quantity", "1", "-q")
    shop.file("test-board", f"#!/bin/sh\n{passed}\n").chmod(0o755)
    done = shop.bash(script_with("./test-board"))
    assert (done.code, done.stderr) == (int(passed == "false"), "")
    assert shop.json("product", "show", "BENCH")["available"] == 1


def test_its_two_files_take_what_lies_where_to_another_inventory(shop: Shop) -> None:
    products = "sku,name,quantity,place\nMILK,Milk,5,\nOLD,Old,2,VAN\nNONE,None,0,\n"
    assert shop.run("product", "import", "-", "-q", stdin=products).code == 0
    came = "sku,delta,place,lot,expires_on\nMILK,3,FRIDGE,L1,2042-06-01\nMILK,2,VAN,L2,\n"
    assert shop.run("stock", "apply", "-", "-q", stdin=came).code == 0
    shop.json("product", "archive", "OLD", "-q")
    done = shop.bash(f"set -e\n{script_with('contents.csv')}")
    assert done.code == 0, done.stderr
    for asked in (("stock", "where"), ("product", "export", "-o", "jsonl"), ("place", "list")):
        assert shop.run("--db", "other.db", *asked).out == shop.run(*asked).out


def test_its_two_files_are_taken_once_though_both_are_taken_again(shop: Shop) -> None:
    products = "sku,name,quantity,place\nMILK,Milk,5,FRIDGE\n"
    assert shop.run("product", "import", "-", "-q", stdin=products).code == 0
    for _ in range(2):
        assert shop.bash(script_with("contents.csv")).code == 0
    assert shop.json("--db", "other.db", "product", "show", "MILK")["quantity"] == 5


def test_its_order_from_cron_is_mailed_once(shop: Shop) -> None:
    levels = ("--quantity", "2", "--reorder-point", "5", "--reorder-to", "9")
    shop.json("product", "create", "A-1", "--name", "x", *levels, "-q")
    found = re.search(r"^0 8 \* \* \*  (.*)$", TEXT, re.MULTILINE)
    assert found
    (shop.root / "bin").mkdir()
    mail = shop.file("bin/mail", "#!/bin/sh\n{ cat; echo; } >> mails\n")
    mail.chmod(0o755)
    line = found[1].replace("~/orders", ".")
    path = f"{shop.root}/bin:{INVCTL.parent}:/usr/bin:/bin"
    for _ in range(2):
        shop.bash(line, env={"PATH": path})
    assert Path(shop.root, "mails").read_text() == "sku,order\nA-1,7\n\n"


def test_its_night_from_cron_is_mailed_only_where_something_is_wrong(stocked: Shop) -> None:
    found = re.search(r"^30 2 \* \* \*  (.*)$", TEXT, re.MULTILINE)
    assert found
    line = found[1].replace("\\%", "%")
    (stocked.root / "home" / "backups").mkdir()
    done = stocked.bash(line)
    assert (done.code, done.out + done.err) == (0, b"")
    stocked.change("UPDATE product SET quantity = 11 WHERE sku = 'A-1'")
    done = stocked.bash(line.partition(" && ")[2])
    assert (done.code, done.out.count(b"\n"), done.err) == (8, 1, b"")
    stocked.change("UPDATE product SET quantity = 10 WHERE sku = 'A-1'")
