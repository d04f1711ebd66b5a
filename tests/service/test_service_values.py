"""The rules of single values: what may be typed, and what is stored of it."""

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invctl.errors import InvalidValue
from invctl.text import printable
from invctl.values import (
    FOR_EVER,
    MAX_QUANTITY,
    TEXT_LIMITS,
    check_amount,
    check_quantity,
    check_reason,
    check_sku,
    check_text,
    known_sku,
    optional_text,
    parse_amount,
    parse_boolean,
    parse_delta,
    parse_identifier,
    parse_quantity,
    parse_seconds,
)

ZWJ, ZWNJ, LRM, RLM = "\u200d", "\u200c", "\u200e", "\u200f"
BIDI = [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]
CONTROLS = [*"\0\x01\x07\x08\x0b\x0c\r\x1b\x1f\x7f\x80\x85\x9b\x9f"]

NOT_DIGITS = [
    "", " ", "3.0", "3,0", "3.", "1_0", " 3", "3 ", "+3", "-3", "−3", "3e2", "0x10", "٣", "３",
    "²", "Ⅷ", "three", "3\n", "\t3", "3\0", "\udc80", "1 000", "1,000", "--3", "nan", "inf",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("0", 0),
        ("3", 3),
        ("007", 7),
        ("9007199254740991", MAX_QUANTITY),
        ("0" * 400 + "5", 5),
        ("0" * 400, 0),
    ],
)
def test_a_quantity_is_plain_digits(text: str, quantity: int) -> None:
    assert parse_quantity(text) == quantity


@pytest.mark.parametrize("text", NOT_DIGITS, ids=repr)
@pytest.mark.parametrize("parse", [parse_quantity, parse_amount])
def test_a_quantity_is_nothing_but_plain_digits(parse: Callable[[str], int], text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse(text)
    assert (caught.value.code, caught.value.details["value"]) == ("usage", text)
    assert printable(caught.value.message) == caught.value.message


@pytest.mark.parametrize("text", ["1,000", "1.000", "1,500", "+12.345"])
def test_what_may_be_thousands_or_a_fraction_is_told_as_neither(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_quantity(text)
    problem = f"'{text}' may be thousands or a fraction: plain digits 0-9 say which"
    assert caught.value.message == f"quantity: {problem}"


@pytest.mark.parametrize(
    "text", ["9007199254740992", "9" * 17, "9" * 400, "1" + "0" * 5000], ids=len
)
@pytest.mark.parametrize("parse", [parse_quantity, parse_amount, parse_delta, parse_identifier])
def test_a_number_is_at_most_the_largest_that_json_holds_exactly(
    parse: Callable[..., int], text: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse(text, "amount")
    assert "9007199254740991" in caught.value.message
    assert len(caught.value.message) < 200


@given(st.integers(0, MAX_QUANTITY), st.integers(0, 30))
def test_every_quantity_is_read_as_it_is_printed(quantity: int, zeros: int) -> None:
    assert parse_quantity("0" * zeros + str(quantity)) == quantity


digitlike = st.text("0123456789+-_. eE٣３²\n", max_size=20) | st.text(max_size=20)


@given(digitlike)
def test_exactly_plain_digits_in_range_are_a_quantity(text: str) -> None:
    good = re.fullmatch("[0-9]+", text) is not None and int(text) <= MAX_QUANTITY
    try:
        assert parse_quantity(text) == int(text)
    except InvalidValue:
        assert not good
    else:
        assert good


@pytest.mark.parametrize("text", ["0", "000"])
def test_an_amount_is_at_least_one(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_amount(text)


@pytest.mark.parametrize(
    ("text", "delta"),
    [("3", 3), ("-3", -3), ("-9007199254740991", -MAX_QUANTITY), ("-007", -7), ("0", 0), ("-0", 0)],
)
def test_a_delta_is_signed(text: str, delta: int) -> None:
    assert parse_delta(text) == delta


@pytest.mark.parametrize("text", ["-", "--1", "+1", "- 1", "-1.0", "−1", "-٣", "1-"])
def test_a_delta_is_nothing_else(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_delta(text)


@pytest.mark.parametrize(
    ("parse", "text", "problem"),
    [
        (parse_delta, "-1,00", "'-1,00' is not written as a whole number (-1 would do)"),
        (parse_delta, "+2", "'+2' is not written as a whole number (2 would do)"),
        (parse_delta, "(3)", "'(3)' is not written as a whole number (-3 would do)"),
        (parse_delta, "1 000-", "'1 000-' is not written as a whole number (-1000 would do)"),
        (
            parse_delta,
            "(1,000)",
            "'(1,000)' may be thousands or a fraction: plain digits 0-9 say which",
        ),
        (parse_quantity, "(3)", "'(3)' is negative"),
        (parse_delta, "−3", "'−3' is not written as a whole number (-3 would do)"),
        (
            parse_delta,
            "-1,000",
            "'-1,000' may be thousands or a fraction: plain digits 0-9 say which",
        ),
        (parse_amount, "+2.0", "'+2.0' is not written as a whole number (2 would do)"),
        (parse_quantity, "2.0", "'2.0' is not written as a whole number (2 would do)"),
        (parse_quantity, "+2", "'+2' is not a whole number in plain digits 0-9"),
        (parse_quantity, "-2.00", "'-2.00' is negative"),
        (parse_delta, "-1.5", "'-1.5' is not a whole number; it is never rounded"),
        (parse_quantity, "1.234,5", "'1.234,5' is not a whole number; it is never rounded"),
        (parse_quantity, "0,125", "'0,125' is not a whole number; it is never rounded"),
        (parse_quantity, "1.234,00", "'1.234,00' is not written as a whole number (1234 would do)"),
        (parse_quantity, "1 000", "'1 000' is not written as a whole number (1000 would do)"),
        (parse_delta, "-1'000", "'-1'000' is not written as a whole number (-1000 would do)"),
        (parse_quantity, "-1 000", "'-1 000' is negative"),
        (
            parse_quantity,
            "12.345.678",
            "'12.345.678' is not written as a whole number (12345678 would do)",
        ),
        (parse_quantity, "1.234.00", "'1.234.00' is not a whole number in plain digits 0-9"),
    ],
)
def test_how_a_number_would_be_read_is_told_with_its_sign(
    parse: Callable[[str], int], text: str, problem: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse(text)
    assert caught.value.details["problem"] == problem


@pytest.mark.parametrize("value", [-1, MAX_QUANTITY + 1, 2**64])
@pytest.mark.parametrize("check", [check_quantity, check_amount])
def test_a_number_out_of_range_is_refused(check: Callable[[int], int], value: int) -> None:
    with pytest.raises(InvalidValue):
        check(value)


@pytest.mark.parametrize("sku", ["A", "0", "007", "TSHIRT-RED-L", "A-", "A--B", "A" * 50])
@pytest.mark.parametrize("rule", ["strict", "any"])
def test_a_sku_of_the_strict_rule_is_one_of_both(sku: str, rule: str) -> None:
    assert check_sku(sku, rule) == sku


ANY_SKUS = [
    "cc-tee",
    "MH01-XS-Black",
    "BANK CHARGES",
    "茶",
    "é",
    "a_b",
    "#1",
    "☕",
    "ß",
    "a'b",
    "x" * 50,
]


@pytest.mark.parametrize("sku", ANY_SKUS)
def test_the_any_rule_takes_printable_text_and_the_strict_one_does_not(sku: str) -> None:
    assert check_sku(sku, "any") == sku
    with pytest.raises(InvalidValue):
        check_sku(sku, "strict")


BAD_SKUS = [
    "", "-", "-A", "A" * 51, " A", "A ", "A\n", "\tA", "A\0", "A\x1b", "A\u202e", "\u2066A",
    "A\x85",    "A\u2028B", "A\u2029", "\udc80", "A\ud800", "\u00a0A", "A\u3000", "A\ufeff",
]  # fmt: skip


@pytest.mark.parametrize("sku", BAD_SKUS, ids=repr)
@pytest.mark.parametrize("rule", ["strict", "any"])
def test_neither_rule_takes_what_is_no_sku(sku: str, rule: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_sku(sku, rule)
    assert (caught.value.details["field"], caught.value.details["value"]) == ("sku", sku)
    assert printable(caught.value.message) == caught.value.message


@pytest.mark.parametrize(
    ("sku", "parts"),
    [
        ("tshirt", ["'t'", "U+0074", "TSHIRT would do"]),
        ("A_B", ["'_'", "U+005F", "LOW LINE", "A-B would do"]),
        ("Tube 28 inch", ["'u'", "TUBE-28-INCH would do"]),
        (" ", ["U+0020", "- are allowed"]),
        ("A\0", ["U+0000"]),
        ("A" * 51, ["51", "50"]),
        ("-A", ["starts with '-'"]),
    ],
    ids=repr,
)
def test_a_refused_sku_is_told_which_character_and_why(sku: str, parts: list[str]) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_sku(sku, "strict")
    assert [part for part in parts if part not in caught.value.message] == []


def test_a_sku_is_counted_and_stored_composed() -> None:
    assert check_sku("e\u0301" * 50, "any") == "é" * 50
    with pytest.raises(InvalidValue):
        check_sku("e\u0301" * 51, "any")


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("007", "007"),
        ("e\u0301", "é"),
        ("a b", "a b"),
        ("\0", None),
        ("A" * 50, "A" * 50),
        ("A" * 51, None),
        ("e\u0301" * 50, "é" * 50),
        ("é" * 51, None),
        ("é\u202e", None),
        ("\udc80", None),
    ],
    ids=repr,
)
def test_a_typed_sku_is_looked_for_composed_or_not_at_all(typed: str, known: str | None) -> None:
    assert known_sku(typed) == known


@pytest.mark.parametrize("reason", ["sale", "0", "a-b", "s" * 32, "2026-stocktake"])
def test_a_reason_is_a_short_word(reason: str) -> None:
    assert check_reason(reason) == reason


@pytest.mark.parametrize(
    "reason", ["", "Sale", "-a", "a b", "a_b", "s" * 33, "é", "a\n", "٣", "\0"]
)
def test_a_reason_is_nothing_else(reason: str) -> None:
    with pytest.raises(InvalidValue):
        check_reason(reason)


def test_a_refused_reason_is_answered_by_one_that_would_do() -> None:
    with pytest.raises(InvalidValue, match=r"\(grosser-verlust would do\)"):
        check_reason("Großer Verlust!")


@pytest.mark.parametrize("field", TEXT_LIMITS)
def test_a_text_has_as_many_characters_as_its_field_keeps(field: str) -> None:
    limit = TEXT_LIMITS[field]
    assert check_text("é" * limit, field) == "é" * limit
    assert check_text("e\u0301" * limit, field) == "é" * limit
    with pytest.raises(InvalidValue) as caught:
        check_text("x" * (limit + 1), field)
    assert caught.value.details["field"] == field
    assert str(limit) in caught.value.message


def test_the_limits_are_those_of_the_contract() -> None:
    limits = {"name": 255, "description": 1000, "ref": 200, "actor": 200, "note": 1000}
    assert limits.items() <= TEXT_LIMITS.items()
    assert TEXT_LIMITS["idempotency key"] == 200


@pytest.mark.parametrize("bad", [*CONTROLS, *BIDI, "\udc80"], ids=ascii)
@pytest.mark.parametrize("field", TEXT_LIMITS)
def test_no_text_holds_what_acts_on_a_terminal_or_hides(field: str, bad: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_text(f"a{bad}b", field)
    assert printable(caught.value.message) == caught.value.message


@pytest.mark.parametrize("inside", ["\n", "\t", "\u2028", "\u2029"], ids=ascii)
@pytest.mark.parametrize("field", TEXT_LIMITS)
def test_only_description_and_note_have_lines(field: str, inside: str) -> None:
    text = f"a{inside}b"
    if field in ("description", "note"):
        assert check_text(text, field) == text
    else:
        with pytest.raises(InvalidValue):
            check_text(text, field)


@pytest.mark.parametrize(
    "char", [ZWJ, ZWNJ, LRM, RLM, "\u00a0", "\ufeff", "👩\u200d🔬", "=", "[/b]", "'"]
)
@pytest.mark.parametrize("field", TEXT_LIMITS)
def test_joiners_marks_and_signs_are_text(field: str, char: str) -> None:
    assert check_text(f"a{char}b", field) == f"a{char}b"


@pytest.mark.parametrize("name", ["", " ", "  ", "\u00a0", "\u3000 "])
def test_a_name_says_something(name: str) -> None:
    with pytest.raises(InvalidValue, match="is empty"):
        check_text(name, "name")


def test_an_optional_text_that_is_empty_is_null() -> None:
    assert optional_text("", "description") is None
    assert optional_text(None, "description") is None


@given(st.text(max_size=300))
def test_what_is_stored_is_composed_and_stored_again_as_it_is(text: str) -> None:
    try:
        stored = check_text(text, "name")
    except InvalidValue:
        return
    assert stored == unicodedata.normalize("NFC", text)
    assert check_text(stored, "name") == stored


@given(st.text(max_size=60), st.sampled_from(["strict", "any"]))
def test_a_sku_that_is_made_is_found_again_by_every_spelling(text: str, rule: str) -> None:
    try:
        made = check_sku(text, rule)
    except InvalidValue:
        return
    assert check_sku(made, rule) == made
    assert known_sku(text) == known_sku(made) == made
    assert known_sku(unicodedata.normalize("NFD", text)) == made


@given(st.text(st.characters(codec=None, categories=None)))
def test_what_is_shown_can_do_nothing(text: str) -> None:
    shown = printable(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert printable(shown) == shown


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        *((text, True) for text in ("true", "True", "TRUE", "1", "yes")),
        *((text, False) for text in ("false", "FALSE", "0", "no")),
    ],
)
def test_a_truth_is_a_word(text: str, truth: bool) -> None:
    assert parse_boolean(text, "archived") is truth


@pytest.mark.parametrize("text", ["", "on", "y", "2", "wahr", "true false"])
def test_a_truth_is_no_other_word(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_boolean(text, "archived")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("0", 0.0), ("5", 5.0), ("0.25", 0.25), ("60", 60.0), ("2147483", 2147483.0)),
        # As many milliseconds as fit in 31 bits: SQLite took more for none, a server refused them.
        *(("2147484", FOR_EVER), ("4294968", FOR_EVER), ("9" * 400, FOR_EVER)),
    ],
)
def test_a_length_of_time_is_a_number(text: str, seconds: float) -> None:
    assert parse_seconds(text, "--timeout") == seconds


@pytest.mark.parametrize("text", ["", "-1", "1e3", "inf", "nan", "٣", ".5", "5.", "5s"])
def test_a_length_of_time_is_nothing_else(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_seconds(text, "--timeout")
