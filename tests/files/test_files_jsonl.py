"""JSON Lines: numbers are never rounded, and no line can hurt more than itself."""

from io import BytesIO

import pytest

from invctl.files.options import FileOptions
from invctl.files.reading import read_rows
from invctl.files.rows import RowSource
from invctl.models.rows import BadRow

FIELDS = {"sku": "text", "quantity": "integer", "archived": "boolean", "at": "time"}


def source(text: str, options: FileOptions | None = None) -> RowSource:
    return read_rows(BytesIO(text.encode()), FIELDS, options or FileOptions())


def only(line: str, options: FileOptions | None = None) -> object:
    """Return what becomes of a line between two good ones, which must be read."""
    first, middle, last = source(f'{{"sku":"F"}}\n{line}\n{{"sku":"L"}}\n', options)
    assert not isinstance(first, BadRow)
    assert not isinstance(last, BadRow)
    assert (first[0], first[1][0], last[0], last[1][0]) == (1, "F", 3, "L")
    return middle


def test_every_field_counts_as_given() -> None:
    assert source('{"sku":"A"}').columns == tuple(FIELDS)


def test_fields_may_come_in_any_order_and_blank_lines_are_no_rows() -> None:
    text = '\n \t\n{"at":"2026-01-31","sku":"A"}\r\n\r\n  {"sku":"B"}  \n'
    assert list(source(text)) == [(3, ("A", "", "", "2026-01-31")), (5, ("B", "", "", ""))]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('{"sku":"007"}', ("007", "", "", "")),
        ('{"sku":"A","quantity":3}', ("A", "3", "", "")),
        ('{"sku":"A","quantity":-3}', ("A", "-3", "", "")),
        ('{"sku":"A","quantity":9007199254740993}', ("A", "9007199254740993", "", "")),
        ('{"sku":"A","quantity":"3.0"}', ("A", "3.0", "", "")),
        ('{"sku":"A","quantity":null,"archived":""}', ("A", "", "", "")),
        ('{"sku":"A","archived":true}', ("A", "", "true", "")),
        ('{"sku":"A","archived":false}', ("A", "", "false", "")),
        ('{"sku":"A","archived":"yes"}', ("A", "", "yes", "")),
        ('{"sku":"A","archived":1}', ("A", "", "1", "")),
        ('{" SKU":" A ","at":"\\t"}', ("A", "", "", "")),
        ('{"sku":"\\ud83d\\ude00\\u0000"}', ("😀\0", "", "", "")),
        ("{}", ("", "", "", "")),
    ],
)
def test_values_become_the_text_that_they_are(line: str, cells: tuple[str, ...]) -> None:
    assert only(line) == (2, cells)


@pytest.mark.parametrize(
    ("line", "column", "value", "said"),
    [
        ('{"sku":85123}', "sku", "85123", "text in quotes"),
        ('{"sku":"A","quantity":3.0}', "quantity", "3.0", "3.0 is not a whole number"),
        ('{"sku":"A","quantity":1e3}', "quantity", "1e3", "whole number"),
        ('{"sku":"A","quantity":0.1000000000000000055511}', "quantity", None, "whole number"),
        ('{"sku":"A","quantity":NaN}', "quantity", "NaN", "whole number"),
        ('{"sku":"A","quantity":-Infinity}', "quantity", "-Infinity", "whole number"),
        ('{"sku":"A","quantity":true}', "quantity", "true", "whole number"),
        ('{"sku":"A","archived":2}', "archived", "2", "true or false"),
        ('{"sku":"A","at":1769817600}', "at", "1769817600", "a time in quotes"),
        ('{"sku":true}', "sku", "true", "text in quotes"),
        ('{"sku":["A"]}', "sku", "a list", "text in quotes"),
        ('{"sku":{"id":"A"}}', "sku", "an object", "text in quotes"),
        ('{"sku":"A","sku":"B"}', "sku", None, "more than once"),
        ('{"sku":"A","Quantiy":1}', "Quantiy", None, "did you mean quantity?"),
        ('{"sku":"A",}', None, None, "is not JSON"),
        ('{"sku":"A"', None, None, "is not JSON"),
        ("{'sku':'A'}", None, None, "is not JSON"),
        ('{"sku":"A\tB"}', None, None, "is not JSON"),
        ('{"sku":"A"} {"sku":"B"}', None, None, "has more after its object"),
        ('["A"]', None, None, "is not a JSON object"),
        ("3", None, "3", "is not a JSON object"),
        ("null", None, "null", "is not a JSON object"),
        ("sku,quantity", None, "sku,quantity", "is not JSON"),
        ('{"sku":"\\ud83d"}', None, None, "surrogate"),
    ],
)
def test_a_line_that_is_refused_says_why_and_the_next_one_is_read(
    line: str, column: str | None, value: str | None, said: str
) -> None:
    bad = only(line)
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.column) == (2, column)
    assert value is None or bad.value == value
    assert said in bad.message


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        '{"sku":' * 100_000,
        '{"sku":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"sku":"A","quantity":' + "9" * 5000 + "}",
        '{"sku":"A","quantity":1e' + "9" * 5000 + "}",
        '{"sku":' + "9" * 500_000 + "}",
        '{"' + "x" * 500_000 + '":1}',
    ],
    ids=["lists", "objects", "nested", "digits", "exponent", "number", "key"],
)
def test_a_line_made_to_hurt_is_a_bad_row_with_a_short_message(line: str) -> None:
    bad = only(line)
    assert isinstance(bad, BadRow)
    assert len(bad.message) < 600
    assert len(bad.value or "") <= 200
    assert len(bad.column or "") <= 200


def test_a_key_that_is_repeated_after_a_hundred_thousand_others_is_found_in_one_walk() -> None:
    keys = [*map(str, range(100_000)), "99998"]
    bad = only("{" + ",".join(f'"{key}":1' for key in keys) + "}")
    assert isinstance(bad, BadRow)
    assert bad.message == "the key '99998' is there more than once"


def test_extra_keys_are_ignored_on_demand_whatever_they_hold() -> None:
    options = FileOptions(ignore_extra=True)
    assert only('{"x":[1,{"y":2}],"sku":"A"}', options) == (2, ("A", "", "", ""))


def test_the_mapping_applies_to_keys() -> None:
    options = FileOptions({"sku": "code", "at": ""}, defaults={"quantity": "1"})
    found = source('{"code":"A","sku":"shadowed","at":"dropped"}', options)
    assert found.columns == ("sku", "quantity", "archived")
    assert list(found) == [(1, ("A", "1", "", ""))]


@pytest.mark.parametrize("quantity", ['""', "null"])
def test_an_empty_value_takes_the_default(quantity: str) -> None:
    options = FileOptions(defaults={"quantity": "0"})
    assert only(f'{{"sku":"A","quantity":{quantity}}}', options) == (2, ("A", "0", "", ""))


def test_an_invalid_byte_costs_its_line_and_no_other() -> None:
    data = b'{"sku":"A"}\n{"sku":"\xff"}\n{"sku":"B"}\n'
    first, bad, last = read_rows(BytesIO(data), FIELDS)
    assert (first, last) == ((1, ("A", "", "", "")), (3, ("B", "", "", "")))
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.value) == (2, '{"sku":"\\xff"}')
    assert "the byte \\xff is not utf-8" in bad.message
