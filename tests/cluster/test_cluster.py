"""The short form of `python tests/cluster`: one loss of each kind that a network makes."""

import subprocess
import sys
from pathlib import Path

import pytest
from machines import missing

pytestmark = pytest.mark.cluster

TRIES = 3
"""How often a machine is cut off at most until that loses something: what it alone has may be all
that was sent on in time, where there is much else to do."""
COMMAND = [sys.executable, str(Path(__file__).parent)]


def run(*options: str) -> "subprocess.CompletedProcess[str]":
    if reason := missing():
        pytest.skip(reason)
    return subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, check=False, timeout=600
    )


def test_a_cluster_that_loses_a_machine_and_one_that_is_cut_off_loses_no_sale() -> None:
    done = run("--events", "machine lost,cut off")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_cluster_that_acknowledges_what_one_machine_has_loses_sales_and_the_judge_says_so() -> (
    None
):
    for _ in range(TRIES):
        done = run("--events", "cut off", "--asynchronous")
        if done.returncode:
            break
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAULT: lost: ['far-" in done.stdout
