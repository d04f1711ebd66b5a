"""What a person says of a movement, checked and made what is stored."""

from invctl.models import Label
from invctl.repository.movements import StoredLabel
from invctl.times import format_time, parse_past
from invctl.values import check_reason, optional_text


def check_label(label: Label, time_field: str = "at") -> Label:
    """Return a label whose texts are in NFC and whose time is in UTC; None is not given.

    Raises InvalidValue; `time_field` is what its time was called where it was typed.
    """
    return Label(
        reason=None if label.reason is None else check_reason(label.reason),
        ref=optional_text(label.ref, "ref"),
        note=optional_text(label.note, "note"),
        at=None if label.at is None else format_time(parse_past(label.at, time_field)),
    )


def stored(label: Label, now: str) -> StoredLabel:
    """Return a checked label as a movement of this moment has it, if it says no other."""
    return StoredLabel(label.reason, label.ref, label.note, label.at or now)
