"""Times: what may be typed, how they are stored, and how people here read them.

Stored is UTC text. What is typed without a zone is local time, and so is what a table shows.
"""

import os
import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from invctl.errors import ConfigError, InvalidValue
from invctl.text import quoted

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(microsecond=999000, tzinfo=UTC)
"""The ends of the calendar, as stored: no time is before the one or after the other."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_INSTANT = timedelta(milliseconds=1)
_DAY = timedelta(days=1)
# How long a period is at most, and what makes a day of the next one its first.
_PERIODS: dict[str, tuple[int, dict[str, int]]] = {
    "day": (1, {}),
    "week": (7, {}),
    "month": (31, {"day": 1}),
    "year": (366, {"month": 1, "day": 1}),
}
_CLOCK = "[0-9W-]{8,10}[Tt ][0-9]"
# Where systems keep their time zones, and what is a zone without being kept: POSIX's `CET-1`.
_ZONES = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")
_POSIX = "(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)[+-]?[0-9].*|(?:Etc/)?(?:UTC|GMT|UCT|Zulu)"

zone_doubts: list[str] = []
"""What is to be said of TZ, by which times were read or shown; empty while none was."""


def parse_time(text: str, field: str, *, end_of_day: bool = False) -> datetime:
    """Return the UTC time that `text` names, cut to milliseconds.

    ISO 8601 / RFC 3339, where no zone means local time; a day, week, month or year (2026-01-31,
    2026-W05, 2026-01, 2026), `today` or `yesterday` for its start (its last millisecond with
    `end_of_day`); or how long ago: `90m`, `24h`, `7d`. Raises InvalidValue.
    """
    try:
        moment = _ago(text) or _on_the_clock(text) or _edge(text, end=end_of_day)
    except OverflowError as error:
        raise InvalidValue(field, text, f"{quoted(text)} is outside the years 1 to 9999") from error
    except ValueError as error:
        problem = f"{quoted(text)} is not a time such as 2026-01-31, 2026-01-31T09:30:00Z or 24h"
        raise InvalidValue(field, text, problem + _would_do(text, or_day=True)) from error
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def parse_past(text: str, field: str) -> datetime:
    """Return when something happened, as `parse_time` does; what is ahead is an InvalidValue."""
    moment = parse_time(text, field)
    # A day is let pass, for clocks and zones that disagree.
    if moment - datetime.now(UTC) > _DAY:
        raise InvalidValue(field, text, f"{quoted(text)} is more than a day ahead")
    return moment


def parse_ahead(text: str, field: str, now: str) -> str:
    """Return, as stored, the end of what `text` names, or the time so much later than `now`.

    `tomorrow` is one, too. Raises InvalidValue.
    """
    if _length(text) is not None:
        return after(now, text, field)
    if text == "tomorrow":
        text = (date.today() + _DAY).isoformat()
    return format_time(parse_time(text, field, end_of_day=True))


def after(moment: str, duration: str, field: str) -> str:
    """Return the stored time that is so much later than another one. Raises InvalidValue."""
    length = parse_duration(duration, field)
    try:
        return format_time(datetime.fromisoformat(moment) + length)
    except OverflowError as error:
        raise InvalidValue(field, duration, f"{quoted(duration)} is longer than time is") from error


def before(moment: str, duration: str, field: str) -> str:
    """Return the stored time that is so much earlier than another one, the first if need be.

    Raises InvalidValue.
    """
    length = parse_duration(duration, field)
    try:
        return format_time(datetime.fromisoformat(moment) - length)
    except OverflowError:
        return format_time(FIRST)


def doubt(text: str) -> str | None:
    """Return how a time was read that the local clock has not or has twice; None for any other."""
    local = _typed(text)
    if local is None or local.tzinfo is not None:
        return None
    first, second = (_from_local(local.replace(fold=fold)) for fold in (0, 1))
    if first == second:
        return None
    read = f"{quoted(text)} was read as {to_local(first).isoformat(timespec='minutes')}"
    if first > second:
        return f"{read}: the clock here leaves that time out"
    again = to_local(second).isoformat(timespec="minutes")
    return f"{read}: the clock here shows that time twice, then at {again}"


def zone_doubt() -> str | None:
    """Return what is odd about TZ, if it names no zone: then the system takes it for UTC."""
    from time import daylight, timezone

    name = os.environ.get("TZ", "").removeprefix(":")
    # What is not UTC was understood: a name that is unknown is taken for that.
    if timezone or daylight or not name or re.fullmatch(_POSIX, name):
        return None
    folders = [one for one in (os.environ.get("TZDIR"), *_ZONES) if one and os.path.isdir(one)]
    if any(os.path.isfile(os.path.join(one, name)) for one in folders or ("/",)):
        return None
    problem = f"there is no time zone {quoted(name)}"
    if not folders:
        problem = f"no time zones are installed here, so that {quoted(name)} is none"
    return f"TZ: {problem}; it is taken for UTC"


@cache
def _mind_zone() -> None:
    if odd := zone_doubt():
        zone_doubts.append(odd)


def format_time(moment: datetime) -> str:
    """Return an aware time as it is stored and printed: `2026-01-31T09:30:00.123Z`."""
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def now_text() -> str:
    """Return the present as it is stored."""
    return format_time(datetime.now(UTC))


def to_local(moment: datetime) -> datetime:
    """Return a time with the offset that is right here at that time.

    Where the calendar has no such local time, before year 1 or after 9999, it stays in UTC.
    Raises ConfigError where TZ names a zone that is a day or more from UTC.
    """
    _mind_zone()
    try:
        return moment.astimezone()
    except OverflowError:
        return moment
    except ValueError as error:
        hint = "name a zone such as Europe/Prague"
        raise ConfigError("TZ", "its local time is a day or more from UTC", hint) from error


def parse_duration(text: str, field: str) -> timedelta:
    """Return how long `text` is: `45s`, `90m`, `24h`, `7d`, `2w`. Raises InvalidValue."""
    try:
        length = _length(text)
    except OverflowError as error:
        raise InvalidValue(field, text, f"{quoted(text)} is longer than time is") from error
    if not length:  # nothing, or none at all
        problem = f"{quoted(text)} is not a duration such as 15m, 24h or 7d"
        if re.fullmatch("[1-9][0-9]{0,8}", text):
            raise InvalidValue(field, text, f"{problem} ({text}d for days)")
        raise InvalidValue(field, text, problem + _would_do(text))
    return length


def _would_do(text: str, *, or_day: bool = False) -> str:
    """Return what to say of how it has to be typed, if that is clear."""
    from invctl.durations import spelled_duration, told_of_day  # for who has typed it otherwise

    if or_day and (told := told_of_day(text)):
        return f" ({told})"
    meant = spelled_duration(text.removeprefix("-") if or_day else text)
    return f" ({meant} would do)" if meant else ""


def date_told(text: str) -> str:
    """Return what to say of a date that is typed otherwise; a month is good up to its last day."""
    from invctl.durations import told_of_day, told_of_month

    return "" if ":" in text else told_of_day(text) or told_of_month(text)


def whole_days(text: str) -> int | None:
    """Return how many days a duration is; None where it is none, or no whole number of them."""
    try:
        length = _length(text)
    except OverflowError:
        return None
    return length.days if length and not length % _DAY else None


def last_day(duration: str, field: str) -> str:
    """Return the day, by the clock here, on which a time from now ends. Raises InvalidValue."""
    try:
        return (datetime.now() + parse_duration(duration, field)).date().isoformat()
    except OverflowError:
        return date.max.isoformat()


def _length(text: str) -> timedelta | None:
    found = re.fullmatch("([0-9]{1,9})([smhdw])", text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def _ago(text: str) -> datetime | None:
    """Return the time that a duration such as `90m` goes back to."""
    length = _length(text)
    return None if length is None else datetime.now(UTC) - length


def _on_the_clock(text: str) -> datetime | None:
    """Return a date with a time of day."""
    moment = _typed(text)
    if moment is None:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else _from_local(moment)


def _typed(text: str) -> datetime | None:
    """Return a date with a time of day as it was typed: without a zone where none was."""
    # RFC 3339 takes `t` and `z` as well.
    return datetime.fromisoformat(text.upper()) if re.match(_CLOCK, text) else None


def _edge(text: str, *, end: bool) -> datetime:
    """Return the first or the last moment of a period.

    The first and the last day are as long as the calendar, which is the same everywhere.
    """
    start, after = _period(text)
    if end:  # the moment before the next begins, also where clocks are put back at midnight
        return _from_local(datetime.combine(after, time())) - _INSTANT if after else LAST
    return _from_local(datetime.combine(start, time())) if start > date.min else FIRST


def _period(text: str) -> tuple[date, date | None]:
    """Return the first day of a period, and the first after it: None where the calendar ends."""
    start, unit = _start(text)
    longest, reset = _PERIODS[unit]
    try:
        return start, (start + timedelta(days=longest)).replace(**reset)
    except OverflowError:
        return start, None


def _start(text: str) -> tuple[date, str]:
    """Return the first day of a period, and what it is a period of."""
    if text == "today":
        return date.today(), "day"
    if text == "yesterday":
        return date.today() - _DAY, "day"
    if re.fullmatch("[0-9]{4}", text):
        return date(int(text), 1, 1), "year"
    if re.fullmatch("[0-9]{4}-[0-9]{2}", text):
        return date.fromisoformat(f"{text}-01"), "month"
    return date.fromisoformat(text), "week" if re.fullmatch("[0-9]{4}-?W[0-9]{2}", text) else "day"


def _from_local(local: datetime) -> datetime:
    """Return a local time in UTC, or the end of the calendar that it lies beyond.

    One that the clock leaves out is as much later as the clock was put forward.
    """
    _mind_zone()
    try:
        # `astimezone` makes what is left out earlier: a day that begins so would begin the day
        # before. And a float has no room for years and microseconds.
        seconds = local.replace(microsecond=0).timestamp()
        return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=local.microsecond)
    except (ValueError, OverflowError):
        pass
    # Near either end Python looks a day further, where there is none. Two days inwards it does
    # not, and no clock is put forward or back in between.
    is_early = local.year == datetime.min.year
    inwards = 2 * _DAY if is_early else -2 * _DAY
    try:
        return _from_local(local + inwards) - inwards
    except OverflowError:
        return FIRST if is_early else LAST
