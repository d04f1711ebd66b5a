"""What each line of a file did, as a command asks for it: told once, and again to a retry."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from invctl.db.session import Session
from invctl.models.batches import BatchChange, ImportChange, LineChange, LineImport

A = TypeVar("A", bound=BatchChange | ImportChange)


class LineReport(NamedTuple, Generic[A]):
    """The list that `lines` are told in; `retold` reads those of an earlier answer in the books."""

    lines: list[Any]
    retold: Callable[[Session, A], list[Any]]

    def tell_again(self, session: Session, kept: Sequence[list[object]] | None, answer: A) -> None:
        """Tell what the lines of an earlier request did, as they were kept if they were."""
        kind = LineImport if isinstance(answer, ImportChange) else LineChange
        again = self.retold(session, answer) if kept is None else [kind._make(one) for one in kept]
        self.lines[:] = again
