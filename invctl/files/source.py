r"""From bytes to text: gzip, encodings, line ends. Its memory does not grow with the file.

What cannot be read does not end the reading. A byte that is no text, and a line that is too long,
leave a mark where they stood, a lone surrogate, which no decoder gives; whoever reads rows refuses
the one that has it and goes on. So one bad line costs a pipe that stays open one answer.
"""

import codecs
import re
from collections.abc import Iterator
from errno import EAGAIN
from itertools import chain
from typing import Protocol, cast

from invctl.files.rows import cut, fatal, no_rows
from invctl.models.rows import BadRow
from invctl.oserrors import input_problem

CHUNK = 1 << 17
"""Bytes read and decoded at a time; larger ones are no faster."""
LIMIT = 1 << 20
"""Characters of the longest line, cell and (give or take two chunks) row."""
TOO_LONG = "\ud800"
"""The mark of a line that is longer than LIMIT, of which nothing else is left."""

_LOOKED_AT = 1 << 12
"""Bytes of a beginning that are enough to tell what kind of file it is."""
_BYTE = 0xDC00
_MARKS = re.compile("[\ud800\udc00-\udcff]")
_MARKING = "invctl.marking"
_GZIP = b"\x1f\x8b"
_BOMS = (
    # UTF-32 LE before UTF-16 LE, whose mark it begins with.
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TELL_BY_MARK = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
_UNMARKED = "the order of its bytes is to be named: --encoding utf-16-le or -be"


def _marking(error: UnicodeError) -> tuple[str, int]:
    """Give marks in place of the bytes that a decoder cannot read."""
    found = cast("UnicodeDecodeError", error)
    bad = found.object[found.start : found.end]
    return "".join([chr(_BYTE + byte) for byte in bad]), found.end


# The only way to tell a decoder what to do with them; the name is looked up process-wide.
codecs.register_error(_MARKING, _marking)


class Readable(Protocol):
    """What bytes are read from; one that has `read1` gives by that what has come so far."""

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes at the most; b'' at the end."""


class Source:
    r"""The text of a stream, a piece for every read, with every line end an "\n".

    `marked` says whether marks may have come so far: only then do rows have to be searched for
    them. Whoever makes lines of the text keeps in `line` which one is being read.
    """

    def __init__(self, stream: Readable, encoding: str | None, name: str) -> None:
        self.name = name
        self.line = 1
        self.marked = False
        self._bytes, head = _peek(_read(stream, name))
        if head.startswith(_GZIP):
            self._bytes, head = _peek(self._gunzip(self._bytes))
        if not head:
            raise fatal(1, f"{name} is empty")
        from invctl.files.not_text import kind_of

        if kind := kind_of(head, is_named=encoding is not None):
            raise no_rows(f"{name} is {kind[0]}", kind[1])
        if encoding in _TELL_BY_MARK and not head.startswith(_TELL_BY_MARK[encoding]):
            raise fatal(1, f"{name} has no mark of {encoding}; {_UNMARKED}")
        self._codec = encoding or next((c for bom, c in _BOMS if head.startswith(bom)), "utf-8")

    def __iter__(self) -> Iterator[str]:
        at_start, after_cr = True, False
        for text in filter(None, self._decoded()):
            if at_start:
                # Some programs put a mark before text that has one.
                text = text.lstrip("\ufeff")  # noqa: PLW2901
                at_start = not text
                if at_start:
                    continue
            # A CR at the end of a chunk is a line end at once: waiting for an LF that may follow
            # would leave the peer of a coprocess without its answer.
            if after_cr:
                text = text.removeprefix("\n")  # noqa: PLW2901
                after_cr = False
            if "\r" in text:
                after_cr = text.endswith("\r")
                text = text.replace("\r\n", "\n").replace("\r", "\n")  # noqa: PLW2901
            yield text

    def refusal(self, line: int, names: tuple[str, ...], cells: list[str]) -> BadRow | None:
        """Return why a row is refused, if one of its cells has a mark; `names` are its columns."""
        marks = [mark for cell in cells if (mark := _MARKS.search(cell))]
        if not marks:
            return None
        mark = marks[0]
        if mark[0] == TOO_LONG:
            return BadRow(line, None, None, f"the line is longer than {LIMIT} characters")
        place = cells.index(mark.string)
        column = (names[place] if place < len(names) else "") or None
        problem = f"the byte {_byte(mark)} is not {self._codec}; --encoding reads another one"
        return BadRow(line, column, cut(_MARKS.sub(_byte, mark.string)), problem)

    def _decoded(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._codec)()
        for chunk in chain(self._bytes, (b"",)):
            state = decoder.getstate()
            try:
                text = decoder.decode(chunk, not chunk)
            except UnicodeDecodeError:
                decoder.setstate(state)
                decoder.errors = _MARKING
                text = decoder.decode(chunk, not chunk)
                decoder.errors = "strict"
                self.marked = True
            yield text

    def _gunzip(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the content of all members, at most CHUNK bytes at once: a bomb is streamed."""
        import zlib

        member = zlib.decompressobj(wbits=31)
        try:
            for chunk in chunks:
                data = chunk
                # After a member come more members, and on tapes zeros to fill the block.
                while data := data.lstrip(b"\0") if member.eof else data:
                    if member.eof:
                        member = zlib.decompressobj(wbits=31)
                    if content := member.decompress(data, CHUNK):
                        yield content
                    data = member.unused_data if member.eof else member.unconsumed_tail
            if content := b"" if member.eof else member.flush():
                yield content
        except zlib.error as error:
            problem = f"{self.name} is damaged: it begins as gzip, but {error}"
            raise fatal(self.line, problem) from error
        if not member.eof:
            raise fatal(self.line, f"{self.name} is cut off: its gzip data ends too early")


def _byte(mark: re.Match[str]) -> str:
    """Return a mark as the byte that it stands for."""
    return f"\\x{ord(mark[0]) - _BYTE:02x}"


def _read(stream: Readable, name: str) -> Iterator[bytes]:
    """Yield what `stream` has as it comes: a pipe's lines do not wait for a full buffer."""
    read = getattr(stream, "read1", stream.read)
    while True:
        try:
            chunk = read(CHUNK)
            if chunk is None:  # as raw streams say it that raise nothing
                raise BlockingIOError(EAGAIN, "it is non-blocking and has nothing to read yet")
        except OSError as error:
            raise input_problem(name, error) from error
        if not chunk:
            return
        yield chunk


def _peek(chunks: Iterator[bytes]) -> tuple[Iterator[bytes], bytes]:
    """Return the same chunks, and how they begin: with four bytes, or as many as came at once."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 4:
            break
    return chain((head,) if head else (), chunks), head[:_LOOKED_AT]
