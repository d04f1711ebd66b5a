"""Times: what may be typed, what a date alone or no zone means, and what is printed."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invctl.core.places.spots import check_date
from invctl.errors import ConfigError, InvalidValue
from invctl.times import (
    FIRST,
    LAST,
    doubt,
    format_time,
    now_text,
    parse_past,
    parse_time,
    to_local,
    zone_doubt,
)


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
        ("2026", "2025-12-31T23:00:00.000Z", "2026-12-31T22:59:59.999Z"),
        ("2024", "2023-12-31T23:00:00.000Z", "2024-12-31T22:59:59.999Z"),
        ("2026-02", "2026-01-31T23:00:00.000Z", "2026-02-28T22:59:59.999Z"),
        ("2024-02", "2024-01-31T23:00:00.000Z", "2024-02-29T22:59:59.999Z"),
        ("2026-03", "2026-02-28T23:00:00.000Z", "2026-03-31T21:59:59.999Z"),
        ("2026-12", "2026-11-30T23:00:00.000Z", "2026-12-31T22:59:59.999Z"),
        ("2026-W05", "2026-01-25T23:00:00.000Z", "2026-02-01T22:59:59.999Z"),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_no_zone_is_local_time_and_a_period_its_first_moment_or_its_last(
    text: str, start: str, end: str
) -> None:
    assert format_time(parse_time(text, "at")) == start
    assert format_time(parse_time(text, "until", end_of_day=True)) == end


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(("text", "ago"), [("today", 0), ("yesterday", 1)])
def test_a_day_may_be_named_by_a_word(text: str, ago: int) -> None:
    day = f"{date.today() - timedelta(days=ago)}"
    for end in (False, True):
        assert parse_time(text, "at", end_of_day=end) == parse_time(day, "at", end_of_day=end)


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        # The clock goes from 00:00 to 01:00, and from 00:00 back to 23:00.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z", "2018-11-05T01:59:59.999Z"),
        ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00.000Z", "2018-02-18T02:59:59.999Z"),
        # There is no such day: it is empty.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00.000Z", "2011-12-30T09:59:59.999Z"),
    ],
    indirect=["zone"],
)
@pytest.mark.usefixtures("zone")
def test_a_day_has_all_its_hours_where_clocks_change_at_midnight(
    day: str, start: str, end: str
) -> None:
    assert format_time(parse_time(day, "at")) == start
    assert format_time(parse_time(day, "until", end_of_day=True)) == end


@pytest.mark.parametrize("zone", ["Europe/Prague"], indirect=True)
@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    ("text", "stored", "said"),
    [
        ("2026-03-29T02:30", "2026-03-29T01:30:00.000Z", ["2026-03-29T03:30+02:00", "leaves"]),
        ("2026-10-25T02:30", "2026-10-25T00:30:00.000Z", ["2026-10-25T02:30+02:00", "twice"]),
    ],
)
def test_a_local_time_that_is_not_there_or_there_twice_is_doubtful(
    text: str, stored: str, said: list[str]
) -> None:
    assert format_time(parse_time(text, "at")) == stored
    odd = doubt(text)
    assert odd is not None
    assert [word for word in said if word not in odd] == []


@pytest.mark.parametrize("zone", ["Europe/Prague"], indirect=True)
@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    "text",
    [
        "2026-03-29T01:59", "2026-03-29T03:00", "2026-10-25T03:00", "2026-03-29T02:30+01:00",
        "2026-03-29", "2026-10-25", "2026-10", "24h", "today",
        "0001-01-01T00:00", "9999-12-31T23:59",
    ],
)  # fmt: skip
def test_any_other_time_is_not_doubtful(text: str) -> None:
    assert doubt(text) is None


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("ahead", [timedelta(), timedelta(hours=23)])
def test_what_happened_may_have_happened_by_a_clock_ahead(ahead: timedelta) -> None:
    then = format_time(datetime.now(UTC) + ahead)
    assert format_time(parse_past(then, "at")) == then


@pytest.mark.usefixtures("zone")
def test_nothing_happened_more_than_a_day_ahead() -> None:
    then = format_time(datetime.now(UTC) + timedelta(days=1, minutes=1))
    with pytest.raises(InvalidValue, match="more than a day ahead"):
        parse_past(then, "at")


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
        "", "now", "tomorrow", "Today", "202", "2026-1", "0000", "2026-00",
        "2026-1-1", "2026-13-01", "2026-02-30", "2026-0131",
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


ENDS = ["Pacific/Kiritimati", "America/St_Johns", "UTC"]


@pytest.mark.parametrize("zone", ENDS, indirect=True)
@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("25.11.2026", "2026-11-25 would do"),
        ("5.1.2026", "2026-01-05 would do"),
        ("25.11.2026 9:30", "2026-11-25T09:30 would do"),
        ("25/11/2026, 19:30:05", "2026-11-25T19:30:05 would do"),
        ("11/25/2026", "2026-11-25 would do"),
        ("25-11-2026", "2026-11-25 would do"),
        ("5/5/2026", "2026-05-05 would do"),
        ("2026-1-5", "2026-01-05 would do"),
        ("2026/01/25 9:30", "2026-01-25T09:30 would do"),
        ("25.11.26", "2026-11-25 would do"),  # as spreadsheets show what was typed in full
        ("25.11.26 9:30", "2026-11-25T09:30 would do"),
        ("11/25/26", "2026-11-25 would do"),
        ("25/11/26", None),  # or 26 November 2025, the year first
        ("26-11-05", None),
        ("2026-02-30", "there is no such day"),
        ("2026-13-25", "there is no such day"),
        ("30.2.2026", "there is no such day"),
        ("25.13.2026", "there is no such day"),
        ("2026-01-31T24:30", "there is no such time of day"),
        ("25.11.2026 25:61", "there is no such time of day"),
        ("2026-1-501", None),
        ("5/1/2026", None),
        ("13/13/2026", "there is no such day"),
        ("25.11/2026", None),
    ],
)
def test_a_day_as_people_write_it_is_refused_with_how_it_is_typed_or_that_there_is_none(
    text: str, said: str | None
) -> None:
    told = f" ({said})" if said else ""
    with pytest.raises(InvalidValue) as caught:
        parse_time(text, "occurred_at")
    assert caught.value.message.endswith(f"or 24h{told}")
    if said and said.endswith("would do"):
        parse_time(said.split()[0], "occurred_at")
    with pytest.raises(InvalidValue) as caught:
        check_date(text, "expires_on")
    of_day = "" if ":" in text else told
    assert caught.value.message.endswith(f"such as 2026-01-31{of_day}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2027-03", "2027-03-31 would do"),
        ("03/2027", "2027-03-31 would do"),
        ("2.2028", "2028-02-29 would do"),
        ("13/2027", None),
        ("0/2027", None),
        ("01/0000", None),
    ],
)
def test_a_date_that_is_a_month_is_refused_with_its_last_day(text: str, said: str | None) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_date(text, "expires_on")
    assert caught.value.message.endswith(f"2026-01-31{f' ({said})' if said else ''}")


@pytest.mark.parametrize(
    ("text", "told"),
    [("1M", ""), ("3 M", ""), ("3 MIN", " (3m would do)"), ("-7d", " (7d would do)")],
)
def test_how_long_ago_is_refused_with_what_is_meant_and_a_month_is_no_minute(
    text: str, told: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_time(text, "since")
    assert caught.value.message.endswith(f"or 24h{told}")


def test_the_last_day_ends_with_the_calendar() -> None:
    for text in ("9999-12-31", "9999-12", "9999"):
        last = format_time(parse_time(text, "until", end_of_day=True))
        assert last == "9999-12-31T23:59:59.999Z"


@pytest.mark.parametrize(
    ("zone", "text", "stored"),
    [
        ("UTC", "0001-01-01", "0001-01-01T00:00:00.000Z"),
        ("UTC", "9999-12-31T23:59", "9999-12-31T23:59:00.000Z"),
        ("Etc/GMT-1", "0001-01-01", "0001-01-01T00:00:00.000Z"),
        ("Etc/GMT-1", "0001-01-01T00:30", "0001-01-01T00:00:00.000Z"),
        ("Etc/GMT-1", "0001-01-01T12:00", "0001-01-01T11:00:00.000Z"),
        ("Etc/GMT-1", "9999-12-31T12:00", "9999-12-31T11:00:00.000Z"),
        ("Etc/GMT+1", "0001-01-01", "0001-01-01T00:00:00.000Z"),
        ("Etc/GMT+1", "0001-01-01T00:00", "0001-01-01T01:00:00.000Z"),
        ("Etc/GMT+1", "9999-12-31T22:30", "9999-12-31T23:30:00.000Z"),
        ("Etc/GMT+1", "9999-12-31T23:30", "9999-12-31T23:59:59.999Z"),
    ],
    indirect=["zone"],
)
@pytest.mark.usefixtures("zone")
def test_the_first_and_the_last_day_of_the_calendar_are_days(text: str, stored: str) -> None:
    assert format_time(parse_time(text, "at")) == stored


@pytest.mark.parametrize("zone", ENDS, indirect=True)
@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("end", [FIRST, LAST])
def test_every_time_that_can_be_stored_can_be_shown(end: datetime) -> None:
    assert to_local(end) == end


@pytest.mark.parametrize("zone", ["XXX-24", "XXX24", "XXX-167"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_a_zone_a_day_away_is_the_fault_of_its_variable() -> None:
    with pytest.raises(ConfigError) as caught:
        to_local(datetime(2026, 1, 31, tzinfo=UTC))
    assert caught.value.details["setting"] == "TZ"


ZONES = [
    "",
    "UTC",
    "Etc/UTC",
    ":Europe/Prague",
    "Africa/Abidjan",
    "XXX-2",
    "<UTC>0",
    "EST5EDT,M3,M11",
]


@pytest.mark.parametrize("zone", ZONES, indirect=True)
def test_what_the_system_knows_as_a_zone_is_not_doubted(zone: str) -> None:
    assert zone_doubt() is None, zone


@pytest.mark.parametrize(
    "zone", ["Europe/Prag", "CEST", "Europe/Prague ", "PST", "/etc/nothing"], indirect=True
)
def test_a_name_that_is_taken_for_utc_is_told(zone: str) -> None:
    assert zone_doubt() == f"TZ: there is no time zone '{zone}'; it is taken for UTC"


@pytest.mark.parametrize("zone", ["Nowhere"], indirect=True)
def test_where_no_zones_are_installed_that_is_why(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invctl.times._ZONES", ())
    assert zone_doubt() == (
        f"TZ: no time zones are installed here, so that '{zone}' is none; it is taken for UTC"
    )


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
