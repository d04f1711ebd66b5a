"""`/products`: what is asked and answered, and which status says what."""

import asyncio
import errno
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from asking import MakeApp, asking
from inventories import Rows

from invctl.errors import OutcomeUnknown, ServerUnreachable
from invctl.http.errors import answer_to
from invctl.http.records import PRODUCT_CHANGE_FIELDS
from invctl.models.fields import PRODUCT_FIELDS

pytestmark = pytest.mark.anyio

MUG: dict[str, Any] = {"sku": "MUG", "name": "Mug", "quantity": 10}
FIRST = "/products/MUG"


async def test_a_product_is_made_changed_and_shown(client: httpx.AsyncClient) -> None:
    made = await client.post("/products", json=MUG)
    assert (made.status_code, made.headers["location"]) == (201, "/products/MUG")
    assert tuple(made.json()) == PRODUCT_CHANGE_FIELDS
    wanted = {"operation": 1, "kind": "create", "delta": 10, "movement": 1, "replayed": False}
    assert made.json().items() >= wanted.items()
    added = await client.patch(f"{FIRST}/add", json={"amount": 5, "reason": "delivery"})
    assert added.json().items() >= {"quantity": 15, "kind": "add", "delta": 5}.items()
    counted = await client.put(f"{FIRST}/quantity", json={"quantity": 7, "expect": 15})
    assert counted.json().items() >= {"quantity": 7, "kind": "set", "delta": -8}.items()
    facts = {"reorder_point": 9, "description": "White"}
    said = await client.patch(FIRST, json=facts)
    assert said.json().items() >= {**facts, "low": True, "delta": 0, "movement": None}.items()
    emptied = await client.patch(FIRST, json={"reorder_point": None, "description": None})
    assert emptied.json().items() >= {"reorder_point": None, "description": None}.items()
    shown = await client.get(FIRST)
    assert tuple(shown.json()) == PRODUCT_FIELDS
    assert shown.json() == {field: emptied.json()[field] for field in PRODUCT_FIELDS}
    assert (await client.head(FIRST)).status_code == 200


REFUSED: list[tuple[str, str, Any, int, str]] = [
    ("POST", "/products", MUG, 400, "conflict"),
    ("POST", "/products", {"sku": "=1", "name": "x"}, 422, "usage"),
    ("POST", "/products", {"sku": "X"}, 422, "usage"),
    ("POST", "/products", {**MUG, "colour": "red"}, 422, "usage"),
    ("GET", "/products/NOPE", None, 404, "not_found"),
    ("GET", "/products?sort=colour", None, 422, "usage"),
    ("GET", "/products?colour=red", None, 422, "usage"),
    ("GET", "/products?limit=1_0", None, 422, "usage"),
    ("GET", "/nothing", None, 404, "not_found"),
    ("GET", "/products/", None, 404, "not_found"),
    ("DELETE", "/products", None, 405, "usage"),
    ("PATCH", f"{FIRST}/remove", {"amount": 11}, 400, "insufficient_stock"),
    ("PATCH", f"{FIRST}/remove", {"amount": 0}, 422, "usage"),
    ("PATCH", f"{FIRST}/remove", {"amount": 1.0}, 422, "usage"),
    ("PATCH", f"{FIRST}/remove", {"amount": "1"}, 422, "usage"),
    ("PATCH", f"{FIRST}/remove", {"amount": 2**70}, 422, "usage"),
    ("PATCH", f"{FIRST}/remove", {"amount": 1, "reason": ""}, 422, "usage"),
    ("PATCH", f"{FIRST}/add", {"amount": 2**53 - 1}, 409, "conflict"),
    ("PATCH", f"{FIRST}/add", [1], 422, "usage"),
    ("PATCH", FIRST, {}, 422, "usage"),
    ("PATCH", FIRST, {"name": None}, 422, "usage"),
    ("PATCH", FIRST, {"name": " "}, 422, "usage"),
    ("POST", "/products", {"sku": "X", "name": " "}, 422, "usage"),
    ("PUT", f"{FIRST}/quantity", {"quantity": 1, "expect": 2}, 409, "conflict"),
    ("PUT", f"{FIRST}/quantity", {"quantity": 1, "expect": -1}, 422, "usage"),
    ("PUT", f"{FIRST}/quantity", {"quantity": 1, "expect": 2**53, "in": "VAN"}, 422, "usage"),
    ("POST", "/operations/99/undo", None, 404, "not_found"),
    ("POST", "/operations/x/undo", None, 422, "usage"),
    ("POST", "/holds", {"sku": "MUG", "amount": 11}, 400, "insufficient_stock"),
    ("POST", "/holds", {"sku": "MUG", "amount": 1, "for": "soon"}, 422, "usage"),
    ("POST", "/holds/7/commit", None, 404, "not_found"),
]  # fmt: skip


async def test_what_is_refused_says_why_and_changes_nothing(
    client: httpx.AsyncClient, query: Callable[..., Rows]
) -> None:
    await client.post("/products", json=MUG)
    for method, path, body, status, code in REFUSED:
        answer = await client.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, answer.text)
        assert tuple(answer.json()) == ("error", "detail", "code", "retryable", "details")
    assert query("SELECT count(*) FROM operation") == [(1,)]


@pytest.mark.sqlite("it reads no inventory")
async def test_what_a_path_does_not_do_is_told_with_all_that_it_does(
    client: httpx.AsyncClient,
) -> None:
    for path, methods in (("/products", "GET, HEAD, POST"), (FIRST, "GET, HEAD, PATCH")):
        answer = await client.delete(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)


@pytest.mark.sqlite("it reads no inventory")
@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b'{"amount":1}', "text/plain", 415),
        (b'{"amount":1}', "", 415),
        (b" " * (1 << 20) + b"{}", "application/json", 413),
    ],
)
async def test_a_body_that_cannot_be_taken_is_refused(
    client: httpx.AsyncClient, content: bytes, kind: str, status: int
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await client.patch(f"{FIRST}/add", content=content, headers=headers)
    assert answer.status_code == status


@pytest.mark.sqlite("it is about requests")
@pytest.mark.parametrize(
    ("content", "field", "value"),
    [
        ('{"amount":1,"amount":50}', "amount", "50"),
        ('{"amount":null}', "amount", "null"),
        ('{"amount":true}', "amount", "true"),
        ('{"amount":NaN}', "amount", "NaN"),
        ('{"amount":"1"}', "amount", "1"),
        ('{"amount":1,"note":["ä",null]}', "note", '["ä", null]'),
        ('{"amount":' + "9" * 4000 + "}", "amount", "9" * 4000),
        ('{"amount":' + "9" * 5000 + "}", None, None),
    ],
)
async def test_a_wrong_value_is_told_as_it_was_given(
    client: httpx.AsyncClient, content: str, field: str | None, value: str | None
) -> None:
    kind = {"Content-Type": "application/json"}
    answer = await client.patch(f"{FIRST}/add", content=content.encode(), headers=kind)
    told = answer.json()["details"]
    assert (answer.status_code, told.get("field")) == (422, field)
    assert value is None or told["value"] == value


@pytest.mark.sqlite("it is about requests")
@pytest.mark.sqlite("it is about requests")
async def test_what_is_wrong_is_named_as_it_was_asked_for(client: httpx.AsyncClient) -> None:
    await client.post("/products", json=MUG)
    for field in ("reorder_point", "reorder_to"):
        made = await client.post("/products", json={"sku": "B", "name": "b", field: -1})
        changed = await client.patch(FIRST, json={field: -1})
        told = [(one.status_code, one.json()["details"]["field"]) for one in (made, changed)]
        assert told == [(422, field)] * 2
    for body, words in (
        ('{"amount": ' + "9" * 5000 + "}", "too long"),
        ('{"amount": ' + "[" * 5000 + "]" * 5000 + "}", "nested"),
        ('{"amount": 1', "is invalid JSON"),
    ):
        headers = {"Content-Type": "application/json"}
        answer = await client.patch(f"{FIRST}/add", content=body, headers=headers)
        assert (answer.status_code, words in answer.json()["detail"]) == (422, True)


async def test_a_negative_amount_names_the_other_verb(client: httpx.AsyncClient) -> None:
    for verb, other in (("add", "remove"), ("remove", "add")):
        answer = await client.patch(f"{FIRST}/{verb}", json={"amount": -3})
        assert answer.status_code == 422
        assert f"/{other} takes 3" in answer.json()["detail"]


@pytest.mark.sqlite("it is about requests")
async def test_a_key_that_is_none_names_its_header(client: httpx.AsyncClient) -> None:
    for key in (b"", b"\xff", b"x" * 201, b"a\x01"):
        header = {b"Idempotency-Key": key}
        answer = await client.patch(f"{FIRST}/add", json={"amount": 1}, headers=header)
        assert (answer.status_code, answer.json()["details"]["field"]) == (422, "Idempotency-Key")


@pytest.mark.sqlite("it is about requests")
async def test_an_address_is_text_and_says_nothing_twice(client: httpx.AsyncClient) -> None:
    for address, field in (
        ("/products/%FF", "sku"),
        ("/products?search=%FF", "search"),
        ("/products?%FF=1", "query"),
        ("/movements?sku=%FF", "sku"),
        ("/products?limit=1&limit=2", "limit"),
        ("/products/MUG?as_of=2020&as_of=2021", "as_of"),
        ("/movements?since_id=1&since_id=2", "since_id"),
        ("/holds?state=open&state=all", "state"),
        ("/movements?kind=add&kind=sale", "kind"),
    ):
        answer = await client.get(address)
        assert (answer.status_code, answer.json()["details"]["field"]) == (422, field), address
    assert (await client.patch("/products/%FF/add", json={"amount": 1})).status_code == 422
    assert (await client.get("/holds?ref=a&ref=a&state=all")).json() == []


@pytest.mark.sqlite("it is about requests")
async def test_a_packed_body_is_not_read_as_it_is(client: httpx.AsyncClient) -> None:
    for packed in ({"Content-Encoding": "gzip"}, {"Transfer-Encoding": "gzip, chunked"}):
        for path in ("/products", "/movements"):
            answer = await client.post(path, json=[{"sku": "A", "delta": 1}], headers=packed)
            assert answer.status_code == 415, path
            assert "gzip" in answer.json()["detail"]


@pytest.mark.sqlite("it reads no inventory")
@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [(OutcomeUnknown("shop", "?"), 504, None), (ServerUnreachable("shop", "is gone"), 503, "1")],
)
async def test_what_may_pass_says_so(error: Any, status: int, retry: str | None) -> None:
    answer = answer_to(error)
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry)


async def test_any_sku_can_stand_in_a_path(client: httpx.AsyncClient) -> None:
    for sku in ("A/B", "50%2F", "Käse", "a b", "?#"):
        made = await client.post("/products", json={"sku": sku, "name": "x", "quantity": 2})
        where = made.headers["location"]
        done = await client.patch(f"{where}/remove", json={"amount": 1})
        assert (done.status_code, done.json()["sku"]) == (200, sku)
        assert (await client.get(where)).json()["quantity"] == 1


async def test_a_retry_under_its_key_is_done_once(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "a-1"}
    made = await client.post("/products", json=MUG, headers=key)
    again = await client.post("/products", json=MUG, headers=key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json() == {**made.json(), "replayed": True}
    other = await client.post("/products", json={**MUG, "quantity": 3}, headers=key)
    assert (other.status_code, other.json()["details"]["reason"]) == (422, "key_reused")
    assert "idempotency-replayed" not in made.headers
    bad = await client.patch(f"{FIRST}/remove", json={"amount": 4}, headers={"Idempotency-Key": ""})
    assert bad.status_code == 422


async def test_a_retry_is_told_of_the_product_as_it_was_then(client: httpx.AsyncClient) -> None:
    await client.post("/products", json={**MUG, "reorder_point": 12})
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", "remove", {"amount": 1}),
        ("PATCH", "add", {"amount": 3, "ref": "Café"}),
        ("PUT", "quantity", {"quantity": 9}),
        ("PATCH", "remove", {"amount": 5, "up_to": True}),
        ("PATCH", "add", {"amount": 30, "to": "VAN"}),
        ("PATCH", "move", {"amount": 2, "from": "VAN"}),
    ]

    keys = [{"Idempotency-Key": str(n)} for n in range(len(asked))]

    async def ask() -> list[Any]:
        answers = [
            client.request(method, f"{FIRST}/{verb}", json=body, headers=keys[n])
            for n, (method, verb, body) in enumerate(asked)
        ]
        return [answer.json() for answer in await asyncio.gather(*answers)]

    first = await ask()
    assert all("operation" in one for one in first)
    await client.patch(FIRST, json={"name": "Cup", "reorder_point": None, "reorder_to": 50})
    await client.post("/holds", json={"sku": "MUG", "amount": 2})
    assert await ask() == [{**one, "replayed": True} for one in first]


@pytest.mark.sqlite("it is about requests")
async def test_a_change_has_no_parameters(client: httpx.AsyncClient) -> None:
    await client.post("/products", json=MUG)
    for method, path, body in (
        ("POST", "/products", {"sku": "B", "name": "b"}),
        ("PATCH", FIRST, {"name": "b"}),
        ("PATCH", f"{FIRST}/remove", {"amount": 1}),
        ("PUT", f"{FIRST}/quantity", {"quantity": 1}),
        ("POST", "/movements", [{"sku": "MUG", "delta": 1}]),
        ("POST", "/holds", {"sku": "MUG", "amount": 1}),
        ("POST", "/operations/1/undo", {}),
    ):
        answer = await client.request(method, f"{path}?dry_run=true", json=body)
        assert (answer.status_code, answer.json()["details"]["field"]) == (422, "dry_run"), path
    assert (await client.get(FIRST)).json()["quantity"] == 10


async def test_lists_take_the_options_of_the_command(client: httpx.AsyncClient) -> None:
    for n in range(4):
        await client.post("/products", json={"sku": f"P-{n}", "name": f"Thing {n}", "quantity": n})
    await client.patch("/products/P-2", json={"reorder_point": 5})

    async def skus(question: str) -> list[str]:
        return [one["sku"] for one in (await client.get(f"/products?{question}")).json()]

    assert await skus("limit=2&reverse=true") == ["P-3", "P-2"]
    assert await skus("search=thing+1") == ["P-1"]
    assert await skus("low=true") == ["P-2"]
    assert await skus("sort=quantity&reverse=true&limit=1") == ["P-3"]
    assert await skus("archived=true") == []
    for accept, kind in (
        ("application/jsonl", "application/jsonl"),
        ("text/html, Application/JSONL;q=0.9, */*;q=0.1", "application/jsonl"),
        ("application/json, application/jsonl", "application/jsonl"),
        ("application/json, application/jsonl;q=0", "application/json"),
        ("application/json, application/jsonl; q=0.5", "application/json"),
        ("application/jsonl-seq, application/*", "application/json"),
    ):
        lines = await client.get("/products", headers={"Accept": accept})
        assert lines.headers["content-type"] == kind, accept
        assert lines.text.count("\n") == (4 if kind.endswith("l") else 6)
    await client.patch("/products/P-3/remove", json={"amount": 1, "at": "2020-05-01"})
    assert await skus("as_of=2019") == []
    (sums,) = (await client.get("/products?as_of=2020")).json()
    assert (sums["sku"], sums["quantity"]) == ("P-3", -1)


async def test_holds_are_made_committed_and_let_go(client: httpx.AsyncClient) -> None:
    await client.post("/products", json=MUG)
    for ref in ("cart-1", "cart-2"):
        held = await client.post("/holds", json={"sku": "MUG", "amount": 2, "ref": ref})
        assert (held.status_code, held.json()["state"]) == (201, "open")
    assert (await client.post("/holds/1/extend", json={"for": "2h"})).status_code == 200
    taken = await client.post("/holds/1/commit", json={"amount": 1})
    assert taken.json().items() >= {"delta": -1, "quantity": 9, "hold": 1}.items()
    assert (await client.post("/holds/2/release")).json()["state"] == "released"
    assert (await client.post("/holds/2/release")).status_code == 409
    closed = (await client.get("/holds?state=all&ref=cart-2")).json()
    assert [(one["id"], one["state"]) for one in closed] == [(2, "released")]


async def test_an_operation_is_taken_back_once(client: httpx.AsyncClient) -> None:
    await client.post("/products", json=MUG)
    await client.patch(f"{FIRST}/remove", json={"amount": 4})
    undone = await client.post("/operations/2/undo", json={"reason": "mistake"})
    assert undone.json().items() >= {"kind": "undo", "delta": 4, "quantity": 10}.items()
    assert (await client.post("/operations/2/undo")).status_code == 409


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.EMFILE, "Too many open files", "x.py"), "config"),
        (MemoryError(), "config"),
        (FileNotFoundError(errno.ENOENT, "No such file", "x.py"), "internal"),
        (ConnectionResetError(), "internal"),
        (KeyError("x"), "internal"),
    ],
)
async def test_what_the_surroundings_have_wrong_is_told_as_no_bug(
    make_app: MakeApp, error: Exception, code: str
) -> None:
    async def struck() -> None:
        raise error

    app = make_app()
    app.add_api_route("/struck", struck)
    answer = await asking(app).get("/struck")
    assert (answer.status_code, answer.json()["code"]) == (500, code)


@pytest.mark.sqlite("a server has a test of its own")
async def test_a_missing_inventory_is_the_servers_own_fault(
    make_app: MakeApp, inventory: Any
) -> None:
    kept = inventory.read_bytes()
    inventory.unlink()
    async with asking(make_app()) as client:
        for path in ("/healthz", "/products", "/products/MUG"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (500, "db_missing")
            # Where it is, is told to nobody who needs no token.
            assert (str(inventory) in answer.text) == (path != "/healthz")
        assert (await client.patch(f"{FIRST}/add", json={"amount": 1})).status_code == 500
        inventory.write_bytes(kept)
        assert (await client.get("/healthz")).json()["status"] == "ok"
