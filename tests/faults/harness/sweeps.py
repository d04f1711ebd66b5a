"""All sweeps as the one command runs them: two at a time, each in a folder of its own."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench import new_bench
from io_errors import ERRORS_TRIED, error_sweep
from kills import KILLS, kill_sweep
from power import STATES, UPKEEP_STATES, power_sweep, upkeep_power_sweep
from promises import Crowd, judged, let_loose, opened
from scenarios import SCENARIOS, Scenario
from stops import STOPS, stop_sweep, two_benches
from sweep import Report
from upkeep import UPKEEP, Upkeep, bench_for

_AT_A_TIME = 2


class Job(NamedTuple):
    """A part of a sweep, of one scenario or kind, that can run by itself in an empty folder."""

    sweep: str
    of: str
    run: Callable[[Path], Report]


def jobs(*, full: bool) -> list[Job]:
    """Return the parts of all sweeps: the share of CI, or all points."""
    kills, errors, states, upkeep_states, stops = (
        None if full else share for share in (KILLS, ERRORS_TRIED, STATES, UPKEEP_STATES, STOPS)
    )
    changes = (*SCENARIOS, *UPKEEP)
    return [
        *(Job("killed at a call", one.name, partial(_killed, one, kills)) for one in changes),
        *(Job("error at a call", one.name, partial(_failed, one, errors)) for one in changes),
        Job("power cut", "writers", partial(_cut, False, states)),
        Job("power cut", "writers beside a reader", partial(_cut, True, states)),
        *(Job("power cut", one.name, partial(_cut_upkeep, one, upkeep_states)) for one in UPKEEP),
        Job("stopped at a call", "all", partial(_stopped, stops)),
        Job("a crowd that holds", "one product", partial(_crowded, 1, full)),
        Job("a crowd that holds", "ten products", partial(_crowded, 10, full)),
    ]


def run_all(*, full: bool) -> dict[str, Report]:
    """Run all sweeps and return what each found, by its name; stderr tells each part as it ends."""
    reports: dict[str, Report] = {}
    planned = jobs(full=full)
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for job, report in zip(planned, pool.map(_run, planned), strict=True):
            reports[job.sweep] = reports.get(job.sweep, Report()) + report
    return reports


def _run(job: Job) -> Report:
    root = Path(tempfile.mkdtemp(prefix="invctl-faults-"))
    try:
        report = job.run(root)
    finally:
        shutil.rmtree(root)
    wrong = len(report.violations)
    sys.stderr.write(f"{job.sweep}, {job.of}: {report.points} points, {wrong} violations\n")
    return report


def _killed(scenario: Scenario, most: int | None, root: Path) -> Report:
    with bench_for(root, scenario) as bench:
        return kill_sweep(bench, scenario, most)


def _failed(scenario: Scenario, most: int | None, root: Path) -> Report:
    with bench_for(root, scenario) as bench:
        return error_sweep(bench, scenario, most)


def _cut(with_reader: bool, most: int | None, root: Path) -> Report:
    with new_bench(root) as bench:
        return power_sweep(bench, with_reader=with_reader, most=most)


def _cut_upkeep(scenario: Upkeep, most: int | None, root: Path) -> Report:
    with bench_for(root, scenario) as bench:
        return upkeep_power_sweep(bench, scenario, most)


def _crowded(products: int, full: bool, root: Path) -> Report:
    report, where = Report(), root / "inventory.db"
    crowd = Crowd(16, 30, products, 8) if full else Crowd(6, 4, products, 3)
    opening, last = opened(where, products)
    heard = let_loose(where, crowd, root)
    report.tried(f"a crowd on {products} products", judged(where, opening, last, heard))
    return report


def _stopped(most: int | None, root: Path) -> Report:
    with two_benches(root) as benches:
        return stop_sweep(benches, most)
