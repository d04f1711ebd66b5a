"""SKUs: what may be made under each rule, and how one that is not there is answered."""

import json

import pytest
from shop import Shop

NOT_STRICT = {
    "lower case": "tshirt",
    "underscore": "T_1",
    "blank": "T 1",
    "umlaut": "Ä-1",
    "emoji": "😀",
    "newline at the end": "A\n",
    "51 characters": "A" * 51,
    "empty": "",
    "escape": "A\x1b[0m",
    "surrogate": b"A\xff",
    "bidi": "A\u202eB",
}


@pytest.mark.parametrize("sku", NOT_STRICT.values(), ids=NOT_STRICT)
def test_the_strict_rule_refuses_a_new_sku_and_leaves_no_database(
    shop: Shop, sku: str | bytes
) -> None:
    error = shop.fails(2, "product", "create", sku, "--name", "x")
    assert error["code"] == "usage"
    assert error["message"].isprintable()
    assert not shop.db.exists()


@pytest.mark.parametrize("sku", ["A_1", "a-1", "A 1", "-A"])
def test_the_new_sku_of_a_rename_keeps_the_rule(stocked: Shop, sku: str) -> None:
    error = stocked.refuses(2, "product", "rename", "--", "A-1", sku)
    assert error["code"] == "usage"


def test_who_renames_by_a_name_with_blanks_is_told_how_that_is_changed(stocked: Shop) -> None:
    error = stocked.refuses(2, "product", "rename", "A-1", "Red widget")
    assert error["hint"] == "`invctl product update A-1 --name 'Red widget'` names it so"


@pytest.mark.parametrize(
    ("sku", "told"), [("T_1", "_"), ("T-1é", "é"), ("-A", "-"), ("T 1", "' '")]
)
def test_a_refused_sku_is_told_which_character_it_is(shop: Shop, sku: str, told: str) -> None:
    error = shop.fails(2, "product", "create", "--name", "x", "--", sku)
    assert told in error["message"]


def test_a_sku_is_text_however_much_it_looks_like_a_number(shop: Shop) -> None:
    rows = f"sku,name\n007,Bond\n0,zero\n1E5,float\n{'A' * 50},longest\nA-,dash\n"
    assert shop.run("product", "import", "-", stdin=rows).code == 0
    found = [p["sku"] for p in shop.json("product", "list")]
    assert found == ["0", "007", "1E5", "A-", "A" * 50]
    assert shop.json("product", "show", "007")["name"] == "Bond"
    assert shop.fails(3, "product", "show", "7")["code"] == "not_found"


@pytest.mark.parametrize(
    "sku", ["A 1", "A" * 51, "", b"A-1\xff", "A-1\x1b", "A\u202e-1", "😀", "%"]
)
def test_what_can_be_no_sku_is_simply_not_found(stocked: Shop, sku: str | bytes) -> None:
    error = stocked.refuses(3, "stock", "add", sku, "1")
    assert error["code"] == "not_found"


def test_the_nearest_sku_is_a_hint_and_never_a_guess(stocked: Shop) -> None:
    stocked.json("product", "rename", "A-1", "TSHIRT-RED-L")
    told = stocked.run("stock", "remove", "TSHIRT-RED-M", "3")
    assert (told.code, told.stdout) == (3, "")
    assert "did you mean TSHIRT-RED-L?" in told.stderr


def test_the_any_rule_takes_the_skus_of_real_shops_exactly(tolerant: Shop) -> None:
    skus = [
        *("cc-tee", "MH01-XS-Black", "BANK CHARGES", "a/b.c_d,e", '"quoted"', "[/b]", "007"),
        *("Größe", "尺寸", "👩\u200d🔧", "é" * 50),
    ]
    rows = "".join(json.dumps({"sku": sku, "name": "x"}) + "\n" for sku in skus)
    assert tolerant.run("product", "import", "-", stdin=rows).code == 0
    assert [p["sku"] for p in tolerant.json("product", "list")] == sorted(skus)
    added = "".join(json.dumps({"sku": sku, "delta": 3}) + "\n" for sku in skus)
    assert tolerant.run("stock", "apply", "-", stdin=added).code == 0
    assert tolerant.json("stock", "remove", "BANK CHARGES", "1")["quantity"] == 2
    assert tolerant.json("stock", "remove", "👩\u200d🔧", "1")["sku"] == "👩\u200d🔧"


NOT_ANY = ["a\tb", "a\x1b", "a\u202eb", "a\u2066b", "é" * 51, "-a", "a\0b"]


def test_the_any_rule_has_its_limits_in_a_file(tolerant: Shop) -> None:
    rows = "".join(json.dumps({"sku": sku, "name": "x"}) + "\n" for sku in NOT_ANY)
    error = tolerant.refuses(6, "product", "import", "-", stdin=rows)
    told = [(fault["line"], fault["column"]) for fault in error["details"]["errors"]]
    assert told == [(line, "sku") for line in range(1, len(NOT_ANY) + 1)]


@pytest.mark.parametrize("sku", [" a", "a\u202eb", "é" * 51, "", b"a\xff"], ids=ascii)
def test_the_any_rule_has_its_limits_on_the_command_line(tolerant: Shop, sku: str | bytes) -> None:
    error = tolerant.refuses(2, "product", "create", sku, "--name", "x")
    assert error["code"] == "usage"


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('"4,00638E+12"', "a spreadsheet has rounded"),
        ("02-Jan", "a date that a spreadsheet has made"),
        ("02. Mrz", "a date that a spreadsheet has made"),
        ('"=""00123"""', "a spreadsheet's formula"),
        ("#N/A", "a formula that failed"),
        ("#BEZUG!", "a formula that failed"),
        ("Err:502", "a formula that failed"),
    ],
)
def test_what_a_spreadsheet_has_made_of_a_sku_is_no_new_one(
    tolerant: Shop, cell: str, told: str
) -> None:
    file = tolerant.file("products.csv", f"sku,name\n#NAVY,Sock\n{cell},Shirt\n")
    (line,) = tolerant.refuses(6, "product", "import", file)["details"]["errors"]
    assert (line["line"], line["column"], told in line["message"]) == (3, "sku", True)


def test_no_rule_takes_a_leading_dash(tolerant: Shop) -> None:
    assert tolerant.refuses(2, "product", "create", "--name", "x", "--", "-a")["code"] == "usage"


def test_a_sku_is_kept_and_found_in_nfc_and_matched_by_case(tolerant: Shop) -> None:
    made = tolerant.json("product", "create", "Cafe\u0301", "--name", "x")
    assert made["sku"] == "Caf\u00e9"
    assert tolerant.json("product", "show", "Cafe\u0301")["sku"] == "Caf\u00e9"
    assert tolerant.json("stock", "add", "Caf\u00e9", "1")["quantity"] == 1
    assert tolerant.fails(3, "product", "show", "caf\u00e9")["code"] == "not_found"
    error = tolerant.fails(4, "product", "create", "Caf\u00e9", "--name", "y")
    assert error["details"]["reason"] == "exists"


def test_the_rule_is_chosen_once(stocked: Shop) -> None:
    error = stocked.refuses(4, "init", "--sku-rule", "any")
    assert (error["code"], error["details"]["reason"]) == ("conflict", "sku_rule")
    assert stocked.run("init", "--sku-rule", "strict").code == 0
    assert stocked.refuses(2, "init", "--sku-rule", "loose")["code"] == "usage"
    assert stocked.json("db", "info")["sku_rule"] == "strict"


@pytest.mark.parametrize("sku", ["a-1", "A-1 ", " a-1\r\n"], ids=ascii)
def test_case_and_blanks_around_a_sku_mean_the_same_under_the_strict_rule(
    stocked: Shop, sku: str
) -> None:
    assert stocked.json("stock", "add", sku, "1")["sku"] == "A-1"
    key = ("--idempotency-key", "k")
    first = stocked.json("stock", "remove", sku, "2", *key)
    assert stocked.json("stock", "remove", "A-1", "2", *key) == {**first, "replayed": True}
