"""What a scanner types: a code a line, ended by CR, LF or both, as soon as its line has come."""

from collections.abc import Iterator

from invctl.files.source import Readable

_MOST = 4096
"""Bytes of a line that are kept: no code is that long, and a stream may have no line ends."""
_CHUNK = 1 << 16


def read_scans(stream: Readable) -> Iterator[tuple[int, str]]:
    """Yield each line that says anything, with its number from 1; what is no UTF-8 is escaped."""
    number, line, after_cr = 1, b"", False
    while data := stream.read(_CHUNK):
        if after_cr and data.startswith(b"\n"):
            data = data[1:]  # the other half of a line end
        after_cr = data.endswith(b"\r")
        first, *rest = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        line = (line + first)[:_MOST]
        for following in rest:
            if text := _text(line):
                yield number, text
            number, line = number + 1, following[:_MOST]
    if text := _text(line):
        yield number, text


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace").lstrip("\ufeff").strip()
