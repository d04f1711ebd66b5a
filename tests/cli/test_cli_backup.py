"""`db backup`, `db restore` and `db migrate` of the installed command, as others go on working."""

import fcntl
import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from folders import mode, names
from locks import needs_lock_table, until, waiting
from old import load_old
from shop import INVCTL, WAIT, Shop
from surroundings import mounted

pytestmark = pytest.mark.sqlite("it looks after files")

INFO = [
    *("path", "engine", "schema_version", "sku_rule"),
    *("products", "operations", "movements", "size_bytes"),
]


@pytest.fixture
def backup(stocked: Shop) -> Path:
    """A backup of ten of A-1, of which there are seven by now."""
    file = stocked.root / "backup.db"
    assert stocked.run("db", "backup", file).code == 0
    stocked.json("stock", "remove", "A-1", "3")
    return file


def kept(shop: Shop) -> list[Path]:
    return sorted(shop.root.glob("*.before-*"))


@pytest.mark.parametrize("verb", ["backup", "copy"])
def test_a_backup_or_copy_that_is_named_as_if_it_were_compressed_says_that_it_is_not(
    stocked: Shop, verb: str
) -> None:
    result = stocked.run("db", verb, "b.db.gz")
    assert (result.code, "b.db.gz is not compressed" in result.stderr) == (0, True)


def test_a_backup_is_told_as_what_it_holds(stocked: Shop) -> None:
    result = stocked.run("db", "backup", "b.db", "--json")
    assert result.code == 0
    assert result.stderr == "invctl: backed up 2 products, 1 movement to b.db\n"
    [made] = result.records
    file = stocked.root / "b.db"
    assert list(made) == INFO
    assert made["path"] == str(file)
    assert (made["products"], made["movements"]) == (2, 1)
    assert (made["size_bytes"], mode(file)) == (file.stat().st_size, 0o600)
    assert stocked.json("product", "list", "--db", file) == stocked.json("product", "list")
    assert stocked.json("db", "check", "--db", file) == []


def test_people_are_told_on_stderr(stocked: Shop) -> None:
    result = stocked.run("db", "backup", "b.db", "-o", "table")
    assert (result.code, result.stdout) == (0, "")
    assert result.stderr == "invctl: backed up 2 products, 1 movement to b.db\n"
    quiet = stocked.run("db", "backup", "c.db", "-q")
    assert (quiet.code, quiet.stdout, quiet.stderr) == (0, "", "")


def test_a_backup_to_stdout_is_the_file(stocked: Shop) -> None:
    result = stocked.run("db", "backup", "-", env={"TMPDIR": str(stocked.root / "home")})
    assert result.code == 0
    assert result.stderr == "invctl: backed up 2 products, 1 movement to standard output\n"
    copy = stocked.file("copy.db", result.out)
    assert stocked.json("product", "show", "A-1", "--db", copy)["quantity"] == 10
    assert list((stocked.root / "home").iterdir()) == []


def test_a_pipe_that_breaks_leaves_nothing_behind(stocked: Shop) -> None:
    lines = "".join(f"P-{n},{'x' * 200}\n" for n in range(2000))
    stocked.json("product", "import", stocked.file("p.csv", f"sku,name\n{lines}"))
    script = "set -o pipefail; invctl db backup - | head -c 100 | wc -c"
    result = stocked.bash(script, env={"TMPDIR": str(stocked.root / "home")})
    assert (result.code, result.stdout.strip()) == (141, "100")
    assert list((stocked.root / "home").iterdir()) == []


@pytest.mark.parametrize(
    "script",
    [
        "invctl db backup -q >(gzip > got.gz); wait $!",
        "invctl db backup -q /dev/stdout | gzip > got.gz",
        "mkfifo pipe; gzip < pipe > got.gz & invctl db backup -q pipe; wait",
    ],
)
def test_a_backup_goes_into_a_pipe_by_its_name_and_comes_back_compressed(
    stocked: Shop, script: str
) -> None:
    done = stocked.bash(script, env={"TMPDIR": str(stocked.root / "home")})
    assert (done.code, done.stdout, done.stderr) == (0, "", "")
    stocked.json("stock", "remove", "A-1", "3")
    env = {"TMPDIR": str(stocked.root / "home")}
    told = stocked.run("db", "restore", "got.gz", "--yes", env=env)
    assert (told.code, "from got.gz" in told.stderr, stocked.quantity()) == (0, True, 10)
    assert list((stocked.root / "home").iterdir()) == []


def test_a_full_device_takes_no_backup_and_is_named(stocked: Shop) -> None:
    error = stocked.fails(12, "db", "backup", "/dev/full")
    assert error["message"] == "/dev/full cannot be written: the disk is full"


def test_a_terminal_gets_no_bytes(stocked: Shop) -> None:
    code, shown = stocked.terminal("db", "backup", "-")
    assert code == 2
    assert "a backup is no text for a terminal" in shown


def test_a_full_stdout_is_told(stocked: Shop) -> None:
    result = stocked.bash("invctl db backup - > /dev/full")
    assert result.code == 15


def test_a_format_makes_no_sense_for_bytes(stocked: Shop) -> None:
    assert stocked.fails(2, "db", "backup", "-")["code"] == "usage"


def test_an_existing_file_is_not_written_over(stocked: Shop) -> None:
    file = stocked.file("b.db", "mine")
    error = stocked.fails(4, "db", "backup", "b.db")
    assert error["details"]["reason"] == "file_exists"
    assert file.read_text() == "mine"


@pytest.mark.parametrize("name", ["no/folder/b.db", "shop.db/b.db"])
def test_where_there_can_be_no_file_is_told(stocked: Shop, name: str) -> None:
    assert os.path.basename(name) in stocked.fails(2, "db", "backup", name)["message"]


def test_a_missing_inventory_has_no_backup(shop: Shop) -> None:
    assert shop.fails(10, "db", "backup", "b.db")["code"] == "db_missing"
    assert not (shop.root / "b.db").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 KiB, which `stocked` fits in and a larger inventory does not."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=300k", "tmpfs") as disk:
        yield disk


def grow(shop: Shop) -> None:
    """Make an inventory of half a megabyte."""
    lines = "".join(f"P-{n},{'x' * 200}\n" for n in range(2000))
    shop.json("product", "import", shop.file("p.csv", f"sku,name\n{lines}"))


def test_a_full_disk_is_named_and_leaves_no_half_a_backup(stocked: Shop, small_disk: Path) -> None:
    grow(stocked)
    error = stocked.fails(12, "db", "backup", small_disk / "b.db")
    assert "the disk is full" in error["message"]
    assert str(small_disk / "b.db") in error["message"]
    assert list(small_disk.iterdir()) == []


def test_a_full_temporary_folder_is_named(stocked: Shop, small_disk: Path) -> None:
    grow(stocked)
    result = stocked.run("db", "backup", "-", env={"TMPDIR": str(small_disk)})
    assert (result.code, result.out) == (12, b"")
    assert "the disk is full" in result.stderr
    assert list(small_disk.iterdir()) == []


def test_a_restore_without_room_leaves_the_old_inventory(stocked: Shop, small_disk: Path) -> None:
    there = small_disk / "shop.db"
    assert stocked.run("db", "restore", stocked.db, "--db", there).code == 0
    grow(stocked)
    assert stocked.run("db", "backup", "big.db").code == 0
    error = stocked.fails(12, "db", "restore", "big.db", "--yes", "--db", there)
    assert "the disk is full" in error["message"]
    assert sorted(one.name for one in small_disk.iterdir()) == ["shop.db", "shop.db.lock"]
    assert stocked.json("product", "show", "A-1", "--db", there)["quantity"] == 10


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write to a folder, root included."""
    try:
        subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount a folder read-only")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("made", ["by backup", "by cp"])
def test_a_restore_reads_from_where_nothing_can_be_written(
    stocked: Shop, backup: Path, opened: Path, made: str
) -> None:
    folder = stocked.root / "medium"
    folder.mkdir()
    source = backup if made == "by backup" else opened
    (folder / "b.db").write_bytes(source.read_bytes())
    with read_only(folder):
        restored = stocked.run("db", "restore", folder / "b.db", "--yes")
        refused = stocked.run("db", "backup", folder / "c.db")
    assert (restored.code, stocked.quantity()) == (0, 10)
    assert [one.name for one in folder.iterdir()] == ["b.db"]
    assert (refused.code, refused.stdout) == (13, "")


def test_a_restore_says_what_it_did_and_where_the_old_one_is(stocked: Shop, backup: Path) -> None:
    result = stocked.run("db", "restore", backup, "--yes", "--json")
    assert result.code == 0
    [info], [copy] = result.records, kept(stocked)
    assert result.stderr == (
        f"invctl: the inventory as it was is kept as {copy}\n"
        f"invctl: restored 2 products, 1 movement from {backup}\n"
    )
    assert list(info) == INFO
    assert info == stocked.json("db", "info")
    assert info["path"] == str(stocked.db)
    assert (stocked.quantity(), mode(stocked.db), mode(copy)) == (10, 0o600, 0o600)
    assert stocked.json("product", "show", "A-1", "--db", copy)["quantity"] == 7


def test_a_restore_can_be_restored_from(stocked: Shop, backup: Path) -> None:
    stocked.json("db", "restore", backup, "--yes", "-q")
    [copy] = kept(stocked)
    stocked.json("db", "restore", copy, "--yes", "-q")
    assert stocked.quantity() == 7


def test_without_a_terminal_a_restore_wants_a_yes(stocked: Shop, backup: Path) -> None:
    error = stocked.refuses(7, "db", "restore", backup)
    assert (error["code"], error["details"]["flag"]) == ("confirmation_required", "--yes")
    assert str(stocked.db) in error["message"]
    assert kept(stocked) == []


@pytest.mark.parametrize(("typed", "code", "left"), [("y\n", 0, 10), ("n\n", 7, 7)])
def test_on_a_terminal_it_asks(
    stocked: Shop, backup: Path, typed: str, code: int, left: int
) -> None:
    ended, shown = stocked.terminal("db", "restore", str(backup), typed=typed)
    assert ended == code
    lost = "2 products, 2 movements"
    asked = " ".join(shown.split())
    assert f"replace the inventory {stocked.db} ({lost}) by {backup}? [y/N]" in asked
    assert stocked.quantity() == left


@pytest.mark.usefixtures("_interruptible")
@needs_lock_table
@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE],
    ids=lambda one: one.name,
)
def test_a_signal_takes_away_what_has_no_name_yet(
    stocked: Shop, backup: Path, number: signal.Signals
) -> None:
    before = names(stocked.root)
    with open(f"{stocked.db}.lock", "w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        process = stocked.start("db", "restore", backup, "--yes", "--timeout", "60")
        until(lambda: waiting(stocked.db) == 1)
        assert len(list(stocked.root.glob("*.invctl-restored"))) == 1
        process.send_signal(number)
        out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, out, err) == (-number, b"", b"")
    assert names(stocked.root) == before


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_question_that_is_given_up_leaves_no_copy_behind(
    stocked: Shop, backup: Path, number: signal.Signals
) -> None:
    before = sorted(stocked.root.iterdir())
    keyboard, screen = pty.openpty()
    with subprocess.Popen(
        [INVCTL, "db", "restore", backup],
        stdin=screen, stdout=screen, stderr=screen, env=stocked.env,
    ) as process:  # fmt: skip
        os.close(screen)
        try:
            _until_asked(keyboard)
            os.write(keyboard, b"perhaps\n")
            shown = _until_asked(keyboard)
            process.send_signal(number)
            assert process.wait(WAIT) == -number
        finally:
            process.kill()
            os.close(keyboard)
    assert "invctl: 'perhaps' is neither yes nor no" in " ".join(shown.split())
    assert sorted(stocked.root.iterdir()) == before


def _until_asked(keyboard: int) -> str:
    """Return what a terminal shows up to a question."""
    shown = ""
    while not shown.endswith("[y/N]: "):
        shown += os.read(keyboard, 4096).decode()
    return shown


def test_what_would_be_refused_is_not_worth_a_question(stocked: Shop) -> None:
    file = stocked.file("b.db", "sku,name\n" * 99)
    assert "not a database" in stocked.refuses(12, "db", "restore", file)["message"]


@pytest.mark.parametrize(("code", "name"), [(2, "nothing.db"), (12, "."), (2, "shop.db"), (2, "-")])
def test_what_cannot_be_a_backup_is_refused(stocked: Shop, code: int, name: str) -> None:
    stocked.refuses(code, "db", "restore", name, "--yes")
    assert kept(stocked) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(stocked: Shop, backup: Path) -> None:
    backup.chmod(0)
    stocked.refuses(13, "db", "restore", backup, "--yes")


def test_a_missing_inventory_is_made_without_a_question(shop: Shop, opened: Path) -> None:
    where = shop.root / "new" / "folder" / "shop.db"
    result = shop.run("db", "restore", opened, "--db", where)
    assert result.code == 0
    assert f"created the inventory {where}" in result.stderr
    assert [mode(where), mode(where.parent), mode(where.parent.parent)] == [0o600, 0o700, 0o700]
    assert shop.json("product", "show", "A-1", "--db", where)["quantity"] == 10


def test_a_rehearsed_restore_does_nothing(stocked: Shop, backup: Path) -> None:
    before = stocked.dump()
    result = stocked.run("db", "restore", backup, "--dry-run", "--json")
    assert result.code == 0
    assert result.stderr == f"invctl: would restore 2 products, 1 movement from {backup}\n"
    assert (stocked.dump(), kept(stocked)) == (before, [])
    new = stocked.root / "new" / "shop.db"
    assert stocked.run("db", "restore", backup, "--dry-run", "--db", new).code == 0
    assert not new.parent.exists()


def test_what_others_have_open_goes_on_with_what_was_restored(stocked: Shop, backup: Path) -> None:
    pipe = subprocess.PIPE
    log = [str(INVCTL), "stock", "log", "--follow", "-o", "jsonl"]
    each = [str(INVCTL), "stock", "apply", "-", "--each"]
    with (
        subprocess.Popen(log, stdout=pipe, text=True, env=stocked.env) as follower,
        subprocess.Popen(each, stdin=pipe, stdout=pipe, text=True, env=stocked.env) as till,
    ):
        assert follower.stdout is not None
        assert till.stdin is not None
        assert till.stdout is not None

        def sell(amount: int) -> tuple[int, int]:
            assert till.stdin is not None
            assert till.stdout is not None
            till.stdin.write(json.dumps({"sku": "A-1", "delta": -amount}) + "\n")
            till.stdin.flush()
            answer = json.loads(till.stdout.readline())
            return answer["quantity"], answer["movement"]

        try:
            assert [json.loads(follower.stdout.readline())["id"] for _ in range(2)] == [1, 2]
            assert sell(2) == (5, 3)
            assert json.loads(follower.stdout.readline())["quantity"] == 5
            assert stocked.run("db", "restore", backup, "--yes").code == 0
            assert sell(4) == (6, 2)
            assert stocked.quantity() == 6
        finally:
            follower.kill()
            till.kill()


@pytest.mark.sweep
def test_backups_and_restores_among_four_writers_leave_exact_books(stocked: Shop) -> None:
    """Each writer's acknowledged changes since the last restore are there, and nothing else."""
    script = "for i in $(seq 6); do invctl stock add A-1 1 -q --timeout 60 || exit 1; done"
    writers = [
        subprocess.Popen(["bash", "-c", script], env=stocked.env, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    made = [stocked.run("db", "backup", f"{n}.db", "--json") for n in range(4)]
    ends = [(writer.communicate(timeout=120)[1], writer.returncode) for writer in writers]
    assert ends == [(b"", 0)] * 4
    assert [one.code for one in made] == [0] * 4
    assert stocked.quantity() == 34
    for n, one in enumerate(made):
        file = stocked.root / f"{n}.db"
        movements = one.records[0]["movements"]
        assert stocked.json("product", "show", "A-1", "--db", file)["quantity"] == 9 + movements
        assert stocked.json("db", "check", "--db", file) == []


def test_readers_see_all_of_the_old_or_all_of_the_new(stocked: Shop) -> None:
    grow(stocked)
    stocked.json("stock", "add", "B-1", "5")
    assert stocked.run("db", "backup", "new.db").code == 0
    stocked.json("stock", "set", "B-1", "0")
    stocked.json("stock", "set", "A-1", "0")
    assert stocked.run("db", "backup", "old.db").code == 0
    script = (
        "while [ ! -e done ]; do invctl product list --columns sku,quantity -o csv --no-header"
        " | grep -v '^P-' | tr '\\n' ' ' || exit 1; echo; done"
    )
    reader = subprocess.Popen(
        ["bash", "-c", script],
        env=stocked.env,
        cwd=stocked.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for name in ("new.db", "old.db", "new.db", "old.db"):
            assert stocked.run("db", "restore", name, "--yes").code == 0
    finally:
        stocked.file("done", "")
        out, err = reader.communicate(timeout=120)
    assert (reader.returncode, err) == (0, "")
    assert set(out.splitlines()) <= {"A-1,10 B-1,5 ", "A-1,0 B-1,0 "}
    assert stocked.quantity() == 0


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)], ids=["done", "rehearsed"])
def test_an_older_inventory_is_there_already_for_init(shop: Shop, dry_run: tuple[str, ...]) -> None:
    load_old("schema-1.sql", shop.db)
    before = shop.db.read_bytes(), sorted(shop.root.iterdir())
    done = shop.run("init", "--json", *dry_run)
    assert (done.code, list(done.records[0])) == (0, INFO)
    assert (done.records[0]["schema_version"], done.records[0]["products"]) == (1, None)
    told = f"there is an inventory at {shop.db} already, of version 1; nothing was changed"
    assert done.stderr == f"invctl: {told}; `invctl db migrate` brings it up to date\n"
    assert (shop.db.read_bytes(), sorted(shop.root.iterdir())) == before
    assert shop.fails(12, "init", "--sku-rule", "strict")["code"] == "db_unusable"
    shop.db.unlink()


def test_nothing_to_migrate_is_success(stocked: Shop) -> None:
    before = stocked.dump()
    result = stocked.run("db", "migrate", "-o", "table")
    assert (result.code, result.stdout) == (0, "")
    assert result.stderr == ("invctl: schema version 2 is the present one; nothing was changed\n")
    assert stocked.json("db", "migrate", "-q") == stocked.json("db", "info")
    assert (stocked.dump(), kept(stocked)) == (before, [])


def test_a_missing_inventory_cannot_be_migrated(shop: Shop) -> None:
    assert shop.fails(10, "db", "migrate")["code"] == "db_missing"
    assert not shop.db.exists()
