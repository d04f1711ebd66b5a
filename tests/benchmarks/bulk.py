"""Files: a year of sales, and a hundred thousand products."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import generate
from measure import BIN, HERE, INVCTL, Figure, Run, in_turn, peer, ratio, run

RETAIL = HERE.parents[2] / "shared" / "data" / "online-retail"
PRODUCTS = 100_000


def figures(folder: Path) -> Iterator[Figure]:
    """Measure apply and import, their memory, and the bare driver and sqlite-utils beside them."""
    if RETAIL.is_dir():
        yield _apply(folder)
    yield _memory(folder)
    yield from _import(folder)


def _apply(folder: Path) -> Figure:
    template = folder / "retail.db"
    run(
        [INVCTL, "product", "import", str(RETAIL / "products.csv.gz"), "-q"],
        INVCTL_DB=str(template),
    )
    file = str(RETAIL / "movements.csv.gz")
    a, b = in_turn(
        lambda: run([INVCTL, "stock", "apply", file], INVCTL_DB=_fresh(template)),
        lambda: run(peer("apply", _fresh(template), file)),
        3,
    )
    detail = f"{a.seconds:.2f} s beside {b.seconds:.2f} s; {a.peak_mib:.0f} MiB"
    name = "apply of 541,909 movements: rate / the bare driver's"
    return Figure(name, b.seconds / a.seconds, ">= 2.5", detail)


def _memory(folder: Path) -> Figure:
    template = folder / "memory.db"
    source = generate.products(folder / "few.csv", 1000)
    run([INVCTL, "product", "import", str(source), "-q"], INVCTL_DB=str(template))
    short = generate.movements(folder / "short.csv.gz", 200_000, 1000)
    long = generate.movements(folder / "long.csv.gz", 2_000_000, 1000)
    peaks = [
        run([INVCTL, "stock", "apply", str(file)], INVCTL_DB=_fresh(template)).peak_mib
        for file in (long, short)
    ]
    detail = f"{peaks[0]:.0f} MiB for 2,000,000 lines, {peaks[1]:.0f} for 200,000"
    return Figure("memory of ten times the lines", peaks[0] / peaks[1], "<= 1.15", detail)


def _import(folder: Path) -> Iterator[Figure]:
    source = str(generate.products(folder / "products.csv", PRODUCTS))
    ours, theirs = folder / "ours.db", folder / "theirs.db"
    upsert = [str(BIN / "sqlite-utils"), "upsert", str(theirs), "product", source]
    command = [INVCTL, "product", "import", source]

    def new() -> Run:
        _remove(ours)
        return run(command, INVCTL_DB=str(ours))

    def new_there() -> Run:
        _remove(theirs)
        return run([*upsert, "--csv", "--pk", "sku"])

    a, b = in_turn(new, new_there, 3)
    yield ratio(f"import of {PRODUCTS:,} new products / sqlite-utils upsert", a, b, "<= 0.40")
    a, b = in_turn(
        lambda: run(command, INVCTL_DB=str(ours)),
        lambda: run([*upsert, "--csv", "--pk", "sku"]),
        3,
    )
    yield ratio("the same again, unchanged / sqlite-utils upsert", a, b, "<= 0.60")
    with sqlite3.connect(ours) as connection:
        assert connection.execute("SELECT count(*) FROM product").fetchone() == (PRODUCTS,)
    connection.close()


def _fresh(template: Path) -> str:
    copy = template.with_suffix(".copy")
    _remove(copy)
    shutil.copy(template, copy)
    return str(copy)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
