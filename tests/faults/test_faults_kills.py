"""SIGKILL at every file-system call of a mutation: it happened whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bench import Bench, missing_tool, new_bench
from kills import KILLS, kill_sweep
from scenarios import BY_NAME, SCENARIOS
from trial import Trial
from upkeep import BY_NAME as UPKEEP
from upkeep import bench_for

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    if reason := missing_tool():
        pytest.skip(reason)
    with new_bench(tmp_path_factory.mktemp("kills")) as made:
        yield made


@pytest.mark.parametrize("name", BY_NAME)
def test_a_mutation_killed_at_any_call_happened_whole_or_not_at_all(
    bench: Bench, name: str
) -> None:
    report = kill_sweep(bench, BY_NAME[name], KILLS)
    assert report.points == KILLS
    assert report.violations == []


@pytest.mark.parametrize("name", UPKEEP)
def test_upkeep_killed_at_any_call_happened_whole_or_not_at_all(tmp_path: Path, name: str) -> None:
    if reason := missing_tool():
        pytest.skip(reason)
    with bench_for(tmp_path, UPKEEP[name]) as bench:
        report = kill_sweep(bench, UPKEEP[name], KILLS)
    assert report.points == KILLS
    assert report.violations == []


@pytest.mark.parametrize("name", ["stock add", "product create, the first"])
def test_the_sweep_makes_the_calls_that_the_installed_command_makes(
    bench: Bench, name: str
) -> None:
    trial = Trial(bench, BY_NAME[name])
    trial.lay()
    forked = bench.trace(trial.scenario.arguments)
    trial.lay()
    installed = bench.trace_installed(trial.scenario.arguments)
    assert (forked.result.code, forked.calls) == (0, installed.calls)


def test_the_share_of_each_mutation_makes_enough_points() -> None:
    assert KILLS * len(SCENARIOS) >= 200
