"""`invctl stock scan`: how a scanner's codes are to be understood; `till` answers them."""

from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli import arguments
from invctl.cli.exit_codes import ExitCode
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.options import UNKEYED_STOCK_MUTATION
from invctl.cli.printing.diagnostics import note
from invctl.cli.printing.streams import is_terminal
from invctl.cli.spec import Spec
from invctl.errors import PlaceNotFound, UsageError
from invctl.models.fields import PRODUCT_FIELDS, SCAN_MODES
from invctl.models.stock import StockChange

if TYPE_CHECKING:
    from invctl.core.scanned import Ends


# All that any answer may have: columns are judged before there is one.
FIELDS = tuple(
    dict.fromkeys(
        ("line", "code", "units", *StockChange._fields, *PRODUCT_FIELDS, "mode", "ref", "place")
    )
)
Mode = Annotated[
    str,
    typer.Option("--mode", metavar="MODE", help=f"{', '.join(SCAN_MODES)}; show if not given."),
]
_FORMATS = (None, "json", "jsonl", "table")


def scan(
    ctx: typer.Context,
    mode: Mode = "show",
    source: arguments.From = None,
    target: arguments.To = None,
    place: Annotated[
        str | None,
        typer.Option(
            "--place",
            metavar="PLACE",
            help="All of it lies there, what is counted, too; the code INVCTL:PLACE:PLACE says so.",
        ),
    ] = None,
    unknown: Annotated[
        str | None,
        typer.Option("--unknown", metavar="FILE", help="Add codes that nobody knows to a file."),
    ] = None,
    codes: Annotated[
        str | None,
        typer.Option(
            "--codes",
            metavar="FILE|-",
            help="Only write the control codes, to print: .svg or text; with --place those of the "
            "places in there.",
        ),
    ] = None,
) -> int:
    """Answer a scanner: take, add, count or show what is scanned, a code a line."""
    call = invocation(ctx)
    if codes is not None:
        _write_codes(call, codes, place)
        return ExitCode.SUCCESS
    arguments.one_of(mode, SCAN_MODES, "--mode")
    if call.output not in _FORMATS:
        raise UsageError(f"scans are answered in jsonl, not {call.output}")
    ends = _ends(mode, source, target, place)
    if is_terminal(0):
        ends_it = "ends it and takes the count, Ctrl-C does not" if mode == "count" else "ends it"
        note(f"scan in mode {mode}; INVCTL:DONE or Ctrl-D {ends_it}", quiet=call.quiet)
    from invctl.cli.till.till import answer_scans

    return answer_scans(call, mode, ends, unknown, fields=call.picked(FIELDS))


SCAN = Spec(
    scan,
    (
        "invctl stock scan --codes -",
        "invctl stock scan --mode remove --reason sale --unknown odd.txt < scans.txt",
    ),
    UNKEYED_STOCK_MUTATION,
    exits={
        3: "a code was unknown (the first refusal says how it ends)",
        5: "there were not enough of something",
    },
    fields=FIELDS,
    surplus="codes are scanned, or typed, once it runs; `--mode remove` says what for",
)


def _write_codes(call: Invocation, file: str, place: str | None) -> None:
    """Write the control codes to print, or those of the places in one, to a new file."""
    from invctl.cli.till.code_sheet import code_sheet
    from invctl.cli.writing import written

    sheet = code_sheet(file, None if place is None else _inside(call, place))
    with written(file, call) as write:
        write([sheet])


def _inside(call: Invocation, place: str) -> list[str]:
    """Return the names of a place and of those inside it. Raises PlaceNotFound."""
    from invctl.core.places.places import list_places
    from invctl.core.places.spots import check_place, is_inside

    above = check_place(place)
    with call.inventory() as db:
        names = [row[0] for rows in list_places(db) for row in rows if is_inside(row[0], above)]
    if not names:
        raise PlaceNotFound(above)
    return names


def _ends(mode: str, source: str | None, target: str | None, place: str | None) -> "Ends":
    """Return where what is scanned lies, as the options say it. Raises UsageError."""
    from invctl.core.scanned import Ends

    if place is not None and (source is not None or target is not None):
        given = "--from" if source is not None else "--to"
        raise UsageError(f"{given} does not go with --place", "--place is both ends, and counts")
    if mode == "count" and (source is not None or target is not None):
        given = "--from" if source is not None else "--to"
        raise UsageError(
            f"{given} does not go with --mode count", "--place says where it is counted"
        )
    spots = (
        arguments.spot("--from", source, None, takes_any=True),
        arguments.spot("--to", target, None),
        arguments.spot("--place", place, None),
    )
    begin, end, both = (one.place if one else None for one in spots)
    return Ends(begin or both, end or both, both)
