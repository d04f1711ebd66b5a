"""Errors of the file system at each call of a mutation: told by their names, and nothing lost."""

import pytest
from bench import Bench
from io_errors import ERRORS_TRIED, error_sweep
from scenarios import BY_NAME, SCENARIOS
from upkeep import BY_NAME as UPKEEP

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("name", BY_NAME)
def test_a_mutation_that_meets_an_error_tells_it_and_keeps_the_books(
    bench: Bench, name: str
) -> None:
    report = error_sweep(bench, BY_NAME[name], ERRORS_TRIED)
    assert report.points == ERRORS_TRIED
    assert report.violations == []


@pytest.mark.parametrize("name", UPKEEP)
def test_upkeep_that_meets_an_error_tells_it_and_keeps_what_there_was(
    upkeep_bench: Bench, name: str
) -> None:
    report = error_sweep(upkeep_bench, UPKEEP[name], ERRORS_TRIED)
    assert report.points == ERRORS_TRIED
    assert report.violations == []


def test_the_share_of_each_mutation_makes_enough_points() -> None:
    assert ERRORS_TRIED * len(SCENARIOS) >= 500
