"""What one operation did to several things of a kind."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Several(NamedTuple, Generic[T]):
    """What one operation did to several things of a kind, each told as if it were alone."""

    operation: int
    changes: Sequence[T]
    replayed: bool = False
    dry_run: bool = False
