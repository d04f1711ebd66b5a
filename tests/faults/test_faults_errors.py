"""Errors of the file system at each call of a mutation: told by their names, and nothing lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bench import Bench, missing_tool, new_bench
from io_errors import ERRORS_TRIED, error_sweep
from scenarios import BY_NAME, SCENARIOS
from upkeep import BY_NAME as UPKEEP
from upkeep import bench_for

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    if reason := missing_tool():
        pytest.skip(reason)
    with new_bench(tmp_path_factory.mktemp("errors")) as made:
        yield made


@pytest.mark.parametrize("name", BY_NAME)
def test_a_mutation_that_meets_an_error_tells_it_and_keeps_the_books(
    bench: Bench, name: str
) -> None:
    report = error_sweep(bench, BY_NAME[name], ERRORS_TRIED)
    assert report.points == ERRORS_TRIED
    assert report.violations == []


@pytest.mark.parametrize("name", UPKEEP)
def test_upkeep_that_meets_an_error_tells_it_and_keeps_what_there_was(
    tmp_path: Path, name: str
) -> None:
    if reason := missing_tool():
        pytest.skip(reason)
    with bench_for(tmp_path, UPKEEP[name]) as bench:
        report = error_sweep(bench, UPKEEP[name], ERRORS_TRIED)
    assert report.points == ERRORS_TRIED
    assert report.violations == []


def test_the_share_of_each_mutation_makes_enough_points() -> None:
    assert ERRORS_TRIED * len(SCENARIOS) >= 500
