"""`db check [--repair]`: findings on stdout, 8 when there are any, and a copy before a repair."""

import json
import os
import pty
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from shop import INVCTL, Shop, new_shop

pytestmark = pytest.mark.sqlite("it looks after files")

FIELDS = ["kind", "sku", "message", "expected", "actual"]
WRONG = "UPDATE product SET quantity = 12 WHERE sku = 'A-1'"
BALANCE = {
    "kind": "balance",
    "sku": "A-1",
    "message": "12 in stock, but its movements add up to 10",
    "expected": 10,
    "actual": 12,
}


@pytest.fixture
def spoilt(tmp_path: Path, opened: Path) -> Callable[..., Shop]:
    """A shop like `stocked` whose file is changed as no command would; its books may be wrong."""

    def spoil(*statements: str) -> Shop:
        (tmp_path / "spoilt").mkdir()
        shop = new_shop(tmp_path / "spoilt")
        shop.db.write_bytes(opened.read_bytes())
        edit(shop, *statements)
        return shop

    return spoil


def edit(shop: Shop, *statements: str) -> None:
    with closing(sqlite3.connect(shop.db, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            connection.execute(statement)


def copies(shop: Shop) -> list[Path]:
    return sorted(shop.root.glob("*.before-*"))


def test_a_sound_inventory_is_said_to_be_so(stocked: Shop) -> None:
    result = stocked.run("db", "check", "-o", "table")
    assert (result.code, result.stdout) == (0, "")
    assert result.stderr == "invctl: no discrepancy in 2 products, 1 movement\n"


def test_an_answer_that_is_kept_for_a_retry_is_sound(stocked: Shop) -> None:
    file = stocked.file("sold.csv", "sku,delta\nA-1,-1\nB-1,1\n")
    for number, command in enumerate(
        (
            ("add", "A-1", "5"),
            ("set", "A-1", "9"),
            ("apply", file),
            ("undo", "3", "--despite-counts"),
        )
    ):
        stocked.json("stock", *command, "--idempotency-key", f"key-{number}")
    stocked.json("hold", "create", "A-1", "1", "--ref", "R", "--idempotency-key", "hold")
    stocked.json("hold", "commit", "--ref", "R", "--idempotency-key", "commit")
    assert stocked.json("db", "check") == []


@pytest.mark.parametrize(
    ("form", "text"), [("json", "[]\n"), ("jsonl", ""), ("csv", ",".join(FIELDS) + "\n")]
)
def test_a_sound_inventory_has_an_empty_list(stocked: Shop, form: str, text: str) -> None:
    result = stocked.run("db", "check", "-o", form)
    assert (result.code, result.stdout, result.stderr) == (0, text, "")


def test_a_quiet_check_says_all_with_its_exit_code(stocked: Shop) -> None:
    result = stocked.run("db", "check", "-q", "-o", "table")
    assert (result.code, result.stdout, result.stderr) == (0, "", "")


def test_findings_are_records_and_no_error(spoilt: Callable[..., Shop]) -> None:
    result = spoilt(WRONG).run("db", "check", "--json")
    assert (result.code, result.stderr) == (8, "")
    assert json.loads(result.out) == [BALANCE]
    assert list(json.loads(result.out)[0]) == FIELDS


def test_findings_are_a_table_for_people(spoilt: Callable[..., Shop]) -> None:
    result = spoilt(WRONG).run("db", "check", "-o", "table")
    assert (result.code, result.stderr) == (8, "")
    assert result.stdout.splitlines()[1].split("  ")[0] == "balance"
    assert "12 in stock, but its movements add up to 10" in result.stdout


def test_columns_are_picked(spoilt: Callable[..., Shop]) -> None:
    result = spoilt(WRONG).run("db", "check", "--columns", "sku,expected", "-o", "csv")
    assert (result.code, result.stdout) == (8, "sku,expected\nA-1,10\n")


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("CREATE TRIGGER gift AFTER UPDATE ON product BEGIN SELECT 1; END", "stranger"),
        ("CREATE VIEW spy AS SELECT 1", "stranger"),
        ("DROP INDEX movement_product", "index"),
        ("DROP TABLE movement", "schema"),
        ("UPDATE movement SET quantity = 11", "journal"),
        ("UPDATE movement SET operation_id = 99", "foreign_key"),
        ("UPDATE movement SET delta = 9223372036854775807", "journal"),
        ("UPDATE product SET quantity = -1", "integrity"),
        ("DELETE FROM setting", "setting"),
    ],
)
def test_each_sort_of_fault_is_a_finding(
    spoilt: Callable[..., Shop], statement: str, kind: str
) -> None:
    result = spoilt(statement).run("db", "check", "-o", "jsonl")
    assert (result.code, result.stderr) == (8, "")
    assert kind in {record["kind"] for record in result.records}


def test_a_stored_escape_reaches_no_terminal(spoilt: Callable[..., Shop]) -> None:
    shop = spoilt("UPDATE product SET quantity = 3, sku = 'A' || char(27) || '[2J' WHERE id = 1")
    code, shown = shop.terminal("db", "check", "--color", "never")
    assert code == 8
    assert "\x1b" not in shown


def test_a_ruined_page_is_a_finding_on_stdout(spoilt: Callable[..., Shop]) -> None:
    shop = spoilt()
    with shop.db.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    result = shop.run("db", "check", "-o", "jsonl")
    assert (result.code, result.stderr) == (8, "")
    assert "integrity" in {record["kind"] for record in result.records}


@pytest.mark.parametrize(
    ("code", "statement"),
    [(12, "PRAGMA user_version = 99"), (12, "PRAGMA application_id = 1")],
)
def test_what_is_no_inventory_is_an_error(
    spoilt: Callable[..., Shop], code: int, statement: str
) -> None:
    shop = spoilt(statement)
    shop.fails(code, "db", "check")
    shop.fails(code, "db", "check", "--repair")
    assert copies(shop) == []


def test_a_missing_inventory_is_an_error(shop: Shop) -> None:
    assert shop.fails(10, "db", "check", "--repair")["code"] == "db_missing"


def test_a_repair_mends_what_it_can_after_a_copy(spoilt: Callable[..., Shop]) -> None:
    shop = spoilt(WRONG)
    result = shop.run("db", "check", "--repair", "--json", "--actor", "ann")
    assert (result.code, json.loads(result.out)) == (8, [BALANCE])
    [copy] = copies(shop)
    assert result.stderr == (
        f"invctl: the inventory as it was is kept as {copy}\n"
        "invctl: set 1 quantity to the sum of the movements (operation 3)\n"
    )
    assert copy.name.startswith("shop.db.before-repair-2")
    assert copy.stat().st_mode & 0o777 == 0o600
    again = shop.run("db", "check", "--json")
    assert (again.code, again.stdout) == (0, "[]\n")
    shop.check_books()
    assert shop.query("SELECT kind, actor FROM operation WHERE id = 3") == [("repair", "ann")]
    assert shop.query("SELECT count(*) FROM movement") == [(1,)]
    assert shop.json("product", "show", "A-1", "--db", copy)["quantity"] == 12


def test_a_repair_says_which_numbers_it_set_to_what(stocked: Shop) -> None:
    stocked.json("hold", "create", "A-1", "3")
    edit(stocked, "UPDATE product SET held = 2, quantity = 9 WHERE sku = 'A-1'")
    result = stocked.run("db", "check", "--repair", "--json")
    assert result.code == 8
    assert result.stderr.splitlines()[1] == (
        "invctl: set 1 quantity to the sum of the movements, "
        "what is held of 1 product to the sum of the open holds (operation 4)"
    )
    assert stocked.run("db", "check").code == 0


def test_a_rehearsed_repair_keeps_and_changes_nothing(spoilt: Callable[..., Shop]) -> None:
    shop = spoilt(WRONG)
    before = shop.dump()
    result = shop.run("db", "check", "--repair", "--dry-run", "-o", "jsonl")
    assert (result.code, result.records) == (8, [BALANCE])
    assert result.stderr == (
        "invctl: would have set 1 quantity to the sum of the movements (operation 3)\n"
    )
    assert (shop.dump(), copies(shop)) == (before, [])


def test_a_quiet_repair_only_mends(spoilt: Callable[..., Shop]) -> None:
    shop = spoilt(WRONG)
    result = shop.run("db", "check", "--repair", "-q", "-o", "jsonl")
    assert (result.code, result.stderr) == (8, "")
    assert shop.quantity() == 10


def test_a_sound_inventory_is_not_repaired(stocked: Shop) -> None:
    before = stocked.dump()
    result = stocked.run("db", "check", "--repair", "--json")
    assert (result.code, result.stdout, result.stderr) == (0, "[]\n", "")
    assert (stocked.dump(), copies(stocked)) == (before, [])


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        (["UPDATE movement SET quantity = 11"], "no finding is of a sort"),
        (["UPDATE movement SET delta = -9, quantity = -9"], "no finding is of a sort"),
        ([WRONG, "CREATE TRIGGER gift AFTER UPDATE ON product BEGIN SELECT 1; END"], "sound"),
        ([WRONG, "DROP INDEX movement_product"], "sound"),
    ],
)
def test_what_a_repair_cannot_mend_is_only_reported(
    spoilt: Callable[..., Shop], statements: list[str], why: str
) -> None:
    shop = spoilt(*statements)
    before = shop.dump()
    result = shop.run("db", "check", "--repair", "--json")
    assert result.code == 8
    assert result.stderr.startswith("invctl: warning: nothing was repaired: ")
    assert why in result.stderr
    assert (shop.dump(), copies(shop)) == (before, [])


def test_a_read_only_inventory_is_checked_and_not_repaired(spoilt: Callable[..., Shop]) -> None:
    shop = spoilt(WRONG)
    shop.db.chmod(0o400)
    assert shop.run("db", "check").code == 8
    result = shop.run("db", "check", "--repair", "-o", "jsonl")
    assert (result.code, result.records) == (13, [BALANCE])
    assert '"code":"permission"' in result.stderr


def test_a_check_that_takes_long_says_what_it_is_at(spoilt: Callable[..., Shop]) -> None:
    """It waits here for a lock, which is let go of when the screen says so."""
    shop = spoilt("PRAGMA journal_mode = DELETE")
    keyboard, screen = pty.openpty()
    environment = {**shop.env, "TERM": "xterm-256color"}
    command = [str(INVCTL), "db", "check", "--json", "--timeout", "60"]
    with (
        closing(sqlite3.connect(shop.db, isolation_level=None)) as other,
        os.fdopen(keyboard, "rb", 0) as shown,
    ):
        other.execute("BEGIN EXCLUSIVE")
        with subprocess.Popen(
            command, stdin=screen, stdout=screen, stderr=screen, env=environment
        ) as process:
            os.close(screen)
            text = b""
            while b"opening the inventory" not in text:
                text += shown.read(4096)
            other.execute("ROLLBACK")
            while not text.rstrip().endswith(b"[]"):
                text += shown.read(4096)
            assert process.wait(60) == 0
