"""The error sweep: each file-system call of a mutation fails, once or from then on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bench import HANG, Bench, Run
from kills import Point as Call
from kills import points_in
from scenarios import Scenario
from shop import Result
from sweep import Report, spread
from upkeep import new_trial

ERRORS: Mapping[str, tuple[str, ...]] = {
    "pwrite64": ("EIO", "ENOSPC"),
    "fdatasync": ("EIO", "ENOSPC"),
    "fsync": ("EIO", "ENOSPC"),
    "ftruncate": ("EIO", "ENOSPC"),
    "unlink": ("EIO", "EACCES"),
    "openat": ("EIO", "EMFILE", "EACCES", "ENOSPC"),
    "pread64": ("EIO",),
    "fcntl": ("EIO", "ENOLCK"),
    "flock": ("EIO", "ENOLCK"),
    "mmap": ("EACCES", "ENOMEM"),
    "link": ("EIO", "EACCES", "ENOSPC"),
    "rename": ("EIO", "EACCES", "ENOSPC"),
}
"""What each call may fail with, as its manual page says."""

SLOW = ("fcntl",)
_SLOW_TRIED = 3

ERRORS_TRIED = 36
"""How many errors the share in CI tries on each mutation."""

CODES = (9, 11, 12, 13)
"""How a command may end that the file system let down: outcome_unknown, db_locked, db_unusable,
permission. An internal error (1) is never one of them."""


class Point(NamedTuple):
    """The `number`th call of this name fails, and with `lasting` all after it."""

    call: str
    number: int
    error: str
    lasting: bool

    @property
    def fault(self) -> str:
        """The fault as strace's `inject` takes it."""
        return f"{self.call}:error={self.error}:when={self.number}{'+' if self.lasting else ''}"


def errors_of(calls: Sequence[Call]) -> list[Point]:
    """Return each way in which each of the calls may fail, in the order of the calls."""
    return [
        Point(call, number, error, lasting)
        for call, number in calls
        for error in ERRORS.get(call, ())
        for lasting in (False, True)
        if not (lasting and call in SLOW)
    ]


def slow_errors_of(calls: Sequence[Call]) -> list[Point]:
    """Return where locking fails from then on, which SQLite retries for ten seconds each time."""
    return [
        Point(call, number, error, True)
        for call, number in calls
        if call in SLOW
        for error in ERRORS[call]
    ]


def error_sweep(bench: Bench, scenario: Scenario, most: int | None = None) -> Report:
    """Let the scenario meet each error at each of its calls, or `most` of them.

    Without `most` that includes a few of the slow ones.
    """
    trial, report = new_trial(bench, scenario), Report()
    trial.lay()
    # No more is watched than need be: a run that strace slows down may open a file more.
    calls = points_in(bench, bench.trace(scenario.arguments, calls=",".join(ERRORS)))
    slow = spread(slow_errors_of(calls), 0 if most else _SLOW_TRIED)
    for point in [*spread(errors_of(calls), most), *slow]:
        trial.lay()
        run = bench.trace(scenario.arguments, point.fault, calls=point.call)
        found = [*_not_fired(run), *_misreported(scenario, run.result), *trial.judge(run.result)]
        report.tried(f"{scenario.name}, {point.fault}", found)
    return report


def _not_fired(run: Run) -> Iterator[str]:
    if not any(line.endswith("(INJECTED)") for line in run.trace):
        yield "strace injected nothing"


def _misreported(scenario: Scenario, result: Result) -> Iterator[str]:
    """Yield how the command told its failure otherwise than the contract says."""
    if result.code < 0:
        yield f"it died of signal {-result.code}, or was ended after {HANG} seconds"
    elif result.code not in (scenario.code, *CODES):
        yield f"exit {result.code}: {result.stderr.strip()}"
    if "Traceback" in result.stderr:
        yield f"a traceback: {result.stderr}"
    if result.code in CODES and not scenario.answers:
        yield from _untold(result, streams=scenario.streams)


def _untold(result: Result, *, streams: bool) -> Iterator[str]:
    told = result.err
    if streams:
        told = b"".join(told.splitlines(keepends=True)[-1:])
    elif result.out:
        yield f"it failed and said {result.stdout!r}"
    try:
        error = json.loads(told)["error"]
    except (ValueError, KeyError):
        yield f"exit {result.code}, and no line of JSON: {result.stderr!r}"
    else:
        if told.count(b"\n") != 1 or error["exit_code"] != result.code:
            yield f"its error does not fit exit {result.code}: {result.stderr!r}"
