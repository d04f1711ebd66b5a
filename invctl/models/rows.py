"""Rows: those of files as they were read, and those of the tables as lists tell them."""

from typing import NamedTuple


class Cleared(str):
    """A cell that empties its field, as JSON's null does: '' to all who only ask what is given."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "null"


CLEARED = Cleared()
"""The only one: a cell is asked whether it `is` this."""


class Whole(str):
    """A whole number in plain digits; `given` is how its file writes it: `1,234.00`."""

    __slots__ = ("given",)
    given: str

    def __new__(cls, digits: str, given: str) -> "Whole":
        """Return the digits, which are text like any other."""
        made = super().__new__(cls, digits)
        made.given = given
        return made


ProductRow = tuple[
    str, str, str | None, int, int | None, bool, str, str, bool, int, int, int, int | None
]
"""A product as a tuple in the order of PRODUCT_FIELDS; times as stored text."""


LowRow = tuple[
    str, str, str | None, int, int | None, bool, str, str, bool, int, int, int, int | None, int
]
"""A product as a tuple in the order of LOW_FIELDS."""


MovementRow = tuple[
    int, int, str, str, int, int, str | None, str | None, str | None, str, str, str,
    int | None, int | None, str | None, str | None, str | None,
]  # fmt: skip
"""A movement as a tuple in the order of MOVEMENT_FIELDS; `quantity` is the balance after it."""


class BadRow(NamedTuple):
    """A row of a file that cannot be read as one; `line` is physical, the header being 1."""

    line: int
    column: str | None
    value: str | None
    message: str


FileRow = tuple[int, tuple[str, ...]]
"""A row of a file: the line at which it starts and its cells in a fixed order, '' if not given."""
