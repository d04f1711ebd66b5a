"""SIGKILL at every file-system call of a mutation: it happened whole or not at all."""

import pytest
from bench import Bench
from kills import KILLS, kill_sweep
from scenarios import BY_NAME, SCENARIOS
from trial import Trial
from upkeep import BY_NAME as UPKEEP

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("name", BY_NAME)
def test_a_mutation_killed_at_any_call_happened_whole_or_not_at_all(
    bench: Bench, name: str
) -> None:
    report = kill_sweep(bench, BY_NAME[name], KILLS)
    assert report.points == KILLS
    assert report.violations == []


@pytest.mark.parametrize("name", UPKEEP)
def test_upkeep_killed_at_any_call_happened_whole_or_not_at_all(
    upkeep_bench: Bench, name: str
) -> None:
    report = kill_sweep(upkeep_bench, UPKEEP[name], KILLS)
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
    calls = [
        [call for call, line in run.lines if bench.concerns(line)] for run in (forked, installed)
    ]
    assert (forked.result.code, calls[0]) == (0, calls[1])


def test_the_share_of_each_mutation_makes_enough_points() -> None:
    assert KILLS * len(SCENARIOS) >= 200
