"""The command line as a whole: what there is, and how one run of it ends."""

import re
from collections.abc import Sequence
from importlib import import_module

import typer

from invctl.cli.commands import (
    AnyCommand,
    CommandGroup,
    LazyCommands,
    MissingCommand,
    build_command,
    build_group,
)
from invctl.cli.exit_codes import ExitCode
from invctl.cli.invocation import Invocation
from invctl.cli.options import HELP
from invctl.cli.printing.diagnostics import report, warn
from invctl.cli.printing.format import FORMATS, Format
from invctl.cli.printing.streams import write_err
from invctl.cli.spec import Spec
from invctl.errors import InventoryError
from invctl.stopping import Stopped
from invctl.times import zone_doubts

ABOUT = "Keep products and their stock, exactly, from the command line."
# What there is: each noun's help and its verbs, and the commands that stand alone. Of each command
# the module that has it, and the name of its Spec there: only the one that is asked for is loaded.
_NOUNS = {
    "product": (
        "Products: create, list, change, import, export.",
        {
            "create": "catalog.product:CREATE",
            "list": "catalog.catalog:LIST",
            "show": "catalog.catalog:SHOW",
            "update": "catalog.product:UPDATE",
            "rename": "catalog.product:RENAME",
            "archive": "catalog.product:ARCHIVE",
            "unarchive": "catalog.product:UNARCHIVE",
            "delete": "catalog.product:DELETE",
            "import": "catalog.imports:IMPORT",
            "export": "catalog.export:EXPORT",
        },
    ),
    "stock": (
        "Stock: add, remove, count, look where it went, undo.",
        {
            "add": "stock.change:ADD",
            "remove": "stock.change:REMOVE",
            "set": "stock.change:SET",
            "move": "stock.move:MOVE",
            "apply": "stock.apply:APPLY",
            "fits": "stock.apply:FITS",
            "sheet": "stock.counting:SHEET",
            "count": "stock.counting:COUNT",
            "scan": "till.scan:SCAN",
            "history": "stock.movements:HISTORY",
            "log": "stock.movements:LOG",
            "low": "stock.reports:LOW",
            "usage": "stock.reports:USAGE",
            "where": "stock.move:WHERE",
            "undo": "stock.undo:UNDO",
        },
    ),
    "hold": (
        "Holds: units promised to somebody until a time.",
        {
            "create": "promises.hold:CREATE",
            "commit": "promises.hold:COMMIT",
            "release": "promises.hold:RELEASE",
            "extend": "promises.hold:EXTEND",
            "list": "promises.hold:LIST",
            "run": "promises.hold_run:RUN",
        },
    ),
    "delivery": (
        "Deliveries: what is on its way.",
        {
            "expect": "promises.delivery:EXPECT",
            "receive": "promises.delivery:RECEIVE",
            "cancel": "promises.delivery:CANCEL",
            "list": "promises.delivery:LIST",
        },
    ),
    "place": (
        "Places: list, rename, remove.",
        {
            "list": "stock.place:LIST",
            "rename": "stock.place:RENAME",
            "remove": "stock.place:REMOVE",
        },
    ),
    "code": (
        "Codes: barcodes that stand for products.",
        {
            "add": "catalog.code:ADD",
            "remove": "catalog.code:REMOVE",
            "list": "catalog.code:LIST",
            "import": "catalog.code:IMPORT",
        },
    ),
    "db": (
        "The inventory as a whole: check, back up, restore, copy.",
        {
            "info": "inventory.database:INFO",
            "path": "inventory.database:PATH",
            "check": "inventory.database:CHECK",
            "backup": "inventory.copies:BACKUP",
            "restore": "inventory.copies:RESTORE",
            "migrate": "inventory.database:MIGRATE",
            "copy": "inventory.copies:COPY",
        },
    ),
}
_ALONE = {
    "init": "inventory.init:INIT",
    "log": "stock.log:LOG",
    "undo": "stock.undo:UNDO",
    "serve": "inventory.serve:SERVE",
    "completion": "completion.command:COMPLETION",
    "help": "help.command:HELP",
}
_NAMES = ("init", *_NOUNS, "log", "undo", "serve", "completion", "help")


def build_app() -> CommandGroup:
    """Return the root of the command line."""
    return build_group("invctl", ABOUT, LazyCommands(_NAMES, _build))


def _build(name: str) -> AnyCommand:
    if name in _ALONE:
        return build_command(name, _spec(_ALONE[name]))
    about, verbs = _NOUNS[name]
    commands = LazyCommands(verbs, lambda verb: build_command(verb, _spec(verbs[verb])))
    return build_group(name, about, commands)


def _spec(place: str) -> Spec:
    """Return the Spec that is at `module:NAME` in this package."""
    module, _, name = place.partition(":")
    spec = getattr(import_module(f"invctl.cli.{module}"), name)
    assert isinstance(spec, Spec)
    return spec


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every error is told on standard error."""
    invocation = Invocation()
    try:
        command = build_app().main(
            list(arguments),
            prog_name="invctl",  # `python -m invctl` is no other program
            complete_var="=",  # no variable's name: else Typer's would answer instead of a command
            standalone_mode=False,  # or it would tell errors, and end, in its own way
            obj=invocation,
            help_option_names=list(HELP),
        )
        # Help and version have run already, and leave their exit code.
        status = command if isinstance(command, int) else command() or ExitCode.SUCCESS
        # Only now is it known whether a time was read or shown by a TZ that names no zone.
        for doubt in zone_doubts:
            warn(doubt, quiet=invocation.quiet)
        return status
    except MissingCommand as error:
        if not _wants_machine(invocation, arguments):
            write_err(error.help)
            return ExitCode.USAGE
        return _report(error, invocation, arguments)
    except InventoryError as error:
        return _report(error, invocation, arguments)
    except typer.TyperException as error:
        from invctl.cli.misuse import explained

        return _report(explained(error), invocation, arguments)
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except Stopped as stopped:
        from invctl.cli.signals import die_of

        die_of(stopped.number)
        return 128 + stopped.number  # a parent may have left the signal blocked
    except Exception as error:
        found = invocation.explain(error)
        found.__cause__ = error  # the traceback that INVCTL_DEBUG=1 shows
        return _report(found, invocation, arguments)


def _report(error: InventoryError, invocation: Invocation, arguments: Sequence[str]) -> int:
    machine = _wants_machine(invocation, arguments)
    invocation.complete(error)
    return report(error, machine=machine, color=invocation.color)


def _wants_machine(invocation: Invocation, arguments: Sequence[str]) -> bool:
    """Return whether errors are to be JSON, also where the line broke off before it said so."""
    return Format(_scanned_format(arguments) or invocation.output).is_json


def _scanned_format(arguments: Sequence[str]) -> str | None:
    """Return the last format that a command line names, without parsing the rest of it."""
    found = None
    previous = ""
    for argument in arguments:
        if argument == "--":
            break
        if argument == "--json":
            found = "json"
        # Before an `o` in the same word may stand the flags of one letter that all commands have.
        for value in (
            argument if re.fullmatch("-[qVh]*o|--output", previous) else None,
            argument.partition("o")[2] if re.match("-[qVh]*o", argument) else None,
            argument.removeprefix("--output=") if argument.startswith("--output=") else None,
        ):
            found = value if value in FORMATS else found
        previous = argument
    return found
