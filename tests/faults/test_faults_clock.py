"""Clocks that are wrong: what they say is written down, and decides nothing."""

import json

import pytest
from shop import Shop
from surroundings import needs

pytestmark = [pytest.mark.faults, needs("faketime")]

THEN = {"1971": "1971-06-01T12:00:0", "2040": "2040-06-01T12:00:0"}


def at(year: str, line: str) -> str:
    """Return a shell line that runs `invctl` in another year."""
    # Nobody can set the clock by which programs wait.
    return f"faketime --exclude-monotonic '{year}-06-01 12:00:00' invctl {line}"


@pytest.mark.parametrize("year", list(THEN))
def test_an_inventory_made_under_a_wrong_clock_works_under_the_right_one(
    shop: Shop, year: str
) -> None:
    made = shop.bash(at(year, "product create A-1 --name A --quantity 5 --json -q"))
    assert (made.code, made.stderr) == (0, "")
    assert json.loads(made.out)["created_at"].startswith(THEN[year])
    assert shop.json("stock", "remove", "A-1", "2")["quantity"] == 3
    assert shop.json("stock", "undo", "2")["quantity"] == 5
    assert shop.json("product", "show", "A-1")["created_at"].startswith(THEN[year])


def test_a_clock_that_jumps_both_ways_refuses_nothing_and_leaves_the_order_alone(
    stocked: Shop,
) -> None:
    for year, line in (
        ("2040", "stock add A-1 5 --idempotency-key k"),
        ("1971", "stock remove A-1 3"),
        ("2040", "stock set A-1 2 --expect 12"),
        ("1971", "stock undo 4 --despite-counts"),
        ("1971", "stock add A-1 5 --idempotency-key k"),
        ("1971", "product archive A-1"),
        ("2040", "product unarchive A-1"),
        ("1971", "product update A-1 --name Other"),
    ):
        result = stocked.bash(at(year, f"{line} --json"))
        assert (result.code, result.stderr) == (0, ""), line
    rows = stocked.run("stock", "history", "A-1", "-o", "jsonl").records
    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["operation"] for row in rows] == [1, 3, 4, 5, 6]
    assert [row["quantity"] for row in rows] == [10, 15, 12, 2, 5]


@pytest.mark.parametrize("year", list(THEN))
def test_times_are_written_and_shown_as_the_clock_says(stocked: Shop, year: str) -> None:
    done = stocked.bash(at(year, "stock add A-1 1 --json"))
    movement = json.loads(done.out)["movement"]
    row = stocked.run("stock", "log", "--since-id", str(movement - 1), "-o", "jsonl").records[0]
    assert row["recorded_at"].startswith(THEN[year])
    assert row["occurred_at"] == row["recorded_at"]
    assert len(row["recorded_at"]) == len("2026-01-31T09:30:00.123Z")
    table = stocked.bash(at(year, "stock history A-1 -o table"))
    assert f"{year}-06-01 12:00" in table.stdout
    shown = stocked.bash(at(year, "stock log --since 1h -o jsonl")).records
    assert movement in [one["id"] for one in shown]


@pytest.mark.parametrize("year", list(THEN))
def test_a_wait_for_a_lock_is_no_longer_under_a_wrong_clock(stocked: Shop, year: str) -> None:
    line = at(year, "stock add A-1 1 --timeout 0.2 --json")
    locked = stocked.bash(f"exec 9>{stocked.db}.lock; flock 9; {line} 9>&-")
    assert locked.code == 11
    assert stocked.bash(line).code == 0
