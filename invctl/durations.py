"""What was meant by a text that is nearly a duration, `2h30m`, `1.5h`, or a day: `31.1.2026`."""

import re
from calendar import monthrange
from datetime import date, datetime
from decimal import Decimal

_LENGTHS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WORDS = {
    "s": "s|secs?|seconds?",
    "m": "m|mins?|minutes?",
    "h": "h|hrs?|hours?",
    "d": "d|days?",
    "w": "w|wks?|weeks?",
}
_PART = rf"([0-9]{{1,6}}(?:\.[0-9]{{1,3}})?) ?({'|'.join(_WORDS.values())})"

_BY_PEOPLE = (
    r"(?P<first>[0-9]{1,2})(?P<by>[./-])(?P<second>[0-9]{1,2})(?P=by)(?P<year>[0-9]{4}|[0-9]{2})"
    r"(?:[ T,]+(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?"
)

_YEAR_FIRST = r"^([0-9]{4})([./-])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])"
_MONTH_LAST = r"^([0-9]{4})[./-]([0-9]{1,2})$"


def spelled_duration(text: str) -> str:
    """Return the duration that a text means, as it has to be typed; '' where that is not clear."""
    plain = text.strip().lower().removesuffix(" ago")
    is_month = re.search("[0-9] ?M$", text)  # to who types it so that is no minute
    if is_month or not re.fullmatch(rf"{_PART}(?:,? ?{_PART})*", plain):
        return ""
    parts = [
        (Decimal(number), next(unit for unit in _WORDS if re.fullmatch(_WORDS[unit], word)))
        for number, word in re.findall(_PART, plain)
    ]
    seconds = sum(number * _LENGTHS[unit] for number, unit in parts)
    units = [unit for unit in "smhdw" if unit in {typed for _, typed in parts}]
    for unit in (*reversed(units), "h", "m", "s"):  # the one that was typed, if it comes out even
        if seconds and seconds % _LENGTHS[unit] == 0:
            return f"{seconds / _LENGTHS[unit]:f}".split(".")[0] + unit
    return ""


def told_of_day(text: str) -> str:
    """Return how a day, and the time of day, has to be typed, or that there is none such.

    '' where it is not clear which one is meant.
    """
    written = _written_day(text)
    if not written:
        return ""
    for wanted, none in ((written[:10], "day"), (written, "time of day")):
        try:
            datetime.fromisoformat(wanted)
        except ValueError:
            return f"there is no such {none}"
    return f"{written} would do"


def told_of_month(text: str) -> str:
    """Return the last day of a month, `03/2027`, as it has to be typed; '' for what is none."""
    found = re.fullmatch("([0-9]{1,2})[./-]([0-9]{4})", re.sub(_MONTH_LAST, r"\2.\1", text))
    if not found or not (1 <= int(found[1]) <= 12 and int(found[2])):
        return ""
    year, month = int(found[2]), int(found[1])
    return f"{date(year, month, monthrange(year, month)[1])} would do"


def _written_day(text: str) -> str:
    """Return a day that people have written as it has to be typed, be there such a day or not."""
    found = re.fullmatch(_BY_PEOPLE, re.sub(_YEAR_FIRST, r"\4.\3.\1", text))
    if not found:
        return ""
    day, month, year = (int(found[name]) for name in ("first", "second", "year"))
    if found["by"] != ".":  # with dots the day comes first; else whatever can be no month is it
        if (day > 12) == (month > 12) and day != month:
            return ""
        if len(found["year"]) == 2 and month <= 12:  # the year may stand first
            return ""
        day, month = (month, day) if month > 12 else (day, month)
    year += 2000 if len(found["year"]) == 2 else 0
    written = f"{year:04}-{month:02}-{day:02}"
    if clock := found["clock"]:
        written += f"T0{clock}" if clock[1] == ":" else f"T{clock}"
    return written
