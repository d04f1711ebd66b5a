"""What each line of a file did, as a command asks for it: told once, and again to a retry."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from invctl.db.session import Session
from invctl.models.batches import BatchChange, ImportChange, LineChange, LineImport

A = TypeVar("A", BatchChange, ImportChange)
L = TypeVar("L", LineChange, LineImport)


class LineReport(Generic[A, L]):
    """The `lines` told of a file; `retold` tells those of an earlier answer from the books."""

    def __init__(
        self,
        lines: list[L],
        kind: Callable[[Iterable[object]], L],
        retold: Callable[[Session, A], list[L]],
    ) -> None:
        self.lines: list[L] = lines
        self._kind: Callable[[Iterable[object]], L] = kind
        self._retold: Callable[[Session, A], list[L]] = retold

    def restart(self) -> None:
        """Tell nothing so far: the work that tells may be done again."""
        self.lines.clear()

    def tell_again(self, session: Session, kept: Sequence[list[object]] | None, answer: A) -> None:
        """Tell what the lines of an earlier request did, as they were kept if they were."""
        again = self._retold(session, answer) if kept is None else list(map(self._kind, kept))
        self.lines[:] = again


def reported(
    lines: list[L] | None,
    kind: Callable[[Iterable[object]], L],
    retold: Callable[[Session, A], list[L]],
) -> LineReport[A, L] | None:
    """Return the report that goes into `lines`; None where nobody wants one."""
    return None if lines is None else LineReport(lines, kind, retold)
