"""`invctl stock apply - --each`: a coprocess that answers each line once it is durable."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from invctl.cli.diagnostics import as_dict
from invctl.cli.exit_codes import ExitCode, code_of
from invctl.cli.input import open_rows
from invctl.cli.invocation import Invocation
from invctl.cli.streams import write_out
from invctl.errors import InvalidValue, InventoryError, UsageError
from invctl.files.rows import unreadable
from invctl.files.writing import json_line
from invctl.models import KEYED_MOVEMENT_COLUMNS, Attempt, BadRow, Row, StockChange

if TYPE_CHECKING:
    from invctl.db.database import Database

_FORMATS = (None, "json", "jsonl")
_FIELDS = ("line", *StockChange._fields)


def apply_each(call: Invocation, file: str) -> ExitCode:
    """Apply each line in a transaction of its own; return the exit code of the first refusal."""
    if call.output not in _FORMATS:
        raise UsageError(f"--each answers in jsonl, not {call.output}")
    if call.key is not None:
        raise UsageError("--each wants a key on each line, not one for all of them")
    call.refuse_unknown_columns(_FIELDS)
    status, attempt = ExitCode.SUCCESS, call.attempt
    with (
        _signals_deferred() as line_in_hand,
        open_rows(call, file, KEYED_MOVEMENT_COLUMNS, live=True) as rows,
        call.inventory() as db,
    ):
        from invctl.core.labels import check_label

        check_label(call.label)
        for row in rows:
            with line_in_hand():
                answer, code = _answer(call, attempt, db, row)
                write_out(f"{json_line(answer)}\n", committed=not code and not call.dry_run)
            status = status or code
    return status


def _answer(
    call: Invocation, attempt: Attempt, db: "Database", row: Row | BadRow
) -> tuple[dict[str, object], ExitCode]:
    """Apply a line; return what to answer, and the exit code if it was refused."""
    from invctl.core.apply import apply_line

    if isinstance(row, BadRow):
        return _refusal(row.line, unreadable([row]))
    line, cells = row
    try:
        change = apply_line(db, cells, label=call.label, attempt=attempt)
    except InvalidValue as error:
        column, value, problem = (str(error.details[k]) for k in ("field", "value", "problem"))
        return _refusal(line, unreadable([BadRow(line, column, value, problem)]))
    except InventoryError as error:
        return _refusal(line, error)
    record: dict[str, object] = {"line": line, **change._asdict()}
    return {name: record[name] for name in call.columns or _FIELDS}, ExitCode.SUCCESS


def _refusal(line: int, error: InventoryError) -> tuple[dict[str, object], ExitCode]:
    return {"line": line, "error": as_dict(error)}, code_of(error)


@contextmanager
def _signals_deferred() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Give what guards a line in hand: SIGTERM and SIGINT wait for its answer, then end it all.

    Between lines they end the process at once: what was answered is durable, and nothing else
    has been applied.
    """
    busy = False
    pending: list[int] = []

    def handle(number: int, _frame: object) -> None:
        if busy:
            pending.append(number)
        else:
            _die_of(number)

    @contextmanager
    def line_in_hand() -> Iterator[None]:
        nonlocal busy
        busy = True
        try:
            yield
        finally:
            busy = False
            if pending:
                _die_of(pending[0])

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield line_in_hand
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _die_of(number: int) -> None:
    """End the process by a signal, as if nobody had handled it."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
