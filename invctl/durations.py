"""What was probably meant by a text that is nearly a duration: `2h30m`, `90 min`, `1.5h`."""

import re
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


def spelled_duration(text: str) -> str:
    """Return the duration that a text means, as it has to be typed; '' where that is not clear."""
    plain = text.strip().lower()
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
