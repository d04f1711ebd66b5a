"""`invctl stock low` and `usage`: what is to be ordered, and how fast it goes."""

from typing import Annotated

import typer

from invctl.cli.exit_codes import ExitCode
from invctl.cli.invocation import invocation
from invctl.cli.spec import Spec
from invctl.errors import InvalidValue
from invctl.models.fields import LOW_FIELDS
from invctl.models.reports import Usage
from invctl.times import parse_duration, whole_days
from invctl.values import parse_amount

_MOST_DAYS = 999_999_999  # as a `timedelta` has them
_SOLD = (
    "--days N ends today; `invctl stock log --by sku --net --kind remove --kind commit "
    "--kind apply --since TIME` sums up any time, what went out under `removed`"
)

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


LOW = Spec(
    low,
    ("invctl stock low", "invctl stock low --exit-code --quiet"),
    exits={8: "with --exit-code, if there are any"},
    fields=LOW_FIELDS,
    surplus="`invctl product show {0}` says whether it is low",
)


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
    if idle is not None:  # refused before anything is opened
        parse_duration(idle, "--idle")
    with call.inventory() as db:
        from invctl.cli.printing.layouts import IDLE, USAGE

        rows = stock_usage(db, days=over, idle=idle)
        layout, empty = USAGE, "there is no product yet"
        if idle is not None:
            layout, empty = IDLE, "nothing has lain still for so long"
        found = out.listing(rows, limit=None, layout=layout, empty=empty)
    return ExitCode.CHECK_SAID_YES if exit_code and found else ExitCode.SUCCESS


USAGE = Spec(
    usage,
    ("invctl stock usage --days 30", "invctl stock usage --idle 180d -o csv"),
    exits={8: "with --exit-code, if there are any"},
    fields=Usage._fields,
    surplus="`invctl stock history {0} --chart` draws how it went",
    instead={"--since": _SOLD, "--until": _SOLD},
)


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
