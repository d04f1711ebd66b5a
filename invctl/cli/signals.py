"""How a run ends by a signal: by that signal, as its shell expects.

What answers line by line ends between two of them, and not before what is in hand is answered.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PATIENCE = 5
"""Seconds that a signal waits for the answers in hand to be taken."""


def die_of(number: int) -> None:
    """End the process by a signal, as if nobody had handled it."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


class Signals:
    """SIGTERM, SIGINT and SIGHUP, which wait for the answers to the lines in hand, then end it all.

    Between lines they end the process at once: what was answered is durable, and nothing else
    has been applied. Where nobody takes the answers they wait no longer than `_PATIENCE`, and
    where nobody can, as SIGPIPE says, not at all.
    """

    def __init__(self) -> None:
        self.last_word: Callable[[], None] | None = None
        """Called before the end."""
        self._busy = False
        self._pending: int | None = None
        self._ending = False

    def hold(self) -> None:
        """Let signals wait from here on."""
        self._busy = True

    def release(self) -> None:
        """Let signals act again, and the one that waits first."""
        self._busy = False
        if self._pending is not None:
            self._end(self._pending)

    def handle(self, number: int, _frame: object) -> None:
        """Take a signal: SIGALRM comes when one has waited long enough."""
        if self._pending is not None:  # of two signals the first says how it ended
            self._end(self._pending)
        if not self._busy or number == signal.SIGPIPE:
            self._end(number)
        self._pending = number
        signal.alarm(_PATIENCE)

    def _end(self, number: int) -> None:
        """Say the last word, unless another signal cuts it short, and die."""
        try:
            if self.last_word is not None and not self._ending:
                self._ending, self._pending = True, number  # or it would die of the alarm
                signal.alarm(_PATIENCE)  # nobody may read what it says
                self.last_word()
        finally:
            die_of(number)


@contextmanager
def signals_deferred() -> Iterator[Signals]:
    """Let signals wait for the answers in hand while this lasts."""
    signals = Signals()
    numbers = [signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGPIPE]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as `nohup` leaves it
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, signals.handle) for number in numbers}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
