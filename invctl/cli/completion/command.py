"""`invctl completion SHELL`: the scripts that make a shell ask `invctl __complete`."""

from pathlib import Path
from typing import Annotated

import typer

from invctl.cli.arguments import one_of
from invctl.cli.printing.streams import write_out
from invctl.cli.spec import Spec

SCRIPTS = {
    "bash": "invctl.bash",
    "zsh": "_invctl",
    "fish": "invctl.fish",
    "powershell": "invctl.ps1",
}


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help=f"One of {', '.join(SCRIPTS)}.")],
) -> None:
    """Print the script that makes a shell complete commands, options and SKUs."""
    one_of(shell, SCRIPTS, "SHELL")
    write_out(read_script(shell))


def read_script(shell: str) -> str:
    """Return a shell's script."""
    scripts = Path(__file__).with_name("scripts")
    return (scripts / SCRIPTS[shell]).read_text(encoding="utf-8")


COMPLETION = Spec(
    completion,
    ("source <(invctl completion bash)", "invctl completion zsh > ~/.zfunc/_invctl"),
)
