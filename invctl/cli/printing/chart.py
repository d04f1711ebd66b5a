"""A product's balance over time, drawn in characters (`stock history --chart`)."""

import shutil
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from invctl.cli.printing.streams import encoding_for_people
from invctl.errors import ConfigError
from invctl.models.fields import MOVEMENT_FIELDS
from invctl.models.products import Product
from invctl.text import printable
from invctl.times import to_local

Step = tuple[float, int]
"""Seconds since 1970, and the balance from then on."""

_ASCII = str.maketrans("─│┌┐└┘├┤┬┴┼", "-|+++++++++")
_HEIGHT = 18
_WIDEST = 1000
"""Columns: COLUMNS may say any number, and each column is drawn."""
_LEVELS = 4
_DAY = 86_400
_DELTA, _TIME = MOVEMENT_FIELDS.index("delta"), MOVEMENT_FIELDS.index("occurred_at")


def steps(
    chunks: Iterable[Sequence[tuple[Any, ...]]], since: str | None, limit: int | None
) -> tuple[list[Step], bool]:
    """Return the balance after each movement, in the order in which they happened.

    Those before `since`, and before the last `limit`, only count: the balance then comes first.
    Returns also whether a limit has left some out.
    """
    movements = sorted((str(row[_TIME]), row[_DELTA]) for chunk in chunks for row in chunk)
    first = 0 if since is None else bisect_left(movements, since, key=itemgetter(0))
    last = first if limit is None else max(first, len(movements) - limit)
    balance = sum(delta for _, delta in movements[:last])
    shown: list[Step] = []
    # The line begins at the level before what is shown, when that begins or `since` is.
    if last < len(movements) and last > first:
        shown.append((_seconds(movements[last][0]), balance))
    elif last < len(movements) and since is not None:
        shown.append((_seconds(since), balance))
    for occurred_at, delta in movements[last:]:
        balance += delta
        shown.append((_seconds(occurred_at), balance))
    return shown, last > first


def draw(product: Product, history: Sequence[Step], *, color: bool) -> str:
    """Return the balance as a step chart as wide as the terminal, with the reorder point in it.

    Raises ConfigError where the library that draws is not installed.
    """
    try:
        import plotext
    except ImportError as error:
        hint = "`pip install 'invctl[chart]'` adds it"
        raise ConfigError("--chart", "the library that draws is not installed", hint) from error
    times, balances = _corners(history)
    # Half blocks need it; the lines around them have a twin in ASCII each.
    unicode = encoding_for_people().lower().replace("-", "") == "utf8"
    plotext.clear_figure()
    plotext.theme("clear")
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    plotext.plotsize(width, _HEIGHT)
    least, most = min([0, *balances]), max([*balances, product.reorder_point or 0, 1])
    plotext.ylim(least, most)
    levels = _levels(least, most)
    plotext.yticks(levels, list(map(str, levels)))
    if product.reorder_point is not None:
        level = [product.reorder_point] * 2
        plotext.plot([times[0], times[-1]], level, marker="-", color="red")
    plotext.plot(times, balances, marker="hd" if unicode else "*", color="blue")
    plotext.xticks(*_dates(times, width))
    drawn = plotext.build()
    text = drawn if color else plotext.uncolorize(drawn)
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return f"{_title(product)}\n{lines if unicode else lines.translate(_ASCII)}\n"


def _title(product: Product) -> str:
    point = product.reorder_point
    low = "" if point is None else f", reorder at {point}"
    return f"{product.sku} {printable(product.name)}: {product.quantity} now{low}"


def _corners(history: Sequence[Step]) -> tuple[list[float], list[int]]:
    """Return the corners of the line: a balance holds until the next one begins."""
    times, balances = [history[0][0]], [history[0][1]]
    for moment, balance in history[1:]:
        times += [moment, moment]
        balances += [balances[-1], balance]
    return times, balances


def _levels(least: int, most: int) -> list[int]:
    """Return a few whole numbers on the axis of balances, evenly spaced but for the highest."""
    rough = max(1, -(-(most - least) // _LEVELS))
    unit = 10 ** (len(str(rough)) - 1)
    step = next(unit * times for times in (1, 2, 5, 10) if unit * times >= rough)
    # None just under the highest one, whose line it would take.
    return [*range(least, most - step // 2, step), most]


def _dates(times: Sequence[float], width: int) -> tuple[list[float], list[str]]:
    """Return a few places on the time axis, and what stands there, in local time."""
    first, last = times[0], times[-1]
    count = max(2, min(6, width // 24))
    # 2026-01-31; 01-31 09:30 where days would stand there twice; 09:30:00 within an hour.
    shown = slice(10) if last - first > _DAY * count else slice(5, 16)
    if last - first < _DAY / 24:
        shown = slice(11, 19)
    places = [first + (last - first) * step / (count - 1) for step in range(count)]
    return places, [_local(place).replace("T", " ")[shown] for place in places]


def _local(place: float) -> str:
    return to_local(datetime.fromtimestamp(place, UTC)).isoformat(timespec="seconds")


def _seconds(stored: str) -> float:
    return datetime.fromisoformat(stored).timestamp()
