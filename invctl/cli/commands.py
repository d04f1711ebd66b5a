"""Commands and groups: built when they are asked for, with the shared options at every level."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from invctl.cli.invocation import invocation
from invctl.cli.options import GLOBAL, refuse_repeats
from invctl.cli.printing.streams import encoding_for_people, write_out
from invctl.cli.spec import RUN, Spec
from invctl.errors import UsageError


def _show_help(ctx: typer.Context, _param: object, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        write_out(f"{ctx.get_help()}\n", encoding=encoding_for_people())
        raise typer.Exit


class _Helped:
    """What has a `--help` that fails as every command does where it cannot be written."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        option.callback = _show_help
        return option


class Command(_Helped, TyperCommand):
    """A command that takes the global options, and says which verb a negative amount meant."""

    spec: Spec

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line of this command."""
        # What another program is to be given has options that Typer would take for its own.
        call = invocation(ctx)
        if self.spec.runs and "--" in args:
            end = args.index("--")
            call.command = tuple(args[end + 1 :])
            args = args[:end]
        call.given = tuple(args)
        ctx.allow_extra_args = True  # so that they are refused here, with what was meant
        try:
            left = super().parse_args(ctx, args)
        except typer.TyperException as error:
            number = next((arg for arg in call.given if re.fullmatch("-[0-9]+", arg)), None)
            if number and self.spec.negative and hasattr(error, "option_name"):
                hint = self.spec.negative.format(amount=number[1:])
                raise UsageError(f"'{number}' is negative", hint) from error
            if not getattr(error, "ctx", None):  # or its advice would be another command's page
                error.ctx = ctx  # type: ignore[attr-defined]
            raise
        if left:
            from invctl.cli.misuse import surplus

            raise surplus(ctx, left, self.spec.surplus)
        # Parsed once more: of an option that is there twice Typer keeps the later value alone.
        refuse_repeats(self.make_parser(ctx).parse_args(list(call.given))[2])
        return left

    def invoke(self, ctx: Any) -> Callable[[], int | None]:
        """Return what runs the command, for after Typer is done with the command line."""
        # Typer would make exits of its own of an interrupt and of a broken pipe. And imports that
        # start deep in its stack take 4 % longer, since CPython maps and unmaps a piece of memory
        # each time that calls cross a 16 KiB border of its frame stack.
        return partial(super().invoke, ctx)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the command line in short: `[OPTIONS] SKU AMOUNT`."""
        arguments = [p for p in self.params if isinstance(p, TyperArgument)]
        shown = (
            a.make_metavar(ctx) if a.required else f"[{a.make_metavar(ctx)}]" for a in arguments
        )
        if self.spec.runs:
            return ["[OPTIONS]", *(a.make_metavar(ctx) for a in arguments), "--", RUN]
        return ["[OPTIONS]", *shown]

    def get_help(self, ctx: Any) -> str:
        """Return what `--help` prints."""
        from invctl.cli.help.pages import command_page

        return command_page(self, ctx, self.spec)


class CommandGroup(_Helped, TyperGroup):
    """A group of commands that takes the global options too."""

    def get_help(self, ctx: Any) -> str:
        """Return what `--help` prints."""
        from invctl.cli.help.pages import group_page

        return group_page(self, ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that a line names, and what follows it."""
        if args[0] not in self.commands:
            from invctl.cli.misuse import unknown_command

            raise unknown_command(ctx, args[0], args[1:])
        return super().resolve_command(ctx, args)


AnyCommand = Command | CommandGroup


class LazyCommands(Mapping[str, AnyCommand]):
    """Knows the names of its commands, and builds one when it is asked for."""

    def __init__(self, names: Iterable[str], build: Callable[[str], AnyCommand]) -> None:
        self._names = tuple(names)
        self._build = build

    def __getitem__(self, name: str) -> AnyCommand:
        if name not in self._names:
            raise KeyError(name)
        return self._build(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def build_command(name: str, spec: Spec) -> Command:
    """Return the command that a spec describes."""
    # Or Typer's --install-completion would stand beside `invctl completion`.
    app = typer.Typer(add_completion=False)
    app.command(name, cls=Command)(spec.run)
    command = typer.main.get_command(app)
    assert isinstance(command, Command)
    command.spec = spec
    command.params = [*command.params, *spec.options, *GLOBAL]
    return command


def build_group(name: str, help: str, commands: LazyCommands) -> CommandGroup:  # noqa: A002
    """Return a group of commands that shows its help, as an error, when none is given."""
    # Invoked without one, or Typer would say that a command is missing, and not which there are.
    app = typer.Typer(cls=CommandGroup, add_completion=False, invoke_without_command=True)

    @app.callback(help=help)
    def need_command(ctx: typer.Context) -> None:
        if ctx.invoked_subcommand is None:
            raise MissingCommand(ctx)

    group = typer.main.get_command(app)
    assert isinstance(group, CommandGroup)
    group.name = name
    group.params = [*group.params, *GLOBAL]
    group.commands = commands  # type: ignore[assignment]
    return group


class MissingCommand(UsageError):
    """{problem}"""

    def __init__(self, ctx: typer.Context) -> None:
        from invctl.cli.help.pages import first_steps

        path = ctx.command_path
        super().__init__("which command?", f"`{path} --help` lists them")
        self.help = ctx.get_help() + ("" if ctx.parent else first_steps(ctx.obj.db))
