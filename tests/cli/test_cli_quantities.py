"""Quantities and amounts: plain decimal digits, within 2^53−1, and nothing that only looks so."""

import pytest
from shop import MAX, Shop

NO_NUMBERS = {
    "fraction": "3.0",
    "underscore": "1_0",
    "blanks": " 3 ",
    "plus": "+3",
    "exponent": "3e2",
    "arabic": "٣",
    "empty": "",
    "400 digits": "9" * 400,
    "2^53": str(MAX + 1),
    "surrogate": b"3\xff",
}


@pytest.mark.parametrize("text", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_an_amount_in_anything_but_plain_digits_is_a_usage_error(
    stocked: Shop, text: str | bytes
) -> None:
    error = stocked.refuses(2, "stock", "add", "A-1", text)
    assert error["code"] == "usage"
    assert error["message"].isprintable()


@pytest.mark.parametrize(
    "command",
    [
        ("stock", "remove", "A-1", "3.0"),
        ("stock", "remove", "A-1", "0"),
        ("stock", "add", "A-1", "0"),
        ("stock", "set", "A-1", "٣"),
        ("stock", "set", "A-1", str(MAX + 1)),
        ("stock", "set", "A-1", "4", "--expect", "1_0"),
        ("stock", "set", "A-1", "4", "--expect", "-3"),
        ("product", "create", "C-1", "--name", "x", "--quantity", "-3"),
        ("product", "create", "C-1", "--name", "x", "--quantity", ""),
        ("product", "create", "C-1", "--name", "x", "--reorder-point", "+3"),
    ],
    ids=lambda command: " ".join(command)[:50],
)
def test_every_quantity_keeps_the_rule(stocked: Shop, command: tuple[str, ...]) -> None:
    assert stocked.refuses(2, *command)["code"] == "usage"


@pytest.mark.parametrize("dashes", [(), ("--",)], ids=["plain", "after --"])
@pytest.mark.parametrize("amount", ["-3", "-" + "9" * 400], ids=lambda text: text[:18])
@pytest.mark.parametrize(("verb", "other"), [("add", "remove"), ("remove", "add")])
def test_a_negative_amount_is_a_usage_error_that_names_the_other_verb(
    stocked: Shop, verb: str, other: str, amount: str, dashes: tuple[str, ...]
) -> None:
    error = stocked.refuses(2, "stock", verb, *dashes, "A-1", amount)
    assert error["code"] == "usage"
    assert f"stock {other}" in error["message"] + (error["hint"] or "")


@pytest.mark.parametrize("dashes", [(), ("--",)], ids=["plain", "after --"])
def test_a_negative_count_is_a_usage_error(stocked: Shop, dashes: tuple[str, ...]) -> None:
    assert stocked.refuses(2, "stock", "set", *dashes, "A-1", "-3")["code"] == "usage"


def test_the_largest_balance_is_exact_in_every_format(stocked: Shop) -> None:
    stocked.json("stock", "set", "A-1", str(MAX))
    assert stocked.json("product", "show", "A-1")["quantity"] == MAX
    shown = ("product", "show", "A-1", "--columns", "quantity", "--no-header")
    assert stocked.run(*shown, "-o", "csv").stdout == f"{MAX}\n"
    assert str(MAX) in stocked.run(*shown, "-o", "table").stdout
    assert stocked.refuses(4, "stock", "add", "A-1", "1")["details"]["reason"] == "limit"


def test_leading_zeros_are_digits_too(stocked: Shop) -> None:
    assert stocked.json("stock", "add", "A-1", "007")["delta"] == 7


def test_a_file_can_spell_no_quantity_that_an_argument_cannot(stocked: Shop) -> None:
    spelled = [
        *("3.0", "1_0", "+3", "3e2", "0x3", "٣", "３", "³", "three", "inf", "nan", "-3", "0"),
        *("\x1b[31m3", "9" * 400, "1" + "0" * 9999, str(MAX + 1), str(2**64), "3 000"),
    ]
    lines = "sku,action,amount\n" + "".join(f"A-1,add,{text}\n" for text in spelled)
    error = stocked.refuses(6, "stock", "apply", "-", stdin=lines)
    assert error["details"]["error_count"] == len(spelled)
    told = [(fault["line"], fault["column"]) for fault in error["details"]["errors"]]
    assert told == [(line, "amount") for line in range(2, len(spelled) + 2)]
