"""A progress bar for long files: on a terminal's standard error, once half a second has passed."""

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from invctl.cli.invocation import Invocation
from invctl.cli.streams import is_terminal, wants_color

if TYPE_CHECKING:
    from rich.progress import TaskID

T = TypeVar("T")
_PATIENCE = 0.5
_EVERY = 1000


def watched(call: Invocation, rows: Iterator[T], stream: BinaryIO) -> Iterator[T]:
    """Return the rows of a file, with their progress shown where there is somebody to see it.

    A bar moves by escape sequences, so where colour is off there is none.
    """
    if call.quiet or not (is_terminal(2) and wants_color(call.color, 2)):
        return rows
    return _watched(rows, stream)


def _watched(rows: Iterator[T], stream: BinaryIO) -> Iterator[T]:
    began = time.monotonic()
    bar: Bar | None = None
    try:
        for count, row in enumerate(rows, 1):
            yield row
            if count % _EVERY == 0:
                if bar is None and time.monotonic() - began > _PATIENCE:
                    bar = Bar(stream, began)
                if bar is not None:
                    bar.show(count)
    finally:
        if bar is not None:
            bar.close()


class Bar:
    """How far a file has been read: its rows, rows a second, and the time that is left."""

    def __init__(self, stream: BinaryIO, began: float) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._stream = stream
        self._began = began
        self._shown = 0.0
        self._progress: Progress = Progress(
            BarColumn(),
            TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,.0f} rows/s, left:"),
            TimeRemainingColumn(),
            console=Console(stderr=True, force_terminal=True),
            auto_refresh=False,
            transient=True,
        )
        size = os.fstat(stream.fileno()).st_size
        self._task: TaskID = self._progress.add_task("", total=size, rows=0, rate=0.0)
        self._progress.start()

    def show(self, rows: int) -> None:
        """Show that so many rows have been read; ten times a second at most."""
        now = time.monotonic()
        if now - self._shown < 0.1:
            return
        self._shown = now
        self._progress.update(
            self._task,
            completed=self._stream.tell(),
            rows=rows,
            rate=rows / (now - self._began),
            refresh=True,
        )

    def close(self) -> None:
        """Take the bar off the screen."""
        self._progress.stop()
