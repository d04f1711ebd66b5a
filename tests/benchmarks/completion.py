"""One TAB, the whole process: quiet, and while another process holds the write lock."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from statistics import quantiles

import generate
from measure import INVCTL, Bench, Figure, run

TIMES = 40
PRODUCTS = 100_000


def figures(bench: Bench) -> Iterator[Figure]:
    """Measure the answers that read the inventory most and least."""
    source = generate.products(bench.folder / "products.csv", PRODUCTS)
    db = str(bench.folder / "inventory.db")
    run([INVCTL, "product", "import", str(source), "-q"], INVCTL_DB=db)
    yield _latency("TAB after `stock add P`", db, "stock", "add", "P")
    yield _latency("TAB after `stock add P-00999`", db, "stock", "add", "P-00999")
    yield _latency("TAB after `product unarchive`, none is", db, "product", "unarchive", "")
    yield _latency("TAB after `st`", db, "st")
    with closing(sqlite3.connect(db, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")  # never ended: a TAB must not wait for it
        writer.execute("UPDATE product SET quantity = quantity + 1 WHERE id <= 1000")
        yield _latency("TAB after `stock add P`, write lock held", db, "stock", "add", "P")


def _latency(name: str, db: str, *words: str) -> Figure:
    """Return the 95th percentile in milliseconds, after one run to warm up."""
    command = [INVCTL, "__complete", *words]
    seconds = [run(command, INVCTL_DB=db).seconds for _ in range(TIMES + 1)][1:]
    cuts = quantiles(seconds, n=20, method="inclusive")
    detail = f"p50 {cuts[9] * 1000:.1f} ms, p95 {cuts[18] * 1000:.1f} ms"
    return Figure(f"{name}: p95, ms", cuts[18] * 1000, "<= 50", detail)
