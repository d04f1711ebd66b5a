"""What was meant by a text that is nearly a duration, `2h30m`, `1.5h`, or a day: `31.1.2026`."""

import re
from datetime import datetime
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
    r"(?P<first>[0-9]{1,2})(?P<by>[./-])(?P<second>[0-9]{1,2})(?P=by)(?P<year>[0-9]{4})"
    r"(?:[ T,]+(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?"
)

_YEAR_FIRST = r"^([0-9]{4})([./-])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])"


def spelled_duration(text: str) -> str:
    """Return the duration that a text means, as it has to be typed; '' where that is not clear."""
    plain = text.strip().lower().removesuffix(" ago")
    if not re.fullmatch(rf"{_PART}(?:,? ?{_PART})*", plain):
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


def spelled_day(text: str) -> str:
    """Return the day, and the time of day, as it has to be typed; '' where that is not clear."""
    found = re.fullmatch(_BY_PEOPLE, re.sub(_YEAR_FIRST, r"\4.\3.\1", text))
    if not found:
        return ""
    day, month, year = (int(found[name]) for name in ("first", "second", "year"))
    if found["by"] != ".":  # with dots the day comes first; else whatever can be no month is it
        if (day > 12) == (month > 12) and day != month:
            return ""
        day, month = (month, day) if month > 12 else (day, month)
    written = f"{year:04}-{month:02}-{day:02}"
    if clock := found["clock"]:
        written += f"T0{clock}" if clock[1] == ":" else f"T{clock}"
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return ""
    return written
