"""Places and lots as people and scripts see them."""

import pytest
from shop import Shop, error_of

FAR = "2042-06-01"


@pytest.fixture
def fridge(stocked: Shop) -> Shop:
    """A-1 in the shop's inventory, three of it in the FRIDGE of a lot, two in the VAN."""
    stocked.json("stock", "add", "A-1", "3", "--to", "FRIDGE", "--expires", FAR, "-q")
    stocked.json("stock", "add", "A-1", "2", "--to", "VAN", "-q")
    return stocked


def test_where_tells_pots_and_what_is_in_no_place(fridge: Shop) -> None:
    quantity = fridge.json("product", "show", "A-1")["quantity"]
    rows = fridge.json("stock", "where", "A-1")
    assert [tuple(row.values())[2:] for row in rows] == [
        ("FRIDGE", FAR, FAR, 3), ("VAN", None, None, 2), (None, None, None, quantity - 5),
    ]  # fmt: skip
    assert list(rows[0]) == ["sku", "name", "place", "lot", "expires_on", "quantity"]
    found = fridge.run("stock", "where", "--expiring", "9999w", "--exit-code", "-o", "csv")
    assert (found.code, found.stdout.splitlines()[1].split(",")[2]) == (8, "FRIDGE")
    none = fridge.run("stock", "where", "--expiring", "1d", "--exit-code", "--json")
    assert (none.code, none.stdout) == (0, "[]\n")
    gone = fridge.run("--json", "stock", "where", "--place", "ATTIC")
    assert error_of(gone, 3)["code"] == "not_found"


def test_a_removal_that_names_no_place_says_where_the_units_are(fridge: Shop) -> None:
    error = error_of(fridge.run("--json", "stock", "remove", "A-1", "99999"), 5)
    assert error["code"] == "insufficient_stock"
    assert [tuple(one.values()) for one in error["details"]["places"]] == [
        ("FRIDGE", FAR, FAR, 3), ("VAN", None, None, 2),
    ]  # fmt: skip


def test_a_new_place_is_said_on_standard_error(fridge: Shop) -> None:
    done = fridge.run("stock", "move", "A-1", "1", "--from", "VAN", "--to", "CELLAR/BOX")
    assert done.code == 0
    assert "made the place CELLAR/BOX" in done.stderr
    names = [row["place"] for row in fridge.json("place", "list")]
    assert names == ["CELLAR", "CELLAR/BOX", "FRIDGE", "VAN"]
    refused = error_of(fridge.run("--json", "place", "remove", "CELLAR"), 4)
    assert refused["details"]["reason"] == "not_empty"


USAGE = {
    "a lot of no place": "stock add A-1 1 --lot L",
    "a date of no place": "stock add A-1 1 --expires 2030-01-01",
    "no date": "stock add A-1 1 --to VAN --expires 2030-02-30",
    "into any": "stock add A-1 1 --to any",
    "no end": "stock move A-1 1",
    "from any": "stock move A-1 1 --from any --to VAN",
    "to itself": "stock move A-1 1 --from VAN --to VAN",
    "an empty name": "stock remove A-1 1 --from=",
    "all holds of a place": "hold commit --ref R --from VAN",
}


@pytest.mark.sqlite("it opens none")
@pytest.mark.parametrize("line", USAGE.values(), ids=USAGE)
def test_what_makes_no_sense_is_a_usage_error(stocked: Shop, line: str) -> None:
    done = stocked.run(*line.split())
    assert (done.code, done.stdout) == (2, "")


def test_a_file_moves_between_places_and_each_line_is_answered(fridge: Shop) -> None:
    text = "sku,action,amount,place,to_place\nA-1,move,2,FRIDGE,VAN\nA-1,move,2,FRIDGE,VAN\n"
    done = fridge.run("stock", "apply", "-", "--each", stdin=text)
    assert (done.code, len(done.records)) == (5, 2)
    assert done.records[0]["delta"] == 0
    assert done.records[1]["error"]["details"]["places"][0]["place"] == "FRIDGE"


def test_the_page_of_a_product_shows_its_places_to_people_alone(fridge: Shop) -> None:
    page = fridge.run("product", "show", "A-1", "-o", "table").stdout
    assert "FRIDGE  2042-06-01  2042-06-01         3\n" in page
    assert "FRIDGE" not in fridge.run("product", "show", "A-1", "--json").stdout
    assert "Place" not in fridge.run("product", "show", "B-1", "-o", "table").stdout
