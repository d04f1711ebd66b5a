"""Whether a new place's name is a slip of one that there is: units would lie where nobody looks."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from invctl.db.session import Session
from invctl.repository import places

_LONGER = 3
"""Characters that a slip adds or leaves out at the most."""
_SHORTEST, _ALIKE = 4, 0.8
"""Letters of a word that may be a slip of another, and how much of it must be the same."""

_Words = list[str]


def said_of_new(session: Session, name: str, making: str) -> str:
    """Return what to say of a place that is not there yet, and what else may have been meant."""
    near = slip_of(name, places.names(session))
    return f"{making} the place {name}, which is new" + (f"; did you mean {near}?" if near else "")


def slip_of(name: str, others: Iterable[str]) -> str | None:
    """Return which of other names one is a slip of, if it is: letters of a word, case, a hyphen."""
    words, numbers = _words(name), _numbers(name)
    found = (one for one in others if abs(len(one) - len(name)) <= _LONGER)
    # Other numbers, and other single letters, are other places: shelves are called so in a row.
    near = [one for one in found if _numbers(one) == numbers and _is_slip(words, _words(one))]
    return max(near, key=lambda one: _likeness(name.casefold(), one.casefold()), default=None)


def _words(name: str) -> _Words:
    return re.findall(r"[^\W\d_]+|\d+", name.casefold())


def _numbers(name: str) -> list[str]:
    return re.findall(r"\d+", name)


def _is_slip(words: _Words, others: _Words) -> bool:
    """Return whether words may be meant for others, of which the numbers are the same."""
    if "".join(words) == "".join(others):
        return True
    pairs = zip(words, others, strict=False)
    return len(words) == len(others) and all(
        one == other or _alike(one, other) for one, other in pairs
    )


def _alike(one: str, other: str) -> bool:
    is_long = min(len(one), len(other)) >= _SHORTEST and one.isalpha() and other.isalpha()
    return is_long and _likeness(one, other) >= _ALIKE


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
