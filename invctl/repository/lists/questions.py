"""What lists are asked: questions whose shape makes a statement, and whose values its parameters.

Moments are stored texts, and bounds inclusive. Of several texts any will do; none is no condition.
"""

from collections.abc import Sequence
from typing import NamedTuple


class ProductQuery(NamedTuple):
    """Which products, in which order; see `core.catalog.list_products`.

    They hold each of the folded `words`. `promised`: whether anything is held or expected at all.
    """

    words: Sequence[str] = ()
    low: bool = False
    archived: bool | None = False
    sort: str = "sku"
    reverse: bool = False
    as_of: str | None = None
    promised: bool = False


class MovementQuery(NamedTuple):
    """Which movements: `since` and `until` are bounds of `occurred_at`.

    `since_id` is exclusive, `net` leaves out what is not in effect. A `place` is all inside it.
    """

    operation: int | None = None
    products: Sequence[int] | None = None
    since_id: int | None = None
    since: str | None = None
    until: str | None = None
    kinds: Sequence[str] = ()
    actors: Sequence[str] = ()
    reasons: Sequence[str] = ()
    refs: Sequence[str] = ()
    place: str | None = None
    lot: str | None = None
    net: bool = False
    limit: int | None = None
    reverse: bool = False

    @property
    def newest_first(self) -> bool:
        """Whether it is asked from the end: a limit takes the last, or those after an id."""
        return self.reverse if self.limit is None else self.since_id is None


class OperationQuery(NamedTuple):
    """Which operations: `since` and `until` are bounds of `recorded_at`.

    By reason and ref one is found by its movements' too.
    """

    number: int | None = None
    since: str | None = None
    until: str | None = None
    products: Sequence[int] | None = None
    kinds: Sequence[str] = ()
    actors: Sequence[str] = ()
    reasons: Sequence[str] = ()
    refs: Sequence[str] = ()
    limit: int | None = None
    reverse: bool = False

    @property
    def newest_first(self) -> bool:
        """Whether it is asked from the end: a limit takes the last."""
        return self.reverse or self.limit is not None


class PromiseQuery(NamedTuple):
    """Which promises of a kind, seen at a moment; without a state those that are not closed."""

    kind: str
    now: str
    products: Sequence[int] | None = None
    refs: Sequence[str] = ()
    state: str | None = None


class SheetQuery(NamedTuple):
    """What is to be counted: of products that hold each of some folded words."""

    words: Sequence[str] = ()


class UsageQuery(NamedTuple):
    """From which moments on what went out is summed up: two sums, one each.

    `promised` as of a ProductQuery.
    """

    now: str
    since: str
    lately: str
    promised: bool = False
