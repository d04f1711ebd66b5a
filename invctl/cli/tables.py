"""What people read: tables and sheets, laid out by Rich, with stored text made harmless first."""

import io
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from invctl.values import printable

# Of a table's columns these are never cut: what a reader would type or add up.
_WHOLE = {"sku", "quantity", "delta", "id", "operation", "reorder_point", "kind"}
_NUMBERS = {"quantity", "delta", "id", "operation", "reorder_point"}
_FOLLOWED = {"id": 6, "kind": 6, "sku": 16, "delta": 6, "quantity": 8, "reason": 8, "ref": 8}
_UNBOUNDED = 100_000
_TIMES = {"created_at", "updated_at", "occurred_at", "recorded_at"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a kind of list looks: its columns and their titles, its marks, and its last line."""

    titles: Mapping[str, str]
    marks: bool = False
    total: Callable[[Sequence[Mapping[str, Any]]], str] = lambda _: ""


def _product_total(rows: Sequence[Mapping[str, Any]]) -> str:
    units = sum(row["quantity"] for row in rows)
    return f"{_counted(len(rows), 'product')}, {_counted(units, 'unit')}\n"


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
    }
)


def sheet(pairs: Iterable[tuple[str, object]]) -> str:
    """Return one thing as lines of a name and its value."""
    shown = [(_heading(name), _cell(name, value)) for name, value in pairs]
    width = max(len(name) for name, _ in shown)
    return "".join(f"{name:<{width}}  {value}".rstrip() + "\n" for name, value in shown)


def table(
    rows: Sequence[Mapping[str, Any]],
    layout: Layout,
    picked: Sequence[str] | None,
    *,
    header: bool,
    color: bool,
) -> str:
    """Return rows as a table as wide as the terminal, or as its numbers and SKUs need."""
    from rich.table import Table
    from rich.text import Text

    titles = dict.fromkeys(picked) if picked else layout.titles
    grid = Table(box=None, show_header=header, pad_edge=False, header_style="bold")
    for name, title in titles.items():
        heading = _heading(name, title)
        cells = [heading, *(_cell(name, row[name]) for row in rows)]
        grid.add_column(
            Text(heading),
            justify="right" if name in _NUMBERS else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=_width(cells) if name in _WHOLE else None,
        )
    marked = layout.marks and not picked
    if marked:
        grid.add_column(Text(""), no_wrap=True, min_width=max(len(_mark(row)) for row in rows))
    for row in rows:
        marks = [Text(_mark(row))] if marked else []
        cells_of_row = (Text(_cell(name, row[name])) for name in titles)
        grid.add_row(*cells_of_row, *marks, style=_style(row))
    total = "" if picked else layout.total(rows)
    return _rendered(grid, color=color) + total


def row_line(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return one row on a line of its own, for a list that has no end to be aligned with."""
    cells = ((_cell(name, row[name]), _FOLLOWED.get(name, 0)) for name in names)
    return "  ".join(
        f"{cell:>{width}}" if name in _NUMBERS else f"{cell:<{width}}"
        for name, (cell, width) in zip(names, cells, strict=True)
    ).rstrip()


def _width(cells: Sequence[str]) -> int:
    """Return how many columns of a terminal the widest cell takes."""
    from rich.cells import cell_len

    return max(map(cell_len, cells))


def _rendered(grid: object, *, color: bool) -> str:
    """Return a table as text; without colour it has no escape sequence at all."""
    from rich.console import Console
    from rich.measure import Measurement

    text = io.StringIO()
    console = Console(
        file=text,
        width=shutil.get_terminal_size().columns,
        force_terminal=color,
        color_system="standard" if color else None,
        emoji=False,
        markup=False,
        highlight=False,
        legacy_windows=False,
    )
    unbounded = console.options.update(max_width=_UNBOUNDED)
    least = Measurement.get(console, unbounded, grid).minimum  # type: ignore[arg-type]
    console.width = max(console.width, least)
    console.print(grid)
    return "\n".join(line.rstrip() for line in text.getvalue().split("\n"))


def _mark(row: Mapping[str, Any]) -> str:
    if row["archived"]:
        return "archived"
    return "low" if _is_low(row) else ""


def _style(row: Mapping[str, Any]) -> str:
    if row.get("archived"):
        return "dim"
    return "bold yellow" if _is_low(row) else ""


def _is_low(row: Mapping[str, Any]) -> bool:
    return row.get("reorder_point") is not None and row["quantity"] <= row["reorder_point"]


def _cell(name: str, value: object) -> str:
    """Return a value as a person reads it, without anything that could act on a terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in _TIMES:
        return _local(str(value)).strftime("%Y-%m-%d %H:%M")
    return f"{value:+d}" if name == "delta" and isinstance(value, int) else printable(str(value))


def _heading(name: str, title: str | None = None) -> str:
    """Return what people call a field; a time's says how far its zone is from UTC."""
    words = title or name.replace("_", " ")
    return f"{words} {_offset()}" if name in _TIMES else words


def _local(stored: str) -> datetime:
    """Return a stored time in the zone of this moment, so that one offset is right for all."""
    return datetime.fromisoformat(stored).astimezone(datetime.now().astimezone().tzinfo)


def _offset() -> str:
    """Return how far local time is from UTC now: `+01:00`."""
    zone = f"{datetime.now().astimezone():%z}"
    return f"{zone[:3]}:{zone[3:5]}"
