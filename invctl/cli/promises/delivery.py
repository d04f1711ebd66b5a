"""`invctl delivery …`: what is on its way."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from invctl.cli import arguments
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.options import FILE, STOCK_MUTATION
from invctl.cli.printing.words import counted
from invctl.cli.promises.promised import COLUMNS, named, one_or_file, one_or_ref
from invctl.cli.spec import ARCHIVED_PRODUCT, OTHER_KEY, UNKNOWN_PRODUCT, Spec
from invctl.cli.stock.change import REMOVE_INSTEAD
from invctl.cli.stock.lowered import promised_low
from invctl.models.fields import PROMISE_COLUMNS, PROMISE_FIELDS
from invctl.models.promises import DeliveryChange
from invctl.times import LAST, format_time, now_text, parse_ahead

_UNKNOWN = {3: "there is no such delivery"}
_CLOSED = {4: f"it was closed before, or {OTHER_KEY}"}

CANCEL_INSTEAD = "`invctl delivery cancel` expects no more of one"

Delivery = Annotated[
    str | None,
    typer.Argument(metavar="DELIVERY", help="Its number, as `delivery list` tells it."),
]


def expect(
    ctx: typer.Context,
    sku: arguments.OptionalSku = None,
    amount: arguments.OptionalAmount = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="FILE|-", help="Expect what a file says, such as an order."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="TIME", help="When: 2026-01-31, tomorrow, or 7d from now."),
    ] = None,
) -> None:
    """Note that units are on their way, so that nobody orders them twice."""
    call = invocation(ctx)
    out = call.writer(DeliveryChange._fields)
    asked = one_or_file(call, "delivery expect", sku, amount, file)
    if by is not None:  # refused before a file is read; what it means, the inventory's clock says
        parse_ahead(by, "--by", now_text())
    if isinstance(asked, str):
        out.one_or_several(_expect_all(call, asked, by), _sentence)
        return
    sku, amount = asked
    units = arguments.units(call, amount, CANCEL_INSTEAD)
    with call.inventory() as db:
        from invctl.core.promises.deliveries import expect_delivery

        change = expect_delivery(db, sku, units, by=by, label=call.label, attempt=call.attempt())
    out.change(change, _sentence(change))


EXPECT = Spec(
    expect,
    (
        "invctl delivery expect TSHIRT-RED-L 40 --by 7d --ref PO-1",
        "invctl delivery expect --file order.csv --ref PO-2",
    ),
    (*FILE, *STOCK_MUTATION),
    exits={
        **UNKNOWN_PRODUCT,
        **ARCHIVED_PRODUCT,
        6: "lines were refused: each is named, and nothing is expected",
    },
    columns=COLUMNS,
    fields=DeliveryChange._fields,
    negative=CANCEL_INSTEAD,
)


def _expect_all(call: Invocation, file: str, by: str | None) -> list[DeliveryChange]:
    from invctl.cli.input import open_rows

    with open_rows(call, file, PROMISE_COLUMNS) as rows, call.inventory() as db:
        from invctl.core.promises.deliveries import expect_deliveries

        return expect_deliveries(db, rows, by=by, label=call.label, attempt=call.attempt())


def receive(
    ctx: typer.Context,
    delivery: Delivery = None,
    amount: Annotated[
        str | None,
        typer.Argument(metavar="AMOUNT", help="How many have come; all that is left if not given."),
    ] = None,
    over: Annotated[bool, typer.Option("--over", help="Also more than was expected.")] = False,
    to: arguments.To = None,
    lot: arguments.Lot = None,
    expires: arguments.Expires = None,
) -> None:
    """Add what has come to the stock; without DELIVERY, all that is open with the --ref."""
    call = invocation(ctx)
    out = call.writer(DeliveryChange._fields)
    number = one_or_ref(call, "delivery", "receive", delivery)
    units = None if amount is None else arguments.units(call, amount, REMOVE_INSTEAD)
    done: DeliveryChange | list[DeliveryChange]
    spot = arguments.spot("--to", to, lot, expires)
    with call.inventory() as db:
        from invctl.core.promises.deliveries import receive_deliveries, receive_delivery

        label, attempt = call.label, call.attempt()
        if number is None:
            without = label._replace(ref=None)  # here it is which ones, not what is said of them
            done = receive_deliveries(db, call.ref or "", spot=spot, label=without, attempt=attempt)
        else:
            done = receive_delivery(
                db, number, units, over=over, spot=spot, label=label, attempt=attempt
            )
    out.one_or_several(done, _sentence)


RECEIVE = Spec(
    receive,
    ("invctl delivery receive 2 15", "invctl delivery receive --ref PO-0"),
    STOCK_MUTATION,
    exits={**_UNKNOWN, 4: f"more has come than was expected, {_CLOSED[4]}"},
    fields=DeliveryChange._fields,
    negative=REMOVE_INSTEAD,
    surplus="`invctl delivery receive {given[0]} {given[1]} --to {0}` puts them there",
)


def cancel(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its number.")],
) -> None:
    """Expect no more of a delivery."""
    call = invocation(ctx)
    out = call.writer(DeliveryChange._fields)
    number = named("delivery", delivery)
    with call.inventory() as db:
        from invctl.core.promises.deliveries import cancel_delivery

        change = cancel_delivery(db, number, label=call.label, attempt=call.attempt())
        sentence = _sentence(change) + promised_low(call, db, change)
    out.change(change, sentence)


CANCEL = Spec(
    cancel,
    ("invctl delivery cancel 2 --dry-run", "invctl delivery cancel 2 --reason sold-out"),
    STOCK_MUTATION,
    exits={**_UNKNOWN, **_CLOSED},
    fields=DeliveryChange._fields,
)


def list_(
    ctx: typer.Context,
    skus: arguments.Skus = None,
    refs: arguments.Refs = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those that should have come by now.")
    ] = False,
) -> None:
    """List what is on its way, oldest first."""
    call = invocation(ctx)
    out = call.writer(PROMISE_FIELDS)
    with call.inventory() as db:
        from invctl.cli.printing.layouts import DELIVERIES
        from invctl.core.promises.deliveries import list_deliveries

        rows = list_deliveries(db, skus=skus or (), refs=refs or (), overdue=overdue)
        if call.form.is_for_people:
            # With --overdue all of them are, by the inventory's clock: this one may be another.
            rows = _marked(rows, format_time(LAST) if overdue else now_text())
        is_picked = skus or refs or overdue
        empty = "no delivery is like that" if is_picked else "nothing is on its way"
        out.listing(rows, limit=None, layout=DELIVERIES, empty=empty)


LIST = Spec(
    list_,
    ("invctl delivery list --overdue", "invctl delivery list --ref PO-0 -o csv"),
    exits=UNKNOWN_PRODUCT,
    fields=PROMISE_FIELDS,
    surplus="`invctl delivery list --sku {}` shows what of it is on its way",
)


def _marked(
    chunks: Iterator[Sequence[tuple[Any, ...]]], now: str
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yield deliveries as people see them: what should have come by now is overdue."""
    state, due_at = PROMISE_FIELDS.index("state"), PROMISE_FIELDS.index("due_at")
    # `~` is later than any time: nobody said when.
    for rows in chunks:
        yield [
            (*row[:state], "overdue", *row[state + 1 :]) if (row[due_at] or "~") <= now else row
            for row in rows
        ]


def _sentence(change: DeliveryChange) -> str:
    """Return what became of one: `A-1: 40 expected by … (delivery 2, operation 7)`."""
    did = {"expect": "expected", "receive": "received", "cancel": "cancelled"}[change.kind]
    numbers = f"delivery {change.delivery}, operation {change.operation}"
    until = ""
    if change.kind == "expect" and change.due_at:
        from invctl.cli.printing.cells import moment

        until = f" by {' '.join(moment(change.due_at))}"
    now = f", {counted(change.quantity, 'unit')} now" if change.kind == "receive" else ""
    rest = ", and more to come" if change.kind == "receive" and change.state == "open" else ""
    return f"{change.sku}: {change.amount} {did}{until}{now}{rest} ({numbers})"
