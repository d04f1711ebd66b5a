"""What a list's question is asked by: a text made ahead, or for rarer ones what Core puts together.

A statement depends on the shape of a question, and its values are parameters: so those of every
day are compiled ahead, and nothing has to be loaded for them that takes longer than they do.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from invctl.db.session import Session, Text
from invctl.repository import compiled
from invctl.repository.lists.compiled import TEXTS

Q = TypeVar("Q", bound=NamedTuple)


def parted(query: Q, *values: str) -> tuple[Q, dict[str, Any]]:
    """Return the shape of a question, and the values of its fields that are named.

    Of several values of a field each is a parameter, with its number behind the name. In the
    shape '' stands for every text, and 0 for every number.
    """
    shape: dict[str, object] = {}
    given: dict[str, Any] = {}
    for name in values:
        value = getattr(query, name)
        if isinstance(value, str | int):
            shape[name], given[name] = type(value)(), value
        elif value is not None:
            shape[name] = tuple(type(one)() for one in value)
            given |= {f"{name}_{number}": one for number, one in enumerate(value)}
    return query._replace(**shape), given


def statement(name: str, shape: NamedTuple, *more: str) -> Text:
    """Return the statement of a list for a shape of question."""
    known = TEXTS.get((name, *shape, *more))
    return _made(name, shape, *more) if known is None else known


@lru_cache(maxsize=100)  # a server is asked by anybody, for as long as it runs
def _made(name: str, shape: NamedTuple, *more: str) -> Text:
    """Return the same for a question that is rare."""
    from invctl.db.dialects import text_of
    from invctl.repository.declared import lists

    return text_of(lists.LISTS[name](shape, *more))


def found(session: Session, words: Sequence[str]) -> dict[str, object]:
    """Return the parameters of a statement about products that hold each of some words."""
    return session.search(compiled.TO_SEARCH, words) if words else {}
