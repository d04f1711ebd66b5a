"""Random promises among random movements, counts and undos, while the clock runs and jumps.

The plain model of `test_service_machine` learns what is held and what is on its way. After every
step `held` is the sum of the open holds and never above the quantity, and what has run out is free
for everybody.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from inventories import Inventory, new_schema
from service.test_service_machine import (
    PHASES,
    SERVICES,
    Answer,
    Done,
    Item,
    Refusal,
    Request,
    Run,
    World,
    amounts,
    attempts,
    labels,
    movement_lines,
    product_lines,
    request,
)

from invctl import errors
from invctl.core.catalog import list_products
from invctl.core.promises.deliveries import (
    cancel_delivery,
    expect_delivery,
    list_deliveries,
    receive_deliveries,
    receive_delivery,
)
from invctl.core.promises.endings import commit_hold, commit_holds, release_hold, release_holds
from invctl.core.promises.holds import create_hold, extend_hold, list_holds
from invctl.db.database import Database
from invctl.models import answers
from invctl.models.attempts import Attempt, Label
from invctl.repository import promises
from invctl.times import format_time
from invctl.values import MAX_QUANTITY

BEGINNING = datetime(2030, 1, 1, tzinfo=UTC)
LASTING = 15  # minutes


@dataclass(eq=False)
class Promise:
    """A hold, or a delivery; `due` in minutes, None: it has no end."""

    kind: str
    item: Item
    amount: int
    made: Done
    ref: str | None = None
    due: int | None = None
    taken: int = 0
    state: str = "open"

    @property
    def rest(self) -> int:
        return self.amount - self.taken


@dataclass
class Promising(World):
    """A model that knows what was promised, and what time it is, in minutes."""

    promises: list[Promise] = field(default_factory=list)
    left_alone: list[Done] = field(default_factory=list)
    """Operations that nothing takes back: they ended or changed promises."""
    time: int = 0
    counting: bool = False

    def number(self, promise: Promise) -> int:
        return self.promises.index(promise) + 1

    def open(self, kind: str, item: Item) -> list[Promise]:
        found = (one for one in self.promises if one.state == "open" and one.kind == kind)
        return [one for one in found if one.item is item]

    def held(self, item: Item) -> int:
        return sum(one.amount for one in self.open("hold", item))

    def is_overdue(self, hold: Promise) -> bool:
        return hold.state == "open" and hold.due is not None and hold.due <= self.time

    def overdue(self, item: Item) -> list[Promise]:
        return [one for one in self.open("hold", item) if self.is_overdue(one)]

    def free(self, item: Item) -> None:
        """Close what has run out of an item's holds, as an operation before the present one."""
        run_out = self.overdue(item)
        for one in run_out:
            one.state = "expired"
        if run_out:
            self.operations.insert(-1, Done())

    def standing(self, item: Item) -> Answer:
        held = self.held(item) - sum(one.amount for one in self.overdue(item))
        return {"held": held, "available": item.quantity - held, "quantity": item.quantity}

    # What the holds forbid.

    def post(self, item: Item, delta: int, *, earlier: bool = False) -> None:
        if delta < 0 and item.quantity + delta < self.held(item):
            self.free(item)
            held, left = self.held(item), item.quantity + delta
            if left < held and self.counting:
                raise Refusal(errors.UnitsHeld, sku=item.sku, quantity=left, held=held)
            if left < held:
                short = {"requested": -delta, "available": item.quantity - held}
                raise Refusal(errors.InsufficientStock, sku=item.sku, **short)
        super().post(item, delta, earlier=earlier)

    def set(self, sku: str, quantity: int, expect: int | None) -> Answer:
        self.counting = True
        answer = super().set(sku, quantity, expect)
        self.counting = False
        return answer

    def count(self, item: Item, quantity: int, *, earlier: bool = False) -> None:
        self.counting = True
        try:
            super().count(item, quantity, earlier=earlier)
        finally:
            self.counting = False

    def remove(self, sku: str, amount: int, label: Label, *, up_to: bool) -> Answer:
        item = self.active(sku)
        if up_to:
            amount = self.free_up_to(item, amount)
        return self.moved("remove", item, -amount, earlier=label.at is not None)

    def free_up_to(self, item: Item, amount: int) -> int:
        if amount > item.quantity - self.held(item):
            self.free(item)
        return min(amount, item.quantity - self.held(item))

    def change(self, item: Item, **fields: Any) -> None:
        if fields.get("hidden") and not item.hidden:
            self.free(item)
            if held := self.held(item):
                raise Refusal(errors.UnitsHeld, sku=item.sku, quantity=item.quantity, held=held)
        super().change(item, **fields)

    def delete(self, sku: str) -> Answer:
        item = self.find(sku)
        if any(one.item is item for one in self.promises):
            raise Refusal(errors.HasHistory, sku=sku, movements=item.movements)
        return super().delete(sku)

    def undo(self, undone: int, *, despite_counts: bool) -> Answer:
        done = self.operations[undone - 1] if 1 <= undone < len(self.operations) else None
        made = [one for one in self.promises if one.made is done]
        if done is None or done.undone_by or not (made or done in self.left_alone):
            answer = super().undo(undone, despite_counts=despite_counts)
            self.operations[self.operations.index(done) if done else 0].undone_by = len(
                self.operations
            )
            return answer
        if done in self.left_alone:
            raise Refusal(errors.NothingToUndo, operation=undone)
        for one in made:
            self.refuse_closed(one)
            one.state = "released" if one.kind == "hold" else "cancelled"
        done.undone_by = len(self.operations)
        self.left_alone.append(self.now)
        return {"lines": 0, "movements": 0, "products": 1, "changes": len(made)}

    def refuse_back(self, done: Done, undone: int, *, despite_counts: bool) -> None:
        later = [one for one in self.operations[undone:] if not one.undone_by]
        moved = [item for item, _ in done.movements]
        if despite_counts or not any(item in one.counted for one in later for item in moved):
            for item in self.made_in_order():
                delta = sum(by for one, by in done.movements if one is item)
                if any(item is one for one in moved) and not item.hidden:
                    with suppress(Refusal):
                        self.free_for(item, delta)
        super().refuse_back(done, undone, despite_counts=despite_counts)

    def available(self, item: Item) -> int:
        return item.quantity - self.held(item)

    def free_for(self, item: Item, delta: int) -> None:
        if item.quantity - delta < self.held(item):
            self.free(item)

    # What promises are.

    def promise(self, kind: str, number: int) -> Promise:
        if not 1 <= number <= len(self.promises) or self.promises[number - 1].kind != kind:
            raise Refusal(errors.PromiseNotFound, **{kind: number})
        self.refuse_closed(self.promises[number - 1])
        return self.promises[number - 1]

    def of_ref(self, kind: str, ref: str) -> list[Promise]:
        found = [one for one in self.promises if (one.kind, one.ref) == (kind, ref)]
        if not (still := [one for one in found if one.state == "open"]):
            raise Refusal(errors.PromiseNotFound, ref=ref)
        return still

    def refuse_closed(self, one: Promise) -> None:
        if one.state != "open":
            closed = errors.HoldClosed if one.kind == "hold" else errors.DeliveryClosed
            raise Refusal(closed, **{one.kind: self.number(one), "state": one.state})

    def refuse_overdue(self, *holds: Promise) -> None:
        for one in holds:
            if self.is_overdue(one):
                raise Refusal(errors.HoldExpired, hold=self.number(one))

    def told(self, verb: str, one: Promise, amount: int, state: str) -> Answer:
        known = {"sku": one.item.sku, one.kind: self.number(one), "amount": amount}
        return {"kind": verb, **known, "state": state, **self.standing(one.item)}

    def hold(self, sku: str, amount: int, ref: str, *, lasting: bool, up_to: bool) -> Answer:
        item = self.active(sku)
        if up_to and not (amount := self.free_up_to(item, amount)):
            return {"hold": None, "amount": 0, "state": None, **self.standing(item)}
        if self.free_up_to(item, amount) < amount:
            short = {"requested": amount, "available": item.quantity - self.held(item)}
            raise Refusal(errors.InsufficientStock, sku=sku, **short)
        due = self.time + LASTING if lasting else None
        made = Promise("hold", item, amount, self.now, ref, due)
        self.promises.append(made)
        return self.told("hold", made, amount, "open")

    def commit(self, hold: int, amount: int | None) -> Answer:
        found = self.promise("hold", hold)
        if amount is not None and amount > found.amount:
            more = {"hold": hold, "amount": found.amount, "requested": amount}
            raise Refusal(errors.MoreThanPromised, **more)
        self.refuse_overdue(found)
        return {**self.committed(found, amount or found.amount), "hold": hold}

    def committed(self, hold: Promise, units: int) -> Answer:
        hold.state, hold.taken = "committed", units
        return self.moved("commit", hold.item, -units)

    def commit_ref(self, ref: str) -> Answer:
        found = self.of_ref("hold", ref)
        self.refuse_overdue(*found)
        return {"amounts": [-self.committed(one, one.amount)["delta"] for one in found]}

    def release(self, hold: int) -> Answer:
        found = self.promise("hold", hold)
        found.state = "expired" if self.is_overdue(found) else "released"
        self.left_alone.append(self.now)
        kind = "expire" if found.state == "expired" else "release"
        return self.told(kind, found, found.amount, found.state)

    def release_ref(self, ref: str) -> Answer:
        found = self.of_ref("hold", ref)
        run_out = [self.is_overdue(one) for one in found]
        self.left_alone.append(self.now)
        if len(set(run_out)) == 2:  # those that have run out end by an operation of their own
            self.operations.append(Done())
        for one, late in zip(found, run_out, strict=True):
            one.state = "expired" if late else "released"
        return {"amounts": [one.amount for one in found]}

    def extend(self, hold: int) -> Answer:
        found = self.promise("hold", hold)
        self.refuse_overdue(found)
        found.due = self.time + LASTING
        self.left_alone.append(self.now)
        return self.told("extend", found, found.amount, "open")

    def expect(self, sku: str, amount: int, ref: str) -> Answer:
        item = self.active(sku)
        on_its_way = sum(one.rest for one in self.open("delivery", item))
        if item.quantity + on_its_way + amount > MAX_QUANTITY:
            raise Refusal(errors.BalanceLimit, sku=sku, quantity=item.quantity, delta=amount)
        made = Promise("delivery", item, amount, self.now, ref)
        self.promises.append(made)
        return self.told("expect", made, amount, "open")

    def receive(self, delivery: int, amount: int | None, *, over: bool) -> Answer:
        found = self.promise("delivery", delivery)
        if amount is not None and amount > found.rest and not over:
            more = {"delivery": delivery, "amount": found.rest, "requested": amount}
            raise Refusal(errors.MoreThanPromised, **more)
        units = self.received(found, amount or found.rest)
        return self.told("receive", found, units, found.state)

    def received(self, delivery: Promise, units: int) -> int:
        self.active(str(delivery.item.sku))
        self.post(delivery.item, units)
        delivery.taken += units
        if delivery.rest <= 0:
            delivery.state = "received"
        return units

    def receive_ref(self, ref: str) -> Answer:
        found = self.of_ref("delivery", ref)
        return {"amounts": [self.received(one, one.rest) for one in found]}

    def cancel(self, delivery: int) -> Answer:
        found = self.promise("delivery", delivery)
        found.state = "cancelled"
        self.left_alone.append(self.now)
        return self.told("cancel", found, found.rest, "cancelled")


class Listed(NamedTuple):
    """An answer of several records as one; what became of each is looked at in the tables."""

    operation: int
    amounts: list[int]
    replayed: bool
    dry_run: bool


def listed(verb: Callable[..., Sequence[Any]]) -> Callable[..., Listed]:
    def call(db: Database, ref: str, attempt: Attempt) -> Listed:
        done = verb(db, ref, attempt=attempt)
        amounts = [one.amount if hasattr(one, "amount") else -one.delta for one in done]
        latest = max(one.operation for one in done)
        return Listed(latest, amounts, done[0].replayed, done[0].dry_run)

    return call


def hold(
    db: Database, sku: str, amount: int, ref: str, *, lasting: bool, up_to: bool, attempt: Attempt
) -> answers.Answer:
    how_long = f"{LASTING}m" if lasting else None
    said = Label(ref=ref)
    return create_hold(db, sku, amount, lasting=how_long, up_to=up_to, label=said, attempt=attempt)


def expect(db: Database, sku: str, amount: int, ref: str, attempt: Attempt) -> answers.Answer:
    return expect_delivery(db, sku, amount, label=Label(ref=ref), attempt=attempt)


def extend(db: Database, hold: int, attempt: Attempt) -> answers.Answer:
    return extend_hold(db, hold, f"{LASTING}m", attempt=attempt)


SERVICES.update(
    hold=hold,
    commit=commit_hold,
    commit_ref=listed(commit_holds),  # type: ignore[arg-type]
    release=release_hold,
    release_ref=listed(release_holds),  # type: ignore[arg-type]
    extend=extend,
    expect=expect,
    receive=receive_delivery,
    receive_ref=listed(receive_deliveries),  # type: ignore[arg-type]
    cancel=cancel_delivery,
)

refs = st.sampled_from(["R-1", "R-1", "R-2"])
few = st.integers(1, 6)
known = st.sampled_from(["A", "A", "A", "B", "C"])
some = st.one_of(few, few, few, amounts)
mostly = st.sampled_from([True, True, False])
latest = st.sampled_from([0, 0, 0, 1, 1, 2, 5])
"""Which promise is meant: the last one of its kind, or one before."""
by_ann = st.builds(Attempt, st.just("ann"), st.none(), st.sampled_from([False, False, False, True]))
whoever = st.one_of(by_ann, by_ann, attempts)

hold_requests = request(
    "hold", sku=known, amount=some, ref=refs, lasting=mostly, up_to=st.booleans()
)
hold_endings = st.one_of(
    request("commit", hold=latest, amount=st.none() | few),
    request("release", hold=latest) | request("extend", hold=latest),
    request("commit_ref", ref=refs) | request("release_ref", ref=refs),
)
delivery_requests = st.one_of(
    request("expect", sku=known, amount=some, ref=refs),
    request("receive", delivery=latest, amount=st.none() | few, over=st.booleans()),
    request("receive_ref", ref=refs) | request("cancel", delivery=latest),
)
shown_lines = product_lines.map(lambda lines: [one for one in lines if one[3] != "true"])


class PromisingRun(Run):
    """One inventory and a model that promises; both go by the model's clock."""

    world: Promising

    def __init__(self) -> None:
        super().__init__()
        self.world = Promising()
        self.clock = promises.clock
        promises.clock = lambda session: self.moment(self.world.time)  # noqa: ARG005

    def moment(self, minutes: int) -> str:
        return format_time(BEGINNING + timedelta(minutes=minutes))

    def teardown(self) -> None:
        promises.clock = self.clock
        super().teardown()

    @initialize()
    def open_the_shop(self) -> None:
        for sku, quantity in (("A", 12), ("B", 6)):
            self.attempt(("create", {"sku": sku, "quantity": quantity}), Attempt("ann"))

    def about(self, request: Request) -> Request:
        """Return a request that says which promise it means by its number."""
        verb, given = request
        for kind in {"hold", "delivery"} & given.keys():
            made = enumerate(self.world.promises, 1)
            numbers = [number for number, one in made if one.kind == kind]
            back = given[kind]
            given = {**given, kind: numbers[-1 - back] if back < len(numbers) else back + 1}
        return verb, given

    @rule(request=hold_requests, by=whoever)
    def hold_something(self, request: Request, by: Attempt) -> None:
        self.attempt(request, by)

    @rule(request=hold_endings, by=whoever)
    def end_a_hold(self, request: Request, by: Attempt) -> None:
        self.attempt(self.about(request), by)

    @rule(request=delivery_requests, by=whoever)
    def expect_something(self, request: Request, by: Attempt) -> None:
        self.attempt(self.about(request), by)

    @rule(minutes=st.sampled_from([1, 14, 16, 60, -20]))
    def let_time_go_by(self, minutes: int) -> None:
        self.world.time += minutes

    @rule(
        request=request("apply", lines=movement_lines, label=labels)
        | request("take", lines=shown_lines, set_quantity=st.just(False)),
        by=attempts,
    )
    def take_a_file(self, request: Request, by: Attempt) -> None:
        self.attempt(request, by)

    @rule()
    def look_at_the_lists(self) -> None:
        lists = (list_holds(self.db, state="all"), list_deliveries(self.db))
        listed = [row for each in lists for rows in each for row in rows]
        found = {row[0]: row for row in listed}
        for number, one in enumerate(self.world.promises, 1):
            if one.kind == "delivery" and one.state != "open":
                continue
            state = "overdue" if self.world.is_overdue(one) else one.state
            amount = one.taken if one.state != "open" and one.taken else one.rest
            assert found.pop(number)[1:4] == (one.item.sku, amount, state)
        assert found == {}
        for rows in list_products(self.db, archived=None):
            for row in rows:
                item = self.world.items[row[0]]
                expected = sum(one.rest for one in self.world.open("delivery", item))
                known = self.world.standing(item)
                assert row[9:12] == (known["held"], known["available"], expected)

    @invariant()
    def what_is_promised_is_what_the_model_promised(self) -> None:
        found = self.eye.query(
            "SELECT kind, amount, taken, due_at, closed_by IS NULL FROM promise ORDER BY id"
        )
        assert [(*row[:4], bool(row[4])) for row in found] == [
            (
                one.kind,
                one.amount,
                one.taken,
                None if one.due is None else self.moment(one.due),
                one.state == "open",
            )
            for one in self.world.promises
        ]

    @invariant()
    def what_is_held_is_the_sum_of_the_open_holds_and_never_more_than_there_is(self) -> None:
        for sku, held, quantity in self.eye.query("SELECT sku, held, quantity FROM product"):
            assert held == self.world.held(self.world.items[sku])
            assert 0 <= held <= quantity


class PromisingOnAServer(PromisingRun):
    """The same on a server, for the sweep."""

    def place(self) -> Inventory:
        return new_schema()


class LongPromisingRun(PromisingRun):
    """The same with far more examples, for the sweep."""


def told_to(examples: int, steps: int) -> settings:
    return settings(max_examples=examples, stateful_step_count=steps, phases=PHASES)


TestPromising = PromisingRun.TestCase
TestPromising.settings = told_to(10, 30)
TestLongPromising = pytest.mark.sweep(LongPromisingRun.TestCase)
TestLongPromising.settings = told_to(60, 40)
TestPromisingOnAServer = pytest.mark.sweep(pytest.mark.server(PromisingOnAServer.TestCase))
TestPromisingOnAServer.settings = told_to(60, 50)
