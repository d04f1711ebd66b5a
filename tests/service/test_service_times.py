"""Times: what may be typed, what a date alone or no zone means, and what is printed."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invctl.errors import InvalidValue
from invctl.values import format_time, now_text, parse_time


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A local time zone for the time of a test."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T09:30:00.123Z", "2026-01-31T09:30:00.123Z"),
        ("2026-01-31T09:30:00.1239999Z", "2026-01-31T09:30:00.123Z"),
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31t09:30:00z", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31 09:30Z", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31T09:30:00+01:00", "2026-01-31T08:30:00.000Z"),
        ("2026-01-31T09:30:00-0330", "2026-01-31T13:00:00.000Z"),
        ("2026-01-01T00:30:00+14:00", "2025-12-31T10:30:00.000Z"),
        ("20260131T093000Z", "2026-01-31T09:30:00.000Z"),
        ("2026-W05-6T09:30Z", "2026-01-31T09:30:00.000Z"),
        ("0999-01-31T09:30:00Z", "0999-01-31T09:30:00.000Z"),
    ],
)
def test_a_time_with_a_zone_is_the_same_everywhere(text: str, expected: str) -> None:
    assert format_time(parse_time(text, "at")) == expected


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-01-31", "2026-01-30T23:00:00.000Z", "2026-01-31T22:59:59.999Z"),
        ("20260131", "2026-01-30T23:00:00.000Z", "2026-01-31T22:59:59.999Z"),
        ("2026-W05-6", "2026-01-30T23:00:00.000Z", "2026-01-31T22:59:59.999Z"),
        ("2026-07-01", "2026-06-30T22:00:00.000Z", "2026-07-01T21:59:59.999Z"),
        ("2026-03-29", "2026-03-28T23:00:00.000Z", "2026-03-29T21:59:59.999Z"),
        ("2026-01-31T09:30", "2026-01-31T08:30:00.000Z", "2026-01-31T08:30:00.000Z"),
        ("2026-01-31 09:30:01.5", "2026-01-31T08:30:01.500Z", "2026-01-31T08:30:01.500Z"),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_no_zone_is_local_time_and_a_date_alone_its_start_or_end(
    text: str, start: str, end: str
) -> None:
    assert format_time(parse_time(text, "at")) == start
    assert format_time(parse_time(text, "until", end_of_day=True)) == end


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("0d", timedelta()),
    ],
)
@pytest.mark.parametrize("end_of_day", [False, True])
def test_a_duration_is_that_long_ago(text: str, length: timedelta, end_of_day: bool) -> None:
    before = datetime.now(UTC)
    found = parse_time(text, "since", end_of_day=end_of_day)
    after = datetime.now(UTC)
    assert before - timedelta(milliseconds=1) <= found + length <= after


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "yesterday", "2026", "2026-1-1", "2026-13-01", "2026-02-30", "2026-0131",
        "31.01.2026", "01/31/2026", "2026-01-31T25:00", "2026-01-31T09:60",
        "2026-01-31T09:30:00+25:00", "٢٠٢٦-01-31", "２０２６-01-31", "-7d", "7 d", "7", "7y",
        "1.5h", "7D ", "99999999999999999999d", "999999999w", "2026-01-31T", "2026-01-31T09:30Z ",
        " 2026-01-31", "2026-01-31\0", "\udc80", "2026-01-31\u202e09:30", "2026-01-31x09:30",
    ],
    ids=repr,
)  # fmt: skip
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_time(text, "since")
    assert (caught.value.details["field"], caught.value.details["value"]) == ("since", text)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns"], indirect=True)
@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    "text", ["0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59"]
)
def test_the_ends_of_the_calendar_are_times_or_refused(text: str) -> None:
    try:
        assert len(format_time(parse_time(text, "at", end_of_day=True))) == 24
    except InvalidValue as error:
        assert error.details["value"] == text  # noqa: PT017


moments = st.datetimes(
    datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones() | st.just(UTC)
)


@given(moments)
def test_a_time_that_was_printed_is_read_as_it_was(moment: datetime) -> None:
    printed = format_time(moment)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", printed)
    read = parse_time(printed, "at")
    assert timedelta() <= moment - read < timedelta(milliseconds=1)
    assert format_time(read) == printed


@given(moments, moments)
def test_stored_times_are_in_the_order_of_what_they_name(one: datetime, other: datetime) -> None:
    earlier, later = sorted([one.astimezone(UTC), other.astimezone(UTC)])
    assert format_time(earlier) <= format_time(later)


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_an_invalid_value(text: str) -> None:
    try:
        assert parse_time(text, "at").tzinfo is UTC
    except InvalidValue as error:
        assert error.details["value"] == text  # noqa: PT017


def test_the_present_is_stored_like_any_time() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", now_text())
