"""Files that a command reads: opened, and a pipe read to its end before anything is locked."""

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer

from invctl.cli.invocation import Invocation
from invctl.errors import PermissionRefused, UsageError
from invctl.values import printable

if TYPE_CHECKING:
    from invctl.files.reading import RowSource

File = Annotated[
    str, typer.Argument(metavar="FILE|-", help="CSV, TSV or JSONL, also gzipped; - is stdin.")
]


@contextmanager
def open_rows(
    call: Invocation, file: str, fields: Mapping[str, str], *, live: bool = False
) -> Iterator["RowSource"]:
    """Give the rows of a file, or of standard input for `-`.

    A pipe is read to its end first, unless it is `live`: then each row comes as soon as its line
    does. Raises InvalidData for what cannot be read as rows.
    """
    from invctl.cli.progress import watched
    from invctl.files.reading import RowSource, parse_options, read_rows

    options = parse_options(
        fields,
        mapping=call.mapping,
        ignore_extra=call.ignore_extra,
        defaults=call.defaults,
        delimiter=call.delimiter,
        encoding=call.encoding,
    )
    with _opened(file, live=live) as stream:
        name = "standard input" if file == "-" else printable(file)
        rows = read_rows(stream, fields, options, name=name)
        yield rows if live else RowSource(rows.columns, watched(call, rows.rows, stream))


@contextmanager
def _opened(file: str, *, live: bool) -> Iterator[BinaryIO]:
    try:
        stream = cast("BinaryIO", sys.stdin.buffer if file == "-" else open(file, "rb"))
        with stream:
            # On a non-blocking pipe, having nothing yet would look like its end.
            os.set_blocking(stream.fileno(), True)
            yield stream if live or _is_regular(stream) else _spooled(stream)
    except PermissionError as error:
        raise PermissionRefused(printable(file), "permission denied") from error
    except OSError as error:
        problem = f"cannot read {printable(file)}: {(error.strerror or str(error)).lower()}"
        raise UsageError(problem, "give a file, or - for standard input") from error


def _is_regular(stream: BinaryIO) -> bool:
    return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)


def _spooled(stream: BinaryIO) -> BinaryIO:
    """Return a temporary file with all that a pipe gives: it may stall, and no lock may wait."""
    import shutil
    import tempfile

    spool = cast("BinaryIO", tempfile.TemporaryFile())
    shutil.copyfileobj(stream, spool, 1 << 20)
    spool.seek(0)
    return spool
