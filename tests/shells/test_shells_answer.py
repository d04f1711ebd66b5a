"""`invctl __complete`: what it answers, what it leaves alone, and how little it loads."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from shop import INVCTL, Shop, new_shop

from invctl.cli.completion import reading
from invctl.settings import locate

NOTHING = [":4"]
FILES = [":0"]
FULL = 100
ENDLESS = """
PRAGMA foreign_keys = OFF; DROP TABLE movement; DROP TABLE product;
CREATE VIEW product AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    SELECT 'A' || i AS sku, 'x' AS name, NULL AS archived_at FROM n;
"""


@pytest.fixture(scope="module")
def some_products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inventory of `filled`, made once by the command itself."""
    shop = new_shop(tmp_path_factory.mktemp("some"))
    assert shop.run("init", "--sku-rule", "any").code == 0
    lines = "sku,name\nA-1,Widget\nA-2,Gadget\nB 1,Blank\nZ-9,Given up\n"
    assert shop.run("product", "import", "-", stdin=lines).code == 0
    assert shop.run("product", "archive", "Z-9").code == 0
    return shop.db


@pytest.fixture
def filled(shop: Shop, some_products: Path) -> Shop:
    """A shop with some products in use and an archived one, where any SKU may be made."""
    shutil.copy(some_products, shop.db)
    return shop


def answer(shop: Shop, *words: str, **env: str | None) -> list[str]:
    """Return the lines of an answer; whatever happens, nothing else is said or left behind."""
    before = sorted(path.name for path in shop.root.iterdir())
    result = shop.run("__complete", *words, env=env)
    assert (result.code, result.stderr) == (0, "")
    assert sorted(path.name for path in shop.root.iterdir()) == before
    return result.stdout.splitlines()


def values(lines: list[str]) -> list[str]:
    assert lines[-1] == ":4"
    return [line.split("\t")[0] for line in lines[:-1]]


def many_products(shop: Shop, count: int) -> list[str]:
    skus = [f"BULK-{number:05}" for number in range(count)]
    lines = "".join(f"{sku},Name\n" for sku in skus)
    assert shop.run("product", "import", "-", stdin=f"sku,name\n{lines}").code == 0
    return skus


def test_commands_come_with_what_they_do(shop: Shop) -> None:
    assert values(answer(shop, "")) == [
        *("init", "product", "stock", "hold", "delivery", "place", "code", "db", "log", "undo"),
        *("serve", "completion", "help"),
    ]
    assert answer(shop, "stock", "ad") == ["add\tAdd units to a product's stock.", ":4"]
    assert answer(shop) == answer(shop, "")


def test_places_and_lots_stand_where_one_is_asked_for(filled: Shop) -> None:
    filled.run("stock", "add", "A-1", "1", "--to", "VAN/BOX", "--lot", "L1")
    filled.run("stock", "add", "A-1", "1", "--to", "SHOP")
    for words in (
        ("stock", "sheet", "--place"),
        ("stock", "count", "--place"),
        ("stock", "scan", "--place"),
        ("stock", "scan", "--from"),
        ("stock", "scan", "--to"),
    ):
        assert values(answer(filled, *words, "V")) == ["VAN/BOX"]
    assert values(answer(filled, "stock", "remove", "A-1", "1", "--lot", "")) == ["L1"]


def test_a_log_is_offered_the_lots_of_all_products_also_what_is_gone(filled: Shop) -> None:
    filled.run("stock", "add", "A-1", "1", "--to", "VAN", "--lot", "L1")
    filled.run("stock", "remove", "A-1", "1", "--from", "VAN")
    assert values(answer(filled, "stock", "remove", "A-1", "1", "--lot", "")) == []
    assert values(answer(filled, "stock", "log", "--lot", "")) == ["L1"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("product", "list", "--so"), ["--sort"]),
        (("product", "list", "--sort", ""), ["sku", "name", "quantity", "updated"]),
        (("product", "list", "--sort=n"), ["--sort=name"]),
        (("stock", "low", "-o", "j"), ["json", "jsonl"]),
        (("stock", "low", "-oj"), ["-ojson", "-ojsonl"]),
        (("stock", "low", "-qoj"), ["-qojson", "-qojsonl"]),
        (("--output", "cs"), ["csv"]),
        (("--color", ""), ["auto", "always", "never"]),
        (("init", "--sku-rule", ""), ["strict", "any"]),
        (("completion", ""), ["bash", "zsh", "fish", "powershell"]),
        (("stock", "low", "--exit"), ["--exit-code"]),
        (("stock", "low", "--exit-code", "--exit"), []),
        (("-o", "json", "--outp"), []),
        (("stock", "add", "A-1", "5", "--rea"), ["--reason"]),
        (("stock", "low", "-q"), ["-q"]),
        (("stock", "add", "A-1", ""), []),
        (("product", "create", ""), []),
        (("product", "create", "X", "--name", ""), []),
        (("product", "create", "X", "--name", "--quan"), []),
        (("nonsense", ""), []),
        (("product", "nonsense", ""), []),
        (("stock", "low", "--nonsense", "--exit"), ["--exit-code"]),
        (("stock", "low", "--", "--exit"), []),
    ],
)
def test_options_and_their_values(shop: Shop, words: tuple[str, ...], offered: list[str]) -> None:
    assert values(answer(shop, *words)) == offered


def test_what_undo_refuses_is_not_offered_to_it(stocked: Shop) -> None:
    stocked.json("code", "add", "A-1", "BOX")
    stocked.json("hold", "create", "A-1", "1")
    stocked.json("hold", "release", "1")
    offered = [one.partition("\t")[0] for one in answer(stocked, "undo", "")]
    assert offered == ["4", "2", "1", ":4"]


def test_codes_that_there_are_can_be_removed(stocked: Shop) -> None:
    stocked.json("code", "add", "A-1", "BOX")
    assert answer(stocked, "code", "remove", "B") == ["BOX\tA-1", ":4"]
    assert answer(stocked, "code", "add", "A-1", "B") == [":4"]
    many = "".join(f"B-1,4{number:04}\n" for number in range(2000))
    assert stocked.run("code", "import", "-", "-q", stdin=f"sku,code\n{many}").code == 0
    offered = values(answer(stocked, "code", "remove", "4"))
    assert (offered[0], offered[-1], len(offered)) == ("40000", "41999", 100)


def test_where_several_skus_may_stand_each_is_completed(stocked: Shop) -> None:
    for command in (("product", "archive"), ("product", "show"), ("hold", "run")):
        assert values(answer(stocked, *command, "A-1", "B")) == ["B-1"]
        assert values(answer(stocked, *command, "A-1", "")) == ["B-1"]


def test_what_stands_on_the_line_is_not_offered_again(filled: Shop) -> None:
    assert values(answer(filled, "product", "archive", "A-2", "A")) == ["A-1"]
    assert values(answer(filled, "product", "unarchive", "Z-9", "")) == []
    assert values(answer(filled, "hold", "run", "A-1=2", "A")) == ["A-2"]


def test_but_for_the_last_of_too_many_which_the_shell_must_know(shop: Shop) -> None:
    skus = many_products(shop, FULL + 1)
    offered = values(answer(shop, "product", "archive", skus[-1], "B"))
    assert offered == [*skus[: FULL - 1], skus[-1]]


def test_options_are_offered_where_no_argument_is_left(shop: Shop) -> None:
    offered = values(answer(shop, "product", "list", ""))
    assert {"--search", "--sort", "--output", "--help"} <= set(offered)
    assert all(name.startswith("--") for name in offered)


@pytest.mark.parametrize(
    "words",
    [
        ("--db", ""),
        ("--db=sh",),
        ("stock", "add", "--db", ""),
        ("product", "import", ""),
        ("product", "export", ""),
        ("stock", "apply", "--each", ""),
    ],
)
def test_the_shell_completes_files(shop: Shop, words: tuple[str, ...]) -> None:
    assert answer(shop, *words) == FILES


@pytest.mark.parametrize(
    "command",
    [
        "product update",
        "product rename",
        "product archive",
        "product delete",
        "stock add",
        "stock remove",
        "stock set",
    ],
)
def test_skus_in_use_come_with_their_names(filled: Shop, command: str) -> None:
    noun, verb = command.split()
    expected = ["A-1\tWidget", "A-2\tGadget", "B 1\tBlank", ":4"]
    assert answer(filled, noun, verb, "") == expected
    assert answer(filled, noun, verb, "A") == [*expected[:2], ":4"]
    assert answer(filled, noun, verb, "a") == NOTHING


def test_small_letters_are_completed_where_skus_are_capitals(shop: Shop) -> None:
    for sku in ("TS-1", "TS-2", "MUG"):
        shop.json("product", "create", sku, "--name", "x", "-q")
    assert values(answer(shop, "stock", "add", "ts")) == ["TS-1", "TS-2"]
    assert values(answer(shop, "stock", "add", "Mu")) == ["MUG"]
    assert values(answer(shop, "stock", "add", "x")) == []


def test_archived_skus_come_where_they_are_meant(filled: Shop) -> None:
    assert values(answer(filled, "product", "unarchive", "")) == ["Z-9"]
    everything = ["A-1", "A-2", "B 1", "Z-9"]
    assert values(answer(filled, "product", "show", "")) == everything
    assert values(answer(filled, "stock", "history", "")) == everything


def test_only_the_first_argument_is_an_existing_sku(filled: Shop) -> None:
    assert answer(filled, "product", "rename", "A-1", "A") == NOTHING


@pytest.mark.parametrize(
    ("count", "typed"), [(FULL, "BULK"), (FULL + 1, "BULK"), (3000, "B"), (3000, "bulk-01")]
)
def test_what_the_skus_of_an_answer_have_in_common_all_have(
    shop: Shop, count: int, typed: str
) -> None:
    skus = many_products(shop, count)
    offered = values(answer(shop, "stock", "add", typed))
    meant = [sku for sku in skus if sku.startswith(typed.upper())]
    assert len(offered) == FULL
    assert offered[:-1] == meant[: FULL - 1]
    assert offered[-1] == meant[-1]
    # Character by character, as shells do.
    assert os.path.commonprefix(offered) == os.path.commonprefix(meant)  # noqa: RUF071


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("stock", "low", "--columns", "q"), ["quantity"]),
        (("stock", "low", "--columns=sku,q"), ["--columns=sku,quantity"]),
        (("stock", "low", "--columns", "sku,s"), []),
        (("stock", "log", "--columns", "re"), ["reason", "ref", "recorded_at"]),
        (("--columns", ""), []),
        (("stock", "apply", "--map", "a"), ["action=", "amount="]),
        (("stock", "apply", "--map", "action=Verb,a"), ["action=Verb,amount="]),
        (("stock", "apply", "--map", "action=Verb,sku=S"), []),
        (("product", "import", "--defaults=q"), ["--defaults=quantity="]),
    ],
)
def test_lists_of_fields_and_columns_go_on_without_a_blank(
    shop: Shop, words: tuple[str, ...], offered: list[str]
) -> None:
    lines = answer(shop, *words)
    assert lines[:-1] == offered
    assert lines[-1] == ":6"


def test_help_is_completed_by_commands_and_topics(shop: Shop) -> None:
    assert {"stock", "init", "exit-codes", "times"} <= set(values(answer(shop, "help", "")))
    assert values(answer(shop, "help", "stock", "un")) == ["undo"]
    assert values(answer(shop, "help", "ex")) == ["exit-codes"]
    assert values(answer(shop, "help", "exit-codes", "")) == []
    assert values(answer(shop, "help", "stock", "undo", "")) == []


def test_reasons_in_use_are_completed(filled: Shop) -> None:
    for reason in ("sale", "damage", "sale"):
        filled.json("stock", "add", "A-1", "1", "--reason", reason, "-q")
    assert values(answer(filled, "stock", "remove", "A-1", "1", "--reason", "")) == [
        "damage",
        "sale",
    ]
    assert values(answer(filled, "stock", "log", "--reason=s")) == ["--reason=sale"]


def test_who_acted_and_for_what_is_completed_where_it_is_asked_for(filled: Shop) -> None:
    for actor, ref in (("till 1", "1001"), ("ann", "1002"), ("ann", "1002")):
        filled.json("stock", "add", "A-1", "1", "--actor", actor, "--ref", ref)
    assert {"ann", "till 1"} <= set(values(answer(filled, "log", "--actor", "")))
    assert values(answer(filled, "stock", "add", "A-1", "1", "--actor", "ti")) == ["till 1"]
    assert values(answer(filled, "stock", "log", "--ref", "1")) == ["1001", "1002"]
    assert values(answer(filled, "stock", "add", "A-1", "1", "--ref", "1")) == []


def test_a_ref_whose_letters_are_joined_is_offered_as_any_other(filled: Shop) -> None:
    joined = "क्\u200dष 1"
    filled.json("stock", "add", "A-1", "1", "--ref", joined)
    assert values(answer(filled, "stock", "log", "--ref", "क")) == [joined]


def test_what_a_scanner_may_do_is_completed(shop: Shop) -> None:
    modes = values(answer(shop, "stock", "scan", "--mode", ""))
    assert modes == ["remove", "add", "count", "show"]


def test_open_holds_and_deliveries_come_with_what_they_are_of(filled: Shop) -> None:
    filled.json("stock", "add", "A-1", "9")
    for amount in ("2", "3", "4"):
        filled.json("hold", "create", "A-1", amount, "--no-expiry")
    filled.json("hold", "release", "2")
    filled.json("delivery", "expect", "A-2", "40", "--by", "2099-01-31T10:00")
    filled.json("delivery", "receive", "4", "15")
    for verb in ("commit", "release", "extend"):
        assert answer(filled, "hold", verb, "") == ["3\t4 of A-1", "1\t2 of A-1", ":4"]
    assert answer(filled, "hold", "commit", "1") == ["1\t2 of A-1", ":4"]
    for verb in ("receive", "cancel"):
        due = "4\t25 of A-2, due 2099-01-31 10:00"
        assert answer(filled, "delivery", verb, "") == [due, ":4"]


def test_behind_the_dashes_of_a_run_stands_a_program(filled: Shop) -> None:
    folder = filled.root / "bin"
    folder.mkdir()
    for name in ("lift", "lift.txt", "A-program", "line\nend", "long name"):
        filled.file(f"bin/{name}", "").chmod(0o644 if name == "lift.txt" else 0o755)
    (folder / "lifts").mkdir()
    path = f"{folder}:/nowhere:{folder}"
    run = ("hold", "run", "A-1=2", "--")
    assert answer(filled, *run, "li", PATH=path) == ["lift", ":4"]
    assert answer(filled, *run, "", PATH=path) == ["A-program", "lift", "long name", ":4"]
    for words in (("./li",), ("nothing",), ("lift", ""), ("lift", "--", "A"), ("lift", "-")):
        assert answer(filled, *run, *words, PATH=path) == FILES
    assert answer(filled, "hold", "run", "--for", "1h", "A", PATH=path)[-2:] == [
        "A-2\tGadget",
        ":4",
    ]
    assert answer(filled, "product", "show", "--", "A-1", PATH=path) == ["A-1\tWidget", ":4"]


def test_refs_of_what_is_open_come_with_what_they_are_of(filled: Shop) -> None:
    filled.json("stock", "add", "A-1", "9", "--ref", "not-a-promise")
    for amount, ref in (("1", "cart-1"), ("2", "cart-2"), ("3", "cart-2"), ("1", "closed")):
        filled.json("hold", "create", "A-1", amount, "--ref", ref)
    filled.json("hold", "release", "--ref", "closed")
    filled.json("delivery", "expect", "A-2", "40", "--ref", "PO 1")
    for verb in ("commit", "release", "extend", "list"):
        held = ["cart-2\t2 holds", "cart-1\t1 of A-1", ":4"]
        assert answer(filled, "hold", verb, "--ref", "") == held
    assert answer(filled, "hold", "commit", "--ref=cart-1") == ["--ref=cart-1\t1 of A-1", ":4"]
    for verb in ("receive", "cancel", "list"):
        assert answer(filled, "delivery", verb, "--ref", "P") == ["PO 1\t40 of A-2", ":4"]
    assert answer(filled, "hold", "create", "A-1", "1", "--ref", "") == [":4"]


def test_operations_come_with_what_they_did_the_last_one_first(filled: Shop) -> None:
    filled.json("stock", "add", "A-2", "1", "--at", "2h")
    lines = "sku,delta\nB 1,1\nA-1,1\n"
    assert filled.run("stock", "apply", "-", "-q", stdin=lines).code == 0
    undone = filled.json("stock", "add", "A-1", "1")["operation"]
    undo = filled.json("stock", "undo", str(undone))["operation"]
    filled.json("product", "update", "A-1", "--name", "Changed", "--reorder-point", "1")
    offered = answer(filled, "stock", "undo", "", TZ="Asia/Kolkata")
    assert offered.pop() == ":4"
    numbers, told = zip(*(line.split("\t") for line in offered), strict=True)
    assert numbers[0] == str(undo + 1)
    assert str(undone) not in numbers
    assert [one.rpartition(", ")[0] for one in told] == [
        "update A-1",
        "undo A-1",
        "apply B 1 and more",
        "add A-2",
        "archive Z-9",
        "import A-1 and more",
    ]
    today = filled.bash("TZ=Asia/Kolkata date +%Y-%m-%d").stdout.strip()
    assert all(one.rpartition(", ")[2].startswith(today) for one in told)
    assert values(answer(filled, "stock", "undo", str(undo))) == [str(undo)]


def test_a_prefix_is_no_pattern(tolerant: Shop) -> None:
    for sku in ("A%B", "AxB", "A_B", "日本", "日本語"):
        assert tolerant.run("product", "create", sku, "--name", "x").code == 0
    assert values(answer(tolerant, "stock", "add", "A%")) == ["A%B"]
    assert values(answer(tolerant, "stock", "add", "A_")) == ["A_B"]
    assert values(answer(tolerant, "stock", "add", "日")) == ["日本", "日本語"]


def store(shop: Shop, sku: str, name: str) -> None:
    """Put a product past the command and its checks, as a hostile file would have it."""
    with closing(sqlite3.connect(shop.db)) as connection, connection:
        connection.execute(
            """INSERT INTO product (sku, name, quantity, created_at, updated_at)
               VALUES (?, ?, 0, '', '')""",
            (sku, name),
        )


def test_hostile_texts_stay_on_their_line(tolerant: Shop) -> None:
    store(tolerant, "A-1", "tab\tnewline\nreturn\resc\x1b[31m csi\x9b bidi\u202e [/b] $(touch P)")
    store(tolerant, "B\nrm -rf", "not offered at all")
    store(tolerant, "C\x1b[31m", "nor this")
    store(tolerant, ":0", "no directive")
    assert answer(tolerant, "stock", "add", "") == [
        ":0\tno directive",
        r"A-1" "\t" r"tab\tnewline\nreturn\resc\x1b[31m csi\x9b bidi\u202e [/b] $(touch P)",
        ":4",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("--db", "{}", "stock", "add", ""),
        ("stock", "--db", "{}", "add", ""),
        ("stock", "add", "--db", "{}", ""),
        ("stock", "add", "--db={}", ""),
        ("--db", "elsewhere.db", "stock", "add", "--db", "{}", ""),
        ("--db", "sqlite:///{}", "stock", "add", "A"),
    ],
)
def test_the_inventory_of_the_line_is_read(filled: Shop, words: tuple[str, ...]) -> None:
    line = [word.format(filled.db) for word in words]
    assert "A-1" in values(answer(filled, *line, INVCTL_DB="/nowhere"))


def test_the_default_inventory_is_read(filled: Shop) -> None:
    place = Path(filled.env["HOME"], ".local/share/invctl")
    place.mkdir(parents=True)
    (place / "inventory.db").write_bytes(filled.db.read_bytes())
    assert "A-1" in values(answer(filled, "stock", "add", "", INVCTL_DB="", XDG_DATA_HOME=None))


@pytest.mark.parametrize("flag", [None, "a.db", "~/a.db", "sqlite:///a%20b.db", "sqlite:////a/b"])
@pytest.mark.parametrize("variable", ["", "b.db", "sqlite:///b.db"])
@pytest.mark.parametrize("data", [None, "", "/data", "relative", " "])
def test_it_looks_where_every_command_does(
    monkeypatch: pytest.MonkeyPatch, flag: str | None, variable: str, data: str | None
) -> None:
    monkeypatch.setenv("INVCTL_DB", variable)
    monkeypatch.setenv("HOME", "/home/ann")
    if data is None:
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_DATA_HOME", data)
    assert reading.locate(flag) == os.path.realpath(locate(flag).shown)


@pytest.mark.parametrize(
    "url", ["postgresql://user@127.0.0.1:1/x", "postgres://x", "postgresql+psycopg://x/y"]
)
def test_on_postgresql_there_are_commands_and_options(shop: Shop, url: str) -> None:
    assert answer(shop, "stock", "add", "A", INVCTL_DB=url) == NOTHING
    assert answer(shop, "--db", url, "stock", "add", "") == NOTHING
    assert values(answer(shop, "--db", url, "stock", "ad")) == ["add"]


@pytest.mark.parametrize(
    "content",
    [b"", b"no database, but long enough for a header\n" * 10, b"SQLite format 3\x00" + bytes(200)],
)
def test_another_file_is_passed_over(shop: Shop, content: bytes) -> None:
    shop.file("other.db", content)
    assert answer(shop, "--db", "other.db", "stock", "add", "") == NOTHING


def test_a_missing_inventory_is_not_made(shop: Shop) -> None:
    assert answer(shop, "stock", "add", "") == NOTHING


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:5000],
        lambda whole: whole[:100] + whole[:99:-1],
        lambda whole: whole[:4096] + bytes(len(whole) - 4096),
    ],
    ids=["cut", "garbled", "zeroed"],
)
def test_a_damaged_inventory_is_passed_over(filled: Shop, damage: Callable[[bytes], bytes]) -> None:
    filled.file("damaged.db", damage(filled.db.read_bytes()))
    assert answer(filled, "--db", "damaged.db", "stock", "add", "") == NOTHING


def test_a_view_without_an_end_is_given_up(filled: Shop) -> None:
    hostile = filled.file("hostile.db", filled.db.read_bytes())
    with closing(sqlite3.connect(hostile)) as connection:
        connection.executescript(ENDLESS)
    assert answer(filled, "--db", "hostile.db", "stock", "add", "") == NOTHING


@pytest.mark.parametrize("path", ["", ".", "missing/x.db", "nul\\", "/dev/zero", "/dev/tty", "a:b"])
def test_a_path_that_is_no_file_is_passed_over(shop: Shop, path: str) -> None:
    assert shop.run("__complete", "--db", path, "stock", "add", "").code == 0
    assert answer(shop, "--db", path or ".", "stock", "add", "") == NOTHING


def test_a_pipe_in_place_of_the_file_is_not_waited_for(shop: Shop) -> None:
    os.mkfifo(shop.db)
    assert answer(shop, "stock", "add", "") == NOTHING
    shop.db.unlink()


@pytest.mark.parametrize("setting", ["bad://url", "sqlite://", "sqlite:///"])
def test_a_bad_setting_is_passed_over(shop: Shop, setting: str) -> None:
    result = shop.run("__complete", "stock", "add", "", env={"INVCTL_DB": setting})
    assert (result.code, result.out, result.err) == (0, b"", b"")


@pytest.mark.parametrize(
    "words",
    [(b"stock", b"add", b"\xff"), (b"\xff", b""), (b"--db", b"\xff", b"stock", b"add", b"")],
)
def test_bytes_that_are_no_text_are_passed_over(filled: Shop, words: tuple[bytes, ...]) -> None:
    result = filled.run("__complete", *words)
    assert (result.code, result.err) == (0, b"")


def test_it_answers_while_another_process_writes(filled: Shop) -> None:
    with closing(sqlite3.connect(filled.db, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE product SET name = 'changed' WHERE sku = 'A-1'")
        assert answer(filled, "stock", "add", "A-1") == ["A-1\tWidget", ":4"]
        writer.execute("COMMIT")
        assert answer(filled, "stock", "add", "A-1") == ["A-1\tchanged", ":4"]


def test_it_answers_while_writers_come_and_go(filled: Shop) -> None:
    loop = f"while [ ! -e stop ]; do {INVCTL} stock add A-1 1 -q; done"
    writer = subprocess.Popen(["bash", "-c", loop], env=filled.env, cwd=filled.root)
    said = [filled.run("__complete", "stock", "add", "A-1") for _ in range(30)]
    filled.file("stop", "")
    assert writer.wait() == 0
    assert {(result.code, result.err) for result in said} == {(0, b"")}
    # The log that goes with its last writer must not take the answer with it.
    assert sum(result.out == b"A-1\tWidget\n:4\n" for result in said) >= 28
    assert not Path(f"{filled.db}-wal").exists()


def test_it_reads_the_log_that_a_killed_process_left(filled: Shop) -> None:
    code = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("UPDATE product SET name = 'in the log' WHERE sku = 'A-1'")
connection.commit()
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code, filled.db], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert Path(f"{filled.db}-wal").stat().st_size > 0
    before = filled.db.read_bytes(), Path(f"{filled.db}-wal").read_bytes()
    assert answer(filled, "stock", "add", "A-1") == ["A-1\tin the log", ":4"]
    assert (filled.db.read_bytes(), Path(f"{filled.db}-wal").read_bytes()) == before


def test_it_reads_a_database_without_a_log(filled: Shop) -> None:
    with closing(sqlite3.connect(filled.db)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    assert answer(filled, "stock", "add", "A-1") == ["A-1\tWidget", ":4"]


def test_it_neither_writes_nor_needs_to(filled: Shop) -> None:
    filled.db.chmod(0o400)
    filled.root.chmod(0o500)
    before = filled.db.stat()
    assert answer(filled, "stock", "add", "A-1") == ["A-1\tWidget", ":4"]
    after = filled.db.stat()
    filled.root.chmod(0o700)
    assert (after.st_mtime_ns, after.st_ctime_ns) == (before.st_mtime_ns, before.st_ctime_ns)


def test_a_reader_that_is_gone_is_no_fault(filled: Shop) -> None:
    result = filled.bash(f"{INVCTL} __complete stock add '' | true; echo ${{PIPESTATUS[0]}}")
    assert (result.out, result.err) == (b"0\n", b"")
    result = filled.bash(f"{INVCTL} __complete stock add '' >&-")
    assert (result.code, result.err) == (0, b"")


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["__complete", "stock", "add", ""], {"invctl.cli.completion.skus", "sqlite3"}),
        (["__complete", "stock", "undo", ""], {"invctl.cli.completion.past", "sqlite3"}),
        (["__complete", "help", ""], {"invctl.cli.completion.answer"}),
        (["__complete", "--db", "sqlite:///x", "stock", "add", ""], {"invctl.settings"}),
    ],
)
def test_an_answer_loads_next_to_nothing(filled: Shop, words: list[str], allowed: set[str]) -> None:
    code = f"""
import os, sys
os._exit = lambda status: print(*sys.modules, file=sys.stderr)
sys.argv = ["invctl", *{words!r}]
from invctl.__main__ import main
try:
    main()
except BaseException:
    pass
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=filled.env, capture_output=True, check=False
    )
    loaded = set(done.stderr.decode().splitlines()[0].split())
    assert allowed <= loaded
    heavy = {"typer", "click", "sqlalchemy", "rich", "platformdirs", "invctl.cli.app", "signal"}
    assert not loaded & heavy
