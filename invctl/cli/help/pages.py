"""The pages of `--help`: what a command does and takes, its files, examples and exit codes.

The options that every command takes are explained on the first page alone, `invctl --help`.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from invctl.cli.help.topics import TOPICS
from invctl.cli.options import GLOBAL, HELP, JSON
from invctl.cli.printing.prose import paragraph, terms
from invctl.cli.spec import RUN
from invctl.errors import InventoryError
from invctl.text import printable

if TYPE_CHECKING:
    from invctl.cli.spec import Spec

_INDENT = "  "
_FIRST = (
    "invctl product create TSHIRT-RED-L --name 'T-shirt, red, L' --quantity 10",
    "invctl stock remove TSHIRT-RED-L 3 --reason sale",
)


def command_page(command: TyperCommand, ctx: typer.Context, spec: "Spec") -> str:
    """Return the page of a command."""
    own = [p for p in command.params if p not in GLOBAL]
    arguments = [(p.make_metavar(ctx), p.help or "") for p in own if isinstance(p, TyperArgument)]
    arguments += [(RUN, spec.runs)] if spec.runs else []
    options = [_option(p, ctx) for p in own if isinstance(p, TyperOption)]
    exits = sorted({0: "done", **spec.exits}.items())
    return _page(
        _usage(command, ctx),
        paragraph(command.help or "", indent=_INDENT),
        _section("Arguments", terms(arguments)),
        _section("Options", terms(options)),
        _section("Columns of the file", terms(list(spec.columns.items()))),
        _section("Fields, for --columns", paragraph(", ".join(spec.fields), indent=_INDENT)),
        _section("Examples", [_INDENT + example for example in spec.examples]),
        _section(
            "Exit codes (`invctl help exit-codes` tells them all)",
            terms([*((str(code), when) for code, when in exits), *spec.ends.items()]),
        ),
        _section(
            "Global options (`invctl --help` explains them)",
            paragraph(" ".join(_general_names()), indent=_INDENT),
        ),
    )


def group_page(group: TyperGroup, ctx: typer.Context) -> str:
    """Return the page of a group of commands; the first one explains the global options too."""
    is_first = ctx.parent is None
    also = f"`{ctx.command_path} COMMAND --help` explains a command"
    also += f", `invctl help TOPIC` one of: {', '.join(TOPICS)}." if is_first else "."
    return _page(
        _usage(group, ctx),
        paragraph(group.help or "", indent=_INDENT),
        _section(
            "Commands", terms([(name, one.help or "") for name, one in group.commands.items()])
        ),
        _section("Global options", _general(ctx)) if is_first else [],
        _section("Examples", [_INDENT + example for example in _FIRST]) if is_first else [],
        paragraph(also),
    )


def _page(*blocks: Sequence[str]) -> str:
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title}:", *lines] if lines else []


def _general(ctx: typer.Context) -> list[str]:
    return terms([*(_option(p, ctx) for p in GLOBAL), (", ".join(HELP), "Explain the command.")])


def _usage(command: TyperCommand | TyperGroup, ctx: typer.Context) -> list[str]:
    pieces = " ".join(command.collect_usage_pieces(ctx))
    return paragraph(f"Usage: {ctx.command_path} {pieces}", hang="       ")


def _option(param: TyperOption, ctx: typer.Context) -> tuple[str, str]:
    """Return an option's names and what it is for."""
    names = ", ".join(sorted(param.opts, key=len))
    if not param.is_flag:
        names += f" {param.make_metavar(ctx=ctx)}"
    return names, f"{param.help}{' [required]' if param.required else ''}"


def _general_names() -> list[str]:
    """Return what the global options are called in short, in the order of the first page."""
    names = [*(min(one.opts, key=len) for one in GLOBAL), HELP[0]]
    names.insert(names.index("-o") + 1, JSON)  # another spelling of it, and no option by itself
    return names


def first_steps(db: str | None) -> str:
    """Return what to type first where there is no inventory yet; nothing where there is one."""
    from invctl.settings import ServerLocation, locate

    try:
        where = locate(db)
    except InventoryError:  # a command that needs it says what is wrong
        return ""
    if isinstance(where, ServerLocation) or os.path.lexists(where.path):
        return ""
    steps = [
        *paragraph("There is no inventory yet. This makes one, with a first product:"),
        _INDENT + _FIRST[0],
        *paragraph(f"It would be {printable(where.path)}; --db or INVCTL_DB name another place."),
    ]
    return "\n\n" + "\n".join(steps)
