"""Run the benchmarks and print a table: `python tests/benchmarks [NAME …] [--large]`.

Each measures invctl beside a peer in the same run and prints the ratio of the medians; none of
them is a test. `--large` adds an inventory of a million products and ten million movements, which
takes some minutes to make.
"""

import compileall
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import rich
import sqlalchemy
import typer
from measure import Figure

import invctl

SMALL = ("startup", "bulk", "coprocess", "completion", "postgresql")
LARGE = ("large",)


def main(arguments: list[str]) -> None:
    """Run those named, or all small ones."""
    names = [name for name in arguments if not name.startswith("-")]
    chosen = names or [*SMALL, *(LARGE if "--large" in arguments else ())]
    # Without their .pyc files imports take twice the time, whatever PYTHONDONTWRITEBYTECODE says.
    for package in (invctl, typer, rich, sqlalchemy):
        compileall.compile_dir(Path(package.__file__ or "").parent, quiet=2)
    for name in chosen:
        for figure in _figures(name):
            print(f"{figure.name:<58}{figure.value:>9.2f}  {figure.goal:<12}{figure.detail}")


def _figures(name: str) -> Iterator[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="invctl-benchmark-"))
    try:
        yield from import_module(name).figures(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
