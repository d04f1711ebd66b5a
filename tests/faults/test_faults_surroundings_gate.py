"""Without the queue of writers nothing is lost, and rehearsals promise nothing falsely.

The lock file may be missing, a folder, or another's: then nobody queues, and SQLite's own lock and
the link that gives a file its name have to do.
"""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from each import coprocess
from inventories import look
from shop import WAIT, Shop, error_of
from surroundings import mounted, needs, needs_root, public_shop

pytestmark = pytest.mark.faults

CREATORS = 6
ROUNDS = 8


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_creators_past_the_gate_all_find_what_they_made(shop: Shop, round_: int) -> None:
    shop.db = shop.root / "new" / "shop.db"
    shop.env["INVCTL_DB"] = str(shop.db)
    Path(f"{shop.db}.lock").mkdir(parents=True)
    names = [f"P-{round_}-{number}" for number in range(CREATORS)]
    made = [
        shop.start("product", "create", name, "--name", "x", "--quantity", "1", "--json")
        for name in names
    ]
    ends = [(*one.communicate(timeout=WAIT), one.returncode) for one in made]
    assert [code for _, _, code in ends] == [0] * CREATORS, [err for _, err, _ in ends]
    assert sum(b"created the inventory" in err for _, err, _ in ends) == 1
    assert shop.query("SELECT sku FROM product ORDER BY sku") == [(name,) for name in names]


@contextmanager
def sales_past_the_gate(shop: Shop) -> Iterator[list[int]]:
    """Sell without a pause and give the ids of what was acknowledged, until the block ends."""
    sold: list[int] = []
    over = threading.Event()

    def sell() -> None:
        with coprocess(shop) as pipe:
            while not over.is_set():
                answer = pipe.ask('{"sku":"A-1","delta":-1}')
                sold.append(answer["operation"])
            pipe.end()

    seller = threading.Thread(target=sell)
    seller.start()
    try:
        yield sold
    finally:
        over.set()
        seller.join()


@needs_root("own the lock, and become another user")
@needs("setpriv")
def test_no_sale_past_the_gate_falls_between_the_copy_and_a_restore(opened: Path) -> None:
    with public_shop() as shop:
        shutil.copy(opened, shop.db)
        shop.env["INVCTL_DB"] = str(shop.db)
        shop.json("stock", "set", "A-1", "1000000")
        backup = shop.root / "backup.db"
        assert shop.run("db", "backup", str(backup), "-q").code == 0
        Path(f"{shop.db}.lock").unlink(missing_ok=True)
        Path(f"{shop.db}.lock").mkdir()
        with sales_past_the_gate(shop) as sold:
            for _ in range(6):
                result = shop.run("db", "restore", str(backup), "--yes", "-q", "--timeout", "60")
                assert result.code == 0, result.stderr
        kept = sorted(shop.root.glob("shop.db.before-restore-*"))
        assert len(kept) == 6
        there = sum(count_sales(shop, path) for path in (*kept, shop.db))
        assert there == len(sold)


def count_sales(shop: Shop, path: Path) -> int:
    log = shop.run("stock", "log", "--db", str(path), "-o", "jsonl")
    return sum(json.loads(line)["delta"] == -1 for line in log.out.splitlines())


def no_folder(shop: Shop) -> Path:
    """Return a path in a folder that cannot be made."""
    (shop.root / "file").touch()
    return shop.root / "file" / "shop.db"


def part_of_another(shop: Shop) -> Path:
    """Return a path beside which lies what would pass for a part of it."""
    (shop.root / "next.db-journal").touch()
    return shop.root / "next.db"


def long_name(shop: Shop) -> Path:
    return shop.root / ("n" * 250)


def proc(_shop: Shop) -> Path:
    return Path("/proc/shop.db")


CREATING = [
    "init",
    "product create A-1 --name A",
    "product import products.csv",
    "db restore backup.db --yes",
    "db copy {} --db source.db",
]


@pytest.mark.parametrize("where", [no_folder, part_of_another, long_name, proc])
@pytest.mark.parametrize("line", CREATING)
def test_a_rehearsal_fails_where_the_real_run_would(
    shop: Shop, opened: Path, where: Callable[[Shop], Path], line: str
) -> None:
    path = where(shop)
    source = shop.root / "source.db"
    shutil.copy(opened, source)
    shop.file("products.csv", "sku,name\nA-1,A\n")
    assert shop.run("db", "backup", "backup.db", "--db", str(source), "-q").code == 0
    shop.env["INVCTL_DB"] = str(path)
    before = names(shop.root)
    words = line.format(path).split()
    rehearsed = shop.run("-o", "json", *words, "--dry-run")
    assert names(shop.root) == before
    real = shop.run("-o", "json", *words)
    assert (rehearsed.code, rehearsed.out) == (real.code, b"")
    assert real.code in (4, 12, 13, 2)
    assert error_of(rehearsed, real.code)["code"] == error_of(real, real.code)["code"]


@pytest.mark.parametrize("line", CREATING)
def test_a_rehearsal_that_goes_well_leaves_nothing(shop: Shop, opened: Path, line: str) -> None:
    path = shop.root / "new" / "folders" / "shop.db"
    source = shop.root / "source.db"
    shutil.copy(opened, source)
    shop.file("products.csv", "sku,name\nA-1,A\n")
    assert shop.run("db", "backup", "backup.db", "--db", str(source), "-q").code == 0
    shop.env["INVCTL_DB"] = str(path)
    before = names(shop.root)
    result = shop.run(*line.format(path).split(), "--dry-run")
    assert result.code == 0, result.stderr
    assert names(shop.root) - before <= {"source.db.lock"}


def names(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*")}


@needs_root("mount")
@pytest.mark.parametrize("line", CREATING[:3])
def test_a_rehearsal_on_a_read_only_medium_fails_too(shop: Shop, tmp_path: Path, line: str) -> None:
    shop.file("products.csv", "sku,name\nA-1,A\n")
    with mounted(tmp_path / "medium", "-t", "tmpfs", "-o", "ro", "tmpfs") as folder:
        shop.env["INVCTL_DB"] = str(folder / "shop.db")
        for more in ([], ["--dry-run"]):
            shop.fails(13, *line.split(), *more)


@needs_root("set attributes")
@needs("chattr")
def test_a_restore_is_rehearsed_on_a_file_that_may_only_be_added_to(stocked: Shop) -> None:
    assert stocked.run("db", "backup", "backup.db", "-q").code == 0
    with attribute("a", stocked.db):
        for sure in ("--yes", "--dry-run"):
            stocked.fails(13, "db", "restore", "backup.db", sure)


@contextmanager
def attribute(name: str, path: Path) -> Iterator[None]:
    """Give a file an attribute of its file system's; skip where that has none."""
    if subprocess.run(["chattr", f"+{name}", path], capture_output=True, check=False).returncode:
        pytest.skip("this file system has no such attributes")
    try:
        yield
    finally:
        subprocess.run(["chattr", f"-{name}", path], check=True)


def test_a_restore_is_rehearsed_with_the_lock(stocked: Shop) -> None:
    assert stocked.run("db", "backup", "backup.db", "-q").code == 0
    with look(stocked.db).writing():
        for more in ([], ["--dry-run"]):
            line = ("db", "restore", "backup.db", "--yes", "--timeout", "0.1")
            error = stocked.fails(11, *line, *more)
            assert error["details"]["timeout"] == 0.1  # all of it, not what the gate had left
