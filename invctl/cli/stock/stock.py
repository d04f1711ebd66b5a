"""`invctl stock …`: what people and scripts do all day."""

from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli import arguments
from invctl.cli.arguments import File, Sku
from invctl.cli.exit_codes import ExitCode
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.printing.words import counted, stock_sentence
from invctl.errors import InvalidValue, InventoryError, UsageError
from invctl.models import (
    LOW_FIELDS,
    MOVEMENT_COLUMNS,
    BatchChange,
    LineChange,
    StockChange,
    Usage,
)
from invctl.times import parse_duration, whole_days
from invctl.values import parse_amount, parse_quantity

if TYPE_CHECKING:
    from invctl.core.bulk.recipes import Times
    from invctl.db.database import Database

ADD_INSTEAD = "`invctl stock add` is the verb that adds"
REMOVE_INSTEAD = "`invctl stock remove` is the verb that takes away"
_MOST_DAYS = 999_999_999
COUNT_INSTEAD = f"a count is 0 or more; {REMOVE_INSTEAD}"


Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="How many units, 1 or more.")]


def add(
    ctx: typer.Context,
    sku: Sku,
    amount: Amount,
    to: arguments.To = None,
    lot: arguments.Lot = None,
    expires: arguments.Expires = None,
) -> None:
    """Add units to a product's stock."""
    call = invocation(ctx)
    out = call.writer(StockChange._fields)
    units = arguments.units(call, amount, REMOVE_INSTEAD, sku)
    spot = arguments.spot("--to", to, lot, expires)
    with call.inventory() as db:
        label, attempt = call.label, call.attempt
        if spot is None:
            from invctl.core.stock import add_stock

            change = add_stock(db, sku, units, label=label, attempt=attempt)
        else:
            from invctl.core.places.stock import add_to_place

            change = add_to_place(db, sku, units, spot, label=label, attempt=attempt)
        sentence = _sentence(change, sku, units)
    out.change(change, sentence)


def remove(
    ctx: typer.Context,
    sku: Sku,
    amount: Amount,
    up_to: Annotated[
        bool, typer.Option("--up-to", help="If there are fewer, remove those, and say how many.")
    ] = False,
    source: arguments.From = None,
    lot: arguments.Lot = None,
) -> None:
    """Remove units from a product's stock; never more than there are."""
    call = invocation(ctx)
    out = call.writer(StockChange._fields)
    units = arguments.units(call, amount, ADD_INSTEAD, sku)
    spot = arguments.spot("--from", source, lot, takes_any=True)
    with call.inventory() as db:
        label, attempt = call.label, call.attempt
        if spot is None:
            from invctl.core.stock import remove_stock

            change = remove_stock(db, sku, units, up_to=up_to, label=label, attempt=attempt)
        else:
            from invctl.core.places.stock import remove_from_place

            change = remove_from_place(
                db, sku, units, spot, up_to=up_to, label=label, attempt=attempt
            )
        # Where fewer may have been taken the units tell nothing of the scans.
        sentence = _sentence(change, sku, 0 if up_to else units) + _now_low(call, db, change)
    out.change(change, sentence)


def set_(
    ctx: typer.Context,
    sku: Sku,
    quantity: Annotated[str, typer.Argument(metavar="QUANTITY", help="What was counted.")],
    expect: Annotated[
        str | None, typer.Option("--expect", metavar="N", help="Only if the stock is N now.")
    ] = None,
    place: arguments.In = None,
    lot: arguments.Lot = None,
) -> None:
    """Make a product's stock what was counted: more, fewer or as many."""
    call = invocation(ctx)
    out = call.writer(StockChange._fields)
    units = _counted(quantity)
    call.doubt_barcode(quantity)
    expected = arguments.optional_quantity(expect, "--expect")
    spot = arguments.spot("--in", place, lot)
    with call.inventory() as db:
        label, attempt = call.label, call.attempt
        if spot is None:
            from invctl.core.stock import set_stock

            change = set_stock(db, sku, units, expect=expected, label=label, attempt=attempt)
        else:
            from invctl.core.places.stock import count_place

            change = count_place(
                db, sku, units, spot, expect=expected, label=label, attempt=attempt
            )
        sentence = _sentence(change, sku, units) + _now_low(call, db, change)
    out.change(change, sentence)


def _counted(text: str) -> int:
    """Return a QUANTITY; for what looks like a change of it the error says which verb that is."""
    try:
        return parse_quantity(text)
    except InvalidValue as error:
        if text.startswith("+"):
            error.hint = ADD_INSTEAD
        raise


def apply(
    ctx: typer.Context,
    file: File,
    each: Annotated[
        bool,
        typer.Option("--each", help="Apply and answer each line by itself, as soon as it comes."),
    ] = False,
    times: Annotated[
        str | None,
        typer.Option(
            "--times", metavar="N|max", help="N times as much, or as often as it fits: a recipe."
        ),
    ] = None,
    lines: arguments.Lines = False,
) -> int | None:
    """Make all the movements of a CSV or JSON Lines file, or none of them."""
    call = invocation(ctx)
    if each:
        from invctl.cli.till.each import apply_each

        if lines:
            raise UsageError("--each answers each line anyway; it does not go with --lines")
        if times is not None:
            raise UsageError("--times is for all of a file; it does not go with --each")
        return apply_each(call, file)
    out = call.writer(LineChange._fields if lines else BatchChange._fields)
    told: list[LineChange] | None = [] if lines else None
    multiple = _times(times)
    from invctl.cli.input import open_rows

    opened = open_rows(call, file, MOVEMENT_COLUMNS, recipe=bool(times))
    with opened as rows, call.inventory() as db:
        from invctl.core.bulk.apply import apply_movements

        change = apply_movements(
            db,
            rows,
            label=call.label,
            file_hash=None if call.key else rows.file_hash(),
            told_lines=told,
            times=multiple,
            attempt=call.attempt,
        )
    out.change_or_lines(change, _batch_sentence(change, call.seconds), told)
    return None


def _times(text: str | None) -> "Times | None":
    """Return how many times a file is to be applied. Raises InvalidValue."""
    if text is None or text == "max":
        return text  # type: ignore[return-value]
    return parse_amount(text, "--times")


ExitCodeIfAny = Annotated[
    bool, typer.Option("--exit-code", help="End with exit code 8 if there are any.")
]


def low(ctx: typer.Context, exit_code: ExitCodeIfAny = False) -> int:
    """List the products with as few as their reorder point, or fewer, and how many to order."""
    call = invocation(ctx)
    out = call.writer(LOW_FIELDS)
    with call.inventory() as db:
        from invctl.cli.printing.layouts import LOW
        from invctl.core.catalog import list_low

        rows = list_low(db)
        empty = (
            "nothing is at or under its reorder point; "
            "`invctl product update SKU --reorder-point N` sets one"
        )
        found = out.listing(rows, limit=None, layout=LOW, empty=empty)
    return ExitCode.CHECK_SAID_YES if exit_code and found else ExitCode.SUCCESS


def _sentence(change: StockChange, typed: str, amount: int) -> str:
    """Return what a change did; of a code that was typed, in how many scans of it."""
    is_sku = typed.strip().upper() == change.sku.upper()
    return stock_sentence(change, 0 if is_sku else amount)


def usage(
    ctx: typer.Context,
    days: Annotated[
        str | None,
        typer.Option("--days", metavar="N", help="Over the last N days; 90 if not given."),
    ] = None,
    idle: Annotated[
        str | None,
        typer.Option(
            "--idle",
            metavar="DURATION",
            help="Only what is in stock and did not go out for so long: 180d, 26w.",
        ),
    ] = None,
    exit_code: ExitCodeIfAny = False,
) -> int:
    """List what went out of each product, most of all first, and for how many days it is enough."""
    call = invocation(ctx)
    out = call.writer(Usage._fields)
    from invctl.core.usage import DAYS, stock_usage

    over = DAYS if days is None else _days(days)
    if over > _MOST_DAYS:
        raise InvalidValue("--days", str(days), f"{days} days are longer than time is")
    if idle is not None:
        parse_duration(idle, "--idle")
    with call.inventory() as db:
        from invctl.cli.printing.layouts import IDLE, USAGE

        rows = stock_usage(db, days=over, idle=idle)
        layout, empty = USAGE, "there is no product yet"
        if idle is not None:
            layout, empty = IDLE, "nothing has lain still for so long"
        found = out.listing(rows, limit=None, layout=layout, empty=empty)
    return ExitCode.CHECK_SAID_YES if exit_code and found else ExitCode.SUCCESS


def _days(text: str) -> int:
    """Return a number of days; a duration is refused by what would do."""
    try:
        return parse_amount(text, "--days")
    except InvalidValue as error:
        meant = whole_days(text)
        if meant is None:
            raise
        problem = f"{error.details['problem']} ({meant} would do)"
        raise InvalidValue("--days", text, problem) from error


def _now_low(call: Invocation, db: "Database", change: StockChange) -> str:
    """Return what to add where a product has just become low, which only people are told."""
    if not change.low or change.delta >= 0 or not call.form.is_for_people:
        return ""
    from invctl.core.catalog import get_product

    try:
        product = get_product(db, change.sku)
    except InventoryError:  # the change is done, whatever else cannot be told
        return ""
    before = product.available + product.expected - change.delta
    was_low = product.reorder_point is not None and before <= product.reorder_point
    return "" if was_low else ", now low"


def _batch_sentence(change: BatchChange, seconds: float) -> str:
    did = f"{counted(change.movements, 'movement')} of {counted(change.products, 'product')}"
    lines = counted(change.lines, "line")
    if change.times is not None:
        lines += f", {counted(change.times, 'time')}"
    return f"{lines}: {did} in {seconds:.1f} s (operation {change.operation})"
