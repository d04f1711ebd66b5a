"""`invctl stock add|remove|set`: what people and scripts do all day."""

from typing import Annotated

import typer

from invctl.cli import arguments
from invctl.cli.arguments import Amount, Sku
from invctl.cli.invocation import invocation
from invctl.cli.options import STOCK_MUTATION
from invctl.cli.printing.words import stock_sentence
from invctl.cli.spec import ARCHIVED_PRODUCT, UNKNOWN_PRODUCT, Spec
from invctl.cli.stock.lowered import now_low
from invctl.errors import InvalidValue
from invctl.models.stock import StockChange
from invctl.values import parse_quantity

ADD_INSTEAD = "`invctl stock add` is the verb that adds"
REMOVE_INSTEAD = "`invctl stock remove` is the verb that takes away"
COUNT_INSTEAD = f"a count is 0 or more; {REMOVE_INSTEAD}"
_MOVES = "stock move SKU AMOUNT --from PLACE --to PLACE"


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
        label, attempt = call.label, call.attempt()
        if spot is None:
            from invctl.core.stock import add_stock

            change = add_stock(db, sku, units, label=label, attempt=attempt)
        else:
            from invctl.core.places.stock import add_to_place

            change = add_to_place(db, sku, units, spot, label=label, attempt=attempt)
        sentence = _sentence(change, sku, units)
    out.change(change, sentence)


ADD = Spec(
    add,
    (
        "invctl stock add TSHIRT-RED-L 5 --reason delivery",
        "invctl stock add MUG 6 --to SHOP/SHELF-1 --reason return --at 2h",
    ),
    STOCK_MUTATION,
    exits=UNKNOWN_PRODUCT | ARCHIVED_PRODUCT,
    fields=StockChange._fields,
    negative=REMOVE_INSTEAD,
    surplus="`invctl stock add {given[0]} {given[1]} --to {0}` puts them there",
    instead={"--from": _MOVES},
)


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
        label, attempt = call.label, call.attempt()
        if spot is None:
            from invctl.core.stock import remove_stock

            change = remove_stock(db, sku, units, up_to=up_to, label=label, attempt=attempt)
        else:
            from invctl.cli.stock.picked import say_where_taken
            from invctl.core.places.stock import remove_from_place

            change = remove_from_place(
                db, sku, units, spot, up_to=up_to, label=label, attempt=attempt
            )
            say_where_taken(call, db, change.operation, spot)
        # Where fewer may have been taken the units tell nothing of the scans.
        sentence = _sentence(change, sku, 0 if up_to else units) + now_low(call, db, change)
    out.change(change, sentence)


REMOVE = Spec(
    remove,
    (
        "invctl stock remove TSHIRT-RED-L 3 --reason sale --ref 1001",
        "invctl stock remove MUG 2 --from SHOP/SHELF-1 --dry-run",
    ),
    STOCK_MUTATION,
    exits={
        **UNKNOWN_PRODUCT,
        **ARCHIVED_PRODUCT,
        5: "there are not enough, and nothing was changed",
    },
    fields=StockChange._fields,
    negative=ADD_INSTEAD,
    surplus="`invctl stock remove {given[0]} {given[1]} --from {0}` takes them from there",
    instead={"--to": _MOVES},
)


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
        label, attempt = call.label, call.attempt()
        if spot is None:
            from invctl.core.stock import set_stock

            change = set_stock(db, sku, units, expect=expected, label=label, attempt=attempt)
        else:
            from invctl.core.places.stock import count_place

            change = count_place(
                db, sku, units, spot, expect=expected, label=label, attempt=attempt
            )
        sentence = _sentence(change, sku, units) + now_low(call, db, change)
    out.change(change, sentence)


SET = Spec(
    set_,
    (
        "invctl stock set TSHIRT-RED-L 12 --expect 9",
        "invctl stock set MUG 3 --in SHOP/SHELF-1 --reason count",
    ),
    STOCK_MUTATION,
    exits={**UNKNOWN_PRODUCT, 4: f"it is not what --expect says, or {ARCHIVED_PRODUCT[4]}"},
    fields=StockChange._fields,
    negative=COUNT_INSTEAD,
    surplus="`invctl stock set {given[0]} {given[1]} --in {0}` counts what lies there",
)


def _counted(text: str) -> int:
    """Return a QUANTITY; for what looks like a change of it the error says which verb that is."""
    try:
        return parse_quantity(text)
    except InvalidValue as error:
        if text.startswith("+"):
            error.hint = ADD_INSTEAD
        raise


def _sentence(change: StockChange, typed: str, amount: int) -> str:
    """Return what a change did; of a code that was typed, in how many scans of it."""
    # Case aside: under the strict rule a SKU may be typed so, and no code is one but for that.
    is_sku = typed.strip().upper() == change.sku.upper()
    return stock_sentence(change, 0 if is_sku else amount)
