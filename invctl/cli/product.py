"""`invctl product …`: what the products are, and lists of them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from invctl.cli import arguments
from invctl.cli.arguments import AsOf, Limit, Reverse, Sku, SomeSkus
from invctl.cli.diagnostics import confirm, note, warn
from invctl.cli.input import File, open_rows
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.words import counted
from invctl.errors import UsageError
from invctl.models import (
    PRODUCT_COLUMNS,
    PRODUCT_FIELDS,
    PRODUCT_RECORD,
    PRODUCT_SORTS,
    ImportChange,
    LineImport,
    ProductChange,
    ProductRow,
)
from invctl.text import printable

if TYPE_CHECKING:
    from invctl.cli.output import Output
    from invctl.core.products import Told
    from invctl.db.database import Database

ReorderPoint = Annotated[
    str | None,
    typer.Option("--reorder-point", metavar="N", help="With N units or fewer it counts as low."),
]
ReorderTo = Annotated[
    str | None,
    typer.Option("--reorder-to", metavar="N", help="When it is low, so many are to be had again."),
]
NewDescription = Annotated[
    str | None,
    typer.Option("--description", metavar="TEXT", help="More about it; '' for nothing."),
]
NewName = Annotated[str | None, typer.Option("--name", metavar="NAME", help="What it is called.")]
Search = Annotated[
    str | None,
    typer.Option(
        "--search",
        metavar="TEXT",
        help="Only with every word of TEXT in SKU, name, description or a code.",
    ),
]
Sort = Annotated[
    str,
    typer.Option(
        "--sort",
        metavar="FIELD",
        help=f"In order of {', '.join(PRODUCT_SORTS)}; by SKU if not given.",
    ),
]


def create(
    ctx: typer.Context,
    sku: Sku,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What it is called.")],
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help="More about it.")
    ] = None,
    quantity: Annotated[
        str | None,
        typer.Option("--quantity", metavar="N", help="How many there are at the beginning."),
    ] = None,
    reorder_point: ReorderPoint = None,
    reorder_to: ReorderTo = None,
) -> None:
    """Create a product, and the inventory with it if there is none."""
    call = invocation(ctx)
    out = call.writer(ProductChange._fields)
    opening = arguments.optional_quantity(quantity, "--quantity")
    call.doubt_barcode(quantity or "")
    point = arguments.optional_quantity(reorder_point, "--reorder-point")
    order_to = arguments.optional_quantity(reorder_to, "--reorder-to")
    with call.inventory(create=True) as db:
        from invctl.core.products import create_product

        change = create_product(
            db,
            sku,
            name=name,
            description=description,
            quantity=opening or 0,
            reorder_point=point,
            reorder_to=order_to,
            label=call.label,
            attempt=call.attempt,
        )
    out.change(change, _sentence(change, f"created with {change.quantity} in stock"))


def list_(
    ctx: typer.Context,
    search: Search = None,
    low: Annotated[
        bool, typer.Option("--low", help="Only those with as few as their reorder point, or fewer.")
    ] = False,
    archived: Annotated[bool, typer.Option("--archived", help="Only the archived ones.")] = False,
    sort: Sort = "sku",
    reverse: Reverse = False,
    limit: Limit = None,
    as_of: AsOf = None,
) -> None:
    """List the products, in order of SKU."""
    call = invocation(ctx)
    out = call.writer(PRODUCT_FIELDS)
    arguments.one_of(sort, PRODUCT_SORTS, "--sort")
    most = arguments.optional_quantity(limit, "--limit")
    then = arguments.moment(call, as_of, "--as-of", end_of_day=True)
    picky = search or low or archived
    below: list[int] = []
    with call.inventory() as db:
        from invctl.cli.layouts import PRODUCTS
        from invctl.core.catalog import list_products

        rows = list_products(
            db,
            search=search,
            low=low,
            archived=archived,
            sort=sort,
            reverse=reverse,
            limit=arguments.one_more(most),
            as_of=then,
        )
        if then is not None:
            rows = _noting_negative(rows, most, below)
        empty = "no product is like that; `invctl product list` shows the others" if picky else ""
        found = out.listing(rows, limit=most, layout=PRODUCTS, empty=empty)
        if not (found or picky) and call.form.effective == "table":
            note(_why_none(db, then=as_of), quiet=call.quiet)
    _say_negative(call, below)


def _noting_negative(
    rows: Iterator[Sequence[ProductRow]], most: int | None, below: list[int]
) -> Iterator[Sequence[ProductRow]]:
    """Yield rows; those quantities below 0 that are among the first `most` go into `below`."""
    place, left = PRODUCT_FIELDS.index("quantity"), most
    for chunk in rows:
        shown = chunk if left is None else chunk[:left]
        left = None if left is None else left - len(shown)
        below += [quantity for row in shown if (quantity := cast("int", row[place])) < 0]
        yield chunk


def _say_negative(call: Invocation, below: Sequence[int]) -> None:
    """Say to people why a quantity of then is less than nothing."""
    if below and call.form.effective == "table":
        those = "a quantity is" if len(below) == 1 else f"{len(below)} quantities are"
        why = "what went out is told to have happened before what came in"
        warn(f"{those} negative: {why}", quiet=call.quiet)


def _why_none(db: "Database", then: str | None) -> str:
    """Return why a list of all products is empty."""
    from invctl.core.inventory import inventory_info

    archived = inventory_info(db).products
    if not archived:
        return "no products yet; see `invctl product create -h`"
    if then is not None:
        return f"no product of today's was there at {then}"
    which = "the only product is" if archived == 1 else f"all {archived} products are"
    return f"{which} archived; `invctl product list --archived` shows what is"


def show(ctx: typer.Context, skus: SomeSkus, as_of: AsOf = None) -> None:
    """Show all that is known of a product, or a list of several."""
    call = invocation(ctx)
    out = call.writer(PRODUCT_FIELDS)
    then = arguments.moment(call, as_of, "--as-of", end_of_day=True)
    if len(skus) == 1:
        _show_one(call, skus[0], then)
        return
    below: list[int] = []
    with call.inventory() as db:
        from invctl.cli.layouts import PRODUCTS
        from invctl.core.catalog import get_products

        rows = _noting_negative(get_products(db, skus, as_of=then), None, below)
        out.listing(rows, limit=None, layout=PRODUCTS)
    _say_negative(call, below)


def _show_one(call: Invocation, sku: str, then: str | None) -> None:
    """Show one product, with what of it lies where if people read it."""
    out = call.writer(PRODUCT_FIELDS)
    in_words = call.form.effective == "table" and call.columns is None
    lying: list[tuple[object, ...]] | None = [] if in_words and then is None else None
    with call.inventory() as db:
        from invctl.core.catalog import get_product

        product = get_product(db, sku, as_of=then, lying=lying)
    out.record(product._asdict())
    _say_negative(call, [product.quantity] if product.quantity < 0 else [])
    if lying:
        from invctl.cli.layouts import LYING

        places = call.writer(tuple(LYING.titles))
        places.listing(iter([lying]), limit=None, layout=LYING)


def update(
    ctx: typer.Context,
    sku: Sku,
    name: NewName = None,
    description: NewDescription = None,
    reorder_point: ReorderPoint = None,
    no_reorder_point: Annotated[
        bool, typer.Option("--no-reorder-point", help="It never counts as low any more.")
    ] = False,
    reorder_to: ReorderTo = None,
    no_reorder_to: Annotated[
        bool, typer.Option("--no-reorder-to", help="Order just enough not to be low.")
    ] = False,
) -> None:
    """Change a product's name, description or reorder point."""
    call = invocation(ctx)
    out = call.writer(ProductChange._fields)
    point = arguments.optional_quantity(reorder_point, "--reorder-point")
    if no_reorder_point and point is not None:
        raise UsageError("--reorder-point and --no-reorder-point exclude each other")
    order_to = arguments.optional_quantity(reorder_to, "--reorder-to")
    if no_reorder_to and order_to is not None:
        raise UsageError("--reorder-to and --no-reorder-to exclude each other")
    given = (name, description, point, order_to) != (None, None, None, None)
    if not (given or no_reorder_point or no_reorder_to):
        raise UsageError(
            "nothing to update", "give --name, --description, --reorder-point or --reorder-to"
        )
    told: Told = []
    with call.inventory() as db:
        from invctl.core.products import update_product

        change = update_product(
            db,
            sku,
            name=name,
            description=description,
            reorder_point=point,
            forget_reorder_point=no_reorder_point,
            reorder_to=order_to,
            forget_reorder_to=no_reorder_to,
            told=told,
            attempt=call.attempt,
        )
    out.change(change, _sentence(change, "updated" if _did(change, told) else "unchanged"))


def rename(
    ctx: typer.Context,
    sku: Sku,
    new_sku: Annotated[str, typer.Argument(metavar="NEW_SKU", help="Its SKU from now on.")],
) -> None:
    """Give a product another SKU; its history stays with it."""
    call = invocation(ctx)
    out = call.writer(ProductChange._fields)
    told: Told = []
    with call.inventory() as db:
        from invctl.core.products import rename_product

        change = rename_product(db, sku, new_sku, told=told, attempt=call.attempt)
    was = next((before for _, _, before, _ in told), None) or printable(sku)
    did = f"was {was}" if _did(change, told) else "unchanged, it is called so already"
    out.change(change, _sentence(change, did))


def archive(ctx: typer.Context, skus: SomeSkus) -> None:
    """Hide a product, or several, and refuse changes of its stock; its history stays."""
    call = invocation(ctx)
    out = call.writer(ProductChange._fields)
    told: Told = []
    with call.inventory() as db:
        from invctl.core import products

        if len(skus) == 1:
            done = [products.archive_product(db, skus[0], told=told, attempt=call.attempt)]
        else:
            done = products.archive_products(db, skus, told=told, attempt=call.attempt)
    sentences = [
        _sentence(one, "archived" if _did(one, told) else "unchanged, it was archived already")
        for one in done
    ]
    _tell(out, done, sentences, is_list=len(skus) > 1)


def unarchive(ctx: typer.Context, skus: SomeSkus) -> None:
    """Bring an archived product back, or several."""
    call = invocation(ctx)
    out = call.writer(ProductChange._fields)
    told: Told = []
    with call.inventory() as db:
        from invctl.core import products

        if len(skus) == 1:
            done = [products.unarchive_product(db, skus[0], told=told, attempt=call.attempt)]
        else:
            done = products.unarchive_products(db, skus, told=told, attempt=call.attempt)
    sentences = [
        _sentence(
            one, "no longer archived" if _did(one, told) else "unchanged, it was not archived"
        )
        for one in done
    ]
    _tell(out, done, sentences, is_list=len(skus) > 1)


def _tell(
    out: "Output", done: Sequence[ProductChange], sentences: Sequence[str], *, is_list: bool
) -> None:
    """Write what became of a product, or of each of several."""
    if is_list:
        out.changes(done, sentences)
    else:
        out.change(done[0], sentences[0])


def delete(
    ctx: typer.Context,
    sku: Sku,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without being asked.")] = False,
) -> None:
    """Delete a product that never had a movement."""
    call = invocation(ctx)
    out = call.writer(ProductChange._fields)
    with call.inventory() as db:
        from invctl.core.products import delete_product

        if not yes:
            # What would be refused anyway is not worth a question.
            delete_product(db, sku, attempt=call.attempt._replace(dry_run=True))
            confirm(f"delete {sku}", "--yes")
        change = delete_product(db, sku, attempt=call.attempt)
    out.change(change, _sentence(change, "deleted"))


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
    with (
        open_rows(call, file, PRODUCT_COLUMNS, own=PRODUCT_RECORD) as rows,
        call.inventory(create=True) as db,
    ):
        from invctl.core.importing import ImportOptions
        from invctl.core.imports import import_products

        change = import_products(
            db,
            rows,
            options=ImportOptions(set_quantity, update_only, unarchive),
            label=call.label,
            told_lines=told,
            attempt=call.attempt,
        )
    out.change_or_lines(change, _import_sentence(change, call.seconds), told)


def export(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A new file; - is standard output.")
    ] = "-",
    csv_safe: Annotated[
        bool,
        typer.Option(
            "--csv-safe", help="Disarm what a spreadsheet would run as a formula; for reading only."
        ),
    ] = False,
) -> None:
    """Write all products, archived ones too, for `product import`, but not what lies where."""
    from invctl.cli.export import export_products

    export_products(invocation(ctx), file, csv_safe=csv_safe)


def _did(change: ProductChange, told: "Told") -> bool:
    """Return whether something of a product changed; a retry is not told, and says what it did."""
    return change.replayed or any(sku == change.sku for sku, *_ in told)


def _sentence(change: ProductChange, did: str) -> str:
    return f"{change.sku}: {did} (operation {change.operation})"


def _import_sentence(change: ImportChange, seconds: float) -> str:
    return (
        f"{change.created} created, {change.updated} updated, {change.unchanged} unchanged, "
        f"{counted(change.movements, 'movement')} in {seconds:.1f} s (operation {change.operation})"
    )
