"""What a file gives: rows, rows that are none, and the error that ends the reading."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from invctl.errors import InvalidData, LineError
from invctl.models import BadRow, Row

MAX_ERRORS = 100
MAX_SHOWN = 200
_COMPARED = 1000
"""How many names are looked at for the one that was meant: each costs some microseconds."""


@dataclass(frozen=True, slots=True)
class RowSource:
    """The rows of one file, to be read once; `columns` are the known fields that it gives."""

    columns: tuple[str, ...]
    rows: Iterator[Row | BadRow]

    def __iter__(self) -> Iterator[Row | BadRow]:
        return self.rows


def unreadable(errors: Sequence[BadRow], count: int | None = None) -> InvalidData:
    """Return the error that refuses a whole file; `count` where there are more than are told."""
    told = [
        LineError(bad.line, bad.column, bad.value, InvalidData.code, bad.message)
        for bad in errors[:MAX_ERRORS]
    ]
    return InvalidData(told, len(errors) if count is None else count)


def fatal(line: int, message: str, value: str | None = None) -> InvalidData:
    """Return the error for trouble at `line` after which nothing can be read."""
    return unreadable([BadRow(line, None, value, message)])


def cut(text: str) -> str:
    """Return `text` short enough to be the value of an error."""
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def quoted(text: str) -> str:
    """Return `text` as it stands in a message: in quotes, cut where it is long."""
    return f"'{cut(text)}'"


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that `name` was probably meant to be."""
    from difflib import get_close_matches

    plain = {_plain(one): one for one in known[:_COMPARED]}
    return next((plain[one] for one in get_close_matches(_plain(name), plain, 1)), None)


def _plain(name: str) -> str:
    return name[:MAX_SHOWN].strip().lower().replace(" ", "_").replace("-", "_")


def unknown(kind: str, name: str, known: Sequence[str]) -> str:
    """Return the sentence about a name that is not one of the `known`, with the nearest of them."""
    near = nearest(name, known)
    meant = f", did you mean {near}?" if near else ";"
    return f"{kind} {quoted(name)} is not known{meant} known are {', '.join(known)}"
