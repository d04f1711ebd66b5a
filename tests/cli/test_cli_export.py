"""`invctl product export`: what `import` reads back without a change."""

import csv
import gzip
import io
import signal

import pytest
from shop import WAIT, Shop, error_of

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
    assert rows[0] == [
        "sku",
        "name",
        "description",
        "quantity",
        "reorder_point",
        "archived",
        "reorder_to",
    ]
    assert [row[0] for row in rows[1:]] == ["A-1", "B-1", "C-1"]
    assert rows[2] == ["B-1", "Größe 😀", "", "0", "", "true", ""]


def test_an_export_to_a_file_leaves_nothing_else_and_never_overwrites(mixed: Shop) -> None:
    target = mixed.root / "products.csv"
    result = mixed.run("product", "export", target)
    told = f"invctl: exported 3 products to {target}\n"
    assert (result.code, result.stdout, result.stderr) == (0, "", told)
    assert mixed.run("product", "export", "-q", mixed.root / "quiet.csv").stderr == ""
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


@pytest.mark.parametrize(
    ("name", "options", "chosen"),
    [
        ("p.csv", (), "csv"),
        ("p", (), "csv"),
        ("p.jsonl", (), "jsonl"),
        ("P.JSONL", (), "jsonl"),
        ("p.csv.gz", (), "csv"),
        ("p.jsonl.gz", (), "jsonl"),
        ("p.ndjson", (), "jsonl"),
        ("p.2026-01-31", (), "csv"),
        ("p.jsonl", ("-o", "csv"), "csv"),
        ("p.tsv", ("-o", "csv"), "csv"),
        ("p.csv.gz", ("-o", "jsonl"), "jsonl"),
    ],
)
def test_the_name_of_a_file_says_its_format(
    stocked: Shop, name: str, options: tuple[str, ...], chosen: str
) -> None:
    target = stocked.root / name
    result = stocked.run("product", "export", target, *options)
    assert (result.code, result.stdout) == (0, "")
    content = target.read_bytes()
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    assert content == stocked.run("product", "export", "-o", chosen).out
    answer = stocked.json("product", "import", target, "-q")
    assert (answer["created"], answer["updated"], answer["movements"]) == (0, 0, 0)


@pytest.mark.parametrize("name", ["p.tsv", "p.json", "P.XLSX", "p.json.gz", "p.zip"])
def test_a_file_is_not_written_under_the_name_of_another_kind(stocked: Shop, name: str) -> None:
    ending = name.lower().split(".")[1]
    done = stocked.run("product", "export", name)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == (
        f"invctl: error: export writes csv or jsonl, not {ending}; "
        "-o csv writes that under this name all the same\n"
    )
    sheet = stocked.run("stock", "sheet", name)
    assert (sheet.code, "a sheet is csv, not" in sheet.stderr) == (2, True)
    assert not (stocked.root / name).exists()


def test_the_same_products_compressed_are_the_same_bytes(stocked: Shop) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        assert stocked.run("product", "export", stocked.root / name).code == 0
    assert (stocked.root / "a.csv.gz").read_bytes() == (stocked.root / "b.csv.gz").read_bytes()


@pytest.mark.parametrize(
    "script",
    [
        "invctl product export >(cat >got); wait $!",
        "mkfifo pipe; cat pipe >got & invctl product export pipe; wait",
        "invctl product export /dev/stdout | cat >got",
        "invctl product export /dev/stdout >got",
        "echo -n >got; invctl product export /dev/fd/1 >>got",
    ],
)
def test_an_export_goes_into_a_pipe_or_device_by_its_name(stocked: Shop, script: str) -> None:
    result = stocked.bash(script)
    assert (result.code, result.stdout, result.stderr) == (0, "", "")
    assert (stocked.root / "got").read_bytes() == stocked.run("product", "export").out


def test_an_export_appended_to_a_file_leaves_what_was_there(stocked: Shop) -> None:
    result = stocked.bash("echo before >got; invctl product export /dev/stdout >>got; head -1 got")
    assert (result.code, result.stdout) == (0, "before\n")


def test_a_full_device_is_no_fault_of_standard_output(stocked: Shop) -> None:
    error = error_of(stocked.run("product", "export", "/dev/full", "-o", "jsonl"), 12)
    assert error["message"] == "/dev/full cannot be written: the disk is full"


def test_a_folder_that_is_not_there_is_told(stocked: Shop) -> None:
    error = error_of(stocked.run("product", "export", "no/p.csv", "-o", "jsonl"), 2)
    assert error["message"] == "cannot write no/p.csv: no such file or directory"
    assert error["hint"].startswith("make its folder first")


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_export_that_is_killed_does_not_stand_in_the_way_of_the_next(
    stocked: Shop, number: signal.Signals
) -> None:
    rows = "sku,name\n" + "".join(f"B-{number},{'name ' * 40}\n" for number in range(20_000))
    assert stocked.run("product", "import", "-", stdin=rows).code == 0
    target = stocked.root / "p.csv"
    with stocked.start("product", "export", target) as process:
        while not list(stocked.root.glob("p.csv.*")):
            assert process.poll() is None
        process.send_signal(number)
        process.wait(WAIT)
    assert process.returncode == -number
    assert not target.exists()
    assert stocked.run("product", "export", target).code == 0
    assert [path.name for path in stocked.root.glob("p.csv*")] == ["p.csv"]
    assert target.read_bytes() == stocked.run("product", "export").out
