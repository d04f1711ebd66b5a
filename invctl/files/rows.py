"""What a file gives: rows, rows that are none, what is to be said of it, and how it is refused."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from invctl.errors import InvalidData, LineError
from invctl.models.rows import BadRow, FileRow

MAX_ERRORS = 100
MAX_SHOWN = 200
BLANK_LINES = 1 << 21
"""How many lines may be none: twice what a spreadsheet can hold. They are read under a lock."""
_COMPARED = 1000
"""How many names are looked at for the one that was meant: each costs some microseconds."""


@dataclass(slots=True)
class Reading:
    """What a person should know of a file besides its rows; complete when it is read.

    `read_as` is the field of each header that was known by a synonym, `unknown` are the names of
    no column, `skipped` counts the rows that --skip-empty passed over, `kept` those that it did
    not; `is_named` is whether any row has its first field; `doubt` is that of the first number
    that a scanner may have typed into the wrong column.
    """

    read_as: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    skipped: int = 0
    kept: int = 0
    is_named: bool = False
    doubt: str = ""
    blank: int = 0

    def skip(self, line: int, rows: int) -> None:
        """Count rows that --skip-empty passes over, the last of them at `line`."""
        self.skipped += rows
        self.pass_over(line, rows)

    def pass_over(self, line: int, rows: int = 1) -> None:
        """Count rows that are no lines. Raises InvalidData where a file has too many of them."""
        self.blank += rows
        if self.blank > BLANK_LINES:
            raise fatal(line, f"more than {BLANK_LINES} lines say nothing; is this the right file?")


@dataclass(frozen=True, slots=True)
class RowSource:
    """The rows of one file, to be read once; `columns` are the known fields that it gives.

    `rest` reads what the rows are made of, for who only wants to know that a stream has an end;
    `advise` returns which options would read what was refused.
    """

    columns: tuple[str, ...]
    rows: Iterator[FileRow | BadRow]
    seen: Reading
    rest: Iterable[object]
    advise: Callable[[Sequence[LineError]], str]

    def __iter__(self) -> Iterator[FileRow | BadRow]:
        return self.rows

    def drain(self) -> None:
        """Read on to the end for nothing. Raises InvalidData where lines or rows do not end."""
        deque(self.rest, maxlen=0)


def unreadable(
    errors: Sequence[BadRow],
    count: int | None = None,
    *,
    summary: str = "",
    hint: str | None = None,
) -> InvalidData:
    """Return the error that refuses a whole file; `count` where there are more than are told."""
    told = [
        LineError(bad.line, bad.column, bad.value, InvalidData.code, bad.message)
        for bad in errors[:MAX_ERRORS]
    ]
    known = len(errors) if count is None else count
    return InvalidData(told, known, summary=summary, hint=hint)


def fatal(
    line: int, message: str, value: str | None = None, *, summary: str = "", hint: str | None = None
) -> InvalidData:
    """Return the error for trouble at `line` after which nothing can be read."""
    return unreadable([BadRow(line, None, value, message)], summary=summary, hint=hint)


def endless(line: int, message: str, begun: str) -> InvalidData:
    """Return the error for a line, or an object, that is too long; `begun` is how it begins."""
    inside = "if the lines are inside of one object: `jq .products FILE` takes them out"
    return fatal(line, message, hint=inside if begun.lstrip(" \t\n[").startswith("{") else None)


def no_rows(message: str, advice: str) -> InvalidData:
    """Return the error for a file that is another kind of file: no line of it can be mended."""
    return fatal(1, message, summary=message, hint=advice)


def cut(text: str) -> str:
    """Return `text` short enough to be the value of an error."""
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def in_quotes(text: str) -> str:
    """Return `text` as it stands in a message: in quotes, cut where it is long."""
    return f"'{cut(text)}'"


def plain(name: str) -> str:
    """Return a column's name as it is compared: without case, blanks, `_` and `-`."""
    # Cut, as one may have a million letters and is compared with every field.
    bare = "".join(name[:MAX_SHOWN].split()).replace("_", "").replace("-", "")
    return bare if bare.isascii() and bare.islower() else bare.casefold()


def nearest(name: str, known: Sequence[str], alike: float = 0.6) -> str | None:
    """Return the known name that `name` was probably meant to be."""
    from difflib import get_close_matches

    by_plain = {plain(one): one for one in known[:_COMPARED]}
    matches = get_close_matches(plain(name), by_plain, 1, alike)
    return by_plain[matches[0]] if matches else None
