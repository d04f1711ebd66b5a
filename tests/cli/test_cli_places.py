"""Places and lots as people and scripts see them."""

import pytest
from shop import Shop, error_of

FAR = "2042-06-01"


@pytest.fixture
def fridge(stocked: Shop) -> Shop:
    """A-1 in the shop's inventory, three of it in the FRIDGE of a lot, two in the VAN."""
    stocked.json("stock", "add", "A-1", "3", "--to", "FRIDGE", "--expires", FAR, "-q")
    stocked.json("stock", "add", "A-1", "2", "--to", "VAN", "-q")
    return stocked


def test_where_tells_pots_and_what_is_in_no_place(fridge: Shop) -> None:
    quantity = fridge.json("product", "show", "A-1")["quantity"]
    rows = fridge.json("stock", "where", "A-1")
    assert [tuple(row.values())[2:] for row in rows] == [
        ("FRIDGE", FAR, FAR, 3), ("VAN", None, None, 2), (None, None, None, quantity - 5),
    ]  # fmt: skip
    assert list(rows[0]) == ["sku", "name", "place", "lot", "expires_on", "quantity"]
    found = fridge.run("stock", "where", "--expiring", "9999w", "--exit-code", "-o", "csv")
    assert (found.code, found.stdout.splitlines()[1].split(",")[2]) == (8, "FRIDGE")
    none = fridge.run("stock", "where", "--expiring", "1d", "--exit-code", "--json")
    assert (none.code, none.stdout) == (0, "[]\n")
    gone = fridge.run("--json", "stock", "where", "--place", "ATTIC")
    assert error_of(gone, 3)["code"] == "not_found"


@pytest.mark.parametrize("command", ["stock where", "product show"])
def test_a_table_of_what_lies_where_marks_what_has_expired(fridge: Shop, command: str) -> None:
    fridge.run("stock", "add", "A-1", "1", "--to", "VAN", "--expires", "2020-01-31")
    shown = fridge.run(*command.split(), "A-1", "-o", "table", "--color", "never").stdout
    assert [line.split()[-3:] for line in shown.splitlines() if line.endswith("expired")] == [
        ["2020-01-31", "1", "expired"]
    ]
    colored = fridge.run(*command.split(), "A-1", "-o", "table", "--color", "always").stdout
    assert "\x1b[1;31mexpired\x1b[0m" in colored


def test_a_removal_that_names_no_place_says_where_the_units_are(fridge: Shop) -> None:
    error = error_of(fridge.run("--json", "stock", "remove", "A-1", "99999"), 5)
    assert error["code"] == "insufficient_stock"
    assert [tuple(one.values()) for one in error["details"]["places"]] == [
        ("FRIDGE", FAR, FAR, 3), ("VAN", None, None, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("stock remove A-1 4 --from any", f"3 of A-1 from FRIDGE ({FAR}), 1 of A-1 from VAN"),
        ("stock remove A-1 2 --from FRIDGE", f"2 of A-1 from FRIDGE ({FAR})"),
        ("hold commit --ref ANN", f"3 of A-1 from FRIDGE ({FAR}), 1 of A-1 from VAN"),
        ("stock remove A-1 2 --from VAN", None),
        (f"stock remove A-1 2 --from FRIDGE --lot {FAR}", None),
        ("stock remove A-1 2", None),
        ("stock remove A-1 4 --from any --dry-run", None),
    ],
)
def test_people_are_told_where_units_were_taken_that_was_not_said(
    fridge: Shop, words: str, taken: str | None
) -> None:
    fridge.json("hold", "create", "A-1", "4", "--ref", "ANN")
    done = fridge.run(*words.split(), "-o", "table")
    assert (done.code, done.stderr) == (0, f"invctl: taken: {taken}\n" if taken else "")


def test_programs_are_not_told_what_their_records_tell(fridge: Shop) -> None:
    done = fridge.run("--json", "stock", "remove", "A-1", "4", "--from", "any")
    assert (done.code, done.stderr) == (0, "")


def test_a_new_place_is_said_on_standard_error(fridge: Shop) -> None:
    done = fridge.run("stock", "move", "A-1", "1", "--from", "VAN", "--to", "CELLAR/BOX")
    assert done.code == 0
    assert "made the place CELLAR/BOX" in done.stderr
    names = [row["place"] for row in fridge.json("place", "list")]
    assert names == ["CELLAR", "CELLAR/BOX", "FRIDGE", "VAN"]
    refused = error_of(fridge.run("--json", "place", "remove", "CELLAR"), 4)
    assert refused["details"]["reason"] == "not_empty"


USAGE = {
    "a lot of no place": "stock add A-1 1 --lot L",
    "a date of no place": "stock add A-1 1 --expires 2030-01-01",
    "no date": "stock add A-1 1 --to VAN --expires 2030-02-30",
    "into any": "stock add A-1 1 --to any",
    "no end": "stock move A-1 1",
    "from any": "stock move A-1 1 --from any --to VAN",
    "to itself": "stock move A-1 1 --from VAN --to VAN",
    "an empty name": "stock remove A-1 1 --from=",
    "scans from a place and of one": "stock scan --from VAN --place VAN",
    "scans of any": "stock scan --place any",
    "a count of any": "stock count x.csv --place any",
    "all holds of a place": "hold commit --ref R --from VAN",
}


@pytest.mark.sqlite("it opens none")
@pytest.mark.parametrize("line", USAGE.values(), ids=USAGE)
def test_what_makes_no_sense_is_a_usage_error(stocked: Shop, line: str) -> None:
    done = stocked.run(*line.split())
    assert (done.code, done.stdout) == (2, "")


def test_a_file_moves_between_places_and_each_line_is_answered(fridge: Shop) -> None:
    text = "sku,action,amount,place,to_place\nA-1,move,2,FRIDGE,VAN\nA-1,move,2,FRIDGE,VAN\n"
    done = fridge.run("stock", "apply", "-", "--each", stdin=text)
    assert (done.code, len(done.records)) == (5, 2)
    assert done.records[0]["delta"] == 0
    assert done.records[1]["error"]["details"]["places"][0]["place"] == "FRIDGE"


def test_the_page_of_a_product_shows_its_places_to_people_alone(fridge: Shop) -> None:
    page = fridge.run("product", "show", "A-1", "-o", "table").stdout
    assert "FRIDGE  2042-06-01  2042-06-01         3\n" in page
    assert "FRIDGE" not in fridge.run("product", "show", "A-1", "--json").stdout
    assert "Place" not in fridge.run("product", "show", "B-1", "-o", "table").stdout


def test_a_stocktake_goes_from_the_sheet_of_a_place_to_a_count_of_it(fridge: Shop) -> None:
    fridge.run("stock", "add", "B-1", "4", "--to", "VAN/BOX")
    sheet = fridge.run("stock", "sheet", "--place", "VAN")
    head = "sku,name,counted,counted_at,place,lot,note\n"
    assert (sheet.code, sheet.stderr) == (0, "")
    assert sheet.stdout == f"{head}A-1,Widget,,,VAN,,\nB-1,Gadget,,,VAN/BOX,,\n"
    whole = fridge.run("stock", "sheet", "--columns", "sku,place,lot", "--no-header").stdout
    assert whole == f"A-1,FRIDGE,{FAR}\nA-1,VAN,\nA-1,,\nB-1,VAN/BOX,\n"
    filled = fridge.file("filled.csv", f"{head}A-1,Widget,1,,VAN,,\n")
    complete = ("stock", "count", filled, "--place", "VAN", "--complete")
    asked = fridge.run(*complete)
    assert (asked.code, asked.stdout) == (7, "")
    assert (
        "count 1 row of the sheet of VAN as 0 that the file does not name: B-1 in VAN/BOX"
        in asked.stderr
    )
    rehearsed = fridge.run(*complete, "--yes", "--dry-run", "--lines", "-o", "csv")
    before = fridge.json("product", "show", "A-1")["quantity"]
    assert rehearsed.stdout == (
        f"line,sku,delta,quantity,before,counted\n2,A-1,-1,{before - 1},{before},1\n"
    )
    done = fridge.run(*complete, "--yes", "-o", "table")
    assert done.stdout.startswith("1 count: 2 products differed from the book, ")
    assert [row["quantity"] for row in fridge.json("stock", "where", "--place", "VAN")] == [1]
    fridge.json("undo", "--last")
    assert [row["quantity"] for row in fridge.json("stock", "where", "--place", "VAN")] == [2, 4]


def test_a_count_that_says_no_place_is_refused_where_there_are_some(fridge: Shop) -> None:
    counts = fridge.file("counts.csv", "sku,counted\nA-1,9\n")
    error = error_of(fridge.run("--json", "stock", "count", counts), 6)
    assert [(one["line"], one["code"]) for one in error["details"]["errors"]] == [(2, "conflict")]
    for yes in ([], ["--yes"]):
        error = error_of(fridge.run("--json", "stock", "count", counts, "--complete", *yes), 4)
        assert error["details"]["reason"] == "placed"
    outside = fridge.file("outside.csv", "sku,counted,place\nA-1,9,VAN\n")
    error = error_of(fridge.run("--json", "stock", "count", outside, "--place", "FRIDGE"), 6)
    assert [(one["line"], one["column"]) for one in error["details"]["errors"]] == [(2, "place")]


def test_a_sheet_of_no_place_writes_nothing(fridge: Shop) -> None:
    done = fridge.run("stock", "sheet", "s.csv", "--place", "ATTIC")
    assert (done.code, done.stdout) == (3, "")
    assert "there is no place ATTIC" in done.stderr
    assert not (fridge.root / "s.csv").exists()


def test_a_place_that_others_are_only_inside_is_not_called_unknown(fridge: Shop) -> None:
    fridge.run("stock", "add", "A-1", "1", "--to", "CELLAR/BOX")
    done = fridge.run("stock", "move", "A-1", "1", "--from", "CELLAR", "--to", "VAN")
    assert (done.code, done.stdout) == (3, "")
    assert done.stderr == (
        "invctl: error: nothing lies in CELLAR itself; inside it there is CELLAR/BOX\n"
    )


def test_of_a_place_that_has_a_product_further_inside_it_is_told_where(fridge: Shop) -> None:
    fridge.run("stock", "add", "B-1", "1", "--to", "CELLAR/BOX")
    for lot in ("L-1", "L-2"):
        fridge.run("stock", "add", "A-1", "1", "--to", "CELLAR/RACK", "--lot", lot)
    error = fridge.fails(3, "stock", "remove", "A-1", "1", "--from", "CELLAR")
    assert error["hint"] == "inside it there is CELLAR/RACK"


def test_a_recipe_without_places_tells_of_what_lies_in_some(fridge: Shop) -> None:
    fridge.run("stock", "remove", "A-1", "9")
    bill = fridge.file("bom.csv", "sku,delta\nA-1,-2\n")
    fits = fridge.run("stock", "fits", bill, "--columns", "times", "--no-header")
    assert (fits.code, fits.stdout, fits.stderr) == (
        0,
        "0\n",
        "invctl: warning: what lies in places of A-1 is not counted, since no line names one; a "
        "column place does, or --defaults place=any\n",
    )
    assert fridge.json("stock", "fits", bill, "--defaults", "place=any")["times"] == 3


def test_a_recipe_tells_which_place_limits_it(fridge: Shop) -> None:
    bill = fridge.file("bom.csv", f"sku,delta,place,lot\nA-1,-2,FRIDGE,{FAR}\nB-1,1,,\n")
    assert fridge.json("stock", "fits", bill) == {
        "times": 1,
        "limited_by": [
            {"sku": "A-1", "available": 3, "per": 2, "place": "FRIDGE", "lot": FAR},
        ],
    }  # fmt: skip
    shown = fridge.run("stock", "fits", bill, "-o", "table").stdout.splitlines()
    assert [line.split() for line in shown[1:]] == [
        ["Limited", "by", "Available", "Each", "time", "Place", "Lot"],
        ["A-1", "3", "2", "FRIDGE", FAR],
    ]
    assert fridge.json("stock", "apply", bill, "--times", "max")["times"] == 1
    assert fridge.refuses(5, "stock", "apply", bill, "--times", "max")["details"]["places"]


def test_a_copy_holds_what_lies_where(fridge: Shop) -> None:
    fridge.run("stock", "remove", "A-1", "2", "--from", "VAN")  # an empty pot, too
    fridge.run("db", "copy", "copy.db")
    copied = ("--db", "copy.db")
    for asked in (("stock", "where"), ("place", "list"), ("stock", "log"), ("db", "check")):
        assert fridge.json(*copied, *asked) == fridge.json(*asked)
    moved = fridge.run(*copied, "stock", "move", "A-1", "3", "--from", "FRIDGE", "--to", "VAN")
    assert (moved.code, moved.stderr) == (0, "")


def test_a_scanner_is_told_the_place_and_places_have_codes(fridge: Shop) -> None:
    script = "INVCTL:PLACE:VAN\nA-1\nINVCTL:COUNT\n4*A-1\nINVCTL:PLACE:BOX\nA-1\nINVCTL:DONE\n"
    done = fridge.run("stock", "scan", "--mode", "remove", "--from", "any", stdin=script)
    assert done.code == 0
    assert done.records[0] == {"line": 1, "place": "VAN"}
    assert (done.records[1]["delta"], done.records[5]["counted"]) == (-1, 1)
    assert (done.records[6]["done"], done.records[6]["lines"]) == (True, 2)
    rows = fridge.json("stock", "where", "A-1")
    assert [(row["place"], row["quantity"]) for row in rows][:3] == [
        ("BOX", 1), ("FRIDGE", 3), ("VAN", 4),
    ]  # fmt: skip
    fridge.run("stock", "add", "A-1", "1", "--to", "VAN/LEFT")
    listed = fridge.run("stock", "scan", "--codes", "-", "--place", "VAN")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [
        "INVCTL:PLACE:VAN", "INVCTL:PLACE:VAN/LEFT",
    ]  # fmt: skip
    fridge.run("stock", "scan", "--codes", "van.svg", "--place", "VAN")
    assert (fridge.root / "van.svg").read_text().count("<path ") == 2
    fridge.run("stock", "add", "A-1", "1", "--to", "KÜHLRAUM")
    drawn = fridge.run("stock", "scan", "--codes", "cold.svg", "--place", "KÜHLRAUM")
    assert (drawn.code, "there are no bars" in drawn.stderr) == (2, True)
    assert fridge.fails(3, "stock", "scan", "--codes", "-", "--place", "ATTIC")


def test_what_was_counted_and_not_taken_is_told_with_its_place(fridge: Shop) -> None:
    held = fridge.json("product", "show", "A-1")["quantity"]
    fridge.run("hold", "create", "A-1", str(held))
    done = fridge.run("stock", "scan", "--mode", "count", "--place", "VAN", stdin="A-1\n")
    assert done.code == 6
    assert "counted and not taken: A-1 1 in VAN" in done.stderr


def test_a_file_is_held_so_many_times_wherever_its_units_lie(fridge: Shop) -> None:
    quantity = fridge.json("product", "show", "A-1")["quantity"]
    bill = fridge.file("hold.csv", "sku,amount\nA-1,4\n")
    [held] = fridge.json("hold", "create", "--file", bill, "--times", "3")
    assert (held["amount"], held["available"]) == (12, quantity - 12)
    error = fridge.refuses(6, "hold", "create", "--file", bill, "--times", "2")
    assert [one["code"] for one in error["details"]["errors"]] == ["insufficient_stock"]


def test_who_says_the_lot_is_not_told_to_say_it(shop: Shop) -> None:
    shop.json("product", "create", "M", "--name", "M", "-q")
    for stock in (("4", "--to", "C"), ("2", "--to", "C", "--lot", "L1")):
        shop.json("stock", "add", "M", *stock, "-q")
    assert shop.run("stock", "set", "M", "1", "--in", "C", "--lot", "L1").stderr == ""
    assert "--lot says which" in shop.run("stock", "set", "M", "3", "--in", "C").stderr
