"""`stock log --follow`: movements as they are committed, by any process."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from shop import INVCTL, Shop


@contextmanager
def follower(shop: Shop, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [INVCTL, "stock", "log", "--follow", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=shop.env,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_it_prints_what_others_commit_until_it_is_interrupted(stocked: Shop) -> None:
    with follower(stocked, "-o", "jsonl") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["kind"] == "create"
        for left in (9, 8):
            stocked.json("stock", "remove", "A-1", "1")
            one = json.loads(process.stdout.readline())
            assert (one["sku"], one["delta"], one["quantity"]) == ("A-1", -1, left)
        process.send_signal(signal.SIGTERM)  # SIGINT may be ignored in a background job
        assert process.wait(60) == -signal.SIGTERM


@pytest.mark.parametrize(
    ("form", "line"), [("csv", "A-1,-1"), ("tsv", "A-1\t-1"), ("table", "A-1                   -1")]
)
def test_it_speaks_every_format(stocked: Shop, form: str, line: str) -> None:
    columns = ["--columns", "sku,delta", "--no-header", "--since-id", "1"]
    with follower(stocked, "-o", form, *columns) as process:
        assert process.stdout is not None
        stocked.json("stock", "remove", "A-1", "1")
        assert process.stdout.readline() == f"{line}\n"


def test_filters_hold_for_what_comes_too(stocked: Shop) -> None:
    with follower(stocked, "-o", "jsonl", "--reason", "sale") as process:
        assert process.stdout is not None
        stocked.json("stock", "remove", "A-1", "1", "--reason", "theft")
        stocked.json("stock", "remove", "A-1", "2", "--reason", "sale")
        assert json.loads(process.stdout.readline())["delta"] == -2


@pytest.mark.parametrize("option", [["--reverse"], ["--limit", "3"]], ids=str)
def test_what_has_an_end_does_not_go_with_it(stocked: Shop, option: list[str]) -> None:
    assert stocked.fails(2, "stock", "log", "--follow", *option)["message"].startswith("--follow")
