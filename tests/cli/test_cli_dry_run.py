"""`--dry-run`: the same checks, output and exit code, and then nothing has happened."""

import pytest
from shop import Shop

TIMES = ("created_at", "updated_at")


def _files(shop: Shop) -> None:
    shop.file("lines.csv", "sku,delta\nA-1,-1\nB-1,2\n")
    shop.file("bad.csv", "sku,delta\nA-1,-11\n")
    shop.file("products.csv", "sku,name,quantity\nC-1,New,4\nA-1,Widget,7\n")


@pytest.mark.parametrize(
    "command",
    [
        "product create C-1 --name x --quantity 3",
        "product update A-1 --name x",
        "product rename A-1 C-1",
        "product archive A-1",
        "product unarchive A-1",
        "product delete B-1 --yes",
        "product import products.csv --set-quantity",
        "stock add A-1 1",
        "stock remove A-1 1",
        "stock remove A-1 99 --up-to",
        "stock set A-1 3",
        "stock apply lines.csv",
        "stock undo 1",
    ],
)
def test_a_dry_run_answers_what_the_run_then_answers(stocked: Shop, command: str) -> None:
    _files(stocked)
    before = stocked.dump()
    rehearsed = stocked.json(*command.split(), "--dry-run")
    assert stocked.dump() == before
    done = stocked.json(*command.split())
    assert stocked.dump() != before
    assert (rehearsed.pop("dry_run"), done.pop("dry_run")) == (True, False)
    for time in TIMES:
        assert (time in rehearsed) is (time in done)
        rehearsed.pop(time, None)
        done.pop(time, None)
    assert rehearsed == done


@pytest.mark.parametrize(
    ("code", "command"),
    [
        (5, "stock remove A-1 11"),
        (3, "stock add NOPE 1"),
        (4, "product create A-1 --name x"),
        (4, "product delete A-1 --yes"),
        (4, "stock set A-1 1 --expect 9"),
        (6, "stock apply bad.csv"),
        (2, "stock add A-1 x"),
    ],
)
def test_a_dry_run_is_refused_as_the_run_would_be(stocked: Shop, code: int, command: str) -> None:
    _files(stocked)
    stocked.refuses(code, *command.split(), "--dry-run")


def test_a_dry_run_is_told_apart_by_a_person(stocked: Shop) -> None:
    done = "stock remove A-1 3 -o table"
    rehearsed = stocked.run(*done.split(), "--dry-run")
    assert (rehearsed.code, rehearsed.stderr) == (0, "")
    assert rehearsed.stdout.startswith("A-1: 10 → 7 (removed 3, operation 3)")
    assert "dry" in rehearsed.stdout
    assert "dry" not in stocked.run(*done.split()).stdout
