"""`invctl help`: the page of a command, or a topic."""

from typing import Annotated

import typer
from typer.core import TyperGroup

from invctl.cli.help.topics import TOPICS, telling_of, topic_page
from invctl.cli.printing.streams import encoding_for_people, write_out
from invctl.cli.spec import Spec
from invctl.errors import UsageError

_SHOWN = 2
"""Topics that are told of as having a word in them."""


def help_(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMAND...|TOPIC", help=f"A command, or one of {', '.join(TOPICS)}."
        ),
    ] = None,
) -> None:
    """Explain a command or a topic; without one, list the commands."""
    page = _page(ctx, words or [])
    write_out(f"{page}\n", encoding=encoding_for_people())


def _page(ctx: typer.Context, words: list[str]) -> str:
    if len(words) == 1 and words[0] in TOPICS:
        return topic_page(words[0])
    above = ctx.find_root()
    for word in words:
        group = above.command
        command = group.commands.get(word) if isinstance(group, TyperGroup) else None
        if command is None:
            raise _unknown(above.command_path, words)
        # As if it had been typed with --help: its page says its name by what stands above it.
        above = typer.Context(command, info_name=word, parent=above)
    return above.command.get_help(above)


def _unknown(above: str, words: list[str]) -> UsageError:
    """Return the error for words that are neither a command nor a topic, `above` them a group."""
    from invctl.cli.meanings import commands_for
    from invctl.cli.misuse import question
    from invctl.cli.spelling import nearest

    found = nearest(words[0], TOPICS)
    if not found:
        fits = commands_for(words[-1], above.partition(" ")[2])
        # Where an option of a command is meant, it is on that command's page.
        found = [one.partition(" -")[0] for one in fits if not one.startswith("-")]
    if not found and len(words) == 1:
        found = telling_of(words[0])[:_SHOWN]
    meant = question(f"invctl help {one}" for one in found) if found else ""
    hint = meant or "`invctl help` lists the commands and topics"
    return UsageError(f"there is no command or topic '{' '.join(words)}'", hint)


HELP = Spec(
    help_,
    ("invctl help stock remove", "invctl help exit-codes"),
    exits={2: "there is no such command or topic"},
)
