"""Random operations on a real file, each one beside a plain model that says what must come of it.

After every step the file holds what the model holds and balances are sums of movements; what is
refused, replayed or rehearsed changes no row.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from inventories import Inventory, Rows, look, new_schema
from lines import movement_line, product_line

from invctl import errors
from invctl.core import products, stock
from invctl.core.apply import apply_movements
from invctl.core.importing import ImportOptions
from invctl.core.imports import import_products
from invctl.core.inventory import create_inventory
from invctl.core.undo import undo_operation
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.models import NO_LABEL, Attempt, Change, Label
from invctl.settings import read_location
from invctl.values import MAX_QUANTITY

Answer = dict[str, Any]
Request = tuple[str, dict[str, Any]]
"""A verb and what is given with it."""
Cells = tuple[str, str, str, str]
"""SKU, name, quantity and archived of a line."""


class Refusal(Exception):
    """What the model says of a request that must be refused: the error, and some of its data."""

    def __init__(self, kind: type[errors.InventoryError], **details: object) -> None:
        super().__init__(kind, details)
        self.kind, self.details = kind, details


@dataclass(eq=False)
class Item:
    sku: str
    name: str
    quantity: int = 0
    archived: bool = False
    movements: int = 0

    def record(self) -> Answer:
        return {name: getattr(self, name) for name in ("sku", "name", "quantity", "archived")}


@dataclass
class Done:
    """An operation: its movements in order, and which operation has undone it."""

    movements: list[tuple[Item, int]] = field(default_factory=list)
    undone_by: int | None = None


@dataclass
class World:
    """The model of an inventory; a method for each kind of operation, and `run` around them."""

    items: dict[str, Item] = field(default_factory=dict)
    operations: list[Done] = field(default_factory=list)
    keys: dict[str, tuple[Request, Answer]] = field(default_factory=dict)

    def find(self, sku: str) -> Item:
        if sku not in self.items:
            raise Refusal(errors.ProductNotFound, sku=sku)
        return self.items[sku]

    def active(self, sku: str) -> Item:
        if self.find(sku).archived:
            raise Refusal(errors.ProductArchived, sku=sku)
        return self.items[sku]

    def post(self, item: Item, delta: int) -> None:
        if item.quantity + delta < 0:
            short = {"sku": item.sku, "requested": -delta, "available": item.quantity}
            raise Refusal(errors.InsufficientStock, **short)
        if item.quantity + delta > MAX_QUANTITY:
            raise Refusal(errors.BalanceLimit, sku=item.sku, quantity=item.quantity, delta=delta)
        if delta:
            item.quantity += delta
            item.movements += 1
            self.operations[-1].movements.append((item, delta))

    def moved(self, kind: str, item: Item, delta: int) -> Answer:
        self.post(item, delta)
        count = sum(len(done.movements) for done in self.operations)
        made = {"sku": item.sku, "delta": delta, "quantity": item.quantity}
        return {**made, "kind": kind, "movement": count if delta else None}

    def batch(self, lines: int) -> Answer:
        movements = self.operations[-1].movements
        touched = {item.sku for item, _ in movements}
        return {"lines": lines, "movements": len(movements), "products": len(touched)}

    def create(self, sku: str, quantity: int) -> Answer:
        if sku in self.items:
            raise Refusal(errors.ProductExists, sku=sku)
        item = self.items[sku] = Item(sku, "made")
        self.post(item, quantity)
        return item.record()

    def rename(self, sku: str, new_sku: str) -> Answer:
        item = self.find(sku)
        if new_sku in self.items and new_sku != sku:
            raise Refusal(errors.ProductExists, sku=new_sku)
        del self.items[sku]
        item.sku = new_sku
        self.items[new_sku] = item
        return item.record()

    def update(self, sku: str, name: str) -> Answer:
        self.find(sku).name = name
        return self.items[sku].record()

    def archive(self, sku: str, *, archived: bool) -> Answer:
        self.find(sku).archived = archived
        return self.items[sku].record()

    def delete(self, sku: str) -> Answer:
        item = self.find(sku)
        if item.movements:
            raise Refusal(errors.HasHistory, sku=sku, movements=item.movements)
        return self.items.pop(sku).record()

    def add(self, sku: str, amount: int, label: Label) -> Answer:  # noqa: ARG002
        return self.moved("add", self.active(sku), amount)

    def remove(self, sku: str, amount: int, label: Label, *, up_to: bool) -> Answer:  # noqa: ARG002
        item = self.active(sku)
        return self.moved("remove", item, -min(amount, item.quantity if up_to else amount))

    def set(self, sku: str, quantity: int, expect: int | None) -> Answer:
        item = self.active(sku)
        if expect not in (None, item.quantity):
            raise Refusal(errors.StaleQuantity, sku=sku, expected=expect, actual=item.quantity)
        return self.moved("set", item, quantity - item.quantity)

    def undo(self, undone: int) -> Answer:
        if not 1 <= undone < len(self.operations):
            raise Refusal(errors.OperationNotFound, operation=undone)
        operation = self.operations[undone - 1]
        if operation.undone_by:
            raise Refusal(errors.AlreadyUndone, operation=undone, undone_by=operation.undone_by)
        if not operation.movements:
            raise Refusal(errors.NothingToUndo, operation=undone)
        operation.undone_by = len(self.operations)
        for item, delta in sorted(operation.movements, key=lambda one: one[1]):
            self.active(item.sku)
            answer = self.moved("undo", item, -delta)
        return answer if len(operation.movements) == 1 else self.batch(len(operation.movements))

    def apply(self, lines: list[tuple[str, str, int]], label: Label) -> Answer:  # noqa: ARG002
        refused = []
        for number, (sku, verb, amount) in enumerate(lines, 2):
            try:
                item = self.active(sku)
                self.post(
                    item, {"add": amount, "remove": -amount}.get(verb, amount - item.quantity)
                )
            except Refusal as refusal:
                refused.append((number, refusal.kind.code))
        if refused:
            raise Refusal(errors.InvalidData, error_count=len(refused), lines=refused)
        return self.batch(len(lines))

    def take(self, lines: list[Cells], *, set_quantity: bool) -> Answer:
        counts = dict.fromkeys(("created", "updated", "unchanged", "quantity_kept"), 0)
        refused = []
        for number, (sku, name, quantity, archived) in enumerate(lines, 2):
            made = sku not in self.items
            if made and not name:
                refused.append((number, "invalid_data"))
                continue
            item = self.items.setdefault(sku, Item(sku, name))
            before = item.record()
            item.name = name or item.name
            item.archived = archived == "true" if archived else item.archived
            if quantity and int(quantity) != item.quantity:
                if not (made or set_quantity):
                    counts["quantity_kept"] += 1
                elif item.archived and not made:
                    refused.append((number, "conflict"))
                else:
                    self.post(item, int(quantity) - item.quantity)
            same = item.record() == before
            counts["created" if made else "unchanged" if same else "updated"] += 1
        if refused:
            raise Refusal(errors.InvalidData, error_count=len(refused), lines=refused)
        return {**counts, "movements": len(self.operations[-1].movements)}

    def run(self, request: Request, key: str | None) -> Answer:
        """Return what must be answered, or raise the Refusal."""
        if key in self.keys:
            earlier, answer = self.keys[key]
            if earlier != request:
                raise Refusal(errors.KeyReused, key=key)
            return {**answer, "replayed": True}
        self.operations.append(Done())
        verb, given = request
        answer = getattr(self, verb)(**given)
        answer |= {"operation": len(self.operations), "replayed": False}
        if key:
            self.keys[key] = request, answer
        return answer  # type: ignore[no-any-return]


def apply(
    db: Database, lines: list[tuple[str, str, int]], label: Label, attempt: Attempt
) -> Change:
    rows = [
        movement_line(n, sku, action=verb, amount=str(amount))
        for n, (sku, verb, amount) in enumerate(lines, 2)
    ]
    return apply_movements(db, rows, label=label, attempt=attempt)


def take(db: Database, lines: list[Cells], *, set_quantity: bool, attempt: Attempt) -> Change:
    rows = [
        product_line(n, sku, name, quantity=quantity, archived=archived)
        for n, (sku, name, quantity, archived) in enumerate(lines, 2)
    ]
    options = ImportOptions(set_quantity=set_quantity)
    return import_products(db, rows, options=options, attempt=attempt)


def archive(db: Database, sku: str, *, archived: bool, attempt: Attempt) -> Change:
    verb = products.archive_product if archived else products.unarchive_product
    return verb(db, sku, attempt=attempt)


SERVICES: dict[str, Callable[..., Change]] = {
    "create": partial(products.create_product, name="made"),
    "update": products.update_product,
    "rename": products.rename_product,
    "archive": archive,
    "delete": products.delete_product,
    "add": stock.add_stock,
    "remove": stock.remove_stock,
    "set": stock.set_stock,
    "undo": undo_operation,
    "apply": apply,
    "take": take,
}


def request(verb: str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Request]:
    return st.fixed_dictionaries(parts).map(lambda given: (verb, given))


skus = st.sampled_from(["A", "B", "C", "D-1"])
amounts = st.integers(1, 6) | st.sampled_from([MAX_QUANTITY - 3, MAX_QUANTITY])
counts = st.integers(0, 6) | st.just(MAX_QUANTITY)
labels = st.sampled_from([NO_LABEL, NO_LABEL, Label(reason="sale", at="2026-01-01")])
attempts = st.builds(
    Attempt,
    actor=st.sampled_from(["ann", "bob"]),
    key=st.sampled_from([None, None, None, "k1", "k2", "k3"]),
    dry_run=st.sampled_from([False, False, False, True]),
)
verbs = st.sampled_from(["add", "remove", "set"])
movement_lines = st.lists(st.tuples(skus, verbs, amounts), max_size=5)
cells = st.tuples(
    skus,
    st.sampled_from(["", "made", "new"]),
    st.sampled_from(["", "0", "3", str(MAX_QUANTITY)]),
    st.sampled_from(["", "", "true", "false"]),
)
product_lines = st.lists(cells, max_size=4, unique_by=lambda line: line[0])

product_requests = st.one_of(
    request("create", sku=skus, quantity=counts),
    request("update", sku=skus, name=st.sampled_from(["made", "new"])),
    request("rename", sku=skus, new_sku=skus),
    request("archive", sku=skus, archived=st.booleans()),
    request("delete", sku=skus),
)
stock_requests = st.one_of(
    request("add", sku=skus, amount=amounts, label=labels),
    request("remove", sku=skus, amount=amounts, label=labels, up_to=st.booleans()),
    request("set", sku=skus, quantity=counts, expect=st.none() | counts),
)
file_requests = st.one_of(
    request("apply", lines=movement_lines, label=labels),
    request("take", lines=product_lines, set_quantity=st.booleans()),
)


class Run(RuleBasedStateMachine):
    """One inventory, in a file if nothing else is said, and its model."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.folder = TemporaryDirectory()
        place = self.place()
        self.db = open_database(read_location(str(place), "--db"), create=True)
        create_inventory(self.db)
        self.eye = look(place)

    def place(self) -> Inventory:
        """Return where the inventory is to be."""
        return Path(self.folder.name, "inventory.db")

    def teardown(self) -> None:
        self.db.close()
        self.folder.cleanup()

    def rows(self) -> dict[str, Rows]:
        return self.eye.tables()

    def attempt(self, request: Request, by: Attempt) -> None:
        """Make a request of both, the file and the model, and hold their answers equal."""
        before = self.rows()
        world = deepcopy(self.world)
        verb, given = request
        try:
            expected = world.run(request, by.key)
        except Refusal as refusal:
            with pytest.raises(refusal.kind) as caught:
                SERVICES[verb](self.db, **given, attempt=by)
            compare(dict(refusal.details), caught.value.details)
            assert self.rows() == before
            return
        answer = SERVICES[verb](self.db, **given, attempt=by)._asdict()
        assert {name: answer[name] for name in expected} == expected
        assert answer["dry_run"] is by.dry_run
        if expected["replayed"] or by.dry_run:
            assert self.rows() == before
        else:
            self.world = world

    @rule(request=product_requests, by=attempts)
    def change_a_product(self, request: Request, by: Attempt) -> None:
        self.attempt(request, by)

    @rule(request=stock_requests, by=attempts)
    def change_its_stock(self, request: Request, by: Attempt) -> None:
        self.attempt(request, by)

    @rule(back=st.integers(-1, 12), by=attempts)
    def undo_an_operation(self, back: int, by: Attempt) -> None:
        self.attempt(("undo", {"undone": len(self.world.operations) - back}), by)

    @rule(request=file_requests, by=attempts)
    def take_a_file(self, request: Request, by: Attempt) -> None:
        self.attempt(request, by)

    @invariant()
    def the_file_holds_what_the_model_holds(self) -> None:
        found = self.eye.query("SELECT sku, name, quantity, archived_at IS NOT NULL FROM product")
        expected = [tuple(item.record().values()) for item in self.world.items.values()]
        assert sorted(found) == sorted(expected)
        movements = self.eye.query("SELECT operation_id, delta FROM movement")
        assert sorted(movements) == sorted(
            (number, delta)
            for number, done in enumerate(self.world.operations, 1)
            for _, delta in done.movements
        )

    @invariant()
    def every_balance_is_the_sum_of_its_movements_at_each_of_them(self) -> None:
        balances: dict[int, int] = {}
        history = self.eye.query("SELECT product_id, delta, quantity FROM movement ORDER BY id")
        for item, delta, quantity in history:
            balances[item] = balances.get(item, 0) + delta
            assert balances[item] == quantity
            assert 0 <= quantity <= MAX_QUANTITY
        for item, quantity in self.eye.query("SELECT id, quantity FROM product"):
            assert balances.pop(item, 0) == quantity
        assert balances == {}


def compare(expected: Answer, found: Answer) -> None:
    """Hold an error's data equal to what the model knows of them."""
    lines = expected.pop("lines", [])
    assert [(one["line"], one["code"]) for one in found.get("errors", [])] == lines
    assert {name: found[name] for name in expected} == expected


class OnAServer(Run):
    """The same on a server."""

    def place(self) -> Inventory:
        return new_schema()


class LongRun(Run):
    """The same with far more examples, for the sweep."""


class LongOnAServer(OnAServer):
    """The same on a server, for the sweep."""


# Without the phase that explains a failure: it takes minutes where there is one.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink)
TestRun = Run.TestCase
TestRun.settings = settings(max_examples=30, stateful_step_count=30, deadline=None, phases=PHASES)
TestLongRun = pytest.mark.sweep(LongRun.TestCase)
TestLongRun.settings = settings(
    max_examples=400, stateful_step_count=50, deadline=None, phases=PHASES
)
TestOnAServer = pytest.mark.server(OnAServer.TestCase)
TestOnAServer.settings = settings(
    max_examples=8, stateful_step_count=30, deadline=None, phases=PHASES
)
TestLongOnAServer = pytest.mark.sweep(pytest.mark.server(LongOnAServer.TestCase))
TestLongOnAServer.settings = settings(
    max_examples=60, stateful_step_count=50, deadline=None, phases=PHASES
)
