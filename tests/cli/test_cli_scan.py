"""`stock scan`: a scanner in a pipe, and at a terminal."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from shop import INVCTL, WAIT, Shop

from invctl.cli.till.scan_screen import Screen
from invctl.core.scanning import ScanAnswer
from invctl.errors import (
    DatabaseLocked,
    DatabaseMissing,
    DatabaseUnusable,
    OutcomeUnknown,
    ServerUnreachable,
)

EAN = "4006381333931"


@pytest.fixture
def till(stocked: Shop) -> Shop:
    """Ten A-1, of which EAN means three."""
    stocked.run("code", "add", "A-1", EAN, "--units", "3")
    return stocked


def scan(shop: Shop, *arguments: str) -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [INVCTL, "stock", "scan", *arguments],
        stdin=pipe, stdout=pipe, stderr=pipe, env=shop.env, cwd=shop.root,
    )  # fmt: skip


def ask(process: "subprocess.Popen[bytes]", typed: bytes) -> dict[str, Any]:
    """Type something and wait for an answer."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(typed)
    process.stdin.flush()
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


def test_a_pipe_that_whoever_opened_it_does_not_wait_at_is_waited_for(till: Shop) -> None:
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    with subprocess.Popen(
        [INVCTL, "stock", "scan"], stdin=ours, stdout=subprocess.PIPE, env=till.env
    ) as process:
        os.close(ours)
        assert process.stdout is not None
        for number in range(1, 100):  # each is a chance to find nothing there
            os.write(theirs, b"A-1\n")
            assert json.loads(process.stdout.readline())["line"] == number
        os.close(theirs)
    assert process.returncode == 0


def test_a_scanner_is_answered_scan_by_scan(till: Shop) -> None:
    with scan(till, "--reason", "sale", "--unknown", "unknown.txt") as process:
        shown = ask(process, b"a-1\r\n")
        assert list(shown)[:4] == ["line", "code", "units", "sku"]
        assert ask(process, b"INVCTL:REMOVE\r") == {"line": 2, "mode": "remove"}
        process.stdin.write(b"\n40063") if process.stdin else None  # the scan comes in two
        taken = ask(process, b"81333931\r")
        assert (taken["line"], taken["units"], taken["kind"], taken["quantity"]) == (
            3, 3, "remove", 7,
        )  # fmt: skip
        refused = ask(process, b"\n\n  9*A-1\n")
        assert (refused["line"], refused["code"]) == (5, "A-1")
        assert refused["error"]["code"] == "insufficient_stock"
        unknown = ask(process, b"\xff40063\n")
        assert unknown["error"]["code"] == "not_found"
        assert (till.root / "unknown.txt").read_text() == "\\xff40063\n"
        assert ask(process, b"INVCTL:UNDO\n")["quantity"] == 10
        assert ask(process, b"INVCTL:COUNT\nA-1\nINVCTL:DONE\nA-1\n")["mode"] == "count"
        assert process.stdout is not None
        counted, done = map(json.loads, process.stdout)
        process.wait(timeout=WAIT)
    assert (counted["sku"], counted["counted"]) == ("A-1", 1)
    assert list(done)[:3] == ["line", "done", "operation"]
    assert process.returncode == 5  # that of the first refusal


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE])
def test_a_count_is_not_made_of_a_run_that_is_killed_which_says_what_it_was(
    till: Shop, number: signal.Signals
) -> None:
    with scan(till, "--mode", "count") as process:
        for line in (b"A-1\n", b"INVCTL:SHOW\n", b"INVCTL:COUNT\n"):  # of one that was made
            ask(process, line)
        assert ask(process, b"70*A-1\n")["counted"] == 70
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        if number == signal.SIGPIPE:  # whoever reads the answers is gone
            process.stdout.close()
            process.stdin.write(b"B-1\n")
            process.stdin.flush()
        else:
            process.send_signal(number)
        assert process.wait(timeout=WAIT) == -number
        left = "A-1 70, B-1 1" if number == signal.SIGPIPE else "A-1 70"
        assert process.stderr.read().decode() == f"invctl: counted and not taken: {left}\n"
    assert till.json("product", "show", "A-1")["quantity"] == 1


def test_on_a_terminal_answers_are_large_and_a_refusal_rings(till: Shop) -> None:
    script = (
        f"printf 'A-1\\n{EAN}\\nNOPE\\nINVCTL:UNDO\\n' | invctl stock scan --mode remove -o table"
    )
    done = till.bash(script, env={"PYTHONIOENCODING": "utf-8"})
    assert done.code == 3
    assert done.stdout == (
        "A-1  Widget\n  █▀█\n  ▀▀█   removed 1\n  ▀▀▀\n\n"
        "A-1  Widget\n  █▀▀\n  █▀█   removed 3\n  ▀▀▀\n\n"
        "\aUNKNOWN  NOPE\n\n"
        "A-1  Widget\n  █▀█\n  ▀▀█   UNDONE, added 3\n  ▀▀▀\n\n"
    )


def shown(shop: Shop, *codes: str, mode: str) -> tuple[int, str, str]:
    """Return how a run ends whose answers are for people, and both that it wrote."""
    line = ["stock", "scan", "--mode", mode, "-o", "table"]
    done = shop.run(*line, stdin="".join(f"{one}\n" for one in codes))
    return done.code, done.stdout, done.stderr


def test_a_bench_is_told_where_that_was_and_what_stays_on(till: Shop) -> None:
    codes = ("INVCTL:PLACE:SHOP", "A-1", "INVCTL:UNDO", "A-1", "INVCTL:UNDO", "INVCTL:UNDO",
             "INVCTL:UNDO", "99999999999999999999*A-1")  # fmt: skip
    _, out, err = shown(till, *codes, mode="add")
    assert "added 1 to SHOP\n" in out
    assert "NO  nothing of this run is left to undo" in out
    assert "is more than 9007199254740991" in out
    assert "UNKNOWN" not in out
    assert err.count("SHOP") == 1
    till.run("hold", "create", "A-1", "5")
    counts = ("A-1", "A-1", "INVCTL:UNDO", "B-1", "INVCTL:REMOVE", "4*A-1", "INVCTL:REMOVE")
    _, out, _ = shown(till, *counts, mode="count")
    assert "UNDONE, 1 taken back" in out
    refused = next(line for line in out.splitlines() if "still in mode count" in line)
    assert refused.startswith("\aNO  A-1 has ")
    assert "MODE  remove  counted 2 products: 2 products differed from the book (" in out
    till.run("stock", "add", "B-1", "1", "--to", "BIN")
    _, out, _ = shown(till, "9*B-1", mode="remove")
    assert "places, not 9; it lies here: 1 in BIN; INVCTL:PLACE:… says where to take it" in out


def test_a_control_code_that_is_none_is_told_which_there_are_and_which_mode_stays_on(
    till: Shop,
) -> None:
    codes = ("INVCTL:REMOV", "A-1", "undo", "INVCTL:UNDO")
    _, out, _ = shown(till, *codes, mode="add")
    assert "NO  code: 'INVCTL:REMOV' is no control code; behind INVCTL: come ADD, REMOVE, " in out
    assert "PLACE:…; still in mode add\n" in out
    assert "\aUNKNOWN  undo; did you mean INVCTL:UNDO?\n" in out
    assert "UNDONE, removed 1" in out


def test_a_place_that_a_scan_makes_is_said_at_that_scan(till: Shop) -> None:
    with scan(till, "--mode", "add") as process:
        assert ask(process, b"INVCTL:PLACE:TYPO2\nA-1\n")["place"] == "TYPO2"
        assert process.stderr is not None
        assert b"TYPO2" in process.stderr.readline()
        process.kill()


def test_a_bench_that_is_not_answered_is_told_what_has_happened() -> None:
    nowhere: Any = None
    screen = Screen(nowhere, color=False, encoding="ascii")
    locked = DatabaseLocked("shop.db", 5.0)
    for code, error, words in (
        ("A-1", ServerUnreachable("shop", "cannot be reached"), "NOT DONE  A-1, scan it again: "
         "shop cannot be reached"),
        ("A-1", locked, "NOT DONE  A-1, scan it again: shop.db is "),
        (None, locked, "NOT DONE  nothing was done, scan it again: shop.db is "),
        ("A-1", DatabaseUnusable("shop.db", "is no database"), "NOT DONE  A-1: shop.db is "),
        ("A-1", DatabaseMissing("shop.db", "--db"), "NOT DONE  A-1: there is no inventory at "),
        ("A-1", OutcomeUnknown("shop.db", "EIO"), "UNSURE  A-1: the commit reported an error"),
    ):  # fmt: skip
        assert screen.shown(ScanAnswer(1, code, None, error)).startswith(f"\a{words}")


def test_what_was_done_is_told_where_unknown_codes_cannot_be_kept(till: Shop) -> None:
    done = till.run("stock", "scan", "--mode", "add", "--unknown", "/dev/full", stdin="A-1\nNOPE\n")
    assert (done.code, [one["line"] for one in done.records]) == (12, [1, 2])
    assert done.stderr.startswith("invctl: error: /dev/full cannot be written: the disk is full")


def test_a_narrow_bench_is_answered_in_whole_words(till: Shop) -> None:
    codes = "A-1\nINVCTL:UNDO\nINVCTL:REMOVE\n99*A-1\nINVCTL:CUONT\n\x04"
    env = {"COLUMNS": "40", "NO_COLOR": "1"}
    _, seen = till.terminal("stock", "scan", typed=codes, env=env)
    assert max(map(len, seen.replace("\a", "").splitlines())) <= 40
    assert "is no control\n  code; behind INVCTL: come " in seen


@pytest.mark.parametrize("line", ["stock scan", "stock apply - --each"])
def test_without_an_inventory_nothing_to_do_is_refused_too(shop: Shop, line: str) -> None:
    assert shop.run(*line.split(), stdin="sku,delta\n" * ("apply" in line)).code == 10


def test_the_control_codes_can_be_printed(till: Shop) -> None:
    assert "INVCTL:UNDO" in till.run("stock", "scan", "--codes", "-").stdout
    assert till.run("stock", "scan", "--codes", "codes.svg").code == 0
    drawn = Path(till.root, "codes.svg").read_text()
    assert drawn.startswith("<svg ")
    assert drawn.count("<path ") == 6
    assert till.run("stock", "scan", "--codes", "codes.svg").code == 4
    error = till.fails(2, "stock", "scan", "--codes", "codes.PDF")
    assert error["message"] == "codes are drawn in an .svg, or are text, not PDF"
    assert not Path(till.root, "codes.PDF").exists()


@pytest.mark.parametrize(("name", "columns"), [("BIN", 2), ("CELLAR/SHELF-1", 1)])
def test_codes_that_are_wide_stand_under_one_another(till: Shop, name: str, columns: int) -> None:
    for place in (name, f"{name}/A"):
        assert till.run("stock", "add", "A-1", "1", "--to", place).code == 0
    drawn = till.run("stock", "scan", "--codes", "codes.svg", "--place", name)
    assert drawn.code == 0
    lefts = re.findall('<text x="([^"]*)"', Path(till.root, "codes.svg").read_text())
    assert len(set(lefts)) == columns


def test_a_mark_before_the_first_code_is_none_of_it(till: Shop) -> None:
    answer = json.loads(till.run("stock", "scan", stdin="\ufeffA-1\n").stdout)
    assert (answer["code"], answer["sku"]) == ("A-1", "A-1")


@pytest.mark.parametrize(
    "line",
    [
        "--mode sell",
        "-o csv",
        "--idempotency-key k",
        "--mode count --from SHOP",
    ],
)
def test_what_a_scan_cannot_be_is_a_usage_error(till: Shop, line: str) -> None:
    assert till.run("stock", "scan", *line.split(), stdin="").code == 2


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--mode", "remove", "--from", "NOWHERE"), "2*A-1"),
        (("--mode", "remove"), "999*A-1"),
        (("--mode", "count"), "B-1"),
    ],
)
def test_a_refused_line_says_of_how_many_units_it_was(
    stocked: Shop, options: tuple[str, ...], line: str
) -> None:
    stocked.json("stock", "add", "B-1", "1", "--to", "C", "-q")
    done = stocked.run("stock", "scan", *options, stdin=f"{line}\n")
    [answer] = map(json.loads, done.stdout.splitlines())
    assert "error" in answer
    assert answer["units"] == int(line.partition("*")[0] if "*" in line else 1)
