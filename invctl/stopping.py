"""A run that a signal ends while something is open that has to be closed, or taken away, first."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NUMBERS = (signal.SIGTERM, signal.SIGPIPE, signal.SIGINT, signal.SIGHUP)


class Stopped(BaseException):
    """The process is to end by a signal, once what is open is closed."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def closing_first() -> Iterator[None]:
    """Let signals raise Stopped within this: what is open is closed, and then the process ends.

    What is cut off by one leaves the inventory's log as it is, which nobody then looks after, and
    a copy that has no name yet.
    """
    if threading.current_thread() is not threading.main_thread():  # which alone gets them
        yield
        return
    came: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)  # the second one ends it at once
        came.append(number)
        raise Stopped(number)

    # Those alone that would end the process: what is ignored stays so, and `signals` has its own.
    taken = [one for one in _NUMBERS if signal.getsignal(one) is signal.SIG_DFL]
    for one in taken:
        signal.signal(one, stop)
    try:
        yield
    except Exception:
        if came:  # while SQLite called this program: it tells of a failure of its own
            raise Stopped(came[0]) from None
        raise
    finally:
        for one in taken:
            signal.signal(one, signal.SIG_DFL)
