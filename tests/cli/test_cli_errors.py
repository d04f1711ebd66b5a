"""The errors of contract §5 that are about the database, and the shape of every error."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from inventories import look
from shop import Shop


def _sql(script: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)

    return change


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _replaced_by_text(path: Path) -> None:
    path.write_text("sku,name\nA-1,Widget\n" * 100)


def _replaced_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _replaced_by_another_program(path: Path) -> None:
    path.unlink()
    _sql("CREATE TABLE product(sku TEXT, quantity REAL); INSERT INTO product VALUES('A-1', 5);")(
        path
    )


def _torn(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))


UNUSABLE = {
    "a folder": _replaced_by_a_folder,
    "a text file": _replaced_by_text,
    "an empty file": _emptied,
    "another program's database": _replaced_by_another_program,
    "a newer version's": _sql("PRAGMA user_version = 999;"),
    "a damaged file": _torn,
}


@pytest.mark.sqlite("it is about what a file may be instead")
@pytest.mark.parametrize("spoil", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize(
    "command",
    [
        ("product", "list"),
        ("stock", "add", "A-1", "1"),
        ("product", "create", "C-1", "--name", "x"),
    ],
    ids=["reading", "writing", "creating"],
)
def test_what_is_no_inventory_is_refused_and_left_alone(
    shop: Shop, opened: Path, spoil: Callable[[Path], None], command: tuple[str, ...]
) -> None:
    path = shop.root / "spoilt.db"
    shutil.copy(opened, path)
    spoil(path)
    before = None if path.is_dir() else path.read_bytes()
    error = shop.fails(12, *command, "--db", path)
    assert error["code"] == "db_unusable"
    assert str(path) in error["message"]
    if before is not None:
        assert path.read_bytes() == before


@pytest.mark.sqlite("it is about what a file may be instead")
def test_init_does_not_take_another_file_for_an_inventory(shop: Shop) -> None:
    path = shop.file("notes.txt", "sku,name\n" * 600)
    assert shop.fails(12, "init", "--db", path)["code"] == "db_unusable"
    assert path.read_text() == "sku,name\n" * 600


@pytest.mark.sqlite("a server's triggers are its owner's business")
@pytest.mark.parametrize(
    "foreign",
    [
        "CREATE TRIGGER t AFTER UPDATE ON product BEGIN DELETE FROM movement; END",
        "CREATE TRIGGER u AFTER INSERT ON operation BEGIN DELETE FROM movement; END",
    ],
)
def test_a_foreign_trigger_never_runs(shop: Shop, opened: Path, foreign: str) -> None:
    path = shop.root / "trigger.db"
    shutil.copy(opened, path)
    _sql(foreign)(path)
    error = shop.fails(12, "stock", "add", "A-1", "1", "--db", path)
    assert error["code"] == "db_unusable"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM movement").fetchone() == (1,)


@pytest.mark.parametrize(
    "command",
    [
        ("stock", "add", "A-1", "1"),
        ("product", "update", "A-1", "--name", "x"),
        ("stock", "apply", "-"),
    ],
    ids=" ".join,
)
def test_a_locked_database_is_told_after_the_timeout_and_can_be_retried(
    stocked: Shop, command: tuple[str, ...]
) -> None:
    lines = "sku,delta\nA-1,1\n"
    with look(stocked.db).writing():
        error = stocked.fails(11, *command, "--timeout", "0.2", stdin=lines)
        assert len(stocked.json("product", "list", "--timeout", "0")) == 2
    assert (error["code"], error["retryable"]) == ("db_locked", True)
    assert stocked.run(*command, stdin=lines).code == 0


@pytest.mark.sqlite("it is about the mode of a file")
def test_a_read_only_file_can_be_read_and_not_written(stocked: Shop) -> None:
    stocked.db.chmod(0o444)
    error = stocked.refuses(13, "stock", "add", "A-1", "1")
    assert error["code"] == "permission"
    assert str(stocked.db) in error["message"]
    assert stocked.json("product", "show", "A-1")["quantity"] == 10


@pytest.mark.sqlite("it opens none")
@pytest.mark.parametrize(
    "url",
    [
        "mysql://shop:s3cret@example.invalid/shop",
        "postgresql://shop:s3cret@example.invalid/sh@op?password=s3cret",
        "sqlite://",
        "sqlite:///",
    ],
)
def test_a_bad_variable_is_a_config_error_and_no_password_is_shown(shop: Shop, url: str) -> None:
    error = shop.fails(14, "product", "list", env={"INVCTL_DB": url})
    assert error["code"] == "config"
    assert "INVCTL_DB" in str(error)
    assert "s3cret" not in str(error)
    text = shop.run("product", "list", env={"INVCTL_DB": url})
    assert (text.code, text.stdout) == (14, "")
    assert "s3cret" not in text.stderr


@pytest.mark.sqlite("it opens none")
@pytest.mark.parametrize("url", ["mysql://shop:s3cret@example.invalid/shop", "sqlite://", ""])
def test_a_bad_flag_is_a_usage_error_and_no_password_is_shown(shop: Shop, url: str) -> None:
    error = shop.fails(2, "product", "list", "--db", url)
    assert error["code"] == "usage"
    assert "s3cret" not in str(error)


def test_an_error_for_people_says_what_and_what_to_do(stocked: Shop) -> None:
    result = stocked.run("stock", "remove", "A-1", "11")
    assert (result.code, result.stdout) == (5, "")
    assert result.stderr.startswith("invctl: error: ")
    assert "; " in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_error_is_the_same_in_json_and_jsonl(stocked: Shop) -> None:
    as_json = stocked.run("stock", "remove", "A-1", "11", "-o", "json")
    as_lines = stocked.run("stock", "remove", "A-1", "11", "-o", "jsonl")
    assert as_json == as_lines
    assert as_json.err.isascii()


@pytest.mark.parametrize("output", ["csv", "tsv"])
def test_the_other_machine_formats_have_errors_for_people(stocked: Shop, output: str) -> None:
    result = stocked.run("stock", "remove", "A-1", "11", "-o", output)
    assert (result.code, result.stdout) == (5, "")
    assert result.stderr.startswith("invctl: error: ")


def test_an_input_file_that_is_not_there_is_a_usage_error(stocked: Shop) -> None:
    missing = stocked.root / "no.csv"
    error = stocked.refuses(2, "stock", "apply", missing)
    assert str(missing) in error["message"]
    assert stocked.refuses(2, "product", "import", stocked.root)["code"] == "usage"


BUGGY = """
import sys
import {module}
{module}.{name} = None
from invctl.__main__ import main
sys.argv = ["invctl", "product", "show", "A-1"]
main()
"""


@pytest.mark.sqlite("the bug is put there")
@pytest.mark.parametrize(
    ("module", "name"),
    [("invctl.core.catalog", "get_product"), ("invctl.db.sqlite.engine", "SQLiteDatabase.read")],
    ids=["", "which a look for damage meets too"],
)
def test_a_bug_is_called_one(stocked: Shop, module: str, name: str) -> None:
    code = BUGGY.format(module=module, name=name)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=stocked.env,
        cwd=stocked.root,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"invctl: error: a bug in invctl: TypeError")
    assert done.stderr.count(b"\n") == 1


def gone(shop: Shop) -> None:
    shop.db.unlink()


def refused(shop: Shop) -> None:
    """Leave a log that is no part of the file, which every look at it refuses."""
    Path(f"{shop.db}-wal").write_bytes(b"diary" * 9)
    with shop.db.open("r+b") as file:
        file.seek(18)
        file.write(b"\x01\x01")


@pytest.mark.sqlite("the bug is put there")
@pytest.mark.parametrize("spoil", [gone, refused])
def test_what_is_met_while_a_bug_is_explained_is_not_taken_for_damage(
    stocked: Shop, spoil: Callable[[Shop], None]
) -> None:
    spoil(stocked)
    code = BUGGY.format(module="invctl.core.catalog", name="get_product")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=stocked.env,
        cwd=stocked.root,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"invctl: error: a bug in invctl: TypeError")
    Path(f"{stocked.db}-wal").unlink(missing_ok=True)
    stocked.db.unlink(missing_ok=True)
