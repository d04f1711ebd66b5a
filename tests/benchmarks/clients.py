"""Clients of an HTTP server, as cheap as they can be: what is measured is the server.

`python clients.py PORT CLIENTS SECONDS METHOD SKUS AMOUNT RATE [SKU]` prints a line of JSON: how
often which status came, and how long answers took. Each asks again as soon as it is answered, or
all of them together RATE times a second, where that is not 0: then an answer takes as long as since
it was due to be asked for. Without SKU they ask for P-0, P-1, …
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count

_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)


def request(method: str, sku: str, amount: int) -> bytes:
    """Return the bytes of a request."""
    if method == "GET":
        return f"GET /products/{sku} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    body = json.dumps({"amount": amount})
    head = f"PATCH /products/{sku}/remove HTTP/1.1\r\nHost: localhost\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


async def client(
    port: int, asked: list[bytes], numbers: "count[int]", due: Iterator[float], times: list[float]
) -> Counter[int]:
    """Ask whenever it is due; return how often which status came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    came: Counter[int] = Counter()
    for began in due:
        await asyncio.sleep(began - time.perf_counter())
        writer.write(asked[next(numbers) % len(asked)])
        head = await reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        await reader.readexactly(int(found[1]) if found else 0)
        times.append(time.perf_counter() - began)
        came[int(head[9:12])] += 1
    writer.close()
    return came


def at_once(seconds: float) -> Iterator[float]:
    """Yield the time, for so many seconds."""
    until = time.perf_counter() + seconds
    while (now := time.perf_counter()) < until:
        yield now


def paced(number: int, clients: int, seconds: float, rate: float) -> Iterator[float]:
    """Yield when one of several clients is to ask, so that it is `rate` times a second of all."""
    began = time.perf_counter()
    return (began + n / rate for n in range(number, int(seconds * rate), clients))


async def main(
    port: int,
    clients: int,
    seconds: float,
    method: str,
    skus: int,
    amount: int,
    rate: float,
    sku: str,
) -> None:
    """Let so many clients ask for so long, and print what came of it."""
    asked = [request(method, sku or f"P-{n}", amount) for n in range(skus)]
    numbers, times = count(), list[float]()
    due = [
        paced(number, clients, seconds, rate) if rate else at_once(seconds)
        for number in range(clients)
    ]
    came = sum(
        await asyncio.gather(*(client(port, asked, numbers, one, times) for one in due)),
        Counter(),
    )
    times.sort()
    print(
        json.dumps(
            {
                "statuses": came,
                "median": times[len(times) // 2],
                "p99": times[len(times) * 99 // 100],
            }
        )
    )


if __name__ == "__main__":
    import uvloop

    port, clients, seconds, method, skus, amount, rate, *sku = sys.argv[1:]
    how = (method, int(skus), int(amount), float(rate), "".join(sku))
    uvloop.run(main(int(port), int(clients), float(seconds), *how))
