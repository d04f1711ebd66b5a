"""`invctl serve` is killed under load: what was answered is in the journal, and once."""

import asyncio
import random

import httpx
import pytest
from asking import serving
from inventories import look
from shop import WAIT, Shop

pytestmark = [pytest.mark.faults, pytest.mark.sqlite("a kill is of the process")]

CLIENTS = 32
KILLS = 6


async def load(url: str, kill: object, round_number: int) -> dict[str, tuple[int, int]]:
    """Let clients sell until the server is killed; return what was answered, by key."""
    answered: dict[str, tuple[int, int]] = {}
    enough = random.Random(round_number).randint(20, 400)

    async def client(number: int) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=WAIT) as mine:
            for n in range(1000):
                key = f"{round_number}-{number}-{n}"
                asked = {"Idempotency-Key": key}
                try:
                    done = await mine.patch("/products/A/remove", json={"amount": 1}, headers=asked)
                except httpx.TransportError:
                    return
                assert done.status_code == 200, done.text
                answered[key] = (done.json()["operation"], done.json()["quantity"])
                if len(answered) >= enough:
                    kill()  # type: ignore[operator]

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return answered


def test_what_was_answered_before_a_kill_is_in_the_journal_once(shop: Shop) -> None:
    shop.json("product", "create", "A", "--name", "a", "--quantity", "1000000", "-q")
    answered: dict[str, tuple[int, int]] = {}
    for number in range(KILLS):
        with serving(shop, "-q") as (url, process):
            answered |= asyncio.run(load(url, process.kill, number))
    rows = look(shop.db).query(
        "SELECT idempotency_key, operation.id, quantity FROM operation"
        " JOIN movement ON operation_id = operation.id WHERE idempotency_key IS NOT NULL"
    )
    kept = {key: (operation, quantity) for key, operation, quantity in rows}
    assert len(kept) == len(rows)
    assert len(answered) > KILLS * 20
    assert answered.items() <= kept.items()
    with serving(shop, "-q") as (url, _), httpx.Client(base_url=url) as again:
        for key in sorted(kept)[-50:]:
            done = again.patch(
                "/products/A/remove", json={"amount": 1}, headers={"Idempotency-Key": key}
            )
            assert done.headers["idempotency-replayed"] == "true"
    assert shop.run("db", "check").code == 0
