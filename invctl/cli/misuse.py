"""What is wrong with a command line, in this program's words, and what was meant instead."""

from collections.abc import Collection, Iterable, Sequence
from shlex import quote
from typing import Any

import typer

from invctl.cli.meanings import commands_for, options_for
from invctl.cli.options import GLOBAL
from invctl.errors import UsageError


def unknown_command(ctx: Any, word: str) -> UsageError:
    """Return the error for a word that is no command of a group."""
    group = _path(ctx)
    meant = commands_for(word, group)
    lists = f"`{ctx.command_path} --help` lists them"
    hint = question(f"invctl {one}" for one in meant) if meant else lists
    return UsageError(f"there is no command '{f'{group} {word}'.lstrip()}'", hint)


def unknown_option(ctx: Any, name: str) -> UsageError:
    """Return the error for an option that a command does not have."""
    params = {word: param for param in ctx.command.get_params(ctx) for word in _names(param)}
    instead = ctx.command.spec.instead if hasattr(ctx.command, "spec") else {}
    own = [word for word, param in params.items() if word.startswith("--") and param not in GLOBAL]
    found = () if name in instead else options_for(name, params, own)
    found = found or options_for(name, {*params, *instead}, own)
    argument = next((one for one in found if not one.startswith("-")), None)
    other = next((instead[one] for one in found if one in instead), None)
    behind = _commands_with(ctx, name)
    if behind:
        hint = f"it stands behind a command that has it: `invctl {behind[0]} {name}`"
    elif other:
        hint = other if "`" in other else f"`invctl {other}` does that"
    elif argument:
        hint = f"{argument} is given without an option: `{_line(ctx)}`"
    elif found:
        hint = question(found)
    else:
        hint = f"`{ctx.command_path} --help` lists them"
    return UsageError(f"`{ctx.command_path}` has no option {name}", hint)


def _commands_with(ctx: Any, name: str) -> list[str]:
    """Return the commands of a group that have an option which was given to the group itself."""
    if not hasattr(ctx.command, "list_commands"):
        return []
    from invctl.cli.completion.tree import COMMANDS

    inside = f"{group} " if (group := _path(ctx)) else ""
    return [
        path
        for path, (_, _, options, *_) in COMMANDS.items()
        if path.startswith(inside) and any(name in names for names, *_ in options)
    ]


def surplus(ctx: Any, words: Sequence[str], instead: str) -> UsageError:
    """Return the error for arguments that a command does not take; `instead` may say what does."""
    hint = instead.format(quote(words[0])) if instead else _explained(ctx)
    return UsageError(f"'{words[0]}' is more than `{_line(ctx)}` takes", hint)


def explained(error: typer.TyperException) -> UsageError:
    """Return what Typer found wrong with a command line."""
    ctx: Any = getattr(error, "ctx", None)
    if hasattr(error, "possibilities"):
        return unknown_option(ctx, str(error.option_name))  # type: ignore[attr-defined]
    message = error.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:], _explained(ctx))


def _path(ctx: Any) -> str:
    return str(ctx.command_path).partition(" ")[2]


def _names(param: Any) -> Collection[str]:
    return (param.metavar,) if param.param_type_name == "argument" else param.opts


def _arguments(ctx: Any) -> list[str]:
    return [p.metavar for p in ctx.command.params if p.param_type_name == "argument"]


def _line(ctx: Any) -> str:
    return " ".join((ctx.command_path, *_arguments(ctx)))


def question(lines: Iterable[str]) -> str:
    """Return what asks whether one of some command lines was meant."""
    *others, last = (f"`{line}`" for line in lines)
    return f"did you mean {', '.join(others)}{' or ' if others else ''}{last}?"


def _explained(ctx: Any) -> str:
    path = ctx.command_path if ctx else "invctl"
    return f"`{path} --help` shows how it is used"
