"""Rows out of JSON Lines: one object a line, its numbers never turned into floats."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from invctl.files.header import unknown_column, wanted_names
from invctl.files.options import FileOptions
from invctl.files.rows import cut, quoted
from invctl.files.source import TextLines
from invctl.models import BadRow, Row

_BLANKS = " \t\r\n"
_INTEGER = re.compile("-?[0-9]{1,1000}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WANTED = {
    "text": "text in quotes",
    "time": "a time in quotes",
    "integer": "a whole number",
    "boolean": "true or false",
}


class _Number(str):
    """A number as it was written: `3.0` stays `3.0`, and 5000 digits are never computed."""

    __slots__ = ()


class _BadValueError(Exception):
    """Carries the key, the value as text and the problem of a line that is refused."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) != len(pairs):
        twice = _first_repeated(key for key, _ in pairs)
        raise _BadValueError(cut(twice), None, f"the key {quoted(twice)} is there more than once")
    return record


def _first_repeated(keys: Iterable[str]) -> str:
    """Return the first key that was there before; one walk, as a line has a hundred thousand."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    raise AssertionError("no key is repeated")


_decode = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_Number, parse_float=_Number, parse_constant=_Number
).raw_decode


class ObjectReader:
    """Turns a line into the cells of `fields`; which keys they come from is settled once."""

    def __init__(self, fields: Mapping[str, str], options: FileOptions) -> None:
        wanted = wanted_names(fields, options)
        self.columns = tuple(f for f in fields if f in wanted or f in options.defaults)
        self._known = tuple(fields)
        self._accepted = None if options.ignore_extra else {*fields, *wanted.values()}
        self._plan = tuple(
            (wanted.get(field), kind, options.defaults.get(field, ""))
            for field, kind in fields.items()
        )

    def cells(self, text: str) -> tuple[str, ...]:
        """Return the cells of the object that `text` is; raises _BadValueError."""
        record = _parse(text)
        if self._accepted is not None and not self._accepted.issuperset(record):
            extra = next(key for key in record if key not in self._accepted)
            raise _BadValueError(cut(extra), None, unknown_column(extra, self._known))
        cells = []
        for key, kind, default in self._plan:
            value = record.get(key)  # type: ignore[arg-type]  # None: the key of no field
            if value is None:
                value = ""
            elif type(value) is not str:
                value = _as_text(key, kind, value)
            cells.append(value or default)
        if "\\u" in text and _SURROGATE.search("".join(cells)):
            problem = "holds half of a surrogate pair (\\ud800 to \\udfff), which is no text"
            raise _BadValueError(None, None, problem)
        return tuple(cells)


def _parse(text: str) -> dict[str, object]:
    try:
        record, end = _decode(text)
    except json.JSONDecodeError as error:
        problem = f"is not JSON: {error.msg} at character {error.pos + 1}"
        raise _BadValueError(None, cut(text), problem) from error
    except RecursionError as error:
        raise _BadValueError(None, cut(text), "is nested too deeply") from error
    if type(record) is not dict:
        raise _BadValueError(None, cut(text), "is not a JSON object")
    if end != len(text):
        raise _BadValueError(None, cut(text[end:]), "has more after its object")
    return record


def _as_text(key: str | None, kind: str, value: object) -> str:
    """Return the text of a value that is neither text nor null, if a field of `kind` takes it."""
    if value is True or value is False:
        shown = "true" if value else "false"
        fits = kind == "boolean"
    elif isinstance(value, _Number):
        shown = str(value)
        fits = kind == "integer" and bool(_INTEGER.fullmatch(shown))
    else:
        shown = "a list" if isinstance(value, list) else "an object"
        fits = False
    if fits:
        return shown
    named = f"{shown[:60]}{'…' if len(shown) > 60 else ''}"
    raise _BadValueError(key, cut(shown), f"{named} is not {_WANTED[kind]}")


def read_objects(
    lines: Iterator[str], line: int, reader: ObjectReader, source: TextLines
) -> Iterator[Row | BadRow]:
    """Yield the rows of lines that start at `line`; blank lines are none."""
    cells = reader.cells
    for number, text in enumerate(lines, line):
        source.row = number
        content = text.strip(_BLANKS)
        if content:
            try:
                row = cells(content)
            except _BadValueError as error:
                yield BadRow(number, *error.args)
            else:
                yield number, row
