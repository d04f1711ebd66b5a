"""What people do standing up: count sheets, recipes and codes, on the command line."""

import pytest
from shop import Shop

EAN = "4006381333931"


def test_a_sheet_is_filled_in_and_taken_back(stocked: Shop) -> None:
    made = stocked.run("stock", "sheet", "sheet.csv")
    assert (made.code, made.stdout, made.stderr) == (0, "", "invctl: wrote 2 rows to sheet.csv\n")
    assert stocked.run("stock", "sheet").stderr == ""
    sheet = (stocked.root / "sheet.csv").read_text()
    assert sheet == "sku,name,counted,counted_at,place,lot,note\nA-1,Widget,,,,,\nB-1,Gadget,,,,,\n"
    again = stocked.run("stock", "sheet", "sheet.csv")
    assert (again.code, again.stdout) == (4, "")
    filled = stocked.file("filled.csv", sheet.replace("A-1,Widget,,", "A-1,Widget,8,"))
    dry = stocked.run("stock", "count", filled, "--dry-run", "--lines", "-o", "csv")
    assert (dry.code, dry.stdout) == (
        0,
        "line,sku,delta,quantity,before,counted\n2,A-1,-2,8,10,8\n",
    )
    assert "a dry run, nothing happened" in dry.stderr
    done = stocked.json("stock", "count", filled)
    assert list(done) == ["operation", "lines", "movements", "products", "replayed", "dry_run",
                          "times"]  # fmt: skip
    assert (done["lines"], done["movements"]) == (1, 1)
    told = stocked.run("stock", "count", filled, "-o", "table")
    assert told.stdout.startswith("1 count: 0 products differed from the book, ")


def test_a_complete_count_asks_first_and_says_how_many(stocked: Shop) -> None:
    counts = stocked.file("counts.csv", "sku,counted\nB-1,0\n")
    asked = stocked.run("stock", "count", counts, "--complete")
    assert (asked.code, asked.stdout) == (7, "")
    assert "count 1 product as 0 that the file does not name: A-1" in asked.stderr
    done = stocked.run("stock", "count", counts, "--complete", "--yes", "--json")
    assert (done.code, done.records[0]["movements"]) == (0, 1)
    assert done.stderr == "invctl: counts 1 product as 0 that the file does not name: A-1\n"


def test_a_retry_of_a_complete_count_asks_and_says_nothing_of_what_came_since(
    stocked: Shop,
) -> None:
    counts = stocked.file("counts.csv", "sku,counted\nB-1,0\n")
    count = ("stock", "count", counts, "--complete", "--idempotency-key", "k", "--json")
    first = stocked.run(*count, "--yes")
    stocked.json("stock", "add", "A-1", "1", "--to", "VAN", "-q")
    again = stocked.run(*count)
    assert (again.code, again.stderr) == (0, "")
    assert again.records == [{**first.records[0], "replayed": True}]


@pytest.mark.parametrize("percent", ["20", "20%", "19.9"])
def test_a_slip_is_refused_by_its_line(stocked: Shop, percent: str) -> None:
    counts = stocked.file("counts.csv", "sku,counted\nA-1,8\n")
    done = stocked.run("stock", "count", counts, "--max-change", percent, "--json")
    assert done.code == (6 if percent == "19.9" else 0), done.stderr
    assert ("take it by a larger --max-change" in done.stderr) is (percent == "19.9")


def test_a_bill_of_materials_fits_so_many_times(stocked: Shop) -> None:
    stocked.run("code", "add", "A-1", EAN, "--units", "3")
    bill = stocked.file("bom.csv", f"sku,delta\nA-1,-1\n{EAN},-1\n")
    fits = stocked.json("stock", "fits", bill)
    assert fits == {"times": 2, "limited_by": [{"sku": "A-1", "available": 10, "per": 4}]}
    shown = stocked.run("stock", "fits", bill, "-o", "table").stdout.splitlines()
    assert [line.split() for line in shown] == [
        ["times", "2"],
        ["Limited", "by", "Available", "Each", "time"],
        ["A-1", "10", "4"],
    ]
    done = stocked.json("stock", "apply", bill, "--times", "max")
    assert (done["times"], done["movements"]) == (2, 2)
    stocked.refuses(5, "stock", "apply", bill, "--times", "max")
    assert stocked.run("stock", "apply", bill, "--times", "2", "--each").code == 2


def test_a_recipe_is_told_nothing_that_it_cannot_have_and_who_only_reads_of_no_change(
    stocked: Shop,
) -> None:
    said = "--defaults action=remove, or add, says it of all lines without one"
    bill = stocked.file("bom.csv", "sku,amount\nA-1,1\n")
    assert stocked.fails(6, "stock", "fits", bill)["hint"] == said
    hint = stocked.refuses(6, "stock", "apply", bill, "--times", "2")["hint"]
    assert hint == f"nothing was changed: {said}"
    bill = stocked.file("bom.csv", "sku,Counted\nA-1,1\n")
    hint = stocked.fails(6, "stock", "fits", bill)["hint"]
    assert "--defaults 'action=…'" in hint
    assert "the action is add or remove;" in hint


def test_a_sentence_tells_how_many_units_were_scanned(stocked: Shop) -> None:
    added = stocked.run("code", "add", "A-1", EAN, "--units", "3", "-o", "table")
    assert added.stdout == f"{EAN} means 3 units of A-1 (operation 3)\n"
    again = stocked.run("code", "add", "A-1", EAN, "--units", "3", "-o", "table", "--dry-run")
    assert again.stdout.startswith(f"{EAN}: unchanged, it means 3 units of A-1 (operation 4)")
    told = {
        ("remove", EAN, "2"): "A-1: 10 → 4 (removed 6 = 2 × 3, operation 4)",
        ("add", f"0{EAN}", "1"): "A-1: 4 → 7 (added 3 = 1 × 3, operation 5)",
        ("set", EAN, "3"): "A-1: 7 → 9 (added 2, counted 9 = 3 × 3, operation 6)",
        ("remove", EAN, "99", "--up-to"): "A-1: 9 → 0 (removed 9, operation 7)",
    }
    for command, sentence in told.items():
        assert stocked.run("stock", *command, "-o", "table").stdout == f"{sentence}\n"


def test_codes_are_imported_listed_and_removed(stocked: Shop) -> None:
    codes = stocked.file("codes.csv", f"SKU;EAN;Units\nA-1;{EAN};6\na-1;BOX;\n")
    imported = stocked.run("code", "import", codes, "--json")
    assert (imported.code, "read 'EAN' as code" in imported.stderr) == (0, True), imported.stderr
    [done] = imported.records
    assert (done["created"], done["updated"], done["movements"]) == (2, 0, 0)
    assert stocked.json("code", "list", EAN) == [
        {"code": EAN, "sku": "A-1", "units": 6},
        {"code": "BOX", "sku": "A-1", "units": 1},
    ]
    removed = stocked.json("code", "remove", "box")
    assert list(removed.items())[:4] == [
        ("code", "BOX"), ("sku", "A-1"), ("units", 1), ("operation", 4),
    ]  # fmt: skip
    stocked.refuses(3, "code", "remove", "box")
    error = stocked.refuses(4, "undo", "3")
    assert error["details"]["reason"] == "nothing_to_undo"
    assert error["hint"] == "`invctl code add` and `invctl code remove` say what a code means"
    taken = stocked.refuses(4, "product", "create", EAN, "--name", "x")
    assert taken["details"]["reason"] == "exists"
