"""Rows out of a file, whatever program wrote it. Judges no value; memory does not grow with it."""

import csv
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from operator import itemgetter
from typing import BinaryIO

from invctl.files.header import Header, place_fields, read_header, wanted_names, why_malformed
from invctl.files.options import FileOptions, parse_options
from invctl.files.rows import RowSource, fatal
from invctl.files.source import LIMIT, TextLines
from invctl.models import BadRow, Row

__all__ = ["BadRow", "FileOptions", "Row", "RowSource", "parse_options", "read_rows"]

_AS_IT_IS = FileOptions()


def read_rows(
    stream: BinaryIO,
    fields: Mapping[str, str],
    options: FileOptions = _AS_IT_IS,
    *,
    name: str = "the input",
) -> RowSource:
    """Return the rows of a file as they are read; `name` is what messages call it.

    `fields` maps each known column to its kind: text, integer, boolean or time. Raises
    InvalidData, here or while the rows are read, after which there is no more to read.
    """
    source = TextLines(stream, options.encoding, name)
    lines = chain.from_iterable(source)
    line, first = _first_line(lines, source)
    lines = chain((first,), lines)
    start = first.strip()
    if start.startswith("{"):
        from invctl.files.jsonl import ObjectReader, read_objects

        reader = ObjectReader(fields, options)
        return RowSource(reader.columns, read_objects(lines, line, reader, source))
    if start == "[" or start.startswith("[{"):
        raise fatal(line, f"{name} is a JSON array; give one object a line (JSON Lines)")
    return _read_separated(lines, line, fields, options, source)


def _first_line(lines: Iterator[str], source: TextLines) -> tuple[int, str]:
    """Return the number and text of the first line that is not blank."""
    for line, text in enumerate(lines, 1):
        source.row = line
        if not text.isspace():
            return line, text
    raise fatal(1, f"{source.name} is empty but for blank lines")


def _read_separated(
    lines: Iterator[str],
    line: int,
    fields: Mapping[str, str],
    options: FileOptions,
    source: TextLines,
) -> RowSource:
    """Return the rows of a file whose header starts at `line`, the first of `lines`."""
    # A process-wide setting; the standard 128 Ki refuse a cell that LIMIT allows.
    csv.field_size_limit(LIMIT)
    wanted = wanted_names(fields, options)
    header, ahead = read_header(lines, line, wanted, options.delimiter)
    places = place_fields(header, fields, wanted, options)
    defaults = options.defaults
    # A field without a column is picked from the padding: its default, or '' at the very end.
    spare = {field: len(header.names) + i for i, field in enumerate(defaults)} | places
    pick = _picker([spare.get(field, len(header.names) + len(defaults)) for field in fields])
    rows = _read_cells(chain(ahead, lines), header, pick, [*defaults.values(), ""], source)
    if defaults.keys() & places.keys():
        rows = _filled(rows, tuple(defaults.get(field, "") for field in fields))
    return RowSource(tuple(field for field in fields if field in spare), rows)


def _picker(places: list[int]) -> Callable[[list[str]], tuple[str, ...]]:
    """Return what takes the cells at `places` out of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


def _read_cells(
    lines: Iterator[str],
    header: Header,
    pick: Callable[[list[str]], tuple[str, ...]],
    padding: list[str],
    source: TextLines,
) -> Iterator[Row | BadRow]:
    """Yield the picked cells of each row with `padding` after it: once for every line of a file."""
    reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
    width = len(header.names)
    first = header.line + header.height
    source.row = line = first
    while True:
        try:
            for row in reader:
                start = line
                source.row = line = first + reader.line_num
                if len(row) != width:
                    if any(map(str.strip, row)):
                        message = f"has {_cells(len(row))}, where the header has {width}"
                        yield BadRow(start, None, None, message)
                elif row[0] or any(row):
                    row.extend(padding)
                    yield start, pick(row)
            return
        except csv.Error as error:
            start, line = line, first + reader.line_num
            source.row = line
            yield _malformed(start, error)


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _malformed(line: int, error: csv.Error) -> BadRow:
    """Return the row that `csv` gave up on; raises InvalidData where none can follow it."""
    ends, message = why_malformed(error)
    if ends:
        raise fatal(line, message) from error
    return BadRow(line, None, None, message)


def _filled(rows: Iterator[Row | BadRow], defaults: tuple[str, ...]) -> Iterator[Row | BadRow]:
    """Yield `rows` with the default of each cell that is empty."""
    for row in rows:
        if isinstance(row, BadRow) or "" not in row[1]:
            yield row
        else:
            pairs = zip(row[1], defaults, strict=True)
            yield row[0], tuple(cell or default for cell, default in pairs)
