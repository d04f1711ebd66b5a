"""`invctl hold …`: units promised to somebody until a time."""

from typing import Annotated

import typer

from invctl.cli import arguments
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.options import FILE, STOCK_MUTATION
from invctl.cli.printing.words import counted, stock_sentence
from invctl.cli.promises.promised import COLUMNS, named, one_or_file, one_or_ref
from invctl.cli.spec import ARCHIVED_PRODUCT, OTHER_KEY, UNKNOWN_PRODUCT, Spec
from invctl.cli.stock.lowered import promised_low
from invctl.errors import UsageError
from invctl.models.fields import HOLD_STATES, PROMISE_COLUMNS, PROMISE_FIELDS
from invctl.models.promises import HoldChange
from invctl.models.stock import StockChange
from invctl.times import after, now_text
from invctl.values import parse_amount

_UNKNOWN = {3: "there is no such hold"}
_CLOSED = {4: f"it has run out or was closed before, or {OTHER_KEY}"}

RELEASE_INSTEAD = "`invctl hold release` lets go of what is held"

For = Annotated[
    str | None,
    typer.Option("--for", metavar="DURATION", help="How long: 45s, 15m, 2h, 7d; 15m if not given."),
]
Hold = Annotated[
    str | None,
    typer.Argument(metavar="HOLD", help="Its number, as `hold create` and `hold list` tell it."),
]


def create(
    ctx: typer.Context,
    sku: arguments.OptionalSku = None,
    amount: arguments.OptionalAmount = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="FILE|-", help="Hold what a file says, all of it or none."),
    ] = None,
    times: Annotated[
        str | None, typer.Option("--times", metavar="N", help="With --file: N times as much.")
    ] = None,
    lasting: For = None,
    no_expiry: Annotated[
        bool, typer.Option("--no-expiry", help="Until it is committed or released.")
    ] = False,
    up_to: Annotated[
        bool, typer.Option("--up-to", help="If fewer are free, hold those, and say how many.")
    ] = False,
) -> None:
    """Hold units of a product, so that nobody else takes them."""
    call = invocation(ctx)
    out = call.writer(HoldChange._fields)
    how_long = _how_long(lasting, no_expiry=no_expiry)
    asked = one_or_file(call, "hold create", sku, amount, file)
    if (times is not None and file is None) or (up_to and file is not None):
        raise UsageError("--times goes with --file, --up-to without it")
    if isinstance(asked, str):
        out.one_or_several(_create_all(call, asked, times, how_long), _sentence)
        return
    sku, amount = asked
    units = arguments.units(call, amount, RELEASE_INSTEAD)
    with call.inventory() as db:
        from invctl.core.promises.holds import create_hold

        change = create_hold(
            db,
            sku,
            units,
            lasting=how_long,
            up_to=up_to,
            label=call.label,
            attempt=call.attempt(),
        )
        sentence = _sentence(change) + promised_low(call, db, change)
    out.change(change, sentence)


CREATE = Spec(
    create,
    (
        "invctl hold create TSHIRT-RED-L 2 --for 30m --ref cart-1",
        "invctl hold create --file cart.csv --ref cart-2",
    ),
    (*FILE, *STOCK_MUTATION),
    exits={
        **UNKNOWN_PRODUCT,
        **ARCHIVED_PRODUCT,
        5: "not as many are free, and nothing is held",
        6: "lines were refused: each is named, and nothing is held",
    },
    columns=COLUMNS,
    fields=HoldChange._fields,
    negative=RELEASE_INSTEAD,
    surplus="`invctl hold create {given[0]} {given[1]} --ref {0}` says for whom",
)


def _create_all(
    call: Invocation, file: str, times: str | None, lasting: str | None
) -> list[HoldChange]:
    multiple = 1 if times is None else parse_amount(times, "--times")
    from invctl.cli.input import open_rows

    with open_rows(call, file, PROMISE_COLUMNS) as rows, call.inventory() as db:
        from invctl.core.promises.holds import create_holds

        return create_holds(
            db, rows, times=multiple, lasting=lasting, label=call.label, attempt=call.attempt()
        )


def _how_long(lasting: str | None, *, no_expiry: bool) -> str | None:
    from invctl.core.promises.holds import LASTING

    if no_expiry and lasting is not None:
        raise UsageError("--for and --no-expiry exclude each other")
    if lasting is not None:  # refused before a file is read; the inventory's clock says until when
        after(now_text(), lasting, "--for")
    return None if no_expiry else lasting or LASTING


def commit(
    ctx: typer.Context,
    hold: Hold = None,
    amount: Annotated[
        str | None,
        typer.Argument(metavar="AMOUNT", help="How many of its units; the rest is free again."),
    ] = None,
    source: arguments.From = None,
    lot: arguments.Lot = None,
) -> None:
    """Take the units of a hold out of stock; without HOLD, of all that have the --ref."""
    call = invocation(ctx)
    out = call.writer(StockChange._fields)
    number = one_or_ref(call, "hold", "commit", hold)
    units = None if amount is None else arguments.units(call, amount, RELEASE_INSTEAD)
    done: StockChange | list[StockChange]
    spot = arguments.spot("--from", source, lot, takes_any=True)
    if number is None and spot is not None:
        raise UsageError("--from goes with HOLD", "name the hold whose units are taken there")
    with call.inventory() as db:
        from invctl.cli.stock.picked import say_where_taken
        from invctl.core.promises.endings import commit_hold, commit_holds

        if number is None:
            label = call.label._replace(ref=None)  # here it is which ones, not what is said of them
            done = commit_holds(db, call.ref or "", label=label, attempt=call.attempt())
        else:
            done = commit_hold(
                db, number, units, spot=spot, label=call.label, attempt=call.attempt()
            )
        # All of a ref is one operation.
        say_where_taken(call, db, (done[0] if isinstance(done, list) else done).operation, spot)
    out.one_or_several(done, stock_sentence)


COMMIT = Spec(
    commit,
    ("invctl hold commit 1 --dry-run", "invctl hold commit --ref cart-0 --reason sale"),
    STOCK_MUTATION,
    exits={**_UNKNOWN, **_CLOSED},
    fields=StockChange._fields,
    negative=RELEASE_INSTEAD,
    surplus="`invctl hold commit {given[0]} {given[1]} --from {0}` takes them from there",
)


def release(ctx: typer.Context, hold: Hold = None) -> None:
    """Let the units of a hold go; without HOLD, of all that have the --ref."""
    call = invocation(ctx)
    out = call.writer(HoldChange._fields)
    number = one_or_ref(call, "hold", "release", hold)
    done: HoldChange | list[HoldChange]
    with call.inventory() as db:
        from invctl.core.promises.endings import release_hold, release_holds

        if number is None:
            label = call.label._replace(ref=None)
            done = release_holds(db, call.ref or "", label=label, attempt=call.attempt())
        else:
            done = release_hold(db, number, label=call.label, attempt=call.attempt())
    out.one_or_several(done, _sentence)


RELEASE = Spec(
    release,
    ("invctl hold release 1 --dry-run", "invctl hold release --ref cart-0"),
    STOCK_MUTATION,
    exits={**_UNKNOWN, **_CLOSED},
    fields=HoldChange._fields,
)


def extend(
    ctx: typer.Context,
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="Its number.")],
    lasting: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="How long from now: 45s, 15m, 2h, 7d.")
    ],
) -> None:
    """Make a hold good for so long from now on."""
    call = invocation(ctx)
    out = call.writer(HoldChange._fields)
    number = named("hold", hold)
    after(now_text(), lasting, "--for")
    with call.inventory() as db:
        from invctl.core.promises.holds import extend_hold

        change = extend_hold(db, number, lasting, label=call.label, attempt=call.attempt())
    out.change(change, _sentence(change))


EXTEND = Spec(
    extend,
    ("invctl hold extend 1 --for 15m", "invctl hold extend 1 --for 2h --dry-run"),
    STOCK_MUTATION,
    exits={**_UNKNOWN, **_CLOSED},
    fields=HoldChange._fields,
)


def list_(
    ctx: typer.Context,
    skus: arguments.Skus = None,
    refs: arguments.Refs = None,
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            metavar="STATE",
            help=f"{', '.join(HOLD_STATES)}; those that nobody has ended if not given.",
        ),
    ] = None,
) -> None:
    """List the holds, oldest first."""
    call = invocation(ctx)
    out = call.writer(PROMISE_FIELDS)
    if state is not None:
        arguments.one_of(state, HOLD_STATES, "--state")
    with call.inventory() as db:
        from invctl.cli.printing.layouts import HOLDS
        from invctl.core.promises.holds import list_holds

        rows = list_holds(db, skus=skus or (), refs=refs or (), state=state)
        is_picked = skus or refs or state is not None
        closed = "" if state else "; `--state all` lists closed ones, too"
        empty = f"no hold is like that{closed}" if is_picked else "nothing is held"
        out.listing(rows, limit=None, layout=HOLDS, empty=empty)


LIST = Spec(
    list_,
    ("invctl hold list --sku TSHIRT-RED-L", "invctl hold list --state all -o csv"),
    exits=UNKNOWN_PRODUCT,
    fields=PROMISE_FIELDS,
    surplus="`invctl hold list --sku {}` shows what of it is held",
)


def _sentence(change: HoldChange) -> str:
    """Return what became of a hold: `A-1: 3 held until …, 7 available (hold 4, operation 42)`."""
    if change.hold is None:
        return f"{change.sku}: nothing is free to be held (operation {change.operation})"
    did = "held" if change.state == "open" else change.state
    until = ""
    if change.state == "open" and change.due_at:
        from invctl.cli.printing.cells import moment

        until = f" until {' '.join(moment(change.due_at))}"
    left = f"{counted(change.available, 'unit')} available"
    numbers = f"hold {change.hold}, operation {change.operation}"
    return f"{change.sku}: {change.amount} {did}{until}, {left} ({numbers})"
