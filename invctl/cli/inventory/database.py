"""`invctl db info|path|check|migrate`: what it holds, and whether it adds up."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli.exit_codes import ExitCode
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.options import MUTATION
from invctl.cli.printing.diagnostics import note, warn
from invctl.cli.printing.progress import working
from invctl.cli.printing.streams import write_out
from invctl.cli.printing.words import content, counted
from invctl.cli.spec import Spec
from invctl.models.reports import Finding, InventoryInfo
from invctl.settings import locate

if TYPE_CHECKING:
    from invctl.core.upkeep.check import Check
    from invctl.db.database import Database
    from invctl.models.reports import RepairChange


def info(ctx: typer.Context) -> None:
    """Show where the inventory is, and how much it holds."""
    call = invocation(ctx)
    out = call.writer(InventoryInfo._fields)
    with call.inventory() as db:
        from invctl.core.upkeep.inventory import inventory_info

        found = inventory_info(db)
    out.record(found._asdict())


INFO = Spec(
    info,
    ("invctl db info", "invctl db info --json"),
    fields=InventoryInfo._fields,
)


def path(ctx: typer.Context) -> None:
    """Print where the inventory is, or would be."""
    found = locate(invocation(ctx).db).shown
    # A file's name is bytes, be they text or not: `$(invctl db path)` is to name that file.
    write_out(f"{found}\n", encoding="utf-8", errors="surrogateescape")


PATH = Spec(
    path,
    ("invctl db path", 'sqlite3 -readonly "$(invctl db path)" .tables'),
)


def check(
    ctx: typer.Context,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Make wrong quantities the sum of their movements."),
    ] = False,
) -> int:
    """Look for damage, and whether each quantity is the sum of its movements."""
    call = invocation(ctx)
    out = call.writer(Finding._fields)
    with call.inventory() as db:
        from invctl.cli.printing.layouts import FINDINGS
        from invctl.core.upkeep.check import Check
        from invctl.core.upkeep.inventory import inventory_info

        with working(call.form, "opening the inventory") as say:
            checked = Check(db, lambda part: say(f"checking {part}"))

            def chunks() -> Iterator[list[Finding]]:
                for finding in checked:
                    say("")  # a spinner would be drawn over what is found
                    yield [finding]
                say("")

            found = out.listing(chunks(), limit=None, layout=FINDINGS)
        if found and repair:
            _repair(call, db, checked)
        elif not found and call.form.is_for_people:
            holds = content(inventory_info(db))
            note(f"no discrepancy in {holds}", quiet=call.quiet)
    return ExitCode.CHECK_SAID_YES if found else ExitCode.SUCCESS


CHECK = Spec(
    check,
    ("invctl db check", "invctl db check --repair --dry-run"),
    MUTATION,
    exits={8: "something is wrong, whether it was repaired or not"},
    fields=Finding._fields,
)


def _repair(call: Invocation, db: "Database", checked: "Check") -> None:
    """Set right what a check found and a repair can mend, after a copy of the inventory."""
    from invctl.core.upkeep.check import repair_inventory

    if not checked.is_whole:
        warn("nothing was repaired: first of all the file must be sound", quiet=call.quiet)
        return
    if not checked.mendable:
        warn("nothing was repaired: no finding is of a sort that can be", quiet=call.quiet)
        return
    if not call.dry_run:
        kept = db.keep("repair")
        note(f"the inventory as it was is kept as {kept}", quiet=call.quiet)
    done = repair_inventory(db, call.attempt())
    if done.operation is None:
        warn("nothing was repaired: no number can be what it would have to be", quiet=call.quiet)
        return
    told = f"set {_mended(done)} (operation {done.operation})"
    note(f"would have {told}" if call.dry_run else told, quiet=call.quiet)


def _mended(done: "RepairChange") -> str:
    """Return which numbers a repair set, and to what."""
    held, placed = (counted(number, "product") for number in (done.held, done.placed))
    parts = {
        f"{counted(done.quantities, 'quantity', 'quantities')} to the sum of the movements": (
            done.quantities
        ),
        f"what is held of {held} to the sum of the open holds": done.held,
        f"what of {placed} lies in places to the sum of what lies in each": done.placed,
        f"what lies in {counted(done.pots, 'place')} to the sum of the movements": done.pots,
    }
    return ", ".join(part for part, number in parts.items() if number)


def migrate(ctx: typer.Context) -> None:
    """Bring the inventory of an older invctl up to date; a copy of it is kept."""
    call = invocation(ctx)
    out = call.writer(InventoryInfo._fields)
    with call.inventory() as db, working(call.form, "migrating"):
        from invctl.core.upkeep.backups import migrate_inventory

        made, done = migrate_inventory(db, dry_run=call.dry_run)
    if done.kept:
        note(f"the inventory as it was is kept as {done.kept}", quiet=call.quiet)
    steps = f"from schema version {done.before} to {made.schema_version}"
    if done.before == made.schema_version:
        told = f"schema version {done.before} is the present one; nothing was changed"
    else:
        told = f"would migrate {steps}" if call.dry_run else f"migrated {steps}"
    note(told, quiet=call.quiet)
    out.info(made._asdict(), committed=not call.dry_run)


MIGRATE = Spec(
    migrate,
    ("invctl db migrate --dry-run", "invctl db migrate"),
    MUTATION,
    exits={12: "a newer invctl made it"},
    fields=InventoryInfo._fields,
)
