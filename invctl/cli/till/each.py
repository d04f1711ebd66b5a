"""`invctl stock apply - --each`: a coprocess that answers each line once it is durable."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from invctl.cli.exit_codes import ExitCode, code_of
from invctl.cli.input import open_live_rows
from invctl.cli.invocation import Invocation
from invctl.cli.printing.diagnostics import as_dict
from invctl.cli.printing.streams import write_out
from invctl.cli.signals import Signals, signals_deferred
from invctl.core.bulk.each import apply_lines
from invctl.core.labels import check_label
from invctl.errors import (
    InsufficientStock,
    InvalidData,
    InvalidValue,
    InventoryError,
    UsageError,
)
from invctl.files.rows import unreadable
from invctl.files.writing import json_line
from invctl.models.fields import KEYED_MOVEMENT_COLUMNS
from invctl.models.rows import BadRow, FileRow, Whole
from invctl.models.stock import StockChange

if TYPE_CHECKING:
    from invctl.db.database import Database

_FORMATS = (None, "json", "jsonl")
_FIELDS = ("line", *StockChange._fields)
MOST = 64
"""Lines that share a commit: twice as many gain little, and whoever waits for it waits longer."""


def apply_each(call: Invocation, file: str) -> ExitCode:
    """Apply each line as an operation of its own; return the exit code of the first refusal.

    Lines that have arrived together share a commit.
    """
    if call.output not in _FORMATS:
        raise UsageError(f"--each answers in jsonl, not {call.output}")
    if call.key is not None:
        raise UsageError("--each wants a key on each line, not one for all of them")
    fields = call.picked(_FIELDS) or _FIELDS
    with call.inventory() as db, signals_deferred() as signals:
        check_label(call.label)  # or each line would be refused for what an option says
        hand = Hand(call, db, signals, fields)
        with open_live_rows(call, file, KEYED_MOVEMENT_COLUMNS, before_waiting=hand.answer) as rows:
            try:
                for row in rows:
                    hand.take(row)
            except InvalidData:  # what came before the fault is none of it
                hand.answer()
                raise
        hand.finish()
    return hand.status


class Hand:
    """The lines in hand: read, and not yet answered."""

    def __init__(
        self, call: Invocation, db: "Database", signals: Signals, fields: Sequence[str]
    ) -> None:
        self.status = ExitCode.SUCCESS
        self._fields = fields
        self._call = call
        self._label, self._attempt = call.label, call.attempt()
        self._db = db
        self._signals = signals
        self._rows: list[FileRow | BadRow] = []
        self._is_untried = True
        self._unforeseen: dict[str, InventoryError] = {}

    def take(self, row: FileRow | BadRow) -> None:
        """Take one more line; when there are many they are answered."""
        self._signals.hold()
        self._is_untried = False
        self._rows.append(row)
        if len(self._rows) >= MOST:
            self.answer()

    def answer(self) -> None:
        """Apply the lines in hand, and answer each in their order when all are durable."""
        if self._rows:
            rows, self._rows = self._rows, []
            answers = self._apply(rows)
            committed = not self._call.dry_run and any("error" not in one for one in answers)
            text = "".join([f"{json_line(one)}\n" for one in answers])
            write_out(text, committed=committed)
            self._call.say_warnings(self._db)
        self._signals.release()

    def finish(self) -> None:
        """Answer what is left; where there was no line at all, see that there is an inventory."""
        self.answer()
        if self._is_untried:
            with self._db.read():
                pass

    def _apply(self, rows: list[FileRow | BadRow]) -> list[dict[str, object]]:
        cells = [row[1] for row in rows if not isinstance(row, BadRow)]
        outcomes = iter(apply_lines(self._db, cells, label=self._label, attempt=self._attempt))
        return [
            self._refusal(row.line, unreadable([row]))
            if isinstance(row, BadRow)
            else self._record(row[0], next(outcomes))
            for row in rows
        ]

    def _record(self, line: int, outcome: StockChange | Exception) -> dict[str, object]:
        if isinstance(outcome, StockChange):
            record: dict[str, object] = dict(zip(_FIELDS, (line, *outcome), strict=True))
            if self._fields is _FIELDS:
                return record
            return {name: record[name] for name in self._fields}
        if not isinstance(outcome, InventoryError):
            outcome = self._meaning(outcome)
        if isinstance(outcome, InvalidValue):
            field, value, problem = (outcome.details[k] for k in ("field", "value", "problem"))
            shown = value.given if isinstance(value, Whole) else str(value)
            outcome = unreadable([BadRow(line, str(field), shown, str(problem))])
        if isinstance(outcome, InsufficientStock):
            outcome.advise("`place` says where to take it")
        return self._refusal(line, outcome)

    def _meaning(self, error: Exception) -> InventoryError:
        """Return what an error means that nobody foresaw: to find out takes a look at it all."""
        known = repr(error)
        if known not in self._unforeseen:
            self._unforeseen[known] = self._call.explain(error)
        return self._unforeseen[known]

    def _refusal(self, line: int, error: InventoryError) -> dict[str, object]:
        self.status = self.status or code_of(error)
        if error.hint == InvalidData.hint:
            error.hint = "nothing was changed by it: mend the line and send it again"
        return {"line": line, "error": as_dict(error)}
