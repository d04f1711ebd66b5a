"""Text made fit to be shown: what could act on a terminal, or hide in it, is escaped.

For what people read alone: what is compared, stored or handed to scripts stays as it is.
"""

import unicodedata
from codecs import unicode_escape_encode
from collections.abc import Sequence

JOINERS = "\u200c\u200d"
"""What joins letters and keeps them apart: text, though it shows nothing."""

SOME = 5
"""How many names a sentence has of those that might be many."""
_LONGEST = 60


def printable(text: str) -> str:
    """Return `text` with all that could act on a terminal or hide in it written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in JOINERS or unicodedata.category(c) == "Zs" else escaped(c)
        for c in text
    )


def unmistakable(text: str) -> str:
    """Return `text` as `printable` does, with blanks escaped that pass for a space or for none."""
    return "".join(c if c == " " or not c.isspace() else escaped(c) for c in printable(text))


def quoted(text: str) -> str:
    """Return `text` in quotation marks for a message, cut where it is long."""
    return f"'{printable(text[:_LONGEST])}{'…' if len(text) > _LONGEST else ''}'"


def some_of(names: Sequence[str]) -> str:
    """Return names for a message: the first few, and whether there are more."""
    return ", ".join(names[:SOME]) + (", …" if len(names) > SOME else "")


def escaped(char: str) -> str:
    """Return one character as a Python escape; an undecodable byte as the byte that it was."""
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    # `str.encode` imports a module for that, which fails where no file can be opened any more.
    return unicode_escape_encode(char, "surrogatepass")[0].decode("ascii")
