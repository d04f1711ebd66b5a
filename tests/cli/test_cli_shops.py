"""Other programs' files as they are: loaded with --map, or refused with every reason."""

import json
from pathlib import Path

import pytest
from shop import DATA, Shop

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shops' sample files are not here")

WOO = "sku=SKU,name=Name,quantity=Stock,description=Short description"
SHOPIFY = "sku=Variant SKU,name=Title,quantity=Variant Inventory Qty"


@pytest.mark.parametrize(
    ("file", "headers", "created"),
    [
        ("magento2/products_gear_bags.csv", "quantity=qty", 14),
        ("magento2/products_gear_watches.csv", "quantity=qty", 9),
        ("magento2/configurable_products.csv", "quantity=qty", 1994),
        ("woo-classic-commerce/sample_products.csv", WOO, 24),
    ],
)
def test_a_shop_s_file_loads_by_its_own_headers(
    tolerant: Shop, file: str, headers: str, created: int
) -> None:
    load: list[str | Path] = ["product", "import", DATA / file, "--map", headers, "--ignore-extra"]
    first, again = (tolerant.run(*load, "--json") for _ in range(2))
    # A header that says the same in other words is read, and that is told.
    told = "invctl: read 'Low stock amount' as reorder_point\n" if headers == WOO else ""
    assert [(one.code, one.stderr) for one in (first, again)] == [(0, told)] * 2
    assert json.loads(first.out)["created"] == created
    counts = json.loads(again.out)
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (0, 0, created)


@pytest.mark.parametrize(
    ("file", "headers", "count"),
    [
        ("shopify/apparel.csv", SHOPIFY, 22),
        ("shopify/jewelery.csv", SHOPIFY, 41),
        ("woo-classic-commerce/importer_sample.csv", WOO, 4),
    ],
)
def test_rows_without_a_sku_are_each_named(
    tolerant: Shop, file: str, headers: str, count: int
) -> None:
    load: list[str | Path] = ["product", "import", DATA / file, "--map", headers, "--ignore-extra"]
    details = tolerant.refuses(6, *load)["details"]
    assert details["error_count"] == len(details["errors"]) == count
    assert {(one["column"], one["message"]) for one in details["errors"]} == {("sku", "is missing")}


def test_columns_that_nobody_asked_for_are_named_with_the_known_ones(tolerant: Shop) -> None:
    error = tolerant.refuses(6, "product", "import", DATA / "shopify" / "apparel.csv")
    assert "Handle" in [one["column"] for one in error["details"]["errors"]]
    assert "--ignore-extra" in error["hint"]
    assert "known columns are sku, name," in error["hint"]


def test_a_log_applied_to_the_same_products_makes_the_same_stock(
    stocked: Shop, tmp_path: Path
) -> None:
    stocked.json("stock", "remove", "A-1", "3", "--reason", "sale", "--note", '=1+1 "a"\nb')
    stocked.json("stock", "add", "B-1", "4", "--at", "2026-01-31T09:30:00.123Z", "--ref", "007")
    columns = "sku,delta,reason,ref,note,occurred_at"
    log = stocked.run("stock", "log", "-o", "csv", "--columns", columns)
    other = {"INVCTL_DB": str(tmp_path / "other.db")}
    for sku in ("A-1", "B-1"):
        stocked.json("product", "create", sku, "--name", sku, "-q", env=other)
    assert stocked.json("stock", "apply", "-", stdin=log.out, env=other)["lines"] == 3
    again = stocked.run("stock", "log", "-o", "csv", "--columns", columns, env=other)
    assert (again.code, again.out) == (0, log.out)
