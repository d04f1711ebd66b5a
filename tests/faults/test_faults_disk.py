"""Disks and limits without room, met at each step of a mutation: all of it happened or nothing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from each import coprocess
from shop import Shop, error_of
from surroundings import mounted, needs, needs_root

pytestmark = pytest.mark.faults

PAGE = 4096
ROWS = "".join(f"N-{number},{'a long name ' * 9},7\n" for number in range(300))
MOVES = "".join(f"A-1,1,{'a reference ' * 9}\n" for _ in range(500))
COMMANDS = {
    "the first create": ("product create C-1 --name C --quantity 3", 4),
    "a create": ("product create C-1 --name C --quantity 3", 3),
    "an add": ("stock add A-1 3", 2),
    "an undo": ("stock undo 1", 3),
    "an import": ("product import rows.csv", 5),
    "an apply": ("stock apply moves.csv", 6),
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=2m", "tmpfs") as folder:
        yield folder


@pytest.fixture
def cramped(shop: Shop, disk: Path) -> Shop:
    """A shop whose inventory is to be on the small disk, and whose files are not."""
    shop.file("rows.csv", f"sku,name,quantity\n{ROWS}")
    shop.file("moves.csv", f"sku,delta,ref\n{MOVES}")
    shop.db = disk / "shop.db"
    shop.env["INVCTL_DB"] = str(shop.db)
    return shop


def fill(disk: Path, pages: int) -> Path:
    """Fill a disk up to some pages."""
    filler = disk / "fill"
    filler.touch()
    room = os.statvfs(disk).f_bavail * PAGE - pages * PAGE
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(room, 1))
    return filler


def renew(folder: Path, opened: Path | None) -> None:
    """Put an inventory into a folder without one, or nothing."""
    for left in folder.glob("shop.db*"):
        left.unlink()
    if opened:
        shutil.copy(opened, folder / "shop.db")


@needs("mount")
@needs_root("mount a small disk")
@pytest.mark.parametrize(("line", "pages"), COMMANDS.values(), ids=list(COMMANDS))
def test_wherever_a_mutation_meets_a_full_disk_nothing_happened_and_a_retry_does_it_once(
    cramped: Shop, disk: Path, opened: Path, line: str, pages: int, request: pytest.FixtureRequest
) -> None:
    start = None if "the first" in request.node.callspec.id else opened
    command = (*line.split(), "--idempotency-key", "k", "-q")
    met = 0
    for room in range(0, 512, pages):
        renew(disk, start)
        before = cramped.dump()
        filler = fill(disk, room)
        result = cramped.run("--json", *command)
        filler.unlink()
        if result.code == 0:
            break
        met += 1
        assert "the disk is full" in error_of(result, 12)["message"], room
        assert cramped.dump() == before, room
        assert {left.name for left in disk.iterdir()} <= {"shop.db", "shop.db.lock"}
        assert cramped.json(*command)["replayed"] is False
        cramped.check_books()
    assert result.code == 0
    assert met >= 3
    assert cramped.json(*command)["replayed"] is True


@needs("mount")
@needs_root("mount a small disk")
def test_an_open_pipe_refuses_while_the_disk_is_full_and_goes_on_when_there_is_room(
    cramped: Shop, disk: Path, opened: Path
) -> None:
    renew(disk, opened)
    with coprocess(cramped) as pipe:
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 11
        filler = fill(disk, 0)
        long = f'{{"sku":"A-1","delta":1,"note":"{"x" * 900}"}}'
        answers = [pipe.ask(long) for _ in range(20)]
        done = [answer for answer in answers if "error" not in answer]
        errors = [answer["error"] for answer in answers if "error" in answer]
        assert errors
        assert {error["code"] for error in errors} == {"db_unusable"}
        filler.unlink()
        assert pipe.ask(long)["quantity"] == 12 + len(done)
        assert pipe.end().code == 12
    assert cramped.quantity() == 12 + len(done)


@pytest.mark.parametrize("what", ["the first create", "an add", "an import"])
def test_a_limit_on_the_size_of_files_is_no_different(shop: Shop, opened: Path, what: str) -> None:
    start = None if "the first" in what else opened
    shop.file("rows.csv", f"sku,name,quantity\n{ROWS}")
    command = f"{COMMANDS[what][0]} --idempotency-key k -q --json"
    codes = []
    for limit in (0, 16, 40, 512):  # KiB
        renew(shop.root, start)
        before = shop.dump()
        result = shop.bash(f"ulimit -f {limit}; exec invctl {command}")
        codes.append(result.code)
        if result.code == 12:
            assert shop.dump() == before
        again = shop.json(*command.split())
        assert again["replayed"] is (result.code == 0) or result.code == 9
        shop.check_books()
    assert set(codes) <= {0, 9, 12}
    assert codes[0] == 12
    assert 0 in codes
