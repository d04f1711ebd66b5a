"""`db restore` as a function: what a sound backup holds, in the place of what there was."""

import gzip
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from folders import edit, mode, names
from inventories import ask

from invctl.core.catalog import get_product
from invctl.core.following import follow_log
from invctl.core.products import create_product
from invctl.core.stock import add_stock
from invctl.core.upkeep.backups import backup_inventory, restore_inventory
from invctl.core.upkeep.check import Check
from invctl.core.upkeep.inventory import inventory_info
from invctl.db.database import Database, Restored
from invctl.errors import (
    ConfirmationRequired,
    DatabaseLocked,
    DatabaseUnusable,
    PermissionRefused,
    UsageError,
)
from invctl.models.attempts import Attempt
from invctl.models.reports import InventoryInfo

pytestmark = pytest.mark.sqlite("it looks after files")

ME = Attempt("tester")
Open = Callable[..., Database]


@pytest.fixture(params=[0o000, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """A umask for the time of a test."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def go_on() -> None:
    """Say yes."""


def restore(db: Database, file: Path | str, **how: bool) -> tuple[InventoryInfo, Restored]:
    return restore_inventory(db, str(file), ready=go_on, **how)


@pytest.mark.usefixtures("umask")
def test_copies_are_for_their_user_alone_whatever_the_umask(
    stall: Database, file: Path, tmp_path: Path, open_db: Open
) -> None:
    backup_inventory(stall, str(file))
    kept = restore(stall, file)[1].kept
    assert kept is not None
    new = tmp_path / "new" / "shop.db"
    restore(open_db(str(new), create=True), file)
    assert [mode(one) for one in (file, kept, stall.path, new)] == [0o600] * 4
    assert mode(new.parent) == 0o700


def test_a_restore_takes_everything_back_and_keeps_what_there_was(
    stall: Database, path: str, backup: Path, open_db: Open
) -> None:
    before = backup.read_bytes()
    info, done = restore(stall, backup)
    assert done.created is False
    assert done.kept is not None
    assert done.kept.startswith(f"{path}.before-restore-2")
    assert info == inventory_info(stall)
    assert get_product(stall, "TEA").quantity == 5
    assert get_product(open_db(done.kept), "TEA").quantity == 6
    assert (backup.read_bytes(), names(backup.parent)) == (before, [backup.name])
    assert list(Check(stall)) == []
    assert add_stock(stall, "TEA", 1, attempt=ME).operation == 2


def test_others_go_on_with_what_was_restored(stall: Database, backup: Path, open_db: Open) -> None:
    reader, writer = open_db(), open_db()
    assert add_stock(writer, "TEA", 1, attempt=ME).quantity == 7
    with reader.read() as session:
        assert ask(session, "SELECT quantity FROM product") == 7
        restore(stall, backup)
        assert ask(session, "SELECT quantity FROM product") == 7
    assert get_product(reader, "TEA").quantity == 5
    assert add_stock(writer, "TEA", 2, attempt=ME).quantity == 7
    assert get_product(reader, "TEA").quantity == 7


def test_who_follows_the_log_goes_on_from_where_the_backup_was(
    stall: Database, backup: Path, open_db: Open
) -> None:
    add_stock(stall, "TEA", 1, attempt=ME)
    log = follow_log(open_db())
    assert [row[0] for row in next(filter(None, log))] == [1, 2, 3]
    restore(stall, backup)
    sale = threading.Timer(0.1, lambda: [add_stock(stall, "TEA", 9, attempt=ME) for _ in range(3)])
    sale.start()
    first = next(filter(None, log))[0]
    sale.join()
    assert (first[0], first[4]) == (2, 9)


def test_who_follows_the_log_misses_nothing_where_it_has_grown_again_meanwhile(
    stall: Database, backup: Path, open_db: Open
) -> None:
    add_stock(stall, "TEA", 1, attempt=ME)
    told: list[int] = []
    log = follow_log(open_db(), begin_with=0, restored=told.append)
    assert next(log) == ()
    restore(stall, backup)
    for _ in range(4):
        add_stock(stall, "TEA", 9, attempt=ME)
    assert [row[0] for row in next(filter(None, log))] == [2, 3, 4, 5]
    assert told == [1]


def test_a_bookmark_beyond_the_log_stays_where_it_is(stall: Database, open_db: Open) -> None:
    log = follow_log(open_db(), since_id=3)
    started = threading.Timer(
        0.1, lambda: [add_stock(stall, "TEA", 1, attempt=ME) for _ in range(3)]
    )
    started.start()
    assert [row[0] for row in next(filter(None, log))] == [4]
    started.join()


def test_a_missing_inventory_is_made_with_its_folders(
    backup: Path, tmp_path: Path, open_db: Open
) -> None:
    where = tmp_path / "new" / "folder" / "shop.db"
    db = open_db(str(where), create=True)
    info, done = restore(db, backup)
    assert (done, db.created) == (Restored(created=True, kept=None), True)
    assert (info.path, info.products) == (str(where), 1)
    assert get_product(open_db(str(where)), "TEA").quantity == 5
    assert where.read_bytes()[18:20] == b"\x02\x02"
    db.close()
    assert [one for one in names(where.parent) if one.startswith("shop.db.")] == ["shop.db.lock"]


def test_a_link_is_followed_to_the_inventory(
    stall: Database, path: str, backup: Path, tmp_path: Path, open_db: Open
) -> None:
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "shop.db"
    link.symlink_to(path)
    _, done = restore(open_db(str(link)), backup)
    assert link.is_symlink()
    assert names(link.parent) == ["shop.db"]
    assert os.path.dirname(str(done.kept)) == os.path.dirname(path)
    assert get_product(stall, "TEA").quantity == 5


@pytest.mark.parametrize("how", ["rehearsed", "refused by its user"])
def test_a_restore_that_is_not_wanted_does_nothing(
    stall: Database, path: str, backup: Path, how: str
) -> None:
    before = names(Path(path).parent)

    def refuse() -> None:
        raise ConfirmationRequired("it", "--yes")

    if how == "rehearsed":
        info, done = restore_inventory(stall, str(backup), ready=refuse, dry_run=True)
        assert (done, info.movements) == (Restored(created=False, kept=None), 1)
    else:
        with pytest.raises(ConfirmationRequired):
            restore_inventory(stall, str(backup), ready=refuse)
    stall.close()
    assert get_product(stall, "TEA").quantity == 6
    assert names(Path(path).parent) == before


def test_a_rehearsal_makes_no_inventory(backup: Path, tmp_path: Path, open_db: Open) -> None:
    db = open_db(str(tmp_path / "new" / "shop.db"), create=True)
    _, done = restore(db, backup, dry_run=True)
    assert (done.created, db.created) == (True, False)
    assert not (tmp_path / "new").exists()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4096])


def overwrite(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(2 * 4096)
        stream.write(b"\xff" * 4096)


BAD: dict[str, Callable[[Path], object]] = {
    "truncated": cut,
    "compressed and cut off": lambda file: file.write_bytes(gzip.compress(file.read_bytes())[:-9]),
    "compressed and spoilt": lambda file: file.write_bytes(
        gzip.compress(file.read_bytes(), mtime=0)[:999] + b"x" * 999
    ),
    "compressed text": lambda file: file.write_bytes(gzip.compress(os.urandom(999))),
    "a header alone": lambda file: file.write_bytes(file.read_bytes()[:100]),
    "with a ruined page": overwrite,
    "empty": lambda file: file.write_bytes(b""),
    "text": lambda file: file.write_text("sku,name\n" * 99),
    "of a newer version": lambda file: edit(file, "PRAGMA user_version = 99"),
    "of no version": lambda file: edit(file, "PRAGMA user_version = 0"),
    "of another application": lambda file: edit(file, "PRAGMA application_id = 7"),
    "unbalanced": lambda file: edit(file, "UPDATE product SET quantity = 9"),
    "with a forged journal": lambda file: edit(file, "UPDATE movement SET quantity = 9"),
    "with a trigger": lambda file: edit(
        file, "CREATE TRIGGER gift AFTER UPDATE ON product BEGIN SELECT 1; END"
    ),
    "with a view for a table": lambda file: edit(
        file, "ALTER TABLE setting RENAME TO s", "CREATE VIEW setting AS SELECT * FROM s"
    ),
    "with a table of somebody else": lambda file: edit(file, "CREATE TABLE notes (x)"),
    "without an index": lambda file: edit(file, "DROP INDEX product_archived"),
    "without a table": lambda file: edit(file, "DROP TABLE setting"),
    "without a rule": lambda file: edit(file, "DELETE FROM setting"),
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
@pytest.mark.parametrize("there", [True, False], ids=["over one", "anew"])
def test_a_bad_backup_is_refused_and_nothing_has_happened(
    stall: Database,
    backup: Path,
    tmp_path: Path,
    open_db: Open,
    spoil: Callable[[Path], object],
    there: bool,
) -> None:
    spoil(backup)
    db = stall if there else open_db(str(tmp_path / "new" / "shop.db"), create=True)
    with pytest.raises(DatabaseUnusable) as caught:
        restore(db, backup)
    assert str(backup) in caught.value.message
    assert get_product(stall, "TEA").quantity == 6
    assert not (tmp_path / "new").exists()
    assert names(backup.parent) == [backup.name]
    assert not [one for one in names(tmp_path) if "before" in one or "restored" in one]


@pytest.mark.parametrize(
    ("tampered", "told"),
    [
        ("UPDATE product SET quantity = 9 WHERE sku = 'TEA'", "is not sound: TEA: 9 in stock"),
        ("CREATE INDEX ix ON product (name)", "is not sound: there is an index 'ix'"),
    ],
)
def test_what_is_not_sound_in_a_backup_is_said_in_a_sentence(
    stall: Database, backup: Path, tampered: str, told: str
) -> None:
    edit(backup, tampered)
    with pytest.raises(DatabaseUnusable, match=told):
        restore(stall, backup)


@pytest.mark.parametrize("spelling", ["itself", "a link to it", "a hard link to it"])
def test_an_inventory_is_not_restored_from_itself(
    stall: Database, path: str, tmp_path: Path, spelling: str
) -> None:
    same = tmp_path / "same.db"
    if spelling == "a link to it":
        same.symlink_to(path)
    elif spelling == "a hard link to it":
        same.hardlink_to(path)
    else:
        same = Path(path)
    with pytest.raises(UsageError, match="itself"):
        restore(stall, same)
    assert get_product(stall, "TEA").quantity == 5


@pytest.mark.parametrize("what", ["nothing", "a folder"])
def test_what_is_no_file_is_no_backup(stall: Database, tmp_path: Path, what: str) -> None:
    if what == "a folder":
        (tmp_path / "it").mkdir()
    with pytest.raises((UsageError, DatabaseUnusable), match=str(tmp_path / "it")):
        restore(stall, tmp_path / "it")


def test_a_copy_with_its_log_is_read_in_full_and_left_alone(
    stall: Database, path: str, file: Path
) -> None:
    """What `cp` makes of a live inventory: not all that there is stands in the file itself."""
    add_stock(stall, "TEA", 2, attempt=ME)
    shutil.copy(path, file)
    shutil.copy(f"{path}-wal", f"{file}-wal")
    before = {one: (file.parent / one).read_bytes() for one in names(file.parent)}
    add_stock(stall, "TEA", 2, attempt=ME)
    restore(stall, file)
    assert get_product(stall, "TEA").quantity == 7
    assert {one: (file.parent / one).read_bytes() for one in names(file.parent)} == before


def test_a_copy_that_was_closed_is_read_without_a_log(
    stall: Database, path: str, file: Path
) -> None:
    stall.close()
    shutil.copy(path, file)
    add_stock(stall, "TEA", 2, attempt=ME)
    restore(stall, file)
    assert get_product(stall, "TEA").quantity == 5
    assert names(file.parent) == [file.name]


def test_an_inventory_that_others_write_to_can_be_restored_from(
    stall: Database, file: Path, open_db: Open
) -> None:
    other = open_db(str(file), create=True)
    create_product(other, "CUP", name="Cup", quantity=3, attempt=ME)
    before = names(file.parent)
    restore(stall, file)
    assert get_product(stall, "CUP").quantity == 3
    assert names(file.parent) == before
    assert add_stock(other, "CUP", 1, attempt=ME).quantity == 4


@pytest.mark.parametrize("ruin", [b"\xff" * 8192, b"\0" * 8192, b"stump", b""], ids=repr)
def test_what_does_not_open_any_more_is_moved_aside(
    stall: Database, path: str, backup: Path, ruin: bytes
) -> None:
    stall.close()
    Path(path).write_bytes(ruin)
    _, done = restore(stall, backup)
    assert Path(str(done.kept)).read_bytes() == ruin
    assert get_product(stall, "TEA").quantity == 5
    assert mode(path) == 0o600


@pytest.mark.parametrize("size", [0, 50, 100, 5000])
def test_the_log_of_a_ruin_is_never_played_into_what_takes_its_place(
    stall: Database, path: str, backup: Path, size: int
) -> None:
    add_stock(stall, "TEA", 1, attempt=ME)
    log = Path(f"{path}-wal").read_bytes()
    stall.close()
    os.truncate(path, size)
    Path(f"{path}-wal").write_bytes(log)
    _, done = restore(stall, backup)
    assert done.kept is not None
    assert get_product(stall, "TEA").quantity == 5
    assert list(Check(stall)) == []


def test_the_log_of_a_stump_goes_with_it(stall: Database, path: str, backup: Path) -> None:
    stall.close()
    os.truncate(path, 50)
    Path(f"{path}-wal").write_bytes(b"its log")
    _, done = restore(stall, backup)
    assert Path(f"{done.kept}-wal").read_bytes() == b"its log"


def test_a_damaged_inventory_that_opens_is_kept_as_it_is(
    stall: Database, path: str, backup: Path
) -> None:
    stall.close()
    overwrite(Path(path))
    ruin = Path(path).read_bytes()
    _, done = restore(stall, backup)
    assert Path(str(done.kept)).read_bytes()[4096:] == ruin[4096:]
    assert list(Check(stall)) == []


def test_another_application_s_database_is_not_replaced(
    stall: Database, path: str, backup: Path
) -> None:
    stall.close()
    edit(path, "PRAGMA application_id = 7")
    with pytest.raises(DatabaseUnusable, match="not an inventory"):
        restore(stall, backup)


def test_an_inventory_of_another_page_size_takes_a_backup(
    stall: Database, path: str, backup: Path
) -> None:
    stall.close()
    edit(path, "PRAGMA journal_mode = DELETE", "PRAGMA page_size = 1024", "VACUUM")
    restore(stall, backup)
    assert get_product(stall, "TEA").quantity == 5
    assert list(Check(stall)) == []


def test_a_read_only_inventory_is_not_replaced(stall: Database, path: str, backup: Path) -> None:
    os.chmod(path, 0o400)
    with pytest.raises(PermissionRefused):
        restore(stall, backup)


def test_a_restore_waits_no_longer_than_it_may(
    stall: Database, path: str, backup: Path, open_db: Open
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked):
            restore(open_db(timeout=0.3), backup)
    assert get_product(stall, "TEA").quantity == 6


def test_a_restore_that_failed_leaves_no_unfinished_file(
    stall: Database, path: str, backup: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        stall.timeout = 0.1
        with pytest.raises(DatabaseLocked):
            restore(stall, backup)
    assert [one for one in names(Path(path).parent) if "invctl-" in one] == []
