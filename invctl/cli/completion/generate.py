"""`python -m invctl.cli.completion.generate`: the static half of completion, made anew.

Writes `tree.py` from the real command line, and the scripts' copies in the repository's
`completions/`, where packagers look for them. Run it when a command or an option has changed; a
test fails until then.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperOption

from invctl.cli import commands as built
from invctl.cli.app import build_app
from invctl.cli.completion.command import SCRIPTS, read_script
from invctl.cli.completion.tree import MORE, PROGRAM, Command, Option, Takes
from invctl.cli.help.topics import TOPICS, about
from invctl.cli.options import GLOBAL, HELP, JSON
from invctl.cli.printing.format import FORMATS
from invctl.cli.printing.streams import COLORS
from invctl.models.fields import HOLD_STATES, KINDS, PRODUCT_SORTS, SCAN_MODES, TOTALS_BY
from invctl.values import SKU_RULES

TREE = Path(__file__).with_name("tree.py")
COPIES = Path(__file__).parents[3] / "completions"

# A new list of choices, kind of file or kind of SKU gets its line here; all else is just text.
_OPTIONS: dict[str, Takes] = {
    "--db": "file",
    "--output": FORMATS,
    "--color": COLORS,
    "--sort": PRODUCT_SORTS,
    "--sku-rule": SKU_RULES,
    "--columns": "fields",
    "--map": "pairs",
    "--defaults": "pairs",
    "--reason": "reason",
    "--actor": "actor",
    "--kind": KINDS,
    "--by": TOTALS_BY,
    "--sku": "any",
    "--state": HOLD_STATES,
    "--mode": SCAN_MODES,
    "--decimal-mark": (".", ","),
    "--encoding": ("cp1252", "cp850", "latin-1", "mac-roman", "utf-8", "utf-16"),
    "--to": "place",
    "--from": "place",
    "--in": "place",
    "--place": "place",
    "--lot": "lot",
}
_ARGUMENTS: dict[str, Takes] = {
    "SKU": "active",
    "SKU...": "active",
    "PLACE": "place",
    "SHELL": tuple(SCRIPTS),
    "FILE": "file",
    "FILE|-": "file",
    "TARGET": "file",
    "OPERATION": "operation",
    "HOLD": "hold",
    "DELIVERY": "delivery",
    "CODE": "code",
    "SKU[=N]...": "active",
    "COMMAND...|TOPIC": "help",
}
_OF_OPEN_ONES = ("commit", "release", "extend", "receive", "cancel", "list")
"""The commands of promises whose --ref is mostly one that open ones have."""
_LOGS = ("log", "stock log")
"""The commands whose --ref is one that was used, and not a new one."""
_SKUS: dict[str, Takes] = {
    "product create": "text",  # a new one
    "product show": "any",
    "product unarchive": "archived",
    "stock history": "any",
    "stock where": "any",
    "code add": "any",
    "code list": "any",
}
_HEADER = '''"""What there is to complete, but for SKUs. Generated; do not edit.

`python -m invctl.cli.completion.generate` makes it from the real command line.
"""
# fmt: off
# ruff: noqa: E501

Takes = str | tuple[str, ...] | None
"""A value's choices, or its kind; None where there is no value.

Kinds are `text`, a `file`, a SKU (`active`, `archived` or `any`), an `operation`, an open `hold`
or `delivery`, the `hold ref` or `delivery ref` of such, a `reason`, an `actor` or a `ref` in use, a
`code`, a `place`, a `lot` of the SKU before it, a list of the command's `fields`, `pairs` of its
file's columns with a text, and what `help` explains."""

MORE = "..."
"""Stands behind the last of a command's arguments where as many more of them may follow."""

PROGRAM = "program"
"""Stands behind all arguments of a command that runs another one, which comes after `--`."""

Option = tuple[tuple[str, ...], Takes, str]
"""Its names, its value, its help."""

Command = tuple[str, tuple[Takes, ...], tuple[Option, ...], tuple[str, ...], tuple[str, ...]]
"""Its help, its arguments, its options beside the global ones, its records' fields, its file's
columns."""
'''


def tree_source() -> str:
    """Return what `tree.py` should say."""
    root = build_app()
    general = [*GLOBAL, *(one for one in _options_of(root) if HELP[0] in one.opts)]
    groups: dict[str, tuple[str, ...]] = {}
    commands: dict[str, Command] = {}
    for path, command in walk("", root):
        if isinstance(command, built.CommandGroup):
            groups[path] = tuple(command.commands)
        commands[path] = _described(path, command)
    return "".join(
        (
            _HEADER,
            "\nGLOBAL: tuple[Option, ...] = (\n",
            *(f"    {_source(option)},\n" for param in general for option in _options("", param)),
            ")\n\nTOPICS: tuple[tuple[str, str], ...] = (\n",
            *(f"    {_source((topic, about(topic)))},\n" for topic in TOPICS),
            ")\n\nGROUPS: dict[str, tuple[str, ...]] = {\n",
            *(f"    {_source(path)}: {_source(names)},\n" for path, names in groups.items()),
            "}\n\nCOMMANDS: dict[str, Command] = {\n",
            *(_command_source(path, command) for path, command in commands.items()),
            "}\n",
        )
    )


def walk(path: str, command: built.AnyCommand) -> Iterator[tuple[str, built.AnyCommand]]:
    """Yield a command with its path, and all below it."""
    yield path, command
    if isinstance(command, built.CommandGroup):
        for name, below in command.commands.items():
            assert isinstance(below, built.AnyCommand)
            yield from walk(f"{path} {name}".lstrip(), below)


def _options_of(command: built.AnyCommand) -> list[TyperOption]:
    context = typer.Context(command, help_option_names=list(HELP))
    return [p for p in command.get_params(context) if isinstance(p, TyperOption)]


def _described(path: str, command: built.AnyCommand) -> Command:
    own = [o for o in _options_of(command) if o not in GLOBAL and HELP[0] not in o.opts]
    taken = [p for p in command.params if isinstance(p, TyperArgument)]
    arguments = tuple(_argument(path, p) for p in taken)
    if taken and taken[-1].nargs < 0:
        arguments = (*arguments, MORE)
    options = [described for option in own for described in _options(path, option)]
    spec = command.spec if isinstance(command, built.Command) else None
    if spec and spec.runs:
        arguments = (*arguments, PROGRAM)
    told = (spec.fields, tuple(spec.columns)) if spec else ((), ())
    # Longer than any: Typer would cut it where its own lists have no room.
    return command.get_short_help_str(200), arguments, tuple(options), *told


def _argument(path: str, param: TyperArgument) -> Takes:
    if (path, param.metavar) == ("code add", "CODE"):
        return "text"  # a new one
    if param.metavar in ("SKU", "SKU...") and path in _SKUS:
        return _SKUS[path]
    return _ARGUMENTS.get(param.metavar or "", "text")


def _options(path: str, param: TyperOption) -> Iterator[Option]:
    """Yield an option of a command; `--json`, which is part of another one, too."""
    names = tuple(sorted(param.opts, key=len))
    takes: Takes = None if param.is_flag else _OPTIONS.get(names[-1], "text")
    kind, _, verb = path.partition(" ")
    if names == ("--ref",) and kind in ("hold", "delivery") and verb in _OF_OPEN_ONES:
        takes = f"{kind} ref"
    if names == ("--ref",) and path in _LOGS:
        takes = "ref"
    yield names, takes, param.help or ""
    if "--output" in names:
        yield (JSON,), None, "Like -o json."


def _command_source(path: str, command: Command) -> str:
    said, arguments, options, *told = command
    lines = "".join(f"        {_source(option)},\n" for option in options)
    inside = f"(\n{lines}    )" if options else "()"
    parts = (_source(said), _source(arguments), inside, *map(_source, told))
    return f"    {_source(path)}: ({', '.join(parts)}),\n"


def _source(value: object) -> str:
    """Return a constant as Python source, with the quotes that the rest of the project has."""
    if isinstance(value, tuple):
        inside = ", ".join(map(_source, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def main() -> None:
    """Write the tree and the copies of the scripts."""
    TREE.write_text(tree_source(), encoding="utf-8")
    for shell, name in SCRIPTS.items():
        (COPIES / name).write_text(read_script(shell), encoding="utf-8")


if __name__ == "__main__":
    main()
