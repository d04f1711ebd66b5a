"""From text to lines, as many at a time as are there, and the way back to one that was read."""

from collections import deque
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain, islice

from invctl.files.rows import endless
from invctl.files.source import CHUNK, LIMIT, TOO_LONG, Source


class Block:
    r"""Whole lines that were read together, each ending in "\n": from number `first` to `end`."""

    def __init__(self, first: int, text: str) -> None:
        self.first = first
        self.text = text
        self.end = first + text.count("\n")
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines one by one."""
        if self._lines is None:
            # `splitlines` would end lines at form feeds and U+2028, which cells may hold.
            self._lines = StringIO(self.text, newline="\n").readlines()
        return self._lines

    def since(self, line: int) -> "Block":
        """Return the block without what comes before a line."""
        return self if line == self.first else Block(line, "".join(self.lines[line - self.first :]))


def read_blocks(source: Source, texts: Iterable[str], line: int, *, live: bool) -> Iterator[Block]:
    """Yield the lines of `texts`, of which `line` is the number of the first.

    A line longer than LIMIT raises InvalidData; of a `live` stream it leaves a mark as soon as it
    is too long, and what there is more of it is passed over: its peer waits for an answer.
    """
    begun: list[str] = []
    length, skipping = 0, False
    for piece in texts:
        text, skipping = _after_line(piece) if skipping else (piece, False)
        if length + _to_line_end(text) > LIMIT:
            if not live:
                problem = f"the line is longer than {LIMIT} characters"
                raise endless(line, problem, "".join(begun[:1]) or text)
            source.marked = True
            yield Block(line, f"{TOO_LONG}\n")
            source.line = line = line + 1
            begun, length = [], 0
            text, skipping = _after_line(text)
        begun.append(text)
        length += len(text)
        if "\n" in text:
            whole, end, rest = "".join(begun).rpartition("\n")
            block = Block(line, whole + end)
            begun, length = [rest], len(rest)
            source.line = line = block.end
            yield block
    if length:  # the last line, which nothing ends
        yield Block(line, "".join([*begun, "\n"]))


def _after_line(text: str) -> tuple[str, bool]:
    """Return what comes after the line with which `text` begins, and whether that goes on."""
    _, end, rest = text.partition("\n")
    return rest, not end


def _to_line_end(text: str) -> int:
    end = text.find("\n")
    return len(text) if end < 0 else end


class EndlessRowError(Exception):
    """A row is longer than LIMIT characters: a quote is not closed."""


class Tape:
    """The blocks of a file, of which those are held to which somebody may have to go back."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._blocks = blocks
        self._held: deque[Block] = deque()
        self._length = 0

    @property
    def end(self) -> int:
        """The number of the line after those that are held."""
        return self._held[-1].end

    def block(self, line: int) -> Block | None:
        """Return what is held, or comes next, from a line on, and hold nothing before it."""
        while self._held and self._held[0].end <= line:
            self._length -= len(self._held.popleft().text)
        if self._held:
            first = self._held.popleft()
            self._held.appendleft(first.since(line))
            self._length += len(self._held[0].text) - len(first.text)
        elif (block := next(self._blocks, None)) is not None:
            self._hold(block)
        return self._held[0] if self._held else None

    def read(self, line: int) -> Iterator[str]:
        """Yield the lines from the held one with that number on, then others as they come.

        Raises EndlessRowError where too much is held, from which reading can go on all the same.
        """
        return chain(self._from(line), chain.from_iterable(map(self._hold, self._blocks)))

    def hold_more(self) -> bool:
        """Hold one more block; return whether there is one. Raises EndlessRowError."""
        block = next(self._blocks, None)
        if block is not None:
            self._hold(block)
        return block is not None

    def text(self, line: int, end: int) -> str:
        """Return the held lines from `line` up to `end`, which is not one of them."""
        return "".join(islice(self._from(line), end - line))

    def _from(self, line: int) -> Iterator[str]:
        held = [block.lines[max(0, line - block.first) :] for block in self._held]
        return chain.from_iterable(held)

    def _hold(self, block: Block) -> list[str]:
        self._held.append(block)
        self._length += len(block.text)
        if self._length > LIMIT + 2 * CHUNK:
            raise EndlessRowError
        return block.lines
