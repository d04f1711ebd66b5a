"""Rows as csv, tsv, json and jsonl: what the contract says of every byte."""

import csv
import io
import json

import pytest

from invctl.files.writing import Rows, encoder, json_line

FIELDS = ("sku", "name", "quantity", "archived")
ROWS: Rows = [
    ("A-1", "Größe", 3, False),
    ("007", None, -3, True),
    ("C", 'say "a, b"\n\ttwo\\', None, None),
]


def written(form: str, rows: Rows, *, chunk: int = 1000, header: bool = True) -> str:
    encode = encoder(form, FIELDS, header=header)
    chunks = [encode.rows(rows[i : i + chunk]) for i in range(0, len(rows), chunk)]
    return encode.head() + "".join(chunks) + encode.tail()


@pytest.mark.parametrize("chunk", [1, 2, 1000])
@pytest.mark.parametrize(
    ("form", "text"),
    [
        (
            "csv",
            "sku,name,quantity,archived\nA-1,Größe,3,false\n007,,-3,true\n"
            'C,"say ""a, b""\n\ttwo\\",,\n',
        ),
        (
            "tsv",
            "sku\tname\tquantity\tarchived\nA-1\tGröße\t3\tfalse\n007\t\t-3\ttrue\n"
            'C\tsay "a, b"\\n\\ttwo\\\\\t\t\n',
        ),
        (
            "jsonl",
            '{"sku":"A-1","name":"Gr\\u00f6\\u00dfe","quantity":3,"archived":false}\n'
            '{"sku":"007","name":null,"quantity":-3,"archived":true}\n'
            '{"sku":"C","name":"say \\"a, b\\"\\n\\ttwo\\\\","quantity":null,"archived":null}\n',
        ),
        (
            "json",
            '[\n{"sku":"A-1","name":"Gr\\u00f6\\u00dfe","quantity":3,"archived":false},\n'
            '{"sku":"007","name":null,"quantity":-3,"archived":true},\n'
            '{"sku":"C","name":"say \\"a, b\\"\\n\\ttwo\\\\","quantity":null,"archived":null}\n]\n',
        ),
    ],
)
def test_a_list_is_written_to_the_letter_however_it_is_cut(
    form: str,
    text: str,
    chunk: int,
) -> None:
    assert written(form, ROWS, chunk=chunk) == text


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("csv", "sku,name,quantity,archived\n"),
        ("tsv", "sku\tname\tquantity\tarchived\n"),
        ("json", "[]\n"),
        ("jsonl", ""),
    ],
)
def test_an_empty_list_is_a_header_or_an_empty_array(form: str, text: str) -> None:
    assert written(form, []) == text
    assert encoder(form, FIELDS).rows([]) == ""


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_the_header_can_be_left_out(form: str) -> None:
    assert written(form, ROWS, header=False).startswith("A-1")


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_column_may_hold_values_of_any_kind(form: str) -> None:
    values = ["x", 1, True, None, [1, {"y": None}], {"z": []}, 2**60]
    encode = encoder(form, ["100%"])
    text = encode.head() + encode.rows([(value,) for value in values]) + encode.tail()
    records = json.loads(text) if form == "json" else list(map(json.loads, text.splitlines()))
    assert records == [{"100%": value} for value in values]
    assert [type(record["100%"]) for record in records] == list(map(type, values))


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl"])
def test_a_lone_surrogate_crashes_no_writer(form: str) -> None:
    assert encoder(form, ["a"]).rows([("\ud800",)])


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_is_ascii(form: str) -> None:
    assert encoder(form, ["ü"]).rows([("\ud800😀\x7f",)]).isascii()


def test_a_lone_empty_cell_is_not_an_empty_line_in_csv() -> None:
    assert encoder("csv", ["a"]).rows([(None,), ("x",), ('"',)]) == '""\nx\n""""\n'


def test_csv_is_what_the_standard_reader_reads() -> None:
    text = written("csv", ROWS)
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == [
        list(FIELDS),
        ["A-1", "Größe", "3", "false"],
        ["007", "", "-3", "true"],
        ["C", 'say "a, b"\n\ttwo\\', "", ""],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_csv_safe_puts_an_apostrophe_before_formulas_but_not_before_numbers(start: str) -> None:
    encode = encoder("csv", ["name", "delta"], csv_safe=True)
    assert encode.rows([(f"{start}1+1", -3), ("a=1", 3)]) == f"'{start}1+1,-3\na=1,3\n"
    assert encoder("csv", ["name"]).rows([(f"{start}1",)]) == f"{start}1\n"


def test_csv_safe_guards_in_columns_with_empty_cells_too() -> None:
    encode = encoder("csv", ["name", "note"], csv_safe=True)
    assert encode.rows([("=a,b", None), (None, "\r")]) == '"\'=a,b",\n,"\'\r"\n'


@pytest.mark.parametrize("form", ["tsv", "json", "jsonl"])
def test_csv_safe_is_for_csv_alone(form: str) -> None:
    assert "'" not in encoder(form, ["name"], csv_safe=True).rows([("=1",)])


def test_a_single_record_is_one_line_of_compact_ascii() -> None:
    record = {"error": {"code": "usage", "details": {"sku": "Ö", "left": None, "lines": [1, 2]}}}
    assert json_line(record) == (
        '{"error":{"code":"usage","details":{"sku":"\\u00d6","left":null,"lines":[1,2]}}}'
    )
