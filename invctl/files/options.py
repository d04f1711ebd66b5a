"""How a foreign file is to be read, as its user says it."""

import codecs
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from invctl.errors import InvalidValue
from invctl.files.rows import quoted, unknown

TABS = {"tab": "\t", "\\t": "\t"}
_NO_FILES = frozenset(
    # Their decoders take bytes for lone surrogates, which no database stores.
    {"utf-7", "unicode-escape", "raw-unicode-escape", "punycode", "idna", "undefined"}
)


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How to read a foreign file.

    `mapping` goes from field to the file's header, '' where the field is to be dropped;
    `defaults` is the text of a field whose column or cell is missing.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    ignore_extra: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    encoding: str | None = None


def parse_options(
    known: Sequence[str] | Mapping[str, str],
    *,
    mapping: str | None = None,
    ignore_extra: bool = False,
    defaults: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> FileOptions:
    """Return the file options that the texts of the flags spell, for the `known` fields.

    Raises InvalidValue.
    """
    names = tuple(known)
    headers = _parse_pairs("--map", mapping, names)
    return FileOptions(
        mapping={name: header.strip() for name, header in headers.items()},
        ignore_extra=ignore_extra,
        defaults=_parse_pairs("--defaults", defaults, names),
        delimiter=None if delimiter is None else _parse_delimiter(delimiter),
        encoding=None if encoding is None else _parse_encoding(encoding),
    )


def _parse_pairs(flag: str, text: str | None, known: Sequence[str]) -> dict[str, str]:
    """Return what one line of CSV holds, each cell of it `field=text`."""
    pairs: dict[str, str] = {}
    for cell in _cells(flag, text or ""):
        name, equals, value = cell.partition("=")
        name = name.strip()
        if not equals:
            problem = f"{quoted(cell)} is not of the form field=text"
            raise InvalidValue(flag, text or "", problem, _quoting_hint(flag))
        if name not in known:
            raise InvalidValue(flag, text or "", unknown("field", name, known))
        if name in pairs:
            raise InvalidValue(flag, text or "", f"the field {name} is given twice")
        pairs[name] = value
    return pairs


def _cells(flag: str, text: str) -> list[str]:
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        problem = f"{quoted(text)} is not one line of CSV"
        raise InvalidValue(flag, text, problem, _quoting_hint(flag)) from error


def _quoting_hint(flag: str) -> str:
    return f"a text with a comma is quoted together with its field: {flag} '\"name=Last, first\"'"


def _parse_delimiter(text: str) -> str:
    delimiter = TABS.get(text, text)
    if len(delimiter) != 1:
        raise InvalidValue("--delimiter", text, f"{quoted(text)} is not one character, nor `tab`")
    if delimiter in '"\r\n':
        raise InvalidValue("--delimiter", text, f"{quoted(text)} cannot separate cells")
    return delimiter


def _parse_encoding(text: str) -> str:
    """Return the name of a codec that can decode a file piece by piece."""
    try:
        # Of an empty text no codec is asked whether it is one of text at all.
        b"\0\0\0\0".decode(text, "ignore")
        name = codecs.lookup(text).name
        codecs.getincrementaldecoder(name)
    except (LookupError, ValueError) as error:
        raise _bad_encoding(text) from error
    if name.replace("_", "-") in _NO_FILES:
        raise _bad_encoding(text)
    return name


def _bad_encoding(text: str) -> InvalidValue:
    problem = f"{quoted(text)} is not an encoding that can be read"
    return InvalidValue("--encoding", text, problem, "some are utf-8, utf-16-le, cp1252, latin-1")
