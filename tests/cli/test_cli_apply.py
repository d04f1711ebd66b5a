"""`invctl stock apply`: many movements in one transaction, all of them or none."""

import gzip
import json
import os
from typing import Any

import pytest
from shop import WAIT, Shop

RESULT = ["operation", "lines", "movements", "products", "replayed", "dry_run", "times"]


def _faults(error: dict[str, Any]) -> list[tuple[int, str, str, str]]:
    assert error["code"] == "invalid_data"
    assert error["details"]["error_count"] == len(error["details"]["errors"])
    names = ("line", "column", "value", "code")
    assert all(list(fault) == [*names, "message"] for fault in error["details"]["errors"])
    return [tuple(fault[name] for name in names) for fault in error["details"]["errors"]]


def test_a_file_that_was_applied_under_a_key_is_warned_of_without_it(stocked: Shop) -> None:
    lines = stocked.file("sales.csv", "sku,delta\nA-1,-1\n")
    under_key = ("stock", "apply", lines, "--idempotency-key", "sales")
    assert stocked.run(*under_key).stderr == stocked.run(*under_key).stderr == ""
    again = stocked.run("stock", "apply", lines)
    assert again.code == 0
    assert "the same file was applied before, by operation 3;" in again.stderr


def test_lines_are_applied_in_order_as_one_operation(stocked: Shop) -> None:
    lines = "sku,delta\nA-1,-10\nB-1,4\nA-1,3\nB-1,-4\n"
    answer = stocked.json("stock", "apply", "-", stdin=lines)
    assert list(answer) == RESULT
    assert answer == {
        "operation": 3,
        "lines": 4,
        "movements": 4,
        "products": 2,
        "replayed": False,
        "dry_run": False,
        "times": None,
    }
    log = stocked.json("stock", "log", "--since-id", "1")
    assert [(m["operation"], m["sku"], m["delta"], m["quantity"]) for m in log] == [
        (3, "A-1", -10, 0),
        (3, "B-1", 4, 4),
        (3, "A-1", 3, 3),
        (3, "B-1", -4, 0),
    ]


def test_actions_are_add_remove_and_set_and_a_count_that_fits_moves_nothing(
    stocked: Shop,
) -> None:
    lines = "sku,action,amount\nA-1,add,5\nA-1,remove,3\nB-1,set,8\nA-1,set,12\nB-1,remove,8\n"
    answer = stocked.json("stock", "apply", "-", stdin=lines)
    assert (answer["lines"], answer["movements"], answer["products"]) == (5, 4, 2)
    log = stocked.json("stock", "log", "--since-id", "1")
    assert [(m["sku"], m["delta"]) for m in log] == [
        ("A-1", 5),
        ("A-1", -3),
        ("B-1", 8),
        ("B-1", -8),
    ]


def test_json_lines_are_read_too(stocked: Shop) -> None:
    lines = (
        '{"sku":"A-1","delta":-3,"note":"a\\nb"}\n'
        '{"action":"set","amount":7,"sku":"B-1","reason":"count"}\n'
    )
    answer = stocked.json("stock", "apply", "-", stdin=lines)
    assert (answer["lines"], answer["movements"]) == (2, 2)
    first, second = stocked.json("stock", "log", "--since-id", "1")
    assert (first["delta"], first["note"]) == (-3, "a\nb")
    assert (second["delta"], second["reason"]) == (7, "count")


def test_options_are_defaults_for_lines_without_their_own(stocked: Shop) -> None:
    lines = (
        "sku,delta,reason,ref,note,occurred_at\n"
        "A-1,1,,,,\n"
        "A-1,1,return,R-7,own,2026-01-31T12:00:00Z\n"
    )
    stocked.json(
        *("stock", "apply", "-", "--reason", "sale", "--ref", "batch", "--note", "all"),
        *("--at", "2026-01-01T00:00:00Z", "--actor", "ann"),
        stdin=lines,
    )
    names = ("reason", "ref", "note", "occurred_at", "actor")
    told = [[m[name] for name in names] for m in stocked.json("stock", "log", "--since-id", "1")]
    assert told == [
        ["sale", "batch", "all", "2026-01-01T00:00:00.000Z", "ann"],
        ["return", "R-7", "own", "2026-01-31T12:00:00.000Z", "ann"],
    ]


def test_a_refused_line_counts_as_not_having_happened(stocked: Shop) -> None:
    lines = "sku,delta\nA-1,-8\nA-1,-3\nA-1,-2\nA-1,-1\nNOPE,1\nB-1,-1\nA-1,1\nA-1,-1\n"
    error = stocked.refuses(6, "stock", "apply", "-", stdin=lines)
    assert [(line, code) for line, _, _, code in _faults(error)] == [
        (3, "insufficient_stock"),
        (5, "insufficient_stock"),
        (6, "not_found"),
        (7, "insufficient_stock"),
    ]


def test_each_fault_has_its_line_column_value_and_code(stocked: Shop) -> None:
    stocked.json("product", "create", "C-1", "--name", "x", "--quantity", str(2**53 - 1))
    stocked.json("product", "create", "D-1", "--name", "x")
    stocked.json("product", "archive", "D-1")
    lines = (
        "sku,delta,reason,occurred_at,note\n"
        'A-1,1,,,"two\nlines"\n'
        "A-1,-12,,,\n"
        "NOPE,1,,,\n"
        "C-1,1,,,\n"
        "D-1,1,,,\n"
        "A-1,3.0,,,\n"
        "A-1,+3,,,\n"
        "A-1,1,Sale,,\n"
        "A-1,1,,soon,\n"
        "A-1,,,,\n"
        ",1,,,\n"
    )
    error = stocked.refuses(6, "stock", "apply", "-", stdin=lines)
    faults = _faults(error)
    assert [(line, code) for line, _, _, code in faults] == [
        (4, "insufficient_stock"),
        (5, "not_found"),
        (6, "conflict"),
        (7, "conflict"),
        *((line, "invalid_data") for line in range(8, 14)),
    ]
    told = [(column, value) for _, column, value, _ in faults[4:8]]
    assert told == [
        ("delta", "3.0"),
        ("delta", "+3"),
        ("reason", "Sale"),
        ("occurred_at", "soon"),
    ]
    assert [value for _, _, value, _ in faults[1:2]] == ["NOPE"]


def test_people_are_told_line_column_and_value_too(stocked: Shop) -> None:
    result = stocked.run("stock", "apply", "-", stdin="sku,delta\nA-1,1\nA-1,3.0\n")
    assert (result.code, result.stdout) == (6, "")
    assert result.stderr.startswith("invctl: error: ")
    for told in ("line 3", "delta", "3.0"):
        assert told in result.stderr


def test_a_line_that_says_no_movement_is_refused(stocked: Shop) -> None:
    said = (
        *("1,add,1", ",take,1", ",ADD,1", ",add,", ",,1"),
        *(",add,-1", ",add,0", ",set,-1", ",,", "x,,"),
    )
    lines = "sku,delta,action,amount\n" + "".join(f"A-1,{cells}\n" for cells in said)
    error = stocked.refuses(6, "stock", "apply", "-", stdin=lines)
    assert [(line, code) for line, _, _, code in _faults(error)] == [
        (line, "invalid_data") for line in range(2, len(said) + 2)
    ]
    assert error["details"]["errors"][2]["message"].endswith(", move (add would do)")


@pytest.mark.parametrize(
    ("said", "meant"),
    [("OUT", "remove"), ("Sale", "remove"), ("in", "add"), ("Count", "set"), ("transfer", "move")],
)
def test_another_programs_word_for_an_action_is_told_which_would_do(
    stocked: Shop, said: str, meant: str
) -> None:
    lines = f"sku,action,amount\nA-1,{said},1\n"
    error = stocked.refuses(6, "stock", "apply", "-", stdin=lines)
    assert error["message"].endswith(f"is not one of add, remove, set, move ({meant} would do)")


@pytest.mark.parametrize(
    "lines",
    [
        "sku,delta\nA-1,1,1\n",
        "sku,delta\nA-1\n",
        "sku\nA-1\n",
        "delta\n1\n",
        "sku,sku,delta\nA-1,A-1,1\n",
        "sku,delta,price\nA-1,1,3\n",
    ],
    ids=ascii,
)
def test_a_table_of_another_shape_is_invalid_data(stocked: Shop, lines: str) -> None:
    error = stocked.refuses(6, "stock", "apply", "-", stdin=lines)
    assert error["code"] == "invalid_data"
    assert error["details"]["error_count"] >= 1


def test_a_line_with_no_such_sku_is_refused_with_its_line(stocked: Shop) -> None:
    skus = ["b-9", "A 1", "", "\u202e", "A" * 51, "A-1\0"]
    lines = "".join(json.dumps({"sku": sku, "delta": 1}) + "\n" for sku in skus)
    error = stocked.refuses(6, "stock", "apply", "-", stdin=lines)
    assert [fault["line"] for fault in error["details"]["errors"]] == [1, 2, 3, 4, 5, 6]
    assert error["details"]["errors"][0]["code"] == "not_found"


@pytest.mark.parametrize(
    "content",
    [
        b"sku,delta\r\nA-1,-3\r\n",
        b"sku,delta\rA-1,-3\r",
        b"\xef\xbb\xbfsku,delta\nA-1,-3",
        b"sku\tdelta\nA-1\t-3\n",
        "sku,delta\nA-1,-3\n".encode("utf-16"),
        gzip.compress(b"sku,delta\nA-1,-3\n", mtime=0),
    ],
    ids=lambda content: ascii(content)[:24],
)
def test_whatever_program_wrote_the_file_it_is_read(stocked: Shop, content: bytes) -> None:
    answer = stocked.json("stock", "apply", "-", stdin=content)
    assert (answer["lines"], answer["movements"]) == (1, 1)
    assert stocked.quantity() == 7


def test_a_slow_pipe_holds_no_lock_while_it_is_read(stocked: Shop) -> None:
    pipe = stocked.root / "lines"
    os.mkfifo(pipe)
    with stocked.start("stock", "apply", pipe, "--json") as process:
        with pipe.open("w") as lines:  # opens when the command reads from it
            lines.write("sku,delta\nA-1,-3\n")
            lines.flush()
            assert stocked.json("stock", "add", "A-1", "1", "--timeout", "2")["quantity"] == 11
            lines.write("A-1,-8\n")
        out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, err) == (0, b"")
    assert json.loads(out)["movements"] == 2
    assert stocked.quantity() == 0


def test_a_file_in_another_encoding_needs_to_be_told(stocked: Shop) -> None:
    lines = "sku,delta,note\nA-1,1,Größe\n".encode("latin-1")
    assert stocked.refuses(6, "stock", "apply", "-", stdin=lines)["code"] == "invalid_data"
    told = ("--encoding", "latin-1", "--delimiter", ",")
    assert stocked.json("stock", "apply", "-", *told, stdin=lines)["movements"] == 1
    assert stocked.json("stock", "history", "A-1")[-1]["note"] == "Größe"
