"""All that goes to standard output: records and lists of them in every format."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from invctl.cli.diagnostics import note
from invctl.cli.format import Format
from invctl.cli.streams import encoding_for_people, safe_lines, wants_color, write_out
from invctl.errors import UsageError
from invctl.files.writing import encoder
from invctl.models import Change, InventoryInfo, Product

if TYPE_CHECKING:
    from invctl.cli.tables import Layout

Chunk = Sequence[tuple[Any, ...]]


class Output:
    """Writes records that have `fields`, of which a format's columns are shown."""

    def __init__(self, form: Format, fields: Sequence[str]) -> None:
        self._form = form
        self._fields = tuple(fields)
        self._picked = tuple(form.columns or fields)
        self._chosen = form.columns is not None

    def change(self, change: Change, sentence: str) -> None:
        """Write what a mutation did: a sentence for people, a record for scripts."""
        if self._form.is_silent:
            return
        committed = not change.dry_run
        if self._form.effective == "table" and not self._chosen:
            self._line(_with_status(sentence, change), committed=committed)
        else:
            self.record(change._asdict(), committed=committed)

    def info(self, info: InventoryInfo, *, committed: bool) -> None:
        """Write what `init` made as a record; people are told on standard error."""
        if self._form.effective != "table" and not self._form.is_silent:
            self.record(info._asdict(), committed=committed)

    def record(self, record: Mapping[str, object], *, committed: bool = False) -> None:
        """Write one thing. Fields that it does not have are null."""
        # Only an undo's fields differ, with what it reverses; a chosen column stays all the same.
        names = self._picked if self._chosen else tuple(record)
        row = tuple(record.get(name) for name in names)
        if self._form.effective == "table":
            from invctl.cli.tables import sheet

            self._write(sheet(zip(names, row, strict=True)), committed=committed)
            return
        # One thing is an object, in JSON too, where a list would be an array.
        one = "jsonl" if self._form.effective == "json" else self._form.effective
        encode = encoder(one, names, header=self._form.header)
        self._write(encode.head() + encode.rows([row]) + encode.tail(), committed=committed)

    def listing(
        self, chunks: Iterator[Chunk], *, limit: int | None, layout: "Layout", empty: str = ""
    ) -> int:
        """Write a list, the first `limit` of it, and return how many rows that were.

        Chunks hold one row more than the limit where there is more; `empty` is what to say where
        there is nothing.
        """
        counted = _Counted(chunks, limit)
        if self._form.effective == "table":
            self._table(counted, layout)
        else:
            self._stream(counted)
        if counted.cut:
            note(f"only the first {limit} are shown (--limit)", quiet=self._form.quiet)
        if empty and not counted.count and self._form.effective == "table":
            note(empty, quiet=self._form.quiet)
        return counted.count

    def chart(self, product: "Product", chunks: Iterator[Chunk], *, since: str | None) -> None:
        """Draw a product's balance over time, whatever standard output is."""
        from invctl.cli.chart import draw, steps

        if self._form.name not in (None, "table"):
            raise UsageError(f"--chart draws for people; it does not go with {self._form.name}")
        history = steps(chunks, since)
        if history:
            drawn = draw(product, history, color=wants_color(self._form.color, 1))
            write_out(drawn, encoding=encoding_for_people())
        else:
            note(f"{product.sku} has no such movements", quiet=self._form.quiet)

    def follow(self, chunks: Iterator[Chunk], *, layout: "Layout") -> None:
        """Write rows as they come, until the program is interrupted."""
        if self._form.effective == "table":
            from invctl.cli.tables import head_line, row_line

            names = self._picked if self._chosen else tuple(layout.titles)
            if self._form.header:
                self._line(head_line(layout, names), committed=False)
            for chunk in chunks:
                for row in chunk:
                    line = row_line(dict(zip(self._fields, row, strict=True)), names)
                    self._line(line, committed=False)
        else:
            self._stream(chunks)

    def _stream(self, chunks: Iterable[Chunk]) -> None:
        encode = encoder(self._form.effective, self._picked, header=self._form.header)
        pick = self._picker()
        # Nothing is written before the first rows are there: a command that fails prints nothing.
        rows = iter(chunks)
        first = next(rows, ())
        write_out(encode.head())
        for chunk in chain([first] if first else [], rows):
            write_out(encode.rows(pick(chunk)))
        write_out(encode.tail())

    def _picker(self) -> Any:
        """Return what takes the picked fields out of a chunk of rows."""
        if self._picked == self._fields:
            return lambda chunk: chunk
        places = [self._fields.index(name) for name in self._picked]
        if len(places) == 1:
            place = places[0]
            return lambda chunk: [(row[place],) for row in chunk]
        pick = itemgetter(*places)
        return lambda chunk: list(map(pick, chunk))

    def _table(self, chunks: Iterable[Chunk], layout: "Layout") -> None:
        from invctl.cli.tables import table

        rows = [dict(zip(self._fields, row, strict=True)) for chunk in chunks for row in chunk]
        if not rows:
            return
        picked = self._picked if self._chosen else None
        color = wants_color(self._form.color, 1)
        self._write(table(rows, layout, picked, header=self._form.header, color=color))

    def _line(self, text: str, *, committed: bool) -> None:
        self._write(f"{safe_lines(text)}\n", committed=committed)

    def _write(self, text: str, *, committed: bool = False) -> None:
        encoding = encoding_for_people() if self._form.effective == "table" else "utf-8"
        write_out(text, encoding=encoding, committed=committed)


class _Counted:
    """Chunks cut to a limit, and how many rows went by."""

    def __init__(self, chunks: Iterator[Chunk], limit: int | None) -> None:
        self.count = 0
        self.cut = False
        self._chunks = chunks
        self._limit = limit

    def __iter__(self) -> Iterator[Chunk]:
        for chunk in self._chunks:
            left = None if self._limit is None else self._limit - self.count
            self.cut = left is not None and len(chunk) > left
            kept = chunk[:left] if self.cut else chunk
            self.count += len(kept)
            if kept:
                yield kept


def _with_status(sentence: str, change: Change) -> str:
    if change.replayed:
        return f"{sentence}; done before under this key, nothing moved now"
    return f"{sentence}; a dry run, nothing happened" if change.dry_run else sentence
