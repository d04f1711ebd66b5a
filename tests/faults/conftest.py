"""The benches of the sweeps; and figures that fault tests measure and never judge."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bench import Bench, missing_tool, new_bench
from upkeep import BY_NAME, bench_for


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A bench that the sweeps of a module share."""
    if reason := missing_tool():
        pytest.skip(reason)
    with new_bench(tmp_path_factory.mktemp("bench")) as made:
        yield made


@pytest.fixture
def upkeep_bench(name: str, tmp_path: Path) -> Iterator[Bench]:
    """A bench for the upkeep that a test is about."""
    if reason := missing_tool():
        pytest.skip(reason)
    with bench_for(tmp_path, BY_NAME[name]) as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have recorded with `record_property`."""
    reports = terminalreporter.getreports("passed")
    figures = [figure for report in reports for figure in report.user_properties]
    if figures:
        terminalreporter.section("figures")
    for name, value in figures:
        terminalreporter.write_line(f"{name}: {value}")
