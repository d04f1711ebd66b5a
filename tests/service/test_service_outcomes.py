"""Commits that fail or cannot be told from failures, on a real file with real limits."""

import os
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from inventories import ask

from invctl.core.catalog import get_product
from invctl.core.products import create_product, update_product
from invctl.core.stock import add_stock
from invctl.db.database import Database
from invctl.errors import (
    DatabaseMissing,
    DatabaseUnusable,
    InventoryError,
    OutcomeUnknown,
    PermissionRefused,
)
from invctl.models.attempts import Attempt

pytestmark = pytest.mark.sqlite("it makes commits to a file fail")

ME = Attempt("tester")
Open = Callable[..., Database]
Tables = dict[str, list[tuple[object, ...]]]
Refused = Callable[[Callable[[], object]], InventoryError]


@pytest.fixture
def stall(db: Database) -> Database:
    """An inventory with five units of TEA, and a log that has been written to."""
    create_product(db, "TEA", name="Tea", quantity=4, attempt=ME)
    add_stock(db, "TEA", 1, attempt=ME)
    return db


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let no file of this process grow past `size` bytes: the write of a commit then fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_commit_that_fails_has_an_unknown_outcome(
    stall: Database, path: str, tables: Callable[[], Tables]
) -> None:
    before = tables()
    size = os.path.getsize(f"{path}-wal")
    with file_size_limit(size), pytest.raises(OutcomeUnknown) as caught:
        add_stock(stall, "TEA", 1, attempt=Attempt("tester", "key"))
    assert caught.value.details["path"] == path
    assert caught.value.retryable is True
    assert tables() == before


def test_after_a_commit_that_failed_the_same_request_can_be_made_again(
    stall: Database, path: str
) -> None:
    size = os.path.getsize(f"{path}-wal")
    attempt = Attempt("tester", "key")
    with file_size_limit(size), pytest.raises(OutcomeUnknown):
        add_stock(stall, "TEA", 1, attempt=attempt)
    assert add_stock(stall, "TEA", 1, attempt=attempt).quantity == 6
    assert add_stock(stall, "TEA", 1, attempt=attempt).replayed is True


def test_a_full_database_is_named_and_nothing_has_changed(
    stall: Database, refused: Refused
) -> None:
    with stall.read() as session:
        ask(session, "PRAGMA max_page_count = 1")

    def fill() -> None:
        for n in range(99):
            create_product(stall, f"P-{n}", name="x" * 255, description="y" * 1000, attempt=ME)

    with pytest.raises(DatabaseUnusable):
        fill()
    error = refused(
        lambda: create_product(stall, "Q", name="x", description="y" * 1000, attempt=ME)
    )
    assert isinstance(error, DatabaseUnusable)
    assert "disk is full" in error.message
    with stall.read() as session:
        ask(session, "PRAGMA max_page_count = 99999")
    assert update_product(stall, "TEA", name="Tea leaves", attempt=ME).name == "Tea leaves"


def replace_file(path: str) -> None:
    """Put a copy of the inventory in its place, as a restore by hand does."""
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(f"{path}.copy")) as new:
        old.backup(new)
    os.replace(f"{path}.copy", path)


def test_a_file_replaced_during_a_change_makes_the_outcome_unknown(
    stall: Database, path: str
) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        stall.write(lambda _: replace_file(path))
    assert "replaced" in caught.value.message


def test_a_file_removed_during_a_change_makes_the_outcome_unknown(
    stall: Database, path: str
) -> None:
    with pytest.raises(OutcomeUnknown):
        stall.write(lambda _: os.unlink(path))
    assert not os.path.exists(path)


def test_a_file_that_was_removed_is_missing_and_not_made_again(stall: Database, path: str) -> None:
    add_stock(stall, "TEA", 1, attempt=ME)
    os.unlink(path)
    with pytest.raises(DatabaseMissing):
        add_stock(stall, "TEA", 1, attempt=ME)
    assert not os.path.exists(path)


def move_log_away(path: str) -> None:
    for ending in ("-wal", "-shm"):
        os.rename(f"{path}{ending}", f"{path}.old{ending}")


def test_the_log_of_the_file_whose_place_was_taken_is_never_played_into_the_new_one(
    stall: Database, path: str, open_db: Open
) -> None:
    before = add_stock(stall, "TEA", 1, attempt=ME).quantity
    replace_file(path)
    for db in (stall, open_db()):
        with pytest.raises(DatabaseUnusable) as caught:
            add_stock(db, "TEA", 1, attempt=ME)
        assert caught.value.details["path"] == f"{path}-wal"
    move_log_away(path)
    assert add_stock(stall, "TEA", 1, attempt=ME).quantity == before + 1
    assert get_product(open_db(), "TEA").quantity == before + 1
    assert add_stock(open_db(), "TEA", 10, attempt=ME).quantity == before + 11
    assert get_product(stall, "TEA").quantity == before + 11


def test_a_read_only_file_that_took_the_place_of_an_open_one_is_not_written(
    stall: Database, path: str
) -> None:
    replace_file(path)
    move_log_away(path)
    os.chmod(path, 0o444)
    before = Path(path).read_bytes()
    with pytest.raises(PermissionRefused):
        add_stock(stall, "TEA", 1, attempt=ME)
    assert Path(path).read_bytes() == before


def test_a_backup_that_is_copied_over_an_open_file_stays_as_it_is(
    stall: Database, path: str, tmp_path: Path
) -> None:
    backup = tmp_path / "monday.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("VACUUM INTO ?", (str(backup),))
    with pytest.raises(OutcomeUnknown):
        stall.write(lambda _: shutil.copyfile(backup, path))
    for call in (lambda: add_stock(stall, "TEA", 1, attempt=ME), lambda: get_product(stall, "TEA")):
        with pytest.raises(DatabaseUnusable) as caught:
            call()
        assert caught.value.details["path"] == f"{path}-wal"
    stall.close()
    assert Path(path).read_bytes() == backup.read_bytes()


def test_a_rehearsal_in_a_replaced_file_has_no_outcome_to_be_unknown(
    stall: Database, path: str
) -> None:
    replace_file(path)
    move_log_away(path)
    assert add_stock(stall, "TEA", 1, attempt=Attempt("tester", dry_run=True)).dry_run is True
