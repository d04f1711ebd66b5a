"""The arguments and options that several commands declare alike, and how their texts are read."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli.invocation import Invocation
from invctl.errors import InvalidValue, UsageError
from invctl.models.fields import KINDS
from invctl.times import format_time, parse_time
from invctl.values import parse_amount, parse_quantity

if TYPE_CHECKING:
    from invctl.core.places.spots import Spot

Sku = Annotated[str, typer.Argument(metavar="SKU", help="The product's SKU.")]
OptionalSku = Annotated[str | None, typer.Argument(metavar="SKU", help="The product's SKU.")]
SomeSkus = Annotated[
    list[str], typer.Argument(metavar="SKU...", help="The product's SKU, or those of several.")
]
File = Annotated[
    str, typer.Argument(metavar="FILE|-", help="CSV, TSV or JSONL, also gzipped; - is stdin.")
]
NewFile = Annotated[str, typer.Argument(metavar="FILE|-", help="A new file; - is standard output.")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="How many units, 1 or more.")]
OptionalAmount = Annotated[
    str | None, typer.Argument(metavar="AMOUNT", help="How many units, 1 or more.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without being asked.")]
Limit = Annotated[
    str | None, typer.Option("-n", "--limit", metavar="N", help="Show N of them at most.")
]
Reverse = Annotated[bool, typer.Option("--reverse", help="In the opposite order.")]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="From then on: 2026-01-31, or 24h ago."),
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="Up to then; a date includes that day."),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="TIME", help="Quantities as they were then; a date includes that day."
    ),
]

To = Annotated[
    str | None,
    typer.Option("--to", metavar="PLACE", help="In which place: SHOP/SHELF-1. A new one is made."),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="PLACE|any",
        help="Out of which place; any: out of all, what expires first before the rest.",
    ),
]
In = Annotated[
    str | None, typer.Option("--in", metavar="PLACE", help="What was counted is in that place.")
]
Lot = Annotated[str | None, typer.Option("--lot", metavar="LOT", help="Of which lot, there.")]
Expires = Annotated[
    str | None,
    typer.Option(
        "--expires",
        metavar="DATE",
        help="When that expires, as 2026-01-31; without --lot it names the lot, too.",
    ),
]
Lines = Annotated[
    bool, typer.Option("--lines", help="Print what each line does, one record a line.")
]
Skus = Annotated[
    list[str] | None,
    typer.Option("--sku", metavar="SKU", help="Only of this product; may be repeated."),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind", metavar="KIND", help="Only of this kind, such as remove; may be repeated."
    ),
]
Actors = Annotated[
    list[str] | None,
    typer.Option("--actor", metavar="NAME", help="Only by this person; may be repeated."),
]
Reasons = Annotated[
    list[str] | None,
    typer.Option("--reason", metavar="WORD", help="Only with this reason; may be repeated."),
]
Refs = Annotated[
    list[str] | None,
    typer.Option("--ref", metavar="TEXT", help="Only with this reference; may be repeated."),
]


def known_kinds(kinds: Sequence[str] | None) -> Sequence[str]:
    """Return the kinds of operations that were asked for. Raises UsageError for others."""
    for kind in kinds or ():
        if kind not in KINDS:
            raise UsageError(f"--kind: there is no kind '{kind}'", f"there are {', '.join(KINDS)}")
    return kinds or ()


def one_of(text: str, known: Collection[str], option: str) -> str:
    """Return what was given where one of a few words is wanted. Raises UsageError."""
    if text not in known:
        raise UsageError(f"{option}: '{text}' is not one of {', '.join(known)}")
    return text


def optional_quantity(text: str | None, option: str) -> int | None:
    """Return an option that is a whole number from 0, or None where it was not given."""
    return None if text is None else parse_quantity(text, option)


def optional_units(call: Invocation, text: str | None, option: str) -> int | None:
    """Return an option that is a number of units, or None; a scanner may have typed it."""
    call.doubt_barcode(text or "")
    return optional_quantity(text, option)


def one_more(count: int | None) -> int | None:
    """Return how many rows to ask for so that it shows whether a limit cut anything."""
    return None if count is None else count + 1


def moment(
    call: Invocation, text: str | None, option: str, *, end_of_day: bool = False
) -> str | None:
    """Return a time option as it is compared with stored times; one in doubt is said."""
    if text is None:
        return None
    found = format_time(parse_time(text, option, end_of_day=end_of_day))
    call.say_doubt(text, option)
    return found


def period(call: Invocation, since: str | None, until: str | None) -> tuple[str | None, str | None]:
    """Return the bounds that `--since` and `--until` name, as they are compared with stored times.

    Raises UsageError where nothing could lie between them.
    """
    begin = moment(call, since, "--since")
    end = moment(call, until, "--until", end_of_day=True)
    if begin and end and begin > end:
        raise UsageError(f"--since {since} is later than --until {until}", "exchange them")
    return begin, end


def spot(
    option: str,
    place: str | None,
    lot: str | None,
    expires: str | None = None,
    *,
    takes_any: bool = False,
) -> "Spot | None":
    """Return the place that an option names, with its lot; None where none is named.

    Raises UsageError for a lot without a place.
    """
    if place is None:
        if lot is not None or expires is not None:
            given = "--lot" if lot is not None else "--expires"
            raise UsageError(f"{given} goes with {option}", "say in which place that is")
        return None
    from invctl.core.places.spots import check_spot

    # To services '' is not given: units would go to no place for want of a shell's variable.
    for name, text in ((option, place), ("--lot", lot), ("--expires", expires)):
        if text == "":
            raise UsageError(f"{name}: is empty")
    return check_spot(place, lot, expires, takes_any=takes_any)


def units(call: Invocation, text: str, instead: str, sku: str = "") -> int:
    """Return an AMOUNT; for a negative one the error says what to do `instead`."""
    try:
        amount = parse_amount(text)
    except InvalidValue as error:
        if text.startswith("-"):
            error.hint = instead
        elif sku.isdecimal() and not text[:1].isdecimal():  # `stock add 3 MUG`
            error.hint = "the SKU comes first, then the amount"
        raise
    call.doubt_barcode(text)
    return amount
