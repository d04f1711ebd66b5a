"""One scenario on a bench: made ready, run once for reference, and judged after each fault."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench import Bench
from books import ACKNOWLEDGED, REFUSED, check_books
from scenarios import INPUT, OPENING, STARTS, Scenario, told_by
from shop import Result

_NOT_FOUND = 3
_STATE = (
    "SELECT sku, name, description, quantity, reorder_point, archived_at IS NULL, held FROM product"
    " ORDER BY sku",
    "SELECT id, kind, reverses_id FROM operation ORDER BY id",
    "SELECT name, value FROM setting ORDER BY name",
    "SELECT id, kind, amount, taken, made_by, closed_by FROM promise ORDER BY id",
)


# Before version 2 nothing was promised.
_OLD_STATE = _STATE[0].replace("held", "0"), *_STATE[1:3]


class State(NamedTuple):
    """What an inventory holds but for its times; `check_books` looks at the movements."""

    products: list[tuple[object, ...]]
    operations: list[tuple[object, ...]]
    settings: list[tuple[object, ...]]
    promises: list[tuple[object, ...]]


def state(db: Path) -> State | None:
    """Return what the inventory at `db` holds; None where there is none."""
    if not db.exists():
        return None
    with closing(sqlite3.connect(db)) as connection:
        [(version,)] = connection.execute("PRAGMA user_version").fetchall()
        statements = _OLD_STATE if version == 1 else _STATE
        found = [connection.execute(statement).fetchall() for statement in statements]
        return State(*found, *([[]] if version == 1 else []))


@dataclass
class Trial:
    """A scenario made ready on a bench, and what it does there when nothing goes wrong."""

    bench: Bench
    scenario: Scenario
    template: Path | None = field(init=False)
    before: State | None = field(init=False)
    midway: State | None = field(init=False, default=None)
    after: State | None = field(init=False)

    def __post_init__(self) -> None:
        # A new file has a name of its own.
        self.bench.sees_all = OPENING.get(self.scenario.start) is None
        self.template = _template(self.bench, self.scenario.start)
        self.before = state(self.template / "shop.db") if self.template else None
        (self.bench.shop.root / INPUT).write_text(self.scenario.input)
        if self.scenario.midway:
            self.lay()
            assert self.bench.run(*self.scenario.midway).code == 0
            self.midway = state(self.bench.shop.db)
        self.lay()
        # Once without a fault: what is judged later is whether it is this, or nothing.
        result = self.bench.run(*self.scenario.arguments)
        assert result.code == self.scenario.code, result.stderr
        found = self._unbalanced(self.bench.shop.db, result)
        assert not found, found
        self.after = state(self.bench.shop.db)
        assert self.after != self.before

    def lay(self) -> None:
        """Make the folder again what the scenario finds."""
        self.bench.lay(self.template)

    def judge(self, result: Result) -> Iterator[str]:
        """Yield what is wrong after a run, and after the same command once more without a fault.

        The look at the books is one at a copy, without the shared memory that no process has open
        any more: so the retry finds what the run left.
        """
        copy = self.bench.shop.root / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        if self.bench.books.exists():
            shutil.copytree(self.bench.books, copy, ignore=shutil.ignore_patterns("*-shm"))
        db = copy / "shop.db"
        found = self._unbalanced(db, result)
        yield from found
        if not found:
            now = state(db)
            if not self._is_allowed(now, result):
                yield f"exit {result.code} left {now}, neither {self.before} nor {self.after}"
            # What has two operations is no request that can be made again: another one is.
            if not self.scenario.midway:
                yield from self._retry(happened=now == self.after)

    def _unbalanced(self, db: Path, result: Result) -> list[str]:
        opening = OPENING.get(self.scenario.start, {})
        after = len(self.before.operations) if self.before else 0
        return check_books(db, opening, self.scenario.tries(result), after=after)

    def _is_done(self, now: State | None) -> bool:
        """Whether all has happened; lines that failed at first may have come after the others."""
        if not self.scenario.answers or not now or not self.after:
            return now == self.after
        kinds = [sorted(str(one[1:]) for one in each.operations) for each in (now, self.after)]
        return now.products == self.after.products and kinds[0] == kinds[1]

    def _is_allowed(self, now: State | None, result: Result) -> bool:
        """Whether the inventory is as before or changed entirely, whichever a run told.

        Lines share a commit, too; where they have answers, those were looked at one by one.
        """
        if self.scenario.answers and result.out:
            return True
        told = told_by(result)
        if told == ACKNOWLEDGED:
            return now == self.after
        if self.midway and now == self.midway:
            return True
        return now == self.before or (told != REFUSED and now == self.after)

    def _retry(self, *, happened: bool) -> Iterator[str]:
        result = self.bench.run(*self.scenario.arguments)
        if not self.scenario.has_keys and happened:
            if result.code not in (0, _NOT_FOUND):
                yield f"once more: exit {result.code}: {result.stderr}"
            now = state(self.bench.shop.db)
            if not now or not self.after or now.products != self.after.products:
                yield f"once more left {now}, not {self.after}"
        else:
            if result.code != self.scenario.code:
                yield f"the retry: exit {result.code}: {result.stderr}"
            yield from self._unbalanced(self.bench.shop.db, result)
            now = state(self.bench.shop.db)
            if not self._is_done(now):
                yield f"the retry left {now}, not {self.after}"
        # What a maker of a file has left is for the next maker to clear away.
        names = {path.name for path in self.bench.books.iterdir() if ".invctl-" not in path.name}
        if names - {"shop.db", "shop.db.lock"}:
            yield f"the retry left files: {sorted(names)}"


def _template(bench: Bench, start: str) -> Path | None:
    """Return the folder that scenarios with this start find, made at its first use."""
    commands = STARTS[start]
    if commands is None:
        return None
    template = bench.shop.root / start
    if not template.exists():
        bench.lay(None)
        bench.books.mkdir()
        for command in commands:
            made = bench.run(*command)
            assert made.code == 0, made.stderr
        # Its first user makes the lock file, too.
        Path(f"{bench.shop.db}.lock").unlink(missing_ok=True)
        bench.books.rename(template)
    return template
