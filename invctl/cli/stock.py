"""`invctl stock …`: what people and scripts do all day."""

from typing import Annotated

import typer

from invctl.cli import arguments
from invctl.cli.arguments import Limit, Reverse, Since, Sku, Until
from invctl.cli.exit_codes import ExitCode
from invctl.cli.input import File, open_rows
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.streams import is_terminal
from invctl.cli.words import counted
from invctl.errors import UsageError
from invctl.models import (
    MOVEMENT_COLUMNS,
    MOVEMENT_FIELDS,
    PRODUCT_FIELDS,
    BatchChange,
    BatchUndo,
    StockChange,
    StockUndo,
)
from invctl.values import parse_identifier, parse_quantity

ADD_INSTEAD = "`invctl stock add` is the verb that adds"
REMOVE_INSTEAD = "`invctl stock remove` is the verb that takes away"
COUNT_INSTEAD = "a count is 0 or more"

_SCREENFUL = 10
UNDONE_FIELDS = tuple(dict.fromkeys((*StockUndo._fields, *BatchUndo._fields)))

Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="How many units, 1 or more.")]


def add(ctx: typer.Context, sku: Sku, amount: Amount) -> None:
    """Add units to a product's stock."""
    call = invocation(ctx)
    out = call.writer(StockChange._fields)
    units = arguments.units(amount, REMOVE_INSTEAD, quiet=call.quiet)
    with call.inventory() as db:
        from invctl.core.stock import add_stock

        change = add_stock(db, sku, units, label=call.label, attempt=call.attempt)
    out.change(change, _sentence(change))


def remove(
    ctx: typer.Context,
    sku: Sku,
    amount: Amount,
    up_to: Annotated[
        bool, typer.Option("--up-to", help="If there are fewer, remove those, and say how many.")
    ] = False,
) -> None:
    """Remove units from a product's stock; never more than there are."""
    call = invocation(ctx)
    out = call.writer(StockChange._fields)
    units = arguments.units(amount, ADD_INSTEAD, quiet=call.quiet)
    with call.inventory() as db:
        from invctl.core.stock import remove_stock

        change = remove_stock(db, sku, units, up_to=up_to, label=call.label, attempt=call.attempt)
    out.change(change, _sentence(change))


def set_(
    ctx: typer.Context,
    sku: Sku,
    quantity: Annotated[str, typer.Argument(metavar="QUANTITY", help="What was counted.")],
    expect: Annotated[
        str | None, typer.Option("--expect", metavar="N", help="Only if the stock is N now.")
    ] = None,
) -> None:
    """Make a product's stock what was counted: more, fewer or as many."""
    call = invocation(ctx)
    out = call.writer(StockChange._fields)
    units = parse_quantity(quantity)
    arguments.doubt_barcode(quantity, quiet=call.quiet)
    expected = arguments.optional_quantity(expect, "--expect")
    with call.inventory() as db:
        from invctl.core.stock import set_stock

        change = set_stock(db, sku, units, expect=expected, label=call.label, attempt=call.attempt)
    out.change(change, _sentence(change))


def apply(
    ctx: typer.Context,
    file: File,
    each: Annotated[
        bool,
        typer.Option("--each", help="Apply and answer each line by itself, as soon as it comes."),
    ] = False,
) -> int | None:
    """Make all the movements of a CSV or JSON Lines file, or none of them."""
    call = invocation(ctx)
    if each:
        from invctl.cli.each import apply_each

        return apply_each(call, file)
    out = call.writer(BatchChange._fields)
    with open_rows(call, file, MOVEMENT_COLUMNS) as rows, call.inventory() as db:
        from invctl.core.apply import apply_movements

        change = apply_movements(db, rows, label=call.label, attempt=call.attempt)
    out.change(change, _batch_sentence(change, call.seconds))
    return None


def history(
    ctx: typer.Context,
    sku: Sku,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    reverse: Reverse = False,
    chart: Annotated[
        bool, typer.Option("--chart", help="Draw the balance over time instead.")
    ] = False,
) -> None:
    """Show a product's movements, oldest first."""
    call = invocation(ctx)
    out = call.writer(MOVEMENT_FIELDS)
    most = arguments.optional_quantity(limit, "--limit")
    begin, end = arguments.period(call, since, until)
    with call.inventory() as db:
        from invctl.cli.layouts import HISTORY
        from invctl.core.catalog import get_product
        from invctl.core.ledger import Filter, stock_history

        if chart:
            until_then = stock_history(db, sku, Filter(until=end))
            out.chart(get_product(db, sku), until_then, since=begin)
            return
        only = Filter(since=begin, until=end)
        rows = stock_history(db, sku, only, limit=arguments.one_more(most), reverse=reverse)
        out.listing(rows, limit=most, layout=HISTORY, empty=f"{sku} has no such movements")


def log(
    ctx: typer.Context,
    since_id: Annotated[
        str | None,
        typer.Option(
            "--since-id", metavar="N", help="Only what came after the movement with that ID."
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    with_reasons: Annotated[
        list[str] | None,
        typer.Option("--reason", metavar="WORD", help="Only with this reason; may be repeated."),
    ] = None,
    with_refs: Annotated[
        list[str] | None,
        typer.Option("--ref", metavar="TEXT", help="Only with this reference; may be repeated."),
    ] = None,
    limit: Limit = None,
    reverse: Reverse = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Stay, and show movements as anyone makes them.")
    ] = False,
) -> None:
    """Show the movements of all products, oldest first."""
    call = invocation(ctx)
    out = call.writer(MOVEMENT_FIELDS)
    most = arguments.optional_quantity(limit, "--limit")
    after = arguments.optional_quantity(since_id, "--since-id")
    begin, end = arguments.period(call, since, until)
    if follow:
        most = _latest(call, most, reverse=reverse, begins=since is not None or after is not None)
    from invctl.cli.signals import closing_first

    with closing_first(), call.inventory() as db:
        from invctl.cli.layouts import MOVEMENTS
        from invctl.core.ledger import Filter, follow_log, stock_log

        only = Filter(
            since=begin,
            until=end,
            reasons=with_reasons or (),
            refs=with_refs or (),
        )
        if follow:
            out.follow(follow_log(db, only, since_id=after, begin_with=most), layout=MOVEMENTS)
            return
        rows = stock_log(db, only, since_id=after, limit=arguments.one_more(most), reverse=reverse)
        picky = after or any(only)
        empty = "no movement is like that" if picky else "no movements yet; see `invctl stock -h`"
        out.listing(rows, limit=most, layout=MOVEMENTS, empty=empty)


def _latest(call: Invocation, most: int | None, *, reverse: bool, begins: bool) -> int | None:
    """Return how many movements a log that goes on begins with, None for all that were asked for.

    On a terminal they are few, unless it was said where it begins. Raises UsageError.
    """
    if reverse:
        raise UsageError("--follow goes on, and has no end to begin at for --reverse")
    if call.form.effective == "json":
        raise UsageError("--follow has no end, and an array in json wants one", "use -o jsonl")
    return _SCREENFUL if most is None and not begins and is_terminal(1) else most


def low(
    ctx: typer.Context,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with exit code 8 if there are any.")
    ] = False,
) -> int:
    """List the products with as few as their reorder point, or fewer."""
    call = invocation(ctx)
    out = call.writer(PRODUCT_FIELDS)
    with call.inventory() as db:
        from invctl.cli.layouts import PRODUCTS
        from invctl.core.catalog import list_products

        rows = list_products(db, low=True)
        empty = "nothing is low; `invctl product update SKU --reorder-point N` says what is"
        found = out.listing(rows, limit=None, layout=PRODUCTS, empty=empty)
    return ExitCode.CHECK_SAID_YES if exit_code and found else ExitCode.SUCCESS


def undo(
    ctx: typer.Context,
    operation: Annotated[
        str, typer.Argument(metavar="OPERATION_ID", help="Its number, as its answer told it.")
    ],
) -> None:
    """Take back an operation: what it moved, and what it changed in products."""
    call = invocation(ctx)
    out = call.writer(UNDONE_FIELDS)
    undone = parse_identifier(operation, "OPERATION_ID")
    with call.inventory() as db:
        from invctl.core.undo import undo_operation

        change = undo_operation(db, undone, label=call.label, attempt=call.attempt)
    out.change(change, f"undid operation {undone}: {_undone_sentence(change)}")


def _sentence(change: StockChange | StockUndo) -> str:
    """Return what a change did to one product: `A-1: 10 → 7 (removed 3, operation 42)`."""
    before = change.quantity - change.delta
    did = "unchanged"
    if change.delta:
        did = f"{'added' if change.delta > 0 else 'removed'} {abs(change.delta)}"
    arrow = f"{before} → {change.quantity}"
    return f"{change.sku}: {arrow} ({did}, operation {change.operation})"


def _undone_sentence(change: StockUndo | BatchUndo) -> str:
    """Return what an undo did, in movements and in fields that it put back."""
    changes = [counted(change.changes, "change")] if change.changes else []
    if isinstance(change, StockUndo):
        return ", and ".join([_sentence(change), *changes])
    moved = [counted(change.movements, "movement")] if change.movements or not changes else []
    of = counted(change.products, "product")
    return f"{' and '.join(moved + changes)} of {of} (operation {change.operation})"


def _batch_sentence(change: BatchChange, seconds: float) -> str:
    did = f"{counted(change.movements, 'movement')} of {counted(change.products, 'product')}"
    lines = counted(change.lines, "line")
    return f"{lines}: {did} in {seconds:.1f} s (operation {change.operation})"
