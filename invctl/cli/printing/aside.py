"""Long lists for a reader that may stop reading, and then holds nothing back from others.

Whoever reads an inventory keeps its log from being emptied: a pager left open over lunch would
let it grow as long as others sell. What is left of the list is then read to its end at once.
"""

import os
import select
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from invctl.cli.printing.streams import is_terminal, refuse_closed, write_some
from invctl.errors import InventoryError, OutputFailed
from invctl.oserrors import reason

PATIENCE = 5.0
"""Seconds in which something of a list has to be taken."""
_TICK = 0.02
_PIECE = 1 << 20


class Outlet(NamedTuple):
    """A descriptor that a list goes to, and what it means when the system refuses to take it.

    What nobody takes within the `patience`, or while what is read `hinders_others`, is put aside.
    """

    descriptor: int
    explain: Callable[[OSError], InventoryError]
    hinders_others: Callable[[], bool] = lambda: False
    patience: float = PATIENCE

    def write(self, data: bytes | memoryview) -> None:
        """Write all of some bytes, however long they have to wait."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.write_some(rest) :]

    def write_some(self, data: memoryview) -> int:
        """Write what is taken at once, or wait until something is; return how much that was."""
        try:
            return write_some(self.descriptor, data)
        except OSError as error:
            raise self.explain(error) from error


def pour_out(
    texts: Iterable[str], hinders_others: Callable[[], bool], *, encoding: str = "utf-8"
) -> None:
    """Write texts to standard output as they come; see `pour`. Raises OutputFailed."""
    refuse_closed()
    pieces = (text.encode(encoding, "invctl") for text in texts)
    pour(pieces, Outlet(1, _not_printed, hinders_others))


def _not_printed(error: OSError) -> OutputFailed:
    return OutputFailed(reason(error), committed=False)


def pour(pieces: Iterator[bytes], outlet: Outlet) -> None:
    """Write pieces as they come, and put aside what follows where nobody takes them.

    An empty piece is a pause: whoever yields it holds nothing back.
    """
    if stat.S_ISREG(os.fstat(outlet.descriptor).st_mode):  # it takes all, at once
        for piece in pieces:
            outlet.write(piece)
        return
    outlet = _unblocked(outlet)
    for piece in pieces:
        left = _offer(memoryview(piece), outlet)
        if left:
            _put_aside(pieces, left, outlet)


def _unblocked(outlet: Outlet) -> Outlet:
    """Return an outlet that takes some of a piece where it has no room for all of it."""
    # A pipe that takes anything has room for PIPE_BUF bytes; a terminal that is stopped has not. By
    # a descriptor of its own it says so, and whoever shares the other one sees no difference.
    if is_terminal(outlet.descriptor):
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
        with suppress(OSError):  # it may be another user's
            return outlet._replace(descriptor=os.open(os.ttyname(outlet.descriptor), flags))
    return outlet


def _offer(data: memoryview, outlet: Outlet) -> memoryview:
    """Write until nothing is taken any more; return what is left of the data."""
    poll = select.poll()
    poll.register(outlet.descriptor, select.POLLOUT)
    waited = 0.0
    while data:
        if poll.poll(0) or (waited and poll.poll(_TICK * 1000)):
            data, waited = data[outlet.write_some(data[: select.PIPE_BUF]) :], 0.0
        # Whoever is hindered waits for nothing: that is asked before the first pause, too.
        elif waited >= outlet.patience or outlet.hinders_others():
            break
        else:
            waited += _TICK
    return data


def _put_aside(pieces: Iterator[bytes], left: memoryview, outlet: Outlet) -> None:
    """Read on up to a pause or the end, then write what is left and what that was."""
    aside = _temporary_file()
    if aside is None:  # others have to wait
        outlet.write(left)
        return
    with aside:
        # To the end first: as long as something is left to be read, others are hindered by it.
        over = _keep(pieces, aside)
        kept = aside.tell()
        aside.seek(0)
        outlet.write(left)
        while kept:
            piece = aside.read(min(kept, _PIECE))
            outlet.write(piece)
            kept -= len(piece)
        outlet.write(over)


def _keep(pieces: Iterator[bytes], aside: BinaryIO) -> bytes:
    """Keep pieces up to a pause or the end; return the one that there was no room for."""
    for piece in pieces:
        if not piece:
            break
        start = aside.tell()
        try:
            rest = memoryview(piece)
            while rest:
                rest = rest[aside.write(rest) :]
        except OSError:
            aside.seek(start)  # a full disk may have taken a part of it
            return piece
    return b""


def _temporary_file() -> BinaryIO | None:
    import tempfile

    try:
        return tempfile.TemporaryFile(buffering=0)
    except OSError:
        return None
