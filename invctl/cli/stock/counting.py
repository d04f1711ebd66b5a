"""`invctl stock sheet` and `count`: counting, with a file in between."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from invctl.cli import arguments
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.options import FILE, STOCK_MUTATION
from invctl.cli.printing.diagnostics import confirm, note
from invctl.cli.printing.words import counted
from invctl.cli.spec import OTHER_KEY, REFUSED_LINES, Spec
from invctl.errors import InvalidValue, command
from invctl.models.batches import BatchChange, LineChange
from invctl.models.fields import COUNT_COLUMNS, SHEET_COLUMNS
from invctl.models.rows import BadRow, FileRow
from invctl.text import printable, quoted

if TYPE_CHECKING:
    from fractions import Fraction

    from invctl.db.database import Database

_COUNTS = {
    "sku": "which product; several counts of one, or of one place and lot, add up",
    "counted": "how many there were; where it is empty, nobody counted",
    "counted_at": "when; without it, what --at says, or now. What happened since comes on top",
    "place": "where; without it, what --place says, or what is in no place",
    "lot": "of which lot, in that place",
    "note": "anything else; without it, what --note says",
    "name": "as the sheet has it: only read by people",
}

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


def sheet(
    ctx: typer.Context,
    file: arguments.NewFile = "-",
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

    chosen_format(call, file, "a sheet is", ("csv",))  # for what it refuses
    fields = call.picked(SHEET_COLUMNS) or SHEET_COLUMNS

    def line(row: tuple[Any, ...]) -> tuple[Any, ...]:
        # What is to be filled in is not among these, and stays empty.
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


SHEET = Spec(
    sheet,
    ("invctl stock sheet sheet.csv", "invctl stock sheet --search shirt --columns sku,counted"),
    exits={3: "there is no such place", 4: "the file exists already"},
    fields=SHEET_COLUMNS,
)


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

    is_path = re.search("[./]", file)  # which no SKU has under the strict rule
    single = "" if is_path else f"{command('stock', 'set', file, 'QUANTITY')} counts one product"
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
            attempt=call.attempt(),
        )
    out.change_or_lines(change, _sentence(change, call.seconds), told)


COUNT = Spec(
    count,
    (
        "invctl stock count counts.csv --dry-run --lines",
        "invctl stock count counts.csv --complete --yes --max-change 50",
    ),
    (*FILE, *STOCK_MUTATION),
    exits={
        4: f"--complete must say of which place, or {OTHER_KEY}",
        **REFUSED_LINES,
        7: "--complete wants to be confirmed",
    },
    columns=_COUNTS,
    fields=BatchChange._fields,
    surplus="`invctl stock set {given[0]} {0}` counts one product",
)


def _agree(
    call: Invocation,
    db: "Database",
    rows: Iterable[FileRow | BadRow],
    place: str | None,
    *,
    yes: bool,
) -> None:
    """Say what a complete file counts as 0, and ask. Raises ConfirmationRequired."""
    from invctl.core.counting.file import unnamed

    missing, some = unnamed(db, rows, place)
    if not missing:
        return
    what = counted(missing, "product")
    if place is not None:  # of each product each place and lot is counted by itself
        what = f"{counted(missing, 'row')} of the sheet of {printable(place)}"
    which = f"{what} as 0 that the file does not name: {printable(some)}"
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
