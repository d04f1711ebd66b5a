"""All that goes to standard error: errors, warnings, notes and questions."""

import json
import os
import re
import sys

from invctl.cli.exit_codes import ExitCode, code_of
from invctl.cli.printing.streams import is_terminal, safe_lines, wants_color, write_err
from invctl.errors import ConfirmationRequired, InvalidData, InventoryError
from invctl.text import printable, quoted

DEBUG = "INVCTL_DEBUG"
_SHOWN = 10
"""Lines of a file that are told of: what to do stands above them, and is to stay on a screen."""
_LABEL = "error:"
_STORED_TIME = r"(?<!\S)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(?![^\s,;:])"
"""A time that a message tells; what somebody typed stands in quotes and stays as it is."""


class InternalError(InventoryError):
    """a bug in invctl: {problem}"""

    hint = f"{DEBUG}=1 shows where; please report it"

    def __init__(self, error: BaseException) -> None:
        super().__init__(problem=f"{type(error).__name__}: {error}")


def report(error: InventoryError, *, machine: bool, color: str = "auto") -> ExitCode:
    """Tell an error, as JSON where a machine reads, and return its exit code."""
    if machine:
        write_err(as_json(error))
    else:
        _tell(_as_text(error), color=wants_color(color, 2))
    if os.environ.get(DEBUG):
        import traceback

        write_err(safe_lines("".join(traceback.format_exception(error))))
    return code_of(error)


def as_dict(error: InventoryError) -> dict[str, object]:
    """Return an error as the object that scripts read."""
    return {
        "code": error.code,
        "exit_code": code_of(error),
        "message": error.message,
        "hint": error.advice or None,
        "retryable": error.retryable,
        "details": error.details,
    }


def as_json(error: InventoryError) -> str:
    """Return an error as one line of JSON."""
    return json.dumps({"error": as_dict(error)}, separators=(",", ":"))


def _as_text(error: InventoryError) -> str:
    hint = f"; {error.advice}" if error.hint else ""
    text = f"invctl: {_LABEL} {error.message}{hint}"
    # Of one line, and of a summary, all is said in the message.
    if isinstance(error, InvalidData) and error.count != 1 and not error.summary:
        text += _line_errors(error)
    return text


def _in_local_time(text: str) -> str:
    """Return a message with the times that it names as the tables beside it show them."""

    def local(stored: re.Match[str]) -> str:
        from invctl.cli.printing.cells import moment

        return " ".join(moment(stored[0]))

    return re.sub(_STORED_TIME, local, text)


def _line_errors(error: InvalidData) -> str:
    lines = [f"  {one.sentence}" for one in error.lines[:_SHOWN]]
    if error.count > len(lines):
        lines.append(f"  … and {error.count - len(lines)} more; -o json tells the first 100")
    return "".join(f"\n{line}" for line in lines)


def warn(text: str, *, quiet: bool) -> None:
    """Tell what a person should know though it went well."""
    if not quiet:
        _tell(f"invctl: warning: {safe_lines(text)}")


def note(text: str, *, quiet: bool) -> None:
    """Tell what was done besides the result."""
    if not quiet:
        _tell(f"invctl: {safe_lines(text)}")


def _tell(text: str, *, color: bool = False) -> None:
    """Write what people read, on a terminal in lines that end between words."""

    def shaped(text: str) -> str:
        text = for_terminal(text, 2)  # before the colour, which takes no room on a line
        return text.replace(_LABEL, f"\x1b[1;31m{_LABEL}\x1b[0m", 1) if color else text

    write_err(text, shaped)


def for_terminal(text: str, descriptor: int) -> str:
    """Return text as a terminal shows it: times local, lines ending between words."""
    if not is_terminal(descriptor):
        return text
    from invctl.cli.printing.prose import folded

    return folded(_in_local_time(text))


def confirm(action: str, flag: str) -> None:
    """Ask whether to go on. Raises ConfirmationRequired where nobody can answer, or said no."""
    if not (is_terminal(0) and is_terminal(2)):
        raise ConfirmationRequired(action, flag)
    from invctl.stopping import closing_first

    # A copy that has no name yet may wait for the answer, and an inventory be open.
    with closing_first():
        agreed = _answer(f"{printable(action)}? [y/N]:")
    if not agreed:
        raise ConfirmationRequired(action, flag, refused=True)


def _answer(question: str) -> bool:
    """Return whether a question is answered by yes; nothing is no answer, and none is a no."""
    while True:
        write_err(question, lambda text: for_terminal(text, 2), end=" ")
        typed = sys.stdin.buffer.readline()  # of bytes: what is no UTF-8 is no answer, and no bug
        said = typed.decode("utf-8", "backslashreplace").strip()
        if not typed.endswith(b"\n"):
            write_err("")  # no line end was typed
        if said.casefold() in ("y", "yes"):
            return True
        if said.casefold() in ("", "n", "no"):
            return False
        note(f"{quoted(said)} is neither yes nor no", quiet=False)
