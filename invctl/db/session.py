"""What a transaction can be asked: the one way in which statements run, whichever engine it is."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple, Protocol

LONGEST_ANSWER = 1 << 25
"""Characters of the longest answer that is kept for a retry: of half a million lines."""

CHUNK = 1000
"""Rows that are read at a time; more takes memory and saves nothing."""

BATCH = 5000
"""Rows that are written at a time, likewise."""

Row = tuple[Any, ...]


class Text(NamedTuple):
    """A fixed statement, as each family of engines reads it; its parameters have names.

    SQLite is given them by place, in the `order` of their marks: by name, it looks for each anew.
    """

    sqlite: str
    server: str
    order: Sequence[str] = ()


class Posting(NamedTuple):
    """A change under a guard, and what is written down of it.

    A file takes three steps: the `guard`, which returns a product's id, SKU and quantity first, and
    then, if it does, `enter`, which returns the ids of the operation and of its movement, and
    `note`, which takes all of these. A server is sent the `whole` behind what it is to `lock`.
    """

    guard: Text
    enter: Text
    note: Text
    lock: Text
    whole: Text


class Session(Protocol):
    """One transaction with an inventory. Nothing above it asks which engine it is of.

    It reads texts: SQLAlchemy Core writes them, most of them ahead.
    """

    def one(self, statement: Text, /, **values: Any) -> Row | None:
        """Run a statement and return the first row of its answer, None where it has none."""

    def run(self, statement: Text, /, **values: Any) -> None:
        """Run a statement that has no answer; on a server it may travel with the next one."""

    def post(self, posting: Posting, /, **values: Any) -> Row | None:
        """Run a posting; return what its guard and its entering returned, None where it refused.

        On a server that takes the turn, too, where it does not refuse, and is waited for once.
        """

    def rows(self, statement: Text, /, **values: Any) -> Iterator[Sequence[Row]]:
        """Yield the rows of an answer in chunks, as they are read, however many there are."""

    def insert(
        self,
        table: str,
        columns: Sequence[str],
        rows: Sequence[Row],
        *,
        first: int | None = None,
        **same: int,
    ) -> None:
        """Insert rows of values for `columns`, and what is the `same` in each of them.

        Their ids run from `first` on where that is given; it must be the table's next one.
        """

    def each(self, statement: Text, columns: Sequence[str], rows: Sequence[Row]) -> int:
        """Run a statement for each row of values; return how many rows it changed.

        `columns` names its parameters in the order of the values.
        """

    def lock(self, statement: Text, /, **values: Any) -> None:
        """Keep others from the products that a statement selects, until the transaction ends.

        On SQLite nobody else writes from the start, so there it does nothing.
        """

    def lock_among(self, statement: Text, column: str, texts: Callable[[], Iterable[str]]) -> None:
        """Keep others from the products whose `column` is among `texts`, as `lock` does.

        These are asked for only where that matters.
        """

    def confirm(self) -> None:
        """Make what was read as durable as what is written, once this is committed.

        On SQLite it is that already; on a server that has standbys it may be on it alone.
        """

    def take_turn(self) -> None:
        """Make it this transaction's turn to number operations and movements, until it ends.

        On a server it waits for who has it; on SQLite a writer has every turn. It comes after
        the products: in the one order in which nobody waits in a circle.
        """

    def search(self, everything: Text, words: Sequence[str]) -> dict[str, object]:
        """Return what a statement about products that hold some folded words is to be given.

        SQLite looks for them itself; a server is asked for `everything` that they may be in.
        """


def one_by_one(session: Session, statement: Text, /, **values: Any) -> Iterator[Row]:
    """Yield the rows of an answer, where nobody needs them in chunks."""
    return chain.from_iterable(session.rows(statement, **values))


def first_value(session: Session, statement: Text, /, **values: Any) -> Any | None:
    """Return the first value of the first row of an answer, None where it has none."""
    row = session.one(statement, **values)
    return None if row is None else row[0]


def number(session: Session, statement: Text, /, **values: Any) -> int:
    """Return the number that a statement answers, as whatever counts, sums or gives ids does."""
    row = session.one(statement, **values)
    assert row is not None, "an aggregate has a row, be there any or none that it is of"
    return int(row[0])


def array(values: Collection[str] | Collection[int]) -> str:
    """Return several values as one parameter, which `declared.forms.among` takes apart."""
    # As a parameter each, SQLite binds only so many, and there is a text for each number of them.
    return json.dumps(sorted(values))
