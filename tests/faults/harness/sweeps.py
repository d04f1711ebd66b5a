"""All sweeps as the one command runs them: two at a time, each in a folder of its own."""

import shutil
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
    """A part of a sweep that can run by itself, in an empty folder."""

    sweep: str
    run: Callable[[Path], Report]


def jobs(*, full: bool) -> list[Job]:
    """Return the parts of all sweeps: the share of CI, or all points."""
    kills, errors, states, upkeep_states, stops = (
        None if full else share for share in (KILLS, ERRORS_TRIED, STATES, UPKEEP_STATES, STOPS)
    )
    return [
        *(Job("killed at a call", partial(_killed, one, kills)) for one in (*SCENARIOS, *UPKEEP)),
        *(Job("error at a call", partial(_failed, one, errors)) for one in (*SCENARIOS, *UPKEEP)),
        *(Job("power cut", partial(_cut, with_reader, states)) for with_reader in (False, True)),
        *(Job("power cut", partial(_cut_upkeep, one, upkeep_states)) for one in UPKEEP),
        Job("stopped at a call", partial(_stopped, stops)),
        *(Job("a crowd that holds", partial(_crowded, products, full)) for products in (1, 10)),
    ]


def run_all(*, full: bool) -> dict[str, Report]:
    """Run all sweeps and return what each found, by its name."""
    reports: dict[str, Report] = {}
    planned = jobs(full=full)
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for job, report in zip(planned, pool.map(_run, planned), strict=True):
            reports[job.sweep] = reports.get(job.sweep, Report()) + report
    return reports


def _run(job: Job) -> Report:
    root = Path(tempfile.mkdtemp(prefix="invctl-faults-"))
    try:
        return job.run(root)
    finally:
        shutil.rmtree(root)


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
