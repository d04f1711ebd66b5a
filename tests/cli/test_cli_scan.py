"""`stock scan`: a scanner in a pipe, and at a terminal."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from shop import INVCTL, WAIT, Shop

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


def test_a_count_is_not_made_of_a_run_that_is_killed(till: Shop) -> None:
    with scan(till, "--mode", "count") as process:
        assert ask(process, b"A-1\n")["counted"] == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=WAIT) == -signal.SIGTERM
    assert till.json("product", "show", "A-1")["quantity"] == 10


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


def test_the_control_codes_can_be_printed(till: Shop) -> None:
    assert "INVCTL:UNDO" in till.run("stock", "scan", "--codes", "-").stdout
    assert till.run("stock", "scan", "--codes", "codes.svg").code == 0
    drawn = Path(till.root, "codes.svg").read_text()
    assert drawn.startswith("<svg ")
    assert drawn.count("<path ") == 6
    assert till.run("stock", "scan", "--codes", "codes.svg").code == 4


@pytest.mark.parametrize("line", ["--mode sell", "-o csv", "--idempotency-key k"])
def test_what_a_scan_cannot_be_is_a_usage_error(till: Shop, line: str) -> None:
    assert till.run("stock", "scan", *line.split(), stdin="").code == 2
