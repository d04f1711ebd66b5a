"""What `csv` does not read as it was meant: blanks around quotes, and what it says of others."""

import re
from functools import cache

from invctl.files.lines import EndlessRowError

NOT_CLOSED, NOT_ENDED = "end of data", "expected after"
"""What `csv` says of a quote that is never closed, and of one after which the cell goes on."""
OPEN_TO_THE_END = "a quoted cell is not closed before the end of the file"
GOES_ON = "goes on after its closing quote (a quote inside one is written twice)"
"""What it says in words: of a quoted cell."""


class RowGoesOnError(Exception):
    """A quoted cell is not closed yet where the text ends."""


def cells_of(text: str, delimiter: str) -> tuple[list[str], int] | None:
    """Return the cells of the row with which `text` begins, and how many lines it has.

    Blanks around quotes are dropped: a cell that begins with a quote, after blanks, is quoted, and
    nothing but blanks may stand behind its closing quote, or it is no row: None. Raises
    RowGoesOnError.
    """
    quoted, plain, opened = _cells(delimiter)
    cells: list[str] = []
    at = 0
    while True:
        if found := quoted.match(text, at):
            cells.append(found[1].replace('""', '"'))
        else:
            if opened.fullmatch(text, at):
                raise RowGoesOnError
            found = plain.match(text, at)
            assert found is not None
            # Quoted, but something stands behind its closing quote.
            if found[0].lstrip().startswith('"'):
                return None
            cells.append(found[0])
        at = found.end() + 1
        if at >= len(text) or text[at - 1] == "\n":
            return cells, text.count("\n", 0, at)
        if text[at - 1] != delimiter:
            return None


def unpadded(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of the one row that `text` is; None if it is no such row."""
    try:
        found = cells_of(text, delimiter)
    except RowGoesOnError:
        return None
    return found[0] if found and found[1] == text.count("\n") else None


def is_padded_quote(cell: str) -> bool:
    """Return whether a cell is what `csv` makes of a quoted one with blanks before it."""
    return cell[:1].isspace() and cell.lstrip().startswith('"')


def is_endless(error: Exception) -> bool:
    """Return whether a row, or a cell in it, was given up as too long."""
    return isinstance(error, EndlessRowError) or "field limit" in str(error)


@cache
def _cells(delimiter: str) -> tuple[re.Pattern[str], ...]:
    """Return what matches a quoted cell up to its delimiter or line end, another, an open one."""
    # All possessive: nothing is tried twice, so that no cell can make it slow.
    end = re.escape(delimiter)
    blanks = rf"[^\S\n{end}]*+"
    text = '"([^"]*+(?:""[^"]*+)*+)'
    return (
        re.compile(rf'{blanks}{text}"{blanks}(?=[\n{end}])'),
        re.compile(rf"[^{end}\n]*+"),
        re.compile(rf"{blanks}{text}"),
    )
