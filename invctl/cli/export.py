"""`invctl product export`: every product as a file that `import` reads back without a change."""

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from typing import BinaryIO, TextIO, cast

from invctl.appearing import publish, unfinished
from invctl.cli.invocation import Invocation
from invctl.cli.streams import write_out
from invctl.errors import FileExists, UsageError
from invctl.models import PRODUCT_COLUMNS, PRODUCT_FIELDS
from invctl.oserrors import explained, output_problem

FORMATS = ("csv", "jsonl")
_GZIP = ".gz"

Write = Callable[[str], object]


def export_products(call: Invocation, file: str, *, csv_safe: bool) -> None:
    """Write all products, archived ones too, to a new file, or to standard output for `-`."""
    chosen = call.output or _named_format(file)
    if chosen not in FORMATS:
        raise UsageError(f"export writes {' or '.join(FORMATS)}, not {chosen}")
    if csv_safe and chosen != "csv":
        raise UsageError("--csv-safe goes with csv")
    fields = call.picked(tuple(PRODUCT_COLUMNS)) or tuple(PRODUCT_COLUMNS)
    with call.inventory() as db, written(file) as write:
        from invctl.core.catalog import list_products
        from invctl.files.writing import encoder

        places = [PRODUCT_FIELDS.index(name) for name in fields]
        encode = encoder(chosen, fields, csv_safe=csv_safe, header=not call.no_header)
        chunks = list_products(db, archived=None)
        # Nothing is written before the first rows are there: a command that fails prints nothing.
        first = next(chunks, ())
        write(encode.head())
        for chunk in chain((first,), chunks):
            write(encode.rows([tuple(row[place] for place in places) for row in chunk]))
        write(encode.tail())


def _named_format(file: str) -> str:
    """Return the format that a file's name asks for."""
    return "jsonl" if file.lower().removesuffix(_GZIP).endswith(".jsonl") else "csv"


@contextmanager
def written(file: str) -> Iterator[Write]:
    """Give what writes text: to standard output, to a pipe, or to a file that appears whole."""
    if file == "-" or _is_standard_output(file):
        yield write_out
        return
    if _takes_a_stream(file):
        with _stream(file, file) as write:
            yield write
        return
    if os.path.lexists(file):
        raise FileExists(file)
    with unfinished(file, "export", private=False) as new:
        with _stream(new, file) as write:
            yield write
        if not publish(new, file):
            raise FileExists(file)


def _is_standard_output(file: str) -> bool:
    """Return whether a device's name, such as /dev/stdout, means this process's standard output.

    It is not opened again: where that is a file, it would be written from its beginning.
    """
    if not os.path.abspath(file).startswith(("/dev/", "/proc/")):
        return False
    try:
        return os.path.samestat(os.stat(file), os.fstat(1))
    except OSError:
        return False


def _takes_a_stream(file: str) -> bool:
    """Return whether there is a pipe or a device, as `>(gzip)` makes one, which has no end."""
    try:
        mode = os.stat(file).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


@contextmanager
def _stream(path: str, file: str) -> Iterator[Write]:
    """Give what writes to `path`, compressed where the name `file` says so.

    What goes wrong between two writes is none of its business.
    """
    with explained(file, output_problem):
        raw = open(path, "wb")
    stream = _text(raw, compressed=file.lower().endswith(_GZIP))

    def write(text: str) -> None:
        with explained(file, output_problem):
            stream.write(text)

    def close() -> None:
        stream.close()
        raw.close()

    try:
        yield write
        with explained(file, output_problem):
            close()
    finally:
        with suppress(OSError):  # that of a full disk, which was told
            close()


def _text(raw: BinaryIO, *, compressed: bool) -> TextIO:
    if compressed:
        import gzip

        # Without a time or a name in it the same products are the same bytes.
        raw = cast("BinaryIO", gzip.GzipFile("", "wb", fileobj=raw, mtime=0))
    return io.TextIOWrapper(raw, encoding="utf-8", newline="")
