"""Help that teaches: every command has an example, and each example runs."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from inventories import copy_inventory
from shop import Shop

COMMANDS = [
    f"{noun} {verb}"
    for noun, verbs in {
        "product": "create list show update rename archive unarchive delete import export",
        "stock": "add remove set apply history log low undo",
        "db": "info path check backup restore migrate",
    }.items()
    for verb in verbs.split()
]


def example(help_text: str) -> str:
    """Return the line under `Example:`."""
    return help_text.partition("Example:\n")[2].splitlines()[0].strip()


@pytest.fixture(scope="module")
def shirts(make_shop: Callable[[str], Shop]) -> Path:
    """An inventory with what the examples are about."""
    shop = make_shop("shirts")
    create = ["TSHIRT-RED-L", "--name", "T-shirt", "--quantity", "10", "-q"]
    shop.json("product", "create", *create)
    shop.json("stock", "remove", "TSHIRT-RED-L", "1", "-q")
    shop.json("product", "create", "TYPO-1", "--name", "typo", "-q")
    return shop.db


@pytest.mark.parametrize("command", ["init", *COMMANDS])
def test_the_example_in_the_help_runs(shop: Shop, shirts: Path, command: str) -> None:
    shop.file("products.csv", "sku,name\nP-1,p\n")
    shop.file("sales.csv", "sku,delta\nTSHIRT-RED-L,-1\n")
    if command not in ("init", "product create"):
        copy_inventory(shirts, shop.db)
    done = shop.run(*command.split(), "-h")
    assert (done.code, done.stderr) == (0, "")
    line = example(done.stdout)
    if command == "db restore":
        shop.run("db", "backup", "inventory-2026-01-31.db")
    if command == "product export":
        (shop.root / "products.csv").unlink()
    if command == "db path":
        assert line.endswith('"$(invctl db path)" .tables')
        line = "invctl db path"
    assert f"invctl {command}" in line
    run = shop.run(*shlex.split(line)[1:])
    assert run.code == 0, run.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_names_the_environment_and_has_no_markup(shop: Shop, command: str) -> None:
    done = shop.run(*command.split(), "--help", env={"FORCE_COLOR": "1"})
    assert (done.code, done.stderr) == (0, "")
    assert "INVCTL_DB" in done.stdout
    assert "\x1b" not in done.stdout
    assert "[/" not in done.stdout
