"""How a file begins: lines above its header, a `sep=` line, and what kind of file it is."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Literal

from invctl.files.rows import BLANK_LINES, fatal
from invctl.files.source import LIMIT, Source

Kind = Literal["separated", "lines", "array", "spread"]
_SEPARATOR = re.compile(r'"?sep=([^\r\n])"?(?:\1|[ \t])*(?:\n|\Z)', re.IGNORECASE)
_SEPARATOR_BEGUN = re.compile(r'"?(?:s(?:e(?:p(?:=[^\n]{0,99})?)?)?)?\Z', re.IGNORECASE)


class Opening:
    """The beginning of a text, taken no further than must be: a peer may wait for its answer."""

    def __init__(self, source: Source) -> None:
        self._name = source.name
        self._texts = iter(source)
        self._source = source
        self._text = ""

    @property
    def line(self) -> int:
        """The number of the line that comes next."""
        return self._source.line

    @property
    def texts(self) -> Iterator[str]:
        """All the text that comes next."""
        return chain((self._text,), self._texts)

    def delimiter(self) -> str | None:
        """Return what a line such as `sep=;` says, which is passed over; None if there is none."""
        while _SEPARATOR_BEGUN.match(self._text) and self._more():
            pass
        found = _SEPARATOR.match(self._text)
        if found is None:
            return None
        self._pass(found.end())
        return found[1]

    def pass_lines(self, count: int) -> None:
        """Pass over some lines. Raises InvalidData where there are not so many."""
        for _ in range(count):
            while "\n" not in self._text:
                self._text = ""
                if not self._more():
                    problem = f"{self._name} has no more lines than --skip-lines passes over"
                    raise fatal(self.line, problem)
            self._pass(self._text.index("\n") + 1)

    def pass_blank_lines(self) -> None:
        """Pass over lines of blanks. Raises InvalidData where there is nothing else."""
        while not (begun := self._text.lstrip()):
            self._pass(self._text.rfind("\n") + 1)
            # Blanks may go on without a line end as well.
            if self.line > BLANK_LINES or len(self._text) > LIMIT or not self._more():
                raise fatal(1, f"{self._name} is empty but for blank lines")
        self._pass(self._text.rfind("\n", 0, len(self._text) - len(begun)) + 1)

    def kind(self) -> Kind:
        """Return what kind of file this is, by the first characters that are no blanks."""
        while (start := self._text.lstrip(" \t")).rstrip(" \t") in {"[", "{"} and self._more():
            pass
        follows = start[1:].lstrip(" \t")[:1]
        if start.startswith("["):
            # The first name of a header may begin with a bracket, too.
            return "array" if follows in {"", "\n", "{", "]"} else "separated"
        if start.startswith("{"):
            return "spread" if follows in {"", "\n"} else "lines"
        return "separated"

    def _more(self) -> bool:
        text = next(self._texts, "")
        self._text += text
        return bool(text)

    def _pass(self, length: int) -> None:
        self._source.line += self._text.count("\n", 0, length)
        self._text = self._text[length:]
