"""The arguments and options that several commands declare alike, and how their texts are read."""

from typing import Annotated

import typer

from invctl.cli.invocation import Invocation
from invctl.errors import InvalidValue
from invctl.times import format_time, parse_time
from invctl.values import parse_amount, parse_quantity

Sku = Annotated[str, typer.Argument(metavar="SKU", help="The product's SKU.")]
Limit = Annotated[
    str | None, typer.Option("--limit", metavar="N", help="Only the first N in printed order.")
]
Reverse = Annotated[bool, typer.Option("--reverse", help="The other way round.")]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="From then on: 2026-01-31, or 24h ago."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Up to then; a date to its end.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help="Quantities as they were then; a date's end."),
]


def optional_quantity(text: str | None, option: str) -> int | None:
    """Return an option that is a whole number from 0, or None where it was not given."""
    return None if text is None else parse_quantity(text, option)


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


def units(text: str, instead: str) -> int:
    """Return an AMOUNT; for a negative one the error says what to do `instead`."""
    try:
        return parse_amount(text)
    except InvalidValue as error:
        if text.startswith("-"):
            error.hint = instead
        raise
