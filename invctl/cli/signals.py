"""How a run ends by a signal: by that signal, as its shell expects, once what is open is closed."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(BaseException):
    """The process is to end by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def closing_first() -> Iterator[None]:
    """Let signals end what is done within this, and the process once that is closed.

    What is cut off by one leaves the inventory's log as it is, which nobody then looks after.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)  # the second one ends it at once
        raise Stopped(number)

    numbers = [signal.SIGTERM, signal.SIGPIPE]
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        numbers.append(signal.SIGINT)
    try:
        before = {number: signal.signal(number, stop) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    except Stopped as stopped:
        die_of(stopped.number)


def die_of(number: int) -> None:
    """End the process by a signal, as if nobody had handled it."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
