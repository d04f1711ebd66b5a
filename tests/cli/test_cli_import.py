"""`invctl product import`: new products and changed ones, all of a file or nothing."""

import json

import pytest
from shop import Shop

RESULT = [
    *("operation", "created", "updated", "unchanged", "quantity_kept", "movements"),
    *("replayed", "dry_run", "skipped"),
]


def test_an_import_creates_updates_and_leaves_alone(stocked: Shop) -> None:
    rows = (
        "sku,name,description,quantity,reorder_point\n"
        "C-1,New,Blue,4,2\n"
        "A-1,Widget,,10,\n"
        "B-1,Gizmo,,,\n"
        "D-1,Newer,,,\n"
    )
    answer = stocked.json("product", "import", "-", stdin=rows)
    assert list(answer) == RESULT
    assert answer == {
        "operation": 3,
        "created": 2,
        "updated": 1,
        "unchanged": 1,
        "quantity_kept": 0,
        "movements": 1,
        "replayed": False,
        "dry_run": False,
        "skipped": 0,
    }
    found = {p["sku"]: p for p in stocked.json("product", "list")}
    new = found["C-1"]
    assert (new["name"], new["description"], new["quantity"], new["reorder_point"]) == (
        "New",
        "Blue",
        4,
        2,
    )
    assert (found["B-1"]["name"], found["B-1"]["reorder_point"]) == ("Gizmo", 5)
    (movement,) = stocked.json("stock", "history", "C-1")
    assert (movement["kind"], movement["delta"], movement["operation"]) == ("import", 4, 3)


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        ("product", "sku,name,quantity\nC-1,New,4\n,Sum,4\nTotal,,\n"),
        ("code", "sku,code,units\nA-1,4711,6\n,Sum,6\nTotal,,\n"),
    ],
)
def test_rows_that_were_no_lines_are_counted_for_good(
    stocked: Shop, command: str, rows: str
) -> None:
    keyed = ("-q", command, "import", "-", "--skip-empty", "--idempotency-key", "K")
    first = stocked.json(*keyed, stdin=rows)
    assert (first["created"], first["skipped"]) == (1, 2)
    lines_alone = "\n".join(rows.splitlines()[:2])
    assert stocked.json(*keyed, stdin=lines_alone) == {**first, "replayed": True}


def test_a_differing_quantity_is_kept_counted_and_warned_about(stocked: Shop) -> None:
    rows = "sku,name,quantity\nA-1,Widget,7\nB-1,Gadget,3\n"
    result = stocked.run("product", "import", "-", "-o", "jsonl", stdin=rows)
    assert result.code == 0
    (answer,) = result.records
    counts = [answer[name] for name in ("updated", "unchanged", "quantity_kept", "movements")]
    assert counts == [0, 2, 2, 0]
    assert result.stderr.startswith("invctl: warning: ")
    assert "--set-quantity" in result.stderr
    quiet = stocked.run("product", "import", "-", "-q", stdin=rows)
    assert (quiet.code, quiet.stdout, quiet.stderr) == (0, "", "")
    assert (stocked.quantity("A-1"), stocked.quantity("B-1")) == (10, 0)


def test_set_quantity_makes_it_a_count(stocked: Shop) -> None:
    rows = "sku,name,quantity\nA-1,Widget,7\nB-1,Gadget,0\nC-1,New,2\n"
    how = ("--set-quantity", "--at", "2026-01-31T00:00:00Z")
    answer = stocked.json("product", "import", "-", *how, stdin=rows)
    assert (answer["quantity_kept"], answer["movements"], answer["created"]) == (0, 2, 1)
    last = stocked.json("stock", "history", "A-1")[-1]
    assert (last["delta"], last["quantity"]) == (7, 17)  # ten more have come since then
    assert last["occurred_at"] == "2026-01-31T00:00:00.000Z"


def test_a_file_of_skus_and_names_in_json_lines_is_read(shop: Shop) -> None:
    rows = (
        '{"sku":"A-1","name":"Gr\\u00f6\\u00dfe","quantity":3,"archived":false}\n\n'
        '{"name":"x","sku":"007","description":null,"reorder_point":0,"archived":true}\n'
    )
    result = shop.run("product", "import", "-", "--json", stdin=rows)
    assert result.code == 0
    (answer,) = result.records
    assert (answer["created"], answer["movements"]) == (2, 1)
    assert shop.json("product", "show", "A-1")["name"] == "Größe"
    (archived,) = shop.json("product", "list", "--archived")
    assert (archived["sku"], archived["description"], archived["reorder_point"]) == ("007", None, 0)


def test_the_archived_column_hides_and_brings_back_and_empty_is_not_given(stocked: Shop) -> None:
    hide = "sku,name,archived\nA-1,Widget,true\nC-1,New,true\n"
    stocked.json("product", "import", "-", stdin=hide)
    assert [p["sku"] for p in stocked.json("product", "list", "--archived")] == ["A-1", "C-1"]
    same = stocked.json("product", "import", "-", stdin="sku,archived\nA-1,\n")
    assert (same["unchanged"], same["updated"]) == (1, 0)
    back = stocked.json("product", "import", "-", stdin="sku,archived\nA-1,false\n")
    assert (back["unchanged"], back["updated"]) == (0, 1)
    assert [p["sku"] for p in stocked.json("product", "list")] == ["A-1", "B-1"]


def test_a_count_of_an_archived_product_is_refused(stocked: Shop) -> None:
    stocked.json("product", "archive", "A-1")
    rows = "sku,quantity\nB-1,3\nA-1,3\n"
    error = stocked.refuses(6, "product", "import", "-", "--set-quantity", stdin=rows)
    (fault,) = error["details"]["errors"]
    assert (fault["line"], fault["column"], fault["value"]) == (3, "quantity", "3")
    assert fault["code"] == "conflict"


FAULTS = {
    "a bad sku": ("c-1,x,", 2, "sku", "c-1"),
    "no sku": (",x,", 2, "sku", None),
    "no name for a new one": ("C-1,,3", 2, "name", None),
    "a bad quantity": ("C-1,x,3.0", 2, "quantity", "3.0"),
    "a negative quantity": ("C-1,x,-3", 2, "quantity", "-3"),
    "too large a quantity": ("C-1,x,9007199254740992", 2, "quantity", "9007199254740992"),
    "too long a name": (f"C-1,{'x' * 256},3", 2, "name", None),
    "a duplicate": ("C-1,x,3\nC-1,x,3", 3, "sku", "C-1"),
    "a duplicate of a known one": ("A-1,,\nA-1,,", 3, "sku", "A-1"),
}


@pytest.mark.parametrize(("row", "line", "column", "value"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_line_is_named_and_nothing_is_imported(
    stocked: Shop, row: str, line: int, column: str, value: str | None
) -> None:
    rows = f"sku,name,quantity\n{row}\nD-1,good,1\n"
    error = stocked.refuses(6, "product", "import", "-", stdin=rows)
    assert error["code"] == "invalid_data"
    assert error["details"]["error_count"] == 1
    (fault,) = error["details"]["errors"]
    assert list(fault) == ["line", "column", "value", "code", "message"]
    assert (fault["line"], fault["column"], fault["code"]) == (line, column, "invalid_data")
    if value is not None:
        assert fault["value"] == value
    assert fault["message"]


def test_every_fault_is_counted_and_the_first_hundred_are_told(stocked: Shop) -> None:
    rows = "sku,name\n" + "".join(f"bad {number},x\n" for number in range(250))
    error = stocked.refuses(6, "product", "import", "-", stdin=rows)
    assert error["details"]["error_count"] == 250
    assert [fault["line"] for fault in error["details"]["errors"]] == list(range(2, 102))


def test_people_are_told_as_many_faults_as_leave_what_to_do_on_their_screen(shop: Shop) -> None:
    rows = "sku,name,quantity\n" + "".join(f"C-{number},x,3.00\n" for number in range(25))
    shop.run("init")
    done = shop.run("product", "import", "-", stdin=rows)
    first, *told, last = done.stderr.splitlines()
    assert (done.code, done.stdout, len(told)) == (6, "", 10)
    assert first.endswith("; nothing was changed: --decimal-mark . reads numbers such as 3.00 as 3")
    assert last == "  … and 15 more; -o json tells the first 100"


def test_a_column_that_nobody_knows_is_refused_by_name(stocked: Shop) -> None:
    rows = "sku,name,price,colour\nC-1,x,9.99,red\n"
    error = stocked.refuses(6, "product", "import", "-", stdin=rows)
    assert "price" in str(error["details"]["errors"])
    assert stocked.json("product", "import", "-", "--ignore-extra", stdin=rows)["created"] == 1


def test_a_foreign_files_headers_can_be_mapped_and_its_gaps_filled(stocked: Shop) -> None:
    rows = "Variant SKU;Title;description\nC-1;x;dropped\nC-2;y;\n"
    answer = stocked.json(
        *("product", "import", "-", "--map", "sku=Variant SKU,name=Title,description="),
        *("--defaults", "quantity=2", "--ignore-extra"),
        stdin=rows,
    )
    assert (answer["created"], answer["movements"]) == (2, 2)
    product = stocked.json("product", "show", "C-1")
    assert (product["name"], product["description"], product["quantity"]) == ("x", None, 2)


@pytest.mark.parametrize("command", ["product import -", "stock apply -"])
def test_a_header_alone_is_zero_rows_and_zero_bytes_are_invalid(
    stocked: Shop, command: str
) -> None:
    header = "sku,name\n" if "import" in command else "sku,delta\n"
    answer = stocked.json(*command.split(), stdin=header)
    assert answer["movements"] == 0
    error = stocked.refuses(6, *command.split(), stdin=b"")
    assert error["code"] == "invalid_data"


def test_lines_inside_of_an_object_that_is_too_long_to_be_read_are_said_to_be_there(
    stocked: Shop,
) -> None:
    inside = [{"sku": f"C-{number}", "name": "n" * 90} for number in range(9_999)]
    file = stocked.file("all.json", json.dumps({"products": inside}))
    error = stocked.refuses(6, "product", "import", file)
    assert "`jq .products FILE`" in error["hint"]


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01\x02\xff",
        b"sku,name\nC-1,\xff\n",
        b'sku,name\nC-1,"open\n',
        b"sku\0,name\nC-1,x\n",
    ],
    ids=ascii,
)
def test_what_is_no_table_of_text_is_invalid_data(stocked: Shop, content: bytes) -> None:
    error = stocked.refuses(6, "product", "import", "-", stdin=content)
    assert error["code"] == "invalid_data"
    assert error["details"]["error_count"] >= 1
