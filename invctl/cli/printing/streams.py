"""The three standard streams as they really are: closed ones, full disks, colour, and escapes."""

import codecs
import io
import os
import select
import sys
from collections.abc import Callable

from invctl.errors import OutputFailed, UsageError
from invctl.oserrors import reason
from invctl.text import escaped, printable

COLORS = ("auto", "always", "never")
# What this program's own signs are where an encoding lacks them.
_ASCII = {"→": "->", "…": "...", "−": "-", "×": "x", "≤": "<=", "≥": ">="}


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for the characters that an encoding lacks: ASCII, or escapes."""
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    return "".join(_ASCII.get(char) or escaped(char) for char in lacking), error.end


codecs.register_error("invctl", _replaced)


class ClosedStream(io.TextIOBase):
    """Stands for a standard output that was closed before the program began (`>&-`)."""

    def write(self, _text: str, /) -> int:
        """Refuse, as the closed descriptor would have."""
        raise OSError("it is closed")


def write_out(
    text: str,
    *,
    encoding: str = "utf-8",
    errors: str = "invctl",
    committed: bool = False,
) -> None:
    """Write text to standard output, all of it and at once.

    Raises OutputFailed, which says whether a change had been `committed` before.
    """
    write_bytes(text.encode(encoding, errors), committed=committed)


def write_bytes(data: bytes, *, committed: bool = False) -> None:
    """Write bytes to standard output; like `write_out`."""
    refuse_closed(committed=committed)
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[write_some(1, rest) :]
    except OSError as error:
        raise OutputFailed(reason(error), committed=committed) from error


def refuse_closed(*, committed: bool = False) -> None:
    """Raise OutputFailed where standard output was closed before the program began."""
    if isinstance(sys.stdout, ClosedStream):
        raise OutputFailed("it is closed", committed=committed)


def write_some(descriptor: int, data: memoryview) -> int:
    """Write what a descriptor takes, or wait until it takes something; return how much it took."""
    try:
        return os.write(descriptor, data)
    except BlockingIOError:  # a parent may have made the pipe non-blocking
        select.select([], [descriptor], [])
        return 0


def is_read() -> bool:
    """Return whether anybody can still read standard output, without writing to it."""
    poll = select.poll()
    poll.register(1, 0)  # errors and hang-ups are told in any case
    return not poll.poll(0)


def write_err(line: str, shaped: Callable[[str], str] = str, *, end: str = "\n") -> None:
    """Write a line to standard error, without a password that this process was given.

    It is `shaped`, and ends with `end`. Where it cannot be written there is nobody to tell.
    """
    from invctl.passwords import without_passwords

    try:
        encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
        # Shaped when passwords are gone: the end of a line might cut one in two.
        shown = fit(shaped(without_passwords(line)), encoding)
        rest = memoryview(f"{shown}{end}".encode(encoding, sys.stderr.errors or "strict"))
        while rest:
            rest = rest[write_some(2, rest) :]
    except (OSError, ValueError, AttributeError):  # full, closed, or not there at all
        return


def fit(text: str, encoding: str) -> str:
    """Return text as somebody with that encoding can see it."""
    return text if text.isascii() else text.encode(encoding, "invctl").decode(encoding)


def safe_lines(text: str) -> str:
    """Return text fit for a terminal: its lines stay lines, all else that could act is escaped."""
    return "\n".join(printable(line) for line in text.split("\n"))


def encoding_for_people() -> str:
    """Return the encoding of what people read on standard output; for machines it is UTF-8."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def is_terminal(descriptor: int) -> bool:
    """Return whether a standard stream is a terminal."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def wants_color(choice: str, descriptor: int) -> bool:
    """Return whether a stream for people gets colour.

    `--color`, then NO_COLOR (no-color.org), FORCE_COLOR and CLICOLOR_FORCE, CLICOLOR and TERM
    (bixense.com/clicolors), then whether it is a terminal.
    """
    if choice != "auto":
        return choice == "always"
    environ = os.environ
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    if environ.get("CLICOLOR") == "0" or environ.get("TERM") == "dumb":
        return False
    return is_terminal(descriptor)


def check_color(text: str) -> str:
    """Return a value of `--color`."""
    if text not in COLORS:
        raise UsageError(f"--color: '{text}' is not one of {', '.join(COLORS)}")
    return text
