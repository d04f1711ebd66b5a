"""Upkeep that faults are tried on: backup, restore, migrate and repair, which post no movement.

Each leaves the inventory as it was or changed entirely, and says which; a backup's file is whole
or is not there; and what is replaced or repaired has been kept, whole, before anything is done.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench import Bench, new_bench
from books import ACKNOWLEDGED, REFUSED, UNKNOWN
from scenarios import STARTS, Scenario, told_by
from shop import Result
from trial import State, Trial, state

BACKUP = "monday.db"
_OLD = Path(__file__).parents[2] / "service" / "fixtures" / "schema-1.sql"
_UNFINISHED = ".invctl-"


@dataclass(frozen=True)
class Upkeep(Scenario):
    """Upkeep of an inventory that `spoil` has changed behind invctl's back.

    With `backs_up` it writes a file and changes nothing; with `restores` there is a backup and the
    inventory has moved on since; with `migrates` the inventory is of an older invctl.
    """

    key: str | None = None
    in_ledger: bool = False
    spoil: str = ""
    backs_up: bool = False
    restores: bool = False
    migrates: bool = False


UPKEEP = (
    Upkeep("db backup", ("db", "backup", f"books/{BACKUP}"), backs_up=True),
    Upkeep("db restore", ("db", "restore", f"books/{BACKUP}", "--yes"), restores=True),
    Upkeep(
        "db restore, the first",
        ("db", "restore", f"books/{BACKUP}", "--yes"),
        start="no file",
        restores=True,
    ),
    Upkeep(
        "db check --repair",
        ("db", "check", "--repair"),
        spoil="UPDATE product SET quantity = 99 WHERE sku = 'A-1'",
        code=8,
        streams=True,
    ),
    Upkeep("db migrate", ("db", "migrate"), migrates=True),
)
BY_NAME = {one.name: one for one in UPKEEP}


class Held(NamedTuple):
    """What a file holds, and of which schema version it is; nothing where there is none."""

    state: State | None
    version: int


def held(db: Path) -> Held | str:
    """Return what a file holds, or what is wrong with it."""
    if not db.exists():
        return Held(None, 0)
    with closing(sqlite3.connect(db)) as connection:
        try:
            [(sound,)] = connection.execute("PRAGMA integrity_check").fetchall()
            [(version,)] = connection.execute("PRAGMA user_version").fetchall()
            if sound == "ok":
                return Held(state(db), version)
        except (sqlite3.Error, ValueError) as error:
            return f"{db.name}: {error}"
    return f"{db.name}: {sound}"


@dataclass
class UpkeepTrial(Trial):
    """Upkeep made ready on a bench, and how what it finds and what it makes of that look."""

    backs_up: bool = field(init=False)
    found: Held | str = field(init=False)
    made: Held | str = field(init=False)

    def __post_init__(self) -> None:
        bench, scenario, db = self.bench, self.scenario, self.bench.shop.db
        assert isinstance(scenario, Upkeep)
        self.backs_up = scenario.backs_up
        self.template = bench.shop.root / "template"
        bench.lay(None)
        bench.books.mkdir()
        _stock(bench, scenario)
        shutil.rmtree(self.template, ignore_errors=True)
        bench.books.rename(self.template)
        self.found = held(self.template / db.name)
        self.lay()
        reference = bench.run(*scenario.arguments)
        assert reference.code == scenario.code, reference.stderr
        self.made = held(db)
        assert self.backs_up or self.made != self.found
        wrong = list(self._wrong(bench.books, self._told(reference)))
        assert wrong == [], wrong

    def judge(self, result: Result) -> Iterator[str]:
        """Yield what is wrong after a run, and after the same command once more without a fault."""
        yield from self.judge_told(self._told(result))

    def judge_told(self, told: str) -> Iterator[str]:
        """Do as `judge` after a run that told this of what it did."""
        books = self.bench.books
        copy = self.bench.shop.root / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(books, copy, ignore=shutil.ignore_patterns("*-shm"))
        yield from self._wrong(copy, told)
        if self.backs_up:
            (books / BACKUP).unlink(missing_ok=True)
        again = self.bench.run(*self.scenario.arguments)
        if again.code not in (0, self.scenario.code):
            yield f"once more: exit {again.code}: {again.stderr}"
        yield from self._wrong(books, self._told(again), kept=False)
        left = {path.name for path in books.iterdir()} - {"shop.db", "shop.db.lock", BACKUP}
        # What is kept has another name each time: nobody knows an unfinished one for his.
        if odd := sorted(name for name in left if ".before-" not in name):
            yield f"once more left files: {odd}"

    def _told(self, result: Result) -> str:
        if self.scenario.streams and result.code == self.scenario.code:
            # It found something; whether that is repaired is what it says beside.
            return ACKNOWLEDGED if b"set 1 quantity" in result.err else UNKNOWN
        return told_by(result)

    def _wrong(self, books: Path, told: str, *, kept: bool = True) -> Iterator[str]:
        now = held(books / "shop.db")
        allowed = {
            ACKNOWLEDGED: [self.made],
            REFUSED: [self.found],
        }.get(told, [self.found, self.made])
        if now not in allowed:
            yield f"what told '{told}' left {now}, neither {self.found} nor {self.made}"
        copies = [
            path
            for path in books.glob("shop.db.before-*")
            if _UNFINISHED not in path.name and not path.name.endswith(("-wal", "-journal"))
        ]
        for path in copies if kept else []:
            if held(path) != self.found:
                yield f"{path.name} is not what was there before"
        replaced = now != self.found and self.found != Held(None, 0)
        if kept and replaced and not copies:
            yield "what was there before is not kept"
        if self.backs_up:
            backup = held(books / BACKUP)
            whole = (self.found,) if told == ACKNOWLEDGED else (self.found, Held(None, 0))
            if backup not in whole:
                yield f"what told '{told}' left the backup {backup}"


def _stock(bench: Bench, scenario: Upkeep) -> None:
    """Make in the bench's folder what the upkeep finds."""
    db = bench.shop.db
    if scenario.migrates:
        with closing(sqlite3.connect(db)) as connection:
            connection.executescript(_OLD.read_text(encoding="utf-8"))
        return
    commands = list(STARTS["stocked"] or ())
    if scenario.restores:
        commands += [("db", "backup", f"books/{BACKUP}"), ("stock", "remove", "A-1", "1")]
    for command in commands:
        assert bench.run(*command).code == 0
    with closing(sqlite3.connect(db)) as connection:
        connection.executescript(scenario.spoil)
    if scenario.start == "no file":
        db.unlink()
    # Its first user makes the lock file, too.
    Path(f"{db}.lock").unlink(missing_ok=True)


@contextmanager
def bench_for(root: Path, scenario: Scenario) -> Iterator[Bench]:
    """Give a bench in `root`, an empty folder, for a scenario of whichever sort."""
    with new_bench(root) as bench:
        bench.sees_all = isinstance(scenario, Upkeep)
        yield bench


def new_trial(bench: Bench, scenario: Scenario) -> Trial:
    """Make a scenario ready on a bench, to be judged by what it is."""
    return (UpkeepTrial if isinstance(scenario, Upkeep) else Trial)(bench, scenario)
