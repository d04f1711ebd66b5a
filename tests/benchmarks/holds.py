"""What promises cost: those that do not use them nothing, and a hold little more than a sale."""

import itertools
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from measure import INVCTL, Bench, Figure, Run, beside, in_turn, run

HOLDS = 100_000
PRODUCTS = 1_000
TIMES = 50
REMOVE = ("stock", "remove", "A-1", "1")
CREATE = ("hold", "create", "A-1", "1")


def figures(bench: Bench) -> Iterator[Figure]:
    """Measure `stock remove` beside itself among open holds, and holds beside `stock remove`."""
    plain, among = (_made(bench.folder / f"{name}.db") for name in ("plain", "among"))
    _hold(among, (f"P-{number % PRODUCTS}" for number in range(HOLDS)))
    ours, other = in_turn(partial(_run, among, REMOVE), partial(_run, plain, REMOVE), times=TIMES)
    yield _of_a_core(f"stock remove among {HOLDS:,} open holds / none", ours, other, "<= 1.03")
    _hold(plain, itertools.repeat("A-1", TIMES + 1))
    numbers = itertools.count(1)

    def commit() -> Run:
        return _run(plain, ("hold", "commit", str(next(numbers))))

    create, committed, remove = in_turn(
        partial(_run, plain, CREATE), commit, partial(_run, plain, REMOVE), times=TIMES
    )
    yield _of_a_core("hold create / stock remove", create, remove, "<= 1.15")
    yield _of_a_core("hold commit / stock remove", committed, remove, "<= 1.15")


def _made(db: Path) -> Path:
    """Make an inventory with a product and many others."""
    file = db.with_suffix(".csv")
    others = "".join(f"P-{number},P,100000\n" for number in range(PRODUCTS))
    file.write_text(f"sku,name,quantity\nA-1,A,100000\n{others}", encoding="utf-8")
    run([INVCTL, "product", "import", str(file), "-q"], INVCTL_DB=str(db))
    return db


def _hold(db: Path, skus: Iterator[str]) -> None:
    file = db.with_suffix(".csv")
    file.write_text("sku,amount\n" + "".join(f"{sku},1\n" for sku in skus), encoding="utf-8")
    run([INVCTL, "hold", "create", "--file", str(file), "--no-expiry", "-q"], INVCTL_DB=str(db))


def _run(db: Path, command: Sequence[str]) -> Run:
    return run([INVCTL, *command], INVCTL_DB=str(db))


def _of_a_core(name: str, ours: Run, other: Run, goal: str) -> Figure:
    """Return the figure of our seconds of a core beside another's."""
    return Figure(name, ours.cpu / other.cpu, goal, beside(ours, other))
