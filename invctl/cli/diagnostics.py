"""All that goes to standard error: errors, warnings, notes, questions; and the exit codes."""

import json
import os
from typing import Final

from invctl.cli.streams import is_terminal, safe_lines, wants_color, write_err
from invctl.errors import ConfirmationRequired, InvalidData, InventoryError, line_message
from invctl.text import printable

EXIT_CODES: Final = {
    "internal": 1,
    "usage": 2,
    "not_found": 3,
    "conflict": 4,
    "insufficient_stock": 5,
    "invalid_data": 6,
    "confirmation_required": 7,
    "outcome_unknown": 9,
    "db_missing": 10,
    "db_locked": 11,
    "db_unusable": 12,
    "permission": 13,
    "config": 14,
    "output_io": 15,
}
CHECK_SAID_YES: Final = 8
"""The exit code of a check that found what it looks for, which is no error."""

DEBUG = "INVCTL_DEBUG"
_SHOWN = 20


class InternalError(InventoryError):
    """a bug in invctl: {problem}"""

    hint = f"{DEBUG}=1 shows where; please report it"

    def __init__(self, error: BaseException) -> None:
        super().__init__(problem=f"{type(error).__name__}: {error}")


def report(error: InventoryError, *, machine: bool, color: str = "auto") -> int:
    """Tell an error, as JSON where a machine reads, and return its exit code."""
    write_err(as_json(error) if machine else _as_text(error, wants_color(color, 2)))
    if os.environ.get(DEBUG):
        import traceback

        write_err(safe_lines("".join(traceback.format_exception(error))))
    return EXIT_CODES[error.code]


def as_dict(error: InventoryError) -> dict[str, object]:
    """Return an error as the object that scripts read."""
    return {
        "code": error.code,
        "exit_code": EXIT_CODES[error.code],
        "message": error.message,
        "hint": error.hint or None,
        "retryable": error.retryable,
        "details": error.details,
    }


def as_json(error: InventoryError) -> str:
    """Return an error as one line of JSON."""
    return json.dumps({"error": as_dict(error)}, separators=(",", ":"))


def _as_text(error: InventoryError, color: bool) -> str:
    label = "\x1b[1;31merror:\x1b[0m" if color else "error:"
    hint = f"; {error.hint}" if error.hint else ""
    text = f"invctl: {label} {safe_lines(error.message + hint)}"
    if isinstance(error, InvalidData) and error.details["error_count"] != 1:
        text += _line_errors(error)
    return text


def _line_errors(error: InvalidData) -> str:
    errors, count = error.details["errors"], error.details["error_count"]
    assert isinstance(errors, list)
    assert isinstance(count, int)
    lines = [f"  {printable(line_message(one))}" for one in errors[:_SHOWN]]
    if count > len(lines):
        lines.append(f"  … and {count - len(lines)} more; -o json tells the first 100")
    return "".join(f"\n{line}" for line in lines)


def warn(text: str, *, quiet: bool) -> None:
    """Tell what a person should know though it went well."""
    if not quiet:
        write_err(f"invctl: warning: {safe_lines(text)}")


def note(text: str, *, quiet: bool) -> None:
    """Tell what was done besides the result."""
    if not quiet:
        write_err(f"invctl: {safe_lines(text)}")


def confirm(action: str, flag: str) -> None:
    """Ask whether to go on. Raises ConfirmationRequired where nobody can answer, or said no."""
    if not (is_terminal(0) and is_terminal(2)):
        raise ConfirmationRequired(action, flag)
    import typer

    if not typer.confirm(f"{printable(action)}?", err=True):
        raise ConfirmationRequired(action, flag)
