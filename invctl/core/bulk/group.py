"""Many small changes in one transaction, each judged as if alone.

They are judged in memory, one after the other, by what a `Batch` would judge by: so a refused one
changes nothing, and disturbs nobody.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from invctl.core.balance import Balance
from invctl.core.bulk.requests import Request, hash_of, kind_of
from invctl.core.counts import change_of, refuse_count, warning_of
from invctl.core.kept import read_answer, stored_answer
from invctl.core.labels import stored
from invctl.core.lookup import load_products, sku_rule_of
from invctl.core.moves import multiplied
from invctl.core.overdue import freeing_overdue
from invctl.core.stock import is_low
from invctl.db.session import Row, Session
from invctl.errors import (
    InsufficientStock,
    InventoryError,
    KeyReused,
    ProductNotFound,
    UnitsPlaced,
)
from invctl.models.attempts import Attempt
from invctl.models.products import Product
from invctl.models.stock import StockChange
from invctl.repository import changes, movements, operations, products, promises
from invctl.repository.changes import Change, Count
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft, Earlier
from invctl.repository.products import Moved
from invctl.times import now_text

Outcome = StockChange | InventoryError
"""What became of a line: its change, or why there was none."""


class Allowed(NamedTuple):
    """A change that was allowed and has no number yet; `counted` is what a count is besides."""

    request: Request
    moved: Moved
    delta: int
    label: StoredLabel
    counted: Change | None


class Group:
    """Requests under way in one transaction: loaded, judged in memory, then written."""

    def __init__(self, session: Session, requests: Sequence[Request], attempt: Attempt) -> None:
        self._session = session
        self._requests = requests
        self._attempt = attempt
        self._now = now_text()
        self._draft = Draft("expire", attempt.actor, None, self._now)
        found = load_products(session, {one.sku for one in requests})
        # Not before they are locked: on a server the same request may have been done meanwhile.
        keys = [one.key for one in requests if one.key is not None]
        self._earlier = operations.earlier_among(session, keys) if keys else {}
        by_id = {one.id: Balance(one) for one in found.values()}
        self._moved = by_id.values()
        self._balances = {sku: by_id[one.id] for sku, one in found.items()}
        self._units = {sku: one.units for sku, one in found.items() if one.units > 1}
        self._rule = sku_rule_of(session) if keys else ""
        self._allowed: list[Allowed] = []
        self._counts: dict[int, Count | None] = {}
        self._left: dict[str, Product] = {}
        self.warnings: list[str] = []
        """What to say of what was written."""

    def outcomes(self) -> list[Outcome]:
        """Judge all requests, write down what was allowed, and return what became of each."""
        judged = [self._judge(request) for request in self._requests]
        changes = self._write() if self._allowed else []
        return [one(changes) for one in judged]

    def _judge(self, request: Request) -> Callable[[list[StockChange]], Outcome]:
        """Judge a request; return what tells its outcome once the allowed ones have numbers."""
        key = request.key
        number = None if key is None else self._number_of(key)
        try:
            if key is not None and (number is not None or key in self._earlier):
                return self._repeated(request, key, number)
            self._allowed.append(self._allow(request))
        except InventoryError as error:
            refused = error
            return lambda _: refused
        place = len(self._allowed) - 1
        return lambda changes: changes[place]

    def _number_of(self, key: str) -> int | None:
        """Return which draft of this very group has a key."""
        places = (n for n, one in enumerate(self._allowed) if one.request.key == key)
        return next(places, None)

    def _repeated(
        self, request: Request, key: str, number: int | None
    ) -> Callable[[list[StockChange]], Outcome]:
        """Return what tells the answer that a key had before. Raises KeyReused."""
        mine = hash_of(request, self._rule)
        if number is not None:
            if hash_of(self._allowed[number].request, self._rule) != mine:
                raise KeyReused(key)
            return lambda changes: changes[number]._replace(replayed=True)
        earlier: Earlier = self._earlier[key]
        if earlier.request_hash != mine:
            raise KeyReused(key)
        answer = read_answer(earlier)._replace(replayed=True)
        assert isinstance(answer, StockChange), "the hash is of a change to one product"
        return lambda _: answer

    def _allow(self, request: Request) -> Allowed:
        """Return what a request changes, as the guard of the UPDATE would allow it."""
        balance = self._balances.get(request.sku)
        if balance is None:
            raise ProductNotFound(request.sku)
        counts, delta, _ = request.move
        if request.sku in self._units:
            by = self._units[request.sku]
            delta = multiplied(delta, by, "amount", str(abs(delta)))
        label, count = stored(request.checked, self._now), None
        found = balance.found._replace(quantity=balance.now)
        if counts:
            balance.refuse_archived()
            if balance.placed:
                raise self._with_pots(balance, UnitsPlaced(balance.sku, delta, balance.placed))
            count = change_of(found, delta, delta, label.occurred_at)
            delta -= balance.now
        with freeing_overdue(self._session, self._draft, balance, balance.now + delta):
            if counts:
                refuse_count(balance.found, balance.now + delta)
            try:
                balance.move(delta)
            except InsufficientStock as error:
                raise self._with_reasons(balance, error) from error
        held, point = balance.found.held, found.reorder_point
        moved = Moved(balance.id, balance.sku, balance.now, held, point)
        return Allowed(request, moved, delta, label, count)

    def _with_reasons(self, balance: Balance, refused: InsufficientStock) -> InsufficientStock:
        """Return a refusal that says till when units are held, and where they lie."""
        if balance.found.held:
            refused.details["held_until"] = promises.first_due(self._session, balance.id)
        if not balance.placed:
            return refused
        from invctl.core.whereabouts import telling_places

        return telling_places(self._session, balance.id, refused)

    def _with_pots(self, balance: Balance, refused: UnitsPlaced) -> UnitsPlaced:
        """Return the refusal of a count of no place, which says which there are."""
        from invctl.core.whereabouts import telling_pots

        return telling_pots(self._session, balance.id, refused)

    def _write(self) -> list[StockChange]:
        """Write down what was allowed, in the order of the requests."""
        first = operations.next_ids(self._session)
        self._settle()
        answers: list[StockChange] = []
        rows: list[Row] = []
        moved: list[Row] = []
        counted: list[Row] = []
        for number, one in enumerate(self._allowed, first.operation):
            runs: tuple[int | None, ...] = (None,) * 4
            if one.delta:
                movement = first.movement + len(moved)
                balance = (one.moved.id, one.delta, one.moved.quantity)
                moved.append((movement, number, *balance, *one.label, None))
                runs = (movement, movement, None, None)
            if one.counted is not None:
                change = first.change + len(counted)
                counted.append((change, number, *one.counted))
                runs = (*runs[:2], change, change)
            self._note_count(number, one)
            answer = self._answer(number, one, runs[0])
            answers.append(answer)
            rows.append(self._operation(answer, one, runs))
        operations.enter_each(self._session, rows)
        movements.append_each(self._session, moved)
        changes.append_each(self._session, counted)
        return answers

    def _settle(self) -> None:
        """Make the products what they have become, and look at those that are kept."""
        settled = [one for one in self._moved if one.moved]
        products.settle(
            self._session, [(one.now, self._now, one.id, one.found.quantity) for one in settled]
        )
        if self._attempt.keeps_product:
            kept = {one.moved.sku for one in self._allowed if one.request.key is not None}
            self._left = products.records(self._session, kept) if kept else {}

    def _note_count(self, number: int, one: Allowed) -> None:
        """Note a count, or what is to be said of a movement from before one."""
        product, at = one.moved.id, one.request.checked.at
        if one.counted is not None:
            self._counts[product] = Count(number, one.label.occurred_at)
        elif at is not None:
            if product not in self._counts:
                self._counts[product] = changes.last_count(self._session, product)
            warning = warning_of(one.moved.sku, at, self._counts[product])
            self.warnings.extend([warning] if warning else [])

    def _answer(self, number: int, one: Allowed, movement: int | None) -> StockChange:
        return StockChange(
            operation=number,
            kind=kind_of(one.request.move),
            sku=one.moved.sku,
            delta=one.delta,
            quantity=one.moved.quantity,
            movement=movement,
            low=is_low(self._session, one.moved),
            counted=None if one.counted is None else int(one.counted.after or 0),
            movement_ids=[] if movement is None else [movement],
        )

    def _operation(self, answer: StockChange, one: Allowed, runs: Row) -> Row:
        key = one.request.key
        kept: tuple[str | None, str | None] = (None, None)
        if key:
            answered = stored_answer(answer, left=self._left.get(one.moved.sku))
            kept = (hash_of(one.request, self._rule), answered)
        who, said = self._attempt.actor, (one.label.reason, one.label.ref)
        return (answer.operation, answer.kind, key, *kept, who, self._now, *said, *runs)
