"""Commands by surroundings: how each ends there, how much it prints, and what it leaves behind.

The inventory is Anna's, in a folder of its own; what is tried is tried by Ben where that matters.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from shop import Result, Shop, new_shop

ANNA, BEN, STAFF = 61_001, 61_002, 61_100
_LOCK = "shop.db.lock"

READERS = (
    "product list", "product show A-1", "product export -", "stock where", "stock history A-1",
    "stock log", "stock low", "log", "place list", "db check", "db info",
    "db backup {elsewhere}/b.db",
)  # fmt: skip
WRITERS = (
    "stock add A-1 1", "stock remove A-1 1", "stock set A-1 4", "product create N-1 --name N",
    "product archive B-1", "hold create A-1 1", "undo --last",
)  # fmt: skip


class Way(NamedTuple):
    """How a command is run: what a shell does before, who runs it, which streams it has."""

    before: str = ""
    by: str = ""
    streams: str = ""
    path: Path | None = None
    """Another name of the inventory."""


class Surrounding(NamedTuple):
    """What stands around an inventory, and how readers and writers are to end there."""

    make: Callable[[Shop], AbstractContextManager[Way]]
    read: int
    write: int
    check: int = 0
    """How `db check` is to end where readers may read."""
    may_leave: frozenset[str] = frozenset()
    """What a writer may leave that the next one takes away."""


class Cell(NamedTuple):
    """How one command ended: what it was told, and which files it left that were not there."""

    result: Result
    left: frozenset[str]


def _as(user: int) -> str:
    return f"setpriv --reuid={user} --regid={user} --groups={STAFF} "


def _of_anna(file: int, folder: int) -> Callable[[Shop], AbstractContextManager[Way]]:
    """Give Anna's file and folder these modes, and have Ben ask."""

    @contextmanager
    def make(shop: Shop) -> Iterator[Way]:
        for path, mode in ((shop.db, file), (shop.db.parent, folder)):
            os.chown(path, ANNA, STAFF)
            os.chmod(path, mode)
        yield Way(by=_as(BEN))

    return make


def _plainly(way: Way) -> Callable[[Shop], AbstractContextManager[Way]]:
    @contextmanager
    def make(_shop: Shop) -> Iterator[Way]:
        yield way

    return make


@contextmanager
def _mounted(folder: Path, *options: str) -> Iterator[None]:
    subprocess.run(["mount", *options, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _read_only(shop: Shop) -> Iterator[Way]:
    folder = shop.db.parent
    with _mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield Way()


@contextmanager
def _full(shop: Shop) -> Iterator[Way]:
    kept = shutil.copy(shop.db, shop.root / "kept.db")
    with _mounted(shop.db.parent, "-t", "tmpfs", "-o", "size=512k", "tmpfs"):
        shutil.copy(kept, shop.db)
        with suppress(OSError), (shop.db.parent / "filler").open("wb", buffering=0) as stream:
            while stream.write(bytes(4096)):
                pass
        yield Way()


@contextmanager
def _single(shop: Shop) -> Iterator[Way]:
    inside = shop.root / "box" / "shop.db"
    inside.parent.mkdir()
    inside.touch()
    with _mounted(inside, "--bind", str(shop.db)):
        yield Way(path=inside)


@contextmanager
def _linked(shop: Shop) -> Iterator[Way]:
    (shop.root / "second.db").hardlink_to(shop.db)
    yield Way()


@contextmanager
def _stale(shop: Shop) -> Iterator[Way]:
    """Lay the log of another inventory, which has seen more, beside this one."""
    other = shop.root / "other.db"
    script = f"""for one in A-1 B C D E F G H; do
            invctl --db {other} product create $one --name other --quantity 5 -q
        done
        coproc invctl --db {other} stock apply - --each
        echo '{{"sku":"A-1","delta":-1}}' >&"${{COPROC[1]}}"; read -r _ <&"${{COPROC[0]}}"
        kill -9 "$COPROC_PID"; wait; cp {other}-wal {shop.db}-wal"""
    done = shop.bash(script)
    assert Path(f"{shop.db}-wal").stat().st_size, done.stderr
    yield Way()


@contextmanager
def _gone(shop: Shop) -> Iterator[Way]:
    yield Way(before=f"mkdir {shop.root}/gone && cd {shop.root}/gone && rmdir {shop.root}/gone; ")


@contextmanager
def _nobody_known(shop: Shop) -> Iterator[Way]:
    for path in (shop.db, shop.db.parent):
        os.chown(path, ANNA, ANNA)
    yield Way(before="unset USER LOGNAME HOME XDG_DATA_HOME; ", by=_as(ANNA))


SURROUNDINGS: Mapping[str, Surrounding] = {
    "nothing special": Surrounding(_plainly(Way()), 0, 0),
    "read-only mount": Surrounding(_read_only, 0, 13),
    # SQLite cannot close a log for which there is no room.
    "full disk": Surrounding(_full, 0, 12, may_leave=frozenset({"shop.db-wal", "shop.db-shm"})),
    "another's file, 0644": Surrounding(_of_anna(0o644, 0o755), 0, 13),
    "another's file, 0600": Surrounding(_of_anna(0o600, 0o755), 13, 13),
    "the group's file, 0640": Surrounding(_of_anna(0o640, 0o2750), 0, 13),
    "the group's file, 0660": Surrounding(_of_anna(0o660, 0o2770), 0, 0),
    "sticky folder, 0644": Surrounding(_of_anna(0o644, 0o1777), 0, 13),
    "user without an entry": Surrounding(_nobody_known, 0, 0),
    "no HOME": Surrounding(_plainly(Way("unset HOME XDG_DATA_HOME; ")), 0, 0),
    "working folder removed": Surrounding(_gone, 0, 0),
    "no TMPDIR": Surrounding(_plainly(Way("export TMPDIR=/nowhere; ")), 0, 0),
    "file mounted alone": Surrounding(_single, 0, 12, check=8),
    "second hard link": Surrounding(_linked, 0, 12, check=8),
    "another's log beside": Surrounding(_stale, 12, 12),
    "closed stdin": Surrounding(_plainly(Way(streams=" <&-")), 0, 0),
    "closed stdout": Surrounding(_plainly(Way(streams=" >&-")), 15, 15),
    "closed stderr": Surrounding(_plainly(Way(streams=" 2>&-")), 0, 0),
    "C locale": Surrounding(_plainly(Way("export LC_ALL=C; ")), 0, 0),
    "Latin-1 locale": Surrounding(_plainly(Way("export LC_ALL=de_DE.ISO-8859-1; ")), 0, 0),
}


def tried(around: Surrounding, line: str) -> Cell:
    """Return how a command ends in a new shop in these surroundings."""
    with tempfile.TemporaryDirectory(prefix="invctl-matrix-") as name:
        root = Path(name)
        root.chmod(0o755)
        shop = _stocked(root)
        with around.make(shop) as way:
            path = way.path or shop.db
            before = {one.name for one in path.parent.iterdir()}
            typed = line.format(elsewhere=shop.env["ELSEWHERE"])
            run = f"{way.before}{way.by}invctl --db {path} -o csv {typed}{way.streams}"
            result = shop.bash(run)
            left = {one.name for one in path.parent.iterdir()} - before - {_LOCK}
        return Cell(result, frozenset(left))


def _stocked(root: Path) -> Shop:
    shop = new_shop(root)
    shop.db = root / "inventory" / "shop.db"
    shop.db.parent.mkdir(mode=0o755)
    elsewhere = root / "elsewhere"
    elsewhere.mkdir()
    elsewhere.chmod(0o777)
    shop.env |= {"INVCTL_DB": str(shop.db), "INVCTL_ACTOR": "ben", "ELSEWHERE": str(elsewhere)}
    for sku in ("A-1", "B-1"):
        made = shop.run("product", "create", sku, "--name", "x", "--quantity", "9", "-q")
        assert made.code == 0, made.stderr
    shop.db.chmod(0o600)
    return shop


def main() -> int:
    """Print a table of all cells, and what was not as expected; return 1 if anything was not."""
    if os.geteuid() != 0:
        print("nothing was tried: only root can mount, and be others")
        return 1
    lines = (*READERS, *WRITERS)
    print("exit code / lines on stdout, and + what was left beside the inventory")
    print(" " * 26 + " ".join(f"{number:>6}" for number in range(1, len(lines) + 1)))
    odd: list[str] = []
    for name, around in SURROUNDINGS.items():
        cells = [tried(around, line) for line in lines]
        print(f"{name:<26}" + " ".join(f"{_shown(cell):>6}" for cell in cells), flush=True)
        for line, cell in zip(lines, cells, strict=True):
            odd += [f"{name}, {line}: {one}" for one in unexpected(around, line, cell)]
    for number, line in enumerate(lines, 1):
        print(f"{number:>4}  {line}")
    for one in odd:
        print(f"\n{one}")
    print(f"\n{len(SURROUNDINGS) * len(lines)} tried, {len(odd)} unexpected")
    return 1 if odd else 0


def _shown(cell: Cell) -> str:
    lines = cell.result.stdout.count("\n")
    return f"{cell.result.code}/{lines}" + "".join(f"+{one}" for one in sorted(cell.left))


def unexpected(around: Surrounding, line: str, cell: Cell) -> Iterator[str]:
    """Yield in what a command did not end as it should have."""
    wanted = around.read if line in READERS else around.write
    if line == "db check":
        wanted = wanted or around.check
    if cell.result.code != wanted:
        yield f"exit {cell.result.code}, not {wanted}: {cell.result.stderr.strip()[:300]}"
    if wanted == 0 and not cell.result.stdout:
        yield "it printed nothing"
    if wanted not in (0, around.check) and cell.result.stdout:
        yield f"it failed and printed {cell.result.stdout[:100]!r}"
    if "Traceback" in cell.result.stderr:
        yield f"a traceback: {cell.result.stderr[:300]}"
    left = cell.left - (around.may_leave if line in WRITERS else frozenset())
    if left:
        yield f"it left {', '.join(sorted(left))}"
