"""The lines of an input file on their way into a batch: chunks, faults, and a fingerprint."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from operator import itemgetter

from invctl.db.session import BATCH
from invctl.errors import (
    CountSlip,
    InsufficientStock,
    InvalidData,
    InvalidValue,
    InventoryError,
    LineError,
    ProductArchived,
    back,
)
from invctl.models.rows import BadRow, FileRow, Whole
from invctl.text import SOME
from invctl.values import known_sku, spelled

LINE = itemgetter(0)
"""The line of what is told or refused; of several on one, as in JSON, the order is kept."""
_REMEMBERED = 50_000
_KEPT = 100
"""How many errors are told in full; all are counted."""
_SHOWN = 500
"""Characters of a value that are told."""
_PIECE = 20
"""Rows between two looks at how heavy a chunk is."""
_NAME_PLACES = (
    "a column place, or --defaults place=…, says where to take it; `invctl stock where` shows "
    "what lies where"
)
_HEAVY = 4_000_000
"""Characters after which a chunk is full: a line may have a million, and a chunk 5000 lines."""


class Refusals:
    """What is wrong with a file's lines: the first hundred, and how many in all."""

    def __init__(self) -> None:
        self.count = 0
        self._hint = ""
        self._archived: dict[str, None] = {}
        self._kept: list[LineError] = []
        self._fresh: list[LineError] = []

    def add(self, line: int, column: str | None, value: str | None, error: InventoryError) -> None:
        """Note that a line was refused, for one of its cells unless the error is of a value."""
        if isinstance(error, InvalidValue):
            self.add_value(line, error)
            return
        self._note_way(error)
        self._note(line, column, value, error.code, error.message)

    def add_unnamed(self, sku: str, error: InventoryError) -> None:
        """Note that a product was refused which no line names."""
        what = "the file does not name it, so that it counts 0"
        self._note_way(error)
        self._note(None, "sku", sku, error.code, f"{what}: {error.message}")

    def add_row(self, row: BadRow) -> None:
        """Note a row that could not be read as one."""
        self._note(row.line, row.column, row.value, InvalidData.code, row.message)

    def add_value(self, line: int, error: InvalidValue) -> None:
        """Note a value that breaks its rule."""
        self._note(line, error.field, error.value, InvalidData.code, error.problem)

    def advise(self, hint: str) -> None:
        """Say what to do about refusals that is more than to mend the file."""
        self._hint = hint

    def raise_any(self, fatal: InvalidData | None = None) -> None:
        """Raise InvalidData if anything was noted, and with it what ended the reading."""
        self.sort()
        ends = fatal.lines if fatal else ()
        if self.count or ends:
            known = self._hint or (back([*self._archived]) if self._archived else None)
            way = known or (fatal.hint if fatal else None)
            told = [*self._kept, *ends][:_KEPT]
            raise InvalidData(told, self.count + len(ends), hint=way) from fatal

    def sort(self) -> None:
        """Keep the first of what a chunk's lines had wrong, whatever order they were judged in."""
        room = _KEPT - len(self._kept)
        self._kept.extend(sorted(self._fresh, key=_place_of)[:room])
        self._fresh.clear()

    def _note_way(self, error: InventoryError) -> None:
        """Remember what to do about a refusal where that is more than to mend the file."""
        if isinstance(error, CountSlip):
            self.advise(error.hint)
        if isinstance(error, InsufficientStock) and error.names_no_place:
            self.advise(_NAME_PLACES)
        # Of archived products one more than are named tells that there are more.
        if isinstance(error, ProductArchived) and len(self._archived) <= SOME:
            self._archived[str(error.details["sku"])] = None

    def _note(
        self, line: int | None, column: str | None, value: str | None, code: str, message: str
    ) -> None:
        self.count += 1
        if len(self._kept) < _KEPT:
            value = value.given if isinstance(value, Whole) else value
            if value and len(value) > _SHOWN:
                value = f"{value[: _SHOWN - 1]}…"
            self._fresh.append(LineError(line, column, value, code, message))


def _place_of(error: LineError) -> tuple[bool, int]:
    """Return the place of an error among the others: what no line names comes last."""
    return error.line is None, error.line or 0


def _strictly(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return a line's cells with the SKU as the strict rule spells it."""
    sku = spelled(cells[0], "strict")
    return cells if sku == cells[0] else (sku, *cells[1:])


def _as_bytes(said: list[BadRow | tuple[str, ...]]) -> bytes:
    # As Python writes tuples down: keys of earlier versions hang on it, and half a character is
    # escaped there.
    return "".join(f"{one}\n" for one in said).encode()


class Lines:
    """The rows of a file, in chunks; `count` of them so far, and what they say as a fingerprint.

    On a server they are read more than once, so there the rows must be more than an iterator.
    `width` is how many cells the lines of version 1 had, whose fingerprints still hold.
    """

    def __init__(
        self, rows: Iterable[FileRow | BadRow], *, width: int = 0, fingerprinted: bool
    ) -> None:
        self._source = rows
        self._width = width
        self._fingerprinted = fingerprinted
        self.restart()

    def restart(self) -> None:
        """Begin with the first row, also after some were read."""
        self.count = 0
        self.refusals = Refusals()
        self._rows: Iterator[FileRow | BadRow] | None = None
        self._fatal: InvalidData | None = None
        self._hash = hashlib.sha256() if self._fingerprinted else None
        self._strict = self._hash
        """The same for SKUs of the strict rule; apart from the first that it spells otherwise."""

    def skus(self) -> Iterator[str]:
        """Yield the SKUs in the rows, each as it is stored, and then begin anew."""
        seen: set[str] = set()
        while chunk := self._next():
            fresh = {row[1][0] for row in chunk if not isinstance(row, BadRow)} - seen
            yield from (sku for one in fresh if (sku := known_sku(one)))
            if len(seen) < _REMEMBERED:
                seen |= fresh
        self.restart()

    def chunks(self) -> Iterator[list[FileRow]]:
        """Yield the readable rows; the others are noted in `refusals`.

        Raises InvalidData, with all faults so far, where the file cannot be read on.
        """
        while chunk := self._next():
            self.refusals.sort()
            rows = [row for row in chunk if not isinstance(row, BadRow)]
            if len(rows) < len(chunk):
                for bad in chunk:
                    if isinstance(bad, BadRow):
                        self.refusals.add_row(bad)
            self._note_said(chunk)
            yield rows
        if self._fatal:
            self.refusals.raise_any(self._fatal)

    def fingerprint(self, rule: str) -> str:
        """Return what the lines say in 64 characters, after reading those that are left.

        SKUs are as the rule spells them.
        """
        for _ in self.chunks():
            pass
        said = self._strict if rule == "strict" else self._hash
        assert said is not None
        return said.hexdigest()

    def _note_said(self, chunk: list[FileRow | BadRow]) -> None:
        """Add rows to the fingerprint, in both spellings of their SKUs once these differ."""
        if self._hash is None:
            return
        said = [row if isinstance(row, BadRow) else self._said(row[1]) for row in chunk]
        meant = [one if isinstance(one, BadRow) else _strictly(one) for one in said]
        # One sum as long as they are the same: most files spell all SKUs as the strict rule does.
        if self._strict is self._hash and meant != said:
            self._strict = self._hash.copy()
        self._hash.update(_as_bytes(said))
        if self._strict not in (None, self._hash):
            self._strict.update(_as_bytes(meant))

    def _said(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        """Return the cells that tell a retry: of later columns only those that say something."""
        last = len(cells)
        while last > self._width and not cells[last - 1]:
            last -= 1
        return cells[:last]

    def _next(self) -> list[FileRow | BadRow]:
        """Return the next rows; also those before a fault that ends the reading."""
        chunk: list[FileRow | BadRow] = []
        if self._rows is None:
            self._rows = iter(self._source)
        weight = seen = 0
        try:
            while self._fatal is None and len(chunk) < BATCH and weight < _HEAVY:
                chunk.extend(islice(self._rows, _PIECE))
                if len(chunk) < seen + _PIECE:
                    break
                weight += sum(map(len, chain.from_iterable(row[1] or () for row in chunk[seen:])))
                seen += _PIECE
        except InvalidData as fatal:
            self._fatal = fatal
        self.count += len(chunk)
        return chunk
