"""`invctl product …`: making and changing products."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli import arguments
from invctl.cli.arguments import Sku, SomeSkus
from invctl.cli.invocation import invocation
from invctl.cli.options import KEYED_MUTATION, OPENING_MUTATION
from invctl.cli.printing.diagnostics import confirm
from invctl.cli.spec import OTHER_KEY, UNCONFIRMED, UNKNOWN_PRODUCT, Spec
from invctl.errors import InvalidValue, UsageError, command
from invctl.models.products import ProductChange
from invctl.text import printable

if TYPE_CHECKING:
    from invctl.core.products import Differences


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
    opening = arguments.optional_units(call, quantity, "--quantity")
    point = arguments.optional_units(call, reorder_point, "--reorder-point")
    order_to = arguments.optional_units(call, reorder_to, "--reorder-to")
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
            attempt=call.attempt(),
        )
    out.change(change, _sentence(change, f"created with {change.quantity} in stock"))


CREATE = Spec(
    create,
    (
        "invctl product create TSHIRT-RED-L --name 'T-shirt, red, L' --quantity 10",
        "invctl product create MUG-BLUE --name 'Mug, blue' --reorder-point 4",
    ),
    OPENING_MUTATION,
    exits={4: f"there is a product with that SKU, or {OTHER_KEY}"},
    fields=ProductChange._fields,
    instead={"--to": "`invctl stock add SKU N --to PLACE` puts them there once it is made"},
)


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
    point = arguments.optional_units(call, reorder_point, "--reorder-point")
    if no_reorder_point and point is not None:
        raise UsageError("--reorder-point and --no-reorder-point exclude each other")
    order_to = arguments.optional_units(call, reorder_to, "--reorder-to")
    if no_reorder_to and order_to is not None:
        raise UsageError("--reorder-to and --no-reorder-to exclude each other")
    given = (name, description, point, order_to) != (None, None, None, None)
    if not (given or no_reorder_point or no_reorder_to):
        raise UsageError(
            "nothing to update", "give --name, --description, --reorder-point or --reorder-to"
        )
    told: Differences = []
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
            attempt=call.attempt(),
        )
    out.change(change, _sentence(change, "updated" if _did(change, told) else "unchanged"))


UPDATE = Spec(
    update,
    (
        "invctl product update TSHIRT-RED-L --reorder-point 4",
        "invctl product update TSHIRT-RED-L --name 'Red shirt' --description ''",
    ),
    KEYED_MUTATION,
    exits={**UNKNOWN_PRODUCT, 4: OTHER_KEY},
    fields=ProductChange._fields,
    surplus="`invctl product update {given[0]} --name {0}` names it so",
    instead={
        "--quantity": "stock set SKU QUANTITY",
        "--sku": "product rename SKU NEW_SKU",
        "--archived": "product archive SKU",
    },
)


def rename(
    ctx: typer.Context,
    sku: Sku,
    new_sku: Annotated[str, typer.Argument(metavar="NEW_SKU", help="Its SKU from now on.")],
) -> None:
    """Give a product another SKU; its history stays with it."""
    call = invocation(ctx)
    out = call.writer(ProductChange._fields)
    told: Differences = []
    with call.inventory() as db:
        from invctl.core.products import rename_product

        try:
            change = rename_product(db, sku, new_sku, told=told, attempt=call.attempt())
        except InvalidValue as error:
            if " " in new_sku.strip():  # a name, and no key
                error.hint = f"{command('product', 'update', sku, '--name', new_sku)} names it so"
            raise
    # A retry is told of no difference: it was called as it is typed.
    was = next((before for _, _, before, _ in told), None) or printable(sku)
    did = f"was {was}" if _did(change, told) else "unchanged, it is called so already"
    out.change(change, _sentence(change, did))


RENAME = Spec(
    rename,
    (
        "invctl product rename TSHIRT-RED-L TSHIRT-L-RED",
        "invctl product rename TYPO-1 TYPO-2 --dry-run",
    ),
    KEYED_MUTATION,
    exits={**UNKNOWN_PRODUCT, 4: f"there is a product NEW_SKU already, or {OTHER_KEY}"},
    fields=ProductChange._fields,
    instead={"--name": "product update SKU --name NAME"},
)


def archive(ctx: typer.Context, skus: SomeSkus) -> None:
    """Hide a product, or several, and refuse changes of its stock; its history stays."""
    from invctl.core.products import archive_product, archive_products

    words = "archived", "unchanged, it was archived already"
    _one_or_several(ctx, skus, archive_product, archive_products, *words)


ARCHIVE = Spec(
    archive,
    (
        "invctl product archive TYPO-1 --dry-run",
        "invctl product archive TYPO-1",
    ),
    KEYED_MUTATION,
    exits={**UNKNOWN_PRODUCT, 4: f"some of it is held, or {OTHER_KEY}"},
    fields=ProductChange._fields,
)


def unarchive(ctx: typer.Context, skus: SomeSkus) -> None:
    """Bring an archived product back, or several."""
    from invctl.core.products import unarchive_product, unarchive_products

    words = "no longer archived", "unchanged, it was not archived"
    _one_or_several(ctx, skus, unarchive_product, unarchive_products, *words)


UNARCHIVE = Spec(
    unarchive,
    (
        "invctl product unarchive TSHIRT-RED-L",
        "invctl product unarchive TSHIRT-RED-L --dry-run",
    ),
    KEYED_MUTATION,
    exits={**UNKNOWN_PRODUCT, 4: OTHER_KEY},
    fields=ProductChange._fields,
)


def _one_or_several(
    ctx: typer.Context,
    skus: list[str],
    one: Callable[..., ProductChange],
    several: Callable[..., list[ProductChange]],
    did: str,
    left: str,
) -> None:
    """Change a product, answered by its record, or several as one operation, by a list."""
    call = invocation(ctx)
    out = call.writer(ProductChange._fields)
    told: Differences = []
    with call.inventory() as db:
        asked = {"told": told, "attempt": call.attempt()}
        done = one(db, skus[0], **asked) if len(skus) == 1 else several(db, skus, **asked)
    out.one_or_several(done, lambda made: _sentence(made, did if _did(made, told) else left))


def delete(
    ctx: typer.Context,
    sku: Sku,
    yes: arguments.Yes = False,
) -> None:
    """Delete a product that never had a movement."""
    call = invocation(ctx)
    out = call.writer(ProductChange._fields)
    with call.inventory() as db:
        from invctl.core.products import delete_product

        if not yes:
            # What would be refused anyway is not worth a question.
            delete_product(db, sku, attempt=call.attempt()._replace(dry_run=True))
            confirm(f"delete {sku}", "--yes")
        change = delete_product(db, sku, attempt=call.attempt())
    out.change(change, _sentence(change, "deleted"))


DELETE = Spec(
    delete,
    ("invctl product delete TYPO-1 --dry-run --yes", "invctl product delete TYPO-1 --yes"),
    KEYED_MUTATION,
    exits={
        **UNKNOWN_PRODUCT,
        4: f"its stock has moved: it can only be archived; or {OTHER_KEY}",
        **UNCONFIRMED,
    },
    fields=ProductChange._fields,
)


def _did(change: ProductChange, told: "Differences") -> bool:
    """Return whether something of a product changed."""
    # A retry is told of no difference, and says what was done when it was new.
    return change.replayed or any(sku == change.sku for sku, *_ in told)


def _sentence(change: ProductChange, did: str) -> str:
    return f"{change.sku}: {did} (operation {change.operation})"
