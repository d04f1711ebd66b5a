"""`invctl serve` for minutes at 500 changes a second: what it holds in memory, how its log grows.

Beside the changes somebody listens to the stream and somebody asks for the list. At the end what
was acknowledged must be what is there. It has no peer: what it shows is whether anything grows.
"""

import asyncio
import json
import os
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from statistics import quantiles
from threading import Thread

from measure import INVCTL, Bench, Figure
from serving import Server, ask, ours

RATE = 500
CONNECTIONS = 25
PRODUCTS = 1000
STOCK = 10**6
_MIB = 1 << 20


class Load:
    """Changes at a rate, in a thread of their own; counts what was acknowledged."""

    def __init__(self, port: int, seconds: float) -> None:
        self.moved = 0
        self.done = 0
        self.events = 0
        self.times: list[float] = []
        self.refused: list[bytes] = []
        self._port = port
        self._until = time.monotonic() + seconds
        self.thread = Thread(target=lambda: asyncio.run(self._run()))
        self.thread.start()

    async def _run(self) -> None:
        listening = asyncio.create_task(self._listen())
        others = [self._change(number) for number in range(CONNECTIONS)]
        await asyncio.gather(self._look(), *others)
        await asyncio.sleep(2)  # what was changed last is on its way to who listens
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening

    async def _change(self, number: int) -> None:
        """Add and remove units, each time when it is due, whether the last one was late or not."""
        draw, streams = random.Random(number), await self._connected()
        due = time.monotonic() + number / RATE
        while due < self._until:
            await asyncio.sleep(due - time.monotonic())
            verb, amount = draw.choice(("add", "remove")), draw.randint(1, 3)
            path = f"/products/P-{draw.randrange(PRODUCTS)}/{verb}"
            status, body = await _asked(streams, "PATCH", path, {"amount": amount})
            self.times.append(time.monotonic() - due)
            if status == 200:
                self.done += 1
                self.moved += amount if verb == "add" else -amount
            else:
                self.refused.append(body)
            due += CONNECTIONS / RATE
        streams[1].close()

    async def _look(self) -> None:
        """Ask for all products, each second."""
        streams = await self._connected()
        while time.monotonic() < self._until:
            await _asked(streams, "GET", "/products?limit=100&sort=updated", None)
            await asyncio.sleep(1)
        streams[1].close()

    async def _listen(self) -> None:
        reader, writer = await self._connected()
        path = f"/movements/stream?since_id={PRODUCTS}"  # after the opening stock of each
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        async for line in reader:
            self.events += line.startswith(b"event: movement")

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)


async def _asked(
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    method: str,
    path: str,
    body: object,
) -> tuple[int, bytes]:
    reader, writer = streams
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
    answer = await reader.readuntil(b"\r\n\r\n")
    length = answer.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
    if length:
        return int(answer[9:12]), await reader.readexactly(int(length))
    return int(answer[9:12]), await reader.readuntil(b"0\r\n\r\n")


def figures(bench: Bench) -> Iterator[Figure]:
    """Change 500 things a second for some minutes, and look each minute."""
    with ours(bench) as server:
        for n in range(PRODUCTS):
            product = {"sku": f"P-{n}", "name": "p", "quantity": STOCK}
            ask(server.port, "POST", "/products", product)
        load = Load(server.port, bench.minutes * 60)
        yield _look(bench, server, load, 0)
        for minute in range(1, bench.minutes + 1):
            load.thread.join(60)
            yield _look(bench, server, load, minute)
        load.thread.join()
    yield Figure("changes acknowledged", load.done, f"{RATE * 60 * bench.minutes}")
    yield Figure("not acknowledged", len(load.refused), "0", str(load.refused[:1]))
    yield Figure("events that one listener was sent", load.events, f"{load.done}")
    yield _books(bench, load)


def _look(bench: Bench, server: Server, load: Load, minute: int) -> Figure:
    """Return how much memory a server has now, its files, and how long the last minute waited."""
    times, load.times = load.times, []
    waits = ""
    if times:
        cuts = [1000 * cut for cut in quantiles(times, n=100)]
        waits = f"median {cuts[49]:.0f} ms, p99 {cuts[98]:.0f}, most {1000 * max(times):.0f}; "
    file, log = (_size(bench, end) for end in ("", "-wal"))
    detail = f"{waits}file {file:.0f} MiB, log {log:.1f}; load {os.getloadavg()[0]:.1f}"
    return Figure(f"minute {minute}: MiB in memory", _resident(server.pid), "", detail)


def _size(bench: Bench, end: str) -> float:
    path = bench.folder / f"ours.db{end}"
    return path.stat().st_size / _MIB if path.exists() else 0.0


def _resident(pid: int) -> float:
    with open(f"/proc/{pid}/statm") as sizes:
        return int(sizes.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MIB


def _books(bench: Bench, load: Load) -> Figure:
    """Return how many units are there that were not acknowledged; the check must find nothing."""
    invctl = [INVCTL, "--db", str(bench.folder / "ours.db"), "-o", "json"]
    check = subprocess.run([*invctl, "db", "check"], capture_output=True, text=True, check=False)
    listed = subprocess.run([*invctl, "product", "list"], capture_output=True, check=True)
    units = sum(one["quantity"] for one in json.loads(listed.stdout))
    wrong = units - PRODUCTS * STOCK - load.moved
    return Figure("units that nobody was told of", wrong, "0", f"db check: {check.returncode}")
