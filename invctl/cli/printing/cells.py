"""One value as a person reads it, and how wide that is on a terminal.

Stored text is made harmless here, and steady: terminals and libraries disagree on how wide some
of it is, so that no library lays it out.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

from invctl.text import escaped, printable
from invctl.times import to_local

TIMES = {
    "created_at", "updated_at", "occurred_at", "recorded_at", "due_at", "closed_at",
    "last_moved_at",
}  # fmt: skip
NUMBERS = {
    "id", "operation", "undoes", "undone_by", "line", "quantity", "delta", "counted",
    "amount", "units", "added", "removed", "net", "products", "movements", "changes",
    "reorder_point", "reorder_to", "held", "available", "expected", "order", "per_day",
    "days_left", "times", "share", "before", "per",
}  # fmt: skip

_TOWER = 4
"""How many marks a character may bear. Scripts need no more; a tower of them covers other lines."""

# Letters that show nothing, on some terminals as blanks and on some not at all.
_FILLERS = "\u115f\u1160\u3164\uffa0"


def cell(name: str, value: object) -> str:
    """Return a value as a person reads it, without anything that could act on a terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "delta" and isinstance(value, int):
        return f"{value:+d}"
    if isinstance(value, Mapping):
        return _legible(printable("; ".join(map(_changed, value.items()))))
    if isinstance(value, float):
        return f"{value:.0%}" if name == "share" else f"{value:.3f}"
    return _legible(printable(str(value)))


def _changed(change: tuple[str, Sequence[object]]) -> str:
    """Return what changed of a field: `name: Pen → New pen`."""
    field, values = change
    before, after = ("nothing" if one is None else cell(field, one) for one in values)
    return f"{field.replace('_', ' ')}: {before} → {after}"


def moment(stored: object) -> tuple[str, str]:
    """Return a stored time as a person here reads it, and how far from UTC it was here then.

    `2026-01-31 09:30` and `+01:00`; what is no time is shown as it is, without an offset.
    """
    try:
        local = to_local(datetime.fromisoformat(str(stored)))
    except ValueError:  # written by other hands
        return cell("", stored), ""
    shown = local.isoformat(timespec="minutes")
    return shown[:16].replace("T", " "), shown[16:]


def offset_now() -> str:
    """Return how far local time is from UTC now: `+01:00`."""
    return to_local(datetime.now().astimezone()).isoformat(timespec="minutes")[16:]


def heading(name: str, title: str | None = None, offset: str = "") -> str:
    """Return what people call a field; a time's says how far its zone is from UTC."""
    words = name.replace("_", " ") if title is None else title
    return f"{words} {offset}" if offset else words


def is_expired(row: Mapping[str, object]) -> bool:
    """Return whether a row is of what has expired."""
    expires_on = row.get("expires_on")
    if not isinstance(expires_on, str):
        return False
    from invctl.core.places.spots import is_past

    return is_past(expires_on)


def is_low(row: Mapping[str, object]) -> bool:
    """Return whether a product is at or under its reorder point, promises counted."""
    return bool(row.get("low"))


def padded(name: str, text: str, width: int) -> str:
    """Return a field's text with blanks to that width: before it where it is a number."""
    width += len(text) - text_width(text)  # in characters, as these count
    return text.rjust(width) if name in NUMBERS else text.ljust(width)


def cut(text: str, width: int, more: str = "…") -> str:
    """Return what of a text is no wider than that, with `more` at its end where it was longer."""
    if text_width(text) <= width:
        return text
    room = width - len(more)
    for place, char in enumerate(text):
        room -= _char_width(char)
        if room < 0:
            return text[:place].rstrip() + more
    return text


def text_width(text: str) -> int:
    """Return how many columns of a terminal a text takes that is `steady`."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if char.isascii():
        return 1
    # A vowel or a final of Hangul that is spelled out joins the syllable before.
    if unicodedata.category(char) in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def steady(name: str, text: str) -> str:
    """Return a text without what makes it wider on one terminal than on another.

    What joins or tints emoji goes; in a SKU, which would be another one without, it is escaped.
    """
    if text.isascii():
        return text
    return "".join(
        (escaped(char) if name == "sku" else "") if _is_wavering(char) else char for char in text
    )


def _is_wavering(char: str) -> bool:
    """Return whether it is a zero-width joiner, a variation selector or a skin tone."""
    return (
        char == "\u200d"
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )


def _legible(text: str) -> str:
    """Return a text with the marks escaped that a character has too many of, and the fillers."""
    if text.isascii():
        return text
    marks = _TOWER  # the first character has none before it to mark
    shown = []
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        shown.append(escaped(char) if marks > _TOWER or char in _FILLERS else char)
    return "".join(shown)
