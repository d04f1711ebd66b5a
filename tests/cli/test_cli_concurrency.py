"""Many processes at once on one inventory: nothing is lost, and nothing sold twice."""

import json

from shop import WAIT, Shop


def test_of_sixteen_buyers_of_one_last_item_one_wins(stocked: Shop) -> None:
    stocked.json("stock", "set", "A-1", "1")
    command = ("stock", "remove", "A-1", "1", "--json", "--timeout", "60")
    buyers = [stocked.start(*command) for _ in range(16)]
    answers = []
    for buyer in buyers:
        out, err = buyer.communicate(timeout=WAIT)
        answers.append((buyer.returncode, out, err))
    won = [json.loads(out) for code, out, err in answers if (code, err) == (0, b"")]
    lost = [json.loads(err)["error"] for code, out, err in answers if (code, out) == (5, b"")]
    assert [change["quantity"] for change in won] == [0]
    assert len(lost) == 15, answers
    assert {error["code"] for error in lost} == {"insufficient_stock"}
    assert stocked.quantity() == 0


def test_a_loop_of_sixteen_at_a_time_loses_no_update_and_meets_no_lock(stocked: Shop) -> None:
    stocked.json("stock", "set", "A-1", "100")
    result = stocked.bash(
        "seq 18 | xargs -P 16 -I{} sh -c 'invctl stock remove A-1 3 --json | jq .quantity'",
    )
    assert (result.code, result.stderr) == (0, "")
    balances = sorted(map(int, result.stdout.split()))
    assert balances == list(range(46, 100, 3))
    assert stocked.quantity() == 46


def test_of_many_first_commands_one_makes_the_inventory_and_none_fails(shop: Shop) -> None:
    commands = [("product", "create", f"P-{number}", "--name", "x") for number in range(5)]
    firsts = [shop.start(*command, "--timeout", "60") for command in (*commands, ("init",))]
    codes = []
    for first in firsts:
        first.communicate(timeout=WAIT)
        codes.append(first.returncode)
    assert codes == [0] * 6
    assert shop.query("SELECT count(*) FROM product") == [(5,)]


def test_of_many_with_one_key_one_moves_and_the_others_repeat_its_answer(stocked: Shop) -> None:
    command = ("stock", "add", "A-1", "5", "--idempotency-key", "k", "--json", "--timeout", "60")
    processes = [stocked.start(*command) for _ in range(5)]
    answers = []
    for process in processes:
        out, err = process.communicate(timeout=WAIT)
        assert (process.returncode, err) == (0, b"")
        answers.append(json.loads(out))
    assert sorted(answer.pop("replayed") for answer in answers) == [False, *[True] * 4]
    assert all(answer == answers[0] for answer in answers)
    assert stocked.quantity() == 15
