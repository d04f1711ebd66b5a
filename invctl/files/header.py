"""The first row of a separated file: which delimiter it uses, and where each field stands."""

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from shlex import quote

from invctl.errors import InvalidData
from invctl.files.advice import encoding_advice, header_advice, likely_columns, listed
from invctl.files.columns import NOT_KNOWN, Columns, Finder, Problem, lacking
from invctl.files.lines import EndlessRowError, Tape
from invctl.files.options import TABS
from invctl.files.quoting import (
    GOES_ON,
    NOT_CLOSED,
    OPEN_TO_THE_END,
    is_endless,
    is_padded_quote,
    unpadded,
)
from invctl.files.rows import MAX_ERRORS, cut, fatal, unreadable
from invctl.files.source import LIMIT, Source
from invctl.models.rows import BadRow

# The first of them where several fit.
DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 50
"""How many lines are looked at for the header that the first one was not."""


@dataclass(frozen=True, slots=True)
class Header:
    """The names of a file's columns, without the blanks around them, and how they were told.

    Names at the end that are empty are none, but its `width` counts them. `end` is the next line.
    """

    line: int
    end: int
    delimiter: str
    names: tuple[str, ...]
    width: int
    columns: Columns


def read_header(
    tape: Tape, line: int, finder: Finder, delimiter: str | None, source: Source
) -> Header:
    """Return the header that starts at `line`, or after rows of empty cells there.

    Without a `delimiter` it is the one that finds the most fields, then the most columns. Raises
    InvalidData with every name that is unknown, missing or there more than once.
    """
    candidates = (TABS.get(delimiter, delimiter),) if delimiter else DELIMITERS
    header = _best_header(tape, line, finder, candidates)
    while not header.names and header.end > line:
        line = header.end
        header = _best_header(tape, line, finder, candidates)
    if not header.names:
        raise fatal(1, f"{source.name} is empty but for blank lines")
    if bad := source.refusal(header.line, (), list(header.names)) if source.marked else None:
        raise unreadable([bad], hint=encoding_advice([bad.message], finder.options) or None)
    _refuse(header, finder, tape)
    return header


def _best_header(tape: Tape, line: int, finder: Finder, candidates: Sequence[str]) -> Header:
    found: list[Header] = []
    problems: list[tuple[bool, str]] = []
    for candidate in candidates:
        try:
            found.append(_header(tape, line, finder, candidate))
        except (csv.Error, EndlessRowError) as error:
            problems.append(_why_malformed(error))
    if empty := next((header for header in found if not header.names), None):
        return empty
    found.sort(key=lambda header: (-len(header.columns.places), -len(header.names)))
    # In `"Part","Qty"` any other delimiter goes on after a closing quote.
    if problems and not (found and (found[0].columns.places or len(found[0].names) > 1)):
        raise fatal(line, f"the header cannot be read: {max(problems)[1]}")
    return found[0]


def _header(tape: Tape, line: int, finder: Finder, delimiter: str) -> Header:
    """Return the header as it is with one delimiter. Raises csv.Error or EndlessRowError."""
    reader = csv.reader(tape.read(line), delimiter=delimiter, strict=True)
    try:
        cells = next(reader, [])
    except csv.Error:
        mended = unpadded(tape.text(line, line + reader.line_num), delimiter)
        if mended is None:
            raise
        cells = mended
    if any(map(is_padded_quote, cells)):
        cells = unpadded(tape.text(line, line + reader.line_num), delimiter) or cells
    names = [name.strip() for name in cells]
    while names and not names[-1]:
        names.pop()
    return Header(
        line, line + reader.line_num, delimiter, tuple(names), len(cells), finder.find(names)
    )


def _why_malformed(error: Exception) -> tuple[bool, str]:
    """Return why a header is none; what is true of all that follows comes after the rest."""
    if is_endless(error):
        return True, f"a cell is longer than {LIMIT} characters; is a quote not closed?"
    if NOT_CLOSED in str(error):
        return True, OPEN_TO_THE_END
    return False, f"a quoted cell {GOES_ON}"


def _refuse(header: Header, finder: Finder, tape: Tape) -> None:
    columns, options = header.columns, finder.options
    are_unknown = {name for name, _ in columns.problems} <= {*columns.unknown}
    if not columns.places and are_unknown and not any(options.mapping.values()):
        raise _no_header(header, finder, tape)
    problems = list(columns.problems)
    key = next(iter(finder.fields))
    without = key not in {*columns.places, *options.mapping, *options.defaults}
    # Under a single name no row can have a cell more, so that what looks like a header is one.
    if without or len(header.names) == 1:
        above = _lines_above(header, finder, tape)
        if above:
            raise _titles(
                header, above, f"no column in it is the {key}" if without else "it stands alone"
            )
    if not problems:
        missing = lacking(finder.fields, {*columns.places, *options.defaults})
        problems += [(one, partial("no column is {}".format, one)) for one in missing]
    if problems:
        raise _refusal(header, finder, problems)


def _refusal(header: Header, finder: Finder, problems: Sequence[Problem]) -> InvalidData:
    names = {name for name, _ in problems}
    # Where a field is missing that is needed, any name may be its own, also one to be ignored.
    lacks = names - {*header.names}
    unknown = [name for name in header.columns.unknown if lacks or name in names]
    # Only those that will be told are put in words.
    told = [BadRow(header.line, cut(name), None, say()) for name, say in problems[:MAX_ERRORS]]
    summary = ""
    are_alike = all(bad.message.startswith(NOT_KNOWN) for bad in told)
    if len(problems) == len(unknown) > 1 and are_alike and not finder.options.ignore_extra:
        summary = f"line {header.line}: {listed(unknown)} are not known columns"
    if lacks & {*finder.options.mapping.values()}:
        hint = f"its columns are {listed(list(filter(None, header.names)))}"
    else:
        hint = header_advice(finder, header.columns, unknown)
    return unreadable(told, len(problems), summary=summary, hint=hint)


def _no_header(header: Header, finder: Finder, tape: Tape) -> InvalidData:
    """Return the error for a file whose first line names no column, and say where it may be."""
    if any("\0" in name for name in header.names):
        problem = "the header is not text: there are NUL bytes in it"
        way = "if it is UTF-16 without a mark: --encoding utf-16-le or -be"
        return fatal(header.line, problem, hint=way)
    if above := _lines_above(header, finder, tape):
        way = _skipping(header, above)
    elif other := _other_delimiter(header, finder, tape):
        way = f"another delimiter finds columns in it: --delimiter {other}"
    elif joined := _why_joined(header, finder):
        way = joined
    elif _has_likely_columns(header, finder):
        way = header_advice(finder, header.columns, header.columns.unknown)
    else:
        way = "name the columns in the first line, or --map FIELD=HEADER each of them"
    problem = f"the header has none of the known columns: {', '.join(finder.fields)}"
    return fatal(header.line, problem, cut(", ".join(header.names)), hint=way)


def _has_likely_columns(header: Header, finder: Finder) -> bool:
    """Return whether names that nobody knows may be columns; one alone is, if it is the first's."""
    likely = likely_columns(finder, header.columns, header.columns.unknown)
    return bool(likely) and (len(header.names) > 1 or next(iter(finder.fields)) in likely)


def _titles(header: Header, above: int, why: str) -> InvalidData:
    """Return the error for a first line that has some columns' names, but is above the header."""
    names = cut(", ".join(filter(None, header.names)))
    return fatal(header.line, f"is not the header: {why}", names, hint=_skipping(header, above))


def _skipping(header: Header, above: int) -> str:
    at = header.line + above
    return f"line {at} looks like it: --skip-lines {at - 1}"


def _other_delimiter(header: Header, finder: Finder, tape: Tape) -> str | None:
    """Return the delimiter by which a header has columns, where another one was said to."""
    key = next(iter(finder.fields))
    # The last ones no program writes by itself: they are proposed, and never tried unasked.
    for delimiter in (*DELIMITERS, *":^~"):
        with suppress(csv.Error, EndlessRowError):
            if key in _header(tape, header.line, finder, delimiter).columns.places:
                return "tab" if delimiter == "\t" else quote(delimiter)
    return None


def _why_joined(header: Header, finder: Finder) -> str:
    """Return why the names of several columns are one cell, if they are."""
    if len(header.names) > 1:
        return ""

    def has_columns(delimiter: str | None) -> bool:
        return len(finder.find(header.names[0].split(delimiter)).places) > 1

    if any(map(has_columns, DELIMITERS)):
        return "each line is in quotes as a whole: take those away"
    return "columns are parted by blanks: part them by tabs" if has_columns(None) else ""


def _lines_above(header: Header, finder: Finder, tape: Tape) -> int:
    """Return how many lines stand above what looks like a header, among those held; 0 if none.

    It has more columns than the line that was taken for one: that of the first field if any line
    has it, and else two at least, as nothing but names does.
    """
    first, least, found = next(iter(finder.fields)), len(header.columns.places), 0
    last = min(tape.end, header.line + _LOOKED_AT)
    for at, text in enumerate(islice(tape.read(header.line), last - header.line)):
        for delimiter in DELIMITERS:
            names = [name.strip(' "\n') for name in text.split(delimiter)]
            places = finder.find(names).places if len(names) > 1 else {}
            if first in places and len(places) > least:
                return at
            if len(places) > max(least, 1):
                found = found or at
    return found
