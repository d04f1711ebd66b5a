"""A writer stopped at each of its calls: another one goes on or is refused, and nothing is lost."""

from collections.abc import Iterator

import pytest
from bench import missing_tool
from stops import STOPS, Two, stop_sweep, two_benches

pytestmark = pytest.mark.faults


@pytest.fixture
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    if reason := missing_tool():
        pytest.skip(reason)
    with two_benches(tmp_path_factory.mktemp("stops")) as made:
        yield made


def test_of_two_writers_one_gets_what_is_enough_for_one(benches: Two) -> None:
    report = stop_sweep(benches, STOPS)
    assert report.points == STOPS
    assert report.violations == []
