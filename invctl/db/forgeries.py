"""Rows that no CHECK forbids and no command writes, which a check looks for on each engine."""

TIMES = {
    "product": ("created_at", "updated_at"),
    "operation": ("recorded_at",),
    "movement": ("occurred_at",),
    "promise": ("due_at",),
}
"""The columns that hold a time, by table; where one may be empty, that is no fault."""
NUMBERED = ("product", "operation", "movement", "change", "promise", "place", "pot")
"""The tables that have ids of their own."""
NO_TIME, NO_ID, NO_ANSWER = "a time is none", "an id is out of range", "an answer is none"
MOST = 100
"""How many of a kind are told: a ruined file does not list each of its rows."""
