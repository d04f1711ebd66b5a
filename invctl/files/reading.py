"""Rows out of a file, whatever program wrote it. Judges no value; memory does not grow with it."""

import csv
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import chain

from invctl.files.advice import row_advice
from invctl.files.cells import CellRules
from invctl.files.columns import Finder
from invctl.files.header import read_header
from invctl.files.lines import Block, Tape, read_blocks
from invctl.files.opening import Kind, Opening
from invctl.files.options import FileOptions
from invctl.files.rows import Reading, RowSource
from invctl.files.separated import SeparatedRows
from invctl.files.source import LIMIT, Readable, Source

_AS_IT_IS = FileOptions()


def read_rows(
    stream: Readable,
    fields: Mapping[str, str],
    options: FileOptions = _AS_IT_IS,
    *,
    own: Collection[str] = (),
    name: str = "the input",
    live: bool = False,
    by_element: bool = False,
) -> RowSource:
    """Return the rows of a file as they are read; `name` is what messages call it.

    `fields` maps each known column to its kind: text, integer, boolean or time; `own` is what our
    own records have besides. Somebody waits for what becomes of each row of a `live` stream: so
    there is no end to the reading but its own. `by_element` a JSON array's rows are numbered, since
    what programs send has all of it in one line. Raises InvalidData, here or while the rows are
    read, after which there is no more to read.
    """
    source, seen = Source(stream, options.encoding, name), Reading()
    opening = Opening(source)
    delimiter = opening.delimiter()
    # A `sep=` line is one of those that stand above the header, or stands below them.
    opening.pass_lines(options.skip_lines - (delimiter is not None))
    delimiter = options.delimiter or opening.delimiter() or delimiter
    opening.pass_blank_lines()
    finder, kind = Finder(fields, options, own), opening.kind()
    if kind in {"array", "spread"}:
        return _document(opening, source, finder, seen, kind, by_element=by_element)
    blocks = read_blocks(source, opening.texts, opening.line, live=live)
    if kind == "lines":
        return _objects(blocks, source, finder, seen, live=live)
    return _separated(blocks, source, finder, seen, delimiter, live=live)


def _separated(
    blocks: Iterator[Block],
    source: Source,
    finder: Finder,
    seen: Reading,
    delimiter: str | None,
    *,
    live: bool,
) -> RowSource:
    # A process-wide setting; the standard 128 Ki refuse a cell that LIMIT allows.
    csv.field_size_limit(LIMIT)
    tape, line = Tape(blocks), source.line
    tape.block(line)
    header = read_header(tape, line, finder, delimiter, source)
    seen.read_as.update(header.columns.read_as)
    rules = CellRules(finder.kinds, finder.options, header.columns.places, seen)
    ignored = finder.options.ignore_extra
    rows = SeparatedRows(tape, header, rules, source, seen, ignore_extra=ignored, live=live)
    advise = partial(
        row_advice, finder=finder, seen=seen, given=rules.columns, unknown=header.columns.unknown
    )
    return RowSource(rules.columns, chain.from_iterable(rows), seen, blocks, advise)


def _objects(
    blocks: Iterator[Block], source: Source, finder: Finder, seen: Reading, *, live: bool
) -> RowSource:
    from invctl.files.jsonl import ObjectReader

    reader = ObjectReader(finder, source, seen, live=live)
    return RowSource(reader.columns, reader.lines(blocks), seen, blocks, reader.advise)


def _document(
    opening: Opening,
    source: Source,
    finder: Finder,
    seen: Reading,
    kind: Kind,
    *,
    by_element: bool,
) -> RowSource:
    from invctl.files.documents import Document
    from invctl.files.jsonl import ObjectReader

    reader = ObjectReader(finder, source, seen)
    document = Document(source, opening.texts, reader, by_element=by_element)
    rows = document.array() if kind == "array" else document.objects()
    return RowSource(reader.columns, rows, seen, rows, reader.advise)
