"""Changes that wait together: they share a commit, and each is as if alone."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import httpx
import pytest
from asking import MakeApp, asking
from inventories import Inventory, Rows, look

from invctl.errors import InventoryError
from invctl.http import changes

pytestmark = pytest.mark.anyio


async def test_64_buyers_of_ten_get_ten(
    client: httpx.AsyncClient, query: Callable[..., Rows]
) -> None:
    await client.post("/products", json={"sku": "LAST", "name": "x", "quantity": 10})
    asked = [client.patch("/products/LAST/remove", json={"amount": 1}) for _ in range(64)]
    answers = await asyncio.gather(*asked)
    sold = [one.json() for one in answers if one.status_code == 200]
    assert sorted(one["quantity"] for one in sold) == list(range(10))
    assert all(one["available"] == one["quantity"] for one in sold)
    assert {one.status_code for one in answers} == {200, 400}
    told = {(one["operation"], one["movement"], -1, one["quantity"]) for one in sold}
    moved = query("SELECT operation_id, id, delta, quantity FROM movement WHERE id > 1")
    assert told == set(moved)


async def test_what_waits_together_is_each_as_if_alone(
    client: httpx.AsyncClient, query: Callable[..., Rows]
) -> None:
    await client.post("/products", json={"sku": "A", "name": "a", "quantity": 5})
    key = {"Idempotency-Key": "same"}
    asked: list[Any] = [
        client.patch("/products/A/remove", json={"amount": 2}, headers=key),
        client.patch("/products/A/remove", json={"amount": 2}, headers=key),
        client.patch("/products/A/remove", json={"amount": 3}, headers=key),
        client.patch("/products/NOPE/remove", json={"amount": 1}),
        client.patch("/products/A/remove", json={"amount": 1, "up_to": True}),
        client.post("/products", json={"sku": "B", "name": "b", "quantity": 1}),
        client.post("/products", json={"sku": "A", "name": "again"}),
        client.put("/products/A/quantity", json={"quantity": 1, "expect": 77}),
        client.post("/holds", json={"sku": "A", "amount": 50}),
        client.post("/movements", json=[{"sku": "A", "delta": 4}, {"sku": "A", "delta": -99}]),
    ]
    answers = await asyncio.gather(*asked)
    statuses = [one.status_code for one in answers]
    assert statuses[3:] == [404, 200, 201, 400, 409, 400, 400]
    assert sorted(statuses[:3]) in ([200, 200, 422], [200, 422, 422])
    operations = {one.json()["operation"] for one in answers if one.is_success}
    assert query("SELECT count(*) FROM operation") == [(1 + len(operations),)]


async def test_what_is_damaged_is_told_to_who_meets_it_and_to_nobody_else(
    client: httpx.AsyncClient, inventory: Inventory
) -> None:
    await client.post("/products", json={"sku": "A", "name": "a", "quantity": 50})
    asked = partial(client.patch, "/products/A/remove", json={"amount": 1})
    await asked(headers={"Idempotency-Key": "k"})
    forged = """UPDATE operation SET result = '{"answer":"Nope"}' WHERE idempotency_key = 'k'"""
    look(inventory).change(forged)
    keys = [{"Idempotency-Key": "k" if number == 3 else str(number)} for number in range(9)]
    answers = await asyncio.gather(*(asked(headers=key) for key in keys))
    assert [one.status_code for one in answers] == [200, 200, 200, 500, 200, 200, 200, 200, 200]
    assert answers[3].json()["code"] == "db_unusable"
    assert (await client.get("/products/A")).json()["quantity"] == 41


async def test_what_was_meant_is_looked_for_by_who_asks_and_not_by_who_changes(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[object] = []
    change = changes.Writer.change

    async def noting(*given: Any, **more: Any) -> Any:
        try:
            return await change(*given, **more)
        except InventoryError as error:
            known.append(error.details.get("nearest"))
            raise

    await client.post("/products", json={"sku": "TEA", "name": "Tea"})
    monkeypatch.setattr(changes.Writer, "change", noting)
    asked = [
        client.patch("/products/TEAS/remove", json={"amount": 1}),
        client.patch("/products/TEAS/remove", json={"amount": 1}),
        client.patch("/products/TEAS/add", json={"amount": 1, "reason": "found"}),
        client.post("/holds", json={"sku": "TEAS", "amount": 1}),
        client.post("/movements", json=[{"sku": "TEAS", "delta": 1}]),
    ]
    *single, batch = [one.json()["details"] for one in await asyncio.gather(*asked)]
    assert [one["nearest"] for one in single] == ["TEA"] * 4
    assert "did you mean TEA?" in batch["errors"][0]["message"]
    assert known == [None] * 5


@pytest.mark.sqlite("it locks a file")
async def test_what_is_locked_may_be_asked_for_again(make_app: MakeApp, inventory: Any) -> None:
    async with asking(make_app(timeout=0.05)) as client:
        await client.post("/products", json={"sku": "A", "name": "a", "quantity": 5})
        with closing(sqlite3.connect(inventory, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            asked = [client.patch("/products/A/remove", json={"amount": 1}) for _ in range(5)]
            for answer in await asyncio.gather(*asked):
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
                assert answer.json()["retryable"] is True
            assert (await client.get("/products/A")).json()["quantity"] == 5
            other.execute("ROLLBACK")
        assert (await client.patch("/products/A/remove", json={"amount": 1})).status_code == 200


async def test_time_in_the_queue_is_no_time_on_a_lock(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asking(make_app(timeout=0.0)) as client:
        await client.post("/products", json={"sku": "A", "name": "a", "quantity": 500})
        asked = [client.patch("/products/A/remove", json={"amount": 1}) for _ in range(300)]
        asked += [client.post("/movements", json=[{"sku": "A", "delta": -1}]) for _ in range(9)]
        assert {one.status_code for one in await asyncio.gather(*asked)} == {200}
        assert (await client.get("/products/A")).json()["quantity"] == 191
    monkeypatch.setattr(changes, "_TURN", 0.0)
    async with asking(make_app(timeout=0.0)) as client:
        late = await client.patch("/products/A/remove", json={"amount": 1})
        assert (late.status_code, late.json()["retryable"]) == (503, True)
        assert "its turn" in late.json()["detail"]
        assert (await client.get("/products/A")).json()["quantity"] == 191


@pytest.mark.sqlite("it fills a file")
async def test_a_transaction_that_is_lost_midway_is_made_change_by_change(
    make_app: MakeApp, query: Callable[..., Rows]
) -> None:
    app = make_app()
    async with asking(app) as client:
        await client.post("/products", json={"sku": "A", "name": "a", "quantity": 500})
        writer = app.state.served.writer
        (pages,) = writer._db._connection.execute("PRAGMA page_count").fetchone()
        writer._db._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        large = [
            client.post("/products", json={"sku": f"B-{n}", "name": "b", "description": "x" * 999})
            for n in range(60)
        ]
        answers = await asyncio.gather(*large)
        made = [one.json()["sku"] for one in answers if one.status_code == 201]
        assert {one.status_code for one in answers} == {201, 500}
        assert {sku for (sku,) in query("SELECT sku FROM product")} == {"A", *made}


async def test_several_servers_of_one_inventory_sell_nothing_twice(make_app: MakeApp) -> None:
    clients = [asking(make_app()) for _ in range(3)]
    await clients[0].post("/products", json={"sku": "A", "name": "a", "quantity": 20})
    asked = [clients[n % 3].patch("/products/A/remove", json={"amount": 1}) for n in range(36)]
    answers = await asyncio.gather(*asked)
    assert sum(one.status_code == 200 for one in answers) == 20
