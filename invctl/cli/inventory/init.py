"""`invctl init`: a new inventory."""

from typing import Annotated

import typer

from invctl.cli import arguments
from invctl.cli.invocation import invocation
from invctl.cli.options import MUTATION
from invctl.cli.printing.diagnostics import note
from invctl.cli.spec import Spec
from invctl.models import InventoryInfo
from invctl.values import SKU_RULES


def init(
    ctx: typer.Context,
    sku_rule: Annotated[
        str | None,
        typer.Option(
            "--sku-rule",
            metavar="RULE",
            help="What SKUs may be: strict (A-Z, 0-9 and -; if not given) or any.",
        ),
    ] = None,
) -> None:
    """Create the inventory; one that exists is left as it is."""
    call = invocation(ctx)
    out = call.writer(InventoryInfo._fields)
    if sku_rule is not None:
        arguments.one_of(sku_rule, SKU_RULES, "--sku-rule")
    with call.inventory(create=True, sku_rule=sku_rule) as db:
        from invctl.core.upkeep.inventory import create_inventory

        created, info = create_inventory(db, dry_run=call.dry_run)
    if not created:
        note(f"there is an inventory at {info.path} already; nothing was changed", quiet=call.quiet)
    elif call.dry_run:
        note(f"would create the inventory {info.path}", quiet=call.quiet)
    out.info(info, committed=created and not call.dry_run)


INIT = Spec(
    init,
    ("invctl init", "invctl init --sku-rule any --db lab.db"),
    MUTATION,
    exits={4: "there is one with the other rule"},
    fields=InventoryInfo._fields,
)
