"""`stock apply - --each`: a pipe that stays open, and answers each line once it is durable."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from shop import INVCTL, Shop, until_full

FORGED = """UPDATE operation SET result = '{"answer":"Nope"}' WHERE idempotency_key = 'k'"""
README = Path(__file__).parents[2] / "README.md"


class Coprocess:
    """A running `stock apply - --each`, spoken to line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, line: str) -> dict[str, Any]:
        """Write a line and wait for its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def end(self) -> tuple[int, str]:
        """Close its input; return its exit code and what else it wrote."""
        rest, _ = self.process.communicate(timeout=60)
        return self.process.returncode, rest


@contextmanager
def coprocess(shop: Shop, *arguments: str, stdin: Path | None = None) -> Iterator[Coprocess]:
    with (
        ExitStack() as stack,
        subprocess.Popen(
            [INVCTL, "stock", "apply", "-", "--each", *arguments],
            stdin=stack.enter_context(stdin.open()) if stdin else subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=shop.env,
        ) as process,
    ):
        try:
            yield Coprocess(process)
        finally:
            process.kill()


def test_each_line_is_answered_at_once_and_is_in_the_file_by_then(stocked: Shop) -> None:
    with coprocess(stocked, "--reason", "sale") as inv:
        first = inv.ask('{"sku":"A-1","delta":-3}')
        assert (first["line"], first["kind"], first["quantity"]) == (1, "remove", 7)
        assert stocked.quantity() == 7
        second = inv.ask('{"sku":"A-1","action":"set","amount":4,"ref":"shelf"}')
        assert (second["line"], second["kind"], second["delta"]) == (2, "set", -3)
        assert stocked.quantity() == 4
        assert inv.end() == (0, "")
    labels = stocked.query("SELECT reason, ref FROM movement ORDER BY id DESC LIMIT 2")
    assert labels == [("sale", "shelf"), ("sale", None)]


def test_a_refused_line_answers_with_its_error_and_the_rest_goes_on(stocked: Shop) -> None:
    lines = [
        '{"sku":"A-1","delta":-11}',
        '{"sku":"NONE","delta":1}',
        '{"sku":"A-1","delta":3.0}',
        "not json",
        '{"sku":"A-1","delta":-10}',
    ]
    with coprocess(stocked) as inv:
        answers = [inv.ask(line) for line in lines]
        code, rest = inv.end()
    errors = [answer["error"]["code"] for answer in answers[:4]]
    assert errors == ["insufficient_stock", "not_found", "invalid_data", "invalid_data"]
    assert [answer["line"] for answer in answers] == [1, 2, 3, 4, 5]
    assert answers[0]["error"]["details"] == {
        "sku": "A-1",
        "requested": 11,
        "available": 10,
        "quantity": 10,
        "held": 0,
    }
    bad = answers[2]["error"]["details"]["errors"][0]
    assert (bad["line"], bad["column"], bad["value"]) == (3, "delta", "3.0")
    assert answers[4]["quantity"] == stocked.quantity() == 0
    assert (code, rest) == (5, "")


def test_what_is_damaged_is_told_to_the_line_that_meets_it_and_the_rest_goes_on(
    stocked: Shop,
) -> None:
    stocked.json("stock", "remove", "A-1", "1", "--idempotency-key", "k")
    stocked.change(FORGED)
    lines = [{"sku": "A-1", "delta": -1, "idempotency_key": key} for key in ("j", "k", "l")]
    text = "".join(f"{json.dumps(one)}\n" for one in lines)
    done = stocked.run("stock", "apply", "-", "--each", stdin=text)
    told = [one.get("error", {}).get("code") for one in done.records]
    assert (done.code, told) == (12, [None, "db_unusable", None])
    assert stocked.quantity() == 7


def test_a_line_may_carry_its_own_key_and_is_then_done_once(stocked: Shop) -> None:
    line = '{"sku":"A-1","delta":-1,"idempotency_key":"order-1"}'
    with coprocess(stocked) as inv:
        first, again = inv.ask(line), inv.ask(line)
        other = inv.ask(line.replace("-1,", "-2,"))
        assert inv.end()[0] == 4
    assert again == {**first, "line": 2, "replayed": True}
    assert other["error"]["details"]["reason"] == "key_reused"
    assert stocked.quantity() == 9


def test_csv_lines_are_answered_as_json(stocked: Shop) -> None:
    file = stocked.file("moves.csv", "sku,delta\nA-1,-1\nB-1,2\n")
    result = stocked.run("stock", "apply", file, "--each", "--columns", "line,sku,quantity")
    assert (result.code, result.stderr) == (0, "")
    assert result.records == [
        {"line": 2, "sku": "A-1", "quantity": 9},
        {"line": 3, "sku": "B-1", "quantity": 2},
    ]


def test_a_line_is_told_which_column_says_where_to_take_units(stocked: Shop) -> None:
    stocked.json("stock", "add", "A-1", "3", "--to", "VAN", "-q")
    result = stocked.run("stock", "apply", "-", "--each", stdin="sku,delta\nA-1,-11\n")
    hint = json.loads(result.stdout)["error"]["hint"]
    assert hint.endswith("it lies here: 3 in VAN; `place` says where to take it")


def test_a_dry_run_answers_each_line_and_keeps_none(stocked: Shop) -> None:
    before = stocked.dump()
    with coprocess(stocked, "--dry-run") as inv:
        assert inv.ask('{"sku":"A-1","delta":-3}')["quantity"] == 7
        assert inv.ask('{"sku":"A-1","delta":-3}') | {"movement": 0, "movement_ids": []} == {
            "line": 2,
            "operation": 2 + stocked.query("SELECT max(id) FROM operation")[0][0] - 1,
            "kind": "remove",
            "sku": "A-1",
            "delta": -3,
            "quantity": 7,
            "replayed": False,
            "dry_run": True,
            "movement": 0,
            "low": False,
            "counted": None,
            "hold": None,
            "movement_ids": [],
        }
        assert inv.end() == (0, "")
    assert stocked.dump() == before


def test_it_holds_no_lock_between_lines(stocked: Shop) -> None:
    with coprocess(stocked) as inv:
        inv.ask('{"sku":"A-1","delta":-1}')
        one_shot = stocked.json("stock", "remove", "A-1", "2", "--timeout", "0")
        assert one_shot["quantity"] == 7
        assert inv.ask('{"sku":"A-1","delta":-1}')["quantity"] == 6
        assert inv.end() == (0, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_every_answered_line_in_the_file(
    stocked: Shop, number: signal.Signals
) -> None:
    with coprocess(stocked) as inv:
        answers = [inv.ask('{"sku":"B-1","delta":1}') for _ in range(5)]
        inv.process.send_signal(number)
        assert inv.process.wait(60) == -number
    assert answers[-1]["quantity"] == stocked.quantity("B-1") == 5


@pytest.mark.sweep  # it is waited for five seconds, that somebody reads
@pytest.mark.sqlite("the answers are those of either engine")
def test_a_signal_ends_it_also_where_nobody_reads_the_answers(stocked: Shop) -> None:
    lines = stocked.file("lines.jsonl", '{"sku":"B-1","delta":1}\n' * 1000)
    with coprocess(stocked, stdin=lines) as inv:
        assert inv.process.stdout is not None
        until_full(inv.process.stdout)
        inv.process.terminate()
        assert inv.process.wait(60) == -signal.SIGTERM
        answers = [json.loads(line) for line in inv.process.stdout if line.endswith("\n")]
    assert [answer["quantity"] for answer in answers] == list(range(1, len(answers) + 1))
    # The answers in which it was stuck are those of lines that share a commit.
    assert 0 <= stocked.quantity("B-1") - len(answers) <= 64


def test_a_signal_in_the_middle_of_a_stream_leaves_what_was_answered_and_no_more(
    stocked: Shop,
) -> None:
    with coprocess(stocked) as inv:
        assert inv.process.stdin is not None
        assert inv.process.stdout is not None
        inv.process.stdin.write('{"sku":"B-1","delta":1}\n' * 500)
        inv.process.stdin.flush()
        for _ in range(20):
            inv.process.stdout.readline()
        inv.process.send_signal(signal.SIGTERM)
        rest = inv.process.stdout.read().splitlines()
        assert inv.process.wait(60) == -signal.SIGTERM
    assert stocked.quantity("B-1") == 20 + len(rest) < 500


@pytest.mark.parametrize(
    "arguments", [["--idempotency-key", "k"], ["-o", "csv"], ["--columns", "lines"]], ids=str
)
def test_options_that_make_no_sense_with_it_are_usage_errors(
    stocked: Shop, arguments: list[str]
) -> None:
    result = stocked.run("stock", "apply", "-", "--each", *arguments)
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr.startswith("invctl: error: --")


def test_the_readme_s_coprocess_works_as_it_stands(shop: Shop) -> None:
    text = README.read_text()
    script = text[text.index("coproc INV") :].partition("```")[0]
    shop.json("product", "create", "TSHIRT-RED-L", "--name", "T", "--quantity", "2", "-q")
    done = shop.bash(script)
    assert (done.code, done.stdout) == (0, "left: 1\n")


def test_a_line_that_cannot_be_read_is_to_be_mended_and_not_the_file(stocked: Shop) -> None:
    lines = '{"sku":"A-1","delta":-1}\n{"sku":"A-1","delta":"x"}\n{"sku":\n'
    done = stocked.run("stock", "apply", "-", "--each", stdin=lines)
    hints = [json.loads(one).get("error", {}).get("hint") for one in done.stdout.splitlines()]
    mend = "nothing was changed by it: mend the line and send it again"
    assert hints == [None, mend, mend]


@pytest.mark.parametrize(
    ("lines", "became"),
    [
        ("", "nothing was changed"),
        ("A-1,-1\n", "nothing was changed"),
        ('[{"sku":"A-1","delta":-1},\n{"sku', "the lines that were answered are done"),
    ],
    ids=["zero bytes", "no header", "cut off"],
)
def test_what_cannot_be_read_on_says_what_was_done_before(
    stocked: Shop, lines: str, became: str
) -> None:
    done = stocked.run("stock", "apply", "-", "--each", "-o", "jsonl", stdin=lines)
    error = json.loads(done.stderr.splitlines()[-1])["error"]
    assert (done.code, error["code"]) == (6, "invalid_data")
    assert error["hint"].startswith(became)
    assert len(done.records) == became.count("answered")
