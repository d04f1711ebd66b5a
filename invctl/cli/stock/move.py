"""`invctl stock move` and `where`: what lies in which place."""

from typing import Annotated

import typer

from invctl.cli import arguments
from invctl.cli.arguments import Amount, Sku
from invctl.cli.exit_codes import ExitCode
from invctl.cli.invocation import invocation
from invctl.cli.options import STOCK_MUTATION
from invctl.cli.spec import ARCHIVED_PRODUCT, Spec
from invctl.cli.stock.change import REMOVE_INSTEAD
from invctl.errors import UsageError
from invctl.models.fields import WHERE_FIELDS
from invctl.models.stock import StockChange
from invctl.times import last_day


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
    # A lot is said of the first place: what comes out of none is put into it where it goes.
    begin = check_spot(source, lot if source is not None else None)
    end = check_spot(target, lot if source is None else None)
    with call.inventory() as db:
        from invctl.core.codes import units_of
        from invctl.core.places.stock import move_stock

        # Asked before: nothing can go wrong any more once they are moved.
        per_scan = units_of(db, sku) if call.form.is_for_people else 1
        change = move_stock(db, sku, units, begin, end, label=call.label, attempt=call.attempt())
    ends = f"from {begin.place or 'no place'} to {end.place or 'no place'}"
    did = f"moved {units * per_scan} {ends}, {change.quantity} in all as before"
    out.change(change, f"{change.sku}: {did} (operation {change.operation})")


MOVE = Spec(
    move,
    (
        "invctl stock move MUG 2 --from SHOP/SHELF-1 --to VAN",
        "invctl stock move TSHIRT-RED-L 5 --to SHOP/SHELF-1 --dry-run",
    ),
    STOCK_MUTATION,
    exits={
        3: "there is no such product or place",
        **ARCHIVED_PRODUCT,
        5: "there are not enough in that place, and nothing was changed",
    },
    fields=StockChange._fields,
    negative="an amount is 1 or more; --from and --to say which way",
    surplus="`invctl stock move {given[0]} {given[1]} --from {0} --to {1}` says which way",
)


def where(
    ctx: typer.Context,
    sku: arguments.OptionalSku = None,
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


WHERE = Spec(
    where,
    ("invctl stock where MUG", "invctl stock where --expiring 30d --exit-code"),
    exits={3: "there is no such product or place", 8: "with --exit-code, if there is any"},
    fields=WHERE_FIELDS,
    surplus="`invctl stock where {given[0]} --place {0}` shows what of it lies there",
    instead={"--lot": "stock where -o tsv | grep LOT"},
)
