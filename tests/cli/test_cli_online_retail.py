"""A shop's real year of sales: imported, applied, repeated, and refused at one bad line."""

from pathlib import Path

import pytest
from shop import DATA, Shop

TEN = DATA / "online-retail-10k"
YEAR = DATA / "online-retail"
TOTAL = "SELECT sum(quantity), count(*) FROM product"

needs_data = pytest.mark.skipif(
    not (TEN.is_dir() and YEAR.is_dir()), reason=f"the real data is not at {DATA}"
)
pytestmark = needs_data


def test_ten_thousand_lines_are_applied_once_and_the_products_stay_as_they_are(
    shop: Shop,
) -> None:
    imported = shop.run("product", "import", TEN / "products.csv", "--json")
    assert imported.code == 0
    (made,) = imported.records
    assert (made["created"], made["updated"], made["unchanged"]) == (1988, 0, 0)
    key = ("--idempotency-key", "2010-12")
    applied = shop.json("stock", "apply", TEN / "movements.csv", *key)
    assert (applied["lines"], applied["movements"]) == (10000, 10000)
    assert shop.query(TOTAL) == [(10734, 1988)]
    shop.check_books()
    assert shop.query("SELECT count(DISTINCT operation_id) FROM movement") == [(2,)]

    again = shop.json("stock", "apply", TEN / "movements.csv", *key)
    assert again == {**applied, "replayed": True}
    assert shop.query(TOTAL) == [(10734, 1988)]

    before = shop.query("SELECT * FROM product ORDER BY id")
    reimported = shop.run("product", "import", TEN / "products.csv", "--json")
    assert reimported.code == 0
    (kept,) = reimported.records
    counts = [kept[name] for name in ("created", "updated", "unchanged", "movements")]
    assert counts == [0, 0, 1988, 0]
    opened = shop.query(
        "SELECT count(*) FROM product WHERE quantity <> (SELECT coalesce(sum(delta), 0)"
        " FROM movement WHERE product_id = product.id AND operation_id = 1)"
    )
    assert [(kept["quantity_kept"],)] == opened
    assert kept["quantity_kept"] > 0
    assert "warning" in reimported.stderr
    assert shop.query("SELECT * FROM product ORDER BY id") == before


def test_one_bad_line_of_ten_thousand_leaves_nothing_behind_and_is_named(shop: Shop) -> None:
    assert shop.run("product", "import", TEN / "products.csv", "-q").code == 0
    lines = (TEN / "movements.csv").read_text().splitlines(keepends=True)
    cells = lines[9998].split(",")
    spoilt = shop.file(
        "spoilt.csv", "".join([*lines[:9998], f"{cells[0]},3.0,sale,,\n", *lines[9999:]])
    )
    error = shop.refuses(6, "stock", "apply", spoilt)
    assert error["details"]["error_count"] == 1
    (fault,) = error["details"]["errors"]
    told = {name: fault[name] for name in ("line", "column", "value", "code")}
    assert told == {"line": 9999, "column": "delta", "value": "3.0", "code": "invalid_data"}
    oversold = shop.file(
        "oversold.csv", "".join([*lines[:9998], f"{cells[0]},-999999,sale,,\n", *lines[9999:]])
    )
    error = shop.refuses(6, "stock", "apply", oversold)
    assert error["details"]["errors"][0]["line"] == 9999
    assert error["details"]["errors"][0]["code"] == "insufficient_stock"


@pytest.mark.sweep
def test_the_whole_year_ends_at_283860(shop: Shop) -> None:
    imported = shop.run("product", "import", YEAR / "products.csv.gz", "--json")
    assert imported.code == 0
    assert imported.records[0]["created"] == 3958
    applied = shop.json("stock", "apply", YEAR / "movements.csv.gz")
    assert (applied["lines"], applied["movements"]) == (541909, 541909)
    assert shop.query(TOTAL) == [(283860, 3958)]
    listed = shop.run("product", "list", "--columns", "quantity", "--no-header")
    assert (listed.code, listed.stderr) == (0, "")
    assert sum(map(int, listed.stdout.split())) == 283860


def test_a_pipeline_of_real_files_needs_no_regular_one(shop: Shop) -> None:
    products, movements = Path(YEAR / "products.csv.gz"), Path(TEN / "movements.csv")
    script = (
        f"set -o pipefail; zcat '{products}' | invctl product import - -q"
        f" && head -101 '{movements}' | invctl stock apply - --json | jq .movements"
    )
    result = shop.bash(script)
    assert (result.code, result.stdout, result.stderr) == (0, "100\n", "")
