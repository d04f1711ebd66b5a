"""Other users, full disks, and whose files are whose: reading leaves nothing, a team shares."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from each import coprocess
from readme import block
from shop import Result, Shop, error_of
from surroundings import mounted, needs, needs_root, public_shop

pytestmark = [pytest.mark.faults, needs_root("become another user"), needs("setpriv")]

ANNA, BEN, STAFF = 61001, 61002, 61100
READERS = [
    "product list",
    "product show A-1",
    "product export -",
    "stock log",
    "db info",
    "db check",
    "db backup - | wc -c",
]


@pytest.fixture
def place(opened: Path) -> Iterator[Shop]:
    """A shop whose inventory is Anna's, in a folder that each test makes what it wants."""
    with public_shop() as shop:
        shop.db = shop.root / "inventory" / "shop.db"
        shop.db.parent.mkdir(mode=0o755)
        shop.env["INVCTL_DB"] = str(shop.db)
        shutil.copy(opened, shop.db)
        yield shop
        shop.check_books()


def belongs(path: Path, user: int, group: int, mode: int) -> None:
    os.chown(path, user, group)
    os.chmod(path, mode)


def by(shop: Shop, user: int, line: str, *, umask: str = "022") -> Result:
    """Run `invctl` as a member of the staff."""
    return shop.bash(f"umask {umask} && HOME={shop.root} {become(user)} invctl {line}")


def become(user: int) -> str:
    return f"setpriv --reuid={user} --regid={user} --groups={STAFF}"


def left_beside(shop: Shop) -> set[str]:
    return {one.name for one in shop.db.parent.iterdir()} - {"shop.db", "shop.db.lock"}


@pytest.mark.parametrize("line", READERS)
@pytest.mark.parametrize(
    ("folder", "file"),
    [(0o1777, 0o644), (0o2770, 0o640), (0o2750, 0o640), (0o755, 0o444)],
    ids=["sticky", "setgid", "closed", "read-only"],
)
def test_a_reader_leaves_nothing_and_the_owner_goes_on(
    place: Shop, folder: int, file: int, line: str
) -> None:
    belongs(place.db, ANNA, STAFF, file)
    belongs(place.db.parent, ANNA, STAFF, folder)
    result = by(place, BEN, f"{line} -q" if "|" not in line else line.replace("|", "-q |"))
    assert (result.code, result.stderr) == (0, "")
    assert left_beside(place) == set()
    if file != 0o444:
        assert by(place, ANNA, "stock remove A-1 1").code == 0
        assert by(place, BEN, "product show A-1 -o jsonl").records[0]["quantity"] == 9


@pytest.mark.parametrize("line", ["stock remove A-1 1", "product create C-1 --name C"])
def test_who_may_not_write_leaves_nothing_either(place: Shop, line: str) -> None:
    belongs(place.db, ANNA, STAFF, 0o644)
    belongs(place.db.parent, ANNA, STAFF, 0o1777)
    error = error_of(by(place, BEN, f"{line} --json"), 13)
    assert error["details"]["path"] == str(place.db)
    assert f"uid {ANNA}" in error["message"]
    assert left_beside(place) == set()
    assert by(place, ANNA, "stock remove A-1 1").code == 0


def test_a_reader_beside_the_owner_s_open_pipe_sees_what_that_commits(place: Shop) -> None:
    belongs(place.db, ANNA, STAFF, 0o644)
    belongs(place.db.parent, ANNA, STAFF, 0o1777)
    with coprocess(place) as pipe:
        for left in (9, 8):
            pipe.ask('{"sku":"A-1","delta":-1}')
            assert by(place, BEN, "product show A-1 -o jsonl").records[0]["quantity"] == left
        pipe.process.kill()
    assert by(place, BEN, "product show A-1 -o jsonl").records[0]["quantity"] == 8


def test_what_somebody_left_that_is_in_the_way_is_named_with_its_owner(place: Shop) -> None:
    belongs(place.db, ANNA, STAFF, 0o644)
    belongs(place.db.parent, ANNA, STAFF, 0o1777)
    left = Path(f"{place.db}-shm")
    left.touch()
    belongs(left, BEN, BEN, 0o640)
    error = error_of(by(place, ANNA, "stock remove A-1 1 --json"), 13)
    assert error["details"]["path"] == str(left)
    assert f"uid {BEN}" in error["message"]
    assert f"uid {BEN} can remove it" in error["hint"]
    assert by(place, ANNA, "product list").code == 0
    left.unlink()


def test_a_log_that_a_reader_may_not_read_is_named_with_its_owner(place: Shop) -> None:
    with coprocess(place) as pipe:
        pipe.ask('{"sku":"A-1","delta":-1}')
        pipe.process.kill()
    belongs(place.db, ANNA, STAFF, 0o644)
    for ending in ("-wal", "-shm"):
        belongs(Path(f"{place.db}{ending}"), ANNA, STAFF, 0o600)
    error = error_of(by(place, BEN, "product list -o jsonl"), 13)
    assert error["details"]["path"] == f"{place.db}-wal"
    assert f"uid {ANNA}" in error["message"]


@pytest.fixture
def full(shop: Shop, tmp_path: Path, opened: Path) -> Iterator[Shop]:
    """A shop whose disk has no room left."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=512k", "tmpfs") as folder:
        before = shop.db
        shop.db = folder / "shop.db"
        shop.env["INVCTL_DB"] = str(shop.db)
        shutil.copy(opened, shop.db)
        filler = folder / "filler"
        with filler.open("wb", buffering=0) as stream:
            try:
                while stream.write(bytes(4096)):
                    pass
            except OSError:
                pass
        yield shop
        filler.unlink()
        shop.check_books()
        shop.db = before


@pytest.mark.parametrize("line", [*READERS, "db backup {}/elsewhere.db"])
def test_a_full_disk_is_read(full: Shop, line: str) -> None:
    result = full.bash(f"set -o pipefail; invctl {line.format(full.root)}")
    assert result.code == 0, result.stderr
    assert left_beside(full) - {"filler"} == set()
    assert full.fails(12, "stock", "remove", "A-1", "1")["message"].endswith("the disk is full")


@pytest.fixture
def failed(shop: Shop, tmp_path: Path, opened: Path) -> Iterator[Shop]:
    """A shop whose disk has failed, so that the system writes nothing to it any more."""
    image = tmp_path / "image"
    image.touch()
    os.truncate(image, 8 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with mounted(tmp_path / "disk", "-o", "loop", str(image)) as folder:
        shop.db = folder / "shop.db"
        shop.env["INVCTL_DB"] = str(shop.db)
        shutil.copy(opened, shop.db)
        subprocess.run(["sync", "-f", shop.db], check=True)
        subprocess.run(["mount", "-o", "remount,abort", folder], check=True)
        yield shop


@needs("mkfs.ext4")
@pytest.mark.parametrize("line", [*READERS, "db backup {}/elsewhere.db"])
def test_a_disk_that_has_failed_is_read_and_said_to_be_read_only(failed: Shop, line: str) -> None:
    result = failed.bash(f"set -o pipefail; invctl {line.format(failed.root)}")
    assert result.code == 0, result.stderr
    assert left_beside(failed) == {"lost+found"}
    refused = failed.fails(13, "stock", "remove", "A-1", "1")
    assert refused["message"].endswith("shop.db: read-only file system")


@pytest.fixture
def team(place: Shop) -> Shop:
    """The recipe of the README: one group, a folder that hands it on, and a file for the group."""
    shutil.rmtree(place.db.parent)
    folder = block("team: root").splitlines()[1]  # the first one makes the group
    assert place.bash(_here(place, folder)).code == 0
    make = _here(place, block("team: ann")).replace("invctl init", f"{become(ANNA)} invctl init")
    assert place.bash(make).code == 0
    assert by(place, ANNA, "product create A-1 --name Widget --quantity 10").code == 0
    return place


def _here(shop: Shop, line: str) -> str:
    """Return a line of the README with this shop's folder, and users that have no names."""
    named = line.replace("/srv/shop/inventory.db", str(shop.db)).replace(
        "/srv/shop", str(shop.db.parent)
    )
    return named.replace("-o ann -g shop", f"-o {ANNA} -g {STAFF}")


BOXES = {
    "as a user": ("unshare -m --pid --fork", "{become}", f"uid {ANNA}"),
    "rootless": ("{become} unshare --user --map-root-user -m --pid --fork", "", "root"),
}


@pytest.mark.parametrize(("box", "enter", "actor"), BOXES.values(), ids=BOXES)
def test_host_and_container_share_a_mounted_folder(
    place: Shop, box: str, enter: str, actor: str
) -> None:
    box, enter = (part.format(become=become(ANNA)) for part in (box, enter))
    if place.bash(f"{box} {enter} invctl --version").code:
        pytest.skip("who is in that container cannot run the installed command where it is")
    inside = place.root / "data"
    inside.mkdir()
    belongs(place.db, ANNA, STAFF, 0o600)
    belongs(place.db.parent, ANNA, STAFF, 0o700)
    sell = "stock remove A-1 1 -o jsonl"
    bare = f"exec env -i PATH=$PATH INVCTL_DB={inside}/shop.db {enter} invctl {sell}"
    contained = f"{box} bash -c 'mount --bind {place.db.parent} {inside} && {bare}'"
    with coprocess(place) as pipe:
        for left in (9, 7):
            assert pipe.ask('{"sku":"A-1","delta":-1}')["quantity"] == left
            sold = place.bash(contained)
            assert sold.code == 0, sold.stderr
            assert sold.records[0]["quantity"] == left - 1
        pipe.process.kill()
    assert place.query("SELECT actor FROM operation ORDER BY id DESC")[0][0] == actor


def test_a_folder_that_is_mounted_read_only_is_read_and_says_why_no_more(place: Shop) -> None:
    inside = place.root / "data"
    with mounted(inside, "--bind", str(place.db.parent)):
        assert place.bash(f"mount -o remount,ro,bind {inside}").code == 0
        where = {"INVCTL_DB": f"{inside}/shop.db"}
        assert place.json("product", "show", "A-1", env=where)["quantity"] == 10
        error = place.fails(13, "stock", "remove", "A-1", "1", env=where)
        assert "mounted read-only" in error["message"]


def test_a_team_shares_a_file_through_logs_backups_and_restores(team: Shop) -> None:
    folder = team.db.parent
    for user in (ANNA, BEN, ANNA, BEN):
        assert by(team, user, "stock remove A-1 1 -q", umask="077").code == 0
    assert by(team, BEN, f"db backup {folder}/monday.db -q", umask="077").code == 0
    assert by(team, ANNA, "stock remove A-1 1 -q").code == 0
    assert by(team, ANNA, f"db restore {folder}/monday.db --yes -q").code == 0
    assert by(team, BEN, "stock remove A-1 1 -o jsonl").records[0]["quantity"] == 5
    assert by(team, ANNA, "stock remove A-1 1 -o jsonl").records[0]["quantity"] == 4
    for one in folder.iterdir():
        found = one.stat()
        assert (found.st_gid, found.st_mode & 0o777) == (STAFF, 0o660), one.name


def test_a_team_goes_on_after_a_member_was_killed(team: Shop) -> None:
    script = f"""
        coproc setpriv --reuid={BEN} --regid={BEN} --groups={STAFF} invctl stock apply - --each
        echo '{{"sku":"A-1","delta":-1}}' >&"${{COPROC[1]}}"
        read -r answer <&"${{COPROC[0]}}"
        kill -9 "$COPROC_PID"
    """
    assert team.bash(script).code == 0
    assert left_beside(team) == {"shop.db-wal", "shop.db-shm"}
    assert by(team, ANNA, "stock remove A-1 1 -o jsonl").records[0]["quantity"] == 8


def test_a_ruin_that_a_member_replaces_stays_the_team_s(team: Shop) -> None:
    backup = team.db.parent / "monday.db"
    assert by(team, ANNA, f"db backup {backup} -q").code == 0
    team.db.write_bytes(b"ruined" * 2000)
    assert by(team, BEN, f"db restore {backup} --yes -q").code == 0
    found = team.db.stat()
    assert (found.st_gid, found.st_mode & 0o777) == (STAFF, 0o660)
    assert by(team, ANNA, "stock remove A-1 1 -o jsonl").records[0]["quantity"] == 9


def test_a_ruin_that_root_replaces_stays_its_owner_s(place: Shop) -> None:
    belongs(place.db, ANNA, STAFF, 0o640)
    belongs(place.db.parent, ANNA, STAFF, 0o755)
    backup = place.root / "backup.db"
    assert place.run("db", "backup", str(backup), "-q").code == 0
    place.db.write_bytes(b"ruined" * 2000)
    assert place.run("db", "restore", str(backup), "--yes", "-q").code == 0
    found = place.db.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (ANNA, STAFF, 0o640)
    assert by(place, ANNA, "stock remove A-1 1 -o jsonl").records[0]["quantity"] == 9


def test_root_takes_no_turn_from_the_owner_for_good(place: Shop) -> None:
    """The lock that root makes is the owner's, as SQLite does it with what it makes."""
    belongs(place.db, ANNA, STAFF, 0o600)
    belongs(place.db.parent, ANNA, STAFF, 0o755)
    Path(f"{place.db}.lock").unlink(missing_ok=True)
    assert place.run("stock", "remove", "A-1", "1", "-q").code == 0
    found = Path(f"{place.db}.lock").stat()
    assert (found.st_uid, found.st_mode & 0o777) == (ANNA, 0o600)
    assert by(place, ANNA, "stock remove A-1 1 -o jsonl").records[0]["quantity"] == 8
