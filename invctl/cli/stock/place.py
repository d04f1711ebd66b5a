"""`invctl place …`: the places themselves; and `invctl stock move` and `where`, which need them."""

from typing import Annotated

import typer

from invctl.cli import arguments
from invctl.cli.arguments import Sku
from invctl.cli.exit_codes import ExitCode
from invctl.cli.invocation import invocation
from invctl.cli.printing.words import counted
from invctl.cli.stock.stock import REMOVE_INSTEAD, Amount
from invctl.errors import UsageError
from invctl.models import PLACE_FIELDS, WHERE_FIELDS, PlaceChange, StockChange
from invctl.times import last_day

Place = Annotated[str, typer.Argument(metavar="PLACE", help="A place, as `place list` tells it.")]


def move(
    ctx: typer.Context,
    sku: Sku,
    amount: Amount,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="PLACE", help="Where they are; if not given, in no place."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--to", metavar="PLACE", help="Where they go; if not given, in no place."),
    ] = None,
    lot: arguments.Lot = None,
) -> None:
    """Move units from one place to another; a product's stock stays what it is."""
    call = invocation(ctx)
    out = call.writer(StockChange._fields)
    units = arguments.units(call, amount, REMOVE_INSTEAD, sku)
    if source is None and target is None:
        raise UsageError("no place is named", "`--from` says where they are, `--to` where they go")
    from invctl.core.places.spots import ANY, check_spot

    if source == ANY:
        raise UsageError(f"--from {ANY} is for removals", "name the place where they are")
    begin = check_spot(source, lot if source is not None else None)
    end = check_spot(target, lot if source is None else None)
    with call.inventory() as db:
        from invctl.core.codes import units_of
        from invctl.core.places.stock import move_stock

        # Asked before: nothing can go wrong any more once they are moved.
        per_scan = units_of(db, sku) if call.form.is_for_people else 1
        change = move_stock(db, sku, units, begin, end, label=call.label, attempt=call.attempt)
    ends = f"from {begin.place or 'no place'} to {end.place or 'no place'}"
    did = f"moved {units * per_scan} {ends}, {change.quantity} in all as before"
    out.change(change, f"{change.sku}: {did} (operation {change.operation})")


def where(
    ctx: typer.Context,
    sku: Annotated[str | None, typer.Argument(metavar="SKU", help="The product's SKU.")] = None,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="PLACE", help="Only there, and in all that is inside it."),
    ] = None,
    expiring: Annotated[
        str | None,
        typer.Option(
            "--expiring",
            metavar="DURATION",
            help="Only what expires within that time from now, or has expired: 30d.",
        ),
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with exit code 8 if there is any.")
    ] = False,
) -> int:
    """List what lies where, of which lot, and what is in no place."""
    call = invocation(ctx)
    out = call.writer(WHERE_FIELDS)
    until = None if expiring is None else last_day(expiring, "--expiring")
    with call.inventory() as db:
        from invctl.cli.printing.layouts import WHERE
        from invctl.core.places.lists import list_where

        rows = list_where(db, sku, place=place, expiring=until)
        some = f"nothing of {sku} is in stock" if sku else "nothing is in stock"
        empty = "nothing lies there" if place else some
        empty = empty if expiring is None else "nothing expires by then"
        found = out.listing(rows, limit=None, layout=WHERE, empty=empty)
    return ExitCode.CHECK_SAID_YES if exit_code and found else ExitCode.SUCCESS


def list_(
    ctx: typer.Context,
    search: Annotated[
        str | None,
        typer.Option("--search", metavar="TEXT", help="Only with TEXT in the name."),
    ] = None,
) -> None:
    """List the places, and how much lies in each and inside it."""
    call = invocation(ctx)
    out = call.writer(PLACE_FIELDS)
    with call.inventory() as db:
        from invctl.cli.printing.layouts import PLACES
        from invctl.core.places.places import list_places

        rows = list_places(db, search=search)
        made = "`invctl stock add SKU AMOUNT --to PLACE` makes one"
        empty = "no place is like that" if search else f"no places yet; {made}"
        out.listing(rows, limit=None, layout=PLACES, empty=empty)


def rename(
    ctx: typer.Context,
    place: Place,
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its name from now on.")],
) -> None:
    """Give a place another name; what is inside it comes along."""
    call = invocation(ctx)
    out = call.writer(PlaceChange._fields)
    with call.inventory() as db:
        from invctl.core.places.places import rename_place

        change = rename_place(db, place, new, attempt=call.attempt)
    out.change(change, _sentence(change, f"was {place.strip()}"))


def remove(ctx: typer.Context, place: Place) -> None:
    """Remove an empty place; what happened in it stays in the log."""
    call = invocation(ctx)
    out = call.writer(PlaceChange._fields)
    with call.inventory() as db:
        from invctl.core.places.places import remove_place

        change = remove_place(db, place, attempt=call.attempt)
    out.change(change, _sentence(change, "removed"))


def _sentence(change: PlaceChange, did: str) -> str:
    held = f"{counted(change.units, 'unit')} of {counted(change.products, 'product')} in it"
    left = f", {held}" if change.units else ""
    return f"{change.place}: {did}{left} (operation {change.operation})"
