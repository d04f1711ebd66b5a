"""Files, folders and mounts that this user may not write, with and without a log left behind."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from each import coprocess
from shop import Result, Shop, error_of
from surroundings import NOBODY, as_nobody, mounted, needs, needs_root, public_shop

pytestmark = [pytest.mark.faults, needs_root("become another user"), needs("setpriv")]

READERS = ["product show A-1", "product list", "stock log", "product export -"]
WRITERS = ["stock add A-1 1", "stock undo 1", "product create C-1 --name C", "product archive A-1"]


@pytest.fixture
def public(opened: Path) -> Iterator[Shop]:
    """A shop whose inventory is in a folder of its own that others can reach."""
    with public_shop() as shop:
        shop.db = shop.root / "inventory" / "shop.db"
        shop.db.parent.mkdir(mode=0o755)
        shop.env["INVCTL_DB"] = str(shop.db)
        shutil.copy(opened, shop.db)
        yield shop
        os.chmod(shop.db.parent, 0o700)
        shop.check_books()


def by_nobody(shop: Shop, line: str) -> Result:
    return shop.bash(f"{' '.join(as_nobody)} invctl {line} -o jsonl")


def leave_log(shop: Shop) -> None:
    """Let a writer die that has committed, so that its log stays; ten of A-1 become eleven."""
    with coprocess(shop) as pipe:
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 11
        pipe.process.kill()
    assert Path(f"{shop.db}-wal").stat().st_size


def belongs(shop: Shop, owner: int, folder: int, files: int) -> None:
    """Give the folder and its files to a user, with these modes."""
    for path in shop.db.parent.iterdir():
        os.chown(path, owner, owner)
        os.chmod(path, files)
    os.chown(shop.db.parent, owner, owner)
    os.chmod(shop.db.parent, folder)


STATES = {
    "another's folder": (0, 0o700, 0o600, False, 13),
    "another's file": (0, 0o755, 0o600, False, 13),
    "another's file that all may read": (0, 0o755, 0o644, False, 0),
    "another's file and log that all may read": (0, 0o755, 0o644, True, 0),
    "an own file that is read-only": (NOBODY, 0o755, 0o400, False, 0),
    "an own folder that is read-only": (NOBODY, 0o555, 0o600, False, 0),
}


@pytest.mark.parametrize("line", [READERS[0], WRITERS[0], WRITERS[2]])
@pytest.mark.parametrize("state", STATES.values(), ids=list(STATES))
def test_what_a_user_may_not_do_is_a_permission_error_and_does_nothing(
    public: Shop, state: tuple[int, int, int, bool, int], line: str
) -> None:
    owner, folder, files, with_log, readers = state
    if with_log:
        leave_log(public)
    before = public.dump() if not with_log else None
    belongs(public, owner, folder, files)
    result = by_nobody(public, line)
    if line in READERS and readers == 0:
        assert (result.code, result.stderr) == (0, "")
        assert result.records[0]["quantity"] == (11 if with_log else 10)
    else:
        assert error_of(result, 13)["code"] == "permission"
    os.chmod(public.db.parent, 0o700)
    assert with_log or public.dump() == before


def test_a_folder_that_is_read_only_is_called_one(public: Shop) -> None:
    belongs(public, NOBODY, 0o555, 0o600)
    error = error_of(by_nobody(public, WRITERS[0]), 13)
    assert error["message"] == f"{public.db.parent}: the folder is read-only"


def test_an_own_file_that_was_read_only_can_be_written_again(public: Shop) -> None:
    belongs(public, NOBODY, 0o755, 0o400)
    assert by_nobody(public, "product show A-1").code == 0
    os.chmod(public.db, 0o600)
    result = by_nobody(public, "stock add A-1 1")
    assert (result.code, result.stderr) == (0, "")


def test_a_neighbour_with_the_rights_goes_on_while_another_user_is_refused(public: Shop) -> None:
    with coprocess(public) as pipe:
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 11
        for line in (*READERS, *WRITERS):
            error_of(by_nobody(public, line), 13)
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 12
        assert pipe.end().code == 0


@pytest.fixture
def medium(shop: Shop, tmp_path: Path, opened: Path) -> Iterator[Shop]:
    """A shop whose inventory is on a file system of its own."""
    with mounted(tmp_path / "medium", "-t", "tmpfs", "tmpfs") as folder:
        shop.db = folder / "shop.db"
        shop.env["INVCTL_DB"] = str(shop.db)
        shutil.copy(opened, shop.db)
        yield shop
        remount(shop, "rw")
        shop.check_books()
        shop.db = tmp_path / "none"


def remount(shop: Shop, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(shop.db.parent)], check=True)


@pytest.mark.parametrize("with_log", [False, True], ids=["without a log", "with a log"])
def test_a_read_only_medium_takes_no_change_and_shows_what_can_be_read(
    medium: Shop, with_log: bool
) -> None:
    if with_log:
        leave_log(medium)
    remount(medium, "ro")
    for line in READERS[:2]:
        result = medium.run(*line.split(), "-o", "jsonl")
        assert (result.code, result.records[0]["quantity"]) == (0, 11 if with_log else 10)
    for line in WRITERS[:3]:
        assert medium.fails(13, *line.split())["code"] == "permission"
    none = str(medium.db.with_name("none.db"))
    assert medium.fails(10, "product", "list", "--db", none)["code"] == "db_missing"
    medium.fails(13, "product", "create", "C-1", "--name", "C", "--db", none)


def test_an_open_pipe_refuses_lines_until_its_file_can_be_written(medium: Shop) -> None:
    medium.json("stock", "add", "A-1", "1")
    belongs(medium, 0, 0o755, 0o444)
    with coprocess(medium) as pipe:
        answers = [pipe.ask('{"sku":"A-1","delta":1}')["error"]["code"] for _ in range(2)]
        assert answers == ["permission"] * 2
        os.chmod(medium.db, 0o600)
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 12
        assert pipe.end().code == 13
