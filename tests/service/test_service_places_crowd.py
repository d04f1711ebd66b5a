"""Movers, sellers and counters among three places at once: exact, whoever comes first."""

import random
from collections import Counter

import pytest
from crowd import crowd
from lines import count_line

from invctl.core.counting.file import CountOptions, count_products
from invctl.core.log import get_operation
from invctl.core.places.lists import list_where
from invctl.core.places.places import remove_place, rename_place
from invctl.core.places.spots import ANY, UNPLACED, Spot
from invctl.core.places.stock import add_to_place, move_stock, remove_from_place
from invctl.core.products import create_product
from invctl.core.upkeep.check import Check
from invctl.db.database import Database
from invctl.errors import InsufficientStock, PlaceNotEmpty, PlaceNotFound
from invctl.models.attempts import Attempt

ME = Attempt("tester")
PLACES = ("VAN", "SHOP/A", "SHOP/B")
SKUS = ("A", "B")


def busy(db: Database, number: int, rounds: int) -> Counter[str]:
    """Move, sell and restock; return how many units were sold of each product, net."""
    chosen, sold = random.Random(number), Counter[str]()
    for _ in range(rounds):
        sku, amount = chosen.choice(SKUS), chosen.randint(1, 4)
        source, target = chosen.sample([*map(Spot, PLACES), UNPLACED], 2)
        try:
            match chosen.randrange(5):
                case 0:
                    move_stock(db, sku, amount, source, target, attempt=ME)
                case 1:
                    seller = Spot(ANY) if source is UNPLACED else source
                    remove_from_place(db, sku, amount, seller, attempt=ME)
                    sold[sku] += amount
                case 2:
                    add_to_place(db, sku, amount, Spot(chosen.choice(PLACES)), attempt=ME)
                    sold[sku] -= amount
                case 3:
                    sold.subtract(stocktake(db, chosen))
                case _:
                    remove_place(db, chosen.choice(PLACES), attempt=ME)
        except (InsufficientStock, PlaceNotFound, PlaceNotEmpty):
            continue
    return sold


def stocktake(db: Database, chosen: random.Random) -> Counter[str]:
    """Count a product in a place, and nothing else in there; return what that came to."""
    place = chosen.choice(PLACES)
    rows = [count_line(2, chosen.choice(SKUS), "3", place=place)]
    options = CountOptions(complete=True, place=place.partition("/")[0])
    done = count_products(db, rows, options=options, attempt=ME)
    came: Counter[str] = Counter()
    for one in get_operation(db, done.operation)["movement_records"]:
        came[one["sku"]] += one["delta"]
    return came


def among_places(db: Database, clients: int, rounds: int) -> None:
    for sku in SKUS:
        create_product(db, sku, name="x", quantity=20, attempt=ME)
    done = crowd(db.location, clients, lambda one, number: busy(one, number, rounds))
    assert [one for one in done if not isinstance(one, Counter)] == []
    sold: Counter[str] = Counter()
    for one in done:
        assert isinstance(one, Counter)
        sold.update(one)
    assert list(Check(db)) == []
    there: Counter[str] = Counter()
    for rows in list_where(db):
        for row in rows:
            there[row[0]] += row[5]
    assert dict(there) == {sku: 20 - sold[sku] for sku in SKUS if 20 - sold[sku]}


def test_movers_and_sellers_are_exact(db: Database) -> None:
    among_places(db, 4, 6)


@pytest.mark.sweep
def test_a_crowd_of_movers_and_sellers_is_exact(db: Database) -> None:
    among_places(db, 16, 60)


def test_a_place_that_somebody_fills_is_not_removed_by_another(db: Database) -> None:
    create_product(db, "A", name="x", attempt=ME)

    def work(one: Database, number: int) -> None:
        if number % 2:
            add_to_place(one, "A", 1, Spot("VAN"), attempt=ME)
        else:
            rename_place(one, "VAN", f"TRUCK-{number}", attempt=ME)

    crowd(db.location, 6, work)
    assert list(Check(db)) == []
    assert sum(row[5] for rows in list_where(db, "A") for row in rows) == 3
