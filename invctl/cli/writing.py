"""Files that a command writes: a name appears when all is there, a pipe gets it as it comes."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, BinaryIO, cast

from invctl.appearing import publish, unfinished
from invctl.cli.invocation import Invocation
from invctl.cli.printing.aside import Outlet, pour, pour_out
from invctl.errors import FileExists, UsageError
from invctl.files.writing import Encoder, encoded
from invctl.oserrors import explained, output_problem

_GZIP = ".gz"
_ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_FOREIGN = {
    ".tsv", ".tab", ".json", ".xlsx", ".xls", ".ods", ".numbers", ".parquet", ".xml", ".html",
    ".pdf", ".sql", ".sqlite", ".db", ".zip", ".7z", ".bz2", ".xz", ".zst",
}  # fmt: skip
"""How names end of files that their programs would not know for what they are."""

Write = Callable[[Iterable[str]], object]


class Texts:
    """The texts of a file with what `pick` returns of each row, and how many rows it has so far."""

    def __init__(
        self,
        encode: Encoder,
        chunks: Iterator[Sequence[tuple[Any, ...]]],
        pick: Callable[[tuple[Any, ...]], tuple[Any, ...]],
    ) -> None:
        self.rows = 0
        self._encode = encode
        self._chunks = chunks
        self._pick = pick

    def __iter__(self) -> Iterator[str]:
        return encoded(self._encode, map(self._picked, self._chunks))

    def _picked(self, chunk: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        self.rows += len(chunk)
        return [self._pick(row) for row in chunk]


def chosen_format(call: Invocation, file: str, what: str, formats: Sequence[str]) -> str:
    """Return the format that `-o` says, else the name of a file; the first where neither does.

    Raises UsageError for one that is not among the `formats` that there are of `what`.
    """
    chosen = call.output or _named_format(file) or formats[0]
    if chosen in formats:
        return chosen
    hint = "" if call.output else f"-o {formats[0]} writes that under this name all the same"
    raise UsageError(f"{what} {' or '.join(formats)}, not {chosen}", hint)


def _named_format(file: str) -> str:
    """Return the format that programs take a file of this name for; empty where that is open."""
    ending = os.path.splitext(file.lower().removesuffix(_GZIP))[1]
    return _ENDINGS.get(ending) or (ending[1:] if ending in _FOREIGN else "")


@contextmanager
def written(file: str, call: Invocation) -> Iterator[Write]:
    """Give what writes texts: to standard output, to a pipe, or to a file that appears whole."""
    if is_standard_output(file):  # opened again, a file would be written from its beginning
        yield lambda texts: pour_out(texts, call.hinders_others)
    elif takes_a_stream(file):
        with opened_to_write(file, file) as raw:
            outlet = Outlet(raw.fileno(), partial(output_problem, file), call.hinders_others)
            yield lambda texts: pour(_encoded(texts, file), outlet)
    elif os.path.lexists(file):  # `publish` sees that, too, when all is read and written
        raise FileExists(file)
    else:
        with unfinished(file, "export", private=False) as new:
            with opened_to_write(new, file) as raw:
                outlet = Outlet(raw.fileno(), partial(output_problem, file))
                yield lambda texts: pour(_encoded(texts, file), outlet)
            if not publish(new, file):
                raise FileExists(file)


def is_named(file: str) -> bool:
    """Return whether a file was made of that name, of which its user is told."""
    return not (is_standard_output(file) or takes_a_stream(file))


def is_standard_output(file: str) -> bool:
    """Return whether `-`, or a device such as /dev/stdout, means this process's standard output."""
    if file == "-":
        return True
    if not os.path.abspath(file).startswith(("/dev/", "/proc/")):
        return False
    try:
        return os.path.samestat(os.stat(file), os.fstat(1))
    except OSError:
        return False


def takes_a_stream(file: str) -> bool:
    """Return whether there is a pipe or a device, as `>(gzip)` makes one, which has no end."""
    try:
        mode = os.stat(file).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


@contextmanager
def opened_to_write(path: str, file: str) -> Iterator[BinaryIO]:
    """Open `path` to write what people call `file`."""
    with explained(file, output_problem):
        raw = open(path, "wb", buffering=0)
    # What goes wrong while it is open may have nothing to do with the file.
    try:
        yield cast("BinaryIO", raw)
        with explained(file, output_problem):
            raw.close()
    finally:
        with suppress(OSError):  # what went wrong before is what is told
            raw.close()


def _encoded(texts: Iterable[str], file: str) -> Iterator[bytes]:
    """Yield texts as bytes, compressed where the file's name says so."""
    if not file.lower().endswith(_GZIP):
        yield from (text.encode() for text in texts)
        return
    import zlib

    # Without a time or a name in it the same products are the same bytes.
    squeeze = zlib.compressobj(wbits=31)
    # What is compressed to nothing yet would be taken for a pause.
    yield from filter(None, (squeeze.compress(text.encode()) for text in texts))
    yield squeeze.flush()
