"""Holds and deliveries on the command line, and a command that runs with a hold."""

import re
import signal
import time
from collections.abc import Callable
from shlex import split

import pytest
from inventories import look
from shop import WAIT, Result, Shop, error_of


def available(shop: Shop, sku: str = "A-1") -> int:
    product = shop.json("product", "show", sku)
    assert isinstance(product, dict)
    return int(product["available"])


def test_a_cart_is_held_by_a_file_and_committed_by_its_ref(stocked: Shop) -> None:
    cart = stocked.file("cart.csv", "sku,amount\nA-1,2\nA-1,3\n")
    made = stocked.json("hold", "create", "--file", str(cart), "--ref", "cart-1")
    assert [(one["hold"], one["amount"], one["state"]) for one in made] == [
        (1, 2, "open"),
        (2, 3, "open"),
    ]
    assert available(stocked) == 5
    done = stocked.json("hold", "commit", "--ref", "cart-1", "--reason", "sale")
    assert [(one["kind"], one["hold"], one["delta"]) for one in done] == [
        ("commit", 1, -2),
        ("commit", 2, -3),
    ]


def test_a_hold_is_told_in_a_sentence_and_a_list(stocked: Shop) -> None:
    told = stocked.run("hold", "create", "A-1", "2", "--no-expiry", "-o", "table")
    assert (told.code, told.stderr) == (0, "")
    assert told.stdout == "A-1: 2 held, 8 units available (hold 1, operation 3)\n"
    listed = stocked.run("hold", "list", "-o", "csv", "--columns", "id,sku,amount,state")
    assert listed.stdout == "id,sku,amount,state\n1,A-1,2,open\n"


def test_who_wants_more_than_is_free_is_told_what_is_held_and_until_when(stocked: Shop) -> None:
    due = stocked.json("hold", "create", "A-1", "8")["due_at"]
    refused = stocked.run("stock", "remove", "A-1", "3", "-o", "table")
    assert (refused.code, refused.stdout) == (5, "")
    assert refused.stderr == (
        "invctl: error: A-1 has 2 available, not 3: 8 of 10 are held, the first of them until "
        f"{due}; nothing was changed; `invctl hold list` shows for whom they are held\n"
    )


@pytest.mark.parametrize(
    "line",
    [
        "hold create",
        "hold create A-1",
        "hold create A-1 2 --for soon",
        "hold create A-1 2 --for 5m --no-expiry",
        "hold create A-1 2 --file cart.csv",
        "hold commit",
        "hold release",
        "hold list --state lost",
        "hold run A-1",
        "hold run -- true",
        "hold run A-1=0 -- true",
        "hold create A-1 2 --map a=b",
        "delivery expect A-1",
        "delivery expect A-1 2 --skip-empty",
        "delivery receive",
    ],
)
def test_what_is_not_said_right_is_a_usage_error(stocked: Shop, line: str) -> None:
    done = stocked.run(*line.split())
    assert (done.code, done.stdout) == (2, ""), done.stderr


@pytest.mark.parametrize("command", ["hold create", "delivery expect"])
def test_of_a_file_without_lines_nothing_is_promised(stocked: Shop, command: str) -> None:
    line = [*command.split(), "--file", "-"]
    assert stocked.json(*line, stdin="sku,amount\n") == []
    assert stocked.json(*line, "--dry-run", "--idempotency-key", "k", stdin="[]") == []
    told = stocked.run(*line, "--skip-empty", "-o", "table", stdin="sku,amount\n,\n")
    assert (told.code, told.stdout) == (0, "")
    assert "nothing was done" in told.stderr
    assert stocked.json(*command.split()[:1], "list") == []


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("hold create A-1 -3", "`invctl hold release`"),
        ("hold commit 1 -3", "`invctl hold release`"),
        ("delivery expect A-1 -3", "`invctl delivery cancel`"),
        ("delivery receive 1 -3", "`invctl stock remove`"),
        ("hold extend 1 --for 0s", "--for: "),
        ("hold create A-1 1 --for 999999999w", "--for: "),
        ("delivery expect A-1 1 --by 0s", "--by: "),
    ],
)
def test_what_is_refused_names_the_verb_or_the_option(stocked: Shop, line: str, part: str) -> None:
    done = stocked.run(*line.split(), "-o", "table")
    assert (done.code, done.stdout) == (2, "")
    assert part in done.stderr


def test_a_list_that_filters_left_empty_says_so(stocked: Shop) -> None:
    for noun, none in (("hold", "nothing is held"), ("delivery", "nothing is on its way")):
        assert none in stocked.run(noun, "list", "-o", "table").stderr
        picked = stocked.run(noun, "list", "--ref", "nope", "-o", "table")
        assert (picked.code, picked.stdout) == (0, "")
        more = "; `--state all` lists closed ones, too" if noun == "hold" else ""
        assert picked.stderr == f"invctl: no {noun} is like that{more}\n"
    asked = ("hold", "list", "--ref", "nope", "--state", "all", "-o", "table")
    assert stocked.run(*asked).stderr == "invctl: no hold is like that\n"


def test_what_is_expected_by_a_time_says_it(stocked: Shop) -> None:
    line = "delivery expect A-1 2 --by 2020-01-01T12:00Z -o table"
    told = stocked.run(*line.split(), env={"TZ": "UTC"})
    assert told.stdout == ("A-1: 2 expected by 2020-01-01 12:00 +00:00 (delivery 1, operation 3)\n")
    assert told.stderr.startswith("invctl: warning: ")


def test_a_delivery_that_should_have_come_stands_out_to_people(stocked: Shop) -> None:
    for by in ("--by=2020-01-01", "--by=tomorrow", "-q"):
        stocked.run("delivery", "expect", "A-1", "2", by)
    shown = stocked.run("delivery", "list", "-o", "table", "--columns", "delivery,state")
    assert shown.stdout.split()[2:] == ["1", "overdue", "2", "open", "3", "open"]
    told = stocked.json("delivery", "list")
    assert [one["state"] for one in told] == ["open", "open", "open"]
    late = stocked.run("delivery", "list", "-o", "table", "--overdue")
    assert late.stdout.count("overdue") == 1


def test_a_number_of_the_other_sort_of_promise_says_what_it_is(stocked: Shop) -> None:
    stocked.json("delivery", "expect", "A-1", "2")
    stocked.json("hold", "create", "A-1", "2")
    hint = stocked.refuses(3, "hold", "commit", "1")["hint"]
    assert hint == "1 is a delivery; `invctl hold list` shows the holds"
    hint = stocked.refuses(3, "delivery", "cancel", "2")["hint"]
    assert hint == "2 is a hold; `invctl delivery list` shows the deliveries"
    assert stocked.refuses(3, "hold", "commit", "3")["hint"] == "`invctl hold list` shows them"


NEARLY = {
    "hold create A-1 1 --for 2h30m": "150m would do",
    "hold create A-1 1 --for 1.5h": "90m would do",
    "hold create A-1 1 --for '2 weeks'": "2w would do",
    "stock usage --idle 7": "7d for days",
    "stock usage --days 2w": "14 would do",
    "stock log --since '90 min'": "90m would do",
    "stock log --since '2 days ago'": "2d would do",
}


@pytest.mark.parametrize("line", NEARLY)
def test_what_is_nearly_a_duration_is_refused_with_what_would_do(stocked: Shop, line: str) -> None:
    message = stocked.refuses(2, *split(line))["message"]
    assert message.endswith(f"({NEARLY[line]})")


def test_what_is_expected_is_not_ordered_again(stocked: Shop) -> None:
    stocked.json("product", "update", "B-1", "--reorder-to", "20")
    low = ["stock", "low", "-o", "csv", "--columns", "sku,order"]
    assert stocked.run(*low).stdout == "sku,order\nB-1,20\n"
    order = stocked.file("order.csv", "sku,amount\nB-1,20\n")
    stocked.json("delivery", "expect", "--file", str(order), "--ref", "PO-1", "--by", "7d")
    assert stocked.run(*low).stdout == "sku,order\n"
    [came] = stocked.json("delivery", "receive", "--ref", "PO-1")
    assert (came["sku"], came["amount"], came["state"], came["quantity"]) == (
        "B-1", 20, "received", 20,
    )  # fmt: skip


def test_without_a_reorder_to_it_is_ordered_up_to_one_above_its_reorder_point(
    stocked: Shop,
) -> None:
    [low] = stocked.json("stock", "low")
    assert (low["sku"], low["order"]) == ("B-1", 6)


# --- hold run


def test_while_a_command_runs_its_units_are_held_and_then_they_are_gone(stocked: Shop) -> None:
    script = "invctl product show A-1 -o csv --no-header --columns held,quantity; echo $INVCTL_HOLD"
    done = stocked.run("hold", "run", "A-1=3", "A-1", "--", "sh", "-c", script)
    assert (done.code, done.stdout, done.stderr) == (0, "4,10\n1 2\n", "")
    assert available(stocked) == 6


@pytest.mark.parametrize(("command", "kind"), [("true", "commit"), ("false", "release")])
def test_what_is_said_of_a_run_is_said_of_how_it_ends(
    stocked: Shop, command: str, kind: str
) -> None:
    said = ("--reason", "test", "--ref", "R", "--note", "loud", "--at", "2026-01-31T00:00Z")
    stocked.run("hold", "run", "A-1", *said, "--", command)
    [ended] = stocked.json("log", "--kind", kind)
    assert (ended["reason"], ended["ref"]) == ("test", "R")
    moved = [
        (one["note"], one["occurred_at"]) for one in stocked.json("stock", "log", "--ref", "R")
    ]
    assert moved == ([("loud", "2026-01-31T00:00:00.000Z")] if kind == "commit" else [])


@pytest.mark.parametrize(
    ("script", "code"), [("exit 7", 7), ("kill -9 $$", 137), ("kill -TERM $$", 143)]
)
def test_a_command_that_fails_gives_its_units_back_and_its_code(
    stocked: Shop, script: str, code: int
) -> None:
    done = stocked.run("hold", "run", "A-1=3", "--", "sh", "-c", script)
    assert (done.code, done.stdout, done.stderr) == (code, "", "")
    assert available(stocked) == 10


def test_a_command_that_ends_its_hold_itself_is_said_to_have_succeeded(stocked: Shop) -> None:
    script = "invctl hold release $INVCTL_HOLD -q"
    done = stocked.run("hold", "run", "A-1", "--", "sh", "-c", script)
    assert (done.code, done.stdout) == (4, "")
    assert "hold 1 is released already; the command had succeeded; `invctl hold " in done.stderr


def test_where_a_command_ends_one_of_its_holds_the_others_are_committed(stocked: Shop) -> None:
    script = "invctl hold release 1 -q"
    done = stocked.run("hold", "run", "A-1=2", "A-1=3", "--", "sh", "-c", script)
    assert (done.code, done.stdout) == (4, "")
    assert "hold 1 is released already; the command had succeeded, and its other" in done.stderr
    assert (available(stocked), stocked.quantity()) == (7, 7)


def test_units_that_could_not_be_taken_are_told_how_and_nothing_is_to_run_again(
    stocked: Shop, until: Callable[[Callable[[], bool]], None]
) -> None:
    script = "echo > started; while ! test -e go; do sleep 0.01; done"
    line = ("hold", "run", "A-1=2", "A-1", "--timeout", "0.2", "--json", "--", "sh", "-c", script)
    process = stocked.start(*line)
    until((stocked.root / "started").exists)
    with look(stocked.db).writing():
        (stocked.root / "go").touch()
        out, err = process.communicate(timeout=WAIT)
    error = error_of(Result(process.returncode, out, err), 11)
    assert error["retryable"] is False
    assert re.findall("`(.*?)`", error["hint"]) == ["invctl hold commit 1", "invctl hold commit 2"]
    for hint in re.findall("`invctl (.*?)`", error["hint"]):
        stocked.json(*hint.split())
    assert stocked.quantity() == 7


@pytest.mark.sqlite("it is about a file that is gone")
def test_units_whose_inventory_is_gone_are_to_be_taken_when_it_is_back(stocked: Shop) -> None:
    line = ("hold", "run", "A-1", "--json", "--", "sh", "-c", 'mv "$INVCTL_DB" away.db')
    error = stocked.fails(10, *line)
    assert (error["retryable"], "`invctl init`" in error["hint"]) == (False, False)
    assert "`invctl hold commit 1`" in error["hint"]


@pytest.mark.parametrize(("command", "code"), [("./none", 127), (".", 126)])
def test_a_command_that_cannot_be_started_gives_its_units_back(
    stocked: Shop, command: str, code: int
) -> None:
    done = stocked.run("hold", "run", "A-1=3", "--", command)
    assert (done.code, done.stdout) == (code, "")
    assert done.stderr.startswith(f"invctl: error: {command} could not be started")
    assert available(stocked) == 10


def test_why_a_command_was_not_started_is_broken_between_words(stocked: Shop) -> None:
    env = {"COLUMNS": "40", "NO_COLOR": "1"}
    code, shown = stocked.terminal("hold", "run", "A-1", "--", "./none", env=env)
    assert code == 127
    assert max(map(len, shown.splitlines())) <= 40
    assert shown.count("\n") > 1


def test_without_the_units_no_command_is_started_and_nothing_is_held(stocked: Shop) -> None:
    done = stocked.run("hold", "run", "A-1=3", "B-1", "--", "echo", "started")
    assert (done.code, done.stdout) == (5, "")
    assert available(stocked) == 10


def test_a_rehearsal_starts_nothing(stocked: Shop) -> None:
    done = stocked.run("hold", "run", "A-1=3", "--dry-run", "--", "echo", "started")
    assert (done.code, done.stdout) == (0, "")
    assert available(stocked) == 10


def test_options_behind_the_dashes_are_the_commands_own(stocked: Shop) -> None:
    done = stocked.run("hold", "run", "A-1", "--", "echo", "--json", "--", "-q")
    assert (done.code, done.stdout) == (0, "--json -- -q\n")


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_on_and_the_units_come_back_whatever_the_code(
    stocked: Shop, number: signal.Signals, until: Callable[[Callable[[], bool]], None]
) -> None:
    script = f"trap 'exit 0' {int(number)}; echo > started; while :; do sleep 0.01; done"
    process = stocked.start("hold", "run", "A-1=3", "--", "sh", "-c", script)
    until((stocked.root / "started").exists)
    process.send_signal(number)
    out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, out, err) == (0, b"", b"")
    assert available(stocked) == 10


def test_a_hold_is_extended_for_as_long_as_its_command_runs(stocked: Shop) -> None:
    done = stocked.run("hold", "run", "A-1=3", "--for", "1s", "--", "sleep", "2")
    assert (done.code, done.stderr) == (0, "")
    assert available(stocked) == 7


def test_where_somebody_took_the_units_of_one_that_was_stopped_it_says_so(
    stocked: Shop, until: Callable[[Callable[[], bool]], None]
) -> None:
    script = "echo > started; while ! test -e go; do sleep 0.01; done"
    process = stocked.start("hold", "run", "A-1=8", "--for", "1s", "--", "sh", "-c", script)
    until((stocked.root / "started").exists)
    process.send_signal(signal.SIGSTOP)
    until(lambda: stocked.run("stock", "remove", "A-1", "9", "-q").code == 0)
    (stocked.root / "go").touch()
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate(timeout=WAIT)
    assert process.returncode == 4
    [(due,)] = stocked.query("SELECT due_at FROM promise")
    assert f"hold 1 has run out, at {due}; ".encode() in err
    assert b"succeeded" in err


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait until something is so."""

    def until(is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + WAIT
        while not is_so():
            assert time.monotonic() < end

    return until


def test_where_a_command_closes_one_of_its_holds_the_others_are_let_go(stocked: Shop) -> None:
    script = "invctl hold release 1 -q; exit 7"
    done = stocked.run("hold", "run", "A-1=2", "A-1=3", "--for", "1h", "--", "sh", "-c", script)
    assert (done.code, done.stderr) == (7, "")
    assert available(stocked) == 10


def test_what_may_not_be_run_is_told_in_words(stocked: Shop) -> None:
    done = stocked.run("hold", "run", "A-1", "--", "/etc/passwd")
    told = "invctl: error: /etc/passwd could not be started: permission denied\n"
    assert (done.code, done.stderr) == (126, told)
