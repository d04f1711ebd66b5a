"""What is written is read back as it was, through every form, encoding and line end."""

import gzip
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invctl.errors import InvalidData
from invctl.files.reading import read_rows
from invctl.files.writing import encoder
from invctl.models.rows import BadRow, FileRow

FIELDS = {"sku": "text", "name": "text", "note": "text", "quantity": "integer"}

text = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=20)
tricky = st.lists(
    st.sampled_from(
        ['"', '""', ",", ";", "\t", "\n", "=", "'", "\\", " ", "{", "a", "0", "\u2028"]
    ),
    max_size=8,
).map("".join)
sku = (text | tricky).map("S".__add__)
optional = st.none() | (text | tricky).map(lambda value: value or None)
row = st.tuples(sku, optional, optional, st.integers(-(2**53), 2**53))
rows = st.lists(row, max_size=8)
Value = str | int | None
Values = list[tuple[Value, ...]]


def write(form: str, values: Values) -> str:
    encode = encoder(form, tuple(FIELDS))
    return encode.head() + encode.rows(values) + encode.tail()


def read(data: bytes) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for one in read_rows(BytesIO(data), FIELDS):
        assert not isinstance(one, BadRow), one
        found.append(_cells(one))
    return found


def _cells(row: FileRow) -> tuple[str, ...]:
    return row[1]


def cells(values: Values) -> list[tuple[str, ...]]:
    return [tuple("" if value is None else str(value) for value in row) for row in values]


def bare(values: Values) -> list[tuple[str, ...]]:
    """Return the cells without the blanks around them, which a note alone keeps."""
    return [
        (sku.strip(), name.strip(), note if note.strip() else "", quantity)
        for sku, name, note, quantity in cells(values)
    ]


ENCODINGS = [
    *("utf-8", "utf-16"),
    *(pytest.param(name, marks=pytest.mark.sweep) for name in ("utf-8-sig", "utf-32")),
]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
@settings(max_examples=50)
@given(values=rows)
def test_any_text_survives_writing_and_reading(
    form: str,
    encoding: str,
    values: Values,
) -> None:
    written = write(form, values).encode(encoding)
    if values:
        assert read(written) == bare(values)
        assert read(gzip.compress(written, 1)) == bare(values)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@settings(max_examples=50)
@given(values=rows)
def test_another_line_end_changes_nothing(end: str, values: Values) -> None:
    assert read(write("csv", values).replace("\n", end).encode()) == bare(values)


@given(values=rows)
def test_tsv_can_be_unescaped_to_what_it_was(values: Values) -> None:
    lines = write("tsv", values).split("\n")[1:-1]
    unescaped = {"\\t": "\t", "\\n": "\n", "\\\\": "\\", "\\r": "\r"}

    def unescape(cell: str) -> str:
        parts = iter(cell)
        return "".join(unescaped[c + next(parts)] if c == "\\" else c for c in parts)

    assert [tuple(map(unescape, line.split("\t"))) for line in lines] == cells(values)


@given(data=st.binary(max_size=200), head=st.sampled_from([b"", b"sku,note\n", b'{"sku":"A"}\n']))
def test_no_bytes_at_all_make_a_traceback(data: bytes, head: bytes) -> None:
    for content in (head + data, gzip.compress(head + data)[: len(data)]):
        with suppress(InvalidData):
            for _ in read_rows(BytesIO(content), FIELDS):
                pass
