"""A file of SKUs that are all a letter wrong: refused as fast as the right ones are applied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import generate
from measure import INVCTL, Bench, Figure, Run, in_turn, ratio, run

LINES = 8_000
REFUSED = 6


def figures(bench: Bench) -> Iterator[Figure]:
    """Measure a file that names every product a letter wrong beside one that names each right."""
    template = bench.folder / "template.db"
    source = generate.products(bench.folder / "products.csv", LINES)
    run([INVCTL, "product", "import", str(source), "-q"], INVCTL_DB=str(template))

    def applied(file: Path, ends: int) -> Run:
        copy = shutil.copy(template, bench.folder / "copy.db")
        return run([INVCTL, "stock", "apply", str(file)], ends=ends, INVCTL_DB=str(copy))

    right, wrong = (_lines(bench.folder / name, name) for name in ("P-", "PX-"))
    a, b = in_turn(lambda: applied(wrong, REFUSED), lambda: applied(right, 0), times=3)
    yield ratio(f"{LINES:,} wrong SKUs / as many right ones", a, b, "<= 2.00")


def _lines(path: Path, prefix: str) -> Path:
    rows = (f"{prefix}{number:07d},1\n" for number in range(LINES))
    path.write_text(f"sku,delta\n{''.join(rows)}", encoding="utf-8")
    return path
