"""What comes over the wire, byte for byte: requests as proxies and older programs send them."""

import json
import socket
from functools import partial

import pytest
from asking import serving
from shop import WAIT, Shop

pytestmark = pytest.mark.sqlite("it is about the connection")

WISH = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIA\r\n"
LAST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def said(url: str, *pieces: bytes) -> list[tuple[bytes, bytes]]:
    """Send pieces, one after the other has arrived; return the head and the body of each answer."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), WAIT) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            client.sendall(piece)
        came = b"".join(iter(partial(client.recv, 9999), b""))
    answers = [b"HTTP/1.1 " + one for one in came.split(b"HTTP/1.1 ")[1:]]
    return [(head, body) for head, _, body in (one.partition(b"\r\n\r\n") for one in answers)]


def asked(method: str, path: str, body: bytes = b"", more: bytes = b"") -> bytes:
    """Return a request with a body in JSON."""
    about = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    line = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n".encode()
    return line + more + (about if body else b"") + b"\r\n" + body


def test_a_wish_for_another_protocol_is_ignored_and_nothing_of_the_request_is(shop: Shop) -> None:
    shop.json("product", "create", "A", "--name", "a", "--quantity", "9", "-q")
    shop.json("hold", "create", "A", "5", "-q")
    chunked = WISH + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    hidden = asked("PATCH", "/products/A/remove", b'{"amount": 1}')
    with serving(shop) as (url, _):
        # The body is read, whatever it looks like, and what follows it is answered.
        commit = asked("POST", "/holds/1/commit", b'{"amount": 1}', WISH)
        find = asked("GET", "/products/A", more=WISH)
        add = asked("PATCH", "/products/A/add", more=chunked)
        add += b'5\r\n{"amo\r\n8\r\nunt": 2}\r\n0\r\n\r\n'
        odd = asked("PATCH", "/products/A/add", hidden, WISH)
        answers = said(url, commit + odd + add + find * 500 + LAST)
        assert [head[9:12] for head, _ in answers] == [b"200", b"422", *[b"200"] * 502]
        committed, _, added, found, *_ = (json.loads(body) for _, body in answers)
        assert (committed["delta"], added["delta"], found["quantity"]) == (-1, 2, 10)
        # Wherever it is cut on its way.
        for at in (20, add.index(b"Upgrade: h2c") + 4, add.index(b"\r\n\r\n") + 4, len(add) - 9):
            assert [head[9:12] for head, _ in said(url, add[:at], add[at:] + LAST)] == [b"200"] * 2
        wish = b"Connection: close, Upgrade\r\nUpgrade: websocket\r\n"
        ((head, _),) = said(url, asked("PATCH", "/products/A/add", b'{"amount":1', wish) + LAST)
        assert head[9:12] == b"422"
        ((refused, _),) = said(url, LAST.replace(b"GET /healthz", b"CONNECT localhost:1"))
        assert refused[9:12] == b"400"
    assert "message" not in (shop.root / "log").read_text()
    assert shop.json("product", "show", "A")["quantity"] == 18


def test_what_is_no_request_leaves_the_answer_to_what_came_before_it(shop: Shop) -> None:
    shop.json("product", "create", "A", "--name", "a", "--quantity", "9", "-q")
    take = asked("PATCH", "/products/A/remove", b'{"amount": 1}')
    with serving(shop) as (url, _):
        for wrong in (b"RUBBISH", b"GET http://[ HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n \r\n"):
            answers = said(url, take * 2 + wrong)
            assert [head[9:12] for head, _ in answers] == [b"200"] * 2
            assert b"connection: close" in answers[-1][0]
    assert shop.json("product", "show", "A")["quantity"] == 3


def test_blanks_are_no_part_of_a_header_and_what_trails_a_body_is_none(shop: Shop) -> None:
    shop.json("product", "create", "A", "--name", "a", "--quantity", "9", "-q")
    json_in_chunks = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    body = b'd\r\n{"amount": 1}\r\n0\r\n'
    trailers = b"Idempotency-Key: late\r\nHost: evil.example\r\nAuthorization: Bearer x\r\n"
    with serving(shop) as (url, _):
        take = asked("PATCH", "/products/A/remove", more=json_in_chunks) + body
        twice = (take + trailers + b"\r\n") * 2
        for key in (b"key", b"key \t", b"\t key"):
            more = json_in_chunks + b"Idempotency-Key: " + key + b"\r\nExpect: 100-continue \r\n"
            twice += asked("PATCH", "/products/A/remove", more=more) + body + b"\r\n"
        answers = [json.loads(body) for head, body in said(url, twice + LAST) if body]
        assert [one["quantity"] for one in answers[:-1]] == [8, 7, 6, 6, 6]
        assert [one["replayed"] for one in answers[:-1]] == [False] * 3 + [True] * 2


def test_nobody_is_told_to_send_a_body_that_would_be_refused(shop: Shop) -> None:
    shop.json("init", "-q")
    with serving(shop, "-q") as (url, _):
        for method, path, length in (
            ("POST", "/movements", (1 << 30) + 1),
            ("POST", "/products", (1 << 20) + 1),
        ):
            about = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % length
            ((head, body),) = said(
                url, asked(method, path, more=about + b"Expect: 100-continue\r\n")
            )
            assert (head[9:12], b"connection: close" in head.lower()) == (b"413", True)
            assert json.loads(body)["code"] == "usage"


def test_what_has_no_length_ends_for_older_programs_with_the_connection(shop: Shop) -> None:
    shop.json("product", "create", "A", "--name", "a", "--quantity", "9", "-q")
    with serving(shop, "-q") as (url, _):
        for about in (b"", b"Connection: keep-alive\r\n", b"Connection: upgrade\r\nUpgrade: x\r\n"):
            ask = b"GET /%s HTTP/1.0\r\nHost: localhost\r\n" + about + b"\r\n"
            ((head, body),) = said(url, ask % b"movements")
            assert [one["quantity"] for one in json.loads(body)] == [9]
            assert b"transfer-encoding" not in head
            assert head.endswith(b"connection: close")
            ((head, body),) = said(url, ask % b"products/A")
            assert (json.loads(body)["quantity"], b"content-length: " in head) == (9, True)
            ((head, body),) = said(url, ask.replace(b"GET", b"HEAD") % b"movements")
            assert (head[9:12], body) == (b"200", b"")
        ((head, body),) = said(url, asked("GET", "/products", more=b"Connection: close\r\n"))
        assert (b"transfer-encoding: chunked" in head, body[-5:]) == (True, b"0\r\n\r\n")
