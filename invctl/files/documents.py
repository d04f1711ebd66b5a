"""JSON that is no line: objects in an array, or one after another, over any number of lines."""

import json
import re
from collections.abc import Iterator

from invctl.errors import InvalidData
from invctl.files.jsonl import ObjectReader, decode
from invctl.files.rows import endless, fatal
from invctl.files.source import CHUNK, LIMIT, Source
from invctl.models.rows import BadRow, FileRow

_BLANKS = re.compile(r"[ \t\r\n]*")
_CUT_SHORT = 12
"""Characters before the end of a text where what is only cut off may be wrong: `fals`."""


class Document:
    """Reads values one after another; its memory does not grow with the text.

    What is no JSON ends the reading, and InvalidData is raised: nobody can tell where the next
    value would begin.
    """

    def __init__(
        self, source: Source, texts: Iterator[str], reader: ObjectReader, *, by_element: bool
    ) -> None:
        self._source = source
        self._texts = texts
        self._reader = reader
        self._text = ""
        self._at = 0
        self._by_element = by_element
        self._count = 0

    def array(self) -> Iterator[FileRow | BadRow]:
        """Yield the rows of the objects in the one array that the text is."""
        self._next()
        self._at += 1  # its bracket
        if self._next() != "]":
            yield from self._value()
            while self._next() == ",":
                self._at += 1
                yield from self._value()
        if self._next() != "]":
            raise self._wrong("wants a comma or ] after an object" if self._next() else _CUT_OFF)
        self._at += 1
        if self._next():
            raise self._wrong("has more after its array")

    def objects(self) -> Iterator[FileRow | BadRow]:
        """Yield the rows of objects that follow each other."""
        while self._next():
            yield from self._value()

    def _next(self) -> str:
        """Go to the next character that is no blank, and return it; '' at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            assert blanks is not None
            self._go_to(blanks.end())
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _value(self) -> Iterator[FileRow | BadRow]:
        """Yield the rows of the value that comes next, and go to its end."""
        if not self._next():
            raise self._wrong(_CUT_OFF)
        while True:
            wrong: InvalidData | None = None
            try:
                record, end = decode(self._text, self._at)
            except json.JSONDecodeError as error:
                wrong = self._not_json(error)
            except RecursionError as error:
                raise self._wrong("is nested too deeply") from error
            else:
                # A number at the end of what was read may go on.
                if end < len(self._text) or isinstance(record, dict):
                    break
            if not self._more(up_to="}"):
                if wrong:
                    raise wrong
                break
        self._count += 1
        line = self._count if self._by_element else self._source.line
        text = self._text[self._at : end]
        self._go_to(end)
        yield from self._reader.rows(line, record, text)

    def _not_json(self, error: json.JSONDecodeError) -> InvalidData:
        """Return what is wrong at the end of all text; raise it where it is wrong before that."""
        wrong = self._wrong(f"is not JSON: {error.msg}", error.pos)
        if error.msg.startswith("Unterminated") or error.pos >= len(self._text) - _CUT_SHORT:
            return wrong
        raise wrong from error

    def _wrong(self, problem: str, at: int | None = None) -> InvalidData:
        lines = 0 if at is None else self._text.count("\n", self._at, at)
        return fatal(self._source.line + lines, problem)

    def _go_to(self, at: int) -> None:
        self._source.line += self._text.count("\n", self._at, at)
        self._at = at

    def _more(self, up_to: str = "") -> bool:
        """Read on, at least to what may end an object; return whether there was more."""
        pieces = [self._text[self._at :]]
        length = len(pieces[0])
        self._at = 0
        for piece in self._texts:
            pieces.append(piece)
            length += len(piece)
            if length > LIMIT + CHUNK:
                problem = f"an object is longer than {LIMIT} characters"
                raise endless(self._source.line, problem, pieces[0])
            # What is there is tried from its start again each time: for each piece of a slow pipe
            # that would take ages.
            if up_to in piece:
                break
        self._text = "".join(pieces)
        return len(pieces) > 1


_CUT_OFF = "is cut off: its array is not closed"
