"""A pipe that stays open: `apply --each` beside the bare driver, each committing line by line."""

from collections.abc import Iterator
from pathlib import Path

import generate
from measure import INVCTL, Figure, in_turn, peer, run

LINES = 20_000
PRODUCTS = 1000


def figures(folder: Path) -> Iterator[Figure]:
    """Measure whole runs, start-up included."""
    source = generate.products(folder / "products.csv", PRODUCTS)
    lines = generate.lines(folder / "lines.jsonl", LINES, PRODUCTS)
    databases = [str(folder / name) for name in ("ours.db", "bare.db")]
    for path in databases:
        run([INVCTL, "product", "import", str(source), "-q"], INVCTL_DB=path)
    a, b = in_turn(
        lambda: run([INVCTL, "stock", "apply", "-", "--each"], lines, INVCTL_DB=databases[0]),
        lambda: run(peer("each", databases[1]), lines),
        5,
    )
    detail = f"{LINES / a.seconds:,.0f} beside {LINES / b.seconds:,.0f} a second"
    yield Figure("apply --each: rate / the bare driver's", b.seconds / a.seconds, ">= 0.50", detail)
