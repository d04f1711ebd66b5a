"""What is said of a file besides its rows: how it was read, and which options would read it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from invctl.cli.invocation import Invocation
from invctl.cli.printing.diagnostics import note
from invctl.errors import InvalidData, InventoryError
from invctl.text import quoted

if TYPE_CHECKING:
    from invctl.files.rows import Reading, RowSource

T = TypeVar("T")


class Remarks:
    """What there is to say of a file, each remark once; `source` is how it was read last."""

    def __init__(self, call: Invocation) -> None:
        self.source: RowSource | None = None
        self._call = call
        self._said: set[str] = set()
        self.has_rows = False
        """Whether any row was read: of a stream it is answered then."""

    def noting(self, rows: Iterable[T]) -> Iterator[T]:
        """Yield rows; where one comes, that is noted."""
        for row in rows:
            self.has_rows = True
            yield row

    def say(self) -> None:
        """Say what is known so far."""
        for remark in _remarks(self.source.seen) if self.source else ():
            if remark not in self._said:
                self._said.add(remark)
                note(remark, quiet=self._call.quiet)


@contextmanager
def remarked(call: Invocation, *, live: bool, changes: bool = True) -> Iterator[Remarks]:
    """Say at the end what there is to say, and tell with a refusal what would have been read."""
    remarks = Remarks(call)
    try:
        yield remarks
    except InventoryError as error:
        if isinstance(error, InvalidData):
            is_done = live and remarks.has_rows
            became = "the lines that were answered are done" if is_done else "nothing was changed"
            said = _hint(error, remarks.source)
            error.hint = f"{became}: {said}" if changes else said
        if not call.form.is_json:  # scripts read an error alone
            remarks.say()
        raise
    remarks.say()


def _remarks(seen: "Reading") -> Iterator[str]:
    if seen.read_as:
        read = (f"{quoted(name)} as {field}" for name, field in seen.read_as.items())
        yield f"read {', '.join(read)}"
    if seen.doubt:
        yield f"warning: {seen.doubt}"
    if seen.skipped:
        rows = "1 row was" if seen.skipped == 1 else f"{seen.skipped} rows were"
        passed = f"{rows} passed over, without a SKU or without a number (--skip-empty)"
        yield passed if seen.kept else f"warning: {passed}, and no other was read"


def _hint(error: InvalidData, source: "RowSource | None") -> str:
    """Return what to do about what was refused."""
    # Who refused it may have said what to do; else how the file was read tells.
    known = error.hint if error.hint != InvalidData.hint else ""
    if not known and source is not None:
        known = source.advise(error.lines)
    return known or "mend the file and run it again"
