"""Servers with standbys: what a COMMIT waits for, what replicas show, and who takes whose place."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from inventories import Schema
from lines import movement_line
from psycopg.sql import SQL, Literal
from server import Server, new_folder
from shop import WAIT, error_of, new_shop

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.each import apply_lines
from invctl.core.catalog import get_product
from invctl.core.following import follow_log
from invctl.core.ledger import stock_log
from invctl.core.products import create_product
from invctl.core.stock import add_stock
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.errors import OutcomeUnknown, PermissionRefused, ServerUnreachable
from invctl.models.answers import Answer
from invctl.models.attempts import NO_LABEL, Attempt
from invctl.settings import read_location

pytestmark = pytest.mark.sweep

ME = Attempt("tester")
KEYED = Attempt("tester", "key")
COMMITTED = "SELECT count(*) FROM operation WHERE idempotency_key = 'key'"
_names = count(1)


@pytest.fixture
def own(own_server: Server) -> Iterator[Schema]:
    """A schema on the module's own server with a hundred of A; nothing is waited for in the end."""
    schema = Schema(own_server, f"own{next(_names)}")
    with opened(schema.url, create=True) as db:
        create_product(db, "A", name="a", quantity=100, attempt=ME)
    yield schema
    wait_for(own_server, "")


def opened(*urls: str, **options: object) -> closing[Database]:
    return closing(open_database(read_location(urls[0], "--db"), **options))  # type: ignore[arg-type]


def wait_for(server: Server, standbys: str) -> None:
    """Let each COMMIT wait for standbys of those names from here on."""
    with server.connect() as admin:
        admin.execute(
            SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(Literal(standbys))
        )
        admin.execute("SELECT pg_reload_conf()")
        until(server, f"SELECT current_setting('synchronous_standby_names') = '{standbys}'")


def until(server: Server, condition: str) -> None:
    """Ask until something is so; new sessions know new settings."""
    with server.connect() as admin:
        while admin.execute(condition.encode()).fetchone() != (True,):
            threading.Event().wait(0.01)


def cancel_the_wait(server: Server) -> None:
    """Cancel what waits for a standby, as an administrator may who sees it hang."""
    waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    until(server, f"SELECT count(*) > 0 {waiting}")
    with server.connect() as admin:
        admin.execute(f"SELECT pg_cancel_backend(pid) {waiting}".encode())


MUTATIONS: dict[str, Callable[[Database], Answer]] = {
    "one": lambda db: add_stock(db, "A", 1, attempt=KEYED),
    "many": lambda db: apply_movements(db, [movement_line(2, "A", "1")], attempt=KEYED),
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_a_commit_whose_wait_for_a_standby_is_cancelled_is_never_acknowledged(
    own: Schema, mutation: Callable[[Database], Answer]
) -> None:
    wait_for(own.server, "nobody")
    with opened(own.url, timeout=WAIT) as db, ThreadPoolExecutor(1) as clients:
        for _ in range(2):  # the first time it is done, the second time its answer is repeated
            done: Future[Answer] = clients.submit(mutation, db)
            cancel_the_wait(own.server)
            with pytest.raises(OutcomeUnknown, match="no standby has confirmed it"):
                done.result(WAIT)
            assert own.query(COMMITTED) == [(1,)]
        wait_for(own.server, "")
        assert mutation(db).replayed is True
    assert own.query("SELECT quantity FROM product") == [(101,)]


def test_lines_that_share_a_commit_wait_for_the_standby_to_be_answered_again(own: Schema) -> None:
    lines = [("A", "1", *[""] * 6, key) for key in ("k", "l")]

    def outcomes(db: Database) -> list[type]:
        return [type(one) for one in apply_lines(db, lines, label=NO_LABEL, attempt=ME)]

    with opened(own.url, timeout=1) as db:
        assert OutcomeUnknown not in outcomes(db)
        wait_for(own.server, "nobody")
        assert outcomes(db) == [OutcomeUnknown] * 2


def test_a_commit_that_is_not_answered_ends_with_the_timeout_and_goes_on_by_itself(
    own: Schema,
) -> None:
    wait_for(own.server, "nobody")
    url = f"{own.url}%20-csynchronous_commit=local%20-cclient_min_messages=error"
    with opened(url, timeout=1) as db:
        with pytest.raises(OutcomeUnknown, match="did not answer it in time"):
            add_stock(db, "A", 1, attempt=KEYED)
        until(own.server, "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        assert own.query(COMMITTED) == [(0,)]
        wait_for(own.server, "")
        assert add_stock(db, "A", 1, attempt=KEYED).replayed is True


def test_a_server_that_is_frozen_is_left(own: Schema) -> None:
    with opened(own.url, timeout=2) as db:
        add_stock(db, "A", 1, attempt=ME)
        own.server.freeze()
        try:
            with pytest.raises(ServerUnreachable):
                add_stock(db, "A", 1, attempt=ME)
        finally:
            own.server.thaw()
        assert add_stock(db, "A", 1, attempt=ME).quantity == 102


@contextmanager
def new_pair() -> Iterator["Pair"]:
    primary, replica = Server(new_folder()), Server(new_folder())
    primary.create()
    primary.start()
    pair = Pair(primary, replica)
    with opened(pair.primary_url, create=True) as db:
        create_product(db, "A", name="a", quantity=100, attempt=ME)
    replica.follow(primary)
    yield pair
    primary.stop("immediate")
    replica.stop("immediate")


@pytest.fixture(scope="module")
def pair() -> Iterator["Pair"]:
    """A primary with a hundred of A, and its replica."""
    with new_pair() as pair:
        yield pair


@pytest.fixture
def lost() -> Iterator["Pair"]:
    """Another one, whose primary may be lost."""
    with new_pair() as pair:
        yield pair


class Pair:
    """A primary and a replica, and how a client gets to one or the other."""

    def __init__(self, primary: Server, replica: Server) -> None:
        self.primary = primary
        self.replica = replica
        self.primary_url = primary.url()
        self.replica_url = replica.url()

    def url(self, role: str) -> str:
        hosts = f"{self.primary.folder},{self.replica.folder}"
        return self.primary.url(host=hosts, target_session_attrs=role)

    def seen(self) -> None:
        """Wait until the replica has all that there is."""
        with self.primary.connect() as admin:
            row = admin.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
        assert row
        until(self.replica, f"SELECT pg_last_wal_replay_lsn() >= '{row[0]}'")

    def fail_over(self) -> None:
        self.seen()
        self.primary.kill()
        self.replica.promote()

    @contextmanager
    def lagging(self) -> Iterator[None]:
        """Let the replica show what was until here."""
        self.seen()
        with self.replica.connect() as admin:
            admin.execute("SELECT pg_wal_replay_pause()")
            until(self.replica, "SELECT pg_get_wal_replay_pause_state() = 'paused'")
            try:
                yield
            finally:
                admin.execute("SELECT pg_wal_replay_resume()")


def test_clients_go_on_where_a_replica_takes_the_place_of_its_primary(
    lost: Pair, tmp_path: Path
) -> None:
    shop = new_shop(tmp_path)
    there = ("invctl", "--db", lost.url("read-write"), "--timeout", str(WAIT))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": shop.env, "text": True}
    with (
        subprocess.Popen([*there, "stock", "apply", "-", "--each"], **pipes) as pipe,  # type: ignore[call-overload]
        subprocess.Popen([*there, "stock", "log", "--follow", "-o", "jsonl"], **pipes) as follower,  # type: ignore[call-overload]
    ):
        assert pipe.stdin
        assert pipe.stdout
        assert follower.stdout
        print("sku,delta\nA,-1", file=pipe.stdin, flush=True)
        assert json.loads(pipe.stdout.readline())["quantity"] == 99
        assert [json.loads(follower.stdout.readline())["id"] for _ in "12"] == [1, 2]
        lost.seen()
        lost.primary.kill()
        promoting = threading.Thread(target=lost.replica.promote)
        promoting.start()
        assert shop.json(*there[1:], "stock", "add", "A", "1")["quantity"] == 100
        print("A,-1", file=pipe.stdin, flush=True)
        assert json.loads(pipe.stdout.readline())["quantity"] == 99
        assert [json.loads(follower.stdout.readline())["id"] for _ in "34"] == [3, 4]
        promoting.join()
        follower.terminate()


def test_what_was_cut_off_in_its_commit_is_found_out_by_its_key_on_the_host_that_goes_on(
    lost: Pair,
) -> None:
    wait_for(lost.primary, "nobody")
    with opened(lost.url("read-write"), timeout=WAIT) as db, ThreadPoolExecutor(1) as clients:
        done = clients.submit(add_stock, db, "A", 1, attempt=KEYED)
        until(
            lost.primary, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        )
        lost.fail_over()
        assert done.result(WAIT).quantity == 101
    with opened(lost.replica_url) as db:
        assert get_product(db, "A").quantity == 101


def test_hosts_of_which_none_lets_write_are_named_with_what_each_of_them_said(
    pair: Pair, tmp_path: Path
) -> None:
    pair.primary.stop()
    there = (f"--db={pair.url('read-write')}", "--timeout", "0.1", "--json")
    error = error_of(new_shop(tmp_path).run("stock", "add", "A", "1", *there), 12)
    pair.primary.start()
    assert error["retryable"] is True
    for server, said in ((pair.primary, "No such file"), (pair.replica, "session is read-only")):
        assert f"{server.folder}: {said}" in error["message"]


def test_a_replica_serves_reads_and_says_how_old_they_are(pair: Pair, tmp_path: Path) -> None:
    shop = new_shop(tmp_path)
    there = f"--db={pair.url('prefer-standby')}"
    with opened(pair.primary_url) as db:
        before = add_stock(db, "A", 1, attempt=ME).quantity
        pair.seen()
        assert shop.json(there, "product", "show", "A")["quantity"] == before
    with pair.lagging():
        with opened(pair.primary_url) as db:
            add_stock(db, "A", 1, attempt=ME)
        behind = "pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()"
        age = "clock_timestamp() - pg_last_xact_replay_timestamp() > interval '1 s'"
        until(pair.replica, f"SELECT {behind} AND {age}")
        done = shop.run(there, "--json", "product", "show", "A")
    assert json.loads(done.out)["quantity"] == before
    assert "invctl: warning: a replica answers, as its primary was " in done.stderr


def test_a_replica_repeats_no_answer_that_its_primary_may_lose(pair: Pair) -> None:
    with opened(pair.primary_url) as db:
        add_stock(db, "A", 1, attempt=KEYED)
    pair.seen()
    with opened(pair.replica_url) as db, pytest.raises(PermissionRefused):
        add_stock(db, "A", 1, attempt=KEYED)


def test_a_reader_that_comes_to_an_older_replica_is_told_nothing_twice_and_misses_nothing(
    pair: Pair,
) -> None:
    with opened(pair.primary_url) as primary, opened(pair.url("any"), timeout=WAIT) as reader:
        rows = follow_log(reader)
        with pair.lagging():
            first = add_stock(primary, "A", 1, attempt=ME).movement
            assert next(rows)[-1][0] == first
            pair.primary.stop()
            assert [next(rows) for _ in range(3)] == [()] * 3
            with opened(pair.replica_url) as older:
                assert first not in [row[0] for rows in stock_log(older) for row in rows]
                assert list(stock_log(older, since_id=first)) == []
            pair.primary.start()
        second = add_stock(primary, "A", 1, attempt=ME).movement
        assert [row[0] for row in next(filter(None, rows))] == [second]
