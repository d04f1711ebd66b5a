"""Whole processes, timed in turn, so that a ratio holds while the machine's speed drifts."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

BIN = Path(sys.executable).parent
INVCTL = str(BIN / "invctl")
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """One process: seconds until its end and until its first byte, and its peak memory."""

    seconds: float
    first_byte: float
    peak_mib: float


@dataclass(frozen=True)
class Figure:
    """A line of the table: what was measured, the ratio or number, and what it should be."""

    name: str
    value: float
    goal: str
    detail: str = ""


def run(command: Sequence[str], stdin: Path | None = None, **environ: str) -> Run:
    """Run a command to its end, reading its output as it comes; fails if it fails."""
    began = time.perf_counter()
    with open(stdin or os.devnull, "rb") as source:
        process = subprocess.Popen(
            command, stdin=source, stdout=subprocess.PIPE, env={**os.environ, **environ}
        )
        assert process.stdout is not None
        first = (process.stdout.read(1) and time.perf_counter() - began) or 0.0
        while process.stdout.read(1 << 20):
            pass
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 2):
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return Run(seconds, first, usage.ru_maxrss / 1024)


def in_turn(ours: Callable[[], Run], peer: Callable[[], Run], times: int) -> tuple[Run, Run]:
    """Run two things A B A B …, once more than `times` to warm up; return the median of each."""
    runs = [(ours(), peer()) for _ in range(times + 1)][1:]
    return _median([a for a, _ in runs]), _median([b for _, b in runs])


def _median(runs: Sequence[Run]) -> Run:
    return Run(
        median(one.seconds for one in runs),
        median(one.first_byte for one in runs),
        median(one.peak_mib for one in runs),
    )


def peer(*arguments: object) -> list[str]:
    """Return the command line of a program in `peers.py`."""
    return [sys.executable, str(HERE / "peers.py"), *map(str, arguments)]


def ratio(name: str, ours: Run, other: Run, goal: str) -> Figure:
    """Return the figure of our seconds beside a peer's."""
    detail = f"{ours.seconds:.3f} s beside {other.seconds:.3f} s"
    return Figure(name, ours.seconds / other.seconds, goal, detail)
