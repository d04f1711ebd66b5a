"""What people read: rows under headings, as wide as a terminal has room for, and sheets.

It lays columns out itself; Rich only colours what is laid out.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, TypeVar

from invctl.cli.printing.cells import (
    TIMES,
    cell,
    cut,
    heading,
    is_expired,
    is_low,
    moment,
    offset_now,
    padded,
    steady,
    text_width,
)
from invctl.cli.printing.layouts import Layout, Rows, mark, title_of
from invctl.cli.printing.streams import fit

T = TypeVar("T")

# What is cut where a terminal is narrow, the least important first. All else is never cut: it is
# what a reader would type or add up.
_GIVE_WAY = ("actor", "note", "ref", "reason", "description", "name", "summary")
_LEAST = 8
_LEAST_OF_SUMMARIES = 24
"""A summary tells what a log is read for: a column beside it goes sooner than most of it."""
_GAP = "  "
_MARK = "mark"
# Red is legible on a light background and on a dark one; yellow and white are not.
_LOW = "bold red"
# How wide columns are at least in a list that goes on, where nobody knows what will come.
_FOLLOWED = {
    "operation": 4, "id": 6, "occurred_at": 16, "recorded_at": 16, "kind": 6, "sku": 10,
    "delta": 6, "quantity": 7, "reason": 8, "ref": 8, "note": 8, "actor": 8,
}  # fmt: skip


@dataclass(slots=True)
class _Column:
    """A column of a table; a time's heading has the `offset` of those that do not say theirs."""

    name: str
    encoding: str
    title: str
    offset: str = ""
    width: int = 0
    cells: list[str] = field(default_factory=list)
    in_words: bool = False

    @property
    def heading(self) -> str:
        return heading(self.name, self.title, self.offset)

    @property
    def least(self) -> int:
        """How narrow it may become."""
        if self.name not in _GIVE_WAY:
            return self.width
        return min(self.width, _LEAST_OF_SUMMARIES if self.name == "summary" else _LEAST)

    def fill(self, rows: Rows, *, header: bool, least: int) -> None:
        """Give it its cells, and the width of the widest."""
        if self.name == _MARK:
            self.cells = list(map(mark, rows))
        else:
            self._show([row[self.name] for row in rows], header=header)
        widths = map(text_width, {self.heading, *self.cells} if header else {*self.cells})
        self.width = max(least, *widths, 0)

    def _show(self, values: Sequence[Any], *, header: bool) -> None:
        if self.name in TIMES:
            moments = _each_once(moment, values)
            if header:
                offsets = Counter(offset for _, offset in moments)
                self.offset = offsets.most_common(1)[0][0] if offsets else offset_now()
            self.cells = [self._timed(*one) for one in moments]
        elif _is_plain(values):
            self.cells = list(values)
        else:
            self.cells = _each_once(self._shown, values)
            self.in_words = any(issubclass(kind, Mapping) for kind in set(map(type, values)))

    def cell(self, row: Mapping[str, Any]) -> str:
        """Return what stands in it for a row that came later."""
        if self.name == _MARK:
            return mark(row)
        value = row[self.name]
        return self._timed(*moment(value)) if self.name in TIMES else self._shown(value)

    def _shown(self, value: object) -> str:
        return fit(steady(self.name, cell(self.name, value)), self.encoding)

    def _timed(self, shown: str, offset: str) -> str:
        return shown if offset in ("", self.offset) else f"{shown} {offset}"

    def drawn(self, text: str) -> str:
        """Return a text as wide as the column is."""
        if text_width(text) > self.width:
            text = cut(text, self.width, fit("…", self.encoding))
        return padded("" if self.in_words else self.name, text, self.width)


class Table:
    """Rows under headings. Rows that come later have the widths of the first ones.

    `missing` are the titles for which the terminal had no room.
    """

    def __init__(
        self,
        rows: Rows,
        layout: Layout,
        picked: Sequence[str] | None,
        *,
        header: bool,
        color: bool,
        encoding: str,
        endless: bool = False,
    ) -> None:
        self._layout, self._picked, self._rows = layout, picked, rows
        self._header, self._color = header, color
        titles = {**layout.titles}
        if picked:  # also what the table leaves out by itself
            titles = {name: layout.titles.get(name) or title_of(name) for name in picked}
        if layout.marks and not picked:
            titles[_MARK] = ""
        columns = [_Column(name, encoding, title) for name, title in titles.items()]
        for column in columns:
            column.fill(rows, header=header, least=_FOLLOWED.get(column.name, 0) if endless else 0)
        if not picked:
            empty = layout.rare if endless else layout.spare
            columns = [one for one in columns if one.name not in empty or any(one.cells)]
        self._columns = _fitted(columns, () if picked else layout.spare, layout.rare)
        shown = {column.name for column in self._columns}
        self.missing = [column.heading for column in columns if column.name not in shown]

    def text(self) -> str:
        """Return the headings, the rows, and the line under them."""
        total = "" if self._picked else self._layout.total(self._rows)
        return self.head() + "".join(self._lines()) + total

    def _lines(self) -> Iterator[str]:
        """Yield the lines of all rows; a text that stands in many is drawn once."""
        drawn = [_each_once(column.drawn, column.cells) for column in self._columns]
        for texts, row in zip(zip(*drawn, strict=True), self._rows, strict=True):
            yield self._line(texts, _styles(row) if self._color else {})

    def head(self) -> str:
        """Return the line of headings, where there is one."""
        if not self._header:
            return ""
        bold = dict.fromkeys((column.name for column in self._columns), "bold")
        titles = [column.drawn(column.heading) for column in self._columns]
        return self._line(titles, bold if self._color else {})

    def row(self, row: Mapping[str, Any]) -> str:
        """Return the line of a row that came later."""
        texts = [column.drawn(column.cell(row)) for column in self._columns]
        return self._line(texts, _styles(row) if self._color else {})

    def _line(self, texts: Sequence[str], styles: Mapping[str, str]) -> str:
        """Return a line of the table; without styles it has no escape sequence at all."""
        if styles:
            names = (column.name for column in self._columns)
            texts = [
                _styled(text, styles.get(name, "")) for name, text in zip(names, texts, strict=True)
            ]
        # An empty column has no text to be drawn, and takes no room. Blanks over the right edge
        # would begin a line of their own.
        return _GAP.join(filter(None, texts)).rstrip() + "\n"


def sheet(pairs: Iterable[tuple[str, object]], encoding: str) -> str:
    """Return one thing as lines of a name and its value."""
    thing = dict(pairs)
    shown = dict(_line_of(name, value, encoding) for name, value in thing.items())
    if thing.get("archived") is False and is_low(thing):
        shown["quantity"] += f"{_GAP}low"
    width = max(map(len, shown))
    return "".join(f"{name:<{width}}{_GAP}{value}".rstrip() + "\n" for name, value in shown.items())


def _line_of(name: str, value: object, encoding: str) -> tuple[str, str]:
    if name in TIMES and value is not None:
        shown, offset = moment(value)
        return heading(name, offset=offset), shown
    return heading(name), fit(cell(name, value), encoding)


def _each_once(make: Callable[[Any], T], values: Sequence[Any]) -> list[T]:
    """Return what is made of each value, of equal ones once: most columns hold few."""
    kinds = set(map(type, values)) - {NoneType}
    if len(kinds) > 1 or not all(kind.__hash__ for kind in kinds):  # 1 is equal to True
        return list(map(make, values))
    made = {value: make(value) for value in set(values)}
    return list(map(made.__getitem__, values))


def _is_plain(values: Sequence[Any]) -> bool:
    """Return whether all are texts that are shown as they are, whatever shows them."""
    if set(map(type, values)) != {str}:
        return False
    text = "".join(values)
    return text.isascii() and text.isprintable()


def _fitted(columns: Sequence[_Column], spare: Sequence[str], rare: Sequence[str]) -> list[_Column]:
    """Return the columns that a terminal has room for, those that give way as narrow as needed."""
    room = shutil.get_terminal_size().columns
    kept = list(columns)
    gone: list[_Column] = []
    for name in spare:
        if _total(column.least for column in kept) > room:
            gone = [*(column for column in kept if column.name == name), *gone]
            kept = [column for column in kept if column.name != name]
    # A wide one that went late took narrow ones along, for which there is room now. A lot says
    # nothing without its place.
    for one in gone:
        if one.name not in rare and _total(other.width for other in (*kept, one)) <= room:
            kept.append(one)
    kept.sort(key=columns.index)
    for name in _GIVE_WAY:
        for column in kept:
            if column.name == name:
                excess = _total(other.width for other in kept) - room
                least = min(column.width, _LEAST)
                column.width = max(least, column.width - max(excess, 0))
    return kept


def _total(widths: Iterable[int]) -> int:
    """Return how wide columns of these widths are together; an empty one takes no room."""
    return sum(width + len(_GAP) for width in widths if width) - len(_GAP)


def _styled(text: str, style: str) -> str:
    """Return text in a style, the blanks around it left as they are."""
    if not style or not text.strip():
        return text
    from rich.color import ColorSystem
    from rich.style import Style

    bare = text.strip()
    drawn = Style.parse(style).render(bare, color_system=ColorSystem.STANDARD)
    return text.replace(bare, drawn)


def _styles(row: Mapping[str, Any]) -> dict[str, str]:
    """Return how the cells of a row look: archived ones dim, what is low or has expired in red."""
    if row.get("archived"):
        return dict.fromkeys((*row, _MARK), "dim")
    if is_expired(row):
        return {_MARK: _LOW}
    return {"quantity": _LOW, _MARK: _LOW} if is_low(row) else {}
