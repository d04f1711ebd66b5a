"""Servers that end, sessions that are ended, and clients that stay: `--each`, `--follow`."""

import json
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from crowd import crowd
from inventories import Schema, ask, run
from lines import movement_line
from psycopg.sql import SQL, Identifier
from server import Server
from shop import WAIT, new_shop

from invctl.core.bulk.apply import apply_movements
from invctl.core.catalog import get_product, list_products
from invctl.core.products import create_product
from invctl.core.stock import add_stock
from invctl.core.upkeep.check import Check
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.db.postgresql.waiting import PatientConnection
from invctl.db.session import Session
from invctl.errors import (
    DatabaseLocked,
    DatabaseMissing,
    DatabaseUnusable,
    InventoryError,
    OutcomeUnknown,
    ProductNotFound,
    ServerUnreachable,
)
from invctl.models.attempts import Attempt
from invctl.models.fields import MOVEMENT_COLUMNS
from invctl.settings import Location, ServerLocation, read_location
from invctl.stopping import Stopped

pytestmark = pytest.mark.sweep

ME = Attempt("tester")
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
_names = count(1)


@pytest.fixture
def own(own_server: Server) -> Schema:
    """A schema on the module's own server, which runs, with a hundred of A."""
    if not own_server.runs:
        own_server.start()
    schema = Schema(own_server, f"own{next(_names)}")
    with closing(opened(schema, create=True)) as db:
        create_product(db, "A", name="a", quantity=100, attempt=ME)
    return schema


def at(schema: Schema) -> Location:
    return read_location(schema.url, "--db")


def opened(schema: Schema, **options: object) -> Database:
    return open_database(at(schema), **options)  # type: ignore[arg-type]


def restart(server: Server) -> None:
    server.stop()
    server.start()


def terminate(server: Server) -> None:
    with server.connect() as other:
        other.execute(f"{TERMINATE} AND backend_type = 'client backend'")


def kill(server: Server) -> None:
    server.kill()
    server.start()


@pytest.mark.parametrize("outage", [terminate, restart, kill])
@pytest.mark.parametrize("verb", ["write", "read"])
def test_what_comes_after_an_outage_goes_through_in_a_new_session(
    own: Schema, outage: Callable[[Server], None], verb: str
) -> None:
    with closing(opened(own)) as db:
        for quantity in (101, 102):
            assert add_stock(db, "A", 1, attempt=ME).quantity == quantity
            outage(own.server)
            if verb == "read":
                assert get_product(db, "A").quantity == quantity
                outage(own.server)
    own.check()


def test_a_coprocess_goes_on_after_its_server_was_restarted(own: Schema, tmp_path: Path) -> None:
    shop = new_shop(tmp_path)
    with subprocess.Popen(
        ["invctl", "--db", own.url, "stock", "apply", "-", "--each"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=shop.env,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr

        def answer(line: str) -> dict[str, object]:
            print(line, file=process.stdin, flush=True)
            assert process.stdout
            told: dict[str, object] = json.loads(process.stdout.readline())
            return told

        assert answer("sku,delta\nA,-1")["quantity"] == 99
        restart(own.server)
        assert answer("A,-1")["quantity"] == 98
        own.server.stop()
        error = answer("A,-1")["error"]
        assert isinstance(error, dict)
        assert (error["code"], error["retryable"]) == ("db_unusable", True)
        own.server.start()
        assert answer("A,-1")["quantity"] == 97
        process.stdin.close()
        assert process.stderr.read() == ""
        assert process.wait(WAIT) == 12


def test_a_session_that_was_lost_while_the_server_is_down_says_that_it_cannot_be_reached(
    own: Schema,
) -> None:
    with closing(opened(own)) as db:
        add_stock(db, "A", 1, attempt=ME)
        own.server.stop()
        for _ in range(2):
            with pytest.raises(ServerUnreachable) as caught:
                add_stock(db, "A", 1, attempt=ME)
            assert "cannot be reached" in caught.value.message
        own.server.start()
        assert add_stock(db, "A", 1, attempt=ME).quantity == 102


@pytest.mark.parametrize(
    "limit", ["idle_session_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"]
)
def test_a_server_that_ends_sessions_which_idle_is_no_bug(own: Schema, limit: str) -> None:
    def stall(session: Session) -> None:
        ask(session, "SELECT 1")
        threading.Event().wait(0.2)
        ask(session, "SELECT 1")

    with own.server.connect() as session:
        if limit == "transaction_timeout" and session.info.server_version < 170_000:
            pytest.skip("servers know transaction_timeout from PostgreSQL 17 on")
    url = f"{own.url}%20-c{limit}=50"
    with closing(open_database(read_location(url, "--db"), timeout=5)) as db:
        add_stock(db, "A", 1, attempt=ME)
        threading.Event().wait(0.2)  # longer than the server suffers
        assert add_stock(db, "A", 1, attempt=ME).quantity == 102
        if limit != "idle_session_timeout":
            with pytest.raises(ServerUnreachable):
                db.write(stall)
            with pytest.raises(ServerUnreachable, match=f"by its {limit}"), db.read() as reader:
                stall(reader)
            assert add_stock(db, "A", 1, attempt=ME).quantity == 103


def test_a_statement_that_somebody_cancels_is_not_called_a_lock(own: Schema) -> None:
    url = f"{own.url}%20-cstatement_timeout=50"
    with closing(open_database(read_location(url, "--db"), timeout=5)) as db:
        with pytest.raises(ServerUnreachable) as caught:
            db.write(lambda session: ask(session, "SELECT pg_sleep(9)::text"))
        assert "was told to stop" in caught.value.message
        assert add_stock(db, "A", 1, attempt=ME).quantity == 101


def test_what_was_acknowledged_before_the_server_was_killed_is_there(own: Schema) -> None:
    add, stop = threading.Semaphore(0), threading.Event()

    def write(db: Database, number: int) -> tuple[list[str], list[str]]:
        sure: list[str] = []
        unknown: list[str] = []
        for one in count():
            key = f"{number}-{one}"
            try:
                add_stock(db, "A", 1, attempt=Attempt("tester", key))
            except OutcomeUnknown:
                unknown.append(key)
            except InventoryError:
                if stop.is_set():
                    return sure, unknown
            else:
                sure.append(key)
                add.release()
        raise AssertionError

    def kill_it() -> None:
        for _ in range(200):
            add.acquire()
        stop.set()
        own.server.kill()

    killer = threading.Thread(target=kill_it)
    killer.start()
    ends = crowd(at(own), 6, write, timeout=2)
    killer.join()
    own.server.start()
    keys = {key for (key,) in own.query("SELECT idempotency_key FROM operation")} - {None}
    sure = {key for end in ends if isinstance(end, tuple) for key in end[0]}
    unknown = {key for end in ends if isinstance(end, tuple) for key in end[1]}
    assert len(sure) >= 200
    assert sure <= keys, "LOST"
    assert keys <= sure | unknown, "FALSE"
    assert own.query("SELECT quantity FROM product") == [(100 + len(keys),)]
    assert own.query("SELECT max(id) - count(*) FROM movement") == [(0,)]
    own.check()
    with closing(opened(own)) as db:
        for key in sorted(sure | unknown):
            add_stock(db, "A", 1, attempt=Attempt("tester", key))
    assert own.query("SELECT quantity FROM product") == [(100 + len(sure | unknown),)]


@pytest.mark.parametrize("held", ["product", "setting"])
def test_a_lock_that_is_held_too_long_is_told(stall: Database, schema: Schema, held: str) -> None:
    held_rows = SQL("SELECT 1 FROM {} FOR UPDATE").format(Identifier(held))
    with schema.session() as other, closing(opened(schema, timeout=0.3)) as db:
        other.execute("BEGIN")
        other.execute(held_rows)
        with pytest.raises(DatabaseLocked) as caught:
            add_stock(db, "A", 1, attempt=ME)
        assert caught.value.details == {"path": stall.path, "timeout": 0.3}
        other.rollback()
        assert add_stock(db, "A", 1, attempt=ME).quantity == 101


@pytest.mark.parametrize("seed", range(3))
def test_those_who_lock_in_the_opposite_order_are_outlasted(
    stall: Database, schema: Schema, seed: int
) -> None:
    ended = threading.Event()

    def rival(order: str) -> None:
        with schema.session() as other:
            other.execute("SET deadlock_timeout = '5ms'")
            while not ended.is_set():
                with suppress(Exception):
                    other.execute("BEGIN")
                    for name in order:
                        other.execute("SELECT 1 FROM product WHERE sku = %s FOR UPDATE", (name,))
                    other.execute("UPDATE setting SET value = value")
                other.rollback()

    def move(db: Database, number: int) -> int:
        order = "ABC" if (number + seed) % 2 else "CBA"
        lines = [movement_line(line, sku, "-1") for line, sku in enumerate(order, 2)]
        return sum(apply_movements(db, lines, attempt=ME).movements for _ in range(5))

    rivals = [threading.Thread(target=rival, args=(order,)) for order in ("CBA", "BAC", "ACB")]
    for one in rivals:
        one.start()
    url = f"{schema.url}%20-cdeadlock_timeout=5ms"
    assert stall.path == schema.url
    moved = crowd(read_location(url, "--db"), 4, move)
    ended.set()
    for one in rivals:
        one.join()
    assert moved == [15] * 4
    assert schema.query("SELECT DISTINCT quantity FROM product") == [(80,)]


def test_work_that_the_server_would_not_serialize_is_done_again(stall: Database) -> None:
    tries = count(1)

    def contested(session: Session) -> int:
        number = next(tries)
        if number < 4:
            raising = f"RAISE EXCEPTION USING ERRCODE = '{['40001', '40P01', '23505'][number - 1]}'"
            run(session, f"DO $$ BEGIN {raising}; END $$")
        return number

    assert stall.write(contested) == 4
    assert stall.write(lambda _: 7) == 7


def test_a_session_is_of_use_after_a_change_that_was_cut_off_in_the_middle(
    schema: Schema, stall: Database
) -> None:
    with closing(opened(schema, timeout=0.3)) as db:
        with pytest.raises(ProductNotFound):
            add_stock(db, "NOSUCH", 1, attempt=ME)
        for _ in range(5):
            add_stock(db, "A", 1, attempt=ME)
        with schema.session() as other, other.transaction():
            other.execute("SELECT 1 FROM setting WHERE name = 'schema_version' FOR UPDATE")
            with pytest.raises(DatabaseLocked):
                add_stock(db, "A", 1, attempt=ME)
        for quantity in (106, 107):
            assert add_stock(db, "A", 1, attempt=ME).quantity == quantity
    assert get_product(stall, "A").quantity == 107


@pytest.mark.usefixtures("stall")
def test_a_locked_table_is_waited_for_no_longer_than_may_be(schema: Schema) -> None:
    with schema.session() as other, other.transaction():
        other.execute("LOCK TABLE setting IN ACCESS EXCLUSIVE MODE")
        with closing(opened(schema, timeout=0.2)) as db, pytest.raises(DatabaseLocked):
            get_product(db, "A")


def test_what_is_done_is_done_though_the_server_cannot_tell_its_size(own: Schema) -> None:
    with closing(opened(own)) as db:
        add_stock(db, "A", 1, attempt=ME)
        assert db.size_bytes()
        terminate(own.server)
        assert db.size_bytes() is None


def test_work_that_never_gets_through_gives_up_after_the_timeout(
    schema: Schema, stall: Database
) -> None:
    def contested(session: Session) -> None:
        raising = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"
        run(session, raising)

    with closing(opened(schema, timeout=0.3)) as db, pytest.raises(DatabaseLocked):
        db.write(contested)
    assert add_stock(stall, "A", 1, attempt=ME).quantity == 101


@pytest.mark.usefixtures("stall")
def test_what_others_took_when_the_time_was_over_is_looked_at_once_more(schema: Schema) -> None:
    def taken(session: Session) -> int:
        if next(tries) <= others:
            run(session, "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '23505'; END $$")
        return 7

    with closing(opened(schema, timeout=0)) as db:
        others, tries = 1, count(1)
        assert db.write(taken) == 7
        others, tries = 2, count(1)
        with pytest.raises(DatabaseLocked):
            db.write(taken)


@contextmanager
def follower(schema: Schema, tmp_path: Path, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Give a `stock log --follow` that has told of the first movement."""
    with subprocess.Popen(
        ["invctl", "--db", schema.url, "stock", "log", "--follow", "-o", "jsonl", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=new_shop(tmp_path).env,
    ) as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["id"] == 1
        yield process


def test_what_is_dropped_under_a_session_is_missing_and_not_called_damaged(
    stall: Database, schema: Schema
) -> None:
    for asked in (lambda: add_stock(stall, "A", 1, attempt=ME), lambda: get_product(stall, "A")):
        assert get_product(stall, "A").quantity == 100
        with schema.session() as other:
            other.execute(SQL("ALTER SCHEMA {} RENAME TO away").format(Identifier(schema.name)))
            with pytest.raises(DatabaseMissing):
                asked()
            other.execute(SQL("ALTER SCHEMA away RENAME TO {}").format(Identifier(schema.name)))


@pytest.mark.parametrize("amounts", [[1], [1, 2]])
def test_what_is_migrated_under_a_session_is_not_written_to_by_it(
    stall: Database, schema: Schema, amounts: list[int]
) -> None:
    works = [partial(add_stock, stall, "A", amount, attempt=ME) for amount in amounts]
    assert get_product(stall, "A").quantity == 100
    with schema.session() as other:
        other.execute("UPDATE setting SET value = '999' WHERE name = 'schema_version'")
        for done in stall.write_each(works):
            assert isinstance(done, DatabaseUnusable)
            assert "newer invctl" in done.message
        other.execute("UPDATE setting SET value = '2' WHERE name = 'schema_version'")
    assert get_product(stall, "A").quantity == 100


def test_a_limit_of_the_server_s_is_told_as_that_and_is_no_bug(
    stall: Database, schema: Schema
) -> None:
    rows = "SELECT n, 'N-' || n, repeat('n', 200), 0, '', '' FROM generate_series(1001, 2000) AS n"
    with schema.session() as other:
        columns = "id, sku, name, quantity, created_at, updated_at"
        other.execute(f"INSERT INTO product ({columns}) {rows}".encode())
    limited = f"{schema.url}%20-ctemp_file_limit=0%20-cwork_mem=64kB"
    said = pytest.raises(DatabaseUnusable, match=r'cannot do it: .*"temp_file_limit"')
    with closing(open_database(read_location(limited, "--db"))) as db, said:
        deque(list_products(db, sort="name"), maxlen=0)
    assert get_product(stall, "A").quantity == 100


def test_a_follower_is_told_that_its_server_went_for_good(own: Schema, tmp_path: Path) -> None:
    with follower(own, tmp_path, "--timeout", "0.2") as process:
        own.server.stop()
        out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, out) == (12, b"")
    assert json.loads(err)["error"]["code"] == "db_unusable"


def test_a_follower_outlasts_restarts_and_misses_nothing(own: Schema, tmp_path: Path) -> None:
    with follower(own, tmp_path, "--timeout", str(WAIT)) as process:
        assert process.stdout
        for number in (2, 3, 4):
            restart(own.server)
            with closing(opened(own)) as db:
                add_stock(db, "A", 1, attempt=ME)
            line = process.stdout.readline()
            assert line, process.communicate()  # what it died of
            assert json.loads(line)["id"] == number
        process.terminate()


def test_a_signal_as_a_pipeline_ends_is_not_taken_for_a_session_that_ended(own: Schema) -> None:
    def stop(number: int, _frame: object) -> None:
        raise Stopped(number)

    location = read_location(own.url, "--db")
    assert isinstance(location, ServerLocation)
    before = signal.signal(signal.SIGALRM, stop)
    try:
        with closing(PatientConnection.connect(location.url.conninfo, autocommit=True)) as driver:
            signal.setitimer(signal.ITIMER_REAL, 0.1)  # by then the answer is waited for
            with pytest.raises(Stopped), driver.pipeline():
                driver.execute("SELECT pg_sleep(9)")
            assert driver.closed
    finally:
        signal.signal(signal.SIGALRM, before)


def test_what_the_libraries_log_is_not_put_beside_the_error() -> None:
    logs = (
        "import logging, invctl.db.postgresql.connection\n"
        "for name in ('psycopg', 'psycopg.pool'):\n"
        "    logging.getLogger(name).error('Error closing cursor')\n"
    )
    done = subprocess.run([sys.executable, "-c", logs], capture_output=True, check=True)
    assert done.stderr == b""


def test_a_session_that_made_the_tables_is_limited_as_others_are(own: Schema) -> None:
    def limits(session: Session) -> list[str]:
        names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        return [ask(session, f"SHOW {name}") for name in names]

    with closing(open_database(read_location(f"{own.url}new", "--db"), create=True)) as db:
        limited = [db.write(limits) for _ in range(2)]
        assert db.created
    assert not any("0" in one for one in limited)


def test_what_is_set_for_a_session_is_so_in_each_of_its_transactions(own: Schema) -> None:
    durable = {"synchronous_commit": "on", "client_min_messages": "warning", "array_nulls": "on"}
    limited = {"lock_timeout": "5s", "statement_timeout": "5s"}
    silent = "idle_in_transaction_session_timeout"

    def shown(session: Session) -> dict[str, str]:
        return {name: ask(session, f"SHOW {name}") for name in (*durable, *limited, silent)}

    other_ways = "%20-csynchronous_commit=off%20-cclient_min_messages=error%20-carray_nulls=off"
    with closing(open_database(read_location(own.url + other_ways, "--db"), timeout=5)) as db:
        for dry_run in (True, False, False, True, False):
            assert db.write(shown, dry_run=dry_run) == {**durable, **limited, silent: "10s"}
        with db.read() as reader:
            unlimited = {**durable, "lock_timeout": "5s", "statement_timeout": "0", silent: "0"}
            assert shown(reader) == unlimited
        assert db.write(shown, many=True) == {**unlimited, silent: "10min"}
        assert db.write(shown) == {**durable, **limited, silent: "10s"}


def test_a_client_that_went_silent_in_its_transaction_makes_nobody_wait_for_ever(
    own: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invctl.db.postgresql.engine._SILENT", 100)
    went_on = threading.Event()

    def falls_silent(session: Session) -> None:
        session.take_turn()
        ask(session, "SELECT 1")
        with closing(opened(own, timeout=WAIT)) as other:
            add_stock(other, "A", 1, attempt=ME)
        went_on.set()
        ask(session, "SELECT 1")

    with closing(opened(own)) as db:
        with pytest.raises(ServerUnreachable, match="nothing was changed"):
            db.write(falls_silent)
        assert went_on.is_set()
        assert add_stock(db, "A", 1, attempt=ME).quantity == 102


SLOW = """
CREATE FUNCTION {0}.slow() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE UPDATE ON {0}.product FOR EACH ROW EXECUTE FUNCTION {0}.slow()
"""


def test_what_takes_longer_than_the_timeout_is_told_as_locked_if_it_is_about_one_product(
    own: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invctl.db.postgresql.engine._AT_LEAST", 100)
    with closing(opened(own, timeout=0.1)) as db:
        add_stock(db, "A", 1, attempt=ME)  # a session looks for triggers when it begins
        with own.server.connect() as other:
            other.execute(SQL(SLOW).format(Identifier(own.name)))
        cells = {**dict.fromkeys(MOVEMENT_COLUMNS, ""), "sku": "A", "delta": "1"}
        assert apply_movements(db, [(2, tuple(cells.values()))], attempt=ME).movements == 1
        assert get_product(db, "A").quantity == 102
        with pytest.raises(DatabaseLocked):
            add_stock(db, "A", 1, attempt=ME)


def test_a_server_that_goes_away_under_a_check_is_no_damage(
    own: Schema, own_server: Server
) -> None:
    stages: list[str] = []

    def stage(part: str) -> None:
        stages.append(part)
        if part == "the balances":
            own_server.stop("immediate")

    with closing(opened(own)) as db, pytest.raises(ServerUnreachable):
        list(Check(db, stage))
    assert stages[-1] == "the balances"
    own_server.start()
