"""The inventory's file as completion reads it: where anything is wrong, there is nothing in it.

Writes nothing: not even the empty log that a plain read-only connection leaves beside a file.
"""

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from invctl.db.sqlite import quiet

if TYPE_CHECKING:
    import sqlite3

    Question = Callable[[sqlite3.Connection], Iterator[tuple[str, str]]]
    """What asks a connection for candidates, and yields each with what it is."""

_MAGIC = b"SQLite format 3\x00"
_INVENTORY = b"INVC"
_STEPS = 3_000_000  # of SQLite's machine, about 0.1 s: a TAB must end, whatever the file holds
_LONGEST = 1_000_000
_SECONDS = 0.01
_TRIES = 3


def ask(db: str | None, question: "Question") -> list[tuple[str, str]]:
    """Return what a question finds in the inventory that `db`, the value of `--db`, names."""
    path = locate(db)
    if not path or not _is_inventory(path):
        return []
    import sqlite3

    for _ in range(_TRIES):
        try:
            return _answered(path, question)
        except sqlite3.Error:
            # The log comes and goes with the processes that write.
            continue
    return []


def _answered(path: str, question: "Question") -> list[tuple[str, str]]:
    import sqlite3

    # What a URI would take for its own; urllib would cost 3 ms.
    name = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    found: list[tuple[str, str]] = []
    # A writer that begins this very moment can at worst spoil the answer to one TAB.
    parameters = quiet.parameters(path, _header(path))
    connection = sqlite3.connect(f"file:{name}?{parameters}", uri=True, timeout=_SECONDS)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        connection.set_progress_handler(lambda: 1, _STEPS)
        for candidate in question(connection):
            # What a terminal might act on would not arrive as it is.
            if visible(candidate[0]) == candidate[0]:
                found.append(candidate)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
    finally:
        connection.close()
    return found


def visible(text: str) -> str:
    """Return `text` as people are shown it; for most, what would escape something is not loaded."""
    if text.isprintable():
        return text
    from invctl.text import printable

    return printable(text)


def _is_inventory(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    header = _header(path)
    return header[:16] == _MAGIC and header[68:72] == _INVENTORY


def _header(path: str) -> bytes:
    # No connection of this process is open then whose locks the closing would drop.
    with open(path, "rb", buffering=0) as file:
        return file.read(100)


def locate(flag: str | None) -> str | None:
    """Return the file that `settings.locate` names, without its imports where it is easy to say.

    None on PostgreSQL, which takes longer than a TAB may.
    """
    text = flag if flag is not None else os.environ.get("INVCTL_DB")
    if text and text.startswith("postgres") and "://" in text:
        return None
    if text and "://" not in text:
        return os.path.realpath(os.path.expanduser(text))
    if flag is None and not text and sys.platform == "linux":
        home, data = os.environ.get("HOME", ""), os.environ.get("XDG_DATA_HOME")
        if data is None and home.startswith("/"):
            data = f"{home}/.local/share"
        if data and data.startswith("/"):
            return os.path.realpath(f"{data}/invctl/inventory.db")
    # What is odd is judged where commands judge it.
    from invctl.settings import FileLocation, locate

    found = locate(flag)
    return os.path.realpath(found.path) if isinstance(found, FileLocation) else None
