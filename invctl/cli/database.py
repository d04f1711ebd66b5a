"""`invctl db …`: the inventory as a file."""

import typer

from invctl.cli.commands import Spec
from invctl.cli.invocation import invocation
from invctl.cli.streams import write_out
from invctl.models import InventoryInfo
from invctl.settings import locate


def info(ctx: typer.Context) -> None:
    """Show what the inventory holds."""
    call = invocation(ctx)
    out = call.writer(InventoryInfo._fields)
    with call.inventory() as db:
        from invctl.core.inventory import inventory_info

        found = inventory_info(db)
    out.record(found._asdict())


def path(ctx: typer.Context) -> None:
    """Print where the inventory is, or would be."""
    found = locate(invocation(ctx).db).path
    write_out(f"{found}\n", encoding="utf-8", errors="surrogateescape")


COMMANDS = {
    "info": Spec(info, "invctl db info"),
    "path": Spec(path, 'sqlite3 -readonly "$(invctl db path)" .tables'),
}
