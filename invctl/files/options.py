"""How a foreign file is to be read, as its user says it."""

import codecs
import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from invctl.errors import InvalidValue
from invctl.files.rows import in_quotes, nearest
from invctl.values import parse_quantity

KEY = "idempotency_key"
TABS = {"tab": "\t", "\\t": "\t"}
_NO_FILES = frozenset(
    # Their decoders take bytes for lone surrogates, which no database stores.
    {"utf-7", "unicode-escape", "raw-unicode-escape", "punycode", "idna", "undefined"}
)


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How to read a foreign file.

    `mapping` goes from field to the file's header, '' where the field is to be dropped;
    `defaults` is the text of a field whose column or cell is missing; `skip_lines` stand above
    the header; with `skip_empty` a row without its first field, or without any number, is none;
    `decimal_mark` is that of numbers such as 1,234.00; a `recipe` can count nothing.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    ignore_extra: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    encoding: str | None = None
    skip_lines: int = 0
    skip_empty: bool = False
    decimal_mark: str | None = None
    recipe: bool = False


class FileFlags(TypedDict, total=False):
    """What `parse_options` takes of a command line: the texts of those flags that were given."""

    mapping: Sequence[str]
    ignore_extra: bool
    defaults: Sequence[str]
    skip_lines: str
    skip_empty: bool
    decimal_mark: str
    delimiter: str
    encoding: str


def flag_of(name: str) -> str:
    """Return the flag that a field of `FileFlags` is given by."""
    return "--map" if name == "mapping" else f"--{name.replace('_', '-')}"


def parse_options(
    known: Iterable[str], *, recipe: bool = False, **flags: Unpack[FileFlags]
) -> FileOptions:
    """Return the file options that the texts of the flags spell, for the `known` fields.

    Raises InvalidValue.
    """
    names = tuple(known)
    headers = _parse_pairs("--map", flags.get("mapping", ()), names)
    return FileOptions(
        mapping={name: header.strip() for name, header in headers.items()},
        ignore_extra=flags.get("ignore_extra", False),
        defaults=_parse_pairs("--defaults", flags.get("defaults", ()), names),
        delimiter=_parse_delimiter(flags["delimiter"]) if "delimiter" in flags else None,
        encoding=_parse_encoding(flags["encoding"]) if "encoding" in flags else None,
        skip_lines=parse_quantity(flags.get("skip_lines", "0"), "--skip-lines"),
        skip_empty=flags.get("skip_empty", False),
        decimal_mark=_parse_mark(flags["decimal_mark"]) if "decimal_mark" in flags else None,
        recipe=recipe,
    )


def _parse_pairs(flag: str, texts: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Return what some lines of CSV hold, each cell of them `field=text`."""
    pairs: dict[str, str] = {}
    for text in texts:
        for cell in _cells(flag, text):
            name, value = _pair(flag, text, cell, known)
            if name in pairs:
                raise InvalidValue(flag, text, f"the field {name} is given twice")
            pairs[name] = value
    return pairs


def _pair(flag: str, text: str, cell: str, known: Sequence[str]) -> tuple[str, str]:
    name, equals, value = cell.partition("=")
    name = name.strip()
    if not equals:
        problem = f"{in_quotes(cell)} is not of the form field=text"
        raise InvalidValue(flag, text, problem, _quoting_hint(flag))
    # A column of keys can be passed over also where no key can be read.
    if name not in known and not (flag == "--map" and name == KEY and not value.strip()):
        turned = flag == "--map" and value.strip() in known
        hint = "the field comes first, then what the file calls it" if turned else ""
        raise InvalidValue(flag, text, _unknown_field(name, known), hint)
    return name, value


def _unknown_field(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    meant = f", did you mean {near}?" if near else ";"
    return f"field {in_quotes(name)} is not known{meant} known are {', '.join(known)}"


def _cells(flag: str, text: str) -> list[str]:
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        problem = f"{in_quotes(text)} is not one line of CSV"
        raise InvalidValue(flag, text, problem, _quoting_hint(flag)) from error


def _quoting_hint(flag: str) -> str:
    return f"a text with a comma is quoted together with its field: {flag} '\"name=Last, first\"'"


def _parse_delimiter(text: str) -> str:
    delimiter = TABS.get(text, text)
    if len(delimiter) != 1:
        raise InvalidValue(
            "--delimiter", text, f"{in_quotes(text)} is not one character, nor `tab`"
        )
    if delimiter in '"\r\n':
        raise InvalidValue("--delimiter", text, f"{in_quotes(text)} cannot separate cells")
    return delimiter


def _parse_mark(text: str) -> str:
    if text not in {".", ","}:
        raise InvalidValue("--decimal-mark", text, f"{in_quotes(text)} is neither . nor ,")
    return text


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
    problem = f"{in_quotes(text)} is not an encoding that can be read"
    return InvalidValue("--encoding", text, problem, "some are utf-8, utf-16-le, cp1252, latin-1")
