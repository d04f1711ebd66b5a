"""Clients of an HTTP server, as cheap as they can be: what is measured is the server.

`python clients.py PORT CLIENTS SECONDS METHOD SKUS AMOUNT [SKU]` prints a line of JSON: how often
which status came, and how long answers took. Without SKU they ask for P-0, P-1, …
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter
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
    port: int, asked: list[bytes], numbers: "count[int]", until: float, times: list[float]
) -> Counter[int]:
    """Ask again and again until a time; return how often which status came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    came: Counter[int] = Counter()
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(asked[next(numbers) % len(asked)])
        head = await reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        await reader.readexactly(int(found[1]) if found else 0)
        times.append(time.perf_counter() - began)
        came[int(head[9:12])] += 1
    writer.close()
    return came


async def main(
    port: int, clients: int, seconds: float, method: str, skus: int, amount: int, sku: str
) -> None:
    """Let so many clients ask for so long, and print what came of it."""
    asked = [request(method, sku or f"P-{n}", amount) for n in range(skus)]
    numbers, times = count(), list[float]()
    until = time.perf_counter() + seconds
    came = sum(
        await asyncio.gather(*(client(port, asked, numbers, until, times) for _ in range(clients))),
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

    port, clients, seconds, method, skus, amount, *sku = sys.argv[1:]
    how = (method, int(skus), int(amount), "".join(sku))
    uvloop.run(main(int(port), int(clients), float(seconds), *how))
