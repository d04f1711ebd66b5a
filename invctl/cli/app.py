"""The command line as a whole: what there is, and how one run of it ends."""

import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer

from invctl.cli.commands import (
    LazyCommands,
    MissingCommand,
    build_command,
    build_group,
    build_noun,
)
from invctl.cli.exit_codes import ExitCode
from invctl.cli.invocation import Invocation
from invctl.cli.options import HELP
from invctl.cli.printing.diagnostics import report, warn
from invctl.cli.printing.format import FORMATS, Format
from invctl.cli.printing.streams import write_err
from invctl.errors import InventoryError
from invctl.stopping import Stopped
from invctl.times import zone_doubts

ABOUT = "Keep products and their stock, exactly, from the command line."
_NOUNS = {
    "product": (
        "Products: create, list, change, import, export.",
        "invctl.cli.catalog.product_commands",
    ),
    "stock": (
        "Stock: add, remove, count, look where it went, undo.",
        "invctl.cli.stock.stock_commands",
    ),
    "hold": (
        "Holds: units promised to somebody until a time.",
        "invctl.cli.promises.hold_commands",
    ),
    "delivery": ("Deliveries: what is on its way.", "invctl.cli.promises.delivery_commands"),
    "place": ("Places: list, rename, remove.", "invctl.cli.stock.place_commands"),
    "code": ("Codes: barcodes that stand for products.", "invctl.cli.catalog.code_commands"),
    "db": (
        "The inventory as a whole: check, back up, restore, copy.",
        "invctl.cli.inventory.database_commands",
    ),
}
# Each command that stands alone: its module, and the name of its Spec there.
_ALONE = {
    "init": ("invctl.cli.inventory.init", "INIT"),
    "log": ("invctl.cli.stock.log", "LOG"),
    "undo": ("invctl.cli.stock.undo", "UNDO"),
    "serve": ("invctl.cli.inventory.serve", "SERVE"),
    "completion": ("invctl.cli.completion.command", "COMPLETION"),
    "help": ("invctl.cli.help.command", "HELP"),
}
_NAMES = ("init", *_NOUNS, "log", "undo", "serve", "completion", "help")


def build_app() -> Any:
    """Return the root of the command line."""
    return build_group("invctl", ABOUT, LazyCommands(dict.fromkeys(_NAMES), _build))


def _build(name: str) -> Any:
    if name in _NOUNS:
        return build_noun(name, *_NOUNS[name])
    module, spec = _ALONE[name]
    return build_command(name, getattr(import_module(module), spec))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every error is told on standard error."""
    invocation = Invocation()
    try:
        command = build_app().main(
            list(arguments),
            prog_name="invctl",
            standalone_mode=False,
            obj=invocation,
            help_option_names=list(HELP),
        )
        # Help and version have run already, and leave their exit code.
        status = command if isinstance(command, int) else command() or ExitCode.SUCCESS
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
        return 128 + stopped.number
    except Exception as error:
        found = invocation.explain(error)
        found.__cause__ = error
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
        for value in (
            argument if re.fullmatch("-[qVh]*o|--output", previous) else None,
            argument.partition("o")[2] if re.match("-[qVh]*o", argument) else None,
            argument.removeprefix("--output=") if argument.startswith("--output=") else None,
        ):
            found = value if value in FORMATS else found
        previous = argument
    return found
