"""`invctl serve` as a process: where it listens, 64 buyers over real sockets, and how it ends."""

import asyncio
import json
import signal
import socket
import sqlite3
import sys
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired

import httpx
import pytest
from asking import serving
from shop import WAIT, Shop

from invctl.errors import ConfigError
from invctl.http.listening import Address, listen
from invctl.http.tokens import VARIABLE

pytestmark = pytest.mark.sqlite("it is about the process")


async def buy(url: str, buyers: int, each: int) -> list[int]:
    """Let buyers buy one unit after the other; return the quantities that were answered."""
    limits = httpx.Limits(max_connections=buyers)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=WAIT) as client:

        async def buyer() -> list[int]:
            left = []
            for _ in range(each):
                answer = await client.patch("/products/LAST/remove", json={"amount": 1})
                assert answer.status_code in (200, 400), answer.text
                left += [answer.json()["quantity"]] if answer.is_success else []
            return left

        sold = await asyncio.gather(*(buyer() for _ in range(buyers)))
    return [quantity for one in sold for quantity in one]


def test_64_buyers_at_real_sockets_get_what_there_is_and_a_signal_ends_it(shop: Shop) -> None:
    shop.json("product", "create", "LAST", "--name", "x", "--quantity", "50", "-q")
    with serving(shop) as (url, process):
        host, _, port = url.removeprefix("http://").partition(":")
        sold = asyncio.run(buy(url, 64, 1))
        assert sorted(sold) == list(range(50))
        with httpx.stream("GET", f"{url}/movements/stream?since_id=50", timeout=WAIT) as stream:
            lines = stream.iter_lines()
            assert next(line for line in lines if line.startswith("id:")) == "id: 51"
            with socket.create_connection((host, int(port)), WAIT) as slow:
                head = b"PATCH /products/LAST/remove HTTP/1.1\r\nHost: localhost\r\n"
                slow.sendall(head + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n")
                assert slow.recv(100).startswith(b"HTTP/1.1 100 ")
                process.send_signal(signal.SIGTERM)
                assert "event: movement" in list(lines)
                assert process.wait(20) == -signal.SIGTERM  # it waits for nobody's body
    log = [json.loads(line) for line in (shop.root / "log").read_text().splitlines()]
    assert sum(one["status"] == 200 for one in log) == 51
    assert {one["path"] for one in log} == {"/products/LAST/remove", "/movements/stream"}


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_second_signal_drops_nothing_that_was_accepted(
    shop: Shop, number: signal.Signals
) -> None:
    shop.json("product", "create", "A", "--name", "a", "--quantity", "9", "-q")
    with serving(shop, "-q") as (url, process), closing(sqlite3.connect(shop.db)) as other:
        host, _, port = url.removeprefix("http://").partition(":")
        with (
            httpx.stream("GET", f"{url}/movements/stream", timeout=WAIT) as stream,
            socket.create_connection((host, int(port)), WAIT) as client,
        ):
            lines = stream.iter_lines()
            assert next(lines) == "retry: 1000"
            other.execute("BEGIN IMMEDIATE")
            head = b"PATCH /products/A/remove HTTP/1.1\r\nHost: localhost\r\n"
            head += b"Content-Type: application/json\r\nExpect: 100-continue\r\n"
            client.sendall(head + b"Content-Length: 12\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 100 ")
            client.sendall(b'{"amount":1}')
            process.send_signal(number)
            assert [line for line in lines if line.startswith("event")] == []  # it is ending
            process.send_signal(number)
            with pytest.raises(TimeoutExpired):
                process.wait(0.5)
            other.execute("ROLLBACK")
            assert client.recv(100).startswith(b"HTTP/1.1 200 ")
            assert process.wait(WAIT) == -number
    assert shop.json("product", "show", "A")["quantity"] == 8


@pytest.mark.usefixtures("_interruptible")
def test_started_to_outlive_its_terminal_it_does(shop: Shop) -> None:
    shop.json("init", "-q")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does
    with serving(shop, "-q") as (url, process):
        process.send_signal(signal.SIGHUP)
        assert httpx.get(f"{url}/healthz", timeout=WAIT).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT) == -signal.SIGTERM


def test_lines_that_nobody_takes_are_dropped_and_counted() -> None:
    many = 50_000
    noting = (
        "from invctl.http.journal import Journal\n"
        "journal = Journal()\n"
        f"for number in range({many}): journal.note({{'number': number}})\n"
        f"print(flush=True); journal.close({WAIT})\n"
    )
    with Popen([sys.executable, "-c", noting], stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        lines = [json.loads(line) for line in process.stderr]
    dropped = sum(line.get("dropped", 0) for line in lines)
    assert dropped
    assert dropped + sum("number" in line for line in lines) == many


@pytest.mark.usefixtures("_interruptible")
def test_it_listens_where_a_proxy_wants_it(shop: Shop) -> None:
    shop.json("init", "-q")
    path = shop.root / "s"
    left_over = socket.socket(socket.AF_UNIX)
    left_over.bind(str(path))
    left_over.close()
    tokens = shop.file("tokens", "# who may ask\nAnna-Maria " + "x" * 20 + "\n")
    tokens.chmod(0o600)
    options = ("--socket", str(path), "--token-file", str(tokens), "-q")
    with serving(shop, *options) as (where, process):
        assert where == str(path)
        transport = httpx.HTTPTransport(uds=str(path))
        named = {"Authorization": "Bearer " + "x" * 20, "Host": "shop.example"}
        with httpx.Client(transport=transport, base_url="http://x", headers=named) as client:
            assert client.post("/products", json={"sku": "A", "name": "a"}).status_code == 201
            refused = client.get("/products", headers={"Authorization": "Bearer y"})
            assert refused.status_code == 401
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT) == -signal.SIGINT
    assert not path.exists()
    assert (shop.root / "log").read_text() == ""
    (done,) = shop.json("log")
    assert done["actor"] == "Anna-Maria"


def test_a_socket_that_is_anothers_is_left_to_it(shop: Shop) -> None:
    shop.json("init", "-q")
    path = shop.root / "s"
    with serving(shop, "--socket", str(path), "-q") as (_, process):
        path.unlink()
        with socket.socket(socket.AF_UNIX) as another:
            another.bind(str(path))
            process.send_signal(signal.SIGTERM)
            assert process.wait(WAIT) == -signal.SIGTERM
            assert path.exists()
    path.unlink()
    with serving(shop, "--socket", str(path), "-q") as (_, process):
        path.unlink()
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT) == -signal.SIGTERM


def test_headers_without_an_end_are_cut_off(shop: Shop) -> None:
    shop.json("init", "-q")
    with serving(shop, "-q") as (url, _):
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), WAIT) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
            answer = b""
            while not answer:
                client.sendall(b"X-A: b\r\n" * 1000)
                with suppress(TimeoutError):
                    client.settimeout(0.01)
                    answer = client.recv(1000)
                    client.settimeout(WAIT)
            assert answer.startswith(b"HTTP/1.1 400 ")
        assert httpx.get(f"{url}/healthz").status_code == 200


def test_who_asks_and_then_closes_his_half_is_answered(shop: Shop) -> None:
    shop.json("product", "create", "A", "--name", "a", "--quantity", "1", "-q")
    with serving(shop, "-q") as (url, _):
        host, _, port = url.removeprefix("http://").partition(":")
        for body, status in ((b'{"amount":1}', b"200"), (b'{"amount"', b"")):
            with socket.create_connection((host, int(port)), WAIT) as client:
                client.sendall(
                    b"PATCH /products/A/add HTTP/1.1\r\nHost: localhost\r\n"
                    b"Content-Type: application/json\r\nContent-Length: 12\r\n\r\n" + body
                )
                client.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(partial(client.recv, 9999), b""))
            assert answer[9:12] == status
        assert httpx.get(f"{url}/products/A").json()["quantity"] == 2


def test_a_short_token_will_do_and_is_said_to_be_short(shop: Shop) -> None:
    shop.json("init", "-q")
    with serving(shop, **{VARIABLE: "Anna secret"}) as (url, _):
        for token, status in (("secret", 200), ("other", 401)):
            headers = {"Authorization": f"Bearer {token}"}
            assert httpx.get(f"{url}/products", headers=headers).status_code == status
    assert "the token of INVCTL_TOKEN; `openssl rand" in (shop.root / "log").read_text()


def test_what_is_no_request_is_refused_as_all_else_is(shop: Shop) -> None:
    shop.json("init", "-q")
    with serving(shop, "-q") as (url, _):
        host, _, port = url.removeprefix("http://").partition(":")
        for asked, words in (
            (b"NONSENSE / HTTP/1.1\r\n\r\n", "method"),
            (b"GET /caf\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n", "url path"),
            (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "HTTP"),
            (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", "HTTP"),
            (b"GET /" + b"a" * 65_536 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", "too long"),
        ):
            with socket.create_connection((host, int(port)), WAIT) as client:
                client.sendall(asked)
                answer = b"".join(iter(partial(client.recv, 9999), b""))
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 400 ")
            assert b"content-type: application/json\r\n" in head
            told = json.loads(body)
            assert tuple(told) == ("error", "detail", "code", "retryable", "details")
            assert words in told["detail"]


def test_what_cannot_be_served_is_said_at_once(shop: Shop) -> None:
    shop.fails(10, "serve", "--port", "0")
    shop.json("init", "-q")
    open_to_all = shop.file("tokens", "Anna " + "x" * 20)
    open_to_all.chmod(0o644)
    shop.fails(14, "serve", "--token-file", str(open_to_all))
    revoked = shop.file("revoked", " # Anna " + "x" * 20)
    revoked.chmod(0o600)
    shop.fails(14, "serve", "--token-file", str(revoked))
    odd = shop.file("odd", "Anna gr\xfcn")
    odd.chmod(0o600)
    shop.fails(14, "serve", "--token-file", str(odd))
    shop.fails(14, "serve", "--token-file", str(shop.root / "nowhere"))
    shop.fails(2, "serve", "--host", "0.0.0.0")  # noqa: S104 (that is what is refused)
    shop.fails(2, "serve", "--port", "65536")
    shop.fails(2, "serve", "--socket", "s", "--port", "1")
    for option in ("--host", "--port", "--socket", "--token-file"):
        assert shop.fails(2, "serve", option, "")["details"]["field"] == option
    assert shop.fails(2, "serve", "--host", "[]")["details"]["field"] == "--host"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = shop.fails(14, "serve", "--port", str(taken.getsockname()[1]))
        assert refused["hint"] == "--port 0 takes one that is free"
    with pytest.raises(ConfigError) as caught:
        listen(Address("203.0.113.9", 0))
    assert caught.value.hint == "--host names an address of this machine"
    missing = shop.root / "fastapi.py"
    missing.write_text('raise ModuleNotFoundError("no", name="fastapi")')
    error = shop.fails(14, "serve", env={"PYTHONPATH": str(Path(missing).parent)})
    assert error["hint"] == "`pip install 'invctl[http]'`"
