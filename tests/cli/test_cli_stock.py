"""`invctl stock` add, remove and set: one product's stock, and never below zero."""

from typing import Any

import pytest
from shop import MAX, Shop

CHANGE = [
    *("operation", "kind", "sku", "delta", "quantity", "replayed", "dry_run", "movement"),
    *("low", "counted", "hold", "movement_ids"),
]


@pytest.mark.parametrize(
    ("command", "kind", "delta", "quantity"),
    [
        ("add A-1 5", "add", 5, 15),
        ("remove A-1 3", "remove", -3, 7),
        ("remove A-1 10", "remove", -10, 0),
        ("remove A-1 4 --up-to", "remove", -4, 6),
        ("remove A-1 12 --up-to", "remove", -10, 0),
        ("set A-1 12", "set", 2, 12),
        ("set A-1 0", "set", -10, 0),
        ("set A-1 4 --expect 10", "set", -6, 4),
        (f"set A-1 {MAX}", "set", MAX - 10, MAX),
        (f"add A-1 {MAX - 10}", "add", MAX - 10, MAX),
    ],
)
def test_a_change_answers_what_moved_and_the_balance_after(
    stocked: Shop, command: str, kind: str, delta: int, quantity: int
) -> None:
    change = stocked.json("stock", *command.split())
    assert list(change) == CHANGE
    assert change == {
        "operation": 3,
        "kind": kind,
        "sku": "A-1",
        "delta": delta,
        "quantity": quantity,
        "replayed": False,
        "dry_run": False,
        "movement": 2,
        "low": False,
        "counted": quantity if kind == "set" else None,
        "hold": None,
        "movement_ids": [2],
    }
    assert stocked.quantity() == quantity


@pytest.mark.parametrize(
    ("command", "quantity"),
    [("set A-1 10", 10), ("set A-1 10 --expect 10", 10), ("remove B-1 3 --up-to", 0)],
)
def test_nothing_to_change_is_success_without_a_movement(
    stocked: Shop, command: str, quantity: int
) -> None:
    change = stocked.json("stock", *command.split())
    assert (change["delta"], change["quantity"], change["movement"]) == (0, quantity, None)
    assert stocked.query("SELECT count(*) FROM movement") == [(1,)]


def test_removing_more_than_there_is_changes_nothing_and_says_what_there_is(
    stocked: Shop,
) -> None:
    error = stocked.refuses(5, "stock", "remove", "A-1", "11")
    assert error["code"] == "insufficient_stock"
    assert error["details"] == {
        "sku": "A-1",
        "requested": 11,
        "available": 10,
        "quantity": 10,
        "held": 0,
    }
    assert error["retryable"] is False


def test_a_stale_expectation_is_a_conflict(stocked: Shop) -> None:
    error = stocked.refuses(4, "stock", "set", "A-1", "4", "--expect", "9")
    assert error["code"] == "conflict"
    assert error["details"]["reason"] == "stale"


@pytest.mark.parametrize("amount", [str(MAX), str(MAX - 9)])
def test_a_balance_past_the_limit_is_a_conflict(stocked: Shop, amount: str) -> None:
    error = stocked.refuses(4, "stock", "add", "A-1", amount)
    assert error["code"] == "conflict"
    assert error["details"]["reason"] == "limit"


@pytest.mark.parametrize(
    "command", [("add", "A-1", "1"), ("remove", "A-1", "1"), ("set", "A-1", "1")], ids=" ".join
)
def test_a_change_keeps_what_was_said_of_it(stocked: Shop, command: tuple[str, ...]) -> None:
    stocked.json(
        *("stock", *command, "--reason", "sale", "--ref", "Order 1001", "--note", "a\tb\nc"),
        *("--at", "2026-01-31T09:30:00.5+01:00", "--actor", "ann"),
    )
    movement: dict[str, Any] = stocked.json("stock", "history", "A-1")[-1]
    kept = {name: movement[name] for name in ("reason", "ref", "note", "actor", "occurred_at")}
    assert kept == {
        "reason": "sale",
        "ref": "Order 1001",
        "note": "a\tb\nc",
        "actor": "ann",
        "occurred_at": "2026-01-31T08:30:00.500Z",
    }
    assert movement["recorded_at"] > "2026-02"


def test_nothing_said_is_null_and_the_actor_is_the_os_user(stocked: Shop) -> None:
    stocked.json("stock", "add", "A-1", "1")
    movement = stocked.json("stock", "history", "A-1")[-1]
    assert (movement["reason"], movement["ref"], movement["note"]) == (None, None, None)
    assert movement["actor"] == stocked.bash("id -un").stdout.strip()
    assert movement["occurred_at"] == movement["recorded_at"]


def test_a_backdated_movement_is_not_reordered(stocked: Shop) -> None:
    stocked.json("stock", "remove", "A-1", "2", "--at", "2001-01-01")
    stocked.json("stock", "add", "A-1", "1")
    history = stocked.json("stock", "history", "A-1")
    assert [(m["id"], m["delta"], m["quantity"]) for m in history] == [
        (1, 10, 10),
        (2, -2, 8),
        (3, 1, 9),
    ]


def test_a_person_is_told_in_one_sentence_that_names_the_operation(stocked: Shop) -> None:
    result = stocked.run("stock", "remove", "A-1", "3", "-o", "table")
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout == "A-1: 10 → 7 (removed 3, operation 3)\n"


class TestNowLow:
    """A person hears of the change that made a product low: 5 at most, of ten at first."""

    @pytest.fixture
    def watched(self, stocked: Shop) -> Shop:
        stocked.json("product", "update", "A-1", "--reorder-point", "5")
        return stocked

    def test_a_dry_run_says_what_the_run_will_say(self, watched: Shop) -> None:
        for change in ("remove A-1 6", "remove A-1 2", "set A-1 1"):
            stock = ("stock", *change.split(), "-o", "table")
            rehearsed = watched.run(*stock, "--dry-run").stdout
            assert rehearsed == watched.run(*stock).stdout.replace(
                "\n", "; a dry run, nothing happened\n"
            )

    def test_a_replay_says_it_again_whatever_went_out_since(self, watched: Shop) -> None:
        keyed = ("stock", "remove", "A-1", "5", "-o", "table", "--idempotency-key", "K")
        sentence = watched.run(*keyed).stdout.strip()
        assert sentence.endswith(", now low")
        watched.json("stock", "remove", "A-1", "5")
        assert watched.run(*keyed).stdout.startswith(f"{sentence};")

    @pytest.mark.parametrize("promise", ["hold create A-1 5", "delivery cancel 1"])
    def test_a_promise_that_makes_it_low_says_so(self, watched: Shop, promise: str) -> None:
        watched.json("delivery", "expect", "A-1", "5")

        def says_low(point: int, *options: str) -> bool:
            watched.json("product", "update", "A-1", "--reorder-point", str(point))
            return ", now low" in watched.run(*promise.split(), "-o", "table", *options).stdout

        told = [says_low(point, "--dry-run") for point in (9, 10, 14, 15)]
        assert told == [False, True, True, False]
        assert says_low(10)

    def test_an_undo_that_makes_it_low_says_so(self, watched: Shop) -> None:
        watched.json("stock", "set", "A-1", "4")
        watched.json("stock", "add", "A-1", "4")
        assert watched.run("undo", "--last", "-o", "table").stdout == (
            "undid your newest operation, 5: A-1: 8 → 4 (removed 4, operation 6), now low\n"
        )
