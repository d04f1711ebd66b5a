"""`invctl stock fits|sheet|count`: what people do standing up, with files in their hands."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from invctl.cli import arguments
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.printing.diagnostics import confirm, note
from invctl.cli.printing.words import counted
from invctl.errors import InvalidValue, command
from invctl.models import (
    COUNT_COLUMNS,
    MOVEMENT_COLUMNS,
    SHEET_COLUMNS,
    BadRow,
    BatchChange,
    FileRow,
    Fits,
    LineChange,
)
from invctl.text import printable, quoted

if TYPE_CHECKING:
    from fractions import Fraction

    from invctl.db.database import Database

_LIMITS = ("sku", "available", "per", "place", "lot")

Complete = Annotated[
    bool,
    typer.Option(
        "--complete",
        help="What the file does not name is counted 0, after asking; with --place what lies "
        "there.",
    ),
]
MaxChange = Annotated[
    str | None,
    typer.Option(
        "--max-change",
        metavar="PERCENT",
        help="Refuse a line that changes what the book says by more.",
    ),
]


def fits(ctx: typer.Context, file: arguments.File) -> None:
    """Tell how many times a file could be applied now, and which products limit that."""
    call = invocation(ctx)
    out = call.writer(Fits._fields)
    from invctl.cli.input import open_rows

    opened = open_rows(call, file, MOVEMENT_COLUMNS, recipe=True, changes=False)
    with opened as rows, call.inventory() as db:
        from invctl.core.bulk.recipes import fits as fits_of

        found = fits_of(db, rows)
    if not call.form.is_in_words:
        out.record(found._asdict())
        return
    out.record({"times": "as often as you like" if found.times is None else found.times})
    if found.limited_by:
        from invctl.cli.printing.layouts import LIMITS

        limits = [tuple(one.get(name) for name in _LIMITS) for one in found.limited_by]
        call.writer(_LIMITS).listing(iter([limits]), limit=None, layout=LIMITS)


def sheet(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A new file; - is standard output.")
    ] = "-",
    search: Annotated[
        str | None,
        typer.Option("--search", metavar="TEXT", help="Only products that have all its words."),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="PLACE", help="Only what lies there, or inside it."),
    ] = None,
) -> None:
    """Write a sheet to count with: what lies where, and no quantity that could be copied."""
    call = invocation(ctx)
    from invctl.cli.writing import Texts, chosen_format, is_named, written

    chosen_format(call, file, "a sheet is", ("csv",))
    fields = call.picked(SHEET_COLUMNS) or SHEET_COLUMNS

    def line(row: tuple[Any, ...]) -> tuple[Any, ...]:
        told = dict(zip(("sku", "name", "place", "lot"), row, strict=True))
        return tuple(map(told.get, fields))

    with call.inventory() as db, written(file, call) as write:
        from invctl.core.places.lists import list_sheet
        from invctl.files.writing import encoder

        encode = encoder("csv", fields, header=not call.no_header)
        blank = Texts(encode, list_sheet(db, search=search, place=place), line)
        write(blank)
    if is_named(file):
        note(f"wrote {counted(blank.rows, 'row')} to {printable(file)}", quiet=call.quiet)


def count(
    ctx: typer.Context,
    file: arguments.File,
    place: Annotated[
        str | None,
        typer.Option(
            "--place",
            metavar="PLACE",
            help="Where lines counted that name no place; no line may name one outside of it.",
        ),
    ] = None,
    complete: Complete = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do that without being asked.")] = False,
    max_change: MaxChange = None,
    lines: arguments.Lines = False,
) -> None:
    """Take what was counted: a filled-in sheet, all of it or nothing. Blanks were not counted."""
    call = invocation(ctx)
    out = call.writer(LineChange._fields if lines else BatchChange._fields)
    told: list[LineChange] | None = [] if lines else None
    most = None if max_change is None else _percent(max_change)
    from invctl.cli.input import open_rows

    single = f"{command('stock', 'set', file, 'QUANTITY')} counts one product"
    single *= not re.search("[./]", file)
    with open_rows(call, file, COUNT_COLUMNS, instead=single) as rows, call.inventory() as db:
        from invctl.core.counting.file import CountOptions, count_products
        from invctl.core.operations import is_used

        if complete and not is_used(db, call.key):  # a retry counts nothing
            _agree(call, db, rows, place, yes=yes)
        change = count_products(
            db,
            rows,
            options=CountOptions(complete=complete, max_change=most, place=place),
            label=call.label,
            told_lines=told,
            attempt=call.attempt,
        )
    out.change_or_lines(change, _sentence(change, call.seconds), told)


def _agree(
    call: Invocation,
    db: "Database",
    rows: Iterable[FileRow | BadRow],
    place: str | None,
    *,
    yes: bool,
) -> None:
    """Say how much a complete file counts as 0, and ask. Raises ConfirmationRequired."""
    from invctl.core.counting.file import unnamed

    missing = unnamed(db, rows, place)
    if not missing:
        return
    what = counted(missing, "product")
    if place is not None:  # of each product each place and lot is counted by itself
        what = f"{counted(missing, 'row')} of the sheet of {printable(place)}"
    which = f"{what} as 0 that the file does not name"
    if not yes:
        confirm(f"count {which}", "--yes")
    note(f"counts {which}", quiet=call.quiet)


def _percent(text: str) -> "Fraction":
    """Return how many per cent are meant by `20` or `12.5%`."""
    from fractions import Fraction

    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?%?", text)
    if found is None:
        problem = f"{quoted(text)} is not a number of per cent, such as 20 or 12.5"
        raise InvalidValue("--max-change", text, problem)
    return Fraction(found[1])


def _sentence(change: BatchChange, seconds: float) -> str:
    did = f"{counted(change.products, 'product')} differed from the book"
    return (
        f"{counted(change.lines, 'count')}: {did}, {seconds:.1f} s (operation {change.operation})"
    )
