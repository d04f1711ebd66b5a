"""Many small changes in one transaction, each judged as if alone.

They are judged in memory, one after the other, by what a `Batch` would judge by: so a refused one
changes nothing, and disturbs nobody.
"""

from collections.abc import Sequence
from typing import NamedTuple

from invctl.core.balance import Balance, fits
from invctl.core.bulk.requests import Request, hash_of, kind_of
from invctl.core.counts import change_of, refuse_count, warning_of
from invctl.core.kept import read_answer, stored_answer
from invctl.core.labels import stored
from invctl.core.lookup import load_products, sku_rule_of
from invctl.core.moves import multiplied
from invctl.core.overdue import freeing_overdue
from invctl.core.stock import is_low, why_refused
from invctl.db.session import Row, Session
from invctl.errors import InsufficientStock, InventoryError, KeyReused, ProductNotFound
from invctl.models.attempts import Attempt
from invctl.models.products import Product
from invctl.models.stock import StockChange
from invctl.repository import changes, movements, operations, products
from invctl.repository.changes import Change, Count
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft
from invctl.repository.products import Found
from invctl.times import now_text

Outcome = StockChange | InventoryError
"""What became of a line: its change, or why there was none."""


class Allowed(NamedTuple):
    """A change that was allowed and has no number yet; `counted` is what a count is besides."""

    request: Request
    moved: Found
    delta: int
    label: StoredLabel
    counted: Change | None


class Pending(NamedTuple):
    """A change that is told once it has its number: which of those that were allowed it is."""

    place: int
    replayed: bool = False


class Group:
    """Requests under way in one transaction: loaded, judged in memory, then written."""

    def __init__(self, session: Session, requests: Sequence[Request], attempt: Attempt) -> None:
        self._session = session
        self._requests = requests
        self._attempt = attempt
        self._now = now_text()
        # The requests' own operations are written all at once; this is for holds that run out.
        self._draft = Draft("expire", attempt.actor, None, self._now)
        found = load_products(session, {one.sku for one in requests})
        # Not before they are locked: on a server the same request may have been done meanwhile.
        keys = [one.key for one in requests if one.key is not None]
        self._earlier = operations.earlier_among(session, keys) if keys else {}
        # By id, as a code or another spelling moves the one balance of its product.
        by_id = {one.id: Balance(one) for one in found.values()}
        self._loaded = by_id.values()
        self._balances = {sku: by_id[one.id] for sku, one in found.items()}
        self._units = {sku: one.units for sku, one in found.items() if one.units > 1}
        self._rule = sku_rule_of(session) if keys else ""
        self._allowed: list[Allowed] = []
        self._keyed: dict[str, int] = {}
        """The places of those among them that have keys."""
        self._counts: dict[int, Count | None] = {}
        self._left: dict[str, Product] = {}
        self.warnings: list[str] = []
        """What to say of what was written."""

    def outcomes(self) -> list[Outcome]:
        """Judge all requests, write down what was allowed, and return what became of each."""
        judged = [self._judge(request) for request in self._requests]
        changes = self._write() if self._allowed else []
        return [_told(one, changes) for one in judged]

    def _judge(self, request: Request) -> "Outcome | Pending":
        """Return what becomes of a request, or which of the allowed ones answers it."""
        try:
            return self._repeated(request) or self._begun(request)
        except InventoryError as refused:
            return refused

    def _begun(self, request: Request) -> "Pending":
        """Note what a request changes. Raises what the guard would refuse."""
        self._allowed.append(self._allow(request))
        place = len(self._allowed) - 1
        if request.key is not None:
            self._keyed[request.key] = place
        return Pending(place)

    def _repeated(self, request: Request) -> "StockChange | Pending | None":
        """Return the answer that a request's key had before, if it had one. Raises KeyReused."""
        key = request.key
        if key is None:
            return None
        if (place := self._keyed.get(key)) is not None:
            before = hash_of(self._allowed[place].request, self._rule)
        elif key in self._earlier:
            before = self._earlier[key].request_hash
        else:
            return None
        if before != hash_of(request, self._rule):
            raise KeyReused(key)
        if place is not None:
            return Pending(place, replayed=True)
        answer = read_answer(self._earlier[key])._replace(replayed=True)
        assert isinstance(answer, StockChange), "the hash is of a change to one product"
        return answer

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
        if counts:
            balance.refuse_archived()
            if balance.placed:
                from invctl.core.whereabouts import units_placed

                raise units_placed(self._session, balance.found, delta)
            # It is of this moment, so nothing comes on top: others are made alone, see `each`.
            count = change_of(balance.found_now, delta, delta, label.occurred_at)
            delta -= balance.now
        with freeing_overdue(self._session, self._draft, balance, balance.now + delta):
            if counts:
                refuse_count(balance.found_now, balance.now + delta)
            try:
                balance.move(delta)
            except InsufficientStock:  # till when it is held, and where it lies, the books know
                raise why_refused(self._session, balance.found_now, delta) from None
        return Allowed(request, balance.found_now, delta, label, count)

    def _write(self) -> list[StockChange]:
        """Write down what was allowed, in the order of the requests."""
        first = operations.next_ids(self._session)
        # Before the answers are made: what is kept of a product is what all of this leaves.
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
        settled = [one for one in self._loaded if one.moved]
        assert all(fits(one.now, one.found.held, one.placed) for one in settled)
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
            # What this group counted is there already: the books do not know of it yet.
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


def _told(one: Outcome | Pending, changes: Sequence[StockChange]) -> Outcome:
    """Return what became of a request, by the changes that were written."""
    if not isinstance(one, Pending):
        return one
    change = changes[one.place]
    return change._replace(replayed=True) if one.replayed else change
