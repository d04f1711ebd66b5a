"""Files of counts, and a model of a shop that sells, counts, and enters late what it sold."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inventories import Rows
from lines import count_line as line
from lines import keyed_line, movement_line

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.each import apply_lines
from invctl.core.catalog import get_product
from invctl.core.counting.file import CountOptions, count_products, unnamed
from invctl.core.products import archive_product, create_product
from invctl.core.promises.holds import create_hold
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import (
    InsufficientStock,
    InvalidData,
    InventoryError,
    StaleCount,
)
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.batches import LineChange
from invctl.models.rows import FileRow

ME = Attempt("tester")
Refused = Callable[[Callable[[], object]], InventoryError]
Query = Callable[..., Rows]

OPENED, NINE, TEN, NOON = (f"2026-03-01T{hour:02}:00:00.000Z" for hour in (7, 9, 10, 12))
COMPLETE = CountOptions(complete=True)


@pytest.fixture
def shelf(db: Database) -> Database:
    """An inventory with 20 each of TEA, CUP and MUG, and GONE, which is archived."""
    for sku in ("TEA", "CUP", "MUG", "GONE"):
        opened = Label(at=OPENED)
        create_product(db, sku, name=sku, quantity=20, label=opened, attempt=ME)
    archive_product(db, "GONE", attempt=ME)
    return db


def stock(db: Database, *skus: str) -> list[int]:
    return [get_product(db, sku).quantity for sku in skus or ("TEA", "CUP", "MUG")]


def test_shelves_add_up_at_the_earliest_moment_and_blanks_say_nothing(
    shelf: Database, query: Query
) -> None:
    remove_stock(shelf, "TEA", 2, label=Label(at=TEN), attempt=ME)
    rows = [
        line(2, "TEA", "5", counted_at=NOON, note="back room"),
        line(3, "CUP", name="Cup"),
        line(4, "MUG", "20"),
        line(5, "NOPE"),
        line(6, "TEA", "14", counted_at=NINE),
    ]
    told: list[LineChange] = []
    done = count_products(shelf, rows, label=Label(reason="count"), told_lines=told, attempt=ME)
    assert (done.lines, done.movements, done.products) == (3, 1, 1)
    assert stock(shelf) == [17, 20, 20]  # 19 at nine, and two went out at ten
    assert told == [
        LineChange(2, "TEA", 0, 18, 18, 5),
        LineChange(4, "MUG", 0, 20, 20, 20),
        LineChange(6, "TEA", -1, 17, 18, 14),
    ]
    counts = "SELECT sku, before, after, occurred_at FROM change WHERE field = 'counted'"
    assert query(f"{counts} ORDER BY id")[0] == ("TEA", "20", "19", NINE)
    assert query("SELECT note, reason FROM movement ORDER BY id DESC LIMIT 1") == [
        ("back room", "count")
    ]
    undo_operation(shelf, done.operation, attempt=ME)
    assert stock(shelf) == [18, 20, 20]


def test_a_complete_count_makes_nothing_of_what_it_does_not_name(shelf: Database) -> None:
    rows = [line(2, "TEA", "19"), line(3, "cup")]
    assert unnamed(shelf, rows) == (1, "MUG")
    done = count_products(shelf, rows, options=COMPLETE, attempt=ME)
    assert (done.lines, done.movements) == (1, 2)
    assert stock(shelf, "TEA", "CUP", "MUG", "GONE") == [19, 20, 0, 20]


def test_what_is_refused_is_named_with_its_line(shelf: Database, refused: Refused) -> None:
    counted = set_stock(shelf, "TEA", 18, label=Label(at=TEN), attempt=ME).operation
    create_hold(shelf, "CUP", 5, attempt=ME)
    rows = [
        line(2, "TEA", "18", counted_at=NINE),
        line(3, "CUP", "4"),
        line(4, "MUG", "15"),
    ]
    slip = CountOptions(max_change=_percent(20))
    error = refused(lambda: count_products(shelf, rows, options=slip, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [(one.line, one.column, one.value, one.code) for one in error.lines] == [
        (2, "counted", "18", "conflict"),
        (3, "counted", "4", "conflict"),
        (4, "counted", "15", "conflict"),
    ]
    assert f"operation {counted}" in error.lines[0].message
    rows = [line(2, "TEA", "x"), line(3, "", "1"), line(4, "GONE", "1"), line(5, "NO", "1")]
    rows += [line(6, "MUG", "1", counted_at="soon")]
    error = refused(lambda: count_products(shelf, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert [(one.line, one.column, one.code) for one in error.lines] == [
        (2, "counted", "invalid_data"),
        (3, "sku", "invalid_data"),
        (4, "sku", "conflict"),
        (5, "sku", "not_found"),
        (6, "counted_at", "invalid_data"),
    ]


def test_what_a_complete_file_does_not_name_is_refused_on_no_line(
    shelf: Database, refused: Refused
) -> None:
    create_hold(shelf, "CUP", 5, attempt=ME)
    rows = [line(2, "TEA", "19"), line(3, "MUG", "1")]
    error = refused(lambda: count_products(shelf, rows, options=COMPLETE, attempt=ME))
    assert isinstance(error, InvalidData)
    assert error.lines[0][:4] == (None, "sku", "CUP", "conflict")
    assert error.message.startswith("no line, sku 'CUP': the file does not name it, so that it co")
    assert error.hint == "count what there is of it in the file, too, or count without --complete"


def test_nothing_was_counted_more_than_a_day_ahead(shelf: Database, refused: Refused) -> None:
    rows = [line(2, "TEA", "9", counted_at="2062-11-26")]
    error = refused(lambda: count_products(shelf, rows, attempt=ME))
    assert isinstance(error, InvalidData)
    assert error.lines[0][:4] == (2, "counted_at", "2062-11-26", "invalid_data")
    assert error.lines[0].message == "'2062-11-26' is more than a day ahead"


@pytest.mark.parametrize(
    ("counted", "percent", "is_refused"),
    [(16, 20, False), (15, 20, True), (24, 20, False), (25, 20, True), (19, 0, True)],
)
def test_a_slip_is_a_change_by_more_than_is_allowed(
    shelf: Database, counted: int, percent: int, is_refused: bool
) -> None:
    remove_stock(shelf, "TEA", 15, label=Label(at=NOON), attempt=ME)
    rows = [line(2, "TEA", str(counted), counted_at=NINE)]
    options = CountOptions(max_change=_percent(percent))
    try:
        count_products(shelf, rows, options=options, attempt=ME)
    except InvalidData:
        assert is_refused
    else:
        assert not is_refused


def _percent(number: int) -> Fraction:
    return Fraction(number)


@dataclass
class Goods:
    """A product as it really is: what lies there, and what of that nobody has entered yet.

    The book must say what is there, but for sales since the last count that are still to be
    entered, and for those that were entered though the count had them: of which it warns.
    """

    sku: str
    there: int
    unentered: list[tuple[str, int]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    counted_at: str = ""
    twice: int = 0

    @property
    def book(self) -> int:
        waiting = sum(delta for moment, delta in self.unentered if moment > self.counted_at)
        return self.there - waiting + self.twice


class Shop:
    """Two products, a clock, and an inventory that is told of what happens."""

    def __init__(self, db: Database, number: int) -> None:
        self.db = db
        self.clock = itertools.count(1)
        self.goods = [Goods(f"A-{number}", 20), Goods(f"B-{number}", 20)]
        for one in self.goods:
            label = Label(at=self.now())
            create_product(db, one.sku, name="x", quantity=20, label=label, attempt=ME)

    def now(self) -> str:
        second = next(self.clock)
        return f"2026-03-02T00:{second // 60:02}:{second % 60:02}.000Z"

    def happen(self, which: int, delta: int) -> None:
        goods = self.goods[which]
        if goods.there + delta >= 0:
            goods.there += delta
            goods.unentered.append((self.now(), delta))

    def enter(self, which: int, place: int) -> None:
        """Enter something that happened, now or long ago."""
        goods = self.goods[which]
        if not goods.unentered:
            return
        happened = goods.unentered[place % len(goods.unentered)]
        moment, delta = happened
        verb = add_stock if delta > 0 else remove_stock
        self.db.warnings.clear()
        is_late = moment < goods.counted_at
        try:
            verb(self.db, goods.sku, abs(delta), label=Label(at=moment), attempt=ME)
        except InsufficientStock:
            assert goods.book + delta < 0
            return
        assert bool(self.db.warnings) is is_late, (moment, goods.counted_at)
        goods.unentered.remove(happened)
        goods.twice += delta if is_late else 0

    def look(self, which: int) -> None:
        """Look at a shelf, and write down what is there."""
        goods = self.goods[which]
        goods.seen[self.now()] = goods.there

    def count(self, which: int, place: int, way: "Way") -> None:
        """Type in what was written down, now or long after."""
        goods = self.goods[which]
        if not goods.seen:
            return
        moment = list(goods.seen)[place % len(goods.seen)]
        counted = goods.seen.pop(moment)
        since = goods.there - counted - sum(d for m, d in goods.unentered if m > moment)
        try:
            way(self.db, goods.sku, counted, moment)
        except (StaleCount, InvalidData):
            assert moment < goods.counted_at or counted + since < 0
            return
        assert moment >= goods.counted_at
        goods.counted_at, goods.twice = moment, 0


Way = Callable[[Database, str, int, str], object]


def by_set(db: Database, sku: str, counted: int, moment: str) -> object:
    return set_stock(db, sku, counted, label=Label(at=moment), attempt=ME)


def by_apply(db: Database, sku: str, counted: int, moment: str) -> object:
    cells = {"action": "set", "amount": str(counted), "occurred_at": moment}
    return apply_movements(db, [movement_line(2, sku, **cells)], attempt=ME)


def by_each(db: Database, sku: str, counted: int, moment: str) -> object:
    cells = keyed_line(sku, action="set", amount=str(counted), occurred_at=moment)
    [outcome] = apply_lines(db, [cells], label=NO_LABEL, attempt=ME)
    if isinstance(outcome, InventoryError):
        raise outcome
    return outcome


def by_file(db: Database, sku: str, counted: int, moment: str) -> object:
    """Count on two shelves, one of them an hour later."""
    later = f"2026-03-02T01{moment[13:]}"
    rows: list[FileRow] = [
        line(2, sku, str(counted // 2), counted_at=later),
        line(3, sku, str(counted - counted // 2), counted_at=moment),
    ]
    return count_products(db, rows, attempt=ME)


WAYS: tuple[Way, ...] = (by_set, by_apply, by_each, by_file)
whichever = st.integers(0, 1)
steps = st.one_of(
    st.tuples(st.just("happen"), whichever, st.sampled_from([-3, -2, -1, -1, 4])),
    st.tuples(st.just("enter"), whichever, st.integers(0, 3)),
    st.tuples(st.just("look"), whichever),
    st.tuples(st.just("count"), whichever, st.integers(0, 3), st.sampled_from(WAYS)),
)
days = st.lists(steps, min_size=10, max_size=40)
numbers = itertools.count(1)


def live(db: Database, day: list[tuple[object, ...]]) -> None:
    shop = Shop(db, next(numbers))
    for what, *how in day:
        getattr(shop, str(what))(*how)
        for goods in shop.goods:
            assert stock(db, goods.sku) == [goods.book], (goods, what, how)


def example(count: int) -> settings:
    # Every example has products of its own, so that it does not matter who shares an inventory.
    shared = [HealthCheck.function_scoped_fixture]
    return settings(max_examples=count, suppress_health_check=shared)


@pytest.mark.sqlite("a server has its examples in the sweep")
@example(60)
@given(day=days)
def test_counts_and_late_sales_come_out_as_what_is_there(
    db: Database, day: list[tuple[object, ...]]
) -> None:
    live(db, day)


@pytest.mark.sweep
@example(400)
@given(day=days)
def test_hundreds_of_counts_and_late_sales_come_out_as_what_is_there(
    db: Database, day: list[tuple[object, ...]]
) -> None:
    live(db, day)
