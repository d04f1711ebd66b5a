"""Whole processes, timed in turn, so that a ratio holds while the machine's speed drifts."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

BIN = Path(sys.executable).parent
INVCTL = str(BIN / "invctl")
SQLITE_UTILS = str(BIN / "sqlite-utils")
HERE = Path(__file__).parent


class Bench(NamedTuple):
    """What a benchmark is given: an empty folder, and another invctl to measure beside, if any.

    `minutes` are those of the one that lasts as long as one likes.
    """

    folder: Path
    beside: str | None
    minutes: int

    def invctls(self) -> dict[str, str]:
        """Return the programs to measure by name: ours, and the other one."""
        return {"ours": INVCTL, **({"beside": self.beside} if self.beside else {})}


class Run(NamedTuple):
    """One process: seconds until its end, of them those of a core, until its first byte; memory."""

    seconds: float
    cpu: float
    first_byte: float
    peak_mib: float


class Figure(NamedTuple):
    """A line of the table: what was measured, the ratio or number, and what it should be."""

    name: str
    value: float
    goal: str
    detail: str = ""


def run(command: Sequence[str], stdin: Path | None = None, ends: int = 0, **environ: str) -> Run:
    """Run a command to its end, reading its output as it comes.

    Raises RuntimeError where it ends with another code than `ends`.
    """
    began = time.perf_counter()
    with open(stdin or os.devnull, "rb") as source:
        process = subprocess.Popen(
            command,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if ends else None,
            env={**os.environ, **environ},
        )
        assert process.stdout is not None
        first = (process.stdout.read(1) and time.perf_counter() - began) or 0.0
        while process.stdout.read(1 << 20):
            pass
        # Not Popen's own wait: only this one tells the memory of this child alone.
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != ends:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(seconds, cpu, first, usage.ru_maxrss / 1024)


def in_turn(*programs: Callable[[], Run], times: int) -> list[Run]:
    """Run programs A B A B …, once more than `times` to warm up; return the median of each."""
    rounds = [[program() for program in programs] for _ in range(times + 1)][1:]
    return [
        Run(*(median(values) for values in zip(*runs, strict=True)))
        for runs in zip(*rounds, strict=True)
    ]


def rates_in_turn(*measures: Callable[[], float], times: int) -> list[float]:
    """Take measures A B A B …, once more than `times` to warm up; return the median of each."""
    rounds = [[measure() for measure in measures] for _ in range(times + 1)][1:]
    return [median(rates) for rates in zip(*rounds, strict=True)]


def peer(*arguments: object) -> list[str]:
    """Return the command line of a program in `peers.py`."""
    return [sys.executable, str(HERE / "peers.py"), *map(str, arguments)]


def ratio(name: str, ours: Run, other: Run, goal: str) -> Figure:
    """Return the figure of our seconds beside a peer's."""
    return Figure(name, ours.seconds / other.seconds, goal, beside(ours, other))


def beside(ours: Run, other: Run) -> str:
    """Return both runs' seconds, and those of a core, which a busy machine changes less."""
    cpu = f"of a core {ours.cpu:.3f} beside {other.cpu:.3f}: {ours.cpu / other.cpu:.2f}"
    return f"{ours.seconds:.3f} s beside {other.seconds:.3f}; {cpu}"


def rate(name: str, ours: float, other: float, goal: str) -> Figure:
    """Return the figure of our lines a second beside a peer's."""
    return Figure(name, ours / other, goal, f"{ours:,.0f} beside {other:,.0f} a second")
