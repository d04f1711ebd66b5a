"""Where the inventory is: which setting says so, and what is made of a missing one."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from folders import names
from shop import Shop


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _default(shop: Shop) -> Path:
    return Path(shop.env["XDG_DATA_HOME"], "invctl", "inventory.db")


def test_the_flag_wins_over_the_variable_and_that_over_the_default(shop: Shop) -> None:
    flag = shop.root / "flag.db"
    assert shop.run("db", "path", "--db", flag).stdout == f"{flag}\n"
    assert shop.run("db", "path").stdout == f"{shop.db}\n"
    result = shop.run("db", "path", env={"INVCTL_DB": ""})
    assert (result.code, result.stdout, result.stderr) == (0, f"{_default(shop)}\n", "")
    unset: dict[str, str | None] = {"INVCTL_DB": None, "XDG_DATA_HOME": None}
    home = Path(shop.env["HOME"], ".local/share/invctl/inventory.db")
    assert shop.run("db", "path", env=unset).stdout == f"{home}\n"
    assert not shop.db.exists()


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sqlite:///{root}/a.db", "a.db"),
        ("sqlite:///b.db", "b.db"),
        ("{root}/c d%20.db", "c d%20.db"),
        ("d.db", "d.db"),
        ("./sub/../e.db", "e.db"),
        ("sqlite:///{root}/f%20g.db", "f g.db"),
    ],
)
@pytest.mark.parametrize("setting", ["--db", "INVCTL_DB"])
def test_a_path_and_a_url_name_a_file(shop: Shop, setting: str, typed: str, found: str) -> None:
    where = typed.format(root=shop.root)
    flag = ("--db", where) if setting == "--db" else ()
    env = {"INVCTL_DB": where} if setting == "INVCTL_DB" else None
    result = shop.run("db", "path", *flag, env=env)
    assert (result.code, result.stdout, result.stderr) == (0, f"{shop.root / found}\n", "")


@pytest.mark.sqlite("it is about files")
def test_a_path_that_is_no_text_is_a_path_still(shop: Shop) -> None:
    where = os.fsencode(shop.root) + b"/\xff.db"
    result = shop.run("db", "path", "--db", where)
    assert (result.code, result.out, result.err) == (0, where + b"\n", b"")


def test_the_flag_wins_where_both_have_an_inventory(stocked: Shop) -> None:
    other = stocked.root / "other.db"
    assert stocked.run("init", "--db", other).code == 0
    assert stocked.json("product", "list", "--db", other) == []
    assert stocked.json("product", "list", "--db", other, "--db", stocked.db) != []


@pytest.mark.parametrize(
    "command",
    [
        ("product", "list"),
        ("product", "show", "A-1"),
        ("product", "update", "A-1", "--name", "x"),
        ("product", "delete", "A-1", "--yes"),
        ("stock", "add", "A-1", "1"),
        ("stock", "apply", "-"),
        ("stock", "log"),
        ("stock", "undo", "1"),
        ("db", "info"),
        ("db", "check"),
        ("db", "check", "--repair"),
        ("db", "backup", "b.db"),
        ("db", "migrate"),
    ],
    ids=" ".join,
)
def test_a_missing_inventory_is_named_with_the_setting_that_gave_it(
    shop: Shop, command: tuple[str, ...]
) -> None:
    error = shop.fails(10, *command, stdin="sku,delta\nA-1,1\n")
    assert error["code"] == "db_missing"
    assert str(shop.db) in error["message"]
    assert "INVCTL_DB" in error["message"]
    assert list(shop.root.iterdir()) == [shop.root / "home"]


def test_a_missing_inventory_of_the_flag_and_of_the_default_are_told_apart(shop: Shop) -> None:
    flag = shop.root / "no" / "such" / "folder.db"
    error = shop.fails(10, "product", "list", "--db", flag)
    assert "--db" in error["message"]
    assert str(flag) in error["message"]
    assert not flag.parent.exists()
    error = shop.fails(10, "product", "list", env={"INVCTL_DB": None})
    assert str(_default(shop)) in error["message"]
    assert "default" in error["message"]


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize(
    "command",
    [
        ("init",),
        ("product", "create", "A-1", "--name", "x", "--quantity", "1"),
        ("product", "import", "-"),
    ],
    ids=" ".join,
)
def test_a_first_command_makes_the_inventory_for_this_user_alone(
    shop: Shop, command: tuple[str, ...]
) -> None:
    path = shop.root / "new" / "folders" / "shop.db"
    result = shop.run("--db", path, *command, stdin="sku,name\nA-1,x\n")
    assert result.code == 0
    assert str(path) in result.stderr
    modes = [_mode(path), _mode(path.parent), _mode(path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA application_id").fetchone() != (0,)
    assert list(path.parent.glob("*.invctl-*")) == []


@pytest.mark.sqlite("it is about files")
def test_the_first_inventory_is_made_at_the_default_place(shop: Shop) -> None:
    made = shop.run("product", "create", "A-1", "--name", "x", env={"INVCTL_DB": None})
    assert made.code == 0
    assert str(_default(shop)) in made.stderr
    assert _mode(_default(shop)) == 0o600
    assert _mode(_default(shop).parent) == 0o700


@pytest.mark.sqlite("it is about files")
def test_a_generous_umask_opens_nothing(shop: Shop) -> None:
    result = shop.bash("umask 000; invctl --db new/shop.db init")
    assert result.code == 0
    assert _mode(shop.root / "new") == 0o700
    assert {_mode(path) for path in (shop.root / "new").iterdir()} == {0o600}


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize(
    "command",
    [
        ("init",),
        ("product", "create", "A-1", "--name", "x", "--quantity", "1"),
        ("product", "import", "-"),
    ],
    ids=" ".join,
)
def test_a_dry_run_creates_nothing(shop: Shop, command: tuple[str, ...]) -> None:
    path = shop.root / "new" / "shop.db"
    result = shop.run("--db", path, *command, "--dry-run", stdin="sku,name\nA-1,x\n")
    assert result.code == 0
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("code", "command"),
    [
        (2, ("product", "create", "a", "--name", "x")),
        (2, ("product", "create", "A-1", "--name", "x", "--at", "never")),
        (2, ("init", "--sku-rule", "loose")),
        (6, ("product", "import", "-")),
    ],
    ids=["bad sku", "bad time", "bad rule", "bad file"],
)
def test_a_refused_first_command_leaves_no_inventory(
    shop: Shop, code: int, command: tuple[str, ...]
) -> None:
    shop.fails(code, *command, stdin="sku,name\nA-1,\n")
    assert not shop.db.exists()


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize("length", [230, 250, 256], ids=["log", "copy", "file"])
def test_a_name_that_leaves_no_room_for_those_beside_it_is_too_long(
    shop: Shop, length: int
) -> None:
    error = shop.fails(12, "init", "--db", "i" * length)
    assert "file name too long" in error["message"]
    assert error["hint"] == "give it a shorter name"


@pytest.mark.sqlite("it is about files")
def test_a_refused_first_command_leaves_neither_a_folder_nor_a_lock(shop: Shop) -> None:
    rows = shop.file("rows.csv", "sku,name\nA-1,\n")
    before = names(shop.root)
    new = shop.root / "new" / "folder" / "shop.db"
    for db in (new, shop.db):
        shop.fails(6, "product", "import", rows, "--db", db)
        assert names(shop.root) == before
    assert shop.run("init", "-q", "--db", new).code == 0
    assert names(new.parent) == ["shop.db"]


def test_init_on_an_inventory_says_so_and_changes_nothing(stocked: Shop) -> None:
    before = stocked.dump()
    result = stocked.run("init")
    assert result.code == 0
    assert str(stocked.db) in result.stderr
    assert stocked.dump() == before


def test_info_tells_what_the_inventory_holds(stocked: Shop, engine: str) -> None:
    info = stocked.json("db", "info")
    assert list(info) == [
        *("path", "engine", "schema_version", "sku_rule"),
        *("products", "operations", "movements", "size_bytes"),
    ]
    assert info["path"] == str(stocked.db)
    assert info["sku_rule"] == "strict"
    assert (info["products"], info["operations"], info["movements"]) == (2, 2, 1)
    assert info["size_bytes"] >= (stocked.db.stat().st_size if engine == "sqlite" else 8192)


def test_the_path_is_bare_text_in_every_format(shop: Shop) -> None:
    result = shop.run("db", "path", "--json")
    assert (result.code, result.stdout, result.stderr) == (0, f"{shop.db}\n", "")


@pytest.mark.parametrize("command", [("db", "copy", "-"), ("init", "--db", "-")], ids=" ".join)
def test_a_dash_names_no_inventory(stocked: Shop, command: tuple[str, ...]) -> None:
    error = stocked.fails(2, *command)
    assert (error["code"], "`invctl db backup -`" in error["hint"]) == ("usage", True)
    assert not (stocked.root / "-").exists()
