"""What cells say: blanks around them, quotes with blanks, numbers with marks, rows of nothing."""

from io import BytesIO

import pytest
from _pytest.mark import ParameterSet
from hypothesis import given
from hypothesis import strategies as st

from invctl.errors import InvalidData, LineError
from invctl.files.cells import whole
from invctl.files.options import FileOptions
from invctl.files.quoting import unpadded
from invctl.files.reading import read_rows
from invctl.files.rows import BLANK_LINES, RowSource
from invctl.models.rows import BadRow, FileRow, Whole
from invctl.values import OTHER_RULE, STRICT_ONLY

FIELDS = {"sku": "text", "name": "text", "note": "text", "quantity": "integer"}
Rows = list[FileRow | BadRow]


def swept(row: str) -> ParameterSet:
    """Return a row of which a limit is counted long: left to the sweep."""
    return pytest.param(row, marks=pytest.mark.sweep)


def source(text: str, options: FileOptions | None = None) -> RowSource:
    return read_rows(BytesIO(text.encode()), FIELDS, options or FileOptions())


def rows(text: str, options: FileOptions | None = None) -> Rows:
    return list(source(text, options))


def good(text: str, options: FileOptions | None = None) -> list[tuple[str, ...]]:
    """Return the cells of rows none of which is bad."""
    return [row[1] for row in rows(text, options) if not isinstance(row, BadRow)]


class TestBlanks:
    @pytest.mark.parametrize("blank", [" ", "\t", "   ", "\u00a0", "\u3000", " \u2009\t"])
    @pytest.mark.parametrize("quote", ["", '"'])
    def test_they_are_dropped_around_every_cell_but_a_note(self, blank: str, quote: str) -> None:
        row = ",".join(f"{quote}{blank}{cell}{blank}{quote}" for cell in ("A-1", "a b", "n", "3"))
        assert rows(f"sku,name,note,quantity\n{row}\nB,x,y,4\n") == [
            (2, ("A-1", "a b", f"{blank}n{blank}", "3")),
            (3, ("B", "x", "y", "4")),
        ]

    @pytest.mark.parametrize("blank", [" ", "\t ", "\u00a0"])
    def test_a_note_of_blanks_says_nothing(self, blank: str) -> None:
        assert rows(f"sku,note\nA,{blank}\n") == [(2, ("A", "", "", ""))]

    @pytest.mark.parametrize("row", [" , ,", '" ","",', "\t,,\u00a0", " "])
    def test_a_row_of_blanks_is_no_row(self, row: str) -> None:
        assert rows(f"sku,name,note\n{row}\nA,x,y\n") == [(3, ("A", "x", "y", ""))]

    def test_they_separate_nothing_in_a_file_of_tabs(self) -> None:
        assert rows("sku\tname\n A \t b\n\tx\n") == [
            (2, ("A", "b", "", "")),
            (3, ("", "x", "", "")),
        ]

    def test_a_file_is_read_the_same_with_them_and_without(self) -> None:
        """Blocks with blanks go another way than those without."""
        plain = "".join(f"A-{n},x{n},,{n}\n" for n in range(9000))
        padded = plain.replace(",", " , ").replace("x7 ", 'x"7" ')
        found = good(f"sku,name,note,quantity\n{padded}")
        assert found == [
            (sku, 'x"7"' if name == "x7" else name, note, number)
            for sku, name, note, number in good(f"sku,name,note,quantity\n{plain}")
        ]


class TestQuotes:
    @pytest.mark.parametrize(
        "row",
        [
            '"A-1" ,"red, L" ,x,3',
            '"A-1"\t, "red, L" ,"x" ,"3" ',
            ' "A-1","red, L", "x",3',
            '"A-1", "red, L", "x", 3',
            'A-1 , "red, L",x,3',
        ],
    )
    def test_blanks_around_them_are_no_part_of_the_cell(self, row: str) -> None:
        text = f"sku,name,note,quantity\n{row}\nB,y,z,4\n"
        assert rows(text) == [(2, ("A-1", "red, L", "x", "3")), (3, ("B", "y", "z", "4"))]

    def test_nor_are_they_where_every_row_has_them(self) -> None:
        text = "sku,name,note,quantity\n" + "".join(
            f'"A-{n}" ,"red, ""{n}""" ,"two\nlines" ,{n}\n' for n in range(3000)
        )
        assert rows(text) == [
            (2 + 2 * n, (f"A-{n}", f'red, "{n}"', "two\nlines", str(n))) for n in range(3000)
        ]

    @pytest.mark.parametrize(
        ("row", "cells"),
        [
            ('A,5" pipe, 6" long,3', ("A", '5" pipe', ' 6" long', "3")),
            ('A,x,"a ""b"" , c",3', ("A", "x", 'a "b" , c', "3")),
            ('A,x,""" , """,3', ("A", "x", '" , "', "3")),
        ],
    )
    def test_those_inside_a_cell_are_text(self, row: str, cells: tuple[str, ...]) -> None:
        assert rows(f"sku,name,note,quantity\n{row}\n") == [(2, cells)]

    @pytest.mark.parametrize("row", ['A,"x" y,n,3', 'A, "x" y,n,3', 'A,"x"y",n,3', '"A" "B",x,n,3'])
    def test_what_goes_on_after_a_closing_one_is_a_bad_row(self, row: str) -> None:
        first, last = rows(f"sku,name,note,quantity\n{row}\nB,y,z,4\n")
        assert isinstance(first, BadRow) or first[1][1] == '"x" y'  # which is text to `csv`
        assert last == (3, ("B", "y", "z", "4"))

    @given(
        st.lists(st.text(st.characters(exclude_characters="\r", codec="utf-8")), min_size=1),
        st.sampled_from(["", " ", "  ", "\t"]),
        st.sampled_from([",", ";", "|", "^", "]", "-"]),
    )
    def test_a_row_of_padded_quoted_cells_is_what_was_written(
        self, cells: list[str], blanks: str, delimiter: str
    ) -> None:
        written = [f'{blanks}"{cell.replace(chr(34), chr(34) * 2)}"{blanks}' for cell in cells]
        assert unpadded(delimiter.join(written) + "\n", delimiter) == cells

    def test_no_row_of_blanks_and_quotes_takes_long(self) -> None:
        for text in (
            " " * 500_000 + '"',
            '"' + '" ' * 250_000,
            '" ' * 250_000,
            '""' * 250_000 + '"',
        ):
            assert unpadded(f"{text}x\n", ",") is None or '"' not in text


class TestSurplus:
    @pytest.mark.parametrize("row", ["A,x,", "A,x,,,,", "A,x, ,\t,", 'A,x,"",""'])
    def test_empty_cells_beyond_the_header_are_nothing(self, row: str) -> None:
        assert rows(f"sku,name\n{row}\nB,y\n") == [(2, ("A", "x", "", "")), (3, ("B", "y", "", ""))]

    def test_one_delimiter_too_many_in_every_row_is_nothing(self) -> None:
        text = "sku,name\n" + "".join(f"A-{n},x,\n" for n in range(9000))
        assert len(rows(text)) == 9000
        assert not any(isinstance(row, BadRow) for row in rows(text))

    @pytest.mark.parametrize("header", ["sku,name", "sku,name,,"])
    def test_a_cell_beyond_it_that_says_something_is_an_error(self, header: str) -> None:
        first, bad, last = rows(f"{header}\nA,x,\nB,y,,see Bob\nC,z\n")
        assert (first, last) == ((2, ("A", "x", "", "")), (4, ("C", "z", "", "")))
        assert bad == BadRow(3, None, "see Bob", "has 4 cells, where the header has 2")

    def test_under_an_empty_name_it_is_ignored_with_other_columns(self) -> None:
        text = "sku,name,,\nA,x,see,Bob\nB,y,see,Bob,too\n"
        good, bad = rows(text, FileOptions(ignore_extra=True))
        assert good == (2, ("A", "x", "", ""))
        assert isinstance(bad, BadRow)


class TestSkippedRows:
    OPTIONS = FileOptions(skip_empty=True)
    TEXT = "sku,name,quantity\nShoes,,\nA,x,3\n,total,3\nB,y,\nC,z,0\n"

    def test_rows_without_a_sku_or_a_number_are_passed_over_and_counted(self) -> None:
        found = source(self.TEXT, self.OPTIONS)
        assert list(found) == [(3, ("A", "x", "", "3")), (6, ("C", "z", "", "0"))]
        assert found.seen.skipped == 3

    def test_a_file_without_numbers_has_rows_all_the_same(self) -> None:
        found = source("sku,name\nA,x\n,y\n", self.OPTIONS)
        assert (list(found), found.seen.skipped) == ([(2, ("A", "x", "", ""))], 1)

    def test_a_default_is_a_number_too(self) -> None:
        options = FileOptions(skip_empty=True, defaults={"quantity": "0"})
        assert [cells[0] for cells in good(self.TEXT, options)] == ["Shoes", "A", "B", "C"]

    @pytest.mark.parametrize("text", ['{"sku":"A","quantity":1}\n{"sku":"B"}\n', '[{"sku":"B"}]'])
    def test_objects_are_passed_over_likewise(self, text: str) -> None:
        found = source(text, self.OPTIONS)
        assert all(row[1][0] == "A" for row in found if not isinstance(row, BadRow))
        assert found.seen.skipped == 1

    def test_bad_rows_stay_what_they_are(self) -> None:
        bad, good = rows("sku,name,quantity\nA\n,,\nB,x,2\n,x,1\n", self.OPTIONS)
        assert isinstance(bad, BadRow)
        assert good == (4, ("B", "x", "", "2"))

    @pytest.mark.parametrize("row", ["\n", *map(swept, [",\n", " , \n", '"",""\n'])])
    def test_a_file_of_nothing_but_rows_of_nothing_ends_at_a_limit(self, row: str) -> None:
        head, block = b"sku,name\n", row.encode() * 100_000
        with pytest.raises(InvalidData, match="say nothing"):
            list(read_rows(Endless(head, block), FIELDS))

    @pytest.mark.parametrize("row", [swept(",x\n"), swept("A,\n")])
    def test_rows_that_are_passed_over_count_among_them(self, row: str) -> None:
        kinds = {"sku": "text", "quantity": "integer"}
        with pytest.raises(InvalidData, match="say nothing"):
            list(read_rows(Endless(b"sku,quantity\n", row.encode() * 9000), kinds, self.OPTIONS))

    @pytest.mark.parametrize("head", [b"", b"sku,name\n", b'{"sku":"A"}\n'])
    def test_no_file_of_blank_lines_is_without_end(self, head: bytes) -> None:
        with pytest.raises(InvalidData):
            list(read_rows(Endless(head, b"\n" * 100_000), FIELDS))

    def test_a_sheet_of_a_million_empty_rows_is_read(self) -> None:
        text = "sku,name\nA,x\n" + ",\n" * 1_048_574
        assert len(text.splitlines()) < BLANK_LINES
        assert rows(text) == [(2, ("A", "x", "", ""))]


class Endless:
    """A stream that never ends."""

    def __init__(self, head: bytes, block: bytes) -> None:
        self._next, self._block = head or block, block

    def read(self, _size: int) -> bytes:
        now, self._next = self._next, self._block
        return now


class TestDecimalMarks:
    @pytest.mark.parametrize(
        ("text", "mark", "number"),
        [
            ("1,234.00", ".", "1234"),
            ("1.234,00", ",", "1234"),
            ("10.0000", ".", "10"),
            ("10,0", ",", "10"),
            ("-1,234,567.0", ".", "-1234567"),
            ("1,234", ".", "1234"),
            ("0", ".", "0"),
            ("007.0", ".", "007"),
            ("12345.0", ".", "12345"),
        ],
    )
    def test_whole_numbers_are_read_by_them(self, text: str, mark: str, number: str) -> None:
        assert whole(text, mark) == number

    @pytest.mark.parametrize("mark", [".", ","])
    @pytest.mark.parametrize(
        "text",
        ["1.5", "1,5", "10.", ".0", "1,23", "12,34.0", "0,123", "0.123", "1,2345", "1 234", "1e3",
         "+3.0", "3.0.0", "1,234,5", "1,,234", "", "-", "--1.0", "1'000", "٣.0", "01,234"],
    )  # fmt: skip
    def test_nothing_is_rounded_or_guessed(self, text: str, mark: str) -> None:
        assert whole(text, mark) == text

    def test_they_are_those_of_numbers_alone(self) -> None:
        text = "sku,name,note,quantity\n1.0,2.0,3.0,4.0\n"
        assert rows(text, FileOptions(decimal_mark=".")) == [(2, ("1.0", "2.0", "3.0", "4"))]

    @pytest.mark.parametrize("number", ['"1,234.0"', "1234.0", "1234", '"1234"'])
    def test_json_is_read_by_them_too(self, number: str) -> None:
        text = f'{{"sku":"A","quantity":{number}}}'
        assert rows(text, FileOptions(decimal_mark=".")) == [(1, ("A", "", "", "1234"))]

    @pytest.mark.parametrize(
        "text", ["sku;quantity\nA;-1.234,00\n", '{"sku":"A","quantity":"-1.234,00"}\n']
    )
    def test_how_they_are_written_is_kept_for_who_refuses_them(self, text: str) -> None:
        ((_, *_, number),) = good(text, FileOptions(decimal_mark=","))
        assert isinstance(number, Whole)
        assert (number, number.given) == ("-1234", "-1.234,00")

    def test_a_number_of_json_has_a_point_and_never_a_comma(self) -> None:
        (bad,) = rows('{"sku":"A","quantity":1.234}', FileOptions(decimal_mark=","))
        assert isinstance(bad, BadRow)

    def test_defaults_fill_what_they_leave_empty(self) -> None:
        options = FileOptions(decimal_mark=".", defaults={"quantity": "7"})
        text = "sku,quantity\nA,3.0\nB,\n"
        assert [cells[3] for cells in good(text, options)] == ["3", "7"]


SKIPS = "--skip-empty passes over rows without any number"


class TestAdvice:
    def advice(self, *errors: tuple[str, str], **options: object) -> str:
        known = FileOptions(**options)  # type: ignore[arg-type]
        found = read_rows(BytesIO(b"sku\n"), {**FIELDS, "archived": "boolean"}, known)
        return found.advise([LineError(2, column, value, "x", "y") for column, value in errors])

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ("10.0000", "--decimal-mark . reads numbers such as 10.0000 as 10"),
            ("1.234,00", "--decimal-mark , reads numbers such as 1.234,00 as 1234"),
        ],
    )
    def test_a_mark_is_named_by_which_numbers_would_be_read(self, value: str, said: str) -> None:
        assert self.advice(("quantity", "x"), ("quantity", value)) == said
        assert self.advice(("name", value)) == ""
        mark = said.split()[1]
        assert self.advice(("quantity", value), decimal_mark=mark) == ""
        other = "," if mark == "." else "."
        told = self.advice(("quantity", value), decimal_mark=other)
        assert told == f"{said}, if all are written so"

    @pytest.mark.parametrize(
        ("values", "marks"),
        [
            (["1,000", "2.500,00"], [","]),
            (["1.000", "2,500.00", "12"], ["."]),
            (["1,000"], [".", ","]),
            (["1,234.00", "1.234,00"], []),
            (["1,234.00", "x", "1.5"], ["."]),
        ],
    )
    def test_a_mark_is_named_if_it_reads_all_that_any_does(
        self, values: list[str], marks: list[str]
    ) -> None:
        said = self.advice(*(("quantity", value) for value in values))
        assert [word for word in said.split() if word in {".", ","}] == marks

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                "sku,name\nA,x\n,y\n",
                "--skip-empty passes over rows without a sku, --map sku=HEADER reads it from "
                "another column",
            ),
            (
                "sku,name\n,x\n,y\n",
                "no row has a sku: --map sku=HEADER reads it from another column",
            ),
            (
                "sku,name,Handle\n,x,h\n",
                "no row has a sku: --map sku=Handle reads it from another column",
            ),
            ('{"name":"x"}', "no row has a sku: --map sku=HEADER reads it from another column"),
        ],
    )
    def test_rows_without_a_sku_are_passed_over_where_others_have_one(
        self, text: str, said: str
    ) -> None:
        found = source(text, FileOptions(ignore_extra=True))
        assert list(found)
        assert found.advise([LineError(2, "sku", "", "x", "is missing")]) == said
        assert self.advice(("sku", ""), skip_empty=True) == ""

    @pytest.mark.parametrize(
        ("text", "field", "said"),
        [
            ("sku,name,quantity\nCABLES,,\n", "name", SKIPS),
            (
                "sku,quantity,asin\nA,3,B0\n",
                "name",
                "--map name=HEADER reads it from another column",
            ),
            ("sku,quantity\nA,3\n", "name", ""),
            ("sku,name\nA,\n", "name", ""),
        ],
    )
    def test_a_heading_between_rows_is_passed_over_and_a_name_looked_for(
        self, text: str, field: str, said: str
    ) -> None:
        found = source(text, FileOptions(ignore_extra=True))
        assert list(found)
        assert found.advise([LineError(2, field, "", "x", "is missing")]) == said

    def test_another_rule_is_named_for_skus_that_it_takes(self) -> None:
        def advice(*values: str) -> str:
            errors = [LineError(2, "sku", one, "x", STRICT_ONLY) for one in values]
            return source("sku,name\nA,x\n").advise(errors)

        assert advice("=A1", "=B1") == ""
        assert advice("=A1", "a/b") == OTHER_RULE

    def test_a_column_of_truths_in_another_language_can_be_passed_over(self) -> None:
        said = self.advice(("archived", "FALSCH"), ("archived", "WAHR"))
        assert said == "--map archived= passes over that column"

    def test_what_is_done_can_be_said_of_all_lines(self) -> None:
        assert "--defaults action=remove" in self.advice(("action", ""))
        assert "remove, or add, says" in self.advice(("action", ""), recipe=True)
        assert self.advice(("action", ""), defaults={"action": "add"}) == ""
        assert self.advice(("action", "sell")) == ""

    @pytest.mark.parametrize("error", [("quantity", "1.5"), ("sku", "a"), ("name", "")])
    def test_nothing_is_proposed_that_would_not_help(self, error: tuple[str, str]) -> None:
        assert self.advice(error) == ""
