"""`db backup` as a function: one sound state in a new file, while others write."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import edit, mode, names

from invctl.core.catalog import get_product
from invctl.core.products import create_product
from invctl.core.stock import add_stock
from invctl.core.upkeep.backups import backup_inventory
from invctl.core.upkeep.check import Check
from invctl.core.upkeep.inventory import inventory_info
from invctl.db.database import Database
from invctl.errors import (
    DatabaseMissing,
    DatabaseUnusable,
    FileExists,
    InventoryError,
    UsageError,
)
from invctl.models.attempts import Attempt

pytestmark = pytest.mark.sqlite("it looks after files")

ME = Attempt("tester")
Open = Callable[..., Database]


def test_a_backup_holds_everything_and_is_for_its_user_alone(
    stall: Database, file: Path, open_db: Open
) -> None:
    made = backup_inventory(stall, str(file))
    assert made == inventory_info(stall)._replace(path=str(file), size_bytes=file.stat().st_size)
    assert (names(file.parent), mode(file)) == ([file.name], 0o600)
    copy = open_db(str(file))
    assert get_product(copy, "TEA").quantity == 5
    assert list(Check(copy)) == []


def test_reading_a_backup_leaves_it_as_it_is(backup: Path, open_db: Open) -> None:
    before = backup.read_bytes()
    copy = open_db(str(backup))
    assert get_product(copy, "TEA").quantity == 5
    copy.close()
    assert backup.read_bytes() == before


def test_a_file_that_exists_is_never_written_over(stall: Database, file: Path) -> None:
    file.write_text("mine")
    with pytest.raises(FileExists):
        backup_inventory(stall, str(file))
    assert (file.read_text(), names(file.parent)) == ("mine", [file.name])


def test_a_dangling_link_is_a_file_that_exists(stall: Database, file: Path) -> None:
    file.symlink_to("nowhere")
    with pytest.raises(FileExists):
        backup_inventory(stall, str(file))


def test_what_a_killed_backup_left_is_in_nobody_s_way(stall: Database, file: Path) -> None:
    (file.parent / f"{file.name}.01234567.invctl-partial").write_text("half")
    (file.parent / f"{file.name}.01234567.invctl-partial-wal").write_text("its log")
    backup_inventory(stall, str(file))
    assert names(file.parent) == [file.name]


def test_what_killed_backups_of_other_names_left_goes_when_it_is_an_hour_old(
    stall: Database, file: Path
) -> None:
    old, young = (file.parent / f"2026-01-{day}.db.01234567.invctl-partial" for day in (1, 2))
    for one in (old, young):
        one.write_text("half")
    os.utime(old, (time.time() - 3601,) * 2)
    backup_inventory(stall, str(file))
    assert names(file.parent) == [young.name, file.name]


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
def test_what_would_pass_for_a_part_of_the_backup_is_refused_and_stays(
    stall: Database, file: Path, end: str
) -> None:
    (file.parent / f"{file.name}{end}").write_text("diary")
    with pytest.raises(FileExists) as caught:
        backup_inventory(stall, str(file))
    assert caught.value.details["path"] == f"{file}{end}"
    assert (file.parent / f"{file.name}{end}").read_text() == "diary"
    assert names(file.parent) == [f"{file.name}{end}"]


@pytest.mark.parametrize(
    ("where", "error"),
    [("no/such/folder.db", UsageError), ("/proc/backup.db", InventoryError)],
)
def test_where_no_file_can_be_there_is_no_backup(
    stall: Database, tmp_path: Path, where: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        backup_inventory(stall, str(tmp_path / where))
    assert os.path.basename(where) in str(caught.value)


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE product SET quantity = 9",
        "UPDATE movement SET quantity = 9",
        "CREATE VIEW spy AS SELECT 1",
        "CREATE TRIGGER gift AFTER UPDATE ON product BEGIN SELECT 1; END",
        "DROP INDEX movement_product",
    ],
)
def test_what_is_not_sound_is_not_backed_up(
    stall: Database, path: str, file: Path, spoil: str
) -> None:
    stall.close()
    edit(path, spoil)
    with pytest.raises(DatabaseUnusable, match="not sound") as caught:
        backup_inventory(stall, str(file))
    assert "db check" in caught.value.hint
    assert caught.value.details["path"] == path
    assert names(file.parent) == []


def test_a_missing_inventory_has_no_backup(open_db: Open, file: Path) -> None:
    with pytest.raises(DatabaseMissing):
        backup_inventory(open_db(), str(file))
    assert names(file.parent) == []


def test_a_backup_is_one_state_while_four_write(stall: Database, open_db: Open, file: Path) -> None:
    create_product(stall, "CUP", name="Cup", quantity=5, attempt=ME)
    done = threading.Event()

    def write() -> None:
        db = open_db(timeout=60)
        while not done.is_set():
            add_stock(db, "TEA", 1, attempt=ME)
            add_stock(db, "CUP", 1, attempt=ME)
        db.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    try:
        copies = [file.with_name(f"{n}.db") for n in range(5)]
        made = [backup_inventory(stall, str(copy)) for copy in copies]
    finally:
        done.set()
        for writer in writers:
            writer.join()
    counts = [one.movements for one in made]
    assert counts == sorted(counts)
    assert inventory_info(stall).movements > counts[-1] >= 2
    for copy, count in zip(copies, counts, strict=True):
        db = open_db(str(copy))
        assert list(Check(db)) == []
        assert inventory_info(db).movements == count
