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
    *("tomorrow", "2026-13-01", "2026-02-30", "2026-01-31T25:00:00Z", "31.01.2026", "1706693400"),
    *("24", "h", "-24h", "1.5h", "٢٤h", "999999999d", "9" * 400 + "d", "2026-01-31T09:30:00+99:00"),
]


def test_a_file_can_spell_no_time_that_an_argument_cannot(stocked: Shop) -> None:
    lines = "sku,delta,occurred_at\n" + "".join(f"A-1,1,{typed}\n" for typed in NO_TIMES)
    error = stocked.refuses(6, "stock", "apply", "-", stdin=lines)
    told = [(fault["line"], fault["column"]) for fault in error["details"]["errors"]]
    assert told == [(line, "occurred_at") for line in range(2, len(NO_TIMES) + 2)]


@pytest.mark.parametrize(
    "typed",
    ["", "tomorrow", "2026-02-30", "-24h", "٢٤h", "999999999d", b"2026\xff"],
    ids=ascii,
)
def test_what_is_no_time_is_a_usage_error(stocked: Shop, typed: str | bytes) -> None:
    error = stocked.refuses(2, "stock", "add", "A-1", "1", "--at", typed)
    assert error["code"] == "usage"


@pytest.mark.parametrize("typed", ["2027-01-01", "9999-12-31"])
def test_nothing_happens_more_than_a_day_ahead(stocked: Shop, typed: str) -> None:
    ahead = f"{datetime.now(UTC) + timedelta(days=1, minutes=5):%Y-%m-%dT%H:%MZ}"
    for at in (typed.replace("2027", str(datetime.now(UTC).year + 1)), ahead):
        error = stocked.refuses(2, "stock", "add", "A-1", "1", "--at", at)
        assert error["message"] == f"--at: '{at}' is more than a day ahead"
    near = f"{datetime.now(UTC) + timedelta(hours=23):%Y-%m-%dT%H:%MZ}"
    stocked.json("stock", "add", "A-1", "1", "--at", near)


ENDS = """sku,delta,occurred_at
B-1,1,0001-01-01T00:00:00Z
B-1,1,0001-01-02
B-1,1,9999-12-30
B-1,1,9999-12-31T23:59:59.999Z
"""


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York"])
def test_the_ends_of_the_calendar_are_times_in_every_place(stocked: Shop, zone: str) -> None:
    env = {"TZ": zone, "COLUMNS": "100"}
    assert stocked.run("stock", "apply", "-", stdin=ENDS, env=env).code == 0
    for bounds in ((), ("--since", "0001"), ("--until", "9999-12-31"), ("--until", "9999-12")):
        assert len(stocked.json("stock", "history", "B-1", *bounds, env=env)) == 4
        for form in (("-o", "table"), ("--chart",)):
            shown = stocked.run("stock", "history", "B-1", *bounds, *form, env=env)
            assert (shown.code, shown.stderr) == (0, "")
            assert "9999-12-3" in shown.stdout
    first = stocked.json("product", "show", "B-1", "--as-of", "0001-01-02T23:59", env=env)
    assert first["quantity"] == 2
    assert stocked.json("product", "show", "B-1", "--as-of", "9999-12-31", env=env)["quantity"] == 4


@pytest.mark.parametrize("command", ["stock history A-1 --chart", "stock log", "product show A-1"])
def test_a_zone_that_no_clock_can_show_is_named(stocked: Shop, command: str) -> None:
    env = {"TZ": "XXX-24"}
    result = stocked.run(
        *command.split(), *(() if "chart" in command else ("-o", "table")), env=env
    )
    assert (result.code, result.stdout) == (14, "")
    assert result.stderr.startswith("invctl: error: TZ: ")
    stocked.json("stock", "add", "A-1", "1", "--at", "2026-01-31", env=env)
    assert len(stocked.json("stock", "log", "--since", "2026-01-30", env=env)) == 2


IN_LOCAL_TIME = (
    "stock log -o table",
    "stock history A-1 --chart",
    "product show A-1 -o table",
    "stock log --since 2026-01-31 --json",
    "stock add A-1 1 --at yesterday --json",
)


@pytest.mark.parametrize("command", IN_LOCAL_TIME)
def test_a_zone_that_is_none_is_said_where_a_time_is_local(stocked: Shop, command: str) -> None:
    said = "invctl: warning: TZ: there is no time zone 'Europe/Prag'; it is taken for UTC\n"
    for zone, told in {"Europe/Prag": said, ":Europe/Prague": "", "XXX-2": "", "": ""}.items():
        done = stocked.run(*command.split(), env={"TZ": zone})
        assert (done.code, done.stderr) == (0, told), zone


def test_who_has_no_local_time_is_told_nothing_of_its_zone(stocked: Shop) -> None:
    for command in ("stock log --since 1h --json", "stock remove A-1 1 -o table", "product list"):
        done = stocked.run(*command.split(), env={"TZ": "Europe/Prag"})
        assert (done.code, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("typed", "stored", "said"),
    [
        ("2026-03-29T02:30", "2026-03-29T01:30:00.000Z", "2026-03-29T03:30+02:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30:00.000Z", "2026-10-25T02:30+02:00"),
    ],
)
def test_a_time_that_the_clock_has_not_or_has_twice_is_said(
    stocked: Shop, typed: str, stored: str, said: str
) -> None:
    env = {"TZ": "Europe/Prague"}
    for command in (("stock", "add", "A-1", "1", "--at"), ("stock", "log", "--since")):
        option = command[-1]
        done = stocked.run(*command, typed, "--json", env=env)
        assert done.code == 0
        assert done.stderr.startswith(f"invctl: warning: {option}: '{typed}' was read as {said}: ")
        assert done.stderr.count("\n") == 1
        assert stocked.run(*command, typed, "--json", "-q", env=env).stderr == ""
        assert stocked.run(*command, f"{typed}+01:00", "--json", env=env).stderr == ""
    assert stocked.json("stock", "log")[1]["occurred_at"] == stored


def test_a_doubt_is_said_once_where_an_inventory_is_opened_twice(stocked: Shop) -> None:
    line = ("hold", "run", "A-1", "--at", "2026-03-29T02:30", "--", "true")
    done = stocked.run(*line, env={"TZ": "Europe/Prague"})
    assert (done.code, done.stdout, done.stderr.count("invctl: warning: --at:")) == (0, "", 1)


@pytest.mark.parametrize(
    ("bounds", "ids"),
    [
        (("--since", "2026-01-31"), [3, 4]),
        (("--until", "2026-01-30"), [2]),
        (("--since", "2026-01-31", "--until", "2026-01-31"), [3, 4]),
        (("--since", "20260131", "--until", "20260131"), [3, 4]),
        (("--since", "2026-01", "--until", "2026-01"), [2, 3, 4]),
        (("--since", "2026", "--until", "2026"), [2, 3, 4]),
        (("--until", "2025-12"), []),
        (("--until", "2025"), []),
        (("--until", "yesterday"), [2, 3, 4]),
        (("--since", "today"), []),
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


@pytest.mark.parametrize(("period", "ids"), [("2026-W05-6", [3, 4]), ("2026-W05", [2, 3, 4])])
def test_a_week_and_its_days_are_periods(dated: Shop, period: str, ids: list[int]) -> None:
    bounds = ("--since", period, "--until", period)
    found = dated.json("stock", "history", "B-1", *bounds, env=KOLKATA)
    assert [movement["id"] for movement in found] == ids


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


SEASONS = """sku,delta,occurred_at
B-1,1,2026-01-15
B-1,1,2026-07-01
B-1,1,2026-12-15
"""


@pytest.mark.parametrize("zone", ["Europe/Prague", "America/New_York"])
def test_each_time_has_the_offset_of_its_own_day_and_the_common_one_stands_once(
    stocked: Shop, zone: str
) -> None:
    winter, summer = {"Europe/Prague": ("+01:00", "+02:00")}.get(zone, ("-05:00", "-04:00"))
    env = {"TZ": zone, "COLUMNS": "100"}
    assert stocked.run("stock", "apply", "-", stdin=SEASONS, env=env).code == 0
    shown = stocked.run("stock", "history", "B-1", "-o", "table", env=env)
    assert (shown.code, shown.stderr) == (0, "")
    assert [line.split()[1:4] for line in shown.stdout.splitlines()] == [
        ["When", winter, "What"],
        ["2026-01-15", "00:00", "apply"],
        ["2026-07-01", "00:00", summer],
        ["2026-12-15", "00:00", "apply"],
    ]
    one = stocked.run("stock", "history", "B-1", "--until", "2026-07", "-o", "table", env=env)
    assert one.stdout.split()[1:3] == ["When", winter]
    july = ("--since", "2026-07", "--until", "2026-07")
    one = stocked.run("stock", "history", "B-1", *july, "-o", "table", env=env)
    assert one.stdout.split()[1:3] == ["When", summer]


def test_without_a_heading_each_time_has_its_offset(stocked: Shop) -> None:
    stocked.json("stock", "add", "A-1", "1", "--at", "2026-01-31T04:00Z")
    asked = ("--no-header", "-o", "table", "--columns", "occurred_at")
    shown = stocked.run("stock", "log", "--until", "2026-02", *asked, env=KOLKATA)
    assert (shown.code, shown.stdout, shown.stderr) == (0, "2026-01-31 09:30 +05:30\n", "")
