"""What a person says of a movement, or said of a promise, checked and made what is stored."""

from collections.abc import Sequence
from datetime import datetime

from invctl.models.attempts import NO_LABEL, Label
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft
from invctl.repository.promises import Promise
from invctl.times import format_time, parse_past, parse_time
from invctl.values import check_reason, optional_text


def check_label(label: Label, time_field: str = "at") -> Label:
    """Return a label whose texts are in NFC and whose time is in UTC; None is not given.

    Raises InvalidValue; `time_field` is what its time was called where it was typed.
    """
    if label == NO_LABEL:  # as of most, each line of a pipe's among them
        return label
    return Label(
        reason=None if label.reason is None else check_reason(label.reason),
        ref=optional_text(label.ref, "ref"),
        note=optional_text(label.note, "note"),
        at=None if label.at is None else format_time(_when(label.at, time_field)),
    )


def stored(label: Label, now: str) -> StoredLabel:
    """Return a checked label as a movement of this moment has it, if it says no other."""
    return StoredLabel(label.reason, label.ref, label.note, label.at or now)


def named_after(draft: Draft, ended: Sequence[Promise]) -> Draft:
    """Return a draft with the reason and ref of the promises that it ends, if it has no own."""
    reasons, refs = {one.reason for one in ended}, {one.ref for one in ended}
    return draft._replace(
        reason=draft.reason or (reasons.pop() if len(reasons) == 1 else None),
        ref=draft.ref or (refs.pop() if len(refs) == 1 else None),
    )


def _when(text: str, time_field: str) -> datetime:
    """Return when something happened."""
    # A slip of the keys is doubted; what a program wrote down of a line may be of any time.
    return (parse_past if time_field == "at" else parse_time)(text, time_field)
