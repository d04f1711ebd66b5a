"""Ids are given in order of commitment: who reads on from the last one that it saw skips none."""

import json
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from typing import Any, cast

import psycopg
import pytest
from crowd import crowd
from hypothesis import given, settings
from hypothesis import strategies as st
from inventories import Schema, new_schema
from lines import keyed_line, movement_line
from shop import WAIT, Shop

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.each import apply_lines
from invctl.core.codes import add_code, remove_code
from invctl.core.following import follow_log
from invctl.core.ledger import stock_log
from invctl.core.log import get_operation
from invctl.core.products import create_product, delete_product
from invctl.core.stock import add_stock
from invctl.core.upkeep.check import Check
from invctl.db.database import Database, outcome
from invctl.db.opening import open_database
from invctl.db.postgresql.session import ServerSession
from invctl.db.session import Posting, Row, Session, Text
from invctl.models.attempts import NO_LABEL, Attempt
from invctl.models.products import ProductChange
from invctl.settings import read_location

ME = Attempt("tester")
CODE = "4006381333931"
LOCK = "SELECT 1 FROM product WHERE sku = %s FOR UPDATE SKIP LOCKED"  # or it might wait for ever

actions = st.one_of(
    st.tuples(st.just("hold"), st.sampled_from("ABC")),
    st.tuples(st.just("release"), st.sampled_from("ABC")),
    *[st.tuples(st.just("write"), st.sampled_from(["A", "B", "C", "AB", "CA", "BCA"]))] * 2,
    st.tuples(st.just("look"), st.just("")),
)


def opened(schema: Schema) -> Database:
    return open_database(read_location(schema.url, "--db"), timeout=60)


def write(schema: Schema, skus: str) -> None:
    with closing(opened(schema)) as db:
        if len(skus) == 1:
            add_stock(db, skus, 1, attempt=ME)
        else:
            lines = [movement_line(line, sku, "1") for line, sku in enumerate(skus, 2)]
            apply_movements(db, lines, attempt=ME)


class Reader:
    """Somebody who reads the log on from the last movement that they saw."""

    def __init__(self, schema: Schema) -> None:
        self.db = opened(schema)
        self.seen: list[tuple[Any, ...]] = []

    def look(self) -> None:
        last = self.seen[-1][0] if self.seen else 0
        for chunk in stock_log(self.db, since_id=last):
            self.seen.extend(tuple(row) for row in chunk)


def holder(schema: Schema, sku: str) -> "psycopg.Connection[Any]":
    """Return a session of another program that has locked a product."""
    other = schema.server.connect(options=f"-csearch_path={schema.name}")
    other.execute("BEGIN")
    other.execute(LOCK, (sku,))
    return other


def wait_for_waiters(schema: Schema, count: int) -> None:
    """Return when so many sessions wait for a lock."""
    with schema.server.connect() as other:
        for _ in range(WAIT * 100):
            row = other.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            ).fetchone()
            if row and row[0] >= count:
                return
            threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


def test_who_commits_late_gets_the_later_id(stall: Database, schema: Schema) -> None:
    reader = Reader(schema)
    reader.look()
    with closing(holder(schema, "A")) as other, ThreadPoolExecutor(1) as clients:
        late = clients.submit(write, schema, "A")
        wait_for_waiters(schema, 1)
        add_stock(stall, "B", 1, attempt=ME)
        reader.look()
        assert [row[3] for row in reader.seen[3:]] == ["B"]
        other.rollback()
        late.result(WAIT)
    reader.look()
    assert [(row[0], row[1], row[3]) for row in reader.seen[3:]] == [(4, 4, "B"), (5, 5, "A")]
    reader.db.close()


@pytest.mark.usefixtures("stall")
def test_of_two_who_make_the_same_request_at_once_the_second_is_told_the_answer(
    schema: Schema,
) -> None:
    lines = [keyed_line("A", delta="-100", idempotency_key="k"), keyed_line("B", delta="1")]

    def work(number: int) -> object:
        with closing(opened(schema)) as db:
            mine = Attempt(f"client {number}")
            return apply_lines(db, lines, label=NO_LABEL, attempt=mine)[0]

    with closing(holder(schema, "A")) as other, ThreadPoolExecutor(2) as clients:
        both = [clients.submit(work, number) for number in range(2)]
        wait_for_waiters(schema, 2)
        other.rollback()
        done = [one.result(WAIT) for one in both]
    assert sorted(getattr(one, "replayed", repr(one)) for one in done) == [False, True]


def all_in_turn(schema: Schema, *works: Callable[[Database], object]) -> list[object]:
    """Return what becomes of works that have all come to wait for the turn, each after the last."""

    def done_alone(work: Callable[[Database], object]) -> object:
        with closing(opened(schema)) as db:
            return outcome(lambda: work(db))

    with closing(opened(schema)) as other, ThreadPoolExecutor(len(works)) as clients:

        def hold_the_turn(session: Session) -> list[Future[object]]:
            session.take_turn()
            waiting = []
            for work in works:
                waiting.append(clients.submit(done_alone, work))
                wait_for_waiters(schema, len(waiting))
            return waiting

        return [one.result(WAIT) for one in other.write(hold_the_turn)]


def test_of_two_who_remove_a_code_at_once_the_second_is_told_that_it_is_not_there(
    stall: Database, schema: Schema
) -> None:
    add_code(stall, "A", CODE, attempt=ME)
    remove = partial(remove_code, code=CODE, attempt=ME)
    done = all_in_turn(schema, remove, remove)
    assert [type(one).__name__ for one in done] == ["CodeChange", "CodeNotFound"]


def test_a_code_that_is_removed_at_the_last_moment_goes_with_no_product(
    stall: Database, schema: Schema
) -> None:
    create_product(stall, "NEW", name="New", attempt=ME)
    add_code(stall, "NEW", CODE, attempt=ME)
    remove = partial(remove_code, code=CODE, attempt=ME)
    _, deleted = all_in_turn(schema, remove, partial(delete_product, sku="NEW", attempt=ME))
    gone = get_operation(stall, cast("ProductChange", deleted).operation)["change_records"]
    assert "code" not in [one["field"] for one in gone]


@pytest.mark.parametrize("skus", [["b", "A"], ["B", "a"], ["A", "b"], [" b ", "A"]])
def test_a_file_waits_for_the_first_of_its_products_and_keeps_none_meanwhile(
    stall: Database, schema: Schema, skus: list[str]
) -> None:
    lines = [movement_line(line, sku, "-1") for line, sku in enumerate(skus, 2)]
    with closing(holder(schema, "A")) as other, ThreadPoolExecutor(1) as clients:
        late = clients.submit(apply_movements, stall, lines, attempt=ME)
        wait_for_waiters(schema, 1)
        assert other.execute(LOCK, ("B",)).fetchone()
        other.rollback()
        assert late.result(WAIT).movements == 2


TURN = "SELECT 1 FROM setting WHERE name = 'schema_version' FOR UPDATE SKIP LOCKED"


def test_a_sale_has_its_product_before_its_turn(stall: Database, schema: Schema) -> None:
    """Else it would, holding the turn, wait for who holds the product and waits for the turn."""
    with closing(holder(schema, "A")) as other, ThreadPoolExecutor(1) as clients:
        late = clients.submit(add_stock, stall, "A", 1, attempt=ME)
        wait_for_waiters(schema, 1)
        assert other.execute(TURN).fetchone(), "who waits for the product has the turn"
        other.rollback()
        late.result(WAIT)
        other.execute("BEGIN")
        other.execute(TURN)
        late = clients.submit(add_stock, stall, "A", 1, attempt=ME)
        wait_for_waiters(schema, 1)
        assert not other.execute(LOCK, ("A",)).fetchone(), "who waits for the turn has no product"
        other.rollback()
        late.result(WAIT)


def test_a_sale_that_was_possible_only_after_its_lock_is_done_again(
    stall: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it wrote has a number that it had no turn to give."""
    real = ServerSession.post
    seen: list[str] = []

    def post(session: ServerSession, posting: Posting, /, **values: Any) -> Row | None:
        text = posting.lock.server
        lock = text if seen else text.replace(" WHERE ", " WHERE false AND ")
        seen.append(lock)
        return real(session, posting._replace(lock=Text("", lock)), **values)

    monkeypatch.setattr(ServerSession, "post", post)
    done = add_stock(stall, "A", 1, attempt=ME)
    assert (len(seen), done.quantity) == (2, 101)
    assert list(Check(stall)) == []


def test_a_follower_sees_what_commits_late(stocked: Shop) -> None:
    schema = cast("Schema", stocked.db)
    with closing(holder(schema, "A-1")) as other:
        command = ("stock", "log", "--follow", "--since-id", "1", "-o", "jsonl")
        follower = stocked.start(*command)
        late = stocked.start("stock", "add", "A-1", "1", "--timeout", "60")
        wait_for_waiters(schema, 1)
        stocked.json("stock", "add", "B-1", "1")
        assert follower.stdout
        seen = [json.loads(follower.stdout.readline())]
        other.rollback()
        assert ended(late) == 0
        seen.append(json.loads(follower.stdout.readline()))
    follower.terminate()
    ended(follower)
    assert [(row["id"], row["sku"]) for row in seen] == [(2, "B-1"), (3, "A-1")]


def ended(process: "subprocess.Popen[bytes]") -> int:
    process.communicate(timeout=WAIT)
    return process.returncode


def test_every_snapshot_holds_all_ids_up_to_its_last(stall: Database, schema: Schema) -> None:
    done = threading.Event()
    gaps: list[object] = []

    def look_on() -> None:
        query = "SELECT count(*), max(id) FROM {0} UNION ALL SELECT count(*), max(id) FROM {1}"
        with schema.session() as other:
            while not done.is_set():
                rows = other.execute(query.format("movement", "operation").encode()).fetchall()
                gaps.extend(row for row in rows if row[0] != row[1])

    onlooker = threading.Thread(target=look_on)
    onlooker.start()

    def work(db: Database, number: int) -> int:
        for one in range(12):
            if (one + number) % 4:
                add_stock(db, "ABC"[one % 3], 1, attempt=ME)
            else:
                create_product(db, f"P-{number}-{one}", name="x", quantity=2, attempt=ME)
        return number

    assert sorted(map(str, crowd(stall.location, 6, work))) == sorted(map(str, range(6)))
    done.set()
    onlooker.join()
    assert gaps == []


def test_a_follower_in_a_crowd_sees_each_movement_once_and_in_order(
    stall: Database, schema: Schema
) -> None:
    wanted = 3 + 6 * 20
    follower = opened(schema)

    def follow() -> list[int]:
        seen: list[int] = []
        for chunk in follow_log(follower):
            seen.extend(row[0] for row in chunk)
            if len(seen) >= wanted:
                break
        return seen

    with ThreadPoolExecutor(1) as readers:
        seen = readers.submit(follow)
        crowd(stall.location, 6, lambda db, n: [one(db, n) for one in [add_one] * 20])
        assert seen.result(WAIT) == list(range(1, wanted + 1))
    follower.close()


def add_one(db: Database, number: int) -> None:
    add_stock(db, "ABC"[number % 3], 1, attempt=ME)


@settings(max_examples=300)
@given(schedule=st.lists(actions, min_size=4, max_size=24))
def test_no_interleaving_hides_a_movement_from_a_reader(
    template: Schema, schedule: list[tuple[str, str]]
) -> None:
    schema = new_schema()
    schema.copy_from(template)
    reader = Reader(schema)
    held: dict[str, psycopg.Connection[Any]] = {}
    writes: list[Future[None]] = []
    with ExitStack() as ends, ThreadPoolExecutor(len(schedule) + 1) as clients:
        ends.callback(reader.db.close)
        for verb, what in schedule:
            if verb == "write":
                writes.append(clients.submit(write, schema, what))
            elif verb == "look":
                reader.look()
            elif verb == "hold" and what not in held:
                held[what] = holder(schema, what)
            elif verb == "release" and what in held:
                held.pop(what).close()
        for one in held.values():
            one.close()
        for write_ in writes:
            write_.result(WAIT)
        reader.look()
    [(total,)] = schema.query("SELECT count(*) FROM movement")
    assert [row[0] for row in reader.seen] == list(range(1, total + 1))
    schema.check()


@pytest.fixture(scope="module")
def template() -> Schema:
    """An inventory with a hundred of each of A, B and C."""
    template = new_schema()
    where = read_location(template.url, "--db")
    with closing(open_database(where, create=True)) as db:
        for sku in "ABC":
            create_product(db, sku, name=sku, quantity=100, attempt=ME)
    return template
