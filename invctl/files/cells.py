"""What a file's columns say: blanks around cells, marks in numbers, defaults, rows of nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import compress, repeat
from operator import itemgetter

from invctl.codes import units_doubt
from invctl.files.options import FileOptions
from invctl.files.rows import Reading
from invctl.models.rows import CLEARED, FileRow, Whole
from invctl.values import MULTILINE_FIELDS

Cells = tuple[str, ...]
Column = Sequence[str]
_COUNTED = 7
"""Digits that a number of units may have without being looked at for a barcode."""
BLANKS = " \t\x0b\x0c\x1c\x1d\x1e\x1f"
"""What `str.strip` takes off a text in ASCII, but for what ends lines."""


class CellRules:
    """Makes rows of the columns at some `places`: a column at once, most of it in C.

    `columns` are the fields that have a place, or a default.
    """

    def __init__(
        self,
        fields: Mapping[str, str],
        options: FileOptions,
        places: Mapping[str, int],
        seen: Reading,
    ) -> None:
        self._places = [places.get(field) for field in fields]
        self._texts = [field in MULTILINE_FIELDS for field in fields]
        self._defaults = [options.defaults.get(field, "") for field in fields]
        self._mark = options.decimal_mark
        self._numbers = [kind == "integer" for kind in fields.values()]
        self.columns = tuple(f for f in fields if f in places or f in options.defaults)
        self._counted = [
            at for at, f in enumerate(fields) if self._numbers[at] and f in self.columns
        ]
        self._skips = options.skip_empty
        self._seen = seen
        self.are_plain = not (self._mark or self._skips or any(self._defaults))

    def rows(
        self, lines: Iterable[int], columns: Sequence[Column], *, padded: bool
    ) -> Iterable[FileRow]:
        """Return the rows that stand at `lines`; blanks are looked for where cells are `padded`."""
        cells = [self._cells(at, columns, padded) for at in range(len(self._places))]
        if not self._seen.is_named and self._places[0] is not None:
            self._seen.is_named = any(cells[0])
        # Not strict: neither defaults nor the lines of an even block have an end.
        rows = zip(lines, zip(*cells, strict=False), strict=False)
        return self._not_empty(rows) if self._skips else rows

    def _cells(self, at: int, columns: Sequence[Column], padded: bool) -> Iterable[str]:
        """Return the column of the field `at` some place, or its default without end."""
        place, default = self._places[at], self._defaults[at]
        if place is None:
            return repeat(default)
        column = columns[place]
        if padded:
            column = _unpadded(column, self._texts[at])
        if self._mark and self._numbers[at]:
            column = [read_whole(cell, self._mark) for cell in column]
        if default:
            column = [c if c or c is CLEARED else default for c in column]
        if (
            self._numbers[at]
            and not self._seen.doubt
            and max(map(len, column), default=0) > _COUNTED
        ):
            self._seen.doubt = next(filter(None, map(units_doubt, column)), "")
        return column

    def _not_empty(self, rows: Iterator[FileRow]) -> Iterable[FileRow]:
        """Return the rows that have their first field, and a number if there are columns for it."""
        found = list(rows)
        numbers = [itemgetter(at) for at in self._counted]
        said = [
            bool(cells[0]) and (not numbers or any(number(cells) for number in numbers))
            for _, cells in found
        ]
        if found:
            self._seen.kept += sum(said)
            self._seen.skip(found[-1][0], len(said) - sum(said))
        return compress(found, said)


def _unpadded(column: Column, is_text: bool) -> Column:
    """Return a column's cells without the blanks around them; what a text says is kept whole."""
    if is_text:  # blanks around it are kept (§2), but nothing but blanks is nothing
        blank = any(map(str.isspace, column))
        return [cell if cell.strip() else "" for cell in column] if blank else column
    # One look at all of it: most columns have no blanks at all.
    joined = "".join(column)
    if joined.isascii() and not any(map(joined.__contains__, f"{BLANKS}\n")):
        return column
    return list(map(str.strip, column))


def whole(text: str, mark: str) -> str:
    """Return the digits of a whole number that is written with a decimal mark and thousands.

    What is none stays as it is, for its field to refuse; nothing is rounded.
    """
    if not _written_whole(mark).fullmatch(text):
        return text
    return text.partition(mark)[0].replace(_other(mark), "")


def read_whole(text: str, mark: str) -> str:
    """Do the same, and keep how it is written: for who has to say what is wrong with it."""
    digits = whole(text, mark)
    return text if digits == text else Whole(digits, text)


def _other(mark: str) -> str:
    return "," if mark == "." else "."


@cache
def _written_whole(mark: str) -> re.Pattern[str]:
    thousands = rf"[1-9][0-9]{{0,2}}(?:\{_other(mark)}[0-9]{{3}})+"
    return re.compile(rf"-?(?:{thousands}|[0-9]+)(?:\{mark}0+)?")


def marks_of(numbers: Sequence[str]) -> Sequence[str]:
    """Return the decimal marks by which all of some texts are whole numbers that any mark makes so.

    Of `1,000` alone both do, to which it is another number; of `1,234.0` and `1.234,0` none does.
    """
    read = {mark: {text for text in numbers if whole(text, mark) != text} for mark in (".", ",")}
    either = set().union(*read.values())
    return [mark for mark, texts in read.items() if texts and texts == either]
