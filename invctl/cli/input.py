"""Files that a command reads: opened, and a pipe read to its end before anything is locked."""

import os
import select
import stat
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from errno import ENOENT
from typing import TYPE_CHECKING, BinaryIO, cast

from invctl.cli.invocation import Invocation
from invctl.cli.printing.diagnostics import note
from invctl.cli.printing.streams import is_terminal
from invctl.cli.remarks import remarked
from invctl.errors import InventoryError, UsageError
from invctl.oserrors import explained, input_problem

if TYPE_CHECKING:
    from invctl.files.options import FileOptions
    from invctl.files.rows import RowSource
    from invctl.files.source import Readable
    from invctl.models.rows import BadRow, FileRow


@contextmanager
def open_rows(
    call: Invocation,
    file: str,
    fields: Mapping[str, str],
    *,
    own: Collection[str] = (),
    instead: str = "",
    recipe: bool = False,
    changes: bool = True,
) -> Iterator["FileRows"]:
    """Give the rows of a file, or of standard input for `-`; `own` columns are passed over.

    A pipe is read to its end first. Where there is no such file, `instead` says what else was
    meant; a `recipe` counts nothing; who `changes` nothing is not told that nothing was changed.
    Raises InvalidData for what cannot be read as rows, and says which options would read it.
    """
    from invctl.files.reading import read_rows

    options = _options(call, file, fields, recipe=recipe)

    def read(stream: "Readable") -> "RowSource":
        remarks.source = read_rows(
            stream, fields, options, own=own, name=input_name(file), live=False
        )
        return remarks.source

    with (
        opened(file, instead) as given,
        remarked(call, live=False, changes=changes) as remarks,
        ExitStack() as stack,
    ):
        stream = given if _is_regular(given) else stack.enter_context(_spooled(given, read))
        yield FileRows(call, stream, read)


@contextmanager
def open_live_rows(
    call: Invocation, file: str, fields: Mapping[str, str], *, before_waiting: Callable[[], None]
) -> Iterator[Iterable["FileRow | BadRow"]]:
    """Give the rows of a file, or of standard input, each as soon as its line comes, and once.

    `before_waiting` for more of them is called. Raises InvalidData as `open_rows` does.
    """
    from invctl.files.reading import read_rows

    options, name = _options(call, file, fields), input_name(file)
    with opened(file) as given, remarked(call, live=True) as remarks:
        stream = PolledStream(given, before_waiting)
        rows = read_rows(stream, fields, options, own=(), name=name, live=True)
        remarks.source = rows
        remarks.say()
        yield remarks.noting(rows)


def _options(
    call: Invocation, file: str, fields: Mapping[str, str], *, recipe: bool = False
) -> "FileOptions":
    """Return how the call says that a file is to be read; who is to type it is told so."""
    from invctl.files.options import parse_options

    if file == "-" and is_terminal(0):
        told = "reading lines from the keyboard, headers first; Ctrl-D on an empty line ends them"
        note(told, quiet=call.quiet)
    return parse_options(fields, **call.file_flags, recipe=recipe)


class FileRows:
    """The rows of a file, which each iteration reads from where it began: a retry may need it."""

    def __init__(
        self, call: Invocation, stream: BinaryIO, read: Callable[[BinaryIO], "RowSource"]
    ) -> None:
        self._call = call
        self._stream = stream
        self._read = read
        self._start = stream.tell()
        # At once: what is wrong with a header is told before an inventory is opened, as of a pipe.
        self._first: RowSource | None = read(stream)
        self._seen = self._first.seen

    def __iter__(self) -> Iterator["FileRow | BadRow"]:
        from invctl.cli.printing.progress import watched

        rows, self._first = self._first, None
        if rows is None:
            self._stream.seek(self._start)
            rows = self._read(self._stream)
            self._seen = rows.seen
        return watched(self._call.form, iter(rows), self._stream)

    def skipped(self) -> int:
        """Return how many rows --skip-empty passed over, once the others have been read."""
        return self._seen.skipped

    def file_hash(self) -> str:
        """Return by what the file is known when it comes again."""
        from invctl.files.fingerprint import fingerprint

        return fingerprint(self._stream, self._start)


_PROMPT = 0.0002
"""Seconds within which who goes on at once has gone on; to sleep and be woken takes as long."""


class PolledStream:
    """A stream that says when it is about to wait for whoever writes to it."""

    def __init__(self, stream: BinaryIO, before_waiting: Callable[[], None]) -> None:
        self._read = getattr(stream, "read1", stream.read)  # what has come so far will do
        self._before_waiting = before_waiting
        self._poll = select.poll()
        self._poll.register(stream.fileno(), select.POLLIN)
        self._is_prompt = False
        """Whether the last that was waited for came at once."""

    def read(self, size: int) -> bytes:
        """Return what there is, `size` bytes at the most; b'' at the end."""
        if not self._poll.poll(0):
            self._before_waiting()
            self._wait()
        piece: bytes = self._read(size)
        return piece

    def _wait(self) -> None:
        """Wait for more: awake as long as who waits for each answer goes on at once."""
        began = time.monotonic()
        while self._is_prompt and not self._poll.poll(0):
            os.sched_yield()  # perhaps to whom it waits for
            self._is_prompt = time.monotonic() - began < _PROMPT
        self._poll.poll()
        self._is_prompt = time.monotonic() - began < _PROMPT


@contextmanager
def opened(file: str, instead: str = "") -> Iterator[BinaryIO]:
    """Open a file to be read, or standard input for `-`, which may be waited for.

    Where there is no such file, `instead` says what else was meant.
    """

    def problem(name: str, error: OSError) -> InventoryError:
        known = input_problem(name, error)
        if instead and error.errno == ENOENT and file:
            known.hint = f"{known.hint}; {instead}"
        return known

    # What goes wrong while the rows are used may have nothing to do with the file.
    with explained(input_name(file), problem):
        stream = cast("BinaryIO", sys.stdin.buffer if file == "-" else open(file, "rb"))
    with stream:
        with explained(input_name(file), input_problem):
            _refuse_own_output(stream, file)
            # On a non-blocking pipe, having nothing yet would look like its end.
            os.set_blocking(stream.fileno(), True)
        yield stream


def _refuse_own_output(stream: BinaryIO, file: str) -> None:
    """Raise UsageError for a file that the answers go to: they would be read, and have no end."""
    if _is_regular(stream) and os.path.sameopenfile(stream.fileno(), 1):
        problem = f"{input_name(file)} is also what standard output goes to"
        raise UsageError(problem, "write that to another file")


def input_name(file: str) -> str:
    """Return what messages call a file."""
    return "standard input" if file == "-" else file


def _is_regular(stream: BinaryIO) -> bool:
    return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)


def _spooled(stream: BinaryIO, read: Callable[["Readable"], "RowSource"]) -> BinaryIO:
    """Return a temporary file with all that a pipe gives: it may stall, and no lock may wait."""
    import tempfile

    from invctl.scratch import scratch

    with scratch():
        spool = cast("BinaryIO", tempfile.TemporaryFile())
    # Read on the way: what has no header, or a line without end, fills no disk.
    read(Copied(stream, spool)).drain()
    with scratch():
        spool.seek(0)  # writes what is left
    return spool


class Copied:
    """A stream of which all that is read is kept in another one."""

    def __init__(self, stream: BinaryIO, copy: BinaryIO) -> None:
        self._read = getattr(stream, "read1", stream.read)
        self._copy = copy

    def read(self, size: int) -> bytes:
        """Return what there is, `size` bytes at the most; b'' at the end."""
        from invctl.scratch import scratch

        piece: bytes = self._read(size)
        with scratch():
            self._copy.write(piece)
        return piece
