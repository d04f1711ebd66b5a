"""A scanner's codes, one after the other: what each means in the mode that is on, and its answer.

Changes are made as `each` makes lines, so what has come together shares a commit. What is counted
is kept until the mode changes or the run ends, and then is one count.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from invctl.codes import CONTROL, CONTROLS
from invctl.core.advice import advising
from invctl.core.bulk.each import apply_lines
from invctl.core.bulk.requests import cells_of
from invctl.core.labels import check_label
from invctl.core.lookup import find_product
from invctl.core.moves import multiplied
from invctl.core.scanned import NO_ENDS, Ends, PendingCount, PendingCounts, PendingScan, Sum
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import (
    AlreadyUndone,
    InvalidData,
    InvalidValue,
    InventoryError,
    NothingOfRun,
    NothingToUndo,
    OutcomeUnknown,
    ProductArchived,
    ProductNotFound,
)
from invctl.models.attempts import Attempt, Label
from invctl.models.batches import BatchChange
from invctl.models.fields import SCAN_MODES
from invctl.models.products import Product
from invctl.models.stock import StockChange
from invctl.models.undos import Undo
from invctl.repository import products
from invctl.repository.products import Found
from invctl.text import quoted
from invctl.values import parse_amount

_SEVERAL = re.compile(r"([0-9]+)\*(.+)")


class Scan(NamedTuple):
    """A line that was scanned: its code, so many times."""

    line: int
    code: str
    times: int


class Controlled(NamedTuple):
    """What a control code has set, and to what; `concluded` is the count that was, if one was.

    It is of so many `products`.
    """

    what: str
    value: str | bool | None
    concluded: BatchChange | None = None
    products: int = 0


ScanOutcome = Product | StockChange | Sum | Controlled | Undo | InventoryError


class ScanAnswer(NamedTuple):
    """What became of a line; `units` are those of all its scans, None where nobody knows them.

    `place` is the one that was set for them, `still` the mode that a refused one leaves on.
    """

    line: int
    code: str | None
    units: int | None
    outcome: ScanOutcome
    place: str | None = None
    still: str | None = None


class Scanner:
    """A run of scans: the mode that is on, what is said of changes, and what can be taken back."""

    def __init__(
        self, db: Database, mode: str, *, ends: Ends = NO_ENDS, label: Label, attempt: Attempt
    ) -> None:
        # Refused before anything is scanned; kept as typed: `24h` is read anew with each change.
        check_label(label)
        self.mode = mode
        self.is_done = False
        self.may_be_concluded = False
        """Whether what is `left` may be a count all the same."""
        self._db = db
        self._ends = ends
        self._label = label
        self._attempt = attempt
        self._pending = PendingCounts()
        self._made: list[int | PendingScan] = []

    def take(self, lines: Sequence[tuple[int, str]]) -> Iterator[ScanAnswer]:
        """Yield the answer to each line, in order; nothing is read after the one that ends it.

        Each is durable when it is given.
        """
        moves: list[Scan] = []
        for line, text in lines:
            is_control = text.upper().startswith(CONTROL)
            is_moved = self.mode in ("add", "remove") and not is_control
            scan = self._read(line, text) if is_moved else None
            if isinstance(scan, Scan):
                moves.append(scan)
                continue
            # They are answered before it, and made in the mode that it may change.
            yield from self._move(moves)
            moves = []
            if scan is not None:
                yield scan
            else:
                yield self._obeyed(line, text) if is_control else self._looked_up(line, text)
            if self.is_done:
                return
        yield from self._move(moves)

    def is_end(self, text: str) -> bool:
        """Return whether a line ends the run."""
        return text.upper() == f"{CONTROL}DONE"

    def finish(self, line: int) -> ScanAnswer | None:
        """Conclude what is counted; return the answer where that was anything."""
        if self.is_done or not self._pending.counts:
            return None
        return self._answered(line, self._done)

    def left(self) -> list[PendingCount]:
        """Return what was counted and not concluded, since the count was refused."""
        return list(self._pending.counts.values())

    def _read(self, line: int, text: str) -> Scan | ScanAnswer:
        """Return what a line means: `6*CODE` is six, unless that is a code itself."""
        several = _SEVERAL.fullmatch(text)
        if several is None:
            return Scan(line, text, 1)
        try:
            if self._is_known(text):
                return Scan(line, text, 1)
            return Scan(line, several[2].strip(), parse_amount(several[1]))
        except InventoryError as error:
            return ScanAnswer(line, text, None, error)

    def _is_known(self, text: str) -> bool:
        try:
            with self._db.read() as session:
                find_product(session, text)
        except ProductNotFound:
            return False
        return True

    def _move(self, scans: list[Scan]) -> Iterator[ScanAnswer]:
        """Make the changes of some lines, and yield the answers."""
        if not scans:
            return
        place = (self._ends.target if self.mode == "add" else self._ends.source) or ""
        cells = [
            cells_of(sku=one.code, action=self.mode, amount=str(one.times), place=place)
            for one in scans
        ]
        outcomes = apply_lines(self._db, cells, label=self._label, attempt=self._attempt)
        for scan, outcome in zip(scans, outcomes, strict=True):
            if isinstance(outcome, InventoryError):
                yield ScanAnswer(scan.line, scan.code, self._units_of(scan), outcome)
                continue
            # A bug, or a forged row, ends the run; what came before it is answered.
            if isinstance(outcome, Exception):
                raise outcome
            self._note(outcome.operation)
            yield ScanAnswer(scan.line, scan.code, abs(outcome.delta), outcome, place or None)

    def _units_of(self, scan: Scan) -> int | None:
        """Return how many units a line is about; None where its code is unknown, or too many."""
        try:
            with self._db.read() as session:
                units = find_product(session, scan.code).units
                return multiplied(scan.times, units, "amount", str(scan.times))
        except InventoryError:
            return None

    def _note(self, made: int | PendingScan) -> None:
        """Remember what an undo would take back: of a dry run that is nothing."""
        if not self._attempt.dry_run or isinstance(made, PendingScan):
            self._made.append(made)

    def _looked_up(self, line: int, text: str) -> ScanAnswer:
        scan = self._read(line, text)
        if isinstance(scan, ScanAnswer):
            return scan
        units = None
        try:
            with advising(self._db), self._db.read() as session:
                found = find_product(session, scan.code)
                units = multiplied(scan.times, found.units, "amount", str(scan.times))
                if self.mode == "show":
                    return ScanAnswer(line, scan.code, units, products.record(session, found.id))
            counted = self._counted(scan, found, units)
            return ScanAnswer(line, scan.code, units, counted, self._ends.counted)
        except InventoryError as error:
            return ScanAnswer(line, scan.code, units, error)

    def _counted(self, scan: Scan, found: Found, units: int) -> Sum:
        if found.archived_at is not None:
            raise ProductArchived(found.sku)
        key, count = self._pending.add(found, self._ends.counted, units, scan.line)
        self._note(PendingScan(key, scan.code, units))
        return Sum(count.sku, count.units)

    def _obeyed(self, line: int, text: str) -> ScanAnswer:
        """Do what a control code says."""
        verb, _, value = text[len(CONTROL) :].partition(":")
        verb, value = verb.upper(), value.strip()
        if verb == "UNDO":
            return self._undone(line)
        if verb == "DONE":
            answer = self._answered(line, self._done)
            self.is_done = True
            return answer
        if verb.lower() in SCAN_MODES:
            answer = self._answered(line, lambda: self._switched(verb.lower()))
            is_refused = isinstance(answer.outcome, InventoryError)
            return answer._replace(still=self.mode if is_refused else None)
        if verb == "REF":
            return self._answered(line, lambda: self._labelled(value))
        if verb == "PLACE":
            return self._answered(line, lambda: self._went(value))
        problem = f"{quoted(text)} is no control code; behind {CONTROL} come {', '.join(CONTROLS)}"
        # It may have been that of another mode, in which all that follows is meant to be scanned.
        refused = InvalidValue("code", text, problem)
        return ScanAnswer(line, None, None, refused, still=self.mode)

    def _answered(self, line: int, do: Callable[[], Controlled]) -> ScanAnswer:
        try:
            return ScanAnswer(line, None, None, do())
        except InventoryError as error:
            return ScanAnswer(line, None, None, error)

    def _done(self) -> Controlled:
        return Controlled("done", True, *self._concluded())

    def _switched(self, mode: str) -> Controlled:
        """Change the mode; what was counted is concluded first, and stays if that is refused."""
        # Who scans the code of the mode that is on goes on counting: it has not changed (§9).
        count = self._concluded() if mode != self.mode else (None, 0)
        self.mode = mode
        return Controlled("mode", mode, *count)

    def _labelled(self, ref: str) -> Controlled:
        label = self._label._replace(ref=ref or None)
        checked = check_label(label)
        self._label = label
        return Controlled("ref", checked.ref)

    def _went(self, place: str) -> Controlled:
        """Have all that follows lie in a place, or in none where none is named."""
        from invctl.core.places.spots import check_place

        named = check_place(place) if place else None
        self._ends = Ends(named, named, named)
        return Controlled("place", named)

    def _concluded(self) -> tuple[BatchChange | None, int]:
        """Make one count of all that was counted, of how many products.

        Raises InvalidData, as all that refuses it, and then it stays.
        """
        if not self._pending.counts:
            return None, 0
        from invctl.core.counting.file import count_products

        # Where nobody said when it was counted, that is when each product was first scanned.
        rows, products = self._pending.rows(dated=not self._label.at), self._pending.products
        self.may_be_concluded = True
        try:
            change = count_products(self._db, rows, label=self._label, attempt=self._attempt)
        except InventoryError as refused:
            self.may_be_concluded = isinstance(refused, OutcomeUnknown)
            if isinstance(refused, InvalidData):
                refused.hint = "none of it was counted"
            raise
        self._pending.counts.clear()
        self.may_be_concluded = False
        # The scans are one operation now, which an undo takes back as a whole.
        self._made = [one for one in self._made if not isinstance(one, PendingScan)]
        self._note(change.operation)
        return change, products

    def _undone(self, line: int) -> ScanAnswer:
        """Take back the last line that did something, and by the next the one before it."""
        if not self._made:
            return ScanAnswer(line, None, None, NothingOfRun(self._attempt.actor))
        last = self._made[-1]
        if isinstance(last, PendingScan):
            self._made.pop()
            return self._discounted(line, last)
        try:
            undone = undo_operation(self._db, last, label=Label(), attempt=self._attempt)
        except (AlreadyUndone, NothingToUndo) as error:
            self._made.pop()  # else it stands in the way of those before it for ever
            return ScanAnswer(line, None, None, error)
        except InventoryError as error:  # which may go through the next time
            return ScanAnswer(line, None, None, error)
        self._made.pop()
        return ScanAnswer(line, None, None, undone)

    def _discounted(self, line: int, last: PendingScan) -> ScanAnswer:
        count = self._pending.take_out(last)
        return ScanAnswer(line, last.code, -last.units, Sum(count.sku, count.units), count.place)
