"""The texts of --map, --defaults, --delimiter and --encoding."""

import pytest

from invctl.errors import InvalidValue
from invctl.files.options import FileOptions, parse_options

KNOWN = ("sku", "name", "description", "quantity")


def test_nothing_given_is_nothing_changed() -> None:
    assert parse_options(KNOWN) == FileOptions()


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("sku=Variant SKU,name=Title,description=", ("Variant SKU", "Title", "")),
        (" sku = Variant SKU ,name=Title,description= ", ("Variant SKU", "Title", "")),
        ('sku=SKU,"name=Last, first",description=a=b', ("SKU", "Last, first", "a=b")),
        ('sku=SKU,"name=5"" pipe","description=two\nlines"', ("SKU", '5" pipe', "two\nlines")),
    ],
)
def test_a_mapping_is_one_line_of_csv(text: str, mapping: tuple[str, ...]) -> None:
    expected = dict(zip(("sku", "name", "description"), mapping, strict=True))
    assert parse_options(KNOWN, mapping=[text]).mapping == expected


def test_defaults_are_kept_as_they_are() -> None:
    assert parse_options(KNOWN, defaults=["quantity=0,name= x "]).defaults == {
        "quantity": "0",
        "name": " x ",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("skuu=X", "did you mean sku? known are sku, name, description, quantity"),
        ("=X", "known are"),
        ("sku", "not of the form field=text"),
        ("sku=A,", "not of the form field=text"),
        ('sku=A,name="Last, first"', "not of the form field=text"),
        ("sku=A,sku=B", "the field sku is given twice"),
        ('"sku=A', "not one line of CSV"),
        ("sku=A\nname=B", "not one line of CSV"),
    ],
)
def test_a_mapping_that_is_none_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_options(KNOWN, mapping=[text])
    assert caught.value.details["field"] == "--map"
    assert said in caught.value.message


def test_a_pair_the_wrong_way_round_is_told_as_such() -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_options(KNOWN, mapping=["Variant SKU=sku"])
    assert caught.value.hint == "the field comes first, then what the file calls it"


def test_a_mistake_in_the_defaults_names_that_flag() -> None:
    with pytest.raises(
        InvalidValue, match="--defaults: field 'qantity' is not known, did you mean quantity"
    ):
        parse_options(KNOWN, defaults=["qantity=0"])


@pytest.mark.parametrize(("text", "delimiter"), [("tab", "\t"), ("\\t", "\t"), (";", ";")])
def test_a_delimiter_is_one_character_or_a_name_for_the_tab(text: str, delimiter: str) -> None:
    assert parse_options(KNOWN, delimiter=text).delimiter == delimiter


@pytest.mark.parametrize("text", ["", ";;", "comma", '"', "\n", "\r"])
def test_what_cannot_separate_cells_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="--delimiter"):
        parse_options(KNOWN, delimiter=text)


@pytest.mark.parametrize(
    ("text", "encoding"), [("latin-1", "iso8859-1"), ("CP1252", "cp1252"), ("UTF8", "utf-8")]
)
def test_an_encoding_is_known_by_any_of_its_names(text: str, encoding: str) -> None:
    assert parse_options(KNOWN, encoding=text).encoding == encoding


@pytest.mark.parametrize(
    "text", ["", "utf-9", "hex", "base64", "rot13", "utf-7", "unicode_escape", "idna", "a\0b", "é"]
)
def test_what_is_no_encoding_of_files_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="--encoding"):
        parse_options(KNOWN, encoding=text)
