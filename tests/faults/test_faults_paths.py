"""What a path may turn out to be, and who may read what is made there."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from each import coprocess
from folders import names
from shop import Shop

pytestmark = pytest.mark.faults

COMMANDS = ["product list", "stock add A-1 1", "product create C-1 --name C", "init"]


def a_folder(path: Path) -> None:
    path.mkdir()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/null")


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [a_folder, a_pipe, a_device, a_link_to_itself])
@pytest.mark.parametrize("line", COMMANDS)
def test_what_is_no_file_is_named_and_nothing_is_made_of_it(
    shop: Shop, make: Callable[[Path], None], line: str
) -> None:
    shop.db = shop.root / "inventory" / "shop.db"
    shop.db.parent.mkdir()
    make(shop.db)
    before = os.lstat(shop.db)
    error = shop.fails(12, *line.split(), env={"INVCTL_DB": str(shop.db)})
    assert error["code"] == "db_unusable"
    assert os.lstat(shop.db)[:3] == before[:3]
    left = {path.name for path in shop.db.parent.iterdir()}
    assert left <= {"shop.db", "shop.db.lock"}
    shop.db = shop.root / "none"  # there is nothing to check at the end


def looked_at(path: Path) -> tuple[int, ...]:
    """Return which file it is and when it was changed: a look at a link is a time of its own."""
    found = os.lstat(path)
    return (*found[:7], found.st_mtime_ns)


@pytest.mark.parametrize("make", [a_folder, a_pipe, a_device, a_link_to_itself])
@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("line", [*COMMANDS, "db restore backup.db --yes"])
def test_what_has_the_name_of_a_log_and_is_none_is_named_and_left(
    stocked: Shop, make: Callable[[Path], None], ending: str, line: str
) -> None:
    assert stocked.run("db", "backup", "backup.db", "-q").code == 0
    log = Path(f"{stocked.db}{ending}")
    make(log)
    before = looked_at(log), stocked.db.read_bytes(), names(stocked.root)
    for more in [["--dry-run"], []] if "list" not in line else [[]]:
        error = stocked.fails(12, *line.split(), *more)
        assert error["details"]["path"] == str(log)
        assert (looked_at(log), stocked.db.read_bytes(), names(stocked.root)) == before
    (log.rmdir if make is a_folder else log.unlink)()


@pytest.fixture
def linked(shop: Shop, opened: Path) -> tuple[Path, Path]:
    """The folder of an inventory, and a link to the inventory from another folder."""
    real, other = shop.root / "real", shop.root / "other"
    real.mkdir()
    other.mkdir()
    shutil.copy(opened, real / "shop.db")
    (other / "link.db").symlink_to(real / "shop.db")
    return real, other / "link.db"


def test_by_a_link_the_lock_and_the_log_are_those_of_the_real_file(
    shop: Shop, linked: tuple[Path, Path]
) -> None:
    real, link = linked
    with coprocess(shop, "--db", str(link)) as pipe:
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 11
        direct = shop.json("stock", "add", "A-1", "1", "--db", real / "shop.db")
        assert direct["quantity"] == 12
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 13
        expected = {f"shop.db{suffix}" for suffix in ("", "-wal", "-shm", ".lock")}
        assert {path.name for path in real.iterdir()} == expected
        assert [path.name for path in link.parent.iterdir()] == ["link.db"]
        assert pipe.end().code == 0


def test_a_dangling_link_is_a_missing_inventory_until_one_is_made_where_it_points(
    shop: Shop,
) -> None:
    link, target = shop.root / "link.db", shop.root / "away" / "shop.db"
    link.symlink_to(target)
    where = ("--db", str(link))
    assert shop.fails(10, "product", "list", *where)["code"] == "db_missing"
    assert shop.fails(10, "stock", "add", "A-1", "1", *where)["code"] == "db_missing"
    assert not target.parent.exists()
    made = shop.json("product", "create", "A-1", "--name", "A", "-q", *where)
    assert made["operation"] == 1
    assert link.is_symlink()
    assert names(target.parent) == ["shop.db"]
    shop.json("stock", "add", "A-1", "1", *where)
    assert names(target.parent) == ["shop.db", "shop.db.lock"]


@pytest.mark.parametrize("exists", [True, False], ids=["to a file", "dangling"])
@pytest.mark.parametrize("line", ["stock add A-1 1", "product create C-1 --name C"])
def test_a_lock_that_is_a_link_is_refused_and_what_it_points_to_is_left_alone(
    stocked: Shop, exists: bool, line: str
) -> None:
    target = stocked.root / "precious"
    if exists:
        target.write_text("keep")
    Path(f"{stocked.db}.lock").symlink_to(target)
    error = stocked.refuses(12, *line.split())
    assert "symbolic link" in error["message"]
    assert target.exists() is exists
    assert not exists or target.read_text() == "keep"
    assert stocked.json("product", "show", "A-1")["quantity"] == 10


@pytest.mark.parametrize("make", [a_folder, a_pipe])
def test_a_lock_that_is_no_file_costs_nothing_but_the_queue(
    stocked: Shop, make: Callable[[Path], None]
) -> None:
    make(Path(f"{stocked.db}.lock"))
    assert stocked.json("stock", "add", "A-1", "1")["quantity"] == 11


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.mark.parametrize("umask", ["000", "022", "277"])
def test_files_are_their_owner_s_alone_whatever_the_umask(shop: Shop, umask: str) -> None:
    shop.db = shop.root / "new" / "deep" / "shop.db"
    shop.env["INVCTL_DB"] = str(shop.db)
    line = '{"sku":"A-1","delta":1}\\n'
    made = shop.bash(
        f"umask {umask}; invctl product create A-1 --name A --quantity 1 -q"
        " && coproc INV { invctl stock apply - --each; }"
        f" && printf '{line}' >&${{INV[1]}} && read -r answer <&${{INV[0]}}"
        f" && stat -c '%a %n' {shop.db}*"  # while it is open, so the log is there
    )
    assert made.code == 0, made.stderr
    expected = [f"600 {shop.db}{suffix}" for suffix in ("", "-shm", "-wal", ".lock")]
    assert sorted(made.stdout.splitlines()) == sorted(expected)
    assert modes(shop.root / "new") == {"deep": 0o700}
    assert modes(shop.root)["new"] == 0o700
