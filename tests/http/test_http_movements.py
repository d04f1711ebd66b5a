"""`/movements`: many at once, the log, and the log as it grows."""

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, closing
from io import FileIO
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from asking import MakeApp, asking
from fastapi import FastAPI
from inventories import Inventory, Rows

from invctl.core.ledger import stock_log
from invctl.core.upkeep.backups import backup_inventory, restore_inventory
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.files.writing import encoder
from invctl.http import stream as streams
from invctl.models.fields import MOVEMENT_FIELDS
from invctl.models.rows import MovementRow
from invctl.settings import read_location

pytestmark = pytest.mark.anyio


async def test_a_batch_is_made_whole_or_not_at_all(
    client: httpx.AsyncClient, query: Callable[..., Rows]
) -> None:
    await client.post("/products", json={"sku": "A", "name": "a", "quantity": 5})
    lines = [{"sku": "A", "delta": -3}, {"sku": "A", "action": "add", "amount": 1, "ref": "7"}]
    done = await client.post("/movements", json=lines, headers={"Idempotency-Key": "k"})
    assert done.json().items() >= {"operation": 2, "lines": 2, "movements": 2}.items()
    again = await client.post("/movements", json=lines, headers={"Idempotency-Key": "k"})
    assert again.headers["idempotency-replayed"] == "true"
    as_lines = "\n".join(map(json.dumps, lines))
    kind = {"Content-Type": "application/jsonl"}
    assert (await client.post("/movements", content=as_lines, headers=kind)).status_code == 200
    refused = await client.post("/movements", json=[*lines, {"sku": "NOPE", "delta": 1}])
    assert (refused.status_code, refused.json()["details"]["error_count"]) == (400, 2)
    for content in (b"", b"{}", b'[{"sku"', b"sku,delta\nA,1\n", b"[[]]"):
        kind = {"Content-Type": "application/json"}
        bad = await client.post("/movements", content=content, headers=kind)
        assert bad.status_code == 422, content
    assert query("SELECT quantity FROM product") == [(1,)]


async def test_the_same_body_within_a_day_is_warned_of(client: httpx.AsyncClient) -> None:
    await client.post("/products", json={"sku": "A", "name": "a", "quantity": 5})
    lines = [{"sku": "A", "delta": 1}]
    first = await client.post("/movements", json=lines)
    again = await client.post("/movements", json=lines)
    keyed = await client.post("/movements", json=lines, headers={"Idempotency-Key": "k"})
    last = await client.post("/movements", json=lines)
    answers = (first, again, keyed, last)
    said = [json.loads(one.headers.get("invctl-warnings", "[]")) for one in answers]
    assert [len(one) for one in said] == [0, 1, 0, 1]
    assert f"operation {first.json()['operation']}" in said[1][0]
    assert f"operation {keyed.json()['operation']}" in said[3][0]


@pytest.mark.sqlite("it is about requests")
async def test_a_body_is_refused_in_words_of_http_and_read_where_it_is_right(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/products", json={"sku": "A", "name": "a", "quantity": 5})
    right = b'[{"sku":"A","delta":1}]'
    kind = {"Content-Type": "application/json"}
    for content in (b"\xef\xbb\xbf" + right, b"\n" * (1 << 22) + right, b" " * 3000 + right):
        answer = await client.post("/movements", content=content, headers=kind)
        assert answer.status_code == 200, answer.text
    for content, words in (
        (b'[{"sku":"A","delta":1,"note":"\xff"}]', "is not utf-8"),
        (b'[{"sku":"A","delta":1,"idempotency_key":"k"}]', "the header Idempotency-Key"),
        (b'[{"sku":"A","delta":1,"SKU":"B"}]', "2 columns are sku"),
        (b"[1,null]", "are to be objects"),
    ):
        answer = await client.post("/movements", content=content, headers=kind)
        assert answer.is_client_error
        assert words in answer.json()["detail"]
        assert "--" not in answer.text


async def test_the_log_takes_the_options_of_the_command(client: httpx.AsyncClient) -> None:
    await client.post("/products", json={"sku": "A", "name": "a", "quantity": 5})
    for n in range(3):
        await client.patch("/products/A/remove", json={"amount": 1, "ref": f"r{n}"})

    async def ids(question: str) -> list[int]:
        return [one["id"] for one in (await client.get(f"/movements?{question}")).json()]

    assert await ids("") == [1, 2, 3, 4]
    assert await ids("since_id=1&limit=2") == [2, 3]
    assert await ids("limit=2&reverse=true") == [4, 3]
    assert await ids("ref=r0&ref=r2&kind=remove") == [2, 4]
    (first, *_) = (await client.get("/movements")).json()
    assert tuple(first) == MOVEMENT_FIELDS
    sums = (await client.get("/movements?by=sku")).json()
    assert sums == [{"sku": "A", "added": 5, "removed": 3, "net": 2, "movements": 4}]
    assert (await client.get("/movements?sku=NOPE")).status_code == 404
    assert (await client.get("/movements?since=2026&until=2025")).status_code == 422


class Scarce(FileIO):
    """A file on a disk that takes a part of what it is given."""

    def write(self, data: Any, /) -> int:
        return super().write(data[:1000])


@pytest.mark.parametrize("is_scarce", [False, True])
async def test_a_long_list_does_not_wait_for_its_reader(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_scarce: bool
) -> None:
    app = make_app()
    if is_scarce:
        file = Scarce(tmp_path / "aside", "w+")
        monkeypatch.setattr("invctl.http.reading.TemporaryFile", lambda **_: file)
    async with asking(app) as client:
        await client.post("/products", json={"sku": "A", "name": "a", "quantity": 5})
        await client.post("/movements", json=[{"sku": "A", "delta": 1}] * 9000)
        readers = app.state.served.readers
        listing = await readers.list(stock_log, encoder("jsonl", MOVEMENT_FIELDS))
        while not listing._is_whole:  # read to its end with nobody taking it
            listing._news.clear()
            await listing._news.wait()
        assert listing._backlog._file is not None
        text = b"".join([piece async for piece in listing.taken()])
        assert [json.loads(line)["id"] for line in text.splitlines()] == list(range(1, 9002))


async def test_a_short_list_does_not_wait_for_long_ones(make_app: MakeApp) -> None:
    app, go_on = make_app(), threading.Event()
    readers = app.state.served.readers

    def long(_db: Database) -> Iterator[list[tuple[int]]]:
        yield [(1,)] * 1001
        go_on.wait(60)

    async with asking(app) as client:
        await client.post("/products", json={"sku": "A", "name": "a", "quantity": 5})
        try:
            for _ in range(4):
                await readers.list(long, encoder("jsonl", ("id",)))
            async with asyncio.timeout(30):
                for question in ("/products?limit=100", "/products", "/movements?sku=A"):
                    assert len((await client.get(question)).json()) == 1, question
        finally:
            go_on.set()


async def heard(
    app: FastAPI,
    count: int,
    since: int | None,
    begun: asyncio.Event,
    told: list[int] | None = None,
) -> list[int]:
    """Listen until so many movements came, and return their ids; what was `told` is after which."""
    ids: list[int] = []
    async with aclosing(app.state.served.stream.movements(since)) as batches:
        async for batch in batches:
            begun.set()
            if isinstance(batch, int):
                (told if told is not None else []).append(batch)
            else:
                ids += [row[0] for row in batch]
            if len(ids) >= count:
                break
    return ids


async def test_who_listens_misses_nothing_and_hears_nothing_twice(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_BEHIND", 5)  # they fall behind, and read again
    app, other = make_app(), make_app()
    async with asking(app) as client, asking(other) as elsewhere:
        await client.post("/products", json={"sku": "A", "name": "a", "quantity": 50})
        begun = [asyncio.Event() for _ in range(3)]
        live = [asyncio.create_task(heard(app, 40, None, one)) for one in begun]
        for event in begun:
            await event.wait()
        for n in range(20):
            for one in (client, elsewhere):
                await one.patch("/products/A/remove", json={"amount": 1})
            if n == 10:
                late = asyncio.create_task(heard(app, 36, 5, asyncio.Event()))
        for task in live:
            assert await asyncio.wait_for(task, 60) == list(range(2, 42))
        assert await asyncio.wait_for(late, 60) == list(range(6, 42))


async def test_who_listens_goes_on_from_where_a_restored_backup_was(
    make_app: MakeApp, inventory: Inventory, tmp_path: Path
) -> None:
    app, file = make_app(), str(tmp_path / "backup")
    with closing(open_database(read_location(str(inventory), "--db"))) as db:
        async with asking(app) as client:
            await client.post("/products", json={"sku": "A", "name": "a", "quantity": 50})
            backup_inventory(db, file)
            for _ in range(3):
                await client.patch("/products/A/remove", json={"amount": 1})
            begun = [asyncio.Event(), asyncio.Event()]
            told: list[list[int]] = [[], []]
            live = [
                asyncio.create_task(heard(app, 4, since, event, marks))
                for since, event, marks in zip((None, 99), begun, told, strict=True)
            ]
            for event in begun:
                await event.wait()
            restore_inventory(db, file, ready=lambda: None)
            for _ in range(4):
                await client.patch("/products/A/add", json={"amount": 1})
            for task in live:
                assert await asyncio.wait_for(task, 60) == [2, 3, 4, 5]
            # Who breaks off now would come back with what they know.
            assert told == [[4, 1], [4, 1]]


async def test_who_is_too_far_behind_learns_of_a_restored_backup_all_the_same() -> None:
    listener = streams.Listener()
    listener.send_back(1)
    listener.give([cast("MovementRow", (number,)) for number in range(2001)])
    assert (listener.is_behind, listener.drop()) == (True, [1])


async def test_a_stream_is_of_events(client: httpx.AsyncClient, make_app: MakeApp) -> None:
    await client.post("/products", json={"sku": "A", "name": "a\nb" * 0 + "a", "quantity": 5})
    await client.patch("/products/A/remove", json={"amount": 1})
    app = make_app()
    events = [event async for event in _events_of(app, {"last-event-id": "1"})]
    assert events[0] == "retry: 1000\n\n"
    fields = dict(line.split(": ", 1) for line in events[-1].strip().split("\n"))
    assert (fields["id"], fields["event"]) == ("2", "movement")
    assert json.loads(fields["data"])["delta"] == -1


async def test_the_events_of_a_stream_are_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"]["/movements/stream"]["get"]
    assert re.findall(r"event\s`(\w+)`", described["description"]) == ["movement", "error"]


async def test_the_head_of_a_stream_has_an_end(client: httpx.AsyncClient) -> None:
    answer = await asyncio.wait_for(client.head("/movements/stream"), 30)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert (await client.head("/movements/stream?since_id=x")).status_code == 422


async def test_who_listens_from_now_can_go_on_there_before_a_movement_came(
    client: httpx.AsyncClient, make_app: MakeApp
) -> None:
    for begins in (0, 1):
        app = make_app()
        for unknown in ({}, {"last-event-id": "99"}):  # of what was there before a restore
            assert [event async for event in _events_of(app, unknown, 2)][1] == f"id: {begins}\n\n"
        await client.post("/products", json={"sku": f"A{begins}", "name": "a", "quantity": 5})
        told = [one async for one in _events_of(app, {"last-event-id": str(begins)})]
        assert told[1] == ":\n\n"  # which it has been told
        assert told[-1].startswith(f"id: {begins + 1}\nevent: movement\n")


async def _events_of(app: FastAPI, headers: dict[str, str], most: int = 9) -> AsyncIterator[str]:
    """Yield what a stream sends until a movement came, or so much; httpx would wait for its end."""
    told: asyncio.Queue[str] = asyncio.Queue()
    gone = asyncio.Event()

    async def send(message: Any) -> None:
        await told.put(message.get("body", b"").decode())

    async def receive() -> Any:
        await gone.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http", "method": "GET", "path": "/movements/stream", "query_string": b"",
        "raw_path": b"/movements/stream", "root_path": "", "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asked = asyncio.create_task(app(scope, receive, send))
    event = ""
    while most and "event: movement" not in event:
        event = await asyncio.wait_for(told.get(), 30)
        if event:
            most -= 1
            yield event
    gone.set()
    await asyncio.wait_for(asked, 30)


async def test_who_goes_away_while_joining_leaves_nobody_and_who_stays_is_let_go(
    make_app: MakeApp,
) -> None:
    app = make_app()
    async with asking(app) as client:
        await client.post("/products", json={"sku": "A", "name": "a", "quantity": 5})
        stream = app.state.served.stream
        for end in (asyncio.Task.cancel, lambda _task: stream.close()):
            task = asyncio.create_task(heard(app, 1, None, asyncio.Event()))
            await asyncio.sleep(0)  # it has joined, and waits for the follower
            end(task)
            await asyncio.wait({task}, timeout=60)
            assert task.done()
            assert not stream._listeners
            assert stream._follower is None


async def test_what_is_refused_is_told_by_its_place_in_the_array_or_its_line(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/products", json={"sku": "A", "name": "a", "quantity": 5})
    lines = [{"sku": "A", "delta": one} for one in (1, -100, 1.5)]
    refused = await client.post("/movements", json=lines)
    assert [one["line"] for one in refused.json()["details"]["errors"]] == [2, 3]
    headers = {"Content-Type": "application/jsonl"}
    refused = await client.post("/movements", content=b'\n\n{"sku":"B","delta":1}', headers=headers)
    assert [one["line"] for one in refused.json()["details"]["errors"]] == [3]
