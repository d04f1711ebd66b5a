"""A year of sales in one file: loaded, taken back, and what memory that takes."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import generate
from measure import HERE, INVCTL, Bench, Figure, Run, beside, in_turn, peer, ratio, run

RETAIL = HERE.parents[2] / "shared" / "data" / "online-retail"
"""The sales of a real shop, where they are to be had."""
MOVEMENTS = 541_909


class Year(NamedTuple):
    """An inventory in which nothing has moved yet, and the file of what moves in it."""

    template: Path
    movements: Path

    def fresh(self) -> str:
        """Return the path of a new copy of the inventory, which takes the last one's place."""
        copy = self.template.with_suffix(".copy")
        for suffix in ("", "-wal", "-shm"):
            Path(f"{copy}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.template, copy)
        return str(copy)

    def apply(self) -> Run:
        """Apply the movements to a new copy."""
        return run([INVCTL, "stock", "apply", str(self.movements)], INVCTL_DB=self.fresh())


def figures(bench: Bench) -> Iterator[Figure]:
    """Measure the load beside the bare driver, its undo, and the memory of ten times the lines."""
    year = _year(bench.folder)
    ours, bare = in_turn(
        year.apply,
        lambda: run(peer("apply", year.fresh(), year.movements)),
        times=3,
    )
    name = f"apply of {MOVEMENTS:,} movements: rate / the bare driver's"
    yield Figure(name, bare.seconds / ours.seconds, ">= 1.80", beside(ours, bare))
    yield Figure("its peak memory, MiB", ours.peak_mib, "<= 64")
    yield _undo(year)
    yield _memory(bench.folder)


def _year(folder: Path) -> Year:
    products, movements = RETAIL / "products.csv.gz", RETAIL / "movements.csv.gz"
    if not movements.exists():
        products = generate.products(folder / "products.csv", 4_000)
        movements = generate.movements(folder / "movements.csv.gz", MOVEMENTS, 4_000)
    return Year(_stocked(folder / "year.db", products), movements)


def _stocked(db: Path, products: Path) -> Path:
    run([INVCTL, "product", "import", str(products), "-q"], INVCTL_DB=str(db))
    return db


def _undo(year: Year) -> Figure:
    copy = str(year.template.with_suffix(".copy"))
    # The import was operation 1; each copy is applied to and undone in turn.
    undo = partial(run, [INVCTL, "stock", "undo", "2"], INVCTL_DB=copy)
    applied, undone = in_turn(year.apply, undo, times=3)
    return ratio("its undo / its apply", undone, applied, "<= 1.50")


def _memory(folder: Path) -> Figure:
    template = _stocked(folder / "few.db", generate.products(folder / "few.csv", 1000))
    peaks = [
        Year(template, generate.movements(folder / f"{count}.csv.gz", count, 1000)).apply().peak_mib
        for count in (2_000_000, 200_000)
    ]
    detail = f"{peaks[0]:.0f} MiB for 2,000,000 lines, {peaks[1]:.0f} for 200,000"
    return Figure("memory of ten times the lines", peaks[0] / peaks[1], "<= 1.15", detail)
