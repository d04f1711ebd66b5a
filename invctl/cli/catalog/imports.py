"""`invctl product import`: products from a file, made and changed."""

from typing import Annotated

import typer

from invctl.cli import arguments
from invctl.cli.arguments import File
from invctl.cli.invocation import invocation
from invctl.cli.options import FILE, STOCK_MUTATION
from invctl.cli.printing.diagnostics import warn
from invctl.cli.printing.words import counted
from invctl.cli.spec import OTHER_KEY, REFUSED_LINES, Spec
from invctl.models.batches import ImportChange, LineImport
from invctl.models.fields import PRODUCT_COLUMNS, PRODUCT_RECORD

_FILE = {
    "sku": "which product; the only column that must be there",
    "name": "what it is called; a new product must have one",
    "description": "more about it",
    "quantity": "opening stock of a new product, 0 if not given; see --set-quantity",
    "reorder_point": "at so many units or fewer it counts as low",
    "archived": "true or false",
    "reorder_to": "how many there are to be after an order",
    "place": "where its opening stock lies, or with --set-quantity what was counted",
}


def import_(
    ctx: typer.Context,
    file: File,
    set_quantity: Annotated[
        bool,
        typer.Option(
            "--set-quantity", help="Take the file's quantities as counts of known products, too."
        ),
    ] = False,
    update_only: Annotated[
        bool, typer.Option("--update-only", help="Make no product: an unknown SKU is an error.")
    ] = False,
    unarchive: Annotated[
        bool, typer.Option("--unarchive", help="Bring back archived products that the file names.")
    ] = False,
    lines: arguments.Lines = False,
) -> None:
    """Create and update products from a CSV or JSON Lines file: all of it, or nothing."""
    call = invocation(ctx)
    out = call.writer(LineImport._fields if lines else ImportChange._fields)
    told: list[LineImport] | None = [] if lines else None
    from invctl.cli.input import input_name, open_rows

    with (
        open_rows(call, file, PRODUCT_COLUMNS, own=PRODUCT_RECORD) as rows,
        call.inventory(create=True) as db,
    ):
        from invctl.core.bulk.importing import ImportOptions
        from invctl.core.bulk.imports import import_products

        change = import_products(
            db,
            rows,
            options=ImportOptions(set_quantity, update_only, unarchive),
            label=call.label,
            told_lines=told,
            skipped=rows.skipped,
            attempt=call.attempt(),
        )
    is_told = "skip_empty" in call.file_flags or call.form.is_json  # which tell the counts
    if not (is_told or change.created or change.updated or change.unchanged):
        warn(f"{input_name(file)} has no line to be imported", quiet=call.quiet)
    out.change_or_lines(change, _import_sentence(change, call.seconds), told)


IMPORT = Spec(
    import_,
    (
        "invctl product import products.csv --dry-run",
        "invctl product import shop.csv --map 'sku=Item No.,name=Title' --ignore-extra",
    ),
    (*FILE, *STOCK_MUTATION),
    exits={4: OTHER_KEY, **REFUSED_LINES},
    columns=_FILE,
    fields=ImportChange._fields,
)


def _import_sentence(change: ImportChange, seconds: float) -> str:
    return (
        f"{change.created} created, {change.updated} updated, {change.unchanged} unchanged, "
        f"{counted(change.movements, 'movement')} in {seconds:.1f} s (operation {change.operation})"
    )
