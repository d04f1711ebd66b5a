"""The set-based path of a file and the line-by-line guard refuse and make exactly the same.

The reference is `stock.move` on each line in one transaction, a refused line counting as not
having happened. A whole file must be refused with the reference's errors; without its refused
lines it must make the reference's movements.
"""

from contextlib import AbstractContextManager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from engines import SQLITE, on_a_server
from hypothesis import example, given, settings
from hypothesis import strategies as st
from inventories import Inventory, copy_inventory, give_back, look, new_schema, run

from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.shelves import read_spots
from invctl.core.counts import change_of, refusal_of_count, target_of
from invctl.core.labels import check_label
from invctl.core.lookup import find_active
from invctl.core.moves import Move
from invctl.core.places.counts import change_in_pot, target_in_pot
from invctl.core.places.parts import Part, Placed, rows_of
from invctl.core.places.placing import put, shift, take
from invctl.core.places.pots import Pots
from invctl.core.places.spots import UNPLACED, Spot
from invctl.core.places.stock import add_to_place
from invctl.core.products import archive_product, create_product
from invctl.core.stock import move
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.db.session import Session
from invctl.errors import (
    InvalidData,
    InvalidValue,
    InventoryError,
    LotDiffers,
    PlaceNotFound,
    UnitsPlaced,
)
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.rows import BadRow, FileRow
from invctl.repository import changes, movements, operations, places
from invctl.repository.changes import Change
from invctl.repository.operations import Draft
from invctl.repository.products import Found
from invctl.settings import read_location
from invctl.times import now_text
from invctl.values import MAX_QUANTITY, parse_amount, parse_delta, parse_quantity

ME = Attempt("tester")
Fault = tuple[int, str | None, str | None, str]
"""Line, column, value, code."""
AT_FAULT: dict[type[InventoryError], str] = {PlaceNotFound: "place", LotDiffers: "expires_on"}
"""The columns that say what cannot be, where it is not how many units."""
Lines = list[FileRow | BadRow]

SPELLINGS = ["é", "e\u0301", "ṩ", "s\u0323\u0307", "s\u0307\u0323", "ṣ\u0307", "A-1", "full"]
STRANGE = ["gone", "NOPE", "a-1", "", "a\0", "\udc80", "\u202eA", "x" * 60]
BAD_NUMBERS = ["0", "-0", "00", "+1", "1.0", "x", " 1", "٣", "-", "9" * 20, str(2**53), f"-{2**53}"]

MOMENTS = ["2021-01-01T00:00:00Z", "2022-01-01T00:00:00Z", "2023-01-01T00:00:00Z"]

numbers = st.integers(1, 5) | st.sampled_from([MAX_QUANTITY, MAX_QUANTITY - 5, MAX_QUANTITY - 6])
skus = st.sampled_from(SPELLINGS * 3 + STRANGE)
moves = st.one_of(
    st.tuples(numbers.map(str) | numbers.map("-{}".format), st.just(""), st.just("")),
    st.tuples(
        st.just(""),
        st.sampled_from(["add", "remove", "remove", "set", "move"]),
        numbers.map(str) | st.just("0"),
    ),
    st.tuples(st.sampled_from(BAD_NUMBERS), st.just(""), st.just("")),
    st.tuples(
        st.sampled_from(["", "1"]),
        st.sampled_from(["", "add", "remove", "set", "steal"]),
        st.sampled_from(["", "1", *BAD_NUMBERS]),
    ),
)
tags = st.tuples(
    st.sampled_from(["", "", "sale", "gift", "No"]),
    st.sampled_from(["", "", "R", "cafe\u0301", "\x1b"]),
    st.sampled_from(["", "", "two\nlines", "\0"]),
    st.sampled_from(["", "", "2020-01-01T00:00:00Z", "2030-01-01", "soon", *MOMENTS]),
)
dated = st.sampled_from(MOMENTS).map(lambda moment: ("", "", "", moment))
plain = st.just(("", "", "", "")) | dated
nowhere = st.just(("", "", "", ""))
spots = st.tuples(
    st.sampled_from(["", "VAN", "VAN", "SHOP/A", "SHOP/A", "any", "NO//PE"]),
    st.sampled_from(["", "", "", "VAN", "SHOP/A", "SHOP/B"]),
    st.sampled_from(["", "", "", "L1", "L2", "OLD"]),
    st.sampled_from(["", "", "", "2030-01-01", "2031-01-01", "soon"]),
)
cells = st.builds(
    lambda sku, move, tag, spot: (sku, *move, *tag, *spot),
    skus,
    moves,
    plain | plain | tags,
    nowhere | spots,
)
bad_rows = st.sampled_from([("delta", "x"), (None, None)])
files = st.lists(cells | cells | cells | bad_rows, max_size=24)
chunks = st.sampled_from([1, 2, 3, 5, 10_000])
defaults = st.sampled_from([Label(), Label(reason="day", ref="D", at="2026-06-01T00:00:00Z")])


@pytest.fixture(scope="module")
def template(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    """An inventory whose products stand near both ends of their range; `gone` is archived."""
    folder = tmp_path_factory.mktemp("template")
    template = folder / "inventory.db" if engine == SQLITE else new_schema()
    with opened(template, create=True, sku_rule="any") as db:
        stock = {"é": 4, "ṩ": 0, "A-1": 10, "full": MAX_QUANTITY - 5, "gone": 3}
        for sku, quantity in stock.items():
            opening = Label(at="2021-06-01T00:00:00Z")
            create_product(db, sku, name="x", quantity=quantity, label=opening, attempt=ME)
        for lot, date in (("OLD", "2029-01-01"), (None, None), ("L1", "2030-01-01")):
            spot = Spot("VAN", lot, date)
            add_to_place(db, "A-1", 2, spot, label=opening, attempt=ME)
        add_to_place(db, "é", 3, Spot("SHOP/A"), label=opening, attempt=ME)
        archive_product(db, "gone", attempt=ME)
    return template


def opened(inventory: Inventory, **options: Any) -> AbstractContextManager[Database]:
    return closing(open_database(read_location(str(inventory), "--db"), **options))


def line_by_line(db: Database, lines: Lines, default: Label) -> list[Fault]:
    """Make each line's movement with `stock.move`; return what was refused."""
    return db.write(lambda session: move_lines(session, lines, default))


def move_lines(session: Session, lines: Lines, default: Label) -> list[Fault]:
    faults: list[Fault] = []
    counted: set[object] = set()
    now = now_text()
    draft = Draft("apply", "x", None, now)
    current = operations.enter(session, Draft("apply", "tester", None, now))
    next_movement, next_change = current.first_movement, current.first_change
    for line in lines:
        if isinstance(line, BadRow):
            faults.append((line.line, line.column, line.value, "invalid_data"))
            continue
        number, given = line
        sku, delta, action, amount, reason, ref, note, at, *where = given
        values = {"sku": sku, "delta": delta, "action": action, "amount": amount}
        values |= {"reason": reason, "ref": ref, "note": note, "occurred_at": at}
        values |= dict(zip(("place", "to_place", "lot", "expires_on"), where, strict=True))
        column = "sku"
        try:
            if not sku:
                raise InvalidValue("sku", "", "is missing")
            by = read_move(delta, action, amount)
            label = check_label(
                Label(
                    reason or default.reason,
                    ref or default.ref,
                    note or default.note,
                    at or default.at,
                ),
                "occurred_at",
            )
            asked = Move(action == "set", by, action == "move")
            spots = read_spots(tuple(where), asked) if any(where) or asked.shifts else []
            found = find_active(session, sku)
            column = "amount" if action else "delta"
            run(session, "SAVEPOINT line")
            try:
                done = move_line(session, draft, found, asked, spots, label, counted)
            except InventoryError:
                run(session, "ROLLBACK TO SAVEPOINT line")
                raise
            if done.change is not None:
                changes.append_all(session, current.id, [done.change], next_change)
                next_change += 1
            rows = list(rows_of(current, done.placed, label, next_movement))
            movements.append_each(session, rows)
            next_movement += len(rows)
        except InvalidValue as error:
            column = str(error.details["field"])
            faults.append((number, column, values[column], "invalid_data"))
        except InventoryError as error:
            column = AT_FAULT.get(type(error), column)
            faults.append((number, column, values[column], error.code))
    return faults


class Done(NamedTuple):
    """What a line did: its parts, and the change that a count is."""

    placed: Placed
    change: Change | None = None


def move_line(
    session: Session,
    draft: Draft,
    found: Found,
    asked: Move,
    spots: list[Spot],
    label: Label,
    counted: set[object],
) -> Done:
    """Make a line's movement under the guards."""
    if asked.shifts:
        return Done(shift(session, draft, found.sku, asked.units, *spots))
    if asked.counts:
        return count_line(session, draft, found, asked.units, spots, label, counted)
    if asked.units > 0:
        spot = spots[0] if spots else UNPLACED
        return Done(put(session, draft, found.sku, asked.units, spot))
    if asked.units < 0 and spots:
        return Done(take(session, draft, found.sku, -asked.units, spots[0]))
    if asked.units:
        return Done(Placed(move(session, draft, found.sku, asked.units), [Part(None, asked.units)]))
    return Done(Placed(found, []))


def count_line(
    session: Session,
    draft: Draft,
    found: Found,
    units: int,
    spots: list[Spot],
    label: Label,
    counted: set[object],
) -> Done:
    """Make a line's count."""
    if spots:
        pots = Pots(session)
        pots.load([found.id])
        there = pots.there(found.id, spots[0])
        key: object = (found.id, there.place, there.lot)
        refuse_again(key, counted, found.sku)
        target = target_in_pot(session, found, there, units, label.at)
        by = target - there.now
    else:
        key = found.id
        refuse_again(key, counted, found.sku)
        if found.placed:
            raise UnitsPlaced(found.sku, units, found.placed)
        target = target_of(session, found, units, label.at)
        by = target - found.quantity
    if not max(found.held, 0) <= found.quantity + by <= MAX_QUANTITY:
        raise refusal_of_count(found, found.quantity + by)
    moment = label.at or draft.recorded_at
    if not spots:
        done = move(session, draft, found.sku, by) if by else found
        parts = [Part(None, by)] if by else []
        counted.add(key)
        return Done(Placed(done, parts), change_of(found, units, target, moment))
    pot = pots.into(found.id, found.sku, spots[0])
    pots.write()
    counted.add(key)
    said = change_in_pot(found, pot, units, target, moment)
    if not by:
        return Done(Placed(found, []), said)
    done = move(session, draft, found.sku, by, placed_by=by)
    assert places.fill(session, pot.id, by) == target
    return Done(Placed(done, [Part(pot, by)]), said)


def refuse_again(key: object, counted: set[object], sku: str) -> None:
    if key in counted:
        raise InvalidValue("sku", sku, "twice")


def read_move(delta: str, action: str, amount: str) -> int:
    """Return the delta that a line asks for, or the count of a `set`."""
    if delta and (action or amount):
        raise InvalidValue("delta", delta, "one too many")
    if delta or not (action or amount):
        return parse_delta(delta)
    if action == "set":
        return parse_quantity(amount, "amount")
    if action not in ("add", "remove", "move"):
        raise InvalidValue("action", action, "unknown")
    return -parse_amount(amount) if action == "remove" else parse_amount(amount)


def as_a_file(db: Database, lines: Lines, default: Label) -> list[Fault]:
    """Apply the lines as a file; return what was refused."""
    told: Any = []
    try:
        apply_movements(db, lines, label=default, attempt=ME)
    except InvalidData as error:
        told = error.details["errors"]
    return [(one["line"], one["column"], one["value"], one["code"]) for one in told]


def contents(inventory: Inventory) -> list[list[tuple[object, ...]]]:
    """Return products and movements; a time that is the operation's own stands as `now`."""
    queries = (
        """SELECT change.id, product_id, sku, field, "before", "after",
              CASE occurred_at WHEN recorded_at THEN 'now' ELSE occurred_at END
           FROM change JOIN operation ON operation.id = operation_id ORDER BY change.id""",
        """SELECT sku, quantity,
              CASE updated_at WHEN (SELECT max(recorded_at) FROM operation) THEN 1 ELSE 0 END
           FROM product ORDER BY id""",
        """SELECT pot.id, product_id, name, pot.lot, expires_on, quantity FROM pot
           JOIN place ON place.id = place_id LEFT JOIN lot USING (product_id, lot)
           ORDER BY pot.id""",
        "SELECT id, placed FROM product ORDER BY id",
        "SELECT name, removed_at FROM place ORDER BY id",
        """SELECT movement.id, operation_id, product_id, delta, quantity, pot_id,
              movement.reason, movement.ref, note,
              CASE occurred_at WHEN recorded_at THEN 'now' ELSE occurred_at END
           FROM movement JOIN operation ON operation.id = operation_id ORDER BY movement.id""",
    )
    return [look(inventory).query(query) for query in queries]


def hold_equal(
    template: Inventory, rows: list[tuple[str | None, ...]], chunk: int, default: Label
) -> None:
    lines: Lines = [
        (number, tuple(map(str, row)))
        if len(row) > 2
        else BadRow(number, row[0], row[1], "cannot be read")
        for number, row in enumerate(rows, 2)
    ]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for module in ("lines", "batch"):
            patch.setattr(f"invctl.core.bulk.{module}.BATCH", chunk)
        reference, whole, rest = (
            Path(folder, f"{name}.db") if isinstance(template, Path) else new_schema()
            for name in ("one", "two", "three")
        )
        for copy in (reference, whole, rest):
            copy_inventory(template, copy)
        with opened(reference) as db:
            faults = line_by_line(db, lines, default)
        refused = {fault[0] for fault in faults}
        before = contents(whole)
        with opened(whole) as db:
            assert as_a_file(db, lines, default) == faults
        if faults:
            assert contents(whole) == before
        accepted = [line for line in lines if line[0] not in refused]
        with opened(rest) as db:
            assert as_a_file(db, accepted, default) == []
        assert contents(rest) == contents(reference)
        give_back(reference, whole, rest)


VAN_TWICE = ("e\u0301", "", "set", "1", "", "", "", "", "VAN", "", "", "")
"""A count of a place, of a product that is stored under other code points."""


@pytest.mark.sqlite("a server has its examples in the sweep")
@settings(max_examples=40)
@example(rows=[VAN_TWICE, VAN_TWICE], chunk=1, default=NO_LABEL)
@given(rows=files, chunk=chunks, default=defaults)
def test_a_file_is_judged_as_its_lines_one_by_one(
    template: Inventory, rows: list[tuple[str | None, ...]], chunk: int, default: Label
) -> None:
    hold_equal(template, rows, chunk, default)


@on_a_server
@pytest.mark.sweep
@settings(max_examples=400)
@given(rows=files, chunk=chunks, default=defaults)
def test_hundreds_of_files_are_judged_as_their_lines_one_by_one_on_a_server(
    template: Inventory, rows: list[tuple[str | None, ...]], chunk: int, default: Label
) -> None:
    hold_equal(template, rows, chunk, default)


@pytest.mark.sqlite("a server has fewer examples, above")
@pytest.mark.sweep
@settings(max_examples=500)
@given(rows=files, chunk=chunks, default=defaults)
def test_hundreds_of_files_are_judged_as_their_lines_one_by_one(
    template: Inventory, rows: list[tuple[str | None, ...]], chunk: int, default: Label
) -> None:
    hold_equal(template, rows, chunk, default)
