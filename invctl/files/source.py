"""From bytes to lines: gzip, encodings, line ends. Its memory does not grow with the file."""

import codecs
from collections.abc import Iterator
from contextlib import suppress
from errno import EAGAIN
from itertools import chain
from typing import BinaryIO

from invctl.errors import InvalidData
from invctl.files.rows import fatal
from invctl.oserrors import input_problem

CHUNK = 1 << 17
"""Bytes read and decoded at a time; larger ones are no faster."""
LIMIT = 1 << 20
"""Characters of the longest line, cell and (give or take two chunks) row."""

_GZIP = b"\x1f\x8b"
_BOMS = (
    # UTF-32 LE before UTF-16 LE, whose mark it begins with.
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_TEXT = {
    b"PK\x03\x04": "a zip archive or a workbook: save its sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old workbook: save its sheet as CSV",
    b"\x28\xb5\x2f\xfd": "compressed by zstd: unpack it first (only gzip is read as it is)",
    b"\xfd7zX": "compressed by xz: unpack it first (only gzip is read as it is)",
    b"BZh9": "compressed by bzip2: unpack it first (only gzip is read as it is)",
}


_UNMARKED = "without a mark the order of bytes is to be named: --encoding utf-16-le or -be"


class TextLines:
    r"""The lines of a stream, each ending in "\n" but perhaps the last, a list for every read.

    Whoever reads rows keeps in `row` the line at which the one in hand starts: that is how a row
    which never ends is noticed. Raises InvalidData; lines before the trouble come out first, so
    that a coprocess has answered them.
    """

    def __init__(self, stream: BinaryIO, encoding: str | None, name: str) -> None:
        self.row = 1
        self.name = name
        self._count = 0
        self._bytes, head = _peek(_read(stream, name))
        if head.startswith(_GZIP):
            self._bytes, head = _peek(self._gunzip(self._bytes))
        if not head:
            raise fatal(1, f"{name} is empty")
        if head in _NOT_TEXT and encoding is None:
            raise fatal(1, f"{name} is {_NOT_TEXT[head]}")
        self._codec = encoding or next((c for bom, c in _BOMS if head.startswith(bom)), "utf-8")

    def __iter__(self) -> Iterator[list[str]]:
        from io import StringIO

        begun: list[str] = []
        length = row = run = 0
        for text in self._texts():
            if self.row != row:
                row, run = self.row, 0
            run += len(text)
            end = text.find("\n")
            if length + (len(text) if end < 0 else end) > LIMIT:
                raise fatal(self._count + 1, f"the line is longer than {LIMIT} characters")
            if run > LIMIT + CHUNK:
                problem = f"the row is longer than {LIMIT} characters; is a quote not closed?"
                raise fatal(row, problem)
            begun.append(text)
            length += len(text)
            if end >= 0:
                lines = StringIO("".join(begun), newline="\n").readlines()
                begun = [] if lines[-1].endswith("\n") else [lines.pop()]
                length = sum(map(len, begun))
                self._count += len(lines)
                yield lines
        if length:
            self._count += 1
            yield ["".join(begun)]

    def _texts(self) -> Iterator[str]:
        r"""Yield the stream as text with every line end an "\n", and without a mark at its head."""
        at_start, after_cr = True, False
        for text in filter(None, self._decoded()):
            if at_start:
                text = text.removeprefix("\ufeff")  # noqa: PLW2901
                at_start = False
            # A CR at the end of a chunk is a line end at once: waiting for an LF that may follow
            # would leave the peer of a coprocess without its answer.
            if after_cr:
                text = text.removeprefix("\n")  # noqa: PLW2901
                after_cr = False
            if "\r" in text:
                after_cr = text.endswith("\r")
                text = text.replace("\r\n", "\n").replace("\r", "\n")  # noqa: PLW2901
            yield text

    def _decoded(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._codec)()
        read = 0
        for chunk in chain(self._bytes, (b"",)):
            state = decoder.getstate()
            try:
                text = decoder.decode(chunk, not chunk)
            except UnicodeDecodeError as error:
                held = len(error.object) - len(chunk)  # of a character begun in the last chunk
                decoder.setstate(state)
                with suppress(UnicodeError):  # where a mark is wanted, not even these are text
                    yield decoder.decode(chunk[: max(0, error.start - held)])
                raise self._undecodable(error, read - held + error.start) from error
            except UnicodeError as error:  # what says that a mark is wanted, and names no byte
                raise fatal(1, f"{self.name} cannot be read: {error}; {_UNMARKED}") from error
            read += len(chunk)
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
            raise fatal(self._count + 1, problem) from error
        if not member.eof:
            raise fatal(self._count + 1, f"{self.name} is cut off: its gzip data ends too early")

    def _undecodable(self, error: UnicodeDecodeError, offset: int) -> InvalidData:
        line = self._count + 1
        byte = f"0x{error.object[error.start]:02x}"
        message = (
            f"byte {byte} in line {line}, at offset {offset} of the text, is not {self._codec}; "
            "if it is another encoding, name it: --encoding cp1252 (or latin-1, utf-16-le, …)"
        )
        return fatal(line, message, byte)


def _read(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield what `stream` has as it comes: a pipe's lines do not wait for a full buffer."""
    read = getattr(stream, "read1", stream.read)
    while True:
        try:
            chunk = read(CHUNK)
            if chunk is None:
                raise BlockingIOError(EAGAIN, "it is non-blocking and has nothing to read yet")
        except OSError as error:
            raise input_problem(name, error) from error
        if not chunk:
            return
        yield chunk


def _peek(chunks: Iterator[bytes]) -> tuple[Iterator[bytes], bytes]:
    """Return the same chunks, and the first four bytes of them."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 4:
            break
    return chain((head,) if head else (), chunks), head[:4]
