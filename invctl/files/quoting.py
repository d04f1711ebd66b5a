"""A row that `csv` would not read as its writer meant it: blanks stand around its quotes."""

import re
from functools import cache


def cells_of(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of one row, blanks around quotes dropped; None if it is no row even so.

    A cell that begins with a quote, after blanks, is quoted: nothing but blanks may stand behind
    its closing quote.
    """
    quoted, plain = _cells(delimiter)
    cells: list[str] = []
    at, text = 0, text.removesuffix("\n")
    while True:
        if found := quoted.match(text, at):
            cells.append(found[1].replace('""', '"'))
        else:
            found = plain.match(text, at)
            assert found is not None
            if found[0].lstrip().startswith('"'):
                return None
            cells.append(found[0])
        at = found.end() + 1
        if at > len(text):
            return cells
        if text[at - 1] != delimiter:
            return None


def is_padded_quote(cell: str) -> bool:
    """Return whether a cell is what `csv` makes of a quoted one with blanks before it."""
    return cell[:1].isspace() and cell.lstrip().startswith('"')


@cache
def _cells(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what matches a quoted cell up to its delimiter or the row's end, and another cell.

    Nothing in it is tried twice, so that no cell can make it slow.
    """
    end = re.escape(delimiter)
    blanks = rf"[^\S\n{end}]*+"
    text = '"([^"]*+(?:""[^"]*+)*+)"'
    return re.compile(rf"{blanks}{text}{blanks}(?={end}|\Z)"), re.compile(rf"[^{end}\n]*+")
