"""One file, one name; and no log is believed by its name.

SQLite's log, its index and the queue of writers go by the path: who comes by another name has
others, and neither sees what the other does.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from each import coprocess
from shop import Shop, error_of
from surroundings import mounted, needs_root

pytestmark = pytest.mark.faults

WRITERS = ["stock add A-1 1", "product create C-1 --name C", "db check --repair", "init --json"]
READERS = ["product list", "product show A-1", "stock log", "product export -", "db info"]
SOLD = '{"sku":"A-1","delta":-1}'


@pytest.fixture
def second(stocked: Shop) -> Path:
    """A hard link to the inventory."""
    path = stocked.root / "second.db"
    os.link(stocked.db, path)
    return path


def beside(db: Path) -> set[str]:
    """Return the files that a reader or writer may have left beside a database."""
    return {one.name for one in db.parent.iterdir() if one.name.startswith(db.name)}


@pytest.mark.parametrize("name", ["shop.db", "second.db"])
def test_a_file_with_two_names_is_not_written_to_by_either(
    stocked: Shop, second: Path, name: str
) -> None:
    by_it = ("--db", str(stocked.root / name))
    error = stocked.fails(12, "stock", "remove", "A-1", "1", *by_it)
    assert error["details"]["path"] == str(stocked.root / name)
    assert "2 names" in error["message"]
    assert stocked.fails(12, "stock", "remove", "A-1", "1", "--dry-run", *by_it)
    second.unlink()
    assert stocked.json("stock", "remove", "A-1", "1")["quantity"] == 9


@pytest.mark.parametrize("line", READERS)
def test_a_file_with_two_names_is_read_with_a_warning_and_left_as_it_is(
    stocked: Shop, second: Path, line: str
) -> None:
    result = stocked.run(*line.split(), "--db", str(second))
    assert (result.code, result.stderr.count("\n")) == (0, 1)
    assert "2 names" in result.stderr
    assert beside(second) == {second.name}


def test_a_check_names_the_second_name(stocked: Shop, second: Path) -> None:
    result = stocked.run("db", "check", "--db", str(second), "-o", "jsonl")
    assert result.code == 8
    assert [(one["kind"], "2 names" in one["message"]) for one in result.records] == [
        ("name", True)
    ]


def test_a_log_that_one_name_has_is_not_played_in_by_a_reader(stocked: Shop, second: Path) -> None:
    second.unlink()
    with coprocess(stocked) as pipe:
        assert pipe.ask(SOLD)["quantity"] == 9
        pipe.process.kill()
    os.link(stocked.db, second)
    before = stocked.db.read_bytes()
    assert stocked.run("--json", "product", "list").code == 0
    assert stocked.db.read_bytes() == before
    second.unlink()
    assert stocked.quantity() == 9


def test_a_second_name_that_is_gone_at_once_is_in_nobody_s_way(stocked: Shop, second: Path) -> None:
    threading.Timer(0.01, second.unlink).start()
    assert stocked.json("stock", "remove", "A-1", "1")["quantity"] == 9


@pytest.fixture
def box(stocked: Shop) -> Path:
    """A folder as a container has it."""
    folder = stocked.root / "box of it"
    folder.mkdir()
    return folder


@needs_root("mount")
def test_a_file_that_is_mounted_by_itself_is_not_written_to(stocked: Shop, box: Path) -> None:
    inside = box / "shop.db"
    inside.touch()
    subprocess.run(["mount", "--bind", stocked.db, inside], check=True)
    try:
        error = stocked.fails(12, "stock", "remove", "A-1", "1", "--db", str(inside))
        assert error["hint"] == "mount its folder instead"
        result = stocked.run("product", "show", "A-1", "--db", str(inside))
        assert (result.code, result.stderr.count("mounted by itself")) == (0, 1)
        assert beside(inside) == {"shop.db"}
        assert stocked.run("db", "check", "--db", str(inside), "-q").code == 8
    finally:
        subprocess.run(["umount", inside], check=True)
    assert stocked.json("stock", "remove", "A-1", "1")["quantity"] == 9


@needs_root("mount")
def test_a_folder_that_is_mounted_and_links_to_the_file_keep_working(
    stocked: Shop, box: Path
) -> None:
    link = stocked.root / "link.db"
    with mounted(box, "--bind", str(stocked.root)):
        link.symlink_to(box / "shop.db")
        for left, path in ((9, box / "shop.db"), (8, link), (7, stocked.db)):
            sold = stocked.json("stock", "remove", "A-1", "1", "--db", str(path))
            assert sold["quantity"] == left


@pytest.fixture
def backup(stocked: Shop) -> Path:
    """A backup from before the sales that a log is full of."""
    path = stocked.root / "backup.db"
    assert stocked.run("db", "backup", str(path), "-q").code == 0
    return path


def leave_log(shop: Shop) -> None:
    with coprocess(shop) as pipe:
        assert pipe.ask(SOLD)["quantity"] == 9
        pipe.process.kill()
    assert Path(f"{shop.db}-wal").stat().st_size


COMMANDS = [
    "product list",
    "db check",
    "stock remove A-1 1",
    "stock remove A-1 1 --dry-run",
    "db backup other.db",
    "product export -",
    "db restore backup.db --yes",
    "db copy other.db",
]


def from_a_backup(backup: Path, db: Path) -> None:
    shutil.copyfile(backup, db)


def from_later_on(_backup: Path, db: Path) -> None:
    """Put a copy of what the inventory has become since in its place, and its old log beside."""
    log = Path(f"{db}-wal").read_bytes()
    shop = Shop(db.parent, db, dict(os.environ))
    shop.env["INVCTL_DB"] = str(db)
    for _ in range(3):
        assert shop.run("stock", "remove", "A-1", "1", "-q").code == 0
    Path(f"{db}-wal").write_bytes(log)


def from_another(_backup: Path, db: Path) -> None:
    """Put another inventory in its place, that has a history of its own."""
    other = db.with_name("history.db")
    shop = Shop(db.parent, other, {**os.environ, "INVCTL_DB": str(other)})
    for number in range(9):
        assert shop.run("product", "create", f"N-{number}", "--name", "n", "-q").code == 0
    shutil.copyfile(other, db)


def from_one_written_as_often(_backup: Path, db: Path) -> None:
    """Put another inventory in its place, whose first page was written as often."""
    other = db.with_name("equal.db")
    made = ("product", "create", "A-1", "--name", "n", "--quantity", "5", "-q")
    assert Shop(db.parent, other, {**os.environ, "INVCTL_DB": str(other)}).run(*made).code == 0
    write_as_often(other, db)
    shutil.copyfile(other, db)


def from_a_backup_written_as_often(backup: Path, db: Path) -> None:
    """Put a backup in its place that was sold from meanwhile."""
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    write_as_often(backup, db)
    shutil.copyfile(backup, db)


def write_as_often(other: Path, db: Path) -> None:
    """Sell from another inventory until the first pages of both were written equally often."""
    shop = Shop(db.parent, other, {**os.environ, "INVCTL_DB": str(other)})
    while times_written(other) < times_written(db):
        assert shop.run("stock", "remove", "A-1", "1", "-q").code == 0
    assert times_written(other) == times_written(db)


def times_written(db: Path) -> int:
    return int.from_bytes(db.read_bytes()[24:28])


@pytest.mark.parametrize(
    "replace",
    [
        from_a_backup,
        from_later_on,
        from_another,
        from_one_written_as_often,
        from_a_backup_written_as_often,
    ],
)
def test_a_log_that_is_not_the_file_s_own_is_never_played_in(
    stocked: Shop, backup: Path, replace: Callable[[Path, Path], None]
) -> None:
    leave_log(stocked)
    replace(backup, stocked.db)
    before, log = stocked.db.read_bytes(), Path(f"{stocked.db}-wal").read_bytes()
    for line in COMMANDS:
        error = error_of(stocked.run("-o", "jsonl", *line.split()), 12)
        assert error["details"]["path"] == f"{stocked.db}-wal", line
        assert error["hint"].startswith("move it away"), line
    assert stocked.db.read_bytes() == before
    assert Path(f"{stocked.db}-wal").read_bytes() == log
    os.rename(f"{stocked.db}-wal", stocked.root / "old-log")
    assert stocked.run("stock", "log", "-o", "jsonl").code == 0
    assert stocked.run("db", "check", "-q").code == 0


def test_the_log_of_a_backup_is_not_taken_for_a_part_of_it(stocked: Shop, backup: Path) -> None:
    leave_log(stocked)
    shutil.copyfile(f"{stocked.db}-wal", f"{backup}-wal")
    error = stocked.fails(12, "db", "restore", str(backup), "--yes")
    assert error["details"]["path"] == f"{backup}-wal"
    assert stocked.quantity() == 9


def test_a_file_s_own_log_is_played_in_wherever_both_are_moved(stocked: Shop) -> None:
    leave_log(stocked)
    for ending in ("", "-wal"):
        shutil.copy2(f"{stocked.db}{ending}", stocked.root / f"moved.db{ending}")
    moved = ("--db", str(stocked.root / "moved.db"))
    assert stocked.json("product", "show", "A-1", *moved)["quantity"] == 9
    assert stocked.json("stock", "remove", "A-1", "1")["quantity"] == 8


@pytest.mark.parametrize("lines", [1, 40, 3000], ids="{} commits".format)
def test_whatever_a_killed_pipe_leaves_is_its_own(stocked: Shop, lines: int) -> None:
    """Also where the log began over, and where a part of it is in the file already."""
    stocked.json("stock", "set", "A-1", "5000")
    with coprocess(stocked) as pipe:
        for _ in range(lines):
            pipe.ask(SOLD)
        pipe.process.kill()
    assert stocked.json("stock", "remove", "A-1", "1")["quantity"] == 5000 - lines - 1


@pytest.fixture
def follower(stocked: Shop) -> Iterator["subprocess.Popen[bytes]"]:
    """Somebody who follows the log while others sell."""
    with stocked.start("stock", "log", "--follow", "-o", "jsonl") as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        stocked.json("stock", "remove", "A-1", "1")
        assert process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_follower_leaves_no_log_for_longer_than_to_the_next_command_however_it_ends(
    stocked: Shop, follower: "subprocess.Popen[bytes]", number: signal.Signals
) -> None:
    follower.send_signal(number)
    follower.wait(60)
    if number == signal.SIGKILL:  # in the middle of a look, it may have to leave one
        stocked.json("stock", "remove", "A-1", "1")
    assert beside(stocked.db) == {"shop.db", "shop.db.lock"}
