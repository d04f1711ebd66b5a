"""`invctl serve` under many clients: beside the design that it began as, built as written."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple

from measure import HERE, INVCTL, Bench, Figure

SECONDS = 4
ROUNDS = 3
PRODUCTS = 1000
ALL_THERE_IS = 10**9
GROWTH = (1, 4, 16, 64, 256)


class Rate(NamedTuple):
    """What clients got: answers of 200 a second, how long they waited in seconds, and no answer."""

    rate: float
    median: float
    p99: float
    sold: int
    failed: int


def figures(bench: Bench) -> Iterator[Figure]:
    """Measure changes and questions, in turn with the peer, and how it grows with the clients."""
    with ours(bench) as server, _peer(bench) as other, _peer(bench, sessions="64") as crowded:
        port, peer = server.port, other.port
        for one in (port, peer, crowded.port):
            _fill(one, PRODUCTS, ALL_THERE_IS)
        for name, method, skus, goal in (
            ("64 clients, one product", "PATCH", 1, "≥ 8"),
            ("64 clients, a thousand products", "PATCH", PRODUCTS, "≥ 8"),
            ("64 clients, GET /products/{sku}", "GET", PRODUCTS, "≥ 2"),
        ):
            mine, theirs = _in_turn(port, peer, method, skus)
            detail = f"{mine.rate:.0f}/s beside {theirs.rate:.0f}/s"
            yield Figure(f"{name}: rate", mine.rate / theirs.rate, goal, detail)
            detail = f"{mine.p99 * 1000:.0f} ms beside a median of {theirs.median * 1000:.0f} ms"
            yield Figure(f"{name}: p99", mine.p99 / theirs.median, "≤ 0.5", detail)
            detail = f"theirs {theirs.p99 * 1000:.0f} ms; ours in the mean {_mean(mine):.0f} ms"
            yield Figure(f"{name}: p99 beside p99", mine.p99 / theirs.p99, "≤ 0.5", detail)
            calm = _load(port, 64, method, skus, rate=theirs.rate)
            detail = f"{calm.p99 * 1000:.0f} ms, asked as often as the other answers at its most"
            yield Figure(f"{name}: p99 at its rate", calm.p99 / theirs.median, "≤ 0.5", detail)
            many = _load(crowded.port, 64, method, skus)
            detail = f"{many.rate:.0f}/s, median {many.median * 1000:.0f} ms, {many.failed} failed"
            yield Figure(f"{name}: it with 64 sessions", mine.rate / many.rate, "", detail)
        yield from _growth(port)
        yield _oversold(peer)


def _mean(rate: Rate) -> float:
    """Return for how many ms each of 64 clients waits in the mean, at a rate."""
    return 64 / rate.rate * 1000


def _in_turn(ours: int, peer: int, method: str, skus: int) -> tuple[Rate, Rate]:
    rounds = [[_load(port, 64, method, skus) for port in (ours, peer)] for _ in range(ROUNDS)]
    mine, theirs = (
        Rate(*(median(values) for values in zip(*runs, strict=True)))
        for runs in zip(*rounds, strict=True)
    )
    return mine, theirs


def _growth(port: int) -> Iterator[Figure]:
    """Show how many changes a second there are from one client to 256, as bars."""
    rates = [_load(port, clients, "PATCH", PRODUCTS).rate for clients in GROWTH]
    for clients, rate in zip(GROWTH, rates, strict=True):
        bar = "█" * max(round(rate / max(rates) * 30), 1)
        yield Figure(f"changes a second, {clients} clients", rate, "", bar)


def _oversold(port: int) -> Figure:
    """Sell a thousand units of the peer to 64 clients; return how many more were sold."""
    body = {"sku": "P-LAST", "name": "the last ones", "quantity": 1000}
    ask(port, "POST", "/products", body)
    sold = _load(port, 64, "PATCH", 1, sku="P-LAST").sold
    left = ask(port, "GET", "/products/P-LAST", None)["quantity"]
    detail = f"{sold} sold of 1000, and {left} left"
    return Figure("the peer: units sold that were not there", sold + left - 1000, "0", detail)


def _load(port: int, clients: int, method: str, skus: int, sku: str = "", rate: float = 0) -> Rate:
    command = [sys.executable, HERE / "clients.py", port, clients, SECONDS, method, skus, 1]
    done = subprocess.run(
        [*map(str, [*command, rate, sku])], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    sold = found["statuses"].pop("200", 0)
    failed = sum(found["statuses"].values())
    return Rate(sold / SECONDS, found["median"], found["p99"], sold, failed)


class Server(NamedTuple):
    """A server that runs: where it listens, and its process."""

    port: int
    pid: int


@contextmanager
def ours(bench: Bench) -> Iterator[Server]:
    """Serve a new inventory, `ours.db` in the benchmark's folder."""
    db = str(bench.folder / "ours.db")
    subprocess.run([INVCTL, "-q", "--db", db, "init"], check=True)
    with _running(lambda port: [INVCTL, "-q", "--db", db, "serve", "--port", port]) as server:
        yield server


@contextmanager
def _peer(bench: Bench, sessions: str = "") -> Iterator[Server]:
    os.environ |= {"PEER_DB": str(bench.folder / f"peer{sessions}.db"), "PEER_SESSIONS": sessions}
    server = [sys.executable, "-m", "uvicorn", "--no-access-log", "--log-level", "critical"]
    with _running(
        lambda port: [*server, "--app-dir", str(HERE), "--port", port, "http_peer:app"]
    ) as other:
        yield other


@contextmanager
def _running(command: Callable[[str], list[str]]) -> Iterator[Server]:
    """Run a server at a free port, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(command(str(port)), stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield Server(port, process.pid)
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _fill(port: int, products: int, quantity: int) -> None:
    for n in range(products):
        ask(port, "POST", "/products", {"sku": f"P-{n}", "name": "p", "quantity": quantity})


def ask(port: int, method: str, path: str, body: object) -> Any:
    """Ask a server something, and return its answer."""
    url = f"http://127.0.0.1:{port}{path}"
    assert re.match("http:", url)
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)
