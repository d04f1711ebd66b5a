"""`invctl db …`: the inventory as a whole: what it holds, whether it adds up, copies of it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from invctl.cli.exit_codes import ExitCode
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.printing.diagnostics import confirm, note, warn
from invctl.cli.printing.progress import working
from invctl.cli.printing.streams import is_terminal, write_bytes, write_out
from invctl.cli.printing.words import counted
from invctl.errors import InventoryError, UsageError
from invctl.models import Finding, InventoryInfo
from invctl.oserrors import NO_NAME, output_problem
from invctl.settings import locate, read_location
from invctl.text import printable

if TYPE_CHECKING:
    from invctl.core.upkeep.check import Check
    from invctl.db.database import Database
    from invctl.models import RepairChange

_PIECE = 1 << 20
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")


def info(ctx: typer.Context) -> None:
    """Show where the inventory is, and how much it holds."""
    call = invocation(ctx)
    out = call.writer(InventoryInfo._fields)
    with call.inventory() as db:
        from invctl.core.upkeep.inventory import inventory_info

        found = inventory_info(db)
    out.record(found._asdict())


def path(ctx: typer.Context) -> None:
    """Print where the inventory is, or would be."""
    found = locate(invocation(ctx).db).shown
    write_out(f"{found}\n", encoding="utf-8", errors="surrogateescape")


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
                    say("")
                    yield [finding]
                say("")

            found = out.listing(chunks(), limit=None, layout=FINDINGS)
        if found and repair:
            _repair(call, db, checked)
        elif not found and call.form.is_for_people:
            holds = _content(inventory_info(db))
            note(f"no discrepancy in {holds}", quiet=call.quiet)
    return ExitCode.CHECK_SAID_YES if found else ExitCode.SUCCESS


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
    done = repair_inventory(db, call.attempt)
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


def backup(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="A new file; - is standard output.")
    ],
) -> None:
    """Write a checked copy of the inventory to a new file; others may go on writing."""
    call = invocation(ctx)
    out = call.writer(InventoryInfo._fields)
    _refuse_no_name(file, "give a new file, or - for standard output")
    from invctl.cli.writing import is_standard_output, takes_a_stream

    if is_standard_output(file):
        _backup_to_stdout(call)
        return
    if takes_a_stream(file):
        made = _backup_to_stream(call, file)
    else:
        with call.inventory() as db, working(call.form, "backing up"):
            from invctl.core.upkeep.backups import backup_inventory

            made = backup_inventory(db, os.path.abspath(file))
    note(f"backed up {_content(made)} to {printable(file)}", quiet=call.quiet)
    if file.lower().endswith(_COMPRESSED):
        how = "`invctl db backup - | gzip > FILE` compresses one"
        warn(
            f"{printable(file)} is not compressed, whatever its name says; {how}", quiet=call.quiet
        )
    out.info(made._asdict(), committed=True)


def _refuse_no_name(file: str, hint: str) -> None:
    """Raise UsageError for an empty name, which would be that of the working folder."""
    if not file:
        raise UsageError(NO_NAME, hint)


def _backup_to_stdout(call: Invocation) -> None:
    if is_terminal(1):
        raise UsageError("a backup is no text for a terminal", "redirect it, or give a file")
    if call.output is not None:
        raise UsageError("a backup to standard output has no format", "leave out the format")
    made, stream = _nameless_backup(call)
    with stream:
        while piece := stream.read(_PIECE):
            write_bytes(piece)
    note(f"backed up {_content(made)} to standard output", quiet=call.quiet)


def _backup_to_stream(call: Invocation, file: str) -> InventoryInfo:
    """Write a backup into a pipe or device, as `>(gzip)` makes one; return what it holds."""
    from invctl.cli.printing.aside import Outlet
    from invctl.cli.writing import opened_to_write

    made, stream = _nameless_backup(call)
    with stream, opened_to_write(file, file) as raw:
        outlet = Outlet(raw.fileno(), partial(output_problem, file))
        while piece := stream.read(_PIECE):
            outlet.write(piece)
    return made._replace(path=os.path.abspath(file))


def _nameless_backup(call: Invocation) -> tuple[InventoryInfo, BinaryIO]:
    """Return what a backup holds, and it opened to be read.

    Its name is gone by then: whatever ends the pipe that it goes into, nothing stays behind.
    """
    import tempfile

    from invctl.scratch import scratch

    with call.inventory() as db, ExitStack() as stack:
        from invctl.core.upkeep.backups import backup_inventory

        with scratch():
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="invctl-"))
        name = os.path.join(folder, "backup.db")
        with working(call.form, "backing up"):
            made = backup_inventory(db, name)
        return made, open(name, "rb")


def restore(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A file that `invctl db backup` wrote.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without being asked.")] = False,
) -> None:
    """Replace the inventory by a backup; the old one is kept beside it."""
    call = invocation(ctx)
    out = call.writer(InventoryInfo._fields)
    _refuse_no_name(file, "give the file of a backup")
    if file == "-":
        problem = "a backup is restored from a file, not from standard input"
        raise UsageError(problem, "write it to a file first: `cat > FILE`")
    losing = "" if yes or call.dry_run else _losing(call)
    with call.inventory(create=True) as db, working(call.form, "restoring") as say:
        from invctl.core.upkeep.backups import restore_inventory

        def ready() -> None:
            say("")
            if not yes:
                confirm(f"replace the inventory {db.path}{losing} by {file}", "--yes")

        made, done = restore_inventory(db, file, ready=ready, dry_run=call.dry_run)
    if done.kept:
        note(f"the inventory as it was is kept as {done.kept}", quiet=call.quiet)
    told = f"{_content(made)} from {printable(file)}"
    note(f"{'would restore' if call.dry_run else 'restored'} {told}", quiet=call.quiet)
    out.info(made._asdict(), committed=not call.dry_run)


def _losing(call: Invocation) -> str:
    """Return what a restore puts aside, in words; nothing where that cannot be told."""
    with suppress(InventoryError), call.inventory() as db:
        from invctl.core.upkeep.inventory import inventory_info

        return f" ({_content(inventory_info(db))})"
    return ""


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


def copy(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A new file, or a server's URL.")],
) -> None:
    """Copy the whole inventory to another file, to a server, or from one."""
    call = invocation(ctx)
    out = call.writer(InventoryInfo._fields)
    where = read_location(target, "TARGET")
    with (
        call.inventory() as source,
        call.inventory(where, create=True) as there,
        working(call.form, "copying"),
    ):
        from invctl.core.upkeep.transfer import copy_inventory

        made = copy_inventory(source, there, dry_run=call.dry_run)
    told = f"{_content(made)} to {printable(made.path)}"
    note(f"{'would copy' if call.dry_run else 'copied'} {told}", quiet=call.quiet)
    out.info(made._asdict(), committed=not call.dry_run)


def _content(info: InventoryInfo) -> str:
    return f"{counted(info.products, 'product')}, {counted(info.movements, 'movement')}"
