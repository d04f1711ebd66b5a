"""A disk without room: what was there stays, and the next try with room goes through."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import Shop
from surroundings import mounted


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 KiB."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=600k", "tmpfs") as disk:
        yield disk


def write_without_end(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)


def test_a_full_disk_is_named_and_nothing_is_lost(shop: Shop, small_disk: Path) -> None:
    there = {"INVCTL_DB": str(small_disk / "shop.db")}
    shop.json("product", "create", "A-1", "--name", "A", "--quantity", "3", "-q", env=there)
    fill = small_disk / "fill"
    with pytest.raises(OSError, match="No space left"):
        write_without_end(fill)
    error = shop.fails(12, "stock", "add", "A-1", "1", env=there)
    assert "the disk is full" in error["message"]
    fill.unlink()
    assert shop.json("stock", "add", "A-1", "1", env=there)["quantity"] == 4


@pytest.mark.sqlite("it is about files")
def test_a_disk_that_the_copy_of_a_restore_fills_is_called_full(
    shop: Shop, small_disk: Path
) -> None:
    there = {"INVCTL_DB": str(small_disk / "shop.db")}
    shop.json("product", "create", "A-1", "--name", "A", "--quantity", "3", "-q", env=there)
    backup = small_disk / "b.db"
    assert shop.run("db", "backup", backup, "-q", env=there).code == 0
    room = os.statvfs(small_disk)
    left = backup.stat().st_size - (16 << 10)  # for a copy too little, for a log enough
    (small_disk / "fill").write_bytes(bytes(room.f_bavail * room.f_frsize - left))
    for sure in ("--dry-run", "--yes"):
        error = shop.fails(12, "db", "restore", backup, sure, env=there)
        assert "the disk is full" in error["message"]


def test_a_pipe_that_finds_no_room_for_temporary_files_names_their_folder(
    shop: Shop, small_disk: Path
) -> None:
    shop.json("product", "create", "A-1", "--name", "A", "-q")
    lines = b"sku,delta\n" + b"A-1,1\n" * 200_000
    env = {"TMPDIR": str(small_disk)}
    error = shop.fails(14, "stock", "apply", "-", stdin=lines, env=env)
    assert error["details"]["setting"] == "TMPDIR"
    assert shop.json("product", "show", "A-1")["quantity"] == 0


@pytest.mark.sqlite("it is about files")
def test_a_limit_on_the_size_of_files_is_named_and_what_is_there_can_be_read(
    stocked: Shop,
) -> None:
    assert "A-1" in stocked.bash("ulimit -f 8; exec invctl product list").stdout
    refused = stocked.bash("ulimit -f 8; exec invctl stock add A-1 1")
    assert (refused.code, "`ulimit -f`" in refused.stderr) == (12, True)
    assert stocked.json("stock", "add", "A-1", "1")["movement"] == 2


@pytest.mark.sqlite("it is about files")
def test_a_limit_on_the_size_of_files_is_named_whichever_file_it_is(stocked: Shop) -> None:
    export = stocked.bash("ulimit -f 0; exec invctl product export p.csv")
    assert (export.code, "`ulimit -f`" in export.stderr) == (12, True)
    lines = "(echo sku,delta; yes A-1,1 | head -9999)"
    pipe = stocked.bash(f"ulimit -f 8; {lines} | invctl stock apply -")
    assert (pipe.code, "`ulimit -f`" in pipe.stderr) == (14, True)
    assert stocked.quantity() == 10


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize("limit", range(5, 9))
def test_what_is_done_is_not_called_unknown_where_no_more_files_can_be_opened(
    stocked: Shop, limit: int
) -> None:
    sold = stocked.bash(f"ulimit -n {limit}; exec invctl stock remove A-1 1")
    assert (sold.code, stocked.quantity()) in ((0, 9), (12, 10))


@pytest.mark.sqlite("it is about files")
def test_too_few_files_for_sqlite_are_told_as_that(stocked: Shop) -> None:
    assert stocked.run("db", "backup", "b.db").code == 0
    refused = stocked.bash("ulimit -n 10; exec invctl db restore b.db --yes")
    assert (refused.code, "`ulimit -n`" in refused.stderr) == (12, True)
    assert stocked.quantity() == 10
