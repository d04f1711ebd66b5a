"""What lists are asked every day: the shapes whose statements are compiled ahead."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from invctl.repository.lists.questions import MovementQuery, OperationQuery

Q = TypeVar("Q", MovementQuery, OperationQuery)


def one_filter(everything: Q) -> Iterator[Q]:
    """Yield a question about everything, and those that name one thing besides."""
    yield everything
    yield everything._replace(since="")
    yield everything._replace(products=(0,))
    yield everything._replace(kinds=("",))
    yield everything._replace(actors=("",))
    yield everything._replace(reasons=("",))
    yield everything._replace(refs=("",))


def both_ways(shapes: Iterable[Q]) -> Iterator[Q]:
    """Yield questions in either order, limited and not."""
    for shape in shapes:
        for limit in (None, 0):
            for reverse in (False, True):
                yield shape._replace(limit=limit, reverse=reverse)
