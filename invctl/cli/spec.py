"""What a command is, beside what its function declares: for who builds it and who explains it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from typer.core import TyperOption

RUN = "COMMAND [ARG...]"
"""How the help calls another command that a command runs."""

# When several commands end with a code.
OTHER_KEY = "the key belongs to another request"
UNKNOWN_PRODUCT = {3: "there is no such product"}
ARCHIVED_PRODUCT = {4: f"the product is archived, or {OTHER_KEY}"}
REFUSED_LINES = {6: "lines were refused: each is named, and nothing was changed"}
UNCONFIRMED = {7: "it was not confirmed: --yes does that without a question"}


class Spec(NamedTuple):
    """A command: its function, and what its page tells beside what the function declares."""

    run: Callable[..., int | None]
    examples: tuple[str, str]
    options: tuple[TyperOption, ...] = ()
    exits: Mapping[int, str] = {}
    """When it ends with which exit code, but for those that mean the same everywhere."""
    columns: Mapping[str, str] = {}
    """The columns of the file that it reads."""
    fields: tuple[str, ...] = ()
    """The fields of the records that it prints."""
    negative: str = ""
    """What to say to a negative number, which would pass for an unknown option."""
    runs: str = ""
    """What the command is for that it runs, which stands behind `--`; most run none."""
    ends: Mapping[str, str] = {}
    """How it ends as the command does that it runs, beside its own exit codes."""
    surplus: str = ""
    """What to say to an argument too many, which is `{0}`."""
    instead: Mapping[str, str] = {}
    """Which command does what an option would, that this one does not have."""
