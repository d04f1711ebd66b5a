"""Crowds on one inventory: nothing is lost, nobody is starved, and some order explains it all."""

import fcntl
import itertools
import json
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from books import ACKNOWLEDGED, REFUSED, Try, check_books
from callers import asked, last_ids, ledger
from each import Coprocess, asked_each, coprocess
from history import Event, against_ledger
from locks import needs_lock_table, stopped_writer, until, waiting
from serial import Call, Item, State
from shop import WAIT, Shop

pytestmark = pytest.mark.faults

CROWD = 64
Note = Callable[[str, object], None]


def tries_of(events: Sequence[Event]) -> list[Try]:
    """The additions and removals among events, as the judge of the books takes them."""
    return [
        Try(
            one.call.tag,
            one.call.sku,
            one.call.amount if one.call.verb == "add" else -one.call.amount,
            REFUSED if one.is_refused else ACKNOWLEDGED,
        )
        for one in events
        if one.call.verb in ("add", "remove")
    ]


def assert_explained(shop: Shop, events: Sequence[Event], before: int, **opening: int) -> None:
    """Assert that the books are right, and that the ledger's order explains what was told."""
    state = State({sku: Item(quantity, moved=quantity > 0) for sku, quantity in opening.items()})
    assert check_books(shop.db, opening, tries_of(events), after=before) == []
    assert against_ledger(state, events, ledger(shop, after=before)) == []


@pytest.fixture
def counted(stocked: Shop) -> Shop:
    """A shop with 100 of A-1 and 50 of B-1."""
    stocked.json("stock", "set", "A-1", "100")
    stocked.json("stock", "set", "B-1", "50")
    return stocked


def test_of_64_buyers_at_once_as_many_win_as_there_is_stock_for(counted: Shop) -> None:
    before, _ = last_ids(counted)
    calls = [Call(f"buy-{number}", "remove", "A-1", 3) for number in range(CROWD)]
    with ThreadPoolExecutor(CROWD) as crowd:
        events = [event for event, _ in crowd.map(lambda call: asked(counted, call), calls)]
    answers = sorted(str(event.answer) for event in events)
    won = [str(("moved", -3, left)) for left in range(1, 100, 3)]
    assert answers == sorted([*won, *[str(("insufficient_stock", 1))] * (CROWD - len(won))])
    assert_explained(counted, events, before, **{"A-1": 100, "B-1": 50})


def test_64_open_pipes_take_turns_and_none_waits_out_its_time(
    counted: Shop, record_property: Note
) -> None:
    lines = 20
    stock = CROWD * lines - 5
    counted.json("stock", "set", "A-1", str(stock))
    before, _ = last_ids(counted)
    with ExitStack() as stack:
        pipes = [stack.enter_context(coprocess(counted)) for _ in range(CROWD)]
        for pipe in pipes:
            pipe.ask('{"sku":"NONE","delta":1}')  # all have started when the crowd begins
        with ThreadPoolExecutor(CROWD) as crowd:
            begun = time.monotonic()
            per_pipe = list(crowd.map(sell, pipes, range(CROWD), itertools.repeat(lines)))
            took = time.monotonic() - begun
    events = [event for events in per_pipe for event in events]
    worst = max(event.ended - event.began for event in events)
    record_property(f"{CROWD} processes on one SKU, worst wait", f"{worst:.3f} s")
    record_property(f"{CROWD} processes on one SKU, rate", f"{len(events) / took:.0f}/s")
    refused = [event for event in events if event.is_refused]
    assert {event.answer for event in refused} == {("insufficient_stock", 0)}
    assert len(refused) == 5
    assert_explained(counted, events, before, **{"A-1": stock, "B-1": 50})


def sell(pipe: Coprocess, number: int, lines: int) -> list[Event]:
    return asked_each(pipe, [Call(f"{number}-{line}", "remove", "A-1", 1) for line in range(lines)])


def test_readers_exporters_a_pipe_and_one_shots_see_one_order(
    counted: Shop, record_property: Note
) -> None:
    before, movement = last_ids(counted)
    reads = [
        Call(f"{verb}-{number}", verb, "A-1", movement if verb == "log" else 0)
        for number in range(5)
        for verb in ("show", "list", "export", "log")
    ]
    writes = [
        Call(f"{verb}-{sku}-{number}", verb, sku, 7)
        for number in range(6)
        for verb, sku in itertools.product(("add", "remove"), ("A-1", "B-1"))
    ]
    lines = [
        Call(f"line-{number}", ("add", "remove")[number % 2], ("A-1", "B-1")[number // 2 % 2], 9)
        for number in range(60)
    ]
    with coprocess(counted) as pipe, ThreadPoolExecutor(7) as crowd:
        piped = crowd.submit(asked_each, pipe, lines)
        done = list(crowd.map(lambda call: asked(counted, call)[0], alternating(reads, writes)))
        events = [*done, *piped.result()]
    record_property("readers and writers together, calls checked", len(events))
    assert_explained(counted, events, before, **{"A-1": 100, "B-1": 50})


def alternating(*rows: Sequence[Call]) -> list[Call]:
    together = itertools.chain.from_iterable(itertools.zip_longest(*rows))
    return [call for call in together if call is not None]


def test_of_64_first_commands_none_fails_and_one_makes_the_inventory(shop: Shop) -> None:
    firsts = [
        shop.start("product", "create", f"P-{number}", "--name", "x", "--quantity", "1", "--json")
        for number in range(CROWD)
    ]
    ends = [(*first.communicate(timeout=WAIT), first.returncode) for first in firsts]
    assert [code for _, _, code in ends] == [0] * CROWD, [err for _, err, _ in ends if err]
    assert sorted(json.loads(out)["operation"] for out, _, _ in ends) == list(range(1, CROWD + 1))
    assert sum(b"created the inventory" in err for _, err, _ in ends) == 1
    assert shop.query("SELECT count(*), sum(quantity) FROM product") == [(CROWD, CROWD)]
    assert list(shop.db.parent.glob("*.invctl-*")) == []


def test_of_16_with_one_key_one_moves_and_the_others_repeat_its_answer(counted: Shop) -> None:
    before, _ = last_ids(counted)
    call = Call("once", "remove", "A-1", 30)
    with ThreadPoolExecutor(16) as crowd:
        results = [one for _, one in crowd.map(lambda _: asked(counted, call), range(16))]
    answers = [json.loads(result.out) for result in results]
    assert sorted(answer.pop("replayed") for answer in answers) == [False, *[True] * 15]
    assert all(answer == answers[0] for answer in answers)
    opening = {"A-1": 100, "B-1": 50}
    tries = [Try("once", "A-1", -30, ACKNOWLEDGED)]
    assert check_books(counted.db, opening, tries, after=before) == []


@needs_lock_table
def test_while_a_stopped_writer_holds_the_lock_readers_read_and_writers_give_up_in_time(
    counted: Shop,
) -> None:
    with stopped_writer(counted) as writer:
        assert counted.json("product", "show", "A-1")["quantity"] == 100
        assert counted.run("product", "export", "-").stdout.count("\n") == 3
        for change in ("stock add A-1 1", "stock undo 1", "product create X --name x"):
            error = counted.refuses(11, *change.split(), "--timeout", "0.2")
            assert (error["code"], error["retryable"]) == ("db_locked", True)
        with coprocess(counted, "--timeout", "0.2") as pipe:
            assert pipe.ask('{"sku":"A-1","delta":1}')["error"]["code"] == "db_locked"
            assert pipe.end().code == 11
        patient = counted.start("stock", "add", "A-1", "1", "--timeout", "60", "--json")
        until(lambda: waiting(counted.db) == 1)
        writer.send_signal(signal.SIGCONT)
        assert writer.wait(WAIT) == 0
        out, err = patient.communicate(timeout=WAIT)
    assert (patient.returncode, err) == (0, b"")
    assert json.loads(out)["quantity"] == 101
    assert counted.query("SELECT count(*) FROM product") == [(60_002,)]


@needs_lock_table
def test_when_the_writer_is_killed_those_in_the_queue_go_on_and_its_work_never_was(
    counted: Shop,
) -> None:
    patient = ("stock", "remove", "A-1", "1", "--timeout", "60", "--json")
    with stopped_writer(counted) as writer:
        queue = [counted.start(*patient) for _ in range(4)]
        until(lambda: waiting(counted.db) == 4)
        writer.kill()
        ends = [(*one.communicate(timeout=WAIT), one.returncode) for one in queue]
    assert [(code, err) for _, err, code in ends] == [(0, b"")] * 4
    assert sorted(json.loads(out)["quantity"] for out, _, _ in ends) == [96, 97, 98, 99]
    assert counted.query("SELECT count(*) FROM product") == [(2,)]


@needs_lock_table
def test_one_that_gave_up_at_the_gate_takes_no_turn_from_the_others(counted: Shop) -> None:
    with open(f"{counted.db}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with coprocess(counted, "--timeout", "0.1") as pipe:
            assert pipe.ask('{"sku":"A-1","delta":1}')["error"]["code"] == "db_locked"
            patient = counted.start("stock", "remove", "A-1", "1", "--timeout", "60", "--json")
            until(lambda: waiting(counted.db) == 2)
            fcntl.flock(lock, fcntl.LOCK_UN)
            out, err = patient.communicate(timeout=WAIT)
            assert (patient.returncode, err) == (0, b"")
            assert json.loads(out)["quantity"] == 99
            assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 100
            assert pipe.end().code == 11


def test_a_pipe_that_is_stopped_between_its_lines_keeps_nobody_waiting(counted: Shop) -> None:
    with coprocess(counted) as pipe:
        assert pipe.ask('{"sku":"A-1","delta":-1}')["quantity"] == 99
        pipe.process.send_signal(signal.SIGSTOP)
        assert counted.json("stock", "remove", "A-1", "1", "--timeout", "0")["quantity"] == 98
        pipe.process.send_signal(signal.SIGCONT)
        assert pipe.ask('{"sku":"A-1","delta":-1}')["quantity"] == 97
        assert pipe.end().code == 0
