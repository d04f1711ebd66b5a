"""What a line of a file asks for: a count, or units to add or to take."""

from functools import lru_cache
from typing import NamedTuple

from invctl.errors import InvalidValue
from invctl.text import quoted
from invctl.values import MAX_QUANTITY, parse_amount, parse_delta, parse_quantity

ACTIONS = ("add", "remove", "set", "move")

SKU, MOVE, LABEL, SPOTS = 0, slice(1, 4), slice(4, 8), slice(8, 12)
"""Where the cells of a movement's line, in the order of `models.MOVEMENT_COLUMNS`, say of which
product it is, what is to be done, what is said of that, and where its units lie."""
DELTA, ACTION, AMOUNT, OCCURRED_AT = 1, 2, 3, 7
"""Those of these cells that are looked at one by one."""
_CALLED = {
    "add": "in inbound buy bought purchase receipt receive received restock return returned +",
    "remove": "out outbound sale sell sold issue issued pick picked ship shipped use used -",
    "set": "count counted stocktake",
    "move": "transfer transferred moved",
}
"""What the actions are called in the files of other programs; told, and never taken for them."""

_REMEMBERED = 5000
"""Distinct moves of a file that are read once: most sales are of one unit or two."""


class Move(NamedTuple):
    """Whether it is a count, the units counted or moved, and whether they only change places."""

    counts: bool
    units: int
    shifts: bool = False


@lru_cache(maxsize=_REMEMBERED)
def read_move(delta: str, action: str, amount: str) -> Move:
    """Return what a line's delta, or its action and amount, ask for. Raises InvalidValue."""
    if delta:
        if action or amount:
            raise InvalidValue("delta", delta, "stands beside an action or an amount; give one")
        return Move(False, parse_delta(delta))
    if action not in ACTIONS:
        problem = _why_no_action(action) if action else "is missing"
        raise InvalidValue("action" if action or amount else "delta", action, problem)
    if action == "set":
        return Move(True, parse_quantity(amount, "amount"))
    if action == "move":
        return Move(False, parse_amount(amount), True)
    return Move(False, parse_amount(amount) if action == "add" else -parse_amount(amount))


def _why_no_action(text: str) -> str:
    word = text.strip().lower()
    meant = (one for one in ACTIONS if word == one or word in _CALLED[one].split())
    near = "".join(f" ({one} would do)" for one in meant)
    return f"{quoted(text)} is not one of {', '.join(ACTIONS)}{near}"


def multiplied(units: int, by: int, field: str, given: str) -> int:
    """Return so many times as many units: of a code that means several, of a recipe.

    Raises InvalidValue where they are more than can be kept.
    """
    if abs(units) * by > MAX_QUANTITY:
        raise InvalidValue(field, given, f"{by} × {abs(units)} is more than {MAX_QUANTITY}")
    return units * by
