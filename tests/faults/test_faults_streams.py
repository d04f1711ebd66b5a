"""Outputs that take nothing: the change is made, said to be, and a retry tells its answer."""

import json
import shlex
import sys

import pytest
from shop import Shop, error_of

pytestmark = pytest.mark.faults

KEYED = {
    "stock add A-1 3": 13,
    "stock remove A-1 99 --up-to": 0,
    "stock set A-1 4 --expect 10": 4,
    "stock apply moves.csv": 8,
    "stock undo 1": 0,
    "product create C-1 --name C --quantity 2": 10,
    "product import rows.csv --set-quantity": 7,
}
UNKEYED = ["product rename A-1 X-1", "product archive A-1", "product delete B-1 --yes"]


@pytest.fixture
def supplied(stocked: Shop) -> Shop:
    stocked.file("moves.csv", "sku,delta\nA-1,-3\nA-1,1\n")
    stocked.file("rows.csv", "sku,name,quantity\nA-1,Widget,7\nC-1,C,1\n")
    return stocked


@pytest.mark.parametrize("sink", [">/dev/full", ">&-"], ids=["full", "closed"])
@pytest.mark.parametrize(("line", "quantity"), KEYED.items())
def test_a_change_that_could_not_be_told_is_told_by_a_retry(
    supplied: Shop, line: str, quantity: int, sink: str
) -> None:
    command = f"{line} --idempotency-key k -q --json"
    error = error_of(supplied.bash(f"invctl {command} {sink}"), 15)
    assert error["details"]["committed"] is True
    assert supplied.quantity() == quantity
    assert supplied.json(*command.split())["replayed"] is True
    assert supplied.query("SELECT max(id) FROM operation") == [(3,)]


@pytest.mark.parametrize("sink", [">/dev/full", ">&-"], ids=["full", "closed"])
@pytest.mark.parametrize("line", UNKEYED)
def test_a_change_without_a_key_says_that_it_was_made(supplied: Shop, line: str, sink: str) -> None:
    error = error_of(supplied.bash(f"invctl {line} --json {sink}"), 15)
    assert error["details"]["committed"] is True
    assert supplied.query("SELECT max(id) FROM operation") == [(3,)]


@pytest.mark.parametrize("line", ["stock add A-1 3", "stock apply moves.csv"])
def test_a_refused_change_is_refused_whatever_the_output_is(supplied: Shop, line: str) -> None:
    supplied.json("product", "archive", "A-1")
    before = supplied.dump()
    code = 6 if "apply" in line else 4
    error_of(supplied.bash(f"invctl {line} --json >/dev/full"), code)
    assert supplied.dump() == before


@pytest.mark.parametrize("sink", [">/dev/full", ">&-"], ids=["full", "closed"])
def test_a_pipe_that_cannot_answer_ends_after_the_lines_in_hand_and_says_that_they_were_made(
    stocked: Shop, sink: str
) -> None:
    lines = "".join(f'{{"sku":"B-1","delta":1,"idempotency_key":"k{n}"}}\n' for n in range(999))
    file = stocked.file("lines.jsonl", lines)
    result = stocked.bash(f"cat {file} | invctl stock apply - --each --json {sink}")
    assert error_of(result, 15)["details"]["committed"] is True
    assert 1 <= stocked.quantity("B-1") < 999
    again = stocked.bash(f"cat {file} | invctl stock apply - --each --json")
    assert (again.code, stocked.quantity("B-1")) == (0, 999)


@pytest.mark.parametrize("sink", [">/dev/full", ">&-"], ids=["full", "closed"])
@pytest.mark.parametrize(
    "line",
    ["product export -", "stock log -o jsonl", "stock history A-1", "stock low --exit-code"],
)
def test_a_list_that_cannot_be_written_is_an_error_and_nothing_was_changed(
    stocked: Shop, line: str, sink: str
) -> None:
    before = stocked.dump()
    result = stocked.bash(f"invctl {line} {sink}")
    assert (result.code, result.stdout) == (15, "")
    assert "was committed" not in result.stderr
    assert stocked.dump() == before


@pytest.mark.parametrize("sink", ["2>/dev/full", "2>&-"], ids=["full", "closed"])
def test_a_note_that_nobody_hears_stops_nothing(shop: Shop, sink: str) -> None:
    result = shop.bash(f"invctl product create A-1 --name A --quantity 2 --json {sink}")
    assert (result.code, json.loads(result.out)["quantity"]) == (0, 2)
    refused = shop.bash(f"invctl stock remove A-1 9 --json {sink}")
    assert (refused.code, refused.out, refused.err) == (5, b"", b"")


@pytest.mark.parametrize(
    "line",
    [
        "stock apply lines.jsonl --each >> lines.jsonl",
        "stock apply - --each < lines.jsonl >> lines.jsonl",
        "stock scan < lines.jsonl 1<> lines.jsonl",
        "product import lines.jsonl --lines > lines.jsonl",
    ],
)
def test_answers_are_not_read_as_further_lines(stocked: Shop, line: str) -> None:
    before = stocked.dump()
    file = stocked.file("lines.jsonl", '{"sku":"B-1","delta":1}\n')
    size = 0 if " > " in line else file.stat().st_size
    result = stocked.bash(f"invctl {line}")
    assert (result.code, "is also what standard output goes to" in result.stderr) == (2, True)
    assert (file.stat().st_size, stocked.dump()) == (size, before)


def test_an_error_waits_for_a_pipe_that_does_not_wait_itself(stocked: Shop) -> None:
    """As a parent leaves its own standard error, which is full until it is waited for."""
    script = """import os, select, sys, invctl.__main__ as program
ours, theirs = os.pipe()
os.set_blocking(theirs, False)
os.dup2(theirs, 2)
filled = os.write(2, bytes(1 << 24))
wait = select.select
def read_when_waited_for(*streams):
    os.read(ours, filled)
    return wait(*streams)
select.select = read_when_waited_for
def end(status):
    sys.stdout.write(os.read(ours, 1 << 16).decode())
    sys.stdout.flush()
    leave(status)
leave, os._exit = os._exit, end
sys.argv = ["invctl", "stock", "remove", "B-1", "99"]
program.main()"""
    result = stocked.bash(f"{shlex.quote(sys.executable)} -c {shlex.quote(script)}")
    assert result.code == 5
    assert result.stdout.startswith("invctl: error: B-1 has 0 in stock")
