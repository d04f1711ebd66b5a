"""Places and lots over HTTP, and what people are told besides an answer."""

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest
from inventories import Inventory, Rows

from invctl.core.places.spots import Spot
from invctl.core.places.stock import remove_from_place
from invctl.db.opening import open_database
from invctl.models.attempts import Attempt, Label
from invctl.settings import read_location

pytestmark = pytest.mark.anyio

MILK: dict[str, Any] = {"sku": "MILK", "name": "Milk", "quantity": 10}
FIRST = "/products/MILK"


def told(answer: httpx.Response) -> list[str]:
    """Return what an answer warns of."""
    texts: list[str] = json.loads(answer.headers.get("invctl-warnings", "[]"))
    return texts


@pytest.fixture
async def shop(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client of a shop with milk: 10 in no place, 6 in the fridge that expires, 4 in the van."""
    await client.post("/products", json=MILK)
    in_fridge = {"amount": 6, "to": "FRIDGE", "lot": "L1", "expires_on": "2099-01-31"}
    assert (await client.patch(f"{FIRST}/add", json=in_fridge)).status_code == 200
    assert (await client.patch(f"{FIRST}/add", json={"amount": 4, "to": "VAN"})).status_code == 200
    return client


async def contents(client: httpx.AsyncClient) -> dict[str | None, int]:
    """Return how many of the milk's units the movements have left in each place."""
    found: dict[str | None, int] = {}
    for one in (await client.get("/movements?sku=MILK")).json():
        found[one["place"]] = found.get(one["place"], 0) + one["delta"]
    return found


async def test_units_are_put_taken_moved_and_counted_where_that_is_said(
    shop: httpx.AsyncClient,
) -> None:
    assert await contents(shop) == {None: 10, "FRIDGE": 6, "VAN": 4}
    taken = await shop.patch(f"{FIRST}/remove", json={"amount": 2, "from": "FRIDGE"})
    assert taken.json().items() >= {"kind": "remove", "delta": -2, "quantity": 18}.items()
    moved = await shop.patch(f"{FIRST}/move", json={"amount": 3, "to": "VAN"})
    wanted = {"kind": "move", "delta": 0, "quantity": 18, "movement": None}
    assert moved.json().items() >= wanted.items()
    back = {"amount": 1, "from": "FRIDGE", "to": "HALL/BAR", "lot": "L1"}
    assert (await shop.patch(f"{FIRST}/move", json=back)).status_code == 200
    counted = await shop.put(f"{FIRST}/quantity", json={"quantity": 5, "in": "VAN", "expect": 7})
    assert counted.json().items() >= {"kind": "set", "delta": -2, "quantity": 16}.items()
    assert await contents(shop) == {None: 7, "FRIDGE": 3, "HALL/BAR": 1, "VAN": 5}
    (last, *_) = (await shop.get("/movements?limit=1&kind=set")).json()
    assert (last["place"], last["lot"], last["quantity"]) == ("VAN", None, 16)
    (bar,) = [one for one in (await shop.get("/movements")).json() if one["place"] == "HALL/BAR"]
    assert (bar["lot"], bar["expires_on"]) == ("L1", "2099-01-31")


async def test_the_log_is_asked_for_what_came_of_a_lot_and_to_a_place(
    shop: httpx.AsyncClient,
) -> None:
    back = {"amount": 2, "from": "FRIDGE", "to": "VAN/BOX", "lot": "L1"}
    await shop.patch(f"{FIRST}/move", json=back)
    lot = (await shop.get("/movements?lot=L1")).json()
    assert [(one["place"], one["delta"]) for one in lot] == [
        ("FRIDGE", 6),
        ("FRIDGE", -2),
        ("VAN/BOX", 2),
    ]
    sums = (await shop.get("/movements?place=VAN&by=sku")).json()
    assert [(one["sku"], one["added"]) for one in sums] == [("MILK", 6)]
    unknown = await shop.get("/movements?place=NOWHERE")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_from_any_place_goes_what_expires_first(shop: httpx.AsyncClient) -> None:
    taken = await shop.patch(f"{FIRST}/remove", json={"amount": 9, "from": "any"})
    assert taken.json().items() >= {"delta": -9, "quantity": 11, "movement": None}.items()
    rest = await shop.patch(f"{FIRST}/remove", json={"amount": 99, "from": "VAN", "up_to": True})
    assert rest.json()["delta"] == -1
    assert await contents(shop) == {None: 10, "FRIDGE": 0, "VAN": 0}


async def test_a_place_is_never_chosen_for_anybody(shop: httpx.AsyncClient) -> None:
    refused = await shop.patch(f"{FIRST}/remove", json={"amount": 11})
    assert (refused.status_code, refused.json()["code"]) == (400, "insufficient_stock")
    assert refused.json()["details"]["places"] == [
        {"place": "FRIDGE", "lot": "L1", "expires_on": "2099-01-31", "quantity": 6},
        {"place": "VAN", "lot": None, "expires_on": None, "quantity": 4},
    ]
    placed = await shop.put(f"{FIRST}/quantity", json={"quantity": 20})
    assert (placed.status_code, placed.json()["details"]["reason"]) == (409, "placed")
    there = [(one["place"], one["quantity"]) for one in placed.json()["details"]["places"]]
    assert sorted(there) == [("FRIDGE", 6), ("VAN", 4)]


REFUSED: list[tuple[str, str, Any, int]] = [
    ("PATCH", "remove", {"amount": 1, "from": ""}, 422),
    ("PATCH", "remove", {"amount": 1, "lot": "L1"}, 422),
    ("PATCH", "remove", {"amount": 1, "from": 7}, 422),
    ("PATCH", "remove", {"amount": 1, "to": "VAN"}, 422),
    ("PATCH", "remove", {"amount": 1, "source": "VAN"}, 422),
    ("PATCH", "remove", {"amount": 1, "from": "NOWHERE"}, 404),
    ("PATCH", "remove", {"amount": 7, "from": "FRIDGE"}, 400),
    ("PATCH", "add", {"amount": 1, "to": "any"}, 422),
    ("PATCH", "add", {"amount": 1, "to": "A//B"}, 422),
    ("PATCH", "add", {"amount": 1, "from": "VAN"}, 422),
    ("PATCH", "add", {"amount": 1, "expires_on": "2099-01-31"}, 422),
    ("PATCH", "add", {"amount": 1, "to": "VAN", "expires_on": "soon"}, 422),
    ("PATCH", "add", {"amount": 1, "to": "VAN", "lot": "L1", "expires_on": "2098-01-31"}, 409),
    ("PATCH", "move", {"amount": 1}, 422),
    ("PATCH", "move", {"amount": 1, "from": "VAN", "to": "VAN"}, 422),
    ("PATCH", "move", {"amount": 1, "from": "any", "to": "VAN"}, 422),
    ("PATCH", "move", {"amount": 5, "from": "VAN"}, 400),
    ("PUT", "quantity", {"quantity": 1, "in": "any"}, 422),
    ("PUT", "quantity", {"quantity": 1, "in": "VAN", "expect": 5}, 409),
]


async def test_what_is_refused_of_places_changes_nothing(
    shop: httpx.AsyncClient, query: Callable[..., Rows]
) -> None:
    before = query("SELECT count(*) FROM operation")
    for method, path, body, status in REFUSED:
        answer = await shop.request(method, f"{FIRST}/{path}", json=body)
        assert answer.status_code == status, (path, body, answer.text)
    wrong = await shop.patch(f"{FIRST}/add", json={"amount": 1, "to": "any"})
    assert wrong.json()["details"]["field"] == "to"
    assert query("SELECT count(*) FROM operation") == before


async def test_lines_of_a_batch_have_places(shop: httpx.AsyncClient) -> None:
    lines = [
        {"sku": "MILK", "action": "remove", "amount": 1, "place": "FRIDGE"},
        {"sku": "MILK", "delta": 2, "place": "BAR", "expires_on": "2099-05-01"},
        {"sku": "MILK", "action": "move", "amount": 5, "to_place": "VAN"},
        {"sku": "MILK", "action": "set", "amount": 8, "place": "VAN"},
    ]
    done = await shop.post("/movements", json=lines)
    assert done.json().items() >= {"lines": 4, "movements": 5}.items()
    assert told(done) == ["made the place BAR, which is new"]
    assert await contents(shop) == {None: 5, "FRIDGE": 5, "BAR": 2, "VAN": 8}
    astray = [{"sku": "MILK", "delta": -1, "place": "NOWHERE"}]
    refused = await shop.post("/movements", json=[*lines, *astray])
    assert (refused.status_code, refused.json()["details"]["errors"][0]["code"]) == (
        400,
        "not_found",
    )


async def test_a_hold_is_taken_from_where_that_is_said(shop: httpx.AsyncClient) -> None:
    for _ in range(2):
        await shop.post("/holds", json={"sku": "MILK", "amount": 5})
    short = await shop.post("/holds/1/commit", json={"from": "VAN"})
    assert (short.status_code, short.json()["details"]["available"]) == (400, 4)
    taken = await shop.post("/holds/1/commit", json={"from": "FRIDGE", "lot": "L1"})
    assert taken.json().items() >= {"kind": "commit", "delta": -5, "hold": 1}.items()
    assert (await shop.post("/holds/2/commit")).json()["delta"] == -5
    assert await contents(shop) == {None: 10, "FRIDGE": 0, "VAN": 0}


async def test_one_key_means_one_request_by_whatever_way_it_comes(
    shop: httpx.AsyncClient, inventory: Inventory
) -> None:
    key, asked = {"Idempotency-Key": "k"}, {"amount": 2, "from": "FRIDGE", "reason": "sale"}
    sold = await shop.patch(f"{FIRST}/remove", json=asked, headers=key)
    again = await shop.patch(f"{FIRST}/remove", json=asked, headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    other = await shop.patch(f"{FIRST}/remove", json={**asked, "from": "VAN"}, headers=key)
    assert (other.status_code, other.json()["details"]["reason"]) == (422, "key_reused")
    with closing(open_database(read_location(str(inventory), "--db"))) as db:
        attempt, label = Attempt("bert", "k"), Label(reason="sale")
        done = remove_from_place(db, "MILK", 2, Spot("FRIDGE"), label=label, attempt=attempt)
    assert (done.operation, done.replayed) == (sold.json()["operation"], True)


async def test_what_a_service_warns_of_is_said_of_its_own_change_alone(
    shop: httpx.AsyncClient,
) -> None:
    made = await shop.patch(f"{FIRST}/add", json={"amount": 1, "to": "KÜHLRAUM"})
    assert made.headers["invctl-warnings"].isascii()
    assert told(made) == ["made the place KÜHLRAUM, which is new"]
    past = {"amount": 1, "to": "KÜHLRAUM", "expires_on": "2001-01-01"}
    assert "2001-01-01 is past" in told(await shop.patch(f"{FIRST}/add", json=past))[0]
    assert told(await shop.patch(f"{FIRST}/add", json={"amount": 1})) == []
    refused = await shop.patch(f"{FIRST}/remove", json={"amount": 99, "from": "VAN"})
    assert told(refused) == []
    await shop.post("/products", json={"sku": "A", "name": "a"})
    await shop.put("/products/A/quantity", json={"quantity": 7})
    late = {"amount": 1, "at": "2020-01-01"}
    for _ in range(2):
        assert "counted" in told(await shop.patch("/products/A/add", json=late))[0]
    many = [{"sku": "A", "delta": 1, "place": f"S-{n}"} for n in range(9)]
    texts = told(await shop.post("/movements", json=many))
    assert (len(texts), texts[-1]) == (6, "and 4 more")


async def test_a_number_that_may_have_been_scanned_is_warned_of(shop: httpx.AsyncClient) -> None:
    scanned = 4006381333931
    made = await shop.post("/products", json={"sku": "A", "name": "a", "quantity": scanned})
    many = {"sku": "A", "amount": 96385074, "no_expiry": True}
    changes = [
        made,
        await shop.patch("/products/A/remove", json={"amount": 12345670}),
        await shop.patch("/products/A/add", json={"amount": scanned}),
        await shop.patch("/products/A/move", json={"amount": 12345670, "to": "VAN"}),
        await shop.post("/holds", json=many),
        await shop.put("/products/A/quantity", json={"quantity": 96385074, "in": "HALL"}),
    ]
    for change in changes:
        assert change.is_success
        number = change.json()["operation"]
        undo = f"POST /operations/{number}/undo takes it back if it was one"
        assert told(change)[-1].endswith(
            f"looks like a barcode, not like a number of units; {undo}"
        )
    assert told(await shop.patch("/products/A/add", json={"amount": scanned + 1})) == []
    nothing = {"amount": scanned, "up_to": True}
    await shop.post("/products", json={"sku": "NONE", "name": "n", "quantity": 0})
    for asked in (
        shop.patch("/products/NONE/remove", json=nothing),
        shop.post("/holds", json={"sku": "NONE", **nothing}),
    ):
        assert told(await asked)[-1].endswith("looks like a barcode, not like a number of units")
    refused = await shop.patch(f"{FIRST}/remove", json={"amount": scanned})
    assert (refused.status_code, told(refused)) == (400, [])
