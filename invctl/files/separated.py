"""Rows out of separated text: a block of lines at once where it can be, else one after another."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import accumulate, chain, compress, count
from operator import itemgetter, methodcaller
from typing import NamedTuple

from invctl.files.cells import BLANKS, CellRules, Column
from invctl.files.header import Header
from invctl.files.lines import Block, EndlessRowError, Tape
from invctl.files.quoting import (
    GOES_ON,
    NOT_CLOSED,
    NOT_ENDED,
    OPEN_TO_THE_END,
    RowGoesOnError,
    cells_of,
    is_endless,
    is_padded_quote,
    unpadded,
)
from invctl.files.rows import Reading, cut, fatal
from invctl.files.source import LIMIT, Source
from invctl.models.rows import BadRow, FileRow

Rows = Iterable[FileRow | BadRow]


class SeparatedRows:
    """The rows under a header, as many at a time as were read together."""

    def __init__(
        self,
        tape: Tape,
        header: Header,
        rules: CellRules,
        source: Source,
        seen: Reading,
        *,
        ignore_extra: bool,
        live: bool,
    ) -> None:
        self._tape = tape
        self._begin = header.end
        self._names = header.names
        self._width = len(header.names)
        # Under an empty name something may stand only where columns without a field are ignored.
        self._surplus = header.width if ignore_extra else self._width
        self._live = live
        self._delimiter = header.delimiter
        self._nothing = f"{BLANKS}\n{header.delimiter}"
        self._reader = partial(csv.reader, delimiter=header.delimiter, strict=True)
        self._rules = rules
        self._source = source
        self._seen = seen

    def __iter__(self) -> Iterator[Rows]:
        line = self._begin
        while (block := self._tape.block(line)) is not None:
            rows, line = self._together(block)
            yield rows
            if line < block.end:
                rows, line = self._one_by_one(block, line)
                yield rows
            if line < block.end:
                rows, line = self._beyond(line)
                yield rows

    def _together(self, block: Block) -> tuple[Rows, int]:
        """Return the rows of a block where nothing is odd, and the line up to which they reach."""
        # A year of sales goes through here, so all of it is done by columns, in C.
        text = block.text
        # Blank rows, of which there may be millions at the end of a sheet, are not even parted.
        if text[0] in self._nothing and text.replace(self._delimiter, "").isspace():
            self._seen.pass_over(block.first, block.end - block.first)
            return (), block.end
        quoted = '"' in text
        padded = quoted or not text.isascii() or any(map(text.__contains__, BLANKS))
        table = self._parsed(block) if quoted else self._split(block)
        if table is None or self._source.marked or not self._is_even(table):
            return (), block.first
        # A row of nothing has nothing in its first cell: others are not looked at.
        if padded or not all(table.columns[0]):
            table = self._without_blank_rows(table)
        return self._rules.rows(table.lines, table.columns, padded=padded), table.end

    def _split(self, block: Block) -> "_Table | None":
        """Return a block without quotes as columns, if it is even."""
        height, width = block.end - block.first, self._width
        # Line ends stay with the cells before them: it is even if each of the last column, and no
        # other, has one.
        cells = block.text.replace("\n", f"\n{self._delimiter}").split(self._delimiter)
        if len(cells) != height * width + 1:
            return None
        columns = [cells[at:-1:width] for at in range(width)]
        columns[-1] = "".join(columns[-1]).split("\n")
        if len(columns[-1]) != height + 1:
            return None
        columns[-1].pop()
        return _Table(count(block.first), columns, block.end)

    def _parsed(self, block: Block) -> "_Table | None":
        """Return a block with quotes as columns, up to the row that is none or goes on beyond it.

        None if it is uneven, or has blanks before an opening quote, which are no part of the cell.
        """
        rows: list[list[str]] = []
        with suppress(csv.Error):  # the rows before it have been taken in
            rows.extend(self._reader(block.lines))
        if len(set(map(len, rows))) != 1:
            return None
        columns = list(zip(*rows, strict=True))
        heights: list[int] = []
        for column in columns:
            text = "".join(column)
            if '"' in text and _has_padded_quote(column):
                return None
            if "\n" in text:
                heights = heights or [1] * len(rows)
                heights = [h + cell.count("\n") for h, cell in zip(heights, column, strict=True)]
        if not heights:
            return _Table(count(block.first), columns, block.first + len(rows))
        *lines, end = accumulate(heights, initial=block.first)
        return _Table(lines, columns, end)

    def _is_even(self, table: "_Table") -> bool:
        """Return whether all rows have the cells of the header, and nothing beyond them."""
        columns = table.columns
        surplus = chain.from_iterable(columns[self._surplus :])
        return len(columns) >= self._width and not any(map(str.strip, surplus))

    def _without_blank_rows(self, table: "_Table") -> "_Table":
        first = table.columns[0]
        if all(first) and not any(map(str.isspace, first)):
            return table
        columns = [list(map(str.strip, column)) for column in table.columns]
        said = list(map(any, zip(*columns, strict=True)))
        self._seen.pass_over(table.end, len(said) - sum(said))
        columns = [list(compress(column, said)) for column in table.columns]
        return table._replace(lines=compress(table.lines, said), columns=columns)

    def _one_by_one(self, block: Block, line: int) -> tuple[Rows, int]:
        """Return the rows from `line` up to one that does not end in the block, and its line.

        After a row that is none, reading goes on with the line after its first.
        """
        found = _Found(self._rules)
        while line < block.end:
            begun, reader = line, self._reader(block.lines[line - block.first :])
            try:
                for cells in reader:
                    start, line = line, begun + reader.line_num
                    found.add(start, self._judged(start, line, cells))
            except csv.Error as error:
                if NOT_CLOSED in str(error):
                    break  # it may be closed in the next block: see `_beyond`
                line = self._add_malformed(found, line, begun + reader.line_num, error)
        return found.rows(), line

    def _beyond(self, line: int) -> tuple[Rows, int]:
        """Return the row that goes on beyond its block, or why it is none, and where to go on."""
        found = _Found(self._rules)
        reader = self._reader(self._tape.read(line))
        try:
            cells = next(reader)
        except (csv.Error, EndlessRowError) as error:
            end = self._add_malformed(found, line, line + reader.line_num, error)
        else:
            end = line + reader.line_num
            found.add(line, self._judged(line, end, cells))
        return found.rows(), end

    def _add_malformed(self, found: "_Found", line: int, end: int, error: Exception) -> int:
        """Add the row that `csv` gave up on, if it is one but for blanks around its quotes.

        Return where to go on: if it is none, at the line after its first.
        """
        mended = self._mended(line, end) if NOT_ENDED in str(error) else None
        if mended is not None:
            cells, lines = mended
            found.add(line, self._judged(line, line + lines, cells))
            return line + lines
        message = _why(error, end - line)
        if is_endless(error) and not self._live:
            raise fatal(line, message) from error
        found.add(line, BadRow(line, None, None, message))
        return line + 1

    def _mended(self, line: int, end: int) -> tuple[list[str], int] | None:
        """Return the cells that a row has without blanks around its quotes, and its lines."""
        while True:
            try:
                return cells_of(self._tape.text(line, end), self._delimiter)
            except RowGoesOnError:
                end = self._more_than(end)
                if not end:
                    return None

    def _more_than(self, end: int) -> int:
        """Return the end of more lines than those before `end`; 0 if there are no more."""
        if end < self._tape.end:
            return self._tape.end
        with suppress(EndlessRowError):
            if self._tape.hold_more():
                return self._tape.end
        return 0

    def _judged(self, line: int, end: int, cells: list[str]) -> list[str] | BadRow | None:
        """Return the cells that a row from `line` to `end` has under the header; None if blank."""
        if '"' in "".join(cells) and any(map(is_padded_quote, cells)):
            cells = unpadded(self._tape.text(line, end), self._delimiter) or cells
        marked = self._source.refusal(line, self._names, cells) if self._source.marked else None
        if marked is not None:
            return marked
        width = self._width
        if not any(map(str.strip, cells)):
            self._seen.pass_over(line)
            return None
        surplus = next(filter(str.strip, cells[self._surplus :]), None)
        if len(cells) < width or surplus is not None:
            message = f"has {_cells(len(cells))}, where the header has {width}"
            return BadRow(line, None, surplus and cut(surplus), message)
        return cells[:width]


class _Table(NamedTuple):
    """Rows as columns, the line at which each begins, and the line after them."""

    lines: Iterable[int]
    columns: Sequence[Column]
    end: int


class _Found:
    """The rows of a block while they are found one after another."""

    def __init__(self, rules: CellRules) -> None:
        self._rules = rules
        self._lines: list[int] = []
        self._rows: list[list[str]] = []
        self._bad: list[BadRow] = []

    def add(self, line: int, row: list[str] | BadRow | None) -> None:
        if isinstance(row, BadRow):
            self._bad.append(row)
        elif row is not None:
            self._lines.append(line)
            self._rows.append(row)

    def rows(self) -> Rows:
        """Return the rows in the order of their lines, those that are none among them."""
        columns = list(zip(*self._rows, strict=True))
        good = self._rules.rows(self._lines, columns, padded=True) if columns else ()
        return sorted([*good, *self._bad], key=_LINE) if self._bad else good


_LINE = itemgetter(0)
_QUOTED = methodcaller("startswith", '"')


def _has_padded_quote(column: Column) -> bool:
    return any(map(_QUOTED, map(str.lstrip, column))) and any(map(is_padded_quote, column))


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _why(error: Exception, lines: int) -> str:
    if is_endless(error):
        return f"the row is longer than {LIMIT} characters; is a quote not closed?"
    if NOT_CLOSED in str(error):
        return OPEN_TO_THE_END
    return f"a quoted cell {'' if lines == 1 else 'is not closed, or '}{GOES_ON}"
