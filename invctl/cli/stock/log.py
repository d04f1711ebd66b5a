"""`invctl log`: what was done, an operation a line; or one of them in full."""

from typing import Annotated, Any

import typer

from invctl.cli import arguments
from invctl.cli.arguments import Limit, Reverse, Since, Until
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.spec import Spec
from invctl.errors import InvalidValue, UsageError, command
from invctl.models.fields import CHANGE_FIELDS, MOVEMENT_FIELDS, OPERATION_FIELDS
from invctl.values import parse_identifier

_IN_FULL = ("movement_records", "change_records")


def log(
    ctx: typer.Context,
    operation: Annotated[
        str | None,
        typer.Argument(metavar="OPERATION", help="Show this one, with all that it did."),
    ] = None,
    since: Since = None,
    until: Until = None,
    skus: arguments.Skus = None,
    kinds: arguments.Kinds = None,
    actors: arguments.Actors = None,
    reasons: arguments.Reasons = None,
    refs: arguments.Refs = None,
    limit: Limit = None,
    reverse: Reverse = False,
) -> None:
    """Show what was done, an operation a line, oldest first; or one of them in full."""
    call = invocation(ctx)
    if operation is not None:
        # A flag that is not given is False.
        filters = (since, until, skus, kinds, actors, reasons, refs, limit, reverse or None)
        if any(one is not None for one in filters):
            raise UsageError("one operation is shown in full: what filters a list has no use here")
        _show_one(call, _number(operation))
        return
    out = call.writer(OPERATION_FIELDS)
    begin, end = arguments.period(call, since, until)
    most = arguments.optional_quantity(limit, "--limit")
    with call.inventory() as db:
        from invctl.cli.printing.layouts import OPERATIONS
        from invctl.core.ledger import Filter
        from invctl.core.log import list_operations

        only = Filter(
            since=begin,
            until=end,
            skus=skus or (),
            kinds=arguments.known_kinds(kinds),
            actors=actors or (),
            reasons=reasons or (),
            refs=refs or (),
        )
        rows = list_operations(db, only, limit=arguments.one_more(most), reverse=reverse)
        empty = "no operation is like that" if any(only) else "nothing has been done yet"
        out.listing(rows, limit=most, last=not reverse, layout=OPERATIONS, empty=empty)


def _number(text: str) -> int:
    """Return the operation that is named; who named a product is told how to see its own."""
    try:
        return parse_identifier(text, "OPERATION")
    except InvalidValue as error:
        error.hint = f"{command('log', '--sku', text)} shows what was done to a product"
        raise


def _show_one(call: Invocation, number: int) -> None:
    out = call.writer((*OPERATION_FIELDS, *_IN_FULL))
    with call.inventory() as db:
        from invctl.core.log import get_operation

        found = get_operation(db, number)
    if not call.form.is_in_words:
        out.record(found)
        return
    out.record({name: value for name, value in found.items() if name not in _IN_FULL})
    _show_rows(call, found["movement_records"], MOVEMENT_FIELDS)
    _show_rows(call, found["change_records"], CHANGE_FIELDS)


def _show_rows(call: Invocation, records: list[dict[str, Any]], fields: tuple[str, ...]) -> None:
    """Show a part of an operation as a table, if there is anything in it."""
    from invctl.cli.printing.layouts import CHANGES, MOVEMENTS

    layout = MOVEMENTS if fields is MOVEMENT_FIELDS else CHANGES
    rows = [tuple(record.values()) for record in records]
    if rows:
        call.writer(fields).listing(iter([rows]), limit=None, layout=layout)


LOG = Spec(
    log,
    ("invctl log --since today", "invctl log 2"),
    exits={3: "there is no such operation"},
    fields=OPERATION_FIELDS,
)
