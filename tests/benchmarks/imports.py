"""A hundred thousand products from a file: new, and unchanged; beside `sqlite-utils upsert`."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import generate
from measure import INVCTL, SQLITE_UTILS, Bench, Figure, Run, in_turn, ratio, run

PRODUCTS = 100_000


def figures(bench: Bench) -> Iterator[Figure]:
    """Measure both."""
    source = str(generate.products(bench.folder / "products.csv", PRODUCTS))
    ours, theirs = bench.folder / "ours.db", bench.folder / "theirs.db"
    upsert = [SQLITE_UTILS, "upsert", str(theirs), "product", source, "--csv", "--pk", "sku"]
    again = partial(run, [INVCTL, "product", "import", source, "-q"], INVCTL_DB=str(ours))
    again_there = partial(run, upsert)

    def new() -> Run:
        _remove(ours)
        return again()

    def new_there() -> Run:
        _remove(theirs)
        return again_there()

    a, b = in_turn(new, new_there, times=3)
    yield ratio(f"import of {PRODUCTS:,} new products / sqlite-utils upsert", a, b, "<= 0.40")
    a, b = in_turn(again, again_there, times=3)
    yield ratio("the same again, unchanged / sqlite-utils upsert", a, b, "<= 0.60")
    # What did nothing would have been the fastest.
    with closing(sqlite3.connect(ours)) as connection:
        assert connection.execute("SELECT count(*) FROM product").fetchone() == (PRODUCTS,)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
