"""The driver's waits for a server, which end also where that never answers.

A server that is stopped, or cut off, keeps its connections: the network alone does not tell.
Nothing is ever cancelled on the server: it would answer a cancelled COMMIT with success.
"""

import select
import time
from collections.abc import Generator
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg.errors import Diagnostic
from psycopg.pq import PGconn, Ping

T = TypeVar("T")

# What a server says where a COMMIT did not wait for a standby to the end, as it had promised.
_STANDBY_WAIT = "SyncRepWaitForLSN"
_PATIENCE = 2.0, 5.0
"""The least and the most seconds of silence after which it is asked whether the server is there."""
# Milliseconds after which a silence is judged.
_TURN = 100
# The driver's numbers: 1 is to read, 2 to write, 3 either.
_EVENTS = (0, select.POLLIN, select.POLLOUT, select.POLLIN | select.POLLOUT)


class NoAnswer(psycopg.OperationalError):
    """The server was waited for long enough; the session is over."""


class Unconfirmed(psycopg.OperationalError):
    """The server has committed, and would lose it with its machine."""


class PatientConnection(psycopg.Connection[Any]):
    """A driver's connection that waits no longer for a server than there is one.

    Where nothing comes for `patience` seconds, the server is asked over another connection
    whether it is there at all, and given as long to say so. A COMMIT is waited for until `until`,
    on the clock `time.monotonic`, and then given up. Raises NoAnswer; the connection is closed.
    """

    patience = _PATIENCE[1]
    until: float | None = None
    is_unconfirmed = False
    """Whether the server has said that it does not wait for its standby any more."""

    def wait(self, gen: Generator[Any, Any, T], *_: Any, **__: Any) -> T:
        """Wait for what a generator of the driver's asks the server.

        The driver's own way does not look at the time before version 3.2.13, and cancels what the
        server does where this process is interrupted: a COMMIT, too.
        """
        silent_since: float | None = None
        try:
            waiting, socket = select.poll(), self.pgconn.socket
            wanted = next(gen)
            while True:
                waiting.register(socket, _EVENTS[wanted])
                happened = waiting.poll(_TURN)
                if happened:
                    silent_since = None
                    wanted = gen.send(_ready(happened[0][1]))
                else:
                    silent_since = self._judge(silent_since or time.monotonic())
        except StopIteration as end:
            answer: T = end.value
            return answer
        except BaseException as error:
            if isinstance(error, NoAnswer) or not isinstance(error, Exception):
                # A signal's: else what ends a pipeline would find answers in it that nobody has
                # taken, and raise that instead, as if the session alone had ended.
                self.close()
                with suppress(psycopg.Error):
                    gen.close()
            raise

    def watch(self, timeout: float) -> None:
        """Look from now on at how long the server is silent, and at what it says by the way."""
        least, most = _PATIENCE
        self.patience = min(max(timeout, least), most)
        self.add_notice_handler(self._take_notice)

    def _take_notice(self, said: Diagnostic) -> None:
        # The language of the text is the server's; the function is none that anybody translates.
        if said.source_function == _STANDBY_WAIT:
            self.is_unconfirmed = True

    def _judge(self, silent_since: float) -> float:
        """Return since when a silence that may go on counts; raises NoAnswer if it may not."""
        now = time.monotonic()
        if self.until is not None:
            if now < self.until:
                return silent_since
        elif now - silent_since < self.patience:
            return silent_since
        elif self._is_there():
            return time.monotonic()
        raise NoAnswer("the server does not answer")

    def _is_there(self) -> bool:
        """Return whether the server says anything to a newcomer, be it that it may not enter."""
        where = self.info.get_parameters() | {"connect_timeout": str(round(self.patience))}
        conninfo = psycopg.conninfo.make_conninfo("", **where)
        return PGconn.ping(conninfo.encode()) in (Ping.OK, Ping.REJECT)


def _ready(events: int) -> int:
    """Return for what a socket is ready; one that broke is to be read, which tells."""
    return (events & ~select.POLLOUT and 1) | (events & ~select.POLLIN and 2)
