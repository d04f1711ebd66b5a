"""Times: every way to write one in, and the one way in which they come out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from inventories import copy_inventory
from shop import Shop

KOLKATA = {"TZ": "Asia/Kolkata"}
DAYS = """sku,delta,occurred_at
B-1,1,2026-01-30T23:59:59.999
B-1,1,2026-01-31
B-1,1,2026-01-31T23:59:59.999
"""


@pytest.fixture(scope="module")
def dated(opened: Path, make_shop: Callable[[str], Shop]) -> Shop:
    """Movements 2 to 4 at the ends of two days in Kolkata; to be read only."""
    shop = make_shop("dated")
    copy_inventory(opened, shop.db)
    assert shop.run("stock", "apply", "-", stdin=DAYS, env=KOLKATA).code == 0
    return shop


TIMES = {
    "2026-01-31T09:30:00Z": "2026-01-31T09:30:00.000Z",
    "2026-01-31T09:30:00.1239Z": "2026-01-31T09:30:00.123Z",
    "2026-01-31T09:30:00.999999999Z": "2026-01-31T09:30:00.999Z",
    "2026-01-31T09:30:00+05:45": "2026-01-31T03:45:00.000Z",
    "2026-01-31T23:30:00-08:00": "2026-02-01T07:30:00.000Z",
    "2026-01-31t09:30:00z": "2026-01-31T09:30:00.000Z",
    "2026-01-31 09:30:00Z": "2026-01-31T09:30:00.000Z",
    "20260131T093000Z": "2026-01-31T09:30:00.000Z",
    "2026-01-31T09:30:00": "2026-01-31T04:00:00.000Z",
    "2026-01-31T09:30": "2026-01-31T04:00:00.000Z",
    "2026-01-31": "2026-01-30T18:30:00.000Z",
    "1999-12-31T23:59:59Z": "1999-12-31T23:59:59.000Z",
}


def test_a_time_is_stored_in_utc_and_without_a_zone_it_was_local(stocked: Shop) -> None:
    lines = "sku,delta,occurred_at\n" + "".join(f"B-1,1,{typed}\n" for typed in TIMES)
    assert stocked.run("stock", "apply", "-", stdin=lines, env=KOLKATA).code == 0
    stored = [movement["occurred_at"] for movement in stocked.json("stock", "history", "B-1")]
    assert stored == list(TIMES.values())


@pytest.mark.parametrize(
    "typed", ["2026-01-31T23:30:00.1239-08:00", "2026-01-31T09:30", "2026-01-31"]
)
def test_an_argument_is_read_as_a_file_is(stocked: Shop, typed: str) -> None:
    stored = {**TIMES, "2026-01-31T23:30:00.1239-08:00": "2026-02-01T07:30:00.123Z"}[typed]
    stocked.json("stock", "add", "A-1", "1", "--at", typed, env=KOLKATA)
    assert stocked.json("stock", "history", "A-1")[-1]["occurred_at"] == stored


@pytest.mark.parametrize(
    ("typed", "ago"),
    [
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
    ],
)
def test_a_duration_is_that_long_ago(stocked: Shop, typed: str, ago: timedelta) -> None:
    before = datetime.now(UTC)
    stocked.json("stock", "add", "A-1", "1", "--at", typed)
    after = datetime.now(UTC)
    stored = stocked.json("stock", "history", "A-1")[-1]["occurred_at"]
    cut = timedelta(milliseconds=1)
    assert before - ago - cut <= datetime.fromisoformat(stored) <= after - ago


NO_TIMES = [
    *("yesterday", "2026-13-01", "2026-02-30", "2026-01-31T25:00:00Z", "31.01.2026", "1706693400"),
    *("24", "h", "-24h", "1.5h", "٢٤h", "999999999d", "9" * 400 + "d", "2026-01-31T09:30:00+99:00"),
]


def test_a_file_can_spell_no_time_that_an_argument_cannot(stocked: Shop) -> None:
    lines = "sku,delta,occurred_at\n" + "".join(f"A-1,1,{typed}\n" for typed in NO_TIMES)
    error = stocked.refuses(6, "stock", "apply", "-", stdin=lines)
    told = [(fault["line"], fault["column"]) for fault in error["details"]["errors"]]
    assert told == [(line, "occurred_at") for line in range(2, len(NO_TIMES) + 2)]


@pytest.mark.parametrize(
    "typed",
    ["", "yesterday", "2026-02-30", "-24h", "٢٤h", "999999999d", b"2026\xff"],
    ids=ascii,
)
def test_what_is_no_time_is_a_usage_error(stocked: Shop, typed: str | bytes) -> None:
    error = stocked.refuses(2, "stock", "add", "A-1", "1", "--at", typed)
    assert error["code"] == "usage"


@pytest.mark.parametrize("typed", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York"])
def test_the_ends_of_the_calendar_are_no_bug(stocked: Shop, typed: str, zone: str) -> None:
    result = stocked.run("product", "show", "A-1", "--as-of", typed, env={"TZ": zone})
    assert result.code in (0, 2)


@pytest.mark.parametrize(
    ("bounds", "ids"),
    [
        (("--since", "2026-01-31"), [3, 4]),
        (("--until", "2026-01-30"), [2]),
        (("--since", "2026-01-31", "--until", "2026-01-31"), [3, 4]),
        (("--since", "20260131", "--until", "20260131"), [3, 4]),
        (("--since", "2026-02-01"), []),
        (("--since", "2026-01-30T18:30:00Z"), [3, 4]),
        (("--since", "2026-01-31T00:00"), [3, 4]),
        (("--until", "2026-01-31T00:00"), [2, 3]),
    ],
)
def test_a_date_alone_is_its_local_start_for_since_and_its_end_for_until(
    dated: Shop, bounds: tuple[str, ...], ids: list[int]
) -> None:
    found = dated.json("stock", "history", "B-1", *bounds, env=KOLKATA)
    assert [movement["id"] for movement in found] == ids


def test_a_week_date_is_a_date_alone_or_refused(dated: Shop) -> None:
    day = "2026-W05-6"
    bounds = ("--since", day, "--until", day, "-o", "jsonl")
    result = dated.run("stock", "history", "B-1", *bounds, env=KOLKATA)
    assert (result.code, [movement["id"] for movement in result.records]) in [(0, [3, 4]), (2, [])]


@pytest.mark.parametrize(
    ("then", "quantity"), [("2026-01-29", 0), ("2026-01-30", 1), ("2026-01-31", 3)]
)
def test_a_date_alone_is_its_local_end_for_as_of(dated: Shop, then: str, quantity: int) -> None:
    assert (
        dated.json("product", "show", "B-1", "--as-of", then, env=KOLKATA)["quantity"] == quantity
    )


def test_a_table_shows_local_times_and_their_offset_once(stocked: Shop) -> None:
    lines = "sku,delta,occurred_at\nB-1,1,2026-01-30T20:00:00Z\nB-1,1,2026-01-30T21:00:00Z\n"
    assert stocked.run("stock", "apply", "-", stdin=lines).code == 0
    shown = stocked.run("stock", "history", "B-1", "-o", "table", env=KOLKATA)
    assert (shown.code, shown.stderr) == (0, "")
    assert "2026-01-31 01:30" in shown.stdout
    assert "2026-01-31 02:30" in shown.stdout
    assert shown.stdout.count("05:30") == 1
