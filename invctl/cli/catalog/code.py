"""`invctl code …`: barcodes and other codes that stand for products."""

from typing import Annotated

import typer

from invctl.cli.arguments import File, Sku
from invctl.cli.invocation import invocation
from invctl.cli.options import FILE, KEYED_MUTATION
from invctl.cli.printing.words import counted
from invctl.cli.spec import OTHER_KEY, REFUSED_LINES, UNKNOWN_PRODUCT, Spec
from invctl.errors import command
from invctl.models.batches import ImportChange
from invctl.models.fields import CODE_COLUMNS, CODE_FIELDS
from invctl.models.products import CodeChange
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
        change = add_code(db, sku, code, units=per_scan, told=told, attempt=call.attempt())
    is_new = bool(told) or change.replayed  # of a retry it is not told what it did then
    out.change(change, _sentence(change, " means" if is_new else ": unchanged, it means"))


ADD = Spec(
    add,
    (
        "invctl code add TSHIRT-RED-L 4006381333931",
        "invctl code add TSHIRT-RED-L BOX-OF-12 --units 12",
    ),
    KEYED_MUTATION,
    exits={**UNKNOWN_PRODUCT, 4: f"it is another product's code, or a SKU, or {OTHER_KEY}"},
    fields=CodeChange._fields,
    surplus="`invctl code add {given[0]} {given[1]} --units {0}` says of how many units it is",
)


def remove(ctx: typer.Context, code: Code) -> None:
    """Let a code stand for nothing any more."""
    call = invocation(ctx)
    out = call.writer(CodeChange._fields)
    with call.inventory() as db:
        from invctl.core.codes import remove_code

        change = remove_code(db, code, attempt=call.attempt())
    out.change(change, _sentence(change, " means no more"))


REMOVE = Spec(
    remove,
    (
        "invctl code remove 036000291452 --dry-run",
        "invctl code remove 36000291452 --dry-run -o json",
    ),
    KEYED_MUTATION,
    exits={3: "there is no such code", 4: OTHER_KEY},
    fields=CodeChange._fields,
)


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


LIST = Spec(
    list_,
    ("invctl code list TSHIRT-RED-L", "invctl code list -o csv"),
    exits=UNKNOWN_PRODUCT,
    fields=CODE_FIELDS,
)


def import_(ctx: typer.Context, file: File) -> None:
    """Add the codes of a file, all of them or none; known ones get its units, if it has any."""
    call = invocation(ctx)
    out = call.writer(ImportChange._fields)
    from invctl.cli.input import open_rows

    with open_rows(call, file, CODE_COLUMNS) as rows, call.inventory() as db:
        from invctl.core.codes import import_codes

        change = import_codes(db, rows, skipped=rows.skipped, attempt=call.attempt())
    added = counted(change.created, "code")
    rest = f"{change.updated} changed, {change.unchanged} unchanged"
    out.change(change, f"{added} added, {rest} (operation {change.operation})")


IMPORT = Spec(
    import_,
    (
        "invctl code import codes.csv --dry-run",
        "invctl code import codes.csv --map 'code=EAN' --ignore-extra",
    ),
    (*FILE, *KEYED_MUTATION),
    exits={4: OTHER_KEY, **REFUSED_LINES},
    columns={
        "sku": "which product",
        "code": "what a scanner reads",
        "units": "how many units one scan means; not given: as it is, 1 of a new code",
    },
    fields=ImportChange._fields,
)


def _sentence(change: CodeChange, means: str) -> str:
    """Return what became of a code: `4006381333931 means 6 units of MILK (operation 9)`."""
    what = change.sku if change.units == 1 else f"{counted(change.units, 'unit')} of {change.sku}"
    return f"{change.code}{means} {what} (operation {change.operation})"
