"""What is wrong with a command line, in this program's words, and what was meant instead.

What is told to be typed has in it what the line said already.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from shlex import quote
from typing import NamedTuple

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from invctl.cli.invocation import invocation
from invctl.cli.meanings import command_of, commands_for, noun_of, options_for
from invctl.cli.options import GLOBAL, JSON
from invctl.cli.spec import Spec
from invctl.errors import InvalidValue, UsageError
from invctl.text import quoted

_PLACEHOLDER = "[A-Z_]{2,}"
_NO_TEXT = {"DURATION": "[0-9]", "FIELD": "[a-z]"}
"""What the values begin with that a SKU is none of."""
_PREPOSITIONS = ("at", "from", "in", "into", "on", "to")
_WITH_BLANKS = ("LOT", "NAME", "PLACE", "PLACE|any", "TEXT", "TIME", "WORD")
"""Values that may be of several words, which a shell takes for one where they are in quotes."""


class Typed(NamedTuple):
    """What a command line says: its arguments in order, and the values of its options."""

    arguments: list[str]
    options: dict[str, str]


def _typed(ctx: typer.Context) -> Typed:
    """Return what a command was given, as far as it can be told: the line may be a wrong one."""
    flags = {JSON, *(name for one in _options(ctx) if one.is_flag for name in one.opts)}
    typed, words = Typed([], {}), iter(invocation(ctx).given)
    for word in words:
        name, _, value = word.partition("=")
        if word == "--":
            typed.arguments.extend(words)
        elif not word.startswith("-") or word == "-":
            typed.arguments.append(word)
        elif name.startswith("--") or len(name) == 2:
            typed.options[name] = "" if name in flags else value or next(words, "")
        elif all(f"-{letter}" in flags for letter in word[1:-1]) and f"-{word[-1]}" not in flags:
            next(words, "")  # `-qo json`: a value, and no argument
    return typed


def unknown_command(ctx: typer.Context, word: str, rest: Sequence[str]) -> UsageError:
    """Return the error for a word that is no command of a group; the `rest` follows it."""
    group = _path(ctx)
    following = rest[0] if rest else ""
    noun = "" if group else noun_of(following)  # as others have it: `list holds`
    meant: Sequence[str] = commands_for(word, noun or group)
    meant = [one for one in meant if one.startswith(f"{noun} ")] or meant
    if following and not following.startswith("-") and not noun:
        meant = [_named(one, following) for one in meant]
    # A SKU or a place in the place of a command, which may be the next word: `stock MUG add 3`.
    if not meant and (command := command_of(word, group, following)):
        given = rest[1:] if command.endswith(f" {following}") else rest
        meant = [" ".join((command, *map(quote, (word, *given))))]
    lists = f"`{ctx.command_path} --help` lists them"
    hint = question(f"invctl {one}" for one in meant) if meant else lists
    return UsageError(f"there is no command '{f'{group} {word}'.lstrip()}'", hint)


def _named(command: str, word: str) -> str:
    """Return a command with a word in the place of what stands last in it, if it can be that."""
    before, _, last = command.rpartition(" ")
    fits = re.fullmatch(_PLACEHOLDER, last) and re.match(_NO_TEXT.get(last, ""), word)
    return f"{before} {quote(word)}" if fits else command


def unknown_option(ctx: typer.Context, name: str) -> UsageError:
    """Return the error for an option that a command does not have."""
    arguments = _arguments(ctx)
    if sku := _is_sku(ctx, name, arguments):
        return InvalidValue("sku", sku, f"{quoted(sku)} starts with '-'")
    instead = _instead(ctx)
    known = {*arguments, *(one for option in _options(ctx) for one in option.opts)}
    own = [one for one in _own_options(ctx) if one.startswith("--")]
    # By its own options first: what only another command has must not be nearer than they are.
    found = () if name in instead else options_for(name, known, own)
    found = found or options_for(name, {*known, *instead}, own)
    argument = next((one for one in found if not one.startswith("-")), None)
    meant = next((one for one in found if one in instead), None)
    behind = _commands_with(ctx, name)
    if behind:
        hint = f"it stands behind a command that has it: `invctl {behind[0]} {name}`"
    elif meant:
        hint = _filled(ctx, instead[meant], name, meant)
    elif argument:
        hint = f"{argument} is given without an option: `{_line(ctx, filled=True)}`"
    elif found:
        hint = question(found)
    else:
        hint = f"`{ctx.command_path} --help` lists them"
    return UsageError(f"`{ctx.command_path}` has no option {name}", hint)


def _instead(ctx: typer.Context) -> Mapping[str, str]:
    spec: Spec | None = getattr(ctx.command, "spec", None)  # groups have none
    return spec.instead if spec else {}


def _is_sku(ctx: typer.Context, name: str, arguments: Collection[str]) -> str | None:
    """Return the word in which an option was found that there is not, if it looks like a SKU."""
    given = invocation(ctx).given
    word = next((one for one in given if one.startswith(name) and one[1:2] != "-"), "")
    takes_sku = any(one.removesuffix("...").endswith("SKU") for one in arguments)
    return word if takes_sku and re.fullmatch("-[A-Z0-9][A-Z0-9-]+", word) else None


def _commands_with(ctx: typer.Context, name: str) -> list[str]:
    """Return the commands of a group that have an option which was given to the group itself."""
    if not isinstance(ctx.command, TyperGroup):
        return []
    from invctl.cli.completion.tree import COMMANDS

    inside = f"{group} " if (group := _path(ctx)) else ""
    return [
        path
        for path, (_, _, options, *_) in COMMANDS.items()
        if path.startswith(inside) and any(name in names for names, *_ in options)
    ]


def surplus(ctx: typer.Context, words: Sequence[str], instead: str) -> UsageError:
    """Return the error for arguments that a command does not take; `instead` may say what does.

    They are `{0}` and `{1}` there, and those that it takes `{given[0]}` and so on.
    """
    arguments = [p for p in ctx.command.params if isinstance(p, TyperArgument)]
    taken = (ctx.params.get(str(one.name)) for one in arguments)
    texts = [one if isinstance(one, str) else "" for one in taken]
    hint = _as_options(ctx, words) or _as_another(ctx, words, texts)
    if instead and not hint:
        places = [word for word in words if word not in _PREPOSITIONS] or words
        more = [*map(quote, places), "PLACE"]  # of two places only one may have been typed
        hint = instead.format(*more, given=[text and quote(text) for text in texts])
    return UsageError(f"'{words[0]}' is more than `{_line(ctx)}` takes", hint or _explained(ctx))


def _as_options(ctx: typer.Context, words: Sequence[str]) -> str:
    """Return what to say where words are the rest of an option's value, or an option's name."""
    params = {name: one for one in _options(ctx) if not one.is_flag for name in one.opts}
    given = invocation(ctx).given
    for at, word in enumerate(given):
        name, _, value = word.partition("=")
        value, *rest = [value, *given[at + 1 :]] if value else [*given[at + 1 :], ""]
        if name in params and rest[0] == words[0]:
            more = takewhile(lambda one: one and not one.startswith("-"), rest)
            if whole := _whole(params[name], name, [value, *more]):
                return question([whole])
    option = f"--{words[0].lower()}"  # `reason sale`, `to SHOP`
    if option in (others := _instead(ctx)):
        return _filled(ctx, others[option], option, option)
    return question([" ".join((option, *map(quote, words[1:2])))]) if option in params else ""


def _whole(param: TyperOption, name: str, parts: Sequence[str]) -> str:
    """Return an option with a value that blanks had parted; '' where it can have none."""
    if param.metavar in _WITH_BLANKS:
        return f"{name} {quote(' '.join(parts))}"
    if "," in (param.metavar or ""):
        return f"{name} {quote(','.join(parts))}"
    return " ".join(f"{name} {quote(part)}" for part in parts) if param.multiple else ""


def _as_another(ctx: typer.Context, words: Sequence[str], taken: Sequence[str]) -> str:
    """Return what to say where words look as what was taken does: `MUG 3 CUP 2`."""
    more = words[: len(taken)]
    shape = [*map(str.isdecimal, taken)]
    if not any(shape) or [*map(str.isdecimal, more)] != shape:
        return ""
    return f"`{ctx.command_path} {' '.join(map(quote, more))}` is a command of its own"


def explained(error: typer.TyperException) -> UsageError:
    """Return what Typer found wrong with a command line."""
    ctx: typer.Context | None = getattr(error, "ctx", None)
    # Typer's classes of errors are private: they are told apart by what they have.
    if ctx and hasattr(error, "possibilities"):
        return unknown_option(ctx, str(error.option_name))  # type: ignore[attr-defined]
    message = error.format_message().rstrip(".")
    lacks = f" of `{_line(ctx)}{_required(ctx)}`" if ctx and hasattr(error, "param_type") else ""
    return UsageError(f"{message[:1].lower()}{message[1:]}{lacks}", _explained(ctx))


def _path(ctx: typer.Context) -> str:
    return str(ctx.command_path).partition(" ")[2]


def _arguments(ctx: typer.Context) -> list[str]:
    return [str(p.metavar) for p in ctx.command.params if isinstance(p, TyperArgument)]


def _options(ctx: typer.Context) -> list[TyperOption]:
    return [p for p in ctx.command.get_params(ctx) if isinstance(p, TyperOption)]


def _line(ctx: typer.Context, *, filled: bool = False) -> str:
    """Return a command and its arguments, `filled` with what the line says of them."""
    names = _arguments(ctx)
    if not filled:
        return " ".join((ctx.command_path, *names))
    typed, others = _typed(ctx), _own_options(ctx)
    # `--sku MUG --amount 3` where these are arguments.
    meant = {
        name: value
        for option, value in typed.options.items()
        for name in (() if option in others else options_for(option, names)[:1])
    }
    rest = iter(typed.arguments)
    values = [meant.get(name) or next(rest, None) for name in names]
    words = [quote(v) if v else name for v, name in zip(values, names, strict=True)]
    for option, value in typed.options.items():
        if option in others:
            words.append(f"{option} {quote(value)}" if value else option)
    return " ".join((ctx.command_path, *words))


def _own_options(ctx: typer.Context) -> Collection[str]:
    return {name for one in _options(ctx) if one not in GLOBAL for name in one.opts}


def _required(ctx: typer.Context) -> str:
    """Return the options that a command cannot do without, as they stand behind its arguments."""
    required = (one for one in _options(ctx) if one.required)
    return "".join(f" {one.opts[0]} {one.make_metavar(ctx)}" for one in required)


def _filled(ctx: typer.Context, instead: str, option: str, meant: str) -> str:
    """Return which command does what an option would that there is not, which is `meant` by it.

    It has in it what the line says; a sentence stays as it is.
    """
    if "`" in instead:
        return instead
    typed = _typed(ctx)
    known = dict(zip(_arguments(ctx), typed.arguments, strict=False))
    given, words = typed.options.get(option, ""), instead.split()
    of_options = {**typed.options, meant: given}
    for at, word in enumerate(words):
        if re.fullmatch(_PLACEHOLDER, word):
            before = words[at - 1]  # an option's value is called as arguments are
            else_given = "" if before.startswith("-") else given
            value = of_options.get(before) or known.get(word, else_given)
            words[at] = quote(value) if value else word
    return f"`invctl {' '.join(words)}` does that"


def question(lines: Iterable[str]) -> str:
    """Return what asks whether one of some command lines was meant."""
    *others, last = (f"`{line}`" for line in lines)
    return f"did you mean {', '.join(others)}{' or ' if others else ''}{last}?"


def _explained(ctx: typer.Context | None) -> str:
    path = ctx.command_path if ctx else "invctl"
    return f"`{path} --help` shows how it is used"
