"""Who may ask: tokens, hosts, sites, and a server that only reads."""

import httpx
import pytest
from asking import MakeApp, asking

from invctl.http.tokens import Tokens

pytestmark = [pytest.mark.anyio, pytest.mark.sqlite("it is about requests")]

TOKENS = Tokens({"a" * 20: "Anna", "b" * 20: "Bert"})
OPEN = ["/", "/healthz", "/openapi.json", "/docs", "/docs/swagger-ui-bundle.js", "/page/page.js"]
CLOSED = ["/products", "/movements", "/holds", "/products/A", "/page", "/nothing"]


async def test_a_token_opens_and_names_who_acts(make_app: MakeApp) -> None:
    app = make_app(tokens=TOKENS)
    async with asking(app) as nobody:
        for path in OPEN:
            assert (await nobody.get(path)).status_code == 200, path
        for path in CLOSED:
            answer = await nobody.get(path)
            assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer")
        for wrong in ("Bearer x", "Bearer", "Basic " + "a" * 20, "Bearer " + "a" * 19):
            answer = await nobody.get("/products", headers={"Authorization": wrong})
            assert answer.status_code == 401, wrong
    async with asking(app, authorization="bearer " + "b" * 20) as bert:
        await bert.post("/products", json={"sku": "A", "name": "a", "quantity": 1})
        (movement,) = (await bert.get("/movements")).json()
        assert movement["actor"] == "Bert"


async def test_a_foreign_host_is_refused(make_app: MakeApp) -> None:
    app = make_app(hosts={"localhost", "127.0.0.1", "[::1]"})
    async with asking(app) as client:
        for host in ("localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "localhost. "):
            assert (await client.get("/healthz", headers={"Host": host})).status_code == 200, host
        odd = ("[::1]evil.example", "[::1", "localhost:evil.example", "localhost:1:2")
        for host in ("evil.example", "localhost.evil.example", "[::2]", "127.0.0.1.evil", "", *odd):
            assert (await client.get("/healthz", headers={"Host": host})).status_code == 400, host


@pytest.mark.parametrize("name", ["Host", "Authorization", "Origin", "Sec-Fetch-Site"])
async def test_what_is_said_twice_is_not_chosen_from(make_app: MakeApp, name: str) -> None:
    async with asking(make_app(hosts={"test"})) as client:
        twice = [("Host", "test")] * (name != "Host") + [(name, "test"), (name, "evil.example")]
        answer = await client.get("/healthz", headers=twice)
        assert (answer.status_code, name in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Origin": "http://test"}, 201),
        ({"Origin": "https://shop.example", "Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://test:99"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://test"}, 403),
    ],
)
async def test_pages_of_other_sites_change_nothing(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    made = await client.post("/products", json={"sku": "A", "name": "a"}, headers=headers)
    assert made.status_code == status
    assert (await client.get("/products", headers=headers)).status_code == 200


async def test_a_server_that_only_reads_refuses_every_change(make_app: MakeApp) -> None:
    async with asking(make_app(read_only=True)) as client:
        assert (await client.post("/products", json={"sku": "A", "name": "a"})).status_code == 403
        assert (await client.patch("/products/A/add", json={"amount": 1})).status_code == 403
        assert (await client.get("/products")).json() == []


async def test_nothing_of_the_pages_comes_from_elsewhere(client: httpx.AsyncClient) -> None:
    for path in ("/", "/docs", "/page/page.js", "/page/page.css", "/docs/docs.js"):
        answer = await client.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "//" not in answer.text.replace("http://www.w3.org/2000/svg", "").replace(
            "// ", ""
        ), path
    assert (await client.get("/page/..%2Ferrors.py")).status_code == 404
    described = (await client.get("/openapi.json")).json()
    assert {"/products", "/products/{sku}/remove", "/movements/stream"} <= set(described["paths"])


async def test_what_is_described_is_what_is_answered(make_app: MakeApp) -> None:
    async with asking(make_app()) as anybody:
        found = (await anybody.get("/openapi.json")).json()
        assert found["security"] == [{}, {"token": []}]
    async with asking(make_app(tokens=TOKENS)) as client:
        described = (await client.get("/openapi.json")).json()
    assert described["security"] == [{"token": []}]
    scheme = described["components"]["securitySchemes"]["token"]
    assert scheme == {"type": "http", "scheme": "bearer"}
    paths = described["paths"]
    assert paths["/healthz"]["get"]["security"] == []
    for path, operations in paths.items():
        for method, operation in operations.items():
            codes = operation["responses"]
            assert list(codes["503"]["headers"]) == ["Retry-After"], path
            assert ("401" in codes) == (path != "/healthz"), path
            assert path == "/healthz" or list(codes["401"]["headers"]) == ["WWW-Authenticate"]
            kinds = {kind for one in codes.values() for kind in one["content"]}
            is_list = method == "get" and path in ("/products", "/movements", "/holds")
            assert ("application/jsonl" in kinds) == is_list, path
    created = paths["/products"]["post"]["responses"]["201"]["headers"]
    assert {"Location", "Invctl-Warnings", "Idempotency-Replayed"} == set(created)
    stream = paths["/movements/stream"]["get"]["responses"]["200"]["content"]
    assert list(stream) == ["text/event-stream"]


async def test_each_request_is_noted_and_no_secret_is(make_app: MakeApp) -> None:
    noted: list[dict[str, object]] = []
    async with asking(make_app(tokens=TOKENS, note=noted.append)) as client:
        await client.get("/products", headers={"Authorization": "Bearer " + "a" * 20})
        await client.get("/products?search=x", headers={"Authorization": "Bearer nobody"})
    told = [(one["actor"], one["method"], one["path"], one["status"]) for one in noted]
    assert told == [("Anna", "GET", "/products", 200), (None, "GET", "/products", 401)]
    assert "a" * 20 not in repr(noted)
