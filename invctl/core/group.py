"""Many small changes that share a commit, each judged as if alone.

They are judged in memory, one after the other, by what a `Batch` would judge by: so a refused one
changes nothing, and disturbs nobody.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from invctl.core.balance import Balance
from invctl.core.counts import change_of, refusal_of_count, warning_of
from invctl.core.labels import check_label, stored, told
from invctl.core.lookup import advised, load_products, sku_rule_of
from invctl.core.moves import Move, multiplied, read_move, request_of
from invctl.core.operations import (
    check_attempt,
    read_answer,
    request_hash,
    stored_answer,
    warn_once,
)
from invctl.core.overdue import free_overdue
from invctl.core.stock import add_stock, is_low, move_nothing, remove_stock, set_stock
from invctl.db.database import Database
from invctl.db.session import Row, Session
from invctl.errors import (
    DatabaseLocked,
    InsufficientStock,
    InvalidValue,
    InventoryError,
    KeyReused,
    ProductNotFound,
    UnitsPlaced,
)
from invctl.models import Attempt, Label, StockChange
from invctl.repository import changes, movements, operations, products, promises
from invctl.repository.changes import Change, Count
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft, Earlier
from invctl.repository.products import Moved
from invctl.times import now_text
from invctl.values import check_text

if TYPE_CHECKING:
    from invctl.core.spots import Spot

Cells = tuple[str, ...]
"""The cells of a line, in the order of `models.KEYED_MOVEMENT_COLUMNS`."""

Outcome = StockChange | InventoryError
"""What became of a line: its change, or why there was none."""


class Request(NamedTuple):
    """A line that has been read: what it moves, what it says of that, and under which key.

    The label is as typed, which is what a retry repeats, and as it will be stored.
    """

    sku: str
    move: Move
    label: Label
    checked: Label
    key: str | None
    spots: Sequence["Spot"] = ()
    """Where its units come from or go to; nothing where it names no place."""


def apply_lines(
    db: Database, lines: Sequence[Cells], *, label: Label, attempt: Attempt
) -> list[Outcome]:
    """Make each line's movement as an operation of its own; return what became of each.

    They share a commit, and have none of them happened before this returns.
    """
    checked = check_attempt(attempt)
    reader = Reader(label, checked.key)
    read = [reader.read(cells) for cells in lines]
    requests = [one for one in read if isinstance(one, Request)]
    # One that is only rehearsed must not be seen by the next.
    is_group = len(requests) > 1 and not attempt.dry_run and not any(map(_is_read, requests))
    done = iter((_together if is_group else _alone)(db, requests, checked))
    return [next(done) if isinstance(one, Request) else one for one in read]


def _is_read(request: Request) -> bool:
    """Return whether what it comes to is read, not judged in memory.

    A count of an earlier moment is, and what names a place.
    """
    return bool(request.spots) or (request.move.counts and request.checked.at is not None)


class Reader:
    """Reads the cells of lines; a label that was just read is not read again."""

    def __init__(self, label: Label, key: str | None) -> None:
        self._default = label
        self._key = key
        self._labels: dict[Cells, tuple[Label, Label]] = {}

    def read(self, cells: Cells) -> Request | InvalidValue:
        """Return what a line asks for, or what is wrong with one of its cells."""
        sku, key = cells[0], cells[-1]
        try:
            if not sku:
                raise InvalidValue("sku", "", "is missing")
            move = read_move(*cells[1:4])
            typed, checked = self._label(cells[4:8])
            spots = _spots(cells[8:-1], move)
            own = check_text(key, "idempotency key") if key else self._key
        except InvalidValue as error:
            return error
        return Request(sku, move, typed, checked, own, spots)

    def _label(self, cells: Cells) -> tuple[Label, Label]:
        known = self._labels.get(cells)
        if known is None:
            pairs = zip(cells, self._default, strict=True)
            typed = Label(*(own or default for own, default in pairs))
            known = self._labels[cells] = typed, check_label(typed, "occurred_at")
        return known


def _spots(cells: Cells, move: Move) -> Sequence["Spot"]:
    """Return where a line's units come from or go to. Raises InvalidValue."""
    if not any(cells) and not move.shifts:
        return ()
    from invctl.core.shelves import read_spots

    return read_spots(cells, move)


def _alone(db: Database, requests: Sequence[Request], attempt: Attempt) -> list[Outcome]:
    """Make each movement in a transaction of its own."""
    return [_one(db, one, attempt._replace(key=one.key)) for one in requests]


def _one(db: Database, request: Request, attempt: Attempt) -> Outcome:
    counts, units, _ = request.move
    try:
        if request.spots and (units or counts):
            return _placed(db, request, request.spots, attempt)
        if counts:
            return set_stock(db, request.sku, units, label=request.label, attempt=attempt)
        if not units:
            return move_nothing(db, request.sku, label=request.label, attempt=attempt)
        verb = add_stock if units > 0 else remove_stock
        return verb(db, request.sku, abs(units), label=request.label, attempt=attempt)
    except InventoryError as error:
        return error


def _placed(
    db: Database, request: Request, spots: Sequence["Spot"], attempt: Attempt
) -> StockChange:
    """Make the movement of a line that names a place."""
    from invctl.core import places

    label, (counts, units, shifts) = request.label, request.move
    if shifts:
        source, target = spots
        return places.move_stock(
            db, request.sku, units, source, target, label=label, attempt=attempt
        )
    if counts:
        return places.count_place(db, request.sku, units, spots[0], label=label, attempt=attempt)
    verb = places.add_to_place if units > 0 else places.remove_from_place
    return verb(db, request.sku, abs(units), spots[0], label=label, attempt=attempt)


def _together(db: Database, requests: Sequence[Request], attempt: Attempt) -> list[Outcome]:
    """Make all movements in one transaction, or each in one of its own where that is refused."""

    def work(session: Session) -> list[Outcome]:
        group = Group(session, requests, attempt.actor)
        outcomes = group.outcomes()
        for warning in group.warnings:
            warn_once(db, warning)
        return outcomes

    try:
        outcomes = db.write(work, repeatable=all(one.key is not None for one in requests))
    except DatabaseLocked:  # one product that somebody holds is no reason to refuse the others
        return _alone(db, requests, attempt)
    except InventoryError as error:
        return [error] * len(requests)
    return [advised(db, one) if isinstance(one, ProductNotFound) else one for one in outcomes]


class Allowed(NamedTuple):
    """A change that was allowed and has no number yet; `counted` is what a count is besides."""

    request: Request
    moved: Moved
    delta: int
    label: StoredLabel
    counted: Change | None


class Group:
    """Requests under way in one transaction: loaded, judged in memory, then written."""

    def __init__(self, session: Session, requests: Sequence[Request], actor: str) -> None:
        self._session = session
        self._requests = requests
        self._actor = actor
        self._now = now_text()
        self._draft = Draft("expire", actor, None, self._now)
        keys = [one.key for one in requests if one.key is not None]
        self._earlier = operations.earlier_among(session, keys) if keys else {}
        found = load_products(session, {one.sku for one in requests})
        by_id = {one.id: Balance(one) for one in found.values()}
        self._moved = by_id.values()
        self._balances = {sku: by_id[one.id] for sku, one in found.items()}
        self._units = {sku: one.units for sku, one in found.items() if one.units > 1}
        self._rule = sku_rule_of(session) if keys else ""
        self._allowed: list[Allowed] = []
        self._counts: dict[int, Count | None] = {}
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
        mine = self._hash(request)
        if number is not None:
            if self._hash(self._allowed[number].request) != mine:
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
                raise UnitsPlaced(balance.sku, delta, balance.placed)
            count = change_of(found, delta, delta, label.occurred_at)
            delta -= balance.now
        if balance.now + delta < balance.least:
            free_overdue(self._session, self._draft, balance)
        if counts and not balance.least <= balance.now + delta <= balance.most:
            raise refusal_of_count(balance.found, balance.now + delta)
        try:
            balance.move(delta)
        except InsufficientStock as error:
            raise self._told(balance, error) from error
        held, point = balance.found.held, found.reorder_point
        moved = Moved(balance.id, balance.sku, balance.now, held, point)
        return Allowed(request, moved, delta, label, count)

    def _told(self, balance: Balance, refused: InsufficientStock) -> InsufficientStock:
        """Return a refusal that says till when units are held, and where they lie."""
        if balance.found.held:
            refused.details["held_until"] = promises.first_due(self._session, balance.id)
        if not balance.placed:
            return refused
        from invctl.core.pots import telling_places

        return telling_places(self._session, balance.id, refused)

    def _write(self) -> list[StockChange]:
        """Write down what was allowed, in the order of the requests."""
        first = operations.next_ids(self._session)
        answers: list[StockChange] = []
        rows: list[Row] = []
        moved: list[Row] = []
        counted: list[Row] = []
        for number, one in enumerate(self._allowed, first.operation):
            runs: tuple[int | None, ...] = (None,) * 4
            if one.delta:
                movement = first.movement + len(moved)
                balance = (one.moved.id, one.delta, one.moved.quantity)
                moved.append((movement, number, *balance, *one.label))
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
        settled = [one for one in self._moved if one.moved]
        products.settle(
            self._session, [(one.now, self._now, one.id, one.found.quantity) for one in settled]
        )
        return answers

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
            kind=_kind(one.request.move),
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
        kept = (self._hash(one.request), stored_answer(answer)) if key else (None, None)
        said = (one.label.reason, one.label.ref)
        return (answer.operation, answer.kind, key, *kept, self._actor, self._now, *said, *runs)

    def _hash(self, request: Request) -> str:
        kind, units = _kind(request.move), abs(request.move.units)
        said = told(request.label, request.checked)
        return request_hash(kind, request_of(kind, request.sku, units, said), self._rule)


def _kind(move: Move) -> str:
    if move.counts:
        return "set"
    return "add" if move.units > 0 else "remove"
