"""`invctl product list` and `show`: what the products are, or were."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from invctl.cli import arguments
from invctl.cli.arguments import AsOf, Limit, Reverse, SomeSkus
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.printing.diagnostics import note, warn
from invctl.cli.spec import UNKNOWN_PRODUCT, Spec
from invctl.models.fields import PRODUCT_FIELDS, PRODUCT_SORTS
from invctl.models.products import Product
from invctl.models.rows import ProductRow

if TYPE_CHECKING:
    from invctl.db.database import Database


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
        from invctl.cli.printing.layouts import PRODUCTS
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
        if not (found or picky) and most != 0 and call.form.is_for_people:
            note(_why_none(db, then=as_of), quiet=call.quiet)
    _say_negative(call, below)


LIST = Spec(
    list_,
    (
        "invctl product list --search shirt --sort quantity",
        "invctl product list -o csv --columns sku,name,quantity",
    ),
    fields=PRODUCT_FIELDS,
    surplus="`invctl product list --search {0}` looks for it",
    instead={
        "--all": "`--archived` lists archived ones, `invctl product export` writes all",
        "--place": "stock where --place PLACE",
        "--sku": "product show SKU",
    },
)


def _noting_negative(
    rows: Iterator[Sequence[ProductRow]], most: int | None, below: list[int]
) -> Iterator[Sequence[ProductRow]]:
    """Yield rows; those quantities below 0 that are among the first `most` go into `below`."""
    place, left = PRODUCT_FIELDS.index("quantity"), most
    for chunk in rows:
        shown = chunk if left is None else chunk[:left]  # one more is read than is shown
        left = None if left is None else left - len(shown)
        below += [quantity for row in shown if (quantity := cast("int", row[place])) < 0]
        yield chunk


def _say_negative(call: Invocation, below: Sequence[int]) -> None:
    """Say to people why a quantity of then is less than nothing."""
    if below and call.form.is_for_people:
        those = "a quantity is" if len(below) == 1 else f"{len(below)} quantities are"
        why = "what went out is told to have happened before what came in"
        warn(f"{those} negative: {why}", quiet=call.quiet)


def _say_absent(
    call: Invocation, db: "Database", shown: Sequence[Product], as_of: str | None, then: str | None
) -> None:
    """Say to people which products that were asked for by name were not there `then`."""
    if then is None or not call.form.is_for_people:
        return
    from invctl.core.ledger import Filter, stock_history

    for one in shown:
        # Its movements may be told to have happened before anybody told of the product.
        if one.created_at > then and not one.quantity:
            moved = stock_history(db, one.sku, Filter(until=then), limit=1)
            if not any(chunk for chunk in moved):
                note(f"{one.sku} was not there at {as_of}", quiet=call.quiet)


def _why_none(db: "Database", then: str | None) -> str:
    """Return why a list of all products is empty."""
    from invctl.core.upkeep.inventory import inventory_info

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
    if len(skus) == 1:  # a record, where several are a list
        _show_one(call, skus[0], as_of, then)
        return
    below: list[int] = []
    with call.inventory() as db:
        from invctl.cli.printing.layouts import PRODUCTS
        from invctl.core.catalog import get_products

        shown = [one for chunk in get_products(db, skus, as_of=then) for one in chunk]
        out.listing(_noting_negative(iter([shown]), None, below), limit=None, layout=PRODUCTS)
        _say_absent(call, db, shown, as_of, then)
    _say_negative(call, below)


SHOW = Spec(
    show,
    (
        "invctl product show TSHIRT-RED-L",
        "invctl product show TSHIRT-RED-L --as-of 2026-01-31 --json",
    ),
    exits=UNKNOWN_PRODUCT,
    fields=PRODUCT_FIELDS,
)


def _show_one(call: Invocation, sku: str, as_of: str | None, then: str | None) -> None:
    """Show one product, with what of it lies where if people read it."""
    out = call.writer(PRODUCT_FIELDS)
    contents: Sequence[tuple[object, ...]] = ()
    with call.inventory() as db:
        from invctl.core.catalog import get_product, get_product_and_contents

        if call.form.is_in_words and then is None:  # where it lay then is told by no service
            product, contents = get_product_and_contents(db, sku)
        else:
            product = get_product(db, sku, as_of=then)
        out.record(product._asdict())
        _say_absent(call, db, [product], as_of, then)
    _say_negative(call, [product.quantity] if product.quantity < 0 else [])
    if contents:
        from invctl.cli.printing.layouts import CONTENTS

        places = call.writer(tuple(CONTENTS.titles))
        places.listing(iter([contents]), limit=None, layout=CONTENTS)
