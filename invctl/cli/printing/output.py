"""All that goes to standard output: records and lists of them in every format."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from invctl.cli.printing.aside import pour_out
from invctl.cli.printing.diagnostics import for_terminal, note
from invctl.cli.printing.format import Format
from invctl.cli.printing.streams import (
    encoding_for_people,
    is_read,
    safe_lines,
    wants_color,
    write_out,
)
from invctl.errors import UsageError
from invctl.files.writing import encoded, encoder

if TYPE_CHECKING:
    from invctl.cli.printing.layouts import Layout
    from invctl.cli.printing.tables import Table
    from invctl.models.answers import Answer
    from invctl.models.products import Product

C = TypeVar("C", bound="Answer")
Chunk = Sequence[tuple[Any, ...]]


class Output:
    """Writes records that have `fields`, of which a format's columns are shown."""

    def __init__(
        self,
        form: Format,
        fields: Sequence[str],
        hinders_others: Callable[[], bool],
        remark: "Callable[[Answer], None]",
    ) -> None:
        self._form = form
        self._hinders_others = hinders_others
        self._remark = remark
        """Says what there is to say of a change besides, before it is written."""
        self._fields = tuple(fields)
        self._picked = tuple(form.columns or fields)
        self._chosen = form.columns is not None

    def change(self, change: "Answer", sentence: str) -> None:
        """Write what a mutation did: a sentence for people, a record for scripts."""
        self._remark(change)
        if self._form.is_silent:
            return
        committed = not change.dry_run
        if self._form.is_in_words:
            self._line(_with_status(sentence, change), committed=committed)
        else:
            self.record(change._asdict(), committed=committed)

    def change_or_lines(
        self, change: "Answer", sentence: str, lines: Sequence[tuple[Any, ...]] | None
    ) -> None:
        """Write what a file did: as a change, or what each of its lines did if that is known.

        Then people are told the rest on standard error.
        """
        if lines is None:
            self.change(change, sentence)
            return
        from invctl.cli.printing.layouts import layout_of

        note(_with_status(sentence, change), quiet=self._form.quiet)
        if not self._form.is_silent:
            self.listing(iter([lines] if lines else []), limit=None, layout=layout_of(self._fields))

    def one_or_several(self, done: "C | list[C]", sentence: Callable[[C], str]) -> None:
        """Write what a mutation did to one thing, or a list of what it did to several."""
        if isinstance(done, list):
            self._several(done, map(sentence, done))
        else:
            self.change(done, sentence(done))

    def _several(self, changes: "Sequence[Answer]", sentences: Iterable[str]) -> None:
        """Write a list of records for scripts; of none people are told on standard error."""
        if self._form.is_silent:
            return
        committed = any(not one.dry_run for one in changes)
        if self._form.is_for_people and not changes:
            note("the file has no lines, so nothing was done", quiet=self._form.quiet)
            return
        if self._form.is_for_people:
            told = zip(changes, sentences, strict=True)
            lines = "\n".join(_with_status(text, change) for change, text in told)
            self._line(lines, committed=committed)
            return
        encode = encoder(self._form.effective, self._picked, header=self._form.header)
        rows = encode.rows(self._picker()(list(changes)))
        self._write(encode.head() + rows + encode.tail(), committed=committed)

    def info(self, info: Mapping[str, object], *, committed: bool = False) -> None:
        """Write what an inventory is as a record, where one was made, copied or restored.

        People are told on standard error.
        """
        if not self._form.is_for_people and not self._form.is_silent:
            self.record(info, committed=committed)

    def record(self, record: Mapping[str, object], *, committed: bool = False) -> None:
        """Write one thing. Fields that it does not have are null."""
        # Only an undo's fields differ, with what it reverses; a chosen column stays all the same.
        names = self._picked if self._chosen else tuple(record)
        row = tuple(record.get(name) for name in names)
        if self._form.is_for_people:
            from invctl.cli.printing.tables import sheet

            shown = sheet(zip(names, row, strict=True), encoding_for_people())
            self._write(shown, committed=committed)
            return
        # One thing is an object, in JSON too, where a list would be an array.
        one = "jsonl" if self._form.effective == "json" else self._form.effective
        encode = encoder(one, names, header=self._form.header)
        self._write(encode.head() + encode.rows([row]) + encode.tail(), committed=committed)

    def listing(
        self,
        chunks: Iterator[Chunk],
        *,
        limit: int | None,
        layout: "Layout",
        last: bool = False,
        empty: str = "",
    ) -> int:
        """Write a list, the first `limit` of it or the `last`, and return how many rows that were.

        Chunks hold one row more than the limit where there is more, at the end that is cut;
        `empty` is what to say where there is nothing.
        """
        counted = _Counted(chunks, limit, last=last)
        if self._form.is_for_people:
            self._table(counted, layout)
        else:
            self._stream(counted)
        if counted.cut:
            self._say_cut(limit, last=last)
        # `--limit 0` asks for none, and says nothing of what there is.
        if empty and not counted.count and limit != 0 and self._form.is_for_people:
            note(empty, quiet=self._form.quiet)
        return counted.count

    def _say_cut(self, limit: int | None, *, last: bool) -> None:
        which = "last" if last else "first"
        those = f"{which} is" if limit == 1 else f"{which} {limit} are"
        note(f"only the {those} shown (--limit)", quiet=self._form.quiet)

    def chart(
        self, product: "Product", chunks: Iterator[Chunk], *, since: str | None, limit: int | None
    ) -> None:
        """Draw a product's balance over time, or the last of it, whatever stdout is."""
        from invctl.cli.printing.chart import draw, steps

        if self._form.name not in (None, "table"):
            raise UsageError(f"--chart draws for people; it does not go with {self._form.name}")
        history, cut = steps(chunks, since, limit)
        if history:
            drawn = draw(product, history, color=wants_color(self._form.color, 1))
            write_out(drawn, encoding=encoding_for_people())
        if cut:
            self._say_cut(limit, last=True)
        elif not history:
            note(f"{product.sku} has no such movements", quiet=self._form.quiet)

    def follow(self, chunks: Iterator[Chunk], *, layout: "Layout") -> None:
        """Write rows as they come, until nobody reads them; a chunk may be empty.

        Raises Stopped.
        """
        chunks = _while_read(chunks)
        if self._form.is_for_people:
            self._follow(chunks, layout)
        else:
            self._stream(chunks)

    def _follow(self, chunks: Iterable[Chunk], layout: "Layout") -> None:
        texts = self._followed(chunks, layout)
        pour_out(texts, self._hinders_others, encoding=encoding_for_people())

    def _followed(self, chunks: Iterable[Chunk], layout: "Layout") -> Iterator[str]:
        table: Table | None = None
        for chunk in chunks:
            rows = self._records(chunk)
            if table is None:
                table = self._laid_out(rows, layout, endless=True)
                self._say_missing(table)  # there is no end at which it could be said
                yield table.head()
            yield "".join(map(table.row, rows))

    def _stream(self, chunks: Iterable[Chunk]) -> None:
        encode = encoder(self._form.effective, self._picked, header=self._form.header)
        # An empty chunk is a pause; see `pour`.
        pour_out(encoded(encode, map(self._picker(), chunks)), self._hinders_others)

    def _picker(self) -> Callable[[Chunk], Chunk]:
        """Return what takes the picked fields out of a chunk of rows."""
        if self._picked == self._fields:
            return lambda chunk: chunk
        places = [self._fields.index(name) for name in self._picked]
        if len(places) == 1:  # of one an itemgetter makes no tuple
            place = places[0]
            return lambda chunk: [(row[place],) for row in chunk]
        pick = itemgetter(*places)
        return lambda chunk: list(map(pick, chunk))

    def _table(self, chunks: Iterable[Chunk], layout: "Layout") -> None:
        if rows := [row for chunk in chunks for row in self._records(chunk)]:
            table = self._laid_out(rows, layout)
            self._write(table.text())
            self._say_missing(table)

    def _laid_out(
        self, rows: list[dict[str, Any]], layout: "Layout", *, endless: bool = False
    ) -> "Table":
        from invctl.cli.printing.tables import Table

        return Table(
            rows,
            layout,
            self._picked if self._chosen else None,
            header=self._form.header,
            color=wants_color(self._form.color, 1),
            encoding=encoding_for_people(),
            endless=endless,
        )

    def _say_missing(self, table: "Table") -> None:
        if table.missing:
            left_out = f"left out for want of width: {', '.join(table.missing)}"
            note(f"{left_out}; --columns says what is shown", quiet=self._form.quiet)

    def _records(self, chunk: Chunk) -> list[dict[str, Any]]:
        return [dict(zip(self._fields, row, strict=True)) for row in chunk]

    def _line(self, text: str, *, committed: bool) -> None:
        self._write(f"{for_terminal(safe_lines(text), 1)}\n", committed=committed)

    def _write(self, text: str, *, committed: bool = False) -> None:
        encoding = encoding_for_people() if self._form.is_for_people else "utf-8"
        write_out(text, encoding=encoding, committed=committed)


def _while_read(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield chunks; in a pause, end with the reader as if something had been written to it."""
    from signal import SIGPIPE

    from invctl.stopping import Stopped

    for chunk in chunks:
        if not chunk and not is_read():
            raise Stopped(SIGPIPE)
        yield chunk


class _Counted:
    """Chunks cut to a limit, at their end or where the `last` are wanted, and how many went by."""

    def __init__(self, chunks: Iterator[Chunk], limit: int | None, *, last: bool) -> None:
        self.count = 0
        self.cut = False
        self._chunks = chunks
        self._limit = limit
        self._last = last

    def __iter__(self) -> Iterator[Chunk]:
        # Of the last ones the first row is the one too many, and only the end says how many came.
        if self._last and self._limit is not None:
            rows = [row for chunk in self._chunks for row in chunk]
            self.cut = len(rows) > self._limit
            latest = rows[len(rows) - self._limit :] if self.cut else rows
            self.count = len(latest)
            yield from [latest] if latest else []
            return
        for chunk in self._chunks:
            left = None if self._limit is None else self._limit - self.count
            self.cut = left is not None and len(chunk) > left
            kept = chunk[:left] if self.cut else chunk
            self.count += len(kept)
            if kept:
                yield kept


def _with_status(sentence: str, change: "Answer") -> str:
    if change.replayed:
        return f"{sentence}; done before under this key, nothing moved now"
    return f"{sentence}; a dry run, nothing happened" if change.dry_run else sentence
