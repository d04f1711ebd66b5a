"""Rows as csv, tsv, json or jsonl text, many at a time. Writes to no file and knows no field.

It works by columns: where a chunk's column holds one type, one `map` in C turns it into text, so
that a chunk costs little more than joining it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from types import NoneType
from typing import Protocol, cast

Rows = Sequence[tuple[object, ...]]
Texts = Mapping[type, Callable[..., str]]
"""How values become text, by their type; of a type that is missing: as JSON."""

_SCALARS: Texts = {int: str, bool: {True: "true", False: "false"}.__getitem__}
_TSV_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Encoder(Protocol):
    """Turns rows into text; a file is its `head`, all its `rows` in turn, and its `tail`."""

    def head(self) -> str:
        """Return what stands before the first row."""

    def rows(self, rows: Rows) -> str:
        """Return the text of a chunk of rows."""

    def tail(self) -> str:
        """Return what stands after the last row."""


def encoder(
    format: str,  # noqa: A002  # what `-o` calls it
    fields: Sequence[str],
    *,
    csv_safe: bool = False,
    header: bool = True,
) -> Encoder:
    """Return the encoder of rows that hold `fields`, for `csv`, `tsv`, `json` or `jsonl`.

    `csv_safe` (csv only) puts an apostrophe before each text that a spreadsheet would take for a
    formula; that is one-way: reading does not take it off again.
    """
    if format == "csv":
        return _Csv(fields, header, _guarded if csv_safe else str)
    if format == "tsv":
        return _Separated(fields, header)
    return _JsonArray(fields) if format == "json" else _JsonLines(fields)


def encoded(encode: Encoder, chunks: Iterator[Rows]) -> Iterator[str]:
    """Yield the text of a file a chunk at a time; that of an empty chunk is empty."""
    # Nothing is written before the first rows are there: a command that fails prints nothing.
    first = next(chunks, ())
    yield encode.head()
    yield from map(encode.rows, chain([first] if first else [], chunks))
    yield encode.tail()


def json_line(record: Mapping[str, object]) -> str:
    """Return a record as one compact object in ASCII, without a line end."""
    return _as_json(record)


def _as_json(value: object) -> str:
    return _json_encode()(value)


@cache
def _json_encode() -> Callable[[object], str]:
    import json

    return json.JSONEncoder(separators=(",", ":")).encode


def _text_column(column: Sequence[object], texts: Texts) -> Sequence[str]:
    """Return a column with every value as text."""
    kinds = set(map(type, column))
    if kinds == {str} and texts[str] is str:
        return cast("Sequence[str]", column)
    nullable = NoneType in kinds
    kinds.discard(NoneType)
    if len(kinds) > 1:
        return [texts.get(type(value), _as_json)(value) for value in column]
    to_text = texts.get(kinds.pop(), _as_json) if kinds else str
    if nullable:
        null = texts[NoneType](None)
        return [null if value is None else to_text(value) for value in column]
    return list(map(to_text, column))


class _Separated:
    r"""Cells between tabs, never quoted; `\t \n \r \\` stand for what they cannot hold."""

    separator = "\t"
    special = ("\t", "\n", "\r", "\\")

    def __init__(
        self, fields: Sequence[str], header: bool, to_text: Callable[[str], str] = str
    ) -> None:
        self._fields = tuple(fields)
        self._header = header
        self._texts: Texts = {**_SCALARS, str: to_text, NoneType: lambda _: ""}

    def head(self) -> str:
        return self.rows([self._fields]) if self._header else ""

    def rows(self, rows: Rows) -> str:
        columns = [self._column(column) for column in zip(*rows, strict=True)]
        lines = list(map(self.separator.join, zip(*columns, strict=True)))
        if lines:
            lines.append("")
        return "\n".join(lines)

    def tail(self) -> str:
        return ""

    def _column(self, column: Sequence[object]) -> Sequence[str]:
        """Return the cells of a column; only one with something special costs more than a look."""
        cells = _text_column(column, self._texts)
        text = "".join(cells)
        if any(char in text for char in self.special):
            return list(map(self._protected, cells))
        return cells

    def _protected(self, cell: str) -> str:
        return cell.translate(_TSV_ESCAPES)


class _Csv(_Separated):
    """RFC 4180, with LF line ends."""

    separator = ","
    special = (",", '"', "\n", "\r")

    def _column(self, column: Sequence[object]) -> Sequence[str]:
        cells = super()._column(column)
        if len(self._fields) == 1:
            # An empty line would be no row at all.
            return [cell or '""' for cell in cells]
        return cells

    def _protected(self, cell: str) -> str:
        if "," in cell or '"' in cell or "\n" in cell or "\r" in cell:
            return '"' + cell.replace('"', '""') + '"'
        return cell


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


class _JsonLines:
    """One object a line."""

    def __init__(self, fields: Sequence[str]) -> None:
        from json.encoder import encode_basestring_ascii

        keys = [encode_basestring_ascii(field).replace("%", "%%") for field in fields]
        self._template = "{" + ",".join([f"{key}:%s" for key in keys]) + "}"
        self._texts: Texts = {
            **_SCALARS,
            str: encode_basestring_ascii,
            NoneType: lambda _: "null",
        }

    def head(self) -> str:
        return ""

    def rows(self, rows: Rows) -> str:
        objects = self._objects(rows)
        if objects:
            objects.append("")
        return "\n".join(objects)

    def tail(self) -> str:
        return ""

    def _objects(self, rows: Rows) -> list[str]:
        columns = [_text_column(column, self._texts) for column in zip(*rows, strict=True)]
        return list(map(self._template.__mod__, zip(*columns, strict=True)))


class _JsonArray(_JsonLines):
    """An array with one object a line."""

    _between = "\n"

    def head(self) -> str:
        return "["

    def rows(self, rows: Rows) -> str:
        objects = self._objects(rows)
        if objects:
            objects[0] = self._between + objects[0]
            self._between = ",\n"
        return ",\n".join(objects)

    def tail(self) -> str:
        return "]\n" if self._between == "\n" else "\n]\n"
