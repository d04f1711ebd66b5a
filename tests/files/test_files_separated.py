"""Files of separated cells: header, delimiter, cells and the lines on which rows stand."""

from io import BytesIO

import pytest

from invctl.errors import InvalidData
from invctl.files.options import FileOptions
from invctl.files.reading import read_rows
from invctl.files.rows import RowSource
from invctl.models.rows import BadRow

FIELDS = {"sku": "text", "name": "text", "quantity": "integer"}


def source(text: str, options: FileOptions | None = None) -> RowSource:
    data = text.encode()
    return read_rows(BytesIO(data), FIELDS, options or FileOptions())


def rows(text: str, options: FileOptions | None = None) -> list[object]:
    return list(source(text, options))


def refused(text: str, options: FileOptions | None = None) -> list[dict[str, object]]:
    with pytest.raises(InvalidData) as caught:
        rows(text, options)
    errors = caught.value.details["errors"]
    assert isinstance(errors, list)
    assert all(list(e) == ["line", "column", "value", "code", "message"] for e in errors)
    assert caught.value.details["error_count"] == len(errors)
    return errors


def test_cells_come_in_the_order_of_the_fields_and_missing_columns_are_empty() -> None:
    assert rows("name,sku\nShirt,A-1\n") == [(2, ("A-1", "Shirt", ""))]


def test_the_columns_are_those_that_the_header_has() -> None:
    assert source("quantity,sku\n").columns == ("sku", "quantity")


def test_a_single_known_field_still_gives_a_tuple() -> None:
    assert list(read_rows(BytesIO(b"sku\nA\n"), {"sku": "text"})) == [(2, ("A",))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_from_the_header(delimiter: str) -> None:
    text = "sku,name,quantity\nA,x y,3\n".replace(",", delimiter)
    assert rows(text) == [(2, ("A", "x y", "3"))]


@pytest.mark.parametrize(
    ("text", "options", "cells"),
    [
        ("sku;name\nA,1;x\n", FileOptions(), ("A,1", "x", "")),
        ('"sku";"name,long";name\nA;;x\n', FileOptions(ignore_extra=True), ("A", "x", "")),
        ("Code|Title,full\nA|x\n", FileOptions({"sku": "Code"}, True), ("A", "", "")),
        ("x,y;z\n1,2;3\n", FileOptions({"sku": "x"}, True), ("1", "", "")),
        ("sku\nA;B|C\n", FileOptions(), ("A;B|C", "", "")),
        ("a,b;sku;c\n1;A;2\n", FileOptions(ignore_extra=True), ("A", "", "")),
    ],
)
def test_the_delimiter_that_finds_most_known_columns_wins(
    text: str, options: FileOptions, cells: tuple[str, ...]
) -> None:
    assert rows(text, options) == [(2, cells)]


@pytest.mark.parametrize("delimiter", ["tab", "\\t", "\t"])
def test_a_given_delimiter_is_not_searched_for(delimiter: str) -> None:
    options = FileOptions(ignore_extra=True, delimiter=delimiter)
    assert rows("sku\tname,quantity\nA\t1,2\n", options) == [(2, ("A", "", ""))]


def test_any_other_character_can_be_the_delimiter() -> None:
    assert rows("sku^name\nA^x\n", FileOptions(delimiter="^")) == [(2, ("A", "x", ""))]


def test_tabs_separate_but_backslashes_stay_as_they_are() -> None:
    assert rows("sku\tname\nA\tx\\ty\n") == [(2, ("A", "x\\ty", ""))]


def test_a_file_without_its_last_line_end_loses_nothing() -> None:
    assert rows("sku,name\nA,x") == [(2, ("A", "x", ""))]


def test_cells_are_not_judged() -> None:
    assert rows("sku,quantity\n-,3.00\n") == [(2, ("-", "", "3.00"))]


def test_characters_that_other_readers_break_lines_at_stay_in_their_cell() -> None:
    name = "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g\0h"
    assert rows(f"sku,name\nA,{name}\n") == [(2, ("A", name, ""))]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_shows_them(end: str) -> None:
    text = 'sku,name\nA,"one\n\ntwo"\n\nB,x\n,,\n"C\n",y\nD,z\n'.replace("\n", end)
    assert [row for row in rows(text) if not isinstance(row, BadRow)] == [
        (2, ("A", "one\n\ntwo", "")),
        (6, ("B", "x", "")),
        (8, ("C", "y", "")),
        (10, ("D", "z", "")),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_numbers_are_right_far_into_a_file_with_any_line_end(end: str) -> None:
    text = "".join(["sku,name\n", *(f'A-{i},"one\ntwo"\n' for i in range(50_000))])
    assert rows(text.replace("\n", end))[-1] == (100_000, ("A-49999", "one\ntwo", ""))


@pytest.mark.parametrize("blank", ["\n", "  \n", ",\n", ",,,,\n", " ,, \n", '"",""\n'])
def test_blank_lines_and_rows_of_empty_cells_are_no_rows(blank: str) -> None:
    assert rows(f"sku,name\n{blank}A,x\n{blank}") == [(3, ("A", "x", ""))]


def test_blank_lines_may_stand_before_the_header() -> None:
    assert rows("\n \nsku,name\nA,x\n") == [(4, ("A", "x", ""))]


@pytest.mark.parametrize("text", ["sku,name", "sku,name\n", "sku,name\r\n\r\n,\n"])
def test_a_header_alone_is_zero_rows(text: str) -> None:
    assert rows(text) == []


@pytest.mark.parametrize(
    ("line", "said", "value"),
    [("A", "1 cell,", None), ("A,x,1,2", "4 cells,", "2"), ("A,x,1,,\t5", "5 cells,", "\t5")],
)
def test_a_ragged_row_is_bad_and_the_next_one_is_read(
    line: str, said: str, value: str | None
) -> None:
    bad, good = rows(f"sku,name,quantity\n{line}\nB,y,1\n")
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.value) == (2, value)
    assert said in bad.message
    assert bad.message.endswith("header has 3")
    assert good == (3, ("B", "y", "1"))


def test_text_after_a_closing_quote_is_a_bad_row() -> None:
    first, bad, last = rows('sku,name\nA,x\nB,"a"b\nC,y\n')
    assert isinstance(bad, BadRow)
    assert (bad.line, "closing quote" in bad.message) == (3, True)
    assert (first, last) == ((2, ("A", "x", "")), (4, ("C", "y", "")))


def test_a_quote_inside_a_cell_that_does_not_begin_with_one_is_text() -> None:
    assert rows('sku,name\nA,5" pipe\n') == [(2, ("A", '5" pipe', ""))]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('sku,name\nA,x\nB,"y\nC,z\n', [(4, ("C", "z", ""))]),
        ('sku,name\nA,x\nB,"', []),
        ('sku,name\nA,x\nB,"y\nC,z\nD,"w"\n', [(4, ("C", "z", "")), (5, ("D", "w", ""))]),
        ('sku,name\nA,x\nB,"y\nC,z\nD,"w\n', None),
    ],
)
def test_a_quote_that_is_never_closed_costs_the_row_in_which_it_stands_and_no_other(
    text: str, after: list[object] | None
) -> None:
    first, bad, *others = rows(text)
    assert first == (2, ("A", "x", ""))
    assert isinstance(bad, BadRow)
    assert (bad.line, "not closed" in bad.message) == (3, True)
    if after is not None:
        assert others == after
    else:
        assert others[0] == (4, ("C", "z", ""))
        assert isinstance(others[1], BadRow)


@pytest.mark.parametrize("lines", [1, 5_000])
def test_an_open_quote_that_a_later_one_seems_to_close_costs_its_own_row_alone(lines: int) -> None:
    rest = "".join(f'A-{i},"fine"\n' for i in range(lines))
    bad, *good = rows(f'sku,name\nB,"open\n{rest}')
    assert isinstance(bad, BadRow)
    assert (bad.line, good[0], len(good)) == (2, (3, ("A-0", "fine", "")), lines)


@pytest.mark.parametrize("text", ['sku,"name\nA,x\n', '"sku";"name\nA;x\n', '"sku'])
def test_an_unclosed_quote_in_the_header_is_named(text: str) -> None:
    (error,) = refused(text)
    assert (error["line"], "not closed" in str(error["message"])) == (1, True)


def test_a_header_may_run_over_lines() -> None:
    options = FileOptions({"name": "Full\nname"})
    assert rows('sku,"Full\nname"\nA,x\n', options) == [(3, ("A", "x", ""))]


def test_blanks_around_the_names_of_a_header_do_not_matter() -> None:
    assert rows(" sku ;\tname\t\nA;x\n") == [(2, ("A", "x", ""))]


def test_each_unknown_column_is_an_error_of_its_own() -> None:
    first, second = refused("sku,Nmae,Colour,Colour\nA,x,red,red\n")
    assert (first["line"], first["column"], first["code"]) == (1, "Nmae", "invalid_data")
    assert first["message"] == "is not a known column; did you mean name?"
    assert (second["column"], second["message"]) == ("Colour", "is not a known column")


def test_no_more_than_a_hundred_errors_are_listed() -> None:
    header = ",".join(["sku", *(f"x{i}" for i in range(1000))])
    with pytest.raises(InvalidData) as caught:
        rows(header)
    listed = caught.value.details["errors"]
    assert isinstance(listed, list)
    assert (len(listed), caught.value.details["error_count"]) == (100, 1000)


def test_extra_columns_are_ignored_on_demand_even_if_they_are_there_twice() -> None:
    options = FileOptions(ignore_extra=True)
    assert rows("x,sku,x,\n1,A,2,3\n", options) == [(2, ("A", "", ""))]


@pytest.mark.parametrize("ignore", [False, True])
def test_a_known_column_that_is_there_twice_is_refused(ignore: bool) -> None:
    (error,) = refused("sku,name, sku\nA,x,B\n", FileOptions(ignore_extra=ignore))
    assert (error["column"], "2 times" in str(error["message"])) == ("sku", True)


def test_a_header_without_any_known_column_is_refused_even_when_extras_are_ignored() -> None:
    (error,) = refused("a,b\n1,2\n", FileOptions(ignore_extra=True))
    assert "none of the known columns: sku, name, quantity" in str(error["message"])


class TestMapping:
    def test_a_field_is_read_from_the_header_it_is_mapped_to(self) -> None:
        options = FileOptions({"sku": "Variant SKU", "name": " Title "})
        options = FileOptions({k: v.strip() for k, v in options.mapping.items()})
        assert rows(" Variant SKU,Title,quantity\nA,x,3\n", options) == [(2, ("A", "x", "3"))]

    def test_a_field_mapped_to_nothing_is_dropped(self) -> None:
        found = source("sku,name\nA,x\n", FileOptions({"name": ""}))
        assert (found.columns, list(found)) == (("sku",), [(2, ("A", "", ""))])

    def test_a_mapped_field_shadows_the_column_of_its_own_name(self) -> None:
        options = FileOptions({"name": "Title"})
        assert rows("sku,name,Title\nA,x,y\n", options) == [(2, ("A", "y", ""))]

    def test_two_fields_may_be_read_from_one_column(self) -> None:
        options = FileOptions({"sku": "Code", "name": "Code"})
        assert rows("Code\nA\n", options) == [(2, ("A", "A", ""))]

    def test_fields_can_change_places(self) -> None:
        options = FileOptions({"sku": "name", "name": "sku"})
        assert rows("sku,name\nx,A\n", options) == [(2, ("A", "x", ""))]

    def test_a_column_that_serves_another_field_no_longer_serves_its_own(self) -> None:
        found = source("name,quantity\nA,3\n", FileOptions({"sku": "name"}))
        assert (found.columns, list(found)) == (("sku", "quantity"), [(2, ("A", "", "3"))])

    def test_a_header_that_is_not_in_the_file_is_named_with_the_nearest_that_is(self) -> None:
        (error,) = refused("Variant SKU,name\nA,x\n", FileOptions({"sku": "Variant Sk"}, True))
        assert error["column"] == "Variant Sk"
        assert "'Variant SKU'" in str(error["message"])

    @pytest.mark.parametrize("header", ["variant sku", "Variant_SKU", "VARIANT-SKU"])
    def test_a_header_is_found_without_case_and_blanks(self, header: str) -> None:
        options = FileOptions({"sku": header})
        assert rows("Variant SKU,name\nA,x\n", options) == [(2, ("A", "x", ""))]

    def test_a_mapped_header_that_is_there_twice_is_refused(self) -> None:
        (error,) = refused("Code,name,Code\nA,x,B\n", FileOptions({"sku": "Code"}))
        assert (error["column"], "2 times" in str(error["message"])) == ("Code", True)


class TestDefaults:
    def test_a_missing_column_is_filled_and_counts_as_given(self) -> None:
        found = source("sku\nA\n", FileOptions(defaults={"quantity": "0"}))
        assert (found.columns, list(found)) == (("sku", "quantity"), [(2, ("A", "", "0"))])

    def test_an_empty_cell_is_filled(self) -> None:
        options = FileOptions(defaults={"quantity": "0", "name": "none"})
        assert rows("quantity,sku\n5,A\n,B\n", options) == [
            (2, ("A", "none", "5")),
            (3, ("B", "none", "0")),
        ]

    def test_a_dropped_field_is_filled(self) -> None:
        options = FileOptions({"quantity": ""}, defaults={"quantity": "0"})
        assert rows("sku,quantity\nA,7\n", options) == [(2, ("A", "", "0"))]

    def test_blank_lines_and_bad_rows_stay_what_they_are(self) -> None:
        (bad,) = rows("sku,quantity\n\n,\nA\n", FileOptions(defaults={"quantity": "0"}))
        assert isinstance(bad, BadRow)
        assert bad.line == 4
