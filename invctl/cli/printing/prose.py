"""Text laid out for a terminal: paragraphs, lists of terms, and the little Markdown of the topics.

Options, commands and file names are never broken: they are there to be copied.
"""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from textwrap import wrap

_WIDEST = 78
_NARROWEST = 38
_LONGEST_TERM = 26
_GAP = "  "
_UNBROKEN = "\xa0"  # `wrap` breaks lines at ASCII blanks alone

Pairs = Sequence[tuple[str, str]]


def width() -> int:
    """Return how wide text is to be: as the terminal, but no wider than is good to read."""
    return max(_NARROWEST, min(shutil.get_terminal_size().columns - 2, _WIDEST))


def folded(text: str) -> str:
    """Return a message with each line that a terminal would break, broken between words."""
    room = shutil.get_terminal_size().columns
    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip(" "))]
        fits = len(line) <= room
        lines += [line] if fits else paragraph(line, hang=f"{indent}{_GAP}", room=room)
    return "\n".join(lines)


def paragraph(
    text: str, *, indent: str = "", hang: str | None = None, room: int | None = None
) -> list[str]:
    """Return text in lines; those after the first begin with `hang`, else with `indent`."""
    lines = wrap(
        re.sub("`[^`]*`", _kept_together, text),
        room or width(),
        initial_indent=indent,
        subsequent_indent=indent if hang is None else hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_UNBROKEN, " ") for line in lines]


def _kept_together(code: re.Match[str]) -> str:
    # What is longer would reach over the edge of a narrow terminal.
    return code[0].replace(" ", _UNBROKEN) if len(code[0]) <= _NARROWEST else code[0]


def terms(pairs: Pairs) -> list[str]:
    """Return terms with what is said of each, in two columns; a long term has its own line."""
    room = max((len(term) for term, _ in pairs if len(term) <= _LONGEST_TERM), default=0)
    hang = _GAP + " " * room + _GAP
    lines = []
    for term, about in pairs:
        said = paragraph(about, indent=hang)
        if not said or len(term) > room:
            lines += [_GAP + term, *said]
        else:
            lines += [f"{_GAP}{term:<{room}}{_GAP}{said[0].lstrip()}", *said[1:]]
    return lines


def rendered(markdown: str) -> list[str]:
    """Return Markdown as lines: paragraphs, `-` lists, tables, and code as it stands."""
    lines: list[str] = []
    for block in _blocks(markdown):
        if lines:
            lines.append("")
        lines += _block(block)
    return lines


def _blocks(markdown: str) -> Iterator[list[str]]:
    """Yield what blank lines part, but for those within a fence of code."""
    block: list[str] = []
    fenced = False
    for line in markdown.strip().splitlines():
        if line or fenced:
            block.append(line)
        elif block:
            yield block
            block = []
        fenced ^= line.startswith("```")
    yield block


def _block(block: list[str]) -> list[str]:
    if block[0].startswith("```"):
        return [f"{_GAP}{line}".rstrip() for line in block[1:-1]]
    if block[0].startswith("|"):
        return _table(block)
    if block[0].startswith("#"):
        return [block[0].lstrip("# ").upper()]
    if block[0].startswith("- "):
        return list(chain.from_iterable(_items(block)))
    return paragraph(" ".join(block))


def _items(block: list[str]) -> list[list[str]]:
    """Return the items of a list as lines of the screen."""
    items: list[list[str]] = []
    for line in block:
        if line.startswith("- "):
            items.append([])
        items[-1].append(line.strip())
    return [paragraph(" ".join(item), hang=_GAP) for item in items]


def _table(block: list[str]) -> list[str]:
    """Return a table whose last column is wrapped; its ruler, the second line, is left out."""
    rows = [_cells(line) for place, line in enumerate(block) if place != 1]
    columns = list(zip(*rows, strict=True))
    sizes = [max(map(len, column)) for column in columns[:-1]]
    hang = " " * (sum(sizes) + len(_GAP) * len(sizes))
    return [line for row in rows for line in _row(row, sizes, hang)]


def _row(row: Sequence[str], sizes: Iterable[int], hang: str) -> list[str]:
    head = "".join(f"{cell:<{size}}{_GAP}" for cell, size in zip(row[:-1], sizes, strict=True))
    said = paragraph(row[-1], indent=hang)
    return [head + said[0][len(head) :], *said[1:]] if said else [head.rstrip()]


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")]
