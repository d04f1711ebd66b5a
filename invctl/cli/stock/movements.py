"""`invctl stock history` and `stock log`: movements, one by one or what they come to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli import arguments
from invctl.cli.arguments import Limit, Reverse, Since, Sku, Until
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.printing.streams import is_terminal
from invctl.cli.spec import UNKNOWN_PRODUCT, Spec
from invctl.errors import UsageError
from invctl.models.fields import MOVEMENT_FIELDS, TOTALS_BY

if TYPE_CHECKING:
    from invctl.core.ledger import Filter
    from invctl.db.database import Database


_SCREENFUL = 10
"""Movements with which a log that goes on begins on a terminal, if nothing else is said."""

SinceId = Annotated[
    str | None,
    typer.Option("--since-id", metavar="N", help="Only what came after the movement with that ID."),
]
Place = Annotated[
    str | None,
    typer.Option("--place", metavar="PLACE", help="Only what came to that place, or left it."),
]
Lot = Annotated[str | None, typer.Option("--lot", metavar="LOT", help="Only of that lot.")]
Net = Annotated[
    bool, typer.Option("--net", help="Only what is in effect: nothing undone, and no undo.")
]
By = Annotated[
    str | None, typer.Option("--by", metavar="FIELD", help=f"Sums by {', '.join(TOTALS_BY)}.")
]
Follow = Annotated[
    bool, typer.Option("--follow", help="Stay, and show movements as anyone makes them.")
]


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
    if chart and reverse:
        raise UsageError("--reverse turns a list round, and --chart draws none", "leave one out")
    with call.inventory() as db:
        from invctl.cli.printing.layouts import HISTORY
        from invctl.core.catalog import get_product
        from invctl.core.ledger import Filter, stock_history

        if chart:
            # From the first: what was before `since` is the level that the line begins at.
            until_then = stock_history(db, sku, Filter(until=end))
            out.chart(get_product(db, sku), until_then, since=begin, limit=most)
            return
        only = Filter(since=begin, until=end)
        rows = stock_history(db, sku, only, limit=arguments.one_more(most), reverse=reverse)
        out.listing(
            rows, limit=most, last=not reverse, layout=HISTORY, empty=f"{sku} has no such movements"
        )


HISTORY = Spec(
    history,
    (
        "invctl stock history TSHIRT-RED-L --since 7d",
        "invctl stock history TSHIRT-RED-L --chart",
    ),
    exits=UNKNOWN_PRODUCT,
    fields=MOVEMENT_FIELDS,
    instead={
        "--lot": "stock log --sku SKU --lot LOT",
        "--place": "stock log --sku SKU --place PLACE",
    },
)


def log(
    ctx: typer.Context,
    since_id: SinceId = None,
    since: Since = None,
    until: Until = None,
    skus: arguments.Skus = None,
    kinds: arguments.Kinds = None,
    actors: arguments.Actors = None,
    reasons: arguments.Reasons = None,
    refs: arguments.Refs = None,
    place: Place = None,
    lot: Lot = None,
    net: Net = False,
    by: By = None,
    limit: Limit = None,
    reverse: Reverse = False,
    follow: Follow = False,
) -> None:
    """Show the movements of all products, oldest first, or what they come to."""
    call = invocation(ctx)
    _refuse_unlike(call, by, since_id=since_id, net=net, reverse=reverse, follow=follow)
    most = arguments.optional_quantity(limit, "--limit")
    after = arguments.optional_quantity(since_id, "--since-id")
    begin, end = arguments.period(call, since, until)
    from invctl.core.ledger import Filter

    only = Filter(
        since=begin,
        until=end,
        skus=skus or (),
        kinds=arguments.known_kinds(kinds),
        actors=actors or (),
        reasons=reasons or (),
        refs=refs or (),
        place=place,
        lot=lot,
        net=net,
    )
    with _opened(call, after) as db:
        if by is not None:
            _show_totals(call, db, only, by, most=most, reverse=reverse)
        elif follow:
            _follow(call, db, only, after=after, most=most)
        else:
            _show_log(call, db, only, after=after, most=most, reverse=reverse)


LOG = Spec(
    log,
    (
        "invctl stock log --since 7d --reason sale --net --by sku",
        "invctl stock log --follow",
    ),
    exits={3: "there is no such product or place"},
    fields=MOVEMENT_FIELDS,
    surplus="`invctl stock history {0}` shows those of one product, `--sku {0}` among others",
)


@contextmanager
def _opened(call: Invocation, after: int | None) -> Iterator["Database"]:
    """Open the inventory, and say where there is nothing to read on after."""
    from invctl.core.ledger import warn_of_no_such
    from invctl.stopping import closing_first

    with closing_first(), call.inventory() as db:  # else a signal leaves SQLite's log behind
        if after:
            warn_of_no_such(db, after)
            call.say_warnings(db)  # now: a log that is followed has no end
        yield db


def _refuse_unlike(
    call: Invocation,
    by: str | None,
    *,
    since_id: str | None,
    net: bool,
    reverse: bool,
    follow: bool,
) -> None:
    """Raise UsageError for sums of what there is none of, and what a log that goes on cannot be."""
    if follow:
        _refuse_with_follow(call, by, net=net, reverse=reverse)
    if by is not None:
        arguments.one_of(by, TOTALS_BY, "--by")
    if by is not None and since_id is not None:
        raise UsageError("--by sums up what happened when; --since-id goes by movements")


def _refuse_with_follow(call: Invocation, by: str | None, *, net: bool, reverse: bool) -> None:
    if net or by:
        option = "--net" if net else "--by"
        raise UsageError(f"--follow tells of what is yet to come, which {option} cannot sum up")
    if reverse:
        raise UsageError("--follow goes on, and has no end to begin at for --reverse")
    if call.form.effective == "json":
        raise UsageError("--follow has no end, and an array in json wants one", "use -o jsonl")


def _show_log(
    call: Invocation,
    db: "Database",
    only: "Filter",
    *,
    after: int | None,
    most: int | None,
    reverse: bool,
) -> None:
    from invctl.cli.printing.layouts import MOVEMENTS
    from invctl.core.ledger import stock_log

    out = call.writer(MOVEMENT_FIELDS)
    rows = stock_log(db, only, since_id=after, limit=arguments.one_more(most), reverse=reverse)
    picky = after or any(only)
    empty = "no movement is like that" if picky else "no movements yet; see `invctl stock -h`"
    # The last N, but behind an id the first N; turned round, these stand at the other end.
    last = (after is None) is not reverse
    out.listing(rows, limit=most, last=last, layout=MOVEMENTS, empty=empty)


def _follow(
    call: Invocation, db: "Database", only: "Filter", *, after: int | None, most: int | None
) -> None:
    from invctl.cli.printing.layouts import MOVEMENTS
    from invctl.core.following import follow_log

    # Who reads on somewhere misses nothing; on a screen the whole log would only run by.
    is_from_somewhere = after is not None or only.since is not None
    if most is None and not is_from_somewhere and is_terminal(1):
        most = _SCREENFUL
    out = call.writer(MOVEMENT_FIELDS)
    out.follow(follow_log(db, only, since_id=after, begin_with=most), layout=MOVEMENTS)


def _show_totals(
    call: Invocation,
    db: "Database",
    only: "Filter",
    by: str,
    *,
    most: int | None,
    reverse: bool,
) -> None:
    """Show what movements come to by a field, in order of it."""
    from invctl.cli.printing.layouts import totals_layout
    from invctl.core.ledger import movement_totals

    out = call.writer((by, "added", "removed", "net", "movements"))
    rows = movement_totals(db, only, by, limit=arguments.one_more(most), reverse=reverse)
    out.listing(rows, limit=most, layout=totals_layout(by), empty="no movement is like that")
