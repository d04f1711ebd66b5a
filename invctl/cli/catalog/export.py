"""`invctl product export`: every product as a file that `import` reads back without a change."""

from typing import Annotated

import typer

from invctl.cli import arguments
from invctl.cli.invocation import invocation
from invctl.cli.printing.diagnostics import note
from invctl.cli.printing.words import counted
from invctl.cli.spec import Spec
from invctl.cli.writing import Texts, chosen_format, is_named, written
from invctl.errors import UsageError
from invctl.models.fields import EXPORT_FIELDS, PRODUCT_FIELDS
from invctl.text import printable

FORMATS = ("csv", "jsonl")


def export(
    ctx: typer.Context,
    file: arguments.NewFile = "-",
    csv_safe: Annotated[
        bool,
        typer.Option(
            "--csv-safe", help="Disarm what a spreadsheet would run as a formula; for reading only."
        ),
    ] = False,
) -> None:
    """Write all products, archived ones too, as a file that `product import` reads back."""
    call = invocation(ctx)
    chosen = chosen_format(call, file, "export writes", FORMATS)
    if csv_safe and chosen != "csv":
        raise UsageError("--csv-safe goes with csv")
    fields = call.picked(EXPORT_FIELDS) or EXPORT_FIELDS
    places = [PRODUCT_FIELDS.index(name) for name in fields]
    with call.inventory() as db, written(file, call) as write:
        from invctl.core.catalog import list_products
        from invctl.files.writing import encoder

        encode = encoder(chosen, fields, csv_safe=csv_safe, header=not call.no_header)
        products = list_products(db, archived=None)
        texts = Texts(encode, products, lambda row: tuple(row[place] for place in places))
        write(texts)
    if is_named(file):
        what = counted(texts.rows, "product")
        note(f"exported {what} to {printable(file)}", quiet=call.quiet)


EXPORT = Spec(
    export,
    ("invctl product export products.csv", "invctl product export -o jsonl > products.jsonl"),
    exits={4: "there is a file of that name"},
    fields=EXPORT_FIELDS,
)
