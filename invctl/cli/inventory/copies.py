"""`invctl db backup|restore|copy`: copies of the inventory, and back from one."""

import os
from contextlib import ExitStack, suppress
from functools import partial
from typing import Annotated, BinaryIO

import typer

from invctl.cli import arguments
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.options import MUTATION
from invctl.cli.printing.diagnostics import confirm, note, warn
from invctl.cli.printing.progress import working
from invctl.cli.printing.streams import is_terminal, write_bytes
from invctl.cli.printing.words import content
from invctl.cli.spec import UNCONFIRMED, Spec
from invctl.errors import InventoryError, UsageError
from invctl.models.reports import InventoryInfo
from invctl.oserrors import NO_NAME, output_problem
from invctl.settings import read_location
from invctl.text import printable

_PIECE = 1 << 20
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")


def backup(
    ctx: typer.Context,
    file: arguments.NewFile,
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
    note(f"backed up {content(made)} to {printable(file)}", quiet=call.quiet)
    _warn_of_name(call, file)
    out.info(made._asdict(), committed=True)


BACKUP = Spec(
    backup,
    ("invctl db backup inventory-2026-01-31.db", "invctl db backup - | gzip > inventory.db.gz"),
    exits={4: "there is a file of that name"},
    fields=InventoryInfo._fields,
)


def _refuse_no_name(file: str, hint: str) -> None:
    """Raise UsageError for an empty name, which would be that of the working folder."""
    if not file:
        raise UsageError(NO_NAME, hint)


def _warn_of_name(call: Invocation, file: str) -> None:
    """Warn where the name of a file that was made says that it is compressed."""
    if file.lower().endswith(_COMPRESSED):
        how = "`invctl db backup - | gzip > FILE` compresses one"
        said = f"{printable(file)} is not compressed, whatever its name says; {how}"
        warn(said, quiet=call.quiet)


def _backup_to_stdout(call: Invocation) -> None:
    if is_terminal(1):
        raise UsageError("a backup is no text for a terminal", "redirect it, or give a file")
    if call.output is not None:
        raise UsageError("a backup to standard output has no format", "leave out the format")
    made, stream = _nameless_backup(call)
    with stream:
        while piece := stream.read(_PIECE):
            write_bytes(piece)
    note(f"backed up {content(made)} to standard output", quiet=call.quiet)


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
    """Return what a backup holds, and it opened to be read; no inventory is open any more."""
    import tempfile

    from invctl.scratch import scratch

    with call.inventory() as db, ExitStack() as stack:
        from invctl.core.upkeep.backups import backup_inventory

        with scratch():
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="invctl-"))
        name = os.path.join(folder, "backup.db")
        with working(call.form, "backing up"):
            made = backup_inventory(db, name)
        # With the folder its name goes: whatever ends the pipe that it goes into, nothing is left.
        return made, open(name, "rb")


def restore(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A file that `invctl db backup` wrote.")
    ],
    yes: arguments.Yes = False,
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
            say("")  # or a spinner would be drawn over the question
            if not yes:
                confirm(f"replace the inventory {db.path}{losing} by {file}", "--yes")

        made, done = restore_inventory(db, file, ready=ready, dry_run=call.dry_run)
    if done.kept:
        note(f"the inventory as it was is kept as {done.kept}", quiet=call.quiet)
    told = f"{content(made)} from {printable(file)}"
    note(f"{'would restore' if call.dry_run else 'restored'} {told}", quiet=call.quiet)
    out.info(made._asdict(), committed=not call.dry_run)


RESTORE = Spec(
    restore,
    (
        "invctl db restore inventory-2026-01-31.db --dry-run --yes",
        "invctl db restore inventory-2026-01-31.db --yes",
    ),
    MUTATION,
    exits={
        **UNCONFIRMED,
        12: "the backup is none, or damaged; nothing was changed",
    },
    fields=InventoryInfo._fields,
)


def _losing(call: Invocation) -> str:
    """Return what a restore puts aside, in words; nothing where that cannot be told."""
    # What is to be replaced may be a ruin, or not be there.
    with suppress(InventoryError), call.inventory() as db:
        from invctl.core.upkeep.inventory import inventory_info

        return f" ({content(inventory_info(db))})"
    return ""


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
    told = f"{content(made)} to {printable(made.path)}"
    note(f"{'would copy' if call.dry_run else 'copied'} {told}", quiet=call.quiet)
    _warn_of_name(call, target)
    out.info(made._asdict(), committed=not call.dry_run)


COPY = Spec(
    copy,
    (
        "invctl db copy elsewhere.db",
        "invctl db copy postgresql://shop@db.example.org/shop",
    ),
    MUTATION,
    exits={4: "there is something at TARGET already"},
    fields=InventoryInfo._fields,
)
