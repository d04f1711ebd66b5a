"""What people read: tables and sheets, with stored text made harmless first.

It lays columns out itself, since terminals and libraries disagree on how wide some text is; Rich
only colours what is laid out.
"""

import shutil
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from invctl.text import escaped, printable

_NUMBERS = {"quantity", "delta", "id", "operation", "reorder_point"}
# What is cut where a terminal is narrow, the least important first. All else is never cut: it is
# what a reader would type or add up.
_GIVE_WAY = ("actor", "note", "ref", "reason", "description", "name")
_LEAST = 8
_GAP = "  "
_FOLLOWED = {
    "id": 6, "occurred_at": 16, "kind": 6, "sku": 16, "delta": 6, "quantity": 8, "reason": 8,
    "ref": 8, "recorded_at": 16,
}  # fmt: skip
_TIMES = {"created_at", "updated_at", "occurred_at", "recorded_at"}
_MARK = "mark"
# Red is legible on a light background and on a dark one; yellow and white are not.
_LOW = "bold red"
_TOWER = 4
"""How many marks a character may bear. Scripts need no more; a tower of them covers other lines."""

# Letters that show nothing, on some terminals as blanks and on some not at all.
_FILLERS = "\u115f\u1160\u3164\uffa0"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a kind of list looks: its columns and their titles, its marks, and its last line.

    `spare` columns are left out of a terminal that is too narrow for all, the first one first.
    """

    titles: Mapping[str, str]
    spare: tuple[str, ...] = ()
    marks: bool = False
    total: Callable[[Sequence[Mapping[str, Any]]], str] = lambda _: ""


def _product_total(rows: Sequence[Mapping[str, Any]]) -> str:
    units = sum(row["quantity"] for row in rows)
    low = sum(_mark(row) == "low" for row in rows)
    total = f"{_counted(len(rows), 'product')}, {_counted(units, 'unit')}"
    return f"{total}, {low} low\n" if low else f"{total}\n"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


PRODUCTS = Layout(
    {"sku": "SKU", "name": "Name", "quantity": "Quantity", "reorder_point": "Reorder at"},
    marks=True,
    total=_product_total,
)
MOVEMENTS = Layout(
    {
        "id": "ID",
        "occurred_at": "When",
        "kind": "What",
        "sku": "SKU",
        "delta": "Change",
        "quantity": "Balance",
        "reason": "Reason",
        "ref": "Ref",
        "actor": "By",
    },
    spare=("actor", "ref", "reason"),
)
FINDINGS = Layout(
    {
        "kind": "Kind",
        "sku": "SKU",
        "message": "Finding",
        "expected": "Expected",
        "actual": "Actual",
    },
    spare=("expected", "actual"),
)


@dataclass(slots=True)
class _Column:
    """A column of a table: its cells, the heading first where there is one."""

    name: str
    cells: list[str]
    width: int

    @property
    def least(self) -> int:
        """How narrow it may become."""
        return min(self.width, _LEAST) if self.name in _GIVE_WAY else self.width


def sheet(pairs: Iterable[tuple[str, object]]) -> str:
    """Return one thing as lines of a name and its value."""
    thing = dict(pairs)
    shown = {_heading(name): _cell(name, value) for name, value in thing.items()}
    if thing.get("archived") is False and _is_low(thing):
        shown["quantity"] += f"{_GAP}low"
    width = max(map(len, shown))
    return "".join(f"{name:<{width}}{_GAP}{value}".rstrip() + "\n" for name, value in shown.items())


def table(
    rows: Sequence[Mapping[str, Any]],
    layout: Layout,
    picked: Sequence[str] | None,
    *,
    header: bool,
    color: bool,
) -> str:
    """Return rows as a table as wide as the terminal, or as its numbers and SKUs need."""
    titles = dict.fromkeys(picked) if picked else layout.titles
    columns = [_column(name, title, rows, header=header) for name, title in titles.items()]
    if layout.marks and not picked:
        marks = [""] * header + [_mark(row) for row in rows]
        columns.append(_Column(_MARK, marks, max(map(len, marks))))
    columns = _fitted(columns, () if picked else layout.spare)
    styles = [dict.fromkeys(titles, "bold")] * header + [_styles(row) for row in rows]
    lines = zip(*(column.cells for column in columns), strict=True)
    drawn = [
        _line(columns, cells, style if color else {})
        for cells, style in zip(lines, styles, strict=True)
    ]
    return "".join(drawn) + ("" if picked else layout.total(rows))


def head_line(layout: Layout, names: Sequence[str]) -> str:
    """Return the headings over rows that come as `row_line`."""
    cells = ((name, _heading(name, layout.titles.get(name))) for name in names)
    return _GAP.join(_padded(name, cell, _FOLLOWED.get(name, 0)) for name, cell in cells).rstrip()


def row_line(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return one row on a line of its own, for a list that has no end to be aligned with."""
    cells = ((name, _steady(name, _cell(name, row[name]))) for name in names)
    return _GAP.join(_padded(name, cell, _FOLLOWED.get(name, 0)) for name, cell in cells).rstrip()


def _column(
    name: str, title: str | None, rows: Sequence[Mapping[str, Any]], *, header: bool
) -> _Column:
    cells = [_heading(name, title)] * header
    cells += [_steady(name, _cell(name, row[name])) for row in rows]
    return _Column(name, cells, max(map(_width, cells)))


def _fitted(columns: Sequence[_Column], spare: Sequence[str]) -> list[_Column]:
    """Return the columns that a terminal has room for, those that give way as narrow as needed."""
    room = shutil.get_terminal_size().columns
    kept = list(columns)
    for name in spare:
        if _total(column.least for column in kept) > room:
            kept = [column for column in kept if column.name != name]
    for name in _GIVE_WAY:
        for column in kept:
            if column.name == name:
                excess = _total(other.width for other in kept) - room
                column.width = max(column.least, column.width - max(excess, 0))
    return kept


def _total(widths: Iterable[int]) -> int:
    """Return how wide columns of these widths are together; an empty one takes no room."""
    return sum(width + len(_GAP) for width in widths if width) - len(_GAP)


def _line(columns: Sequence[_Column], cells: Sequence[str], styles: Mapping[str, str]) -> str:
    """Return a line of a table; without styles it has no escape sequence at all."""
    drawn = (
        _styled(
            _padded(column.name, _cut(cell, column.width), column.width),
            styles.get(column.name, ""),
        )
        for column, cell in zip(columns, cells, strict=True)
        if column.width
    )
    # Blanks over the right edge would begin a line of their own.
    return _GAP.join(drawn).rstrip() + "\n"


def _styled(text: str, style: str) -> str:
    """Return text in a style, the blanks around it left as they are."""
    if not style or not text.strip():
        return text
    from rich.color import ColorSystem
    from rich.style import Style

    bare = text.strip()
    drawn = Style.parse(style).render(bare, color_system=ColorSystem.STANDARD)
    return text.replace(bare, drawn)


def _padded(name: str, cell: str, width: int) -> str:
    blanks = " " * (width - _width(cell))
    return blanks + cell if name in _NUMBERS else cell + blanks


def _cut(text: str, width: int) -> str:
    """Return what of a text is no wider than that, with `…` at its end where it was longer."""
    if _width(text) <= width:
        return text
    room = width - 1
    for place, char in enumerate(text):
        room -= _char_width(char)
        if room < 0:
            return text[:place].rstrip() + "…"
    return text


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes that is `_steady`."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if char.isascii():
        return 1
    # A vowel or a final of Hangul that is spelled out joins the syllable before.
    if unicodedata.category(char) in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _steady(name: str, text: str) -> str:
    """Return a text without what makes it wider on one terminal than on another.

    What joins or tints emoji goes; in a SKU, which would be another one without, it is escaped.
    """
    if text.isascii():
        return text
    return "".join(
        (escaped(char) if name == "sku" else "") if _is_wavering(char) else char for char in text
    )


def _is_wavering(char: str) -> bool:
    """Return whether it is a zero-width joiner, a variation selector or a skin tone."""
    return (
        char == "\u200d"
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )


def _legible(text: str) -> str:
    """Return a text with the marks escaped that a character has too many of, and the fillers."""
    if text.isascii():
        return text
    marks = _TOWER  # the first character has none before it to mark
    shown = []
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        shown.append(escaped(char) if marks > _TOWER or char in _FILLERS else char)
    return "".join(shown)


def _mark(row: Mapping[str, Any]) -> str:
    if row["archived"]:
        return "archived"
    return "low" if _is_low(row) else ""


def _styles(row: Mapping[str, Any]) -> dict[str, str]:
    """Return how the cells of a row look: archived ones dim, what is low in red."""
    if row.get("archived"):
        return dict.fromkeys((*row, _MARK), "dim")
    return {"quantity": _LOW, _MARK: _LOW} if _is_low(row) else {}


def _is_low(row: Mapping[str, Any]) -> bool:
    return row.get("reorder_point") is not None and row["quantity"] <= row["reorder_point"]


def _cell(name: str, value: object) -> str:
    """Return a value as a person reads it, without anything that could act on a terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in _TIMES:
        return _moment(str(value))
    if name == "delta" and isinstance(value, int):
        return f"{value:+d}"
    return _legible(printable(str(value)))


def _heading(name: str, title: str | None = None) -> str:
    """Return what people call a field; a time's says how far its zone is from UTC."""
    words = title or name.replace("_", " ")
    return f"{words} {_offset()}" if name in _TIMES else words


def _moment(stored: str) -> str:
    """Return a stored time in the zone of this moment, so that one offset is right for all."""
    try:
        local = datetime.fromisoformat(stored).astimezone(datetime.now().astimezone().tzinfo)
    except (ValueError, OverflowError):  # written by other hands, or before the first local day
        return printable(stored)
    return f"{local:%Y-%m-%d %H:%M}"


def _offset() -> str:
    """Return how far local time is from UTC now: `+01:00`."""
    zone = f"{datetime.now().astimezone():%z}"
    return f"{zone[:3]}:{zone[3:5]}"
