"""The sweeps find the bugs that are planted for them: a harness that finds none proves nothing."""

from pathlib import Path

import plant
import pytest
from bench import missing_tool, new_bench
from kills import kill_sweep
from power import STATES, UPKEEP_STATES, power_sweep, upkeep_power_sweep
from scenarios import BY_NAME
from stops import STOPS, stop_sweep, two_benches
from trial import Trial
from upkeep import BY_NAME as UPKEEP

pytestmark = pytest.mark.faults


@pytest.fixture(autouse=True)
def _strace() -> None:
    if reason := missing_tool():
        pytest.skip(reason)


def copy_with(edits: plant.Edits, tmp_path: Path) -> tuple[Path, Path]:
    """Return the folder of a copy of invctl with a bug in it, and an empty one for a bench."""
    code, root = tmp_path / "code", tmp_path / "root"
    code.mkdir()
    root.mkdir()
    return plant.plant(code, edits), root


def test_the_power_cuts_find_a_commit_that_is_not_synced(tmp_path: Path) -> None:
    code, root = copy_with(plant.SYNCHRONOUS_NORMAL, tmp_path)
    with new_bench(root, code) as bench:
        report = power_sweep(bench, with_reader=True, most=STATES)
    assert any("without a key: 0 times, not 1" in one for one in report.violations)


@pytest.mark.parametrize("name", ["db backup", "db restore", "db check --repair"])
def test_the_power_cuts_find_upkeep_that_syncs_no_file(tmp_path: Path, name: str) -> None:
    code, root = copy_with(plant.UNSYNCED_FILES, tmp_path)
    with new_bench(root, code) as bench:
        bench.sees_all = True
        report = upkeep_power_sweep(bench, UPKEEP[name], UPKEEP_STATES)
    assert report.violations


@pytest.mark.parametrize("edits", [plant.UNGUARDED, plant.READ_CHECK_WRITE])
def test_stopped_writers_find_stock_that_is_changed_without_a_guard(
    tmp_path: Path, edits: plant.Edits
) -> None:
    code, root = copy_with(edits, tmp_path)
    with two_benches(root, code) as benches:
        report = stop_sweep(benches, STOPS)
    assert any("there was enough for one" in one for one in report.violations)


def test_the_kills_find_an_apply_that_commits_in_pieces(tmp_path: Path) -> None:
    code, root = copy_with(plant.TWO_PIECES, tmp_path)
    with new_bench(root, code) as bench:
        report = kill_sweep(bench, BY_NAME["stock apply"], 40)
    assert any("the-key moved" in one for one in report.violations)


def test_the_kills_find_lines_that_are_answered_before_their_commit(tmp_path: Path) -> None:
    code, root = copy_with(plant.ANSWERED_EARLY, tmp_path)
    with new_bench(root, code) as bench:
        report = kill_sweep(bench, BY_NAME["stock apply --each"])
    assert any("was acknowledged and is lost" in one for one in report.violations)


def test_the_books_show_a_refused_line_that_takes_another_with_it(tmp_path: Path) -> None:
    code, root = copy_with(plant.REFUSAL_SPREADS, tmp_path)
    with new_bench(root, code) as bench, pytest.raises(AssertionError, match="line-2"):
        Trial(bench, BY_NAME["stock apply --each"])


def test_a_bug_is_not_planted_where_its_place_is_gone(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="stands in 0 files"):
        plant.plant(tmp_path, {"no such line": ""})
