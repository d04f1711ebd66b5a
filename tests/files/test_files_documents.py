"""JSON over any number of lines: arrays, and objects that follow each other."""

import json
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invctl.errors import InvalidData
from invctl.files.options import FileOptions
from invctl.files.reading import read_rows
from invctl.files.rows import RowSource
from invctl.files.source import LIMIT
from invctl.models.rows import CLEARED, BadRow, FileRow

FIELDS = {"sku": "text", "name": "text", "description": "text", "quantity": "integer"}
ONE = {"sku": "A", "name": 'a "b" [{,}]\\\n', "description": "x", "quantity": 3}
CELLS = ("A", 'a "b" [{,}]\\', "x", "3")


def source(text: str, options: FileOptions | None = None) -> RowSource:
    return read_rows(BytesIO(text.encode()), FIELDS, options or FileOptions())


def rows(text: str, options: FileOptions | None = None) -> list[FileRow | BadRow]:
    return list(source(text, options))


def good(row: FileRow | BadRow) -> FileRow:
    assert not isinstance(row, BadRow), row
    return row


def refusal(text: str) -> InvalidData:
    with pytest.raises(InvalidData) as caught:
        rows(text)
    return caught.value


class Pieces:
    """A stream that gives one piece a read, as a pipe does."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, _size: int) -> bytes:
        return next(self._pieces, b"")


@pytest.mark.parametrize("indent", [None, 0, 1, 8])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_an_array_is_read_however_it_is_laid_out(indent: int | None, ascii_only: bool) -> None:
    two = {"quantity": 4, "sku": "Ö"}
    text = json.dumps([ONE, two], indent=indent, ensure_ascii=ascii_only)
    first, last = rows(text)
    assert (good(first)[1], good(last)[1]) == (CELLS, ("Ö", "", "", "4"))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('[{"sku":"A"},\n\n{"sku":"B"}\n,{"sku":"C"}]', [1, 3, 4]),
        ('\n[\n{"sku":"A"},{"sku":"B"},\n{\n"sku":"C"}]\n\n', [3, 3, 4]),
        ('{\n"sku":"A"}\n{"sku":"B"}{\n\n"sku":"C"\n}\n', [1, 3, 3]),
    ],
)
def test_an_object_stands_on_the_line_where_it_begins(text: str, lines: list[int]) -> None:
    assert [(line, cells[0]) for line, cells in map(good, rows(text))] == list(
        zip(lines, "ABC", strict=True)
    )


@pytest.mark.parametrize("text", ["[]", "[\n]\n", " [ ]\n\n", "[\n\n\n]"])
def test_an_empty_array_is_no_rows(text: str) -> None:
    assert rows(text) == []


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("indent", [None, 2])
def test_it_may_come_in_any_pieces(piece: int, indent: int | None) -> None:
    data = json.dumps([ONE, {"sku": "B", "quantity": -12}, ONE], indent=indent).encode()
    stream = Pieces(data[i : i + piece] for i in range(0, len(data), piece))
    assert [row[1] for row in read_rows(stream, FIELDS) if not isinstance(row, BadRow)] == [
        CELLS,
        ("B", "", "", "-12"),
        CELLS,
    ]


def test_a_row_comes_out_as_soon_as_its_object_is_closed() -> None:
    sent: list[bytes] = []

    def peer() -> Iterator[bytes]:
        for piece in (b"[", b'{"sku":', b'"A"}', b",", b'{"sku":"B"}', b"]"):
            sent.append(piece)
            yield piece

    found = iter(read_rows(Pieces(peer()), FIELDS, live=True))
    assert next(found) == (1, ("A", "", "", ""))
    assert len(sent) == 3


def test_an_array_on_one_line_may_be_longer_than_any_line() -> None:
    text = json.dumps([{"sku": f"A-{n}", "name": "x" * 100} for n in range(20_000)])
    assert len(text) > 2 * LIMIT
    assert len(rows(text)) == 20_000


@pytest.mark.parametrize("between", [b",", b",\n"])
def test_memory_does_not_grow_with_the_array(between: bytes) -> None:
    def peak(count: int) -> int:
        block = (b'{"sku":"A","name":"xyz"}' + between) * 1000
        stream = Pieces(chain([b"["], repeat(block, count), [b'{"sku":"Z"}]']))
        tracemalloc.start()
        try:
            assert sum(1 for _ in read_rows(stream, FIELDS)) == count * 1000 + 1
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(12) < 1.2 * peak(3)


def test_blanks_between_its_objects_are_read_over_in_little_memory() -> None:
    stream = Pieces(chain([b'[{"sku":"A"},'], repeat(b"\n" * 100_000, 300), [b'{"sku":"B"}]']))
    first, last = read_rows(stream, FIELDS)
    assert (first, last) == ((1, ("A", "", "", "")), (30_000_001, ("B", "", "", "")))


@pytest.mark.parametrize("head", [b'["', b'[{"sku":"', b'[{"sku":"A"},{"x":', b"[{\n", b"{\n"])
def test_an_object_without_end_is_refused_after_little_of_it(head: bytes) -> None:
    taken = []

    def peer() -> Iterator[bytes]:
        yield head
        while True:
            taken.append(1)
            yield b"1" * (1 << 17)

    with pytest.raises(InvalidData, match=r"longer than|not JSON|none of the known columns"):
        list(read_rows(Pieces(peer()), FIELDS))
    assert len(taken) < 20


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[{"sku":"A"}', 1, "is cut off"),
        ('[\n{"sku":"A"},\n', 3, "is cut off"),
        ('[\n{"sku":"A"},\n{"sku":"B"', 3, "is not JSON"),
        ('[\n{"sku":"A"}\n{"sku":"B"}]', 3, "wants a comma"),
        ('[\n{"sku":"A"},\n]', 3, "is not JSON"),
        ('[\n{"sku":"A"},\n{"sku" "B"},\n{"sku":"C"}]', 3, "is not JSON"),
        ('[\n{"sku":"A"}]\nmore', 3, "has more after its array"),
        ('[\n{"sku":"A"},' + "[" * 100_000, 2, "nested too deeply"),
        ("[", 1, "is cut off"),
        ("{\n", 2, "is not JSON"),
    ],
)
def test_what_is_no_json_ends_the_reading_after_the_rows_before_it(
    text: str, line: int, said: str
) -> None:
    some = iter(source(text))
    if '{"sku":"A"}' in text:
        assert good(next(some))[1][0] == "A"
    with pytest.raises(InvalidData) as caught:
        list(some)
    assert (caught.value.lines[0].line, said in caught.value.message) == (line, True)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("3", "is not a JSON object"),
        ('"x"', "is not a JSON object"),
        ("null", "is not a JSON object"),
        ('["x"]', "is not a JSON object"),
        ('{"sku":85}', "85 is not text in quotes"),
        ('{"sku":"A","sku":"B"}', "the key 'sku' is there more than once"),
        ('{"sku":"\\ud800"}', "half of a surrogate pair"),
    ],
)
@pytest.mark.parametrize("between", [",", ",\n"])
def test_a_bad_value_costs_itself_alone(value: str, said: str, between: str) -> None:
    first, bad, last = rows(f'[{{"sku":"F"}}{between}{value}{between}{{"sku":"L"}}]')
    assert isinstance(bad, BadRow)
    assert said in bad.message
    assert (good(first)[1][0], good(last)[1][0]) == ("F", "L")


def test_a_byte_that_is_no_text_costs_its_object() -> None:
    data = b'[{"sku":"A"},\n{"sku":"\xff"},{"sku":"B"}]'
    first, bad, last = read_rows(BytesIO(data), FIELDS)
    assert isinstance(bad, BadRow)
    assert (bad.line, first[0], last) == (2, 1, (2, ("B", "", "", "")))


class TestKeys:
    def test_they_are_found_as_headers_are(self) -> None:
        found = source('{"SKU":"A","Title":"x","Qty":3}\n{"Item code":"B","qty":4}')
        assert [row[1] for row in found if not isinstance(row, BadRow)] == [
            ("A", "x", "", "3"),
            ("B", "", "", "4"),
        ]
        assert found.seen.read_as == {
            "Title": "name",
            "Qty": "quantity",
            "Item code": "sku",
            "qty": "quantity",
        }

    def test_an_unknown_one_is_told_once_and_the_hint_reads_them_all(self) -> None:
        text = '{"sku":"A","price":1,"size":2}\n' + '{"sku":"B","price":1}\n' * 500 + '{"x":1}\n'
        found = source(text)
        bad = [(row.line, row.column) for row in found if isinstance(row, BadRow)]
        assert bad == [(1, "price"), (1, "size"), (502, "x")]
        hint = "to read it so, without a quantity, add --ignore-extra ("
        assert found.advise([]).startswith(hint)

    @pytest.mark.parametrize(
        ("text", "path"),
        [
            ('{"products":[{"sku":"A","name":"b"}]}', ".products"),
            ('{\n"count":1,"data":{"my list":[{"sku":"A"}]}}', "'.data.[\"my list\"]'"),
        ],
    )
    def test_lines_inside_of_an_object_are_found_for_the_hint(self, text: str, path: str) -> None:
        found = source(text)
        rows = list(found)
        assert rows
        assert all(isinstance(row, BadRow) for row in rows)
        assert f"the lines are inside of it: `jq {path} FILE`" in found.advise([])

    @pytest.mark.parametrize("indent", [None, 1])
    def test_also_where_that_is_too_long_to_be_read(self, indent: int | None) -> None:
        lines = [{"sku": f"A{n}", "name": "n" * 90} for n in range(9_999)]
        text = json.dumps({"products": lines}, indent=indent)
        with pytest.raises(InvalidData, match="longer than") as error:
            list(source(text))
        assert "jq .products FILE" in error.value.hint

    def test_but_not_where_it_is_no_object(self) -> None:
        with pytest.raises(InvalidData, match="longer than") as error:
            list(source(f"sku,name\nA,{'n' * LIMIT}"))
        assert "jq" not in error.value.hint

    def test_but_to_who_waits_it_is_told_with_every_line_once(self) -> None:
        text = b'{"sku":"A","price":1,"size":2}\n' * 3
        bad = list(read_rows(BytesIO(text), FIELDS, live=True))
        assert [row[:2] for row in bad] == [(1, "price"), (2, "price"), (3, "price")]

    def test_a_near_miss_is_not_ignored(self) -> None:
        first, last = rows(
            '{"sku":"A","quantiy":1}\n{"sku":"B","x":1}', FileOptions(ignore_extra=True)
        )
        assert isinstance(first, BadRow)
        assert (first.column, last) == ("quantiy", (2, ("B", "", "", "")))

    def test_thousands_of_different_ones_are_read_in_little_memory(self) -> None:
        text = "".join(f'{{"sku":"A","k{n}":1}}\n' for n in range(3_000)).encode()
        tracemalloc.start()
        try:
            count = sum(1 for _ in read_rows(BytesIO(text), FIELDS))
            assert tracemalloc.get_traced_memory()[1] < 2 << 20
        finally:
            tracemalloc.stop()
        assert count == 3_000


class TestNull:
    def test_it_empties_a_field_that_can_be_empty_and_says_nothing_else(self) -> None:
        (row,) = rows('{"sku":"A","name":null,"description":null,"quantity":null}')
        cells = good(row)[1]
        assert cells == ("A", "", "", "")
        assert [cell is CLEARED for cell in cells] == [False, False, True, False]

    @pytest.mark.parametrize("text", ['{"sku":"A","description":""}', '{"sku":"A"}'])
    def test_an_empty_text_is_not_given(self, text: str) -> None:
        (row,) = rows(text)
        assert good(row)[1][2] is not CLEARED

    def test_a_default_is_for_what_is_not_given(self) -> None:
        options = FileOptions(defaults={"description": "d", "quantity": "1"})
        first, last = rows('{"sku":"A","description":null}\n{"sku":"B","quantity":null}', options)
        assert good(first)[1][2] is CLEARED
        assert good(last)[1][2:] == ("d", "1")

    def test_a_fingerprint_tells_it_from_nothing(self) -> None:
        assert repr(("", CLEARED)) == "('', null)"


@given(
    st.lists(
        st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text() | st.none() | st.integers())
    ),
    st.sampled_from([None, 0, 3]),
)
def test_an_array_and_its_objects_line_by_line_are_the_same(
    records: list[dict[str, object]], indent: int | None
) -> None:
    lines = [json.dumps(record) for record in records]
    expected = [row[1:] for row in rows("\n".join(lines))] if lines else []
    assert [row[1:] for row in rows(json.dumps(records, indent=indent))] == expected
