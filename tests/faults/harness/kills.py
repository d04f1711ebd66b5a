"""The kill sweep: SIGKILL at every file-system call of a mutation, one run for each."""

import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bench import Bench, Run
from scenarios import Scenario
from sweep import Report, spread
from upkeep import new_trial

KILLS = 20
"""At how many points the share in CI kills each mutation."""


class Point(NamedTuple):
    """The `number`th call of this name on the inventory's files."""

    call: str
    number: int


def points_of(calls: Sequence[str]) -> list[Point]:
    """Return the point of each call, in the order in which they were made."""
    counts: Counter[str] = Counter()
    points = []
    for call in calls:
        counts[call] += 1
        points.append(Point(call, counts[call]))
    return points


def points_in(bench: Bench, run: Run) -> list[Point]:
    """Return the points of a run that are about the inventory."""
    points = zip(points_of(run.calls), run.lines, strict=True)
    return [point for point, (_, line) in points if bench.concerns(line)]


def kill_sweep(bench: Bench, scenario: Scenario, most: int | None = None) -> Report:
    """Kill the scenario at each of its calls, or at `most` of them spread over the run."""
    trial, report = new_trial(bench, scenario), Report()
    trial.lay()
    for point in spread(points_in(bench, bench.trace(scenario.arguments)), most):
        trial.lay()
        run = bench.trace(
            scenario.arguments, f"{point.call}:signal=KILL:when={point.number}", calls=point.call
        )
        name = f"{scenario.name}, killed at {point.call} {point.number}"
        report.tried(name, [*_not_fired(run, point), *trial.judge(run.result)])
    return report


def _not_fired(run: Run, point: Point) -> Iterator[str]:
    """Yield how a run shows that it was not killed at its point."""
    if run.result.code != -signal.SIGKILL:
        yield f"the process ended with {run.result.code}, not of SIGKILL"
    # Of a call in which the process dies strace knows no outcome.
    if run.calls != [point.call] * point.number or "= ?" not in run.trace[-2]:
        yield f"strace killed it elsewhere: {run.trace[-3:]}"
