"""Files that a command reads: opened, and a pipe read to its end before anything is locked."""

import os
import select
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer

from invctl.cli.diagnostics import note
from invctl.cli.invocation import Invocation
from invctl.cli.streams import is_terminal
from invctl.oserrors import explained, input_problem

if TYPE_CHECKING:
    from invctl.files.reading import RowSource
    from invctl.models import BadRow, Row

_PIECE = 1 << 20

File = Annotated[
    str, typer.Argument(metavar="FILE|-", help="CSV, TSV or JSONL, also gzipped; - is stdin.")
]


@contextmanager
def open_rows(
    call: Invocation,
    file: str,
    fields: Mapping[str, str],
    *,
    before_waiting: Callable[[], None] | None = None,
) -> Iterator["Iterable[Row | BadRow]"]:
    """Give the rows of a file, or of standard input for `-`.

    A pipe is read to its end first, unless there is something to do `before_waiting` for more of
    it: then each row comes as soon as its line does. Raises InvalidData for what cannot be read
    as rows.
    """
    from invctl.files.reading import parse_options, read_rows

    if file == "-" and is_terminal(0):
        told = "reading lines from the keyboard, headers first; Ctrl-D on an empty line ends them"
        note(told, quiet=call.quiet)
    options = parse_options(
        fields,
        mapping=call.mapping,
        ignore_extra=call.ignore_extra,
        defaults=call.defaults,
        delimiter=call.delimiter,
        encoding=call.encoding,
    )
    live = before_waiting is not None
    with _opened(file, live=live) as opened:
        stream = cast("BinaryIO", Patient(opened, before_waiting)) if before_waiting else opened
        name = input_name(file)

        def read() -> "RowSource":
            return read_rows(stream, fields, options, name=name)

        yield read() if live else FileRows(call, stream, read)


class FileRows:
    """The rows of a file, which each iteration reads from where it began: a retry may need it."""

    def __init__(self, call: Invocation, stream: BinaryIO, read: Callable[[], "RowSource"]) -> None:
        self._call = call
        self._stream = stream
        self._read = read
        self._start = stream.tell()
        self._first: RowSource | None = read()

    def __iter__(self) -> Iterator["Row | BadRow"]:
        from invctl.cli.progress import watched

        rows, self._first = self._first, None
        if rows is None:
            self._stream.seek(self._start)
            rows = self._read()
        return watched(self._call, iter(rows), self._stream)


class Patient:
    """A stream that says when it is about to wait for whoever writes to it."""

    def __init__(self, stream: BinaryIO, before_waiting: Callable[[], None]) -> None:
        self._read = getattr(stream, "read1", stream.read)  # what has come so far will do
        self._before_waiting = before_waiting
        self._poll = select.poll()
        self._poll.register(stream.fileno(), select.POLLIN)

    def read(self, size: int) -> bytes:
        """Return what there is, `size` bytes at the most; b'' at the end."""
        if not self._poll.poll(0):
            self._before_waiting()
        piece: bytes = self._read(size)
        return piece


@contextmanager
def _opened(file: str, *, live: bool) -> Iterator[BinaryIO]:
    name = input_name(file)
    with ExitStack() as stack:
        # What goes wrong while the rows are used may have nothing to do with the file.
        with explained(name, input_problem):
            given = cast("BinaryIO", sys.stdin.buffer if file == "-" else open(file, "rb"))
            stream = stack.enter_context(given)
            # On a non-blocking pipe, having nothing yet would look like its end.
            os.set_blocking(stream.fileno(), True)
            if not live and not _is_regular(stream):
                stream = stack.enter_context(_spooled(stream))
        yield stream


def input_name(file: str) -> str:
    """Return what messages call a file."""
    return "standard input" if file == "-" else file


def _is_regular(stream: BinaryIO) -> bool:
    return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)


def _spooled(stream: BinaryIO) -> BinaryIO:
    """Return a temporary file with all that a pipe gives: it may stall, and no lock may wait."""
    import tempfile

    from invctl.scratch import scratch

    with scratch():
        spool = cast("BinaryIO", tempfile.TemporaryFile())
    piece = b"\0" * _PIECE
    # What falls short was the end: asked again, a terminal would want to be told so once more.
    while len(piece) == _PIECE:
        piece = stream.read(_PIECE)
        with scratch():
            spool.write(piece)
    with scratch():
        spool.seek(0)  # writes what is left
    return spool
