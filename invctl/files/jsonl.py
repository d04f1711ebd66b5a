"""Rows out of JSON: an object a line, or one document. Its numbers never turn into floats."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from shlex import quote

from invctl.errors import LineError
from invctl.files.advice import header_advice, row_advice
from invctl.files.cells import CellRules, Cells, read_whole
from invctl.files.columns import NOT_KNOWN, Columns, Finder
from invctl.files.lines import Block
from invctl.files.rows import MAX_ERRORS, Reading, cut, in_quotes
from invctl.files.source import Source
from invctl.models.fields import CAN_BE_EMPTIED
from invctl.models.rows import CLEARED, BadRow, FileRow
from invctl.values import MULTILINE_FIELDS

BLANKS = " \t\r\n"
_INTEGER = re.compile("-?[0-9]{1,1000}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WANTED = {
    "text": "text in quotes",
    "time": "a time in quotes",
    "integer": "a whole number",
    "boolean": "true or false",
}
_KINDS_OF_OBJECTS = 500
_MANY_KEYS = 200
"""Objects with the same keys in the same order are alike; what is found out of so many is kept."""


class _Number(str):
    """A number as it was written: `3.0` stays `3.0`, and 5000 digits are never computed."""

    __slots__ = ()


class _Twice(dict[str, object]):
    """An object that has a key more than once."""

    __slots__ = ("key",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.key = _first_repeated(key for key, _ in pairs)


class _RefusedError(Exception):
    """Carries what is wrong with an object: each time a key, its value as text, and the problem.

    It is none at all where it was told before.
    """


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    return record if len(record) == len(pairs) else _Twice(pairs)


def _first_repeated(keys: Iterable[str]) -> str:
    """Return the first key that was there before; one walk, as a line has a hundred thousand."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    raise AssertionError("no key is repeated")


# NaN and Infinity as well, which are no JSON: so they are refused like any other text.
decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_Number, parse_float=_Number, parse_constant=_Number
).raw_decode
"""Return the value that begins at a place in a text, and the place after it."""


_Plan = tuple[tuple[int, str, str], ...]
"""How objects with certain keys are read: where a key's cell stands, the key, its field's kind."""


class ObjectReader:
    """Turns objects into the cells of `fields`; which keys they come from is settled once."""

    def __init__(
        self, finder: Finder, source: Source, seen: Reading, *, live: bool = False
    ) -> None:
        options = finder.options
        self._finder = finder
        self._source = source
        self._seen = seen
        self._live = live
        self._mark = options.decimal_mark
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._refused: Columns | None = None
        self._inside: str | None = None
        self._nothing = [""] * len(finder.kinds)
        self._texts = [field in MULTILINE_FIELDS for field in finder.kinds]
        self._nulls = [CLEARED if field in CAN_BE_EMPTIED else "" for field in finder.kinds]
        given = [field for field in finder.kinds if options.mapping.get(field) != ""]
        places = {field: at for at, field in enumerate(finder.kinds) if field in given}
        self._rules = CellRules(finder.kinds, options, places, seen)
        self.columns = self._rules.columns

    def lines(self, blocks: Iterable[Block]) -> Iterator[FileRow | BadRow]:
        """Yield the rows of lines with an object each; blank lines are none."""
        for block in blocks:
            for line, text in enumerate(block.lines, block.first):
                content = text.strip(BLANKS)
                if not content:
                    self._seen.pass_over(line)
                    continue
                try:
                    cells = self._cells(_parsed(content), content)
                except _RefusedError as error:
                    yield from self._bad(line, content, error)
                else:
                    if self._rules.are_plain:
                        yield line, cells
                    else:
                        yield from self._finished(line, cells)

    def rows(self, line: int, record: object, text: str) -> Iterator[FileRow | BadRow]:
        """Yield what becomes of the value `record` at `line`, whose text is `text`."""
        try:
            cells = self._cells(record, text)
        except _RefusedError as error:
            yield from self._bad(line, text, error)
        else:
            yield from self._finished(line, cells)

    def advise(self, errors: Sequence[LineError]) -> str:
        """Return what to add to the command so that what was refused is read."""
        if self._refused is None:
            return row_advice(errors, self._finder, self._seen, self.columns)
        if self._inside:
            taken = f"`jq {quote(self._inside)} FILE`"
            return f"the lines are inside of it: {taken} takes them out, to be read from `-`"
        return header_advice(self._finder, self._refused, list(self._seen.unknown))

    def _bad(self, line: int, text: str, error: _RefusedError) -> Iterable[BadRow]:
        """Return why an object is refused; what cannot be read comes before all else."""
        marked = self._source.refusal(line, (), [text]) if self._source.marked else None
        return [marked] if marked else [BadRow(line, *one) for one in error.args]

    def _finished(self, line: int, cells: Cells) -> Iterable[FileRow]:
        if self._rules.are_plain:
            return ((line, cells),)
        return self._rules.rows([line], [[cell] for cell in cells], padded=False)

    def _cells(self, record: object, text: str) -> Cells:
        """Return the cells of an object. Raises _RefusedError."""
        # By its very class: one that has a key twice is of another, and is refused.
        plan = self._plans.get(tuple(record)) if type(record) is dict else None
        if plan is None:
            plan = self._new_plan(record, text)
        assert isinstance(record, dict)
        cells = self._nothing.copy()
        for at, key, kind in plan:
            value = record[key]
            # By its very class: a number is text of another one.
            if type(value) is str:
                bare = value.strip()
                cells[at] = value if bare and self._texts[at] else bare
            elif value is None:
                cells[at] = self._nulls[at]
            else:
                cells[at] = self._as_text(key, kind, value)
        # Only an escape can spell half of a pair: what is no UTF-8 has been marked before.
        if "\\u" in text and _SURROGATE.search("".join(cells)):
            problem = "holds half of a surrogate pair (\\ud800 to \\udfff), which is no text"
            raise _RefusedError((None, None, problem))
        if self._source.marked and self._source.refusal(0, (), [text]):
            raise _RefusedError  # `_bad` finds the mark, and says of which line it is
        return tuple(cells)

    def _new_plan(self, record: object, text: str) -> _Plan:
        """Return how to read objects with the keys of this one. Raises _RefusedError."""
        keys = _keys(record, text)
        columns = self._finder.find(keys, sparse=True)
        if columns.problems:
            if next(iter(self._finder.fields)) not in columns.places:
                self._inside = self._inside or path_inside(record)
            raise self._refusal(columns)
        self._seen.read_as.update(columns.read_as)
        self._seen.is_named |= next(iter(self._finder.fields)) in columns.places
        plan = tuple(
            (at, keys[columns.places[field]], kind)
            for at, (field, kind) in enumerate(self._finder.kinds.items())
            if field in columns.places
        )
        if len(keys) <= _MANY_KEYS:
            if len(self._plans) >= _KINDS_OF_OBJECTS:
                self._plans.clear()
            self._plans[keys] = plan
        return plan

    def _refusal(self, columns: Columns) -> _RefusedError:
        """Return why objects with such keys are refused: each key once, unless somebody waits."""
        self._refused = self._refused or columns
        if self._live:
            name, say = columns.problems[0]
            return _RefusedError((cut(name), None, say()))
        told = self._seen.unknown
        if len(told) >= MAX_ERRORS:  # nobody is told any more, and it takes half a millisecond
            return _RefusedError((cut(columns.problems[0][0]), None, NOT_KNOWN))
        fresh = [(name, say) for name, say in columns.problems[:MAX_ERRORS] if name not in told]
        told.update((name, None) for name, _ in fresh)
        return _RefusedError(*[(cut(name), None, say()) for name, say in fresh])

    def _as_text(self, key: str, kind: str, value: object) -> str:
        """Return the text of what is no text and not null, if a field of its kind takes it."""
        if isinstance(value, _Number):
            shown = read_whole(str(value), ".") if self._mark == "." else str(value)
            fits = (
                _INTEGER.fullmatch(shown)
                if kind == "integer"
                else kind == "boolean" and shown in "01"
            )
        elif value is True or value is False:
            shown = "true" if value else "false"
            fits = kind == "boolean"
        else:
            shown = "a list" if isinstance(value, list) else "an object"
            fits = False
        if fits:
            return shown
        named = f"{shown[:60]}{'…' if len(shown) > 60 else ''}"
        raise _RefusedError((key, cut(shown), f"{named} is not {_WANTED[kind]}"))


def _parsed(text: str) -> object:
    """Return the one value that a line holds. Raises _RefusedError."""
    try:
        record, end = decode(text)
    except json.JSONDecodeError as error:
        problem = f"is not JSON: {error.msg} at character {error.pos + 1}"
        raise _RefusedError((None, cut(text), problem)) from error
    except RecursionError as error:
        raise _RefusedError((None, cut(text), "is nested too deeply")) from error
    if end != len(text):
        raise _RefusedError((None, cut(text[end:]), "has more after its object"))
    return record


def path_inside(record: object, levels: int = 3) -> str | None:
    """Return how jq finds the first list of objects inside of one; None if there is none."""
    for key, value in record.items() if levels and isinstance(record, dict) else ():
        step = f".{key}" if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", key) else f".[{json.dumps(key)}]"
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return step
        if rest := path_inside(value, levels - 1):
            return step + rest
    return None


def _keys(record: object, text: str) -> tuple[str, ...]:
    """Return the keys of an object. Raises _RefusedError where it is none, or has one twice."""
    if isinstance(record, _Twice):
        key = record.key
        problem = f"the key {in_quotes(key)} is there more than once"
        raise _RefusedError((cut(key), None, problem))
    if not isinstance(record, dict):
        raise _RefusedError((None, cut(text), "is not a JSON object"))
    return tuple(record)
