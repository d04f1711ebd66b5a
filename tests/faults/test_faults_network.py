"""Network file systems: no write-ahead log there, a sync of the folder, and one warning.

Which kind a mount is comes from proc(5)'s mountinfo, on which another file is mounted for the
command alone; FUSE is also tried for real.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from each import coprocess
from locks import until
from shop import INVCTL, Result, Shop
from surroundings import needs, needs_root

pytestmark = [pytest.mark.faults, needs("unshare"), needs_root("mount a file over another")]

UNSAFE = ["nfs4", "cifs", "9p", "virtiofs", "fuse.sshfs", "ceph"]
SAFE = ["xfs", "btrfs", "overlay", "fuseblk"]


def on(shop: Shop, kind: str, line: str, tracer: str = "") -> Result:
    """Run `invctl` where the inventory's folder seems to be on a file system of another kind."""
    device = os.stat(shop.root).st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    fake = shop.file("mountinfo", f"1 0 0:1 / /proc rw - proc proc rw\n"
                                  f"29 1 {number} / / rw - {kind} server:/share rw\n")  # fmt: skip
    inner = f"mount --bind {fake} /proc/$$/mountinfo && exec {tracer} {INVCTL} {line}"
    result = shop.bash(f"unshare --mount sh -c {shlex.quote(inner)}")
    if "mount:" in result.stderr:
        pytest.skip(f"cannot mount over /proc here: {result.stderr}")
    return result


def journal(shop: Shop) -> str:
    return str(shop.query("PRAGMA journal_mode")[0][0])


@pytest.mark.parametrize("kind", UNSAFE)
def test_where_a_log_is_unsafe_there_is_none_and_one_warning(stocked: Shop, kind: str) -> None:
    result = on(stocked, kind, "stock add A-1 1 -o jsonl")
    assert (result.code, result.records[0]["quantity"]) == (0, 11)
    assert result.stderr.count("\n") == 1
    assert "warning" in result.stderr
    is_sure = not kind.startswith("fuse")
    assert f" {'is' if is_sure else 'may be'} on a network file system ({kind})" in result.stderr
    assert "by this path alone" in result.stderr
    assert journal(stocked) == "delete"
    assert on(stocked, kind, "stock add A-1 1 -q").stderr == ""


@pytest.mark.parametrize("kind", SAFE)
def test_where_a_log_is_safe_it_is_kept_without_a_word(stocked: Shop, kind: str) -> None:
    result = on(stocked, kind, "stock add A-1 1 -o jsonl")
    assert (result.code, result.stderr) == (0, "")
    assert journal(stocked) == "wal"


def test_the_first_create_has_no_log_either_and_warns(shop: Shop) -> None:
    result = on(shop, "nfs4", "product create A-1 --name A --json")
    assert result.code == 0
    assert journal(shop) == "delete"
    assert result.stderr.count("network file system") == 1


@needs("strace")
def test_the_end_of_a_commit_is_synced_with_its_folder(stocked: Shop) -> None:
    trace = stocked.root / "trace"
    # -D: the command keeps the process id whose mountinfo it is.
    tracer = f"strace -D -y -f -e trace=unlink,fsync,fdatasync -o {trace}"
    assert on(stocked, "nfs4", "stock add A-1 1 -q", tracer).code == 0
    until(lambda: "+++ exited" in trace.read_text())
    calls = trace.read_text().splitlines()
    removal = max(n for n, call in enumerate(calls) if f'unlink("{stocked.db}-journal")' in call)
    folder = re.compile(rf"sync\(\d+<{re.escape(str(stocked.root))}>\) += 0")
    assert any(folder.search(call) for call in calls[removal:]), calls


def test_what_was_written_there_gets_its_log_back_at_home(stocked: Shop) -> None:
    on(stocked, "nfs4", "stock add A-1 1 -q")
    assert stocked.json("stock", "add", "A-1", "1")["quantity"] == 12
    assert journal(stocked) == "wal"


def test_while_another_has_the_log_open_it_is_not_taken_away(stocked: Shop) -> None:
    with coprocess(stocked) as pipe:
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == 11
        result = on(stocked, "nfs4", "stock add A-1 1 --timeout 0.2 --json")
        assert result.code in (0, 11)
        now = 11 + (result.code == 0)
        assert pipe.ask('{"sku":"A-1","delta":1}')["quantity"] == now + 1
        assert pipe.end().code == 0


@pytest.fixture
def fuse(tmp_path: Path, opened: Path) -> Iterator[Path]:
    """An inventory on a real file system in user space."""
    below, above = tmp_path / "below", tmp_path / "above"
    below.mkdir()
    above.mkdir()
    shutil.copy(opened, below / "shop.db")
    done = subprocess.run(["bindfs", below, above], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount with FUSE here: {done.stderr.decode()}")
    yield above / "shop.db"
    subprocess.run(["umount", above], check=True)


@needs("bindfs")
def test_a_real_file_system_in_user_space_is_known_as_one(stocked: Shop, fuse: Path) -> None:
    result = stocked.run("stock", "add", "A-1", "1", "--json", env={"INVCTL_DB": str(fuse)})
    assert result.code == 0
    assert result.stderr.count("network file system") == 1
    assert {path.name for path in fuse.parent.iterdir()} == {"shop.db", "shop.db.lock"}
    shown = stocked.run("product", "show", "A-1", "--json", "-q", env={"INVCTL_DB": str(fuse)})
    assert shown.records[0]["quantity"] == 11
