"""The first row of a separated file: which delimiter it uses, and where each field stands."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from invctl.files.options import TABS, FileOptions
from invctl.files.rows import MAX_ERRORS, cut, fatal, nearest, quoted, unknown, unreadable
from invctl.files.source import LIMIT
from invctl.models import BadRow

# The first of them where several fit.
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Header:
    """The names of a file's columns, without the blanks around them, and how they were told."""

    line: int
    height: int
    delimiter: str
    names: tuple[str, ...]


def wanted_names(fields: Mapping[str, str], options: FileOptions) -> dict[str, str]:
    """Return under which name of the file to look for each field that is not dropped.

    A name that the mapping gives to one field is no longer another's, even if it is its own.
    """
    claimed = set(options.mapping.values())
    names = {field: field for field in fields if field not in claimed} | {**options.mapping}
    return {field: names[field] for field in fields if names.get(field)}


def read_header(
    lines: Iterator[str], line: int, wanted: Mapping[str, str], delimiter: str | None
) -> tuple[Header, list[str]]:
    """Return the header that starts at `line`, and the lines after it that were read already.

    Without a `delimiter` it is the one that finds the most wanted names, then the most columns.
    """
    seen: list[str] = []
    found: list[Header] = []
    problems: list[tuple[bool, str]] = []
    for candidate in (TABS.get(delimiter, delimiter),) if delimiter else DELIMITERS:
        reader = csv.reader(_replayed(seen, lines), delimiter=candidate, strict=True)
        try:
            names = tuple(name.strip() for name in next(reader))
        except csv.Error as error:
            problems.append(why_malformed(error))
        else:
            found.append(Header(line, reader.line_num, candidate, names))
    known = set(wanted.values())
    found.sort(key=lambda header: (-len(known.intersection(header.names)), -len(header.names)))
    if problems and not (found and known.intersection(found[0].names)):
        raise fatal(line, f"the header cannot be read: {max(problems)[1]}")
    return found[0], seen[found[0].height :]


def _replayed(seen: list[str], lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines that were `seen`, then new ones, which are then seen too."""
    yield from seen
    for line in lines:
        seen.append(line)
        yield line


def why_malformed(error: csv.Error) -> tuple[bool, str]:
    """Return whether no row can follow one of which `csv` says `error`, and what is wrong."""
    if "end of data" in str(error):
        return True, "a quoted cell is not closed before the end of the file"
    if "field limit" in str(error):
        return True, f"a cell is longer than {LIMIT} characters; is a quote not closed?"
    doubled = "a quote inside one is written twice"
    return False, f"a quoted cell goes on after its closing quote ({doubled})"


def place_fields(
    header: Header, fields: Mapping[str, str], wanted: Mapping[str, str], options: FileOptions
) -> dict[str, int]:
    """Return the column of each field that the header has.

    Raises InvalidData with every name that is unknown, missing or there more than once.
    """
    problems = list(_header_problems(header, fields, wanted, options))
    # Only those that will be told are put in words: a header may have a hundred thousand names.
    errors = [
        BadRow(header.line, cut(name), None, message()) for name, message in problems[:MAX_ERRORS]
    ]
    places = {f: header.names.index(name) for f, name in wanted.items() if name in header.names}
    if not errors and not places:
        message = f"the header has none of the known columns: {', '.join(fields)}"
        errors.append(BadRow(header.line, None, cut(header.names[0]), message))
    if errors:
        raise unreadable(errors, max(len(errors), len(problems)))
    return places


def _header_problems(
    header: Header, fields: Mapping[str, str], wanted: Mapping[str, str], options: FileOptions
) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield each name that is at fault, and what says why."""
    count = Counter(header.names)
    for name in dict.fromkeys(wanted.values()):
        if count[name] > 1:
            yield name, partial(_there_twice, name, count[name])
    for field, name in options.mapping.items():
        if name and not count[name]:
            yield name, partial(_not_there, name, field, header.names)
    accepted = {*fields, *wanted.values()}
    for name in () if options.ignore_extra else count:
        if name not in accepted:
            yield name, partial(unknown_column, name, tuple(fields))


def _there_twice(name: str, count: int) -> str:
    return f"the column {quoted(name)} is there {count} times"


def _not_there(name: str, field: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    meant = f"; did you mean {quoted(near)}?" if near else ""
    return f"--map: there is no column {quoted(name)} to read {field} from{meant}"


def unknown_column(name: str, known: Sequence[str]) -> str:
    """Return the sentence about a column that is none of the `known`, and what to do about it."""
    problem = unknown("column", name, known)
    if "\0" in name:
        return f"{problem}; this looks like UTF-16 without a mark: --encoding utf-16-le or -be"
    return f"{problem}; --ignore-extra skips it, --map FIELD=HEADER reads it as a field"
