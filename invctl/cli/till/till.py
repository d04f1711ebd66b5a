"""What is scanned, answered as it comes: lines that came together at once, each when it is durable.

On a terminal the answers are for somebody two steps away, else one JSON object a line.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from invctl.cli.exit_codes import ExitCode, code_of
from invctl.cli.input import PolledStream, opened
from invctl.cli.invocation import Invocation
from invctl.cli.printing.diagnostics import as_dict, note
from invctl.cli.printing.streams import (
    encoding_for_people,
    is_terminal,
    wants_color,
    write_err,
    write_out,
)
from invctl.cli.signals import Signals, signals_deferred
from invctl.cli.till.each import MOST
from invctl.codes import CONTROL
from invctl.core.scanned import Ends, PendingCount
from invctl.core.scanning import Controlled, ScanAnswer, Scanner
from invctl.db.database import Database
from invctl.errors import InsufficientStock, InventoryError, ProductNotFound
from invctl.files.scans import read_scans
from invctl.files.writing import json_line
from invctl.models.stock import StockChange
from invctl.models.undos import BatchUndo, StockUndo
from invctl.oserrors import explained, input_problem, output_problem
from invctl.text import printable


def answer_scans(
    call: Invocation,
    mode: str,
    ends: Ends,
    unknown: str | None,
    *,
    fields: Sequence[str] | None,
) -> ExitCode:
    """Answer what is scanned until it ends; return the exit code of the first refusal.

    Codes that nobody knows are added to the file `unknown`; records have those `fields` alone.
    """
    with ExitStack() as stack:
        keep = stack.enter_context(_kept(unknown))
        db = stack.enter_context(call.inventory())
        signals = stack.enter_context(signals_deferred())
        scanner = Scanner(db, mode, ends=ends, label=call.label, attempt=call.attempt())
        till = Till(call, db, scanner, signals, _teller(call, db, fields), keep)
        stack.callback(till.say_left)  # whatever ends it
        with opened("-") as scanned, explained("standard input", input_problem):
            for line in read_scans(PolledStream(scanned, till.answer)):
                till.take(line)
                if scanner.is_done:
                    break
        till.finish()
        if till.is_untried:
            with db.read():
                pass  # whether there is one at all is said even where nothing was scanned
    return till.status


class Till:
    """The scans in hand: read, and not yet answered."""

    def __init__(
        self,
        call: Invocation,
        db: Database,
        scanner: Scanner,
        signals: Signals,
        tell: Callable[[ScanAnswer], str],
        keep: Callable[[str], None],
    ) -> None:
        self.status = ExitCode.SUCCESS
        self.is_untried = True
        """Whether nothing has been asked of the inventory."""
        self._call = call
        self._db = db
        self._scanner = scanner
        self._signals = signals
        self._tell = tell
        self._keep = keep
        self._lines: list[tuple[int, str]] = []
        self._last = 0
        signals.last_word = self._interrupted

    def take(self, line: tuple[int, str]) -> None:
        """Take one more line; when there are many, or it is the last one, they are answered."""
        self._signals.hold()
        self._lines.append(line)
        self._last = line[0]
        if len(self._lines) >= MOST or self._scanner.is_end(line[1]):
            self.answer()  # nobody may be there to type another line after the last one

    def answer(self) -> None:
        """Do what the lines in hand say, and answer each in their order when all is durable."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._write(list(self._scanner.take(lines)))
        self._signals.release()

    def finish(self) -> None:
        """Answer what is left, and conclude what was counted."""
        self.answer()
        self._signals.hold()
        if (answer := self._scanner.finish(self._last)) is not None:
            self._write([answer])
        self._signals.release()

    def say_left(self) -> None:
        """Say what was counted and is no count, since nobody else knows it any more."""
        if left := self._scanner.left():
            doubt = ", unless `invctl log` shows it" if self._scanner.may_be_concluded else ""
            note(f"counted and not taken{doubt}: {', '.join(map(_left, left))}", quiet=False)

    def _interrupted(self) -> None:
        if self._scanner.left() and is_terminal(0) and is_terminal(2):
            write_err("")  # of what was typed no line end may have been
        self.say_left()

    def _write(self, answers: Sequence[ScanAnswer]) -> None:
        done, unknown = False, []
        for answer in answers:
            self.is_untried = self.is_untried and answer.code is None and not _is_change(answer)
            if isinstance(answer.outcome, InventoryError):
                self.status = self.status or code_of(answer.outcome)
                if isinstance(answer.outcome, ProductNotFound):
                    unknown.append(answer.code or "")
                if isinstance(answer.outcome, InsufficientStock):
                    answer.outcome.advise(f"{CONTROL}PLACE:… says where to take it")
            done = done or _is_change(answer)
        text = "".join(map(self._tell, answers))
        committed = done and not self._call.dry_run
        try:
            for code in unknown:
                self._keep(code)
        finally:  # what was done is told, whatever became of that file
            write_out(text, encoding=encoding_for_people(), committed=committed)
            self._call.say_warnings(self._db)


def _left(count: PendingCount) -> str:
    there = f" in {printable(count.place)}" if count.place else ""
    return f"{count.sku} {count.units}{there}"


def _is_change(answer: ScanAnswer) -> bool:
    """Return whether an answer tells of something that was done to the inventory."""
    outcome = answer.outcome
    if isinstance(outcome, Controlled):
        return outcome.concluded is not None
    return isinstance(outcome, StockChange | StockUndo | BatchUndo)


def _teller(
    call: Invocation, db: Database, names: Sequence[str] | None
) -> Callable[[ScanAnswer], str]:
    """Return what makes the text of an answer, of a record's fields those `names` (None: all)."""
    if call.output == "table" or (call.output is None and is_terminal(1)):
        from invctl.cli.till.scan_screen import Screen

        return Screen(db, color=wants_color(call.color, 1), encoding=encoding_for_people()).shown

    def line(answer: ScanAnswer) -> str:
        record = _record(answer)
        if names is not None and "error" not in record:
            record = {name: record.get(name) for name in names}
        return f"{json_line(record)}\n"

    return line


def _record(answer: ScanAnswer) -> dict[str, object]:
    """Return an answer as scripts read it: `line`, `code` and `units`, and what was done."""
    outcome = answer.outcome
    record: dict[str, object] = {"line": answer.line}
    if answer.code is not None:
        record |= {"code": answer.code, "units": answer.units}
    if isinstance(outcome, InventoryError):
        return {**record, "error": as_dict(outcome)}
    if isinstance(outcome, Controlled):
        count = outcome.concluded._asdict() if outcome.concluded is not None else {}
        return {**record, outcome.what: outcome.value, **count}
    return {**record, **outcome._asdict()}


@contextmanager
def _kept(file: str | None) -> Iterator[Callable[[str], None]]:
    """Give what adds a code to a file, a line each, before its answer is given."""
    if file is None:
        yield lambda _: None
        return
    with explained(file, output_problem):
        stream = open(file, "ab", buffering=0)  # or what could not be written fails once more

    def keep(code: str) -> None:
        with explained(file, output_problem):
            stream.write(f"{code}\n".encode())

    with stream:
        yield keep
