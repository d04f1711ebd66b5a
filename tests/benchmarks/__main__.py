"""Run the benchmarks and print a table: `python tests/benchmarks [NAME …] [--beside INVCTL]`.

    startup      one command: beside `sqlite-utils query`, and a bare Typer program
    coprocess    `apply --each` at the end of one pipe: beside the smallest one on the driver
    year         `stock apply` of half a million movements, its undo, its memory: beside the driver
    refusals     8,000 lines that are refused: beside 8,000 that are not
    imports      `product import` of a hundred thousand products: beside `sqlite-utils upsert`
    holds        `stock remove` among 100,000 holds, beside none; `hold create`, `hold commit`
    completion   a TAB
    serving      64 clients of `invctl serve`: beside the design that it began as
    postgresql   1 and 16 `apply --each` on a server: beside pgbench
    places       sales from places, beside sales from none; a million pots that expire
    shelf        counts, recipes and scans on a million products, which take a minute to make
    large        lists and commands on a million products, which take minutes to make
    soak         `invctl serve` at 500 changes a second for `--minutes N`: whether anything grows

Each measures invctl beside a peer in the same run, in turn, and prints the ratio of the medians;
none of them is a test. With `--beside` some measure beside that other installed invctl too. Without
names all run but the last four.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `server`, as pytest finds it

from measure import INVCTL, Bench, Figure

SMALL = (
    "startup",
    "coprocess",
    "year",
    "refusals",
    "imports",
    "holds",
    "completion",
    "serving",
    "postgresql",
)
LARGE = ("places", "shelf", "large", "soak")
_COMPILE = """
import compileall, pathlib, sysconfig, invctl
for folder in (sysconfig.get_path("purelib"), pathlib.Path(invctl.__file__).parent):
    compileall.compile_dir(folder, quiet=2)
"""


def main() -> None:
    """Run those named, or all small ones."""
    parser = argparse.ArgumentParser(prog="python tests/benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *SMALL, *LARGE])
    parser.add_argument("--beside", metavar="INVCTL", help="another installed invctl")
    parser.add_argument("--minutes", type=int, default=10, metavar="N", help="how long to soak")
    given = parser.parse_args()
    for invctl in filter(None, (INVCTL, given.beside)):
        # Without their .pyc files imports take twice the time, and PYTHONDONTWRITEBYTECODE
        # would have none written.
        subprocess.run([Path(invctl).with_name("python"), "-c", _COMPILE], check=True)
    for name in given.names or SMALL:
        print(f"{name} (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")
        for figure in _figures(name, given.beside, given.minutes):
            line = f"{figure.name:<58}{figure.value:>9.2f}  {figure.goal:<12}{figure.detail}"
            print(f"  {line}", flush=True)


def _figures(name: str, beside: str | None, minutes: int) -> Iterator[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="invctl-benchmark-"))
    folder.chmod(0o755)  # where root runs this, the server is another user's
    try:
        yield from import_module(name).figures(Bench(folder, beside, minutes))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
