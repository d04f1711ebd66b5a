"""`invctl code …`: barcodes and other codes that stand for products."""

from typing import Annotated

import typer

from invctl.cli.arguments import File, Sku
from invctl.cli.invocation import invocation
from invctl.cli.printing.words import counted
from invctl.errors import command
from invctl.models import CODE_COLUMNS, CODE_FIELDS, CodeChange, ImportChange
from invctl.values import parse_amount

Code = Annotated[str, typer.Argument(metavar="CODE", help="What a scanner reads.")]


def add(
    ctx: typer.Context,
    sku: Sku,
    code: Code,
    units: Annotated[
        str | None,
        typer.Option(
            "--units", metavar="N", help="How many units one scan means; else 1, or as it is."
        ),
    ] = None,
) -> None:
    """Let a code stand for a product, wherever a SKU is asked for."""
    call = invocation(ctx)
    out = call.writer(CodeChange._fields)
    per_scan = None if units is None else parse_amount(units, "--units")
    with call.inventory() as db:
        from invctl.core.codes import add_code

        told: list[str] = []
        change = add_code(db, sku, code, units=per_scan, told=told, attempt=call.attempt)
    is_new = bool(told) or change.replayed
    out.change(change, _sentence(change, " means" if is_new else ": unchanged, it means"))


def remove(ctx: typer.Context, code: Code) -> None:
    """Let a code stand for nothing any more."""
    call = invocation(ctx)
    out = call.writer(CodeChange._fields)
    with call.inventory() as db:
        from invctl.core.codes import remove_code

        change = remove_code(db, code, attempt=call.attempt)
    out.change(change, _sentence(change, " means no more"))


def list_(
    ctx: typer.Context,
    sku: Annotated[
        str | None, typer.Argument(metavar="SKU", help="The codes of this product alone.")
    ] = None,
) -> None:
    """List the codes and what they stand for, in order of SKU."""
    call = invocation(ctx)
    out = call.writer(CODE_FIELDS)
    with call.inventory() as db:
        from invctl.cli.printing.layouts import CODES
        from invctl.core.codes import list_codes

        empty = f"there are no codes; {command('code', 'add', sku or 'SKU', 'CODE')} adds one"
        out.listing(list_codes(db, sku), limit=None, layout=CODES, empty=empty)


def import_(ctx: typer.Context, file: File) -> None:
    """Add the codes of a file, all of them or none; known ones get its units, if it has any."""
    call = invocation(ctx)
    out = call.writer(ImportChange._fields)
    from invctl.cli.input import open_rows

    with open_rows(call, file, CODE_COLUMNS) as rows, call.inventory() as db:
        from invctl.core.codes import import_codes

        change = import_codes(db, rows, attempt=call.attempt)
    added = counted(change.created, "code")
    rest = f"{change.updated} changed, {change.unchanged} unchanged"
    out.change(change, f"{added} added, {rest} (operation {change.operation})")


def _sentence(change: CodeChange, means: str) -> str:
    """Return what became of a code: `4006381333931 means 6 units of MILK (operation 9)`."""
    what = change.sku if change.units == 1 else f"{counted(change.units, 'unit')} of {change.sku}"
    return f"{change.code}{means} {what} (operation {change.operation})"
