"""Inventories that somebody has tampered with: every command, and what must hold of each run."""

import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hostile_databases import CODE, NEIGHBOURS, PAGES, SHAPES, VALUES, VERY_LARGE
from hostile_runs import Run, Runner
from hostile_tampering import Tamper, flipped

pytestmark = pytest.mark.faults

UNUSABLE = 12
FLIPS = 200

READS = {
    "list": "product list -o table",
    "list json": "product list --json",
    "search": "product list --search dg -o table",
    "sort": "product list --sort quantity --reverse -o csv",
    "as of": "product list --as-of 2030-01-01 -o table",
    "show": "product show A-1 -o table",
    "unknown": "product show A-2 -o table",
    "history": "stock history A-1 -o table",
    "chart": "stock history A-1 --chart",
    "log": "stock log --since 2020-01-01 -o table",
    "log json": "stock log --reason sale --json",
    "low": "stock low -o table",
    "export": "product export -",
    "info": "db info -o table",
    "init": "init -o table",
    "check": "db check -o table",
    "repair": "db check --repair -o table",  # which it does only where all else is sound
    "check json": "db check --json",
    "backup": "db backup hostile/backup.db -o table",
    "copy": "db copy hostile/copy.db -o table",
    "restore from": "db restore hostile/shop.db --db hostile/new.db --yes -o table",
    "tab": "__complete stock remove ",
}
WRITES = {
    "add": "stock add A-1 1 -o table",
    "remove": "stock remove A-1 99 --up-to -o table",
    "set": "stock set A-1 5 -o table",
    "create": "product create D-1 --name New --quantity 4 -o table",
    "update": "product update A-1 --name New -o table",
    "rename": "product rename A-1 Z-1 -o table",
    "archive": "product archive A-1 -o table",
    "delete": "product delete C-1 --yes -o table",
    "import": "product import products.csv --set-quantity -o table",
    "apply": "stock apply movements.csv -o table",
    "each": "stock apply movements.csv --each",
    "undo": "stock undo 5 -o table",
    "again": "stock add A-1 1 --idempotency-key again -o table",
    "rehearsal": "stock add A-1 1 --dry-run -o table",
}
QUICK = frozenset({"list", "add"})
SOME = {
    name: {**READS, **WRITES}[name]
    for name in (
        *("list", "search", "sort", "as of", "show", "chart", "log json", "export", "info", "tab"),
        *("check", "backup", "copy", "restore from", "repair"),
        *("add", "set", "import", "apply", "undo", "again"),
    )
}
FEW = {
    name: {**READS, **WRITES}[name]
    for name in (
        *("list json", "sort", "chart", "export", "add", "import", "undo"),
        *("check json", "backup", "copy", "restore from"),
    )
}


@dataclass
class Bench:
    """A sound inventory, and the tampered copy of it that was made last."""

    runner: Runner
    sound: Path
    made: dict[str, Path] = field(default_factory=dict)

    def tampered(self, name: str, tamper: Tamper) -> Path:
        """Return the path of a copy, in a folder of its own, that a tamper was let loose on."""
        folder = self.runner.folder / "hostile"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        kept = self.made.get(name)
        path = folder / "shop.db"
        if kept:
            shutil.copy(kept, path)
            return path
        shutil.copy(self.sound, path)
        tamper(path)
        if [file.name for file in folder.iterdir()] == ["shop.db"]:
            self.made = {name: self.runner.folder / "made.db"}
            shutil.copy(path, self.made[name])
        return path

    def run(self, path: Path, command: str) -> Run:
        """Run a command on an inventory."""
        return self.runner.run(*command.split(" "), env={"INVCTL_DB": str(path)})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    runner = Runner(tmp_path_factory.mktemp("databases"))
    sound = runner.folder / "sound.db"
    one = Bench(runner, sound)
    (runner.folder / "products.csv").write_text("sku,name,quantity\nA-1,Widget,7\nN-1,New,5\n")
    (runner.folder / "movements.csv").write_text("sku,delta\nA-1,-1\nA-1,3\nB-1,1\n")
    for command in (
        "product create A-1 --name Widget --quantity 10 --description blue",
        "product create B-1 --name Gadget --reorder-point 5",
        "product create C-1 --name Old",
        "stock apply movements.csv --reason sale --ref r --note n",
        "stock add A-1 1 --idempotency-key again",
        "stock remove B-1 1 --reason sale",
    ):
        assert one.run(sound, command).code == 0
    return one


def each(files: Mapping[str, Tamper], *marks: pytest.MarkDecorator) -> Sequence[Any]:
    """Return each file with its name."""
    return [pytest.param(name, tamper, id=name, marks=marks) for name, tamper in files.items()]


def every(*groups: Mapping[str, str]) -> Sequence[Any]:
    """Return a few commands for the plain run, and all of them for CI."""
    commands = {name: command for group in groups for name, command in group.items()}
    quick = {name: commands[name] for name in commands if name in QUICK}
    return [
        pytest.param(quick, id="quick"),
        pytest.param(commands, id="all", marks=pytest.mark.corpus),
    ]


def stock(path: Path) -> list[int] | None:
    """Return the sums of all quantities and of all movements; None where they cannot be read."""
    sums = []
    with suppress(sqlite3.Error, UnicodeDecodeError), closing(sqlite3.connect(path)) as connection:
        for query in ("SELECT quantity FROM product", "SELECT delta FROM movement"):
            values = [value for (value,) in connection.execute(query)]
            sums.append(sum(value for value in values if isinstance(value, int)))
        return sums
    return None


def content(path: Path) -> bytes:
    """Return a database without its header, which counts how often it was opened to write."""
    return path.read_bytes()[100:]


@pytest.mark.parametrize("commands", every(READS))
@pytest.mark.parametrize(("file", "tamper"), each({**CODE, **SHAPES}))
def test_reading_what_is_not_an_inventorys_schema_ends_well_and_changes_nothing(
    bench: Bench, file: str, tamper: Tamper, commands: Mapping[str, str]
) -> None:
    for name, command in commands.items():
        path = bench.tampered(file, tamper)
        before = content(path)
        bench.run(path, command).check(name, human=is_human(command))
        assert content(path) == before, name


@pytest.mark.parametrize("commands", every(WRITES))
@pytest.mark.parametrize(("file", "tamper"), each({**CODE, **SHAPES}))
def test_nothing_is_written_where_the_schema_is_not_an_inventorys(
    bench: Bench, file: str, tamper: Tamper, commands: Mapping[str, str]
) -> None:
    for name, command in commands.items():
        path = bench.tampered(file, tamper)
        before = content(path)
        run = bench.run(path, command)
        run.check(name)
        assert run.code == UNUSABLE, (name, run)
        assert run.out == b"" or name == "each"
        assert content(path) == before, name


@pytest.mark.parametrize(("file", "tamper"), each({**VALUES, **PAGES}, pytest.mark.corpus))
def test_a_command_on_forged_rows_does_what_it_says_or_nothing(
    bench: Bench, file: str, tamper: Tamper
) -> None:
    for name, command in SOME.items():
        does_what_it_says_or_nothing(bench, bench.tampered(file, tamper), name, command)


@pytest.mark.corpus
def test_a_name_of_a_hundred_megabytes_is_not_taken_into_memory(bench: Bench) -> None:
    for name, command in FEW.items():
        path = bench.tampered("very large", VERY_LARGE)
        does_what_it_says_or_nothing(bench, path, name, command)


@pytest.mark.parametrize("seed", [pytest.param(n, marks=pytest.mark.corpus) for n in range(FLIPS)])
def test_a_flipped_byte_is_noticed_or_harmless(bench: Bench, seed: int) -> None:
    for name, command in FEW.items():
        path = bench.tampered(f"flip {seed}", flipped(seed))
        does_what_it_says_or_nothing(bench, path, name, command)


@pytest.mark.parametrize("commands", every(READS, WRITES))
@pytest.mark.parametrize(("file", "tamper"), each(NEIGHBOURS))
def test_what_is_planted_beside_an_inventory_ends_well(
    bench: Bench, file: str, tamper: Tamper, commands: Mapping[str, str]
) -> None:
    passwords = Path("/etc/passwd").read_bytes()
    for name, command in commands.items():
        path = bench.tampered(file, tamper)
        bench.run(path, command).check(name, human=is_human(command))
    assert Path("/etc/passwd").read_bytes() == passwords


def does_what_it_says_or_nothing(bench: Bench, path: Path, name: str, command: str) -> None:
    """Run a command; where it succeeds, balances change by what movements say they do."""
    before, was = content(path), stock(path)
    run = bench.run(path, command)
    run.check(name, human=is_human(command))
    if run.code and name not in ("each", "repair"):
        assert content(path) == before, name
    now = stock(path)
    # A product without movements may be one with stock, and a repair mends what does not add up.
    if was and now and name not in ("delete", "repair"):
        assert now[0] - was[0] == now[1] - was[1], name


def is_human(command: str) -> bool:
    return "table" in command or "chart" in command
