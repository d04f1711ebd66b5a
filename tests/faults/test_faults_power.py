"""A power cut at any moment: what was acknowledged is there, what was not is whole or absent."""

import random
from pathlib import Path

import pytest
from bench import Bench
from disk import Disk, Truncate, Write
from power import STATES, UPKEEP_STATES, power_sweep, upkeep_power_sweep
from session import replay
from upkeep import BY_NAME

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("with_reader", [False, True])
def test_a_power_cut_loses_nothing_that_was_acknowledged(bench: Bench, with_reader: bool) -> None:
    report = power_sweep(bench, with_reader=with_reader, most=STATES)
    assert report.points == STATES
    assert report.violations == []


@pytest.mark.parametrize("name", BY_NAME)
def test_upkeep_that_the_power_cut_ended_is_done_whole_or_not_at_all(
    upkeep_bench: Bench, name: str
) -> None:
    report = upkeep_power_sweep(upkeep_bench, BY_NAME[name], UPKEEP_STATES)
    assert report.points == UPKEEP_STATES
    assert report.violations == []


def test_what_is_synced_outlives_a_cut_and_the_rest_may_not() -> None:
    disk = Disk(Path("/d"))
    disk.make("/d/a")
    disk.change("/d/a", Write(0, b"old"))
    disk.sync("/d/a")
    disk.sync("/d")
    disk.change("/d/a", Write(0, b"new"))
    disk.change("/d/a", Truncate(2))
    found = {files["/d/a"] for files in disk.after_cut(random.Random(1), 10)}
    assert found >= {b"old", b"new", b"ne", b"ol", b"nld", b"oew"}


def test_a_name_may_be_lost_until_its_folder_is_synced() -> None:
    disk = Disk(Path("/d"))
    disk.make("/d/a")
    disk.sync("/d/a")
    assert {"/d/a" in files for files in disk.after_cut(random.Random(1), 10)} == {False, True}
    disk.sync("/d")
    assert {"/d/a" in files for files in disk.after_cut(random.Random(1), 10)} == {True}


def test_a_file_is_lost_with_the_folder_that_it_is_in() -> None:
    disk = Disk(Path("/d"))
    disk.make("/d/f", is_folder=True)
    disk.make("/d/f/a")
    disk.sync("/d/f")
    assert {"/d/f/a" in files for files in disk.after_cut(random.Random(1), 10)} == {False, True}


def test_a_call_that_no_rule_knows_is_not_passed_over() -> None:
    with pytest.raises(AssertionError, match="no rule knows"):
        replay(Disk(Path("/d")), "fallocate(3</d/a>, 0, 0, 10) = 0", "/d/out")
