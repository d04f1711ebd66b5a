"""A file appears whole under its name or not at all, and nothing that is another's is removed."""

import errno
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from folders import names

from invctl.appearing import LOGS, publish, unfinished
from invctl.db.sqlite import copies
from invctl.errors import DatabaseUnusable, FileExists, PermissionRefused, UsageError
from invctl.oserrors import Explain, database_problem, input_problem, output_problem
from invctl.stopping import Stopped, closing_first

LEFT_BEHIND = """
import os, sys
from invctl.appearing import unfinished
with unfinished(sys.argv[1], "export") as new:
    open(new + "-wal", "w").close()
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def no_hard_links(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a memory card: the system refuses, which no file system here does."""

    def refuse(_new: str, _path: str) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    return iter(())


def make(path: Path, content: str = "whole") -> bool:
    with unfinished(str(path), "export") as new:
        Path(new).write_text(content)
        return publish(new, str(path))


def test_what_is_finished_gets_its_name_and_leaves_no_other(tmp_path: Path) -> None:
    assert make(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "whole"
    assert names(tmp_path) == ["a"]
    assert os.stat(tmp_path / "a").st_nlink == 1


@pytest.mark.usefixtures("no_hard_links")
def test_a_file_system_without_hard_links_does_as_well(tmp_path: Path) -> None:
    assert make(tmp_path / "a")
    assert not make(tmp_path / "a", "another")
    assert (tmp_path / "a").read_text() == "whole"
    assert names(tmp_path) == ["a"]


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with suppress(ZeroDivisionError), unfinished(str(tmp_path / "a"), "export") as new:
        Path(f"{new}-wal").touch()
        raise ZeroDivisionError
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("private", "umask", "mode"),
    [
        (True, 0o027, 0o600),
        (False, 0o027, 0o640),
        (True, 0o277, 0o600),
        (False, 0o222, 0o644),
        (False, 0o777, 0o600),
    ],
)
def test_a_private_file_is_its_users_alone_and_another_as_the_umask_says(
    tmp_path: Path, private: bool, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        with unfinished(str(tmp_path / "a"), "export", private=private) as new:
            assert stat.S_IMODE(os.stat(new).st_mode) == mode
    finally:
        os.umask(before)


@pytest.mark.parametrize("meanwhile", [False, True], ids=["before", "between look and link"])
def test_a_file_that_is_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: bool
) -> None:
    (tmp_path / "a").write_text("another's")
    if meanwhile:  # it appears when the look is over
        monkeypatch.setattr(os.path, "lexists", lambda path: path != str(tmp_path / "a"))
    assert not make(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "another's"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("ending", LOGS)
def test_what_would_pass_for_a_part_of_it_is_refused_and_stays(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"shop{ending}").write_text("diary")
    with unfinished(str(tmp_path / "shop"), "new") as new:
        with pytest.raises(FileExists) as caught:
            publish(new, str(tmp_path / "shop"), beside=LOGS)
        assert caught.value.details["path"] == f"{tmp_path}/shop{ending}"
    assert names(tmp_path) == [f"shop{ending}"]
    assert (tmp_path / f"shop{ending}").read_text() == "diary"


def test_what_a_killed_run_left_goes_with_the_next_one_for_that_path(tmp_path: Path) -> None:
    for name in ("a", "b"):
        command = [sys.executable, "-c", LEFT_BEHIND, str(tmp_path / name)]
        assert subprocess.run(command, check=False).returncode == -9
    (tmp_path / "a.notes.invctl-export").touch()
    assert len(names(tmp_path)) == 5
    with unfinished(str(tmp_path / "a"), "export") as held:
        assert make(tmp_path / "a")  # another's, who is still at it
        assert Path(held).exists()
    assert [name[:2] for name in names(tmp_path)] == ["a", "a.", "b.", "b."]
    assert (tmp_path / "a.notes.invctl-export").exists()


@pytest.mark.parametrize(
    ("explain", "number", "kind"),
    [
        (database_problem, errno.EACCES, PermissionRefused),
        (database_problem, errno.EROFS, PermissionRefused),
        (database_problem, errno.ENOSPC, DatabaseUnusable),
        (database_problem, errno.EIO, DatabaseUnusable),
        (input_problem, errno.EPERM, PermissionRefused),
        (input_problem, errno.ENOENT, UsageError),
        (output_problem, errno.EROFS, PermissionRefused),
        (output_problem, errno.EEXIST, FileExists),
        (output_problem, errno.ENOSPC, DatabaseUnusable),
        (output_problem, errno.EIO, DatabaseUnusable),
        (output_problem, errno.ENOTDIR, UsageError),
    ],
)
def test_a_refusal_of_the_system_is_told_by_what_the_file_is(
    explain: Explain, number: int, kind: type[Exception]
) -> None:
    error = explain("/the/path", OSError(number, os.strerror(number), "/another"))
    assert type(error) is kind
    assert "/the/path" in error.message


@pytest.mark.parametrize("explain", [database_problem, input_problem, output_problem])
def test_where_all_is_read_only_no_owner_or_mode_is_blamed(explain: Explain) -> None:
    error = explain("/", OSError(errno.EROFS, os.strerror(errno.EROFS)))
    assert isinstance(error, PermissionRefused)
    assert error.message == "/: read-only file system"
    assert error.hint == "mount it writable, or name another place"


def test_a_folder_that_is_not_there_is_told_by_whoever_asks(tmp_path: Path) -> None:
    path = str(tmp_path / "no" / "a")
    with pytest.raises(UsageError, match="cannot write"), unfinished(path, "export"):
        pass
    with (
        pytest.raises(DatabaseUnusable),
        unfinished(path, "new", explain=database_problem),
    ):
        pass


def test_a_copy_that_is_kept_never_passes_for_another_of_the_same_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, free = str(tmp_path / "taken"), str(tmp_path / "free")
    names = iter((taken, free))
    monkeypatch.setattr(copies, "kept_name", lambda _path, _why: next(names))
    Path(taken).write_text("theirs", encoding="utf-8")
    with unfinished(str(tmp_path / "new"), "partial") as new:
        Path(new).write_text("ours", encoding="utf-8")
        assert copies.publish_kept(new, str(tmp_path / "a.db"), "restore") == free
    read = [Path(one).read_text(encoding="utf-8") for one in (taken, free)]
    assert read == ["theirs", "ours"]


def test_a_signal_that_comes_while_sqlite_calls_this_program_is_no_failure_of_its() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_function("end_it", 0, lambda: os.kill(os.getpid(), signal.SIGTERM))
        with pytest.raises(Stopped) as stopped, closing_first():
            connection.execute("SELECT end_it()")
    assert stopped.value.number == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
