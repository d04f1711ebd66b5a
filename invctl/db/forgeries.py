"""Rows that no CHECK forbids and no command writes, which a check looks for on each engine."""

from collections.abc import Iterator

from invctl.values import MAX_QUANTITY

MOST = 100
"""How many of a kind are told: a ruined file does not list each of its rows."""
NO_ANSWER = "an answer is none"
_TIMES = {
    "product": ("created_at", "updated_at"),
    "operation": ("recorded_at",),
    "movement": ("occurred_at",),
    "promise": ("due_at",),
}
"""The columns that hold a time, by table; where one may be empty, that is no fault."""
_NUMBERED = ("product", "operation", "movement", "change", "promise", "place", "pot")
"""The tables that have ids of their own."""


def forgeries(is_time: str) -> Iterator[tuple[str, str, str]]:
    """Yield what may be wrong with rows: in words, in which table, and the condition for it.

    `is_time` stands behind a column, and is what the engine matches a stored time by.
    """
    for table, names in _TIMES.items():
        matches = " AND ".join(f"coalesce({name} {is_time}, true)" for name in names)
        yield "a time is none", table, f"NOT ({matches})"
    for table in _NUMBERED:
        yield "an id is out of range", table, f"id NOT BETWEEN 1 AND {MAX_QUANTITY}"
