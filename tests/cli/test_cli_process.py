"""How the process ends: full and closed outputs, pipes that break off, and signals."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from shop import WAIT, Shop, error_of


@pytest.mark.parametrize("sink", [">/dev/full", ">&-"], ids=["full", "closed"])
@pytest.mark.parametrize(
    ("change", "quantity"),
    [
        ("stock remove A-1 3", 7),
        ("stock undo 1", 0),
        ("product create A-2 --name x --quantity 1", 10),
        ("product update A-1 --name x", 10),
    ],
)
def test_a_change_that_cannot_be_told_is_committed_and_says_so(
    stocked: Shop, change: str, quantity: int, sink: str
) -> None:
    error = error_of(stocked.bash(f"invctl {change} --json {sink}"), 15)
    assert error["code"] == "output_io"
    assert "committed" in error["message"] + error["hint"]
    assert stocked.quantity() == quantity
    assert stocked.query("SELECT max(id) FROM operation") == [(3,)]


def test_the_sentence_for_a_person_that_cannot_be_told_is_no_different(stocked: Shop) -> None:
    result = stocked.bash("invctl stock add A-1 3 -o table >/dev/full")
    assert (result.code, result.stdout) == (15, "")
    assert "committed" in result.stderr
    assert stocked.quantity() == 13


@pytest.mark.parametrize("sink", [">/dev/full", ">&-"], ids=["full", "closed"])
@pytest.mark.parametrize("command", ["product list", "product show A-1", "db path", "--help", "-V"])
def test_data_that_cannot_be_written_is_an_error(stocked: Shop, command: str, sink: str) -> None:
    result = stocked.bash(f"invctl {command} {sink}")
    assert (result.code, result.stdout) == (15, "")
    assert result.stderr.startswith("invctl: error: ")


def test_a_dry_run_that_cannot_be_told_does_not_claim_a_commit(stocked: Shop) -> None:
    error = error_of(stocked.bash("invctl stock add A-1 3 --dry-run --json >/dev/full"), 15)
    assert "was committed" not in error["message"] + (error["hint"] or "")
    assert stocked.quantity() == 10


def test_closed_streams_never_become_the_database(stocked: Shop) -> None:
    result = stocked.bash("invctl stock add A-1 1 <&- >&- 2>&-; echo $?")
    assert result.stdout == "15\n"
    assert stocked.quantity() == 11
    failed = stocked.bash("invctl stock remove A-1 99 2>&-; echo $?")
    assert failed.stdout == "5\n"


@pytest.mark.parametrize(
    "command", ["stock apply -", "stock apply - --each", "product import -", "stock scan"]
)
def test_a_closed_standard_input_is_told_as_such(stocked: Shop, command: str) -> None:
    result = stocked.bash(f"invctl {command} --json <&-")
    assert (result.code, result.out) == (2, b"")
    told = json.loads(result.err)["error"]["message"]
    assert told == "cannot read standard input: it is closed to reading"


@pytest.fixture(scope="module")
def long_list(make_shop: Callable[[str], Shop]) -> Shop:
    """More products than a pipe holds; to be read only."""
    shop = make_shop("long")
    rows = "sku,name\n" + "".join(f"A-{number},{'name ' * 40}\n" for number in range(1000))
    assert shop.run("product", "import", "-", stdin=rows).code == 0
    return shop


@pytest.mark.parametrize("output", ["tsv", "json", "table"])
def test_a_pipe_that_breaks_off_ends_it_silently_by_the_signal(
    long_list: Shop, output: str
) -> None:
    script = f"invctl product list -o {output} | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}"
    result = long_list.bash(script, env={"COLUMNS": "250"})
    assert (result.code, result.stdout, result.stderr) == (0, "141\n", "")


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_by_that_signal_and_leaves_nothing(
    stocked: Shop, number: signal.Signals
) -> None:
    pipe = stocked.root / "lines"
    os.mkfifo(pipe)
    before = stocked.dump()
    # The pipe opens when the command reads from it.
    with stocked.start("stock", "apply", pipe) as process, pipe.open("w") as lines:
        lines.write("sku,delta\nA-1,-1\n")
        lines.flush()
        process.send_signal(number)
        out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, out, err) == (-number, b"", b"")
    assert stocked.dump() == before


@pytest.mark.usefixtures("_interruptible")
def test_a_shells_loop_stops_when_it_is_interrupted(stocked: Shop) -> None:
    pipe = stocked.root / "lines"
    os.mkfifo(pipe)
    script = "for i in 1 2 3; do invctl stock apply lines; echo next; done"
    command = ["bash", "-c", script]
    shell = subprocess.Popen(
        command, env=stocked.env, cwd=stocked.root, stdout=subprocess.PIPE, process_group=0
    )
    with shell, pipe.open("w"):
        os.killpg(shell.pid, signal.SIGINT)
        out, _ = shell.communicate(timeout=WAIT)
    assert out == b""
    assert shell.returncode == -signal.SIGINT


@pytest.mark.usefixtures("_interruptible")
def test_an_interrupt_while_it_starts_ends_it_silently(shop: Shop) -> None:
    pipe, library = shop.root / "pipe", shop.root / "typer.py"
    os.mkfifo(pipe)
    library.write_text(f"open({str(pipe)!r}).read()")
    shop.env["PYTHONPATH"] = str(shop.root)
    # The pipe opens when the library is being loaded.
    with shop.start("product", "list") as process, pipe.open("w"):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, out, err) == (-signal.SIGINT, b"", b"")


def test_of_two_signals_that_wait_the_first_says_how_it_ended() -> None:
    both = (
        "import os, signal; from invctl.cli.signals import signals_deferred\n"
        "with signals_deferred() as signals:\n"
        "    signals.hold()\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    signals.release()\n"
    )
    done = subprocess.run([sys.executable, "-c", both], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGTERM, b"")
