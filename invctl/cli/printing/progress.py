"""How far a long run is: on a terminal's standard error, once half a second has passed."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from invctl.cli.printing.format import Format
from invctl.cli.printing.streams import is_terminal, wants_color

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

T = TypeVar("T")
_PATIENCE = 0.5
_EVERY = 1000


def watched(form: Format, rows: Iterator[T], stream: BinaryIO) -> Iterator[T]:
    """Return the rows of a file, with their progress shown where there is somebody to see it."""
    return _watched(rows, stream) if _is_watched(form) else rows


@contextmanager
def working(form: Format, what: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done, and for how long, while this lasts; gives what says the next thing.

    Said with nothing, it is over before its time: what is written next goes to the same screen.
    """
    if not _is_watched(form):
        yield lambda _: None
        return
    status = Status(what)
    try:
        yield status.say
    finally:
        status.close()


def _is_watched(form: Format) -> bool:
    # A bar moves by escape sequences: where colour is off there is none.
    return not form.quiet and is_terminal(2) and wants_color(form.color, 2)


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
            # By `_is_watched` it is a terminal; Rich would ask variables that mean less here.
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


class Status:
    """What is being done and how long that takes, drawn by a thread of its own: SQLite is busy."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._progress: Progress | None = None
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = threading.Timer(_PATIENCE, self._show)
        self._timer.start()

    def say(self, what: str) -> None:
        """Go on to the next thing; to nothing, where it is over."""
        with self._lock:
            self._what = what
            if self._progress is not None:
                self._progress.update(self._progress.task_ids[0], description=what)
        if not what:
            self.close()

    def close(self) -> None:
        """Take it off the screen, and let nothing more appear."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._progress is not None:
                self._progress.stop()
                self._progress = None

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        with self._lock:
            if self._timer is None:  # it was over just when its time came
                return
            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                TimeElapsedColumn(),
                console=Console(stderr=True, force_terminal=True),
                transient=True,
            )
            self._progress.add_task(self._what, total=None)
            self._progress.start()
