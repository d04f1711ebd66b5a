"""`invctl init`: a new inventory."""

from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli import arguments
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.options import MUTATION
from invctl.cli.printing.diagnostics import note
from invctl.cli.spec import Spec
from invctl.errors import OlderInventory
from invctl.models.reports import InventoryInfo
from invctl.values import SKU_RULES

if TYPE_CHECKING:
    from invctl.cli.printing.output import Output
    from invctl.db.database import Database


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

        try:
            created, info = create_inventory(db, dry_run=call.dry_run)
        except OlderInventory as older:
            if sku_rule is not None:  # its rule is not known before it is migrated
                raise
            _tell_older(call, out, db, older)
            return
    if not created:
        note(f"there is an inventory at {info.path} already; nothing was changed", quiet=call.quiet)
    elif call.dry_run:
        note(f"would create the inventory {info.path}", quiet=call.quiet)
    out.info(info._asdict(), committed=created and not call.dry_run)


def _tell_older(call: Invocation, out: "Output", db: "Database", older: OlderInventory) -> None:
    """Tell of an inventory that is there what can be known of it before it is migrated."""
    told = f"there is an inventory at {db.path} already, of version {older.version}"
    note(f"{told}; nothing was changed; {older.advice}", quiet=call.quiet)
    known = {"path": db.path, "engine": db.engine, "schema_version": older.version}
    out.info({**dict.fromkeys(InventoryInfo._fields), **known, "size_bytes": db.size_bytes()})


INIT = Spec(
    init,
    ("invctl init", "invctl init --sku-rule any --db lab.db"),
    MUTATION,
    exits={4: "there is one with the other rule"},
    fields=InventoryInfo._fields,
)
