"""What callers are told who come one after another: the plain model behind every history.

`step` takes one call and gives the answer and the state after it. It knows no process, no file and
no clock: that holds have run out is a call of its own.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

Answer = tuple[object, ...]
"""What a caller was told; a refusal begins with its error's code."""
Move = tuple[str, int]
Line = tuple[str, str, int]
"""SKU, verb and amount of a line of a file."""

REFUSALS = {"not_found", "conflict", "insufficient_stock", "invalid_data"}
READS = {"show", "list", "export", "log"}


class Call(NamedTuple):
    """What a caller asks for. `tag` is its own name for it, and what an undo is asked about.

    `other` is the new SKU of a rename, the tag of the call that an undo reverses, or the number of
    the hold that a commit, a release or an extension is about; those that have run out (`expire`)
    stand in `holds`.
    """

    tag: str
    verb: str
    sku: str = ""
    amount: int = 0
    expect: int | None = None
    other: str = ""
    lines: tuple[Line, ...] = ()
    holds: tuple[str, ...] = ()


class Item(NamedTuple):
    """A product: what there is of it, whether it is archived or ever moved, what of it is held."""

    quantity: int
    archived: bool = False
    moved: bool = False
    held: int = 0


class Held(NamedTuple):
    """A hold: of how many units of which product, and whether it is closed."""

    sku: str
    amount: int
    is_open: bool = True


class State(NamedTuple):
    """An inventory: its products, what each call moved, which were undone, and holds by number."""

    items: Mapping[str, Item]
    made: Mapping[str, tuple[Move, ...]] = {}
    undone: frozenset[str] = frozenset()
    holds: Mapping[str, Held] = {}

    @property
    def key(self) -> object:
        """The state as something that can be remembered."""
        rest = frozenset(self.made.items()), self.undone, frozenset(self.holds.items())
        return frozenset(self.items.items()), *rest


class Refused(Exception):
    """What the caller is told instead of an answer; nothing has changed."""

    def __init__(self, *answer: object) -> None:
        super().__init__(*answer)
        self.answer: Answer = answer


def step(state: State, call: Call) -> tuple[Answer, State]:
    """Return what `call` is told in `state`, and what it leaves.

    Of how much there is too little is left out where units are held: what has run out counts as
    free, and a refusal leaves no trace of that.
    """
    try:
        return _VERBS[call.verb](state, call)
    except Refused as refused:
        is_short = refused.answer[0] == "insufficient_stock" and state.holds
        return (refused.answer[:1] if is_short else refused.answer), state


def _find(items: Mapping[str, Item], sku: str) -> Item:
    if sku not in items:
        raise Refused("not_found")
    return items[sku]


def _find_active(items: Mapping[str, Item], sku: str) -> Item:
    item = _find(items, sku)
    if item.archived:
        raise Refused("conflict", "archived")
    return item


def _move(items: dict[str, Item], sku: str, delta: int) -> list[Move]:
    """Move `delta` units in `items`; return the movement, or none where nothing moves."""
    item = _find_active(items, sku)
    if item.quantity + delta < item.held:
        raise Refused("insufficient_stock", item.quantity - item.held)
    if not delta:
        return []
    items[sku] = item._replace(quantity=item.quantity + delta, moved=True)
    return [(sku, delta)]


def _delta(item: Item, verb: str, amount: int) -> int:
    return {
        "add": amount,
        "remove": -amount,
        "up-to": -min(amount, item.quantity - item.held),
        "set": amount - item.quantity,
    }[verb]


def _after(state: State, call: Call, items: Mapping[str, Item], moves: list[Move]) -> State:
    return state._replace(items=items, made={**state.made, call.tag: tuple(moves)})


def _change(state: State, call: Call) -> tuple[Answer, State]:
    items = dict(state.items)
    item = _find_active(items, call.sku)
    if call.expect is not None and call.expect != item.quantity:
        raise Refused("conflict", "stale", item.quantity)
    delta = _delta(item, call.verb, call.amount)
    if call.verb == "set" and call.amount < item.held:
        raise Refused("conflict", "held")
    moves = _move(items, call.sku, delta)
    return ("moved", delta, items[call.sku].quantity), _after(state, call, items, moves)


def _apply(state: State, call: Call) -> tuple[Answer, State]:
    items, moves = dict(state.items), list[Move]()
    refused = []
    counted = set[str]()
    for number, (sku, verb, amount) in enumerate(call.lines, 2):
        try:
            item = _find_active(items, sku)
            if sku in counted and verb == "set":
                raise Refused("invalid_data")
            moves += _move(items, sku, _delta(item, verb, amount))
            counted |= {sku} if verb == "set" else set()
        except Refused as refusal:
            refused.append((number, refusal.answer[0]))
    if refused:
        raise Refused("invalid_data", tuple(refused))
    return _batch(moves), _after(state, call, items, moves)


def _undo(state: State, call: Call) -> tuple[Answer, State]:
    if call.other not in state.made:
        raise Refused("not_found")
    if call.other in state.undone:
        raise Refused("conflict", "already_undone")
    if not state.made[call.other]:
        raise Refused("conflict", "nothing_to_undo")
    items, moves = dict(state.items), list[Move]()
    for sku, delta in sorted(state.made[call.other], key=lambda move: move[1]):
        moves += _move(items, sku, -delta)
    after = _after(state, call, items, moves)._replace(undone=state.undone | {call.other})
    (sku, delta), *more = moves
    return _batch(moves) if more else ("moved", delta, items[sku].quantity), after


def _batch(moves: list[Move]) -> Answer:
    return "applied", len(moves), len({sku for sku, _ in moves})


def _hold(state: State, call: Call) -> tuple[Answer, State]:
    item = _find_active(state.items, call.sku)
    if call.amount > item.quantity - item.held:
        raise Refused("insufficient_stock", item.quantity - item.held)
    number = str(len(state.holds) + 1)
    items = {**state.items, call.sku: item._replace(held=item.held + call.amount)}
    after = _after(state, call, items, [])
    made = {**state.holds, number: Held(call.sku, call.amount)}
    return ("held", number, call.amount), after._replace(holds=made)


def _closed(state: State, *numbers: str) -> State:
    """Return a state in which holds are closed and what they held is free."""
    items, holds = dict(state.items), dict(state.holds)
    for number in numbers:
        if number not in holds:
            raise Refused("not_found")
        sku, amount, is_open = holds[number]
        if not is_open:
            raise Refused("conflict", "hold_closed")
        items[sku] = items[sku]._replace(held=items[sku].held - amount)
        holds[number] = Held(sku, amount, is_open=False)
    return state._replace(items=items, holds=holds)


def _commit(state: State, call: Call) -> tuple[Answer, State]:
    closed = _closed(state, call.other)
    sku, amount, _ = closed.holds[call.other]
    items = dict(closed.items)
    moves = _move(items, sku, -amount)
    return ("moved", -amount, items[sku].quantity), _after(closed, call, items, moves)


def _let_go(state: State, call: Call) -> tuple[Answer, State]:
    closed = _closed(state, *(call.holds or (call.other,)))
    return ("let go",), _after(closed, call, closed.items, [])


def _extend(state: State, call: Call) -> tuple[Answer, State]:
    _closed(state, call.other)
    return ("extended",), _after(state, call, state.items, [])


def _import(state: State, call: Call) -> tuple[Answer, State]:
    items, opened, counted, refused = dict(state.items), list[Move](), list[Move](), []
    created = updated = kept = 0
    for number, (sku, _, quantity) in enumerate(call.lines, 2):
        if sku not in items:
            items[sku] = Item(0)
            opened += _move(items, sku, quantity)
            created += 1
        elif quantity != items[sku].quantity and call.verb == "import":
            kept += 1
        elif quantity != items[sku].quantity:
            try:
                counted += _move(items, sku, quantity - items[sku].quantity)
                updated += 1
            except Refused as refusal:
                refused.append((number, refusal.answer[0]))
    if refused:
        raise Refused("invalid_data", tuple(refused))
    moves = opened + counted  # in the order of their ids: opening stock comes first
    unchanged = len(call.lines) - created - updated
    answer = ("imported", created, updated, unchanged, kept, len(moves))
    return answer, _after(state, call, items, moves)


def _create(state: State, call: Call) -> tuple[Answer, State]:
    if call.sku in state.items:
        raise Refused("conflict", "exists")
    items = {**state.items, call.sku: Item(0)}
    moves = _move(items, call.sku, call.amount)
    return _record(items, call.sku), _after(state, call, items, moves)


def _rename(state: State, call: Call) -> tuple[Answer, State]:
    item = _find(state.items, call.sku)
    if call.other in state.items and call.other != call.sku:
        raise Refused("conflict", "exists")
    items = {sku: one for sku, one in state.items.items() if sku != call.sku}
    items[call.other] = item
    made = {
        tag: tuple((call.other if sku == call.sku else sku, delta) for sku, delta in moves)
        for tag, moves in state.made.items()
    }
    return _record(items, call.other), _after(state._replace(made=made), call, items, [])


def _archive(state: State, call: Call) -> tuple[Answer, State]:
    item = _find(state.items, call.sku)
    items = {**state.items, call.sku: item._replace(archived=call.verb == "archive")}
    return _record(items, call.sku), _after(state, call, items, [])


def _delete(state: State, call: Call) -> tuple[Answer, State]:
    if _find(state.items, call.sku).moved:
        raise Refused("conflict", "has_history")
    items = {sku: one for sku, one in state.items.items() if sku != call.sku}
    return _record(state.items, call.sku), _after(state, call, items, [])


def _show(state: State, call: Call) -> tuple[Answer, State]:
    return _record(state.items, call.sku), state


def _record(items: Mapping[str, Item], sku: str) -> Answer:
    item = _find(items, sku)
    return "is", sku, item.quantity, item.archived


def _list(state: State, call: Call) -> tuple[Answer, State]:
    shown = tuple(
        (sku, item.quantity)
        for sku, item in sorted(state.items.items())
        if call.verb == "export" or not item.archived
    )
    return ("lists", shown), state


def _log(state: State, _call: Call) -> tuple[Answer, State]:
    return ("logs", sum(map(len, state.made.values()))), state


_VERBS: Mapping[str, Callable[[State, Call], tuple[Answer, State]]] = {
    **dict.fromkeys(("add", "remove", "up-to", "set"), _change),
    "apply": _apply,
    "undo": _undo,
    "import": _import,
    "import-set": _import,
    "hold": _hold,
    "commit": _commit,
    "release": _let_go,
    "expire": _let_go,
    "extend": _extend,
    "create": _create,
    "rename": _rename,
    "archive": _archive,
    "unarchive": _archive,
    "delete": _delete,
    "show": _show,
    "list": _list,
    "export": _list,
    "log": _log,
}
