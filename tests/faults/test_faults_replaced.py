"""Databases that are removed or replaced in mid-command: nothing is acknowledged that is not there.

SQLite finds the log by name: who replaces an inventory that is in use must take its log away with
it, or leave it to `invctl db restore`. What is beside a file and not its own is never played in.
"""

import fcntl
import json
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from each import coprocess
from locks import needs_lock_table, stopped_writer, until, waiting
from shop import WAIT, Result, Shop, error_of, new_shop

pytestmark = pytest.mark.faults

Damage = Callable[[Shop, Path], None]


def removed(shop: Shop, _other: Path) -> None:
    shop.db.unlink()


def removed_with_its_log(shop: Shop, _other: Path) -> None:
    for path in (shop.db, Path(f"{shop.db}-wal"), Path(f"{shop.db}-shm")):
        path.unlink(missing_ok=True)


def replaced_with_its_log(shop: Shop, other: Path) -> None:
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.unlink(f"{shop.db}{suffix}")
    os.replace(other, shop.db)


def moved_away_with_its_folder(shop: Shop, _other: Path) -> None:
    shop.db.parent.rename(shop.root / "elsewhere")


GONE = [removed, removed_with_its_log, moved_away_with_its_folder]


@pytest.fixture
def other(tmp_path: Path, opened: Path) -> Path:
    """Another inventory, with 500 of A-1, that is not in use."""
    (tmp_path / "other").mkdir()
    shop = new_shop(tmp_path / "other")
    shutil.copy(opened, shop.db)
    shop.json("stock", "set", "A-1", "500")
    return shop.db


@pytest.fixture
def housed(shop: Shop, opened: Path) -> Shop:
    """A shop whose inventory has a folder to itself."""
    shop.db = shop.root / "inventory" / "shop.db"
    shop.db.parent.mkdir()
    shop.env["INVCTL_DB"] = str(shop.db)
    shutil.copy(opened, shop.db)
    return shop


@pytest.mark.parametrize("damage", GONE)
def test_an_open_pipe_whose_inventory_is_gone_refuses_and_makes_none(
    housed: Shop, other: Path, damage: Damage
) -> None:
    with coprocess(housed) as pipe:
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 11
        damage(housed, other)
        answers = [pipe.ask('{"sku":"A-1","delta":1}') for _ in range(2)]
        assert [answer["error"]["code"] for answer in answers] == ["db_missing"] * 2
        assert pipe.end().code == 10
    assert not housed.db.exists()


def test_no_new_inventory_takes_the_log_of_one_that_was_removed(housed: Shop) -> None:
    with coprocess(housed) as pipe:
        pipe.ask('{"sku":"A-1","delta":1}')
        housed.db.unlink()
        error = housed.fails(4, "product", "create", "C-1", "--name", "C")
        assert error["details"] == {"reason": "file_exists", "path": f"{housed.db}-wal"}
        pipe.process.kill()
    assert not housed.db.exists()


def test_an_open_pipe_goes_on_with_a_new_inventory_of_the_same_name(
    housed: Shop, other: Path
) -> None:
    with coprocess(housed) as pipe:
        pipe.ask('{"sku":"A-1","delta":1}')
        removed_with_its_log(housed, other)
        housed.json("product", "create", "C-1", "--name", "C", "-q")
        assert pipe.ask('{"sku":"A-1","delta":1}')["error"]["code"] == "not_found"
        assert pipe.ask('{"sku":"C-1","delta":4}')["quantity"] == 4
        assert housed.json("stock", "add", "C-1", "2")["quantity"] == 6
        assert pipe.ask('{"sku":"C-1","delta":1}')["quantity"] == 7
        assert pipe.end().code == 3
    assert housed.quantity("C-1") == 7


def test_an_open_pipe_goes_on_with_what_its_inventory_was_replaced_by(
    stocked: Shop, other: Path
) -> None:
    with coprocess(stocked) as pipe:
        pipe.ask('{"sku":"A-1","delta":1}')
        replaced_with_its_log(stocked, other)
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 501
        assert pipe.end().code == 0
    assert stocked.quantity() == 501


def test_a_log_that_was_left_behind_does_no_harm_to_the_file_that_replaces_its_own(
    tmp_path: Path, opened: Path, other: Path
) -> None:
    (tmp_path / "shop").mkdir()
    shop = new_shop(tmp_path / "shop")
    shutil.copy(opened, shop.db)
    with coprocess(shop) as pipe:
        pipe.ask('{"sku":"A-1","delta":1}')
        os.replace(other, shop.db)
        for line in ("stock add A-1 1", "product list"):
            assert shop.fails(12, *line.split())["details"]["path"] == f"{shop.db}-wal"
        assert pipe.ask('{"sku":"A-1","delta":1}')["error"]["code"] == "db_unusable"
        assert pipe.end().code == 12
    os.rename(f"{shop.db}-wal", f"{shop.db}-old")
    assert shop.json("stock", "add", "A-1", "1")["quantity"] == 501


def run_through_gate(shop: Shop, line: str, meanwhile: Callable[[], None]) -> Result:
    """Run a command that has to wait for its turn, and do something while it does."""
    with open(f"{shop.db}.lock", "w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        process = shop.start(*line.split(), "--json", "--timeout", "60")
        until(lambda: waiting(shop.db) == 1)
        meanwhile()
    out, err = process.communicate(timeout=WAIT)
    return Result(process.returncode, out, err)


@needs_lock_table
@pytest.mark.parametrize("damage", GONE)
@pytest.mark.parametrize("line", ["stock add A-1 1", "product create C-1 --name C", "stock undo 1"])
def test_a_writer_whose_inventory_goes_while_it_waits_acknowledges_nothing(
    housed: Shop, other: Path, damage: Damage, line: str
) -> None:
    result = run_through_gate(housed, line, lambda: damage(housed, other))
    assert error_of(result, 10)["code"] == "db_missing"
    assert not housed.db.exists()


@needs_lock_table
def test_a_writer_whose_inventory_is_replaced_while_it_waits_changes_the_new_one(
    stocked: Shop, other: Path
) -> None:
    result = run_through_gate(
        stocked, "stock add A-1 1", lambda: replaced_with_its_log(stocked, other)
    )
    assert (result.code, result.stderr) == (0, "")
    assert result.records[0]["quantity"] == stocked.quantity() == 501


@needs_lock_table
@pytest.mark.parametrize("damage", [*GONE, replaced_with_its_log])
def test_a_transaction_whose_file_is_taken_from_under_it_has_an_unknown_outcome(
    housed: Shop, other: Path, damage: Damage
) -> None:
    with stopped_writer(housed) as writer:
        damage(housed, other)
        writer.send_signal(signal.SIGCONT)
        out, err = writer.communicate(timeout=WAIT)
    assert (writer.returncode, out) == (9, b"")
    assert json.loads(err)["error"]["code"] == "outcome_unknown"
    if damage is replaced_with_its_log:
        assert housed.query("SELECT sku, quantity FROM product") == [("A-1", 500), ("B-1", 0)]
    else:
        assert not housed.db.exists()


def test_a_follower_goes_on_with_the_file_that_has_the_name_now(stocked: Shop, other: Path) -> None:
    with stocked.start("stock", "log", "--follow", "-o", "jsonl") as follower:
        assert follower.stdout is not None
        assert json.loads(follower.stdout.readline())["quantity"] == 10
        replaced_with_its_log(stocked, other)
        assert json.loads(follower.stdout.readline())["quantity"] == 500
        follower.kill()
    assert error_of(stocked.run("--json", "stock", "remove", "A-1", "501"), 5)
