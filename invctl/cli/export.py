"""`invctl product export`: every product as a file that `import` reads back without a change."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain

from invctl.cli.invocation import Invocation
from invctl.cli.streams import write_out
from invctl.errors import FileExists, PermissionRefused, UsageError
from invctl.models import PRODUCT_COLUMNS, PRODUCT_FIELDS
from invctl.text import printable

FORMATS = ("csv", "jsonl")


def export_products(call: Invocation, file: str, *, csv_safe: bool) -> None:
    """Write all products, archived ones too, to a new file, or to standard output for `-`."""
    chosen = call.output or "csv"
    if chosen not in FORMATS:
        raise UsageError(f"export writes {' or '.join(FORMATS)}, not {chosen}")
    if csv_safe and chosen != "csv":
        raise UsageError("--csv-safe goes with csv")
    call.refuse_unknown_columns(tuple(PRODUCT_COLUMNS))
    with call.inventory() as db, _written(file) as write:
        from invctl.core.catalog import list_products
        from invctl.files.writing import encoder

        fields = call.columns or tuple(PRODUCT_COLUMNS)
        places = [PRODUCT_FIELDS.index(name) for name in fields]
        encode = encoder(chosen, fields, csv_safe=csv_safe, header=not call.no_header)
        chunks = list_products(db, archived=None)
        # Nothing is written before the first rows are there: a command that fails prints nothing.
        first = next(chunks, ())
        write(encode.head())
        for chunk in chain((first,), chunks):
            write(encode.rows([tuple(row[place] for place in places) for row in chunk]))
        write(encode.tail())


@contextmanager
def _written(file: str) -> Iterator[Callable[[str], object]]:
    """Give what writes text: to standard output, or to a new file that appears when it is whole."""
    if file == "-":
        yield write_out
        return
    partial = f"{file}.partial"
    with _explained(file):
        if os.path.lexists(file):
            raise FileExists(printable(file))
        stream = open(partial, "x", encoding="utf-8", newline="")
    try:
        with _explained(file), stream:
            yield stream.write
        with _explained(file):
            os.link(partial, file)
    finally:
        with suppress(OSError):
            os.unlink(partial)


@contextmanager
def _explained(file: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise FileExists(printable(str(error.filename2 or error.filename))) from error
    except PermissionError as error:
        raise PermissionRefused(printable(file), "permission denied") from error
    except OSError as error:
        problem = f"cannot write {printable(file)}: {(error.strerror or str(error)).lower()}"
        raise UsageError(problem, "give another file, or - for standard output") from error
