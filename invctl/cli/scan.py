"""`invctl stock scan`: a scanner's codes on standard input, each answered as it comes.

On a terminal the answers are for somebody two steps away, else one JSON object a line.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli import arguments
from invctl.cli.diagnostics import as_dict, note
from invctl.cli.each import signals_deferred
from invctl.cli.exit_codes import ExitCode, code_of
from invctl.cli.input import Patient
from invctl.cli.invocation import Invocation, invocation
from invctl.cli.streams import encoding_for_people, is_terminal, wants_color, write_out
from invctl.errors import (
    InsufficientStock,
    InventoryError,
    PlaceNotFound,
    ProductNotFound,
    UsageError,
)
from invctl.files.scans import read_scans
from invctl.files.writing import json_line
from invctl.models import PRODUCT_FIELDS, BatchUndo, StockChange, StockUndo
from invctl.oserrors import explained, input_problem, output_problem
from invctl.text import printable
from invctl.values import CONTROL

if TYPE_CHECKING:
    from invctl.cli.each import Signals
    from invctl.core.scanned import Ends, Tally
    from invctl.core.scanning import Answer, Scanner
    from invctl.db.database import Database

MODES = ("remove", "add", "count", "show")
FIELDS = tuple(
    dict.fromkeys(
        ("line", "code", "units", *StockChange._fields, *PRODUCT_FIELDS, "mode", "ref", "place")
    )
)
_FORMATS = (None, "json", "jsonl", "table")
_MOST = 64
"""Lines that share a commit, as with `apply --each`."""


def scan(
    ctx: typer.Context,
    mode: Annotated[
        str,
        typer.Option("--mode", metavar="MODE", help=f"{', '.join(MODES)}; show if not given."),
    ] = "show",
    source: arguments.From = None,
    target: arguments.To = None,
    place: Annotated[
        str | None,
        typer.Option(
            "--place",
            metavar="PLACE",
            help="All of it lies there, what is counted, too; the code INVCTL:PLACE:PLACE says so.",
        ),
    ] = None,
    unknown: Annotated[
        str | None,
        typer.Option("--unknown", metavar="FILE", help="Add codes that nobody knows to a file."),
    ] = None,
    codes: Annotated[
        str | None,
        typer.Option(
            "--codes",
            metavar="FILE|-",
            help="Only write the control codes, to print: .svg or text; with --place those of the "
            "places in there.",
        ),
    ] = None,
) -> int:
    """Answer a scanner: take, add, count or show what is scanned, a code a line."""
    call = invocation(ctx)
    if codes is not None:
        from invctl.cli.labels import write_codes

        write_codes(codes, None if place is None else _inside(call, place))
        return ExitCode.SUCCESS
    if mode not in MODES:
        raise UsageError(f"--mode: '{mode}' is not one of {', '.join(MODES)}")
    if call.output not in _FORMATS:
        raise UsageError(f"scans are answered in jsonl, not {call.output}")
    ends = _ends(mode, source, target, place)
    if is_terminal(0):
        note(f"scan in mode {mode}; INVCTL:DONE or Ctrl-D ends it", quiet=call.quiet)
    return _answered(call, mode, ends, unknown)


def _answered(call: Invocation, mode: str, ends: "Ends", unknown: str | None) -> int:
    """Answer what is scanned until it ends; return the exit code of the first refusal."""
    with ExitStack() as opened:
        keep = opened.enter_context(_kept(unknown))
        db = opened.enter_context(call.inventory())
        signals = opened.enter_context(signals_deferred())
        from invctl.core.scanning import Scanner

        scanner = Scanner(db, mode, ends=ends, label=call.label, attempt=call.attempt)
        till = Till(call, db, scanner, signals, _teller(call, db), keep)
        with explained("standard input", input_problem):
            for line in read_scans(Patient(sys.stdin.buffer, till.answer)):
                till.take(line)
                if scanner.is_done:
                    break
        till.finish()
        if till.is_untried:
            with db.read():
                pass  # whether there is one at all is said even where nothing was scanned
    return till.status


def _inside(call: Invocation, place: str) -> list[str]:
    """Return the names of a place and of those inside it. Raises PlaceNotFound."""
    from invctl.core.placement import list_places
    from invctl.core.spots import check_place, is_inside

    above = check_place(place)
    with call.inventory() as db:
        names = [row[0] for rows in list_places(db) for row in rows if is_inside(row[0], above)]
    if not names:
        raise PlaceNotFound(above)
    return names


def _ends(mode: str, source: str | None, target: str | None, place: str | None) -> "Ends":
    """Return where what is scanned lies, as the options say it. Raises UsageError."""
    from invctl.core.scanned import Ends

    if place is not None and (source is not None or target is not None):
        given = "--from" if source is not None else "--to"
        raise UsageError(f"{given} does not go with --place", "--place is both ends, and counts")
    if mode == "count" and (source is not None or target is not None):
        given = "--from" if source is not None else "--to"
        raise UsageError(
            f"{given} does not go with --mode count", "--place says where it is counted"
        )
    spots = (
        arguments.spot("--from", source, None, takes_any=True),
        arguments.spot("--to", target, None),
        arguments.spot("--place", place, None),
    )
    begin, end, both = (one.place if one else None for one in spots)
    return Ends(begin or both, end or both, both)


class Till:
    """The scans in hand: read, and not yet answered."""

    def __init__(
        self,
        call: Invocation,
        db: "Database",
        scanner: "Scanner",
        signals: "Signals",
        tell: Callable[["Answer"], str],
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

    def take(self, line: tuple[int, str]) -> None:
        """Take one more line; when there are many, or it is the last one, they are answered."""
        self._signals.hold()
        self._lines.append(line)
        self._last = line[0]
        if len(self._lines) >= _MOST or self._scanner.is_end(line[1]):
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
        if left := self._scanner.left():
            note(f"counted and not taken: {', '.join(map(_left, left))}", quiet=False)
        self._signals.release()

    def _write(self, answers: Sequence["Answer"]) -> None:
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


def _left(tally: "Tally") -> str:
    there = f" in {printable(tally.place)}" if tally.place else ""
    return f"{tally.sku} {tally.units}{there}"


def _is_change(answer: "Answer") -> bool:
    """Return whether an answer tells of something that was done to the inventory."""
    from invctl.core.scanning import Said

    outcome = answer.outcome
    if isinstance(outcome, Said):
        return outcome.concluded is not None
    return isinstance(outcome, StockChange | StockUndo | BatchUndo)


def _teller(call: Invocation, db: "Database") -> Callable[["Answer"], str]:
    """Return what makes the text of an answer."""
    if call.output == "table" or (call.output is None and is_terminal(1)):
        from invctl.cli.scan_screen import Screen

        return Screen(db, color=wants_color(call.color, 1), encoding=encoding_for_people()).shown
    names = call.picked(FIELDS)

    def told(answer: "Answer") -> str:
        record = _record(answer)
        if names is not None and "error" not in record:
            record = {name: record.get(name) for name in names}
        return f"{json_line(record)}\n"

    return told


def _record(answer: "Answer") -> dict[str, object]:
    """Return an answer as scripts read it: `line`, `code` and `units`, and what was done."""
    from invctl.core.scanning import Said

    outcome = answer.outcome
    record: dict[str, object] = {"line": answer.line}
    if answer.code is not None:
        record |= {"code": answer.code, "units": answer.units}
    if isinstance(outcome, InventoryError):
        return {**record, "error": as_dict(outcome)}
    if isinstance(outcome, Said):
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
