"""`stock log --follow`: movements as they are committed, by any process."""

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from shop import INVCTL, WAIT, Shop, until_full


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
    ("form", "line"), [("csv", "A-1,-1"), ("tsv", "A-1\t-1"), ("table", "A-1             -1")]
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


@pytest.mark.parametrize("option", ["--reverse", "--json", "-ojson"])
def test_what_has_an_end_does_not_go_with_it(stocked: Shop, option: str) -> None:
    error = stocked.fails(2, "stock", "log", "--follow", *([] if "json" in option else [option]))
    assert error["message"].startswith("--follow")


@pytest.mark.parametrize(
    "form", ["jsonl", "table", *(pytest.param(x, marks=pytest.mark.sweep) for x in ("csv", "tsv"))]
)
def test_it_ends_with_its_reader_though_nothing_moves(stocked: Shop, form: str) -> None:
    with follower(stocked, "-o", form) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(WAIT) == -signal.SIGPIPE
    assert stocked.bash("invctl stock log --follow | head -1").code == 0


@pytest.mark.sqlite("it is about files")
@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGPIPE])
def test_it_leaves_no_log_behind(stocked: Shop, number: signal.Signals) -> None:
    with follower(stocked, "-o", "jsonl") as process:
        assert process.stdout is not None
        process.stdout.readline()
        stocked.json("stock", "remove", "A-1", "1")
        process.stdout.readline()
        if number == signal.SIGPIPE:
            process.stdout.close()
        else:
            process.send_signal(number)
        assert process.wait(WAIT) == -number
    assert not Path(f"{stocked.db}-wal").exists()


def test_it_says_at_once_that_it_goes_on_after_what_is_not_there(stocked: Shop) -> None:
    with subprocess.Popen(
        [INVCTL, "stock", "log", "--follow", "--since-id", "99", "--columns", "id"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=stocked.env,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "id\n"  # it has begun
        process.terminate()
        assert "only what comes after 99 is told" in process.communicate()[1]


def test_a_signal_ends_it_also_where_nobody_reads_on(stocked: Shop) -> None:
    lines = "sku,delta,note\n" + f"A-1,1,{'long ' * 100}\n" * 500
    assert stocked.run("stock", "apply", "-", stdin=lines).code == 0
    with follower(stocked, "-o", "jsonl") as process:
        assert process.stdout is not None
        until_full(process.stdout)
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT) == -signal.SIGTERM


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ((), [1, 2, 3, 4]),
        (("--limit", "2"), [3, 4]),
        (("--limit", "0"), []),
        (("--limit", "1", "--reason", "sale"), [2]),
        (("--limit", "2", "--since-id", "3"), [4]),
    ],
)
def test_it_begins_with_the_last_of_a_limit(
    stocked: Shop, options: tuple[str, ...], ids: list[int]
) -> None:
    for reason in ("sale", "theft", "gift"):
        stocked.json("stock", "remove", "A-1", "1", "--reason", reason)
    with follower(stocked, "-o", "csv", "--columns", "id", *options) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "id\n"  # it has begun: what is there was looked for
        stocked.json("stock", "remove", "A-1", "1", "--reason", "sale")
        shown = [int(process.stdout.readline()) for _ in (*ids, 5)]
    assert shown == [*ids, 5]


def test_on_a_terminal_it_begins_with_the_last_ten_and_fits_its_width(stocked: Shop) -> None:
    lines = "sku,delta,reason,ref\n" + "A-1,1,delivery,invoice 2026-00017\n" * 12
    assert stocked.run("stock", "apply", "-", stdin=lines).code == 0
    shown = on_a_terminal(stocked, "80", rows=11)
    assert max(map(len, shown)) <= 80
    note = next(line for line in shown if line.startswith("invctl: "))
    assert note == "invctl: left out for want of width: Note, By; --columns says what is shown"
    heading, *rows = [line for line in shown if line != note]
    assert heading.split()[-2:] == ["Reason", "Ref"]
    assert [row.split()[-3] for row in rows[:10]] == [f"{n}" for n in range(13, 23)]


def on_a_terminal(shop: Shop, width: str, *, rows: int) -> list[str]:
    """Return the first lines that it shows on a terminal."""
    keyboard, screen = pty.openpty()
    env = {**shop.env, "COLUMNS": width, "TERM": "dumb"}
    command = [str(INVCTL), "stock", "log", "--follow"]
    with subprocess.Popen(command, stdin=screen, stdout=screen, stderr=screen, env=env) as process:
        os.close(screen)
        shown = b""
        while shown.count(b"\n") <= rows:
            shown += os.read(keyboard, 4096)
        process.terminate()
        os.close(keyboard)
    return shown.decode().replace("\r", "").splitlines()
