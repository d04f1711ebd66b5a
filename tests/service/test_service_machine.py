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
from invctl.core.bulk.apply import apply_movements
from invctl.core.bulk.importing import ImportOptions
from invctl.core.bulk.imports import import_products
from invctl.core.undoing.undo import undo_operation
from invctl.core.upkeep.inventory import create_inventory
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.models import answers
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.settings import read_location
from invctl.values import MAX_QUANTITY

Answer = dict[str, Any]
Request = tuple[str, dict[str, Any]]
"""A verb and what is given with it."""
EARLIER = "2026-01-01"
"""When some of what is written down happened; everything else happens now."""
Cells = tuple[str, str, str, str]
"""SKU, name, quantity and archived of a line."""


class Refusal(Exception):
    """What the model says of a request that must be refused: the error, and some of its data."""

    def __init__(self, kind: type[errors.InventoryError], **details: object) -> None:
        super().__init__(kind, details)
        self.kind, self.details = kind, details


@dataclass(eq=False)
class Item:
    """A product; one that was deleted has no SKU and no name."""

    sku: str | None = None
    name: str | None = None
    hidden: int | None = None
    """By which operation it was archived."""
    quantity: int = 0
    movements: int = 0
    since: int = 0
    """What moved after EARLIER, of which some operations are."""
    made: "Done | None" = None
    """The operation that made it."""

    def record(self) -> Answer:
        archived = {"archived": self.hidden is not None}
        return {"sku": self.sku, "name": self.name, "quantity": self.quantity, **archived}


FIELDS = ("sku", "name", "hidden")
"""What an operation may change of an item besides its stock."""


@dataclass(eq=False)
class Done:
    """An operation: what it moved, changed (field, before, after) and counted, in order."""

    movements: list[tuple[Item, int]] = field(default_factory=list)
    changes: list[tuple[Item, str, object, object]] = field(default_factory=list)
    counted: dict[Item, bool] = field(default_factory=dict)
    """What was counted, and whether that was EARLIER."""
    undone_by: int | None = None
    undo: "Done | None" = None
    """The operation of that number."""
    is_undo: bool = False

    @property
    def in_effect(self) -> bool:
        return self.undo is None or not self.undo.in_effect


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
        if self.find(sku).hidden:
            raise Refusal(errors.ProductArchived, sku=sku)
        return self.items[sku]

    @property
    def now(self) -> Done:
        """The operation under way."""
        return self.operations[-1]

    def change(self, item: Item, **fields: Any) -> None:
        """Give an item other values, and write down which of them are others."""
        for name, value in fields.items():
            if (before := getattr(item, name)) != value:
                self.now.changes.append((item, name, before, value))
        self.become(item, **fields)

    def become(self, item: Item, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(item, name, value)
        self.items = {known: one for known, one in self.items.items() if one is not item}
        if item.sku:
            self.items[item.sku] = item

    def make(self, item: Item, sku: str) -> None:
        """Write down that an item is made: that alone, its other fields are not changes."""
        item.made = self.now
        self.now.changes.append((item, "sku", None, sku))

    def post(self, item: Item, delta: int, *, earlier: bool = False) -> None:
        if item.quantity + delta < 0:
            short = {"sku": item.sku, "requested": -delta, "available": item.quantity}
            raise Refusal(errors.InsufficientStock, **short)
        if item.quantity + delta > MAX_QUANTITY:
            raise Refusal(errors.BalanceLimit, sku=item.sku, quantity=item.quantity, delta=delta)
        if delta:
            item.quantity += delta
            item.movements += 1
            item.since += 0 if earlier else delta
            self.now.movements.append((item, delta))

    def count(self, item: Item, quantity: int, *, earlier: bool = False) -> None:
        """Make an item's stock what was counted; what moved since then comes on top."""
        if earlier:
            counts = [
                one.counted[item]
                for one in self.operations
                if item in one.counted and one.in_effect
            ]
            quantity += item.since
            if quantity < 0 or (counts and not counts[-1]):
                raise Refusal(errors.StaleCount)
        self.post(item, quantity - item.quantity, earlier=earlier)
        self.now.counted[item] = earlier

    def moved(self, kind: str, item: Item, delta: int, *, earlier: bool = False) -> Answer:
        self.post(item, delta, earlier=earlier)
        count = sum(len(done.movements) for done in self.operations)
        made = {"sku": item.sku, "delta": delta, "quantity": item.quantity}
        return {**made, "kind": kind, "movement": count if delta else None}

    def batch(self, lines: int) -> Answer:
        touched = {item for item, _ in self.now.movements}
        return {"lines": lines, "movements": len(self.now.movements), "products": len(touched)}

    def create(self, sku: str, quantity: int) -> Answer:
        if sku in self.items:
            raise Refusal(errors.ProductExists, sku=sku)
        item = Item()
        self.become(item, sku=sku, name="made")
        self.make(item, sku)
        self.post(item, quantity)
        return item.record()

    def rename(self, sku: str, new_sku: str) -> Answer:
        item = self.find(sku)
        if new_sku in self.items and new_sku != sku:
            raise Refusal(errors.ProductExists, sku=new_sku)
        self.change(item, sku=new_sku)
        return item.record()

    def update(self, sku: str, name: str) -> Answer:
        item = self.find(sku)
        self.change(item, name=name)
        return item.record()

    def archive(self, sku: str, *, archived: bool) -> Answer:
        item = self.find(sku)
        self.change(item, hidden=(item.hidden or len(self.operations)) if archived else None)
        return item.record()

    def delete(self, sku: str) -> Answer:
        item = self.find(sku)
        if item.movements:
            raise Refusal(errors.HasHistory, sku=sku, movements=item.movements)
        gone = item.record()
        self.change(item, sku=None, name=None, hidden=None)
        return gone

    def add(self, sku: str, amount: int, label: Label) -> Answer:
        return self.moved("add", self.active(sku), amount, earlier=label.at is not None)

    def remove(self, sku: str, amount: int, label: Label, *, up_to: bool) -> Answer:
        item = self.active(sku)
        taken = min(amount, item.quantity) if up_to else amount
        return self.moved("remove", item, -taken, earlier=label.at is not None)

    def set(self, sku: str, quantity: int, expect: int | None) -> Answer:
        item = self.active(sku)
        if expect not in (None, item.quantity):
            raise Refusal(errors.StaleQuantity, sku=sku, expected=expect, actual=item.quantity)
        self.now.counted[item] = False
        return self.moved("set", item, quantity - item.quantity)

    def undo(self, undone: int, *, despite_counts: bool) -> Answer:
        if not 1 <= undone < len(self.operations):
            raise Refusal(errors.OperationNotFound, operation=undone)
        done = self.operations[undone - 1]
        if done.undone_by:
            raise Refusal(errors.AlreadyUndone, operation=undone, undone_by=done.undone_by)
        # An undo that left nothing else can be taken back: what it undid is in effect again.
        if not (done.movements or done.changes or done.counted or done.is_undo):
            raise Refusal(errors.NothingToUndo, operation=undone)
        done.undone_by, done.undo, self.now.is_undo = len(self.operations), self.now, True
        back = self.before(done, undone)
        left = {item: {one: getattr(item, one) for one in FIELDS} for item in back}
        for item, fields in back.items():
            was_there = item.sku is not None
            if fields["sku"] != item.sku and fields["sku"] in self.items:
                raise Refusal(errors.ProductExists, sku=fields["sku"])
            # It is hidden only after its stock has moved back.
            still = fields["hidden"] if was_there and item.hidden else None
            if item.hidden == undone and (item, "sku", None) in [one[:3] for one in done.changes]:
                still = None  # it was made so
            self.become(item, sku=fields["sku"], name=fields["name"], hidden=still)
            if not was_there:
                item.made = self.now
        self.refuse_back(done, undone, despite_counts=despite_counts)
        for item, delta in sorted(done.movements, key=lambda one: one[1]):
            answer = self.moved("undo", item, -delta)
        for item, fields in back.items():
            self.become(item, **left[item])  # only what it comes to is written down
            self.change(item, **fields)
        touched = {one[0] for one in (*self.now.movements, *self.now.changes)}
        if len(done.movements) != 1:
            answer = {**self.batch(len(done.movements)), "products": len(touched)}
        return answer

    def before(self, done: Done, undone: int) -> dict[Item, Answer]:
        """Return what the items were that an operation changed: those that it made are hidden."""
        back: dict[Item, Answer] = {}
        deleted = [one[0] for one in done.changes if one[1] == "sku" and one[3] is None]
        for item, name, before, after in reversed(done.changes):
            if item.sku is None and item not in deleted:
                raise Refusal(errors.ChangedSince, operation=undone)
            fields = back.setdefault(item, {one: getattr(item, one) for one in FIELDS})
            if getattr(item, name) != after:
                raise Refusal(errors.ChangedSince, operation=undone)
            if name == "sku" and before is None:
                now = {one: getattr(item, one) for one in FIELDS}
                fields.update(now if self.is_whole(done, item) else {"sku": item.sku})
                fields["hidden"] = fields["hidden"] or len(self.operations)
            else:
                fields[name] = before
        return back

    def is_whole(self, done: Done, item: Item) -> bool:
        """Return whether an operation brought an item back after it was deleted."""
        return any(one[:3] == (item, "name", None) for one in done.changes)

    def refuse_back(self, done: Done, undone: int, *, despite_counts: bool) -> None:
        """Raise why the stock that an operation moved cannot move back."""
        sums = {
            item: 0 for item in self.made_in_order() if any(item is m for m, _ in done.movements)
        }
        for item, delta in done.movements:
            sums[item] += delta
        later = [one for one in self.operations[undone:] if one.in_effect]
        if not despite_counts and any(item in one.counted for one in later for item in sums):
            raise Refusal(errors.CountedSince, operation=undone)
        short = []
        for item, delta in sums.items():
            self.active(str(item.sku))
            available = self.available(item)
            if available < delta:
                short.append({"sku": item.sku, "requested": delta, "available": available})
        if short:
            raise Refusal(errors.InsufficientStock, **short[0])

    def available(self, item: Item) -> int:
        """Return how many of an item's units may be taken."""
        return item.quantity

    def made_in_order(self) -> list[Item]:
        """Return all the items that ever were, in the order in which they were made."""
        made = [one[0] for done in self.operations for one in done.changes if one[1] == "sku"]
        return list(dict.fromkeys(made))

    def apply(self, lines: list[tuple[str, str, int]], label: Label) -> Answer:
        refused, earlier = [], label.at is not None
        for number, (sku, verb, amount) in enumerate(lines, 2):
            try:
                item = self.active(sku)
                if verb != "set":
                    self.post(item, amount if verb == "add" else -amount, earlier=earlier)
                elif item in self.now.counted:
                    refused.append((number, "invalid_data"))
                else:
                    self.count(item, amount, earlier=earlier)
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
            item = Item() if made else self.items[sku]
            # One whose making was undone is made again.
            anew = item.hidden is not None and item.made is not None and not item.made.in_effect
            if (made or anew) and not name:
                refused.append((number, "invalid_data"))
                continue
            if made:
                self.become(item, sku=sku, name=name)
            if made or anew:
                self.make(item, sku)
            before, was_hidden = item.record(), item.hidden
            hidden = None if anew else item.hidden
            if archived:
                hidden = (item.hidden or len(self.operations)) if archived == "true" else None
            fields = {"name": name or item.name, "hidden": hidden}
            (self.become if made else self.change)(item, **fields)
            if quantity and (made or anew):
                self.post(item, int(quantity) - item.quantity)
            elif quantity and set_quantity:
                stays_hidden = was_hidden and item.hidden
                if stays_hidden and int(quantity) != item.quantity:
                    refused.append((number, "conflict"))
                elif not stays_hidden:
                    self.count(item, int(quantity))
            elif quantity and int(quantity) != item.quantity:
                counts["quantity_kept"] += 1
            same = item.record() == before
            what = "created" if made or anew else "unchanged" if same else "updated"
            counts[what] += 1
        if refused:
            raise Refusal(errors.InvalidData, error_count=len(refused), lines=refused)
        return {**counts, "movements": len(self.now.movements)}

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
) -> answers.Answer:
    rows = [
        movement_line(n, sku, action=verb, amount=str(amount))
        for n, (sku, verb, amount) in enumerate(lines, 2)
    ]
    return apply_movements(db, rows, label=label, attempt=attempt)


def take(
    db: Database, lines: list[Cells], *, set_quantity: bool, attempt: Attempt
) -> answers.Answer:
    rows = [
        product_line(n, sku, name, quantity=quantity, archived=archived)
        for n, (sku, name, quantity, archived) in enumerate(lines, 2)
    ]
    options = ImportOptions(set_quantity=set_quantity)
    return import_products(db, rows, options=options, attempt=attempt)


def archive(db: Database, sku: str, *, archived: bool, attempt: Attempt) -> answers.Answer:
    verb = products.archive_product if archived else products.unarchive_product
    return verb(db, sku, attempt=attempt)


SERVICES: dict[str, Callable[..., answers.Answer]] = {
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
labels = st.sampled_from([NO_LABEL, NO_LABEL, Label(reason="sale", at=EARLIER)])
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

    @rule(back=st.integers(-1, 12), despite_counts=st.booleans(), by=attempts)
    def undo_an_operation(self, back: int, despite_counts: bool, by: Attempt) -> None:
        undone = len(self.world.operations) - back
        asked = {"undone": undone, "despite_counts": despite_counts}
        self.attempt(("undo", asked), by)

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
    assert [(one["line"], one["code"]) for one in found.get("errors", []) if "line" in one] == lines
    assert {name: found[name] for name in expected} == expected


class OnAServer(Run):
    """The same on a server, for the sweep."""

    def place(self) -> Inventory:
        return new_schema()


class LongRun(Run):
    """The same with far more examples, for the sweep."""


# Without the phase that explains a failure: it takes minutes where there is one.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink)
TestRun = Run.TestCase
TestRun.settings = settings(max_examples=9, stateful_step_count=30, phases=PHASES)
TestLongRun = pytest.mark.sweep(LongRun.TestCase)
TestLongRun.settings = settings(max_examples=80, stateful_step_count=50, phases=PHASES)
TestOnAServer = pytest.mark.sweep(pytest.mark.server(OnAServer.TestCase))
TestOnAServer.settings = settings(max_examples=60, stateful_step_count=50, phases=PHASES)
