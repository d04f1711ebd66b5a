"""`invctl product export`: what `import` reads back without a change."""

import csv
import io

import pytest
from shop import Shop, error_of

ROWS = (
    "sku,name,description,quantity,reorder_point,archived\n"
    'A-1,"a,""b""",=1+1,10,0,false\n'
    "B-1,Größe 😀,,0,,true\n"
    "C-1,[/b],@x,3,7,false\n"
)


@pytest.fixture
def mixed(shop: Shop) -> Shop:
    assert shop.run("product", "import", "-", stdin=ROWS).code == 0
    shop.json("product", "update", "C-1", "--description", "two\nlines\tand a tab")
    return shop


@pytest.mark.parametrize("options", [(), ("-o", "csv"), ("-o", "jsonl")], ids=" ".join)
def test_an_export_is_read_back_with_zero_changes(mixed: Shop, options: tuple[str, ...]) -> None:
    exported = mixed.run("product", "export", *options)
    assert (exported.code, exported.stderr) == (0, "")
    before = mixed.query("SELECT * FROM product")
    answer = mixed.json("product", "import", "-", "--set-quantity", stdin=exported.out)
    counts = [answer[name] for name in ("created", "updated", "unchanged", "movements")]
    assert counts == [0, 0, 3, 0]
    assert mixed.query("SELECT * FROM product") == before
    other = mixed.root / "other.db"
    assert mixed.run("product", "import", "-", "--db", other, stdin=exported.out).code == 0
    again = mixed.run("product", "export", *options, "--db", other)
    assert (again.code, again.out) == (0, exported.out)


def test_an_export_has_the_columns_of_an_import_and_archived_ones_too(mixed: Shop) -> None:
    result = mixed.run("product", "export", "-", "-o", "csv")
    assert (result.code, result.stderr) == (0, "")
    rows = list(csv.reader(io.StringIO(result.stdout, newline="")))
    assert rows[0] == ["sku", "name", "description", "quantity", "reorder_point", "archived"]
    assert [row[0] for row in rows[1:]] == ["A-1", "B-1", "C-1"]
    assert rows[2] == ["B-1", "Größe 😀", "", "0", "", "true"]


def test_an_export_to_a_file_leaves_nothing_else_and_never_overwrites(mixed: Shop) -> None:
    target = mixed.root / "products.csv"
    result = mixed.run("product", "export", target)
    assert (result.code, result.stdout) == (0, "")
    assert target.read_text() == mixed.run("product", "export").stdout
    assert [path.name for path in mixed.root.glob("products*")] == ["products.csv"]
    before = target.read_bytes()
    error = error_of(mixed.run("product", "export", target, "-o", "jsonl"), 4)
    assert (error["code"], error["details"]["reason"]) == ("conflict", "file_exists")
    assert target.read_bytes() == before


def test_a_safe_export_holds_no_formula(mixed: Shop) -> None:
    result = mixed.run("product", "export", "--csv-safe")
    assert (result.code, result.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(result.stdout, newline="")))
    assert not rows[0]["description"].startswith("=")
    assert rows[0]["description"].endswith("=1+1")


@pytest.mark.parametrize("output", ["json", "table", "tsv"])
def test_an_export_has_two_formats(stocked: Shop, output: str) -> None:
    result = stocked.run("product", "export", "-o", output)
    assert (result.code, result.stdout) == (2, "")


@pytest.mark.parametrize("output", ["csv", "jsonl"])
def test_an_export_of_a_missing_inventory_prints_nothing(shop: Shop, output: str) -> None:
    result = shop.run("product", "export", "-o", output)
    assert (result.code, result.stdout) == (10, "")
    target = shop.root / "products.csv"
    failed = shop.run("product", "export", target, "-o", output)
    assert (failed.code, failed.stdout) == (10, "")
    assert list(shop.root.iterdir()) == [shop.root / "home"]
