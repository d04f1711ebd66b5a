"""Waiting for others: SQLite's lock, the gate before it, and one state for each reader."""

import fcntl
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from crowd import crowd
from inventories import Inventory, ask, look, run
from shop import WAIT

from invctl.core.catalog import get_product
from invctl.core.ledger import stock_log
from invctl.core.stock import add_stock, remove_stock
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.db.sqlite import rights
from invctl.db.sqlite.gate import Gate
from invctl.errors import DatabaseLocked, DatabaseUnusable, InsufficientStock, InventoryError
from invctl.models.attempts import Attempt

ME = Attempt("tester")
SHORT = 0.3
Open = Callable[..., Database]
Refused = Callable[[Callable[[], object]], InventoryError]

HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def lock(stall: Database, inventory: Inventory) -> Iterator[Callable[[], None]]:
    """Somebody else who is in the middle of a write, and what ends it."""
    assert stall.path == str(inventory)
    with look(inventory).writing() as end:
        yield end


@contextmanager
def gate(path: str) -> Iterator[int]:
    """Hold the gate by a file of its own, as another process would."""
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    finally:
        os.close(descriptor)


def seconds(call: Callable[[], object]) -> float:
    start = time.monotonic()
    call()
    return time.monotonic() - start


@pytest.mark.usefixtures("lock")
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_write_gives_up_after_its_timeout(
    open_db: Open, path: str, refused: Refused, dry_run: bool
) -> None:
    db = open_db(timeout=SHORT)
    attempt = Attempt("tester", dry_run=dry_run)
    start = time.monotonic()
    error = refused(lambda: add_stock(db, "TEA", 1, attempt=attempt))
    assert SHORT <= time.monotonic() - start < SHORT + 2
    assert isinstance(error, DatabaseLocked)
    assert error.details == {"path": path, "timeout": SHORT}
    assert error.retryable is True


def test_a_write_waits_for_its_turn(open_db: Open, lock: Callable[[], None]) -> None:
    db = open_db(timeout=30)
    waker = threading.Timer(0.2, lock)
    waker.start()
    assert add_stock(db, "TEA", 1, attempt=ME).quantity == 6
    waker.join()


@pytest.mark.sqlite("a server is told with each transaction")
@pytest.mark.usefixtures("stall")
def test_what_comes_after_a_write_that_stood_in_the_queue_has_all_of_its_time(
    open_db: Open, path: str
) -> None:
    db = open_db(timeout=30)
    with gate(path) as descriptor:
        waker = threading.Timer(0.2, fcntl.flock, (descriptor, fcntl.LOCK_UN))
        waker.start()
        add_stock(db, "TEA", 1, attempt=ME)
        waker.join()
    with db.read() as session:
        assert ask(session, "PRAGMA busy_timeout") == 30_000


@pytest.mark.usefixtures("lock")
def test_reading_waits_for_nobody(open_db: Open) -> None:
    assert seconds(lambda: get_product(open_db(timeout=30), "TEA")) < 10


@pytest.mark.usefixtures("lock")
def test_no_wait_at_all_is_possible(open_db: Open, refused: Refused) -> None:
    error = refused(lambda: add_stock(open_db(timeout=0.0), "TEA", 1, attempt=ME))
    assert isinstance(error, DatabaseLocked)


@pytest.mark.sqlite("the gate is a file")
def test_who_gives_up_at_the_gate_again_and_again_leaves_no_more_than_one_place_in_the_queue(
    stall: Database, path: str, refused: Refused
) -> None:
    stall.timeout = 0.01
    with gate(path):
        for _ in range(9):
            assert isinstance(
                refused(lambda: add_stock(stall, "TEA", 1, attempt=ME)), DatabaseLocked
            )
        waiting = [one for one in threading.enumerate() if one.name == "gate"]
        assert len(waiting) == 1
    waiting[0].join(WAIT)
    stall.timeout = WAIT
    assert add_stock(stall, "TEA", 1, attempt=ME).quantity == 6


@pytest.mark.sqlite("the gate is a file")
def test_who_gave_up_at_the_gate_keeps_the_place_in_the_queue(
    stall: Database, path: str, refused: Refused
) -> None:
    stall.timeout = 0.01
    with gate(path) as held:
        assert isinstance(refused(lambda: add_stock(stall, "TEA", 1, attempt=ME)), DatabaseLocked)
        stall.timeout = WAIT
        later = threading.Timer(0.1, lambda: fcntl.flock(held, fcntl.LOCK_UN))
        later.start()
        assert add_stock(stall, "TEA", 1, attempt=ME).quantity == 6
        later.join()
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # and nobody has it any more


@pytest.mark.sqlite("the gate is a file")
def test_a_write_gives_up_where_another_process_holds_the_gate(
    stall: Database, open_db: Open, path: str, refused: Refused
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"{path}.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    db = open_db(timeout=SHORT)
    error = refused(lambda: add_stock(db, "TEA", 1, attempt=ME))
    assert isinstance(error, DatabaseLocked)
    assert error.details == {"path": path, "timeout": SHORT}
    assert get_product(db, "TEA").quantity == 5
    holder.communicate(timeout=30)
    assert add_stock(db, "TEA", 1, attempt=ME).quantity == 6
    assert add_stock(stall, "TEA", 1, attempt=ME).quantity == 7


@pytest.mark.sqlite("the gate is a file")
def test_a_writer_that_gave_up_does_not_hold_the_gate_later(
    stall: Database, open_db: Open, path: str
) -> None:
    with gate(path):
        impatient = open_db(timeout=0.05)
        with pytest.raises(DatabaseLocked):
            add_stock(impatient, "TEA", 1, attempt=ME)
        with pytest.raises(DatabaseLocked):
            add_stock(impatient, "TEA", 1, attempt=ME)
    assert add_stock(stall, "TEA", 1, attempt=ME).quantity == 6
    assert add_stock(open_db(timeout=30), "TEA", 1, attempt=ME).quantity == 7


@pytest.mark.sqlite("the gate is a file")
def test_the_gate_is_free_after_a_write_and_after_a_refusal(stall: Database, path: str) -> None:
    add_stock(stall, "TEA", 1, attempt=ME)
    with gate(path):
        pass
    with pytest.raises(InsufficientStock):
        remove_stock(stall, "TEA", 99, attempt=ME)
    with gate(path):
        pass


@pytest.mark.sqlite("the gate is a file")
def test_the_gate_and_the_lock_share_one_timeout(
    open_db: Open, path: str, lock: Callable[[], None]
) -> None:
    db = open_db(timeout=1.0)
    with gate(path) as descriptor:
        waker = threading.Timer(0.7, fcntl.flock, (descriptor, fcntl.LOCK_UN))
        waker.start()
        start = time.monotonic()
        with pytest.raises(DatabaseLocked):
            add_stock(db, "TEA", 1, attempt=ME)
        assert time.monotonic() - start < 1.6
        waker.join()
    start = time.monotonic()
    with pytest.raises(DatabaseLocked):
        add_stock(db, "TEA", 1, attempt=ME)
    assert time.monotonic() - start > 0.9
    lock()
    assert add_stock(db, "TEA", 1, attempt=ME).quantity == 6


@pytest.mark.sqlite("the gate is a file")
def test_a_lock_file_that_is_a_link_is_refused(
    stall: Database, open_db: Open, path: str, refused: Refused
) -> None:
    stall.close()
    os.unlink(f"{path}.lock")
    os.symlink(f"{path}.victim", f"{path}.lock")
    error = refused(lambda: add_stock(open_db(), "TEA", 1, attempt=ME))
    assert isinstance(error, DatabaseUnusable)
    assert error.details["path"] == f"{path}.lock"
    assert not os.path.exists(f"{path}.victim")


@pytest.mark.sqlite("a server has no lock file")
def test_the_lock_of_a_read_only_database_is_its_owners(stall: Database, path: str) -> None:
    stall.close()
    lock = Path(f"{path}.lock")
    lock.unlink()
    Path(path).chmod(0o400)
    with Gate(path).passed(1):
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_a_reader_sees_one_state(stall: Database, open_db: Open) -> None:
    query = "SELECT quantity || '=' || (SELECT sum(delta) FROM movement) FROM product"
    with open_db().read() as session:
        assert ask(session, query) == "5=5"
        add_stock(stall, "TEA", 1, attempt=ME)
        assert ask(session, query) == "5=5"
    assert get_product(open_db(), "TEA").quantity == 6


def test_a_long_log_shows_the_state_in_which_it_began(
    stall: Database, open_db: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for engine in ("sqlite", "postgresql"):
        monkeypatch.setattr(f"invctl.db.{engine}.session.CHUNK", 1)
    for _ in range(3):
        add_stock(stall, "TEA", 1, attempt=ME)
    log = stock_log(open_db())
    first = next(log)
    add_stock(stall, "TEA", 1, attempt=ME)
    assert len([first, *log]) == 4


def test_a_write_that_began_is_not_seen_before_it_ends(stall: Database, open_db: Open) -> None:
    reader = open_db()

    def begin(session: Session) -> int:
        run(session, "UPDATE product SET quantity = 0")
        return get_product(reader, "TEA").quantity

    assert stall.write(begin) == 5


def test_an_exception_in_a_write_undoes_all_of_it(stall: Database, refused: Refused) -> None:
    def break_off(session: Session) -> None:
        run(session, "DELETE FROM movement")
        raise DatabaseUnusable("x", "is tested")

    refused(lambda: stall.write(break_off))
    assert add_stock(stall, "TEA", 1, attempt=ME).quantity == 6


def test_of_many_buyers_of_the_last_unit_one_gets_it(stall: Database) -> None:
    remove_stock(stall, "TEA", 4, attempt=ME)
    bought = crowd(stall.location, 12, lambda db, _: remove_stock(db, "TEA", 1, attempt=ME))
    left = [one.quantity for one in bought if not isinstance(one, InventoryError)]
    told = [one.details["available"] for one in bought if isinstance(one, InsufficientStock)]
    assert (left, told) == ([0], [0] * 11)
    assert get_product(stall, "TEA").quantity == 0


@pytest.mark.sqlite("the log is a file")
def test_a_log_that_comes_and_goes_keeps_nobody_out(stall: Database, path: str) -> None:
    stall.close()
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            with open(f"{path}-shm", "w"):
                os.unlink(f"{path}-shm")

    other = threading.Thread(target=come_and_go)
    other.start()
    try:
        for _ in range(3000):
            rights.refuse_read_only(path)
    finally:
        over.set()
        other.join()
