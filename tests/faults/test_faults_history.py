"""The judge of histories itself: it accepts what a serial order explains, and nothing else."""

import math
import random
from collections.abc import Sequence

import pytest
from history import Event, against_ledger, explained
from serial import READS, Answer, Call, Item, State, step

pytestmark = pytest.mark.faults

TEN = State({"A": Item(10, moved=True)})
ONE = State({"A": Item(1, moved=True)})
Ledger = list[tuple[int, str]]


def event(
    tag: str, asked: tuple[str, int], answer: Answer | None, began: float, ended: float = math.inf
) -> Event:
    verb, amount = asked
    moved = answer is not None and answer[0] == "moved"
    return Event(Call(tag, verb, "A", amount), answer, began, ended, int(tag) if moved else None)


def ledger_of(*tags: int) -> Ledger:
    return [(tag, str(tag)) for tag in tags]


def held(tag: str, began: float, ended: float = math.inf) -> Event:
    """Seven of ten are held, which makes hold 1."""
    return Event(Call(tag, "hold", "A", 7), ("held", "1", 7), began, ended, int(tag))


def ends(verb: str, tag: str, answer: Answer | None, began: float) -> Event:
    """Hold 1 ends, or does not; one that has run out has an operation that nobody is told of."""
    call = Call(tag, verb, other="1", holds=("1",) if verb == "expire" else ())
    done = answer is not None and answer[0] in ("moved", "let go")
    return Event(call, answer, began, began + 1, int(tag) if done else None)


GOOD: dict[str, tuple[State, list[Event], Ledger]] = {
    "one after another": (
        TEN,
        [
            event("1", ("remove", 3), ("moved", -3, 7), 0, 1),
            event("2", ("add", 5), ("moved", 5, 12), 2, 3),
        ],
        ledger_of(1, 2),
    ),
    "at once, in either order": (
        TEN,
        [
            event("2", ("remove", 3), ("moved", -3, 12), 0, 9),
            event("1", ("add", 5), ("moved", 5, 15), 0, 9),
        ],
        ledger_of(1, 2),
    ),
    "a stale read while the write is still under way": (
        TEN,
        [
            event("1", ("remove", 3), ("moved", -3, 7), 0, 9),
            event("2", ("show", 0), ("is", "A", 10, False), 5, 6),
        ],
        ledger_of(1),
    ),
    "a refusal between a sale and a delivery": (
        ONE,
        [
            event("1", ("remove", 1), ("moved", -1, 0), 0, 1),
            event("3", ("remove", 1), ("insufficient_stock", 0), 2, 3),
            event("2", ("add", 5), ("moved", 5, 5), 2, 3),
        ],
        ledger_of(1, 2),
    ),
    "killed, and it happened": (
        TEN,
        [
            event("1", ("remove", 4), None, 0),
            event("2", ("remove", 1), ("moved", -1, 5), 8, 9),
        ],
        ledger_of(1, 2),
    ),
    "killed, and it did not happen": (
        TEN,
        [
            event("1", ("remove", 4), None, 0),
            event("2", ("remove", 1), ("moved", -1, 9), 8, 9),
        ],
        ledger_of(2),
    ),
    "held, refused to another, and committed": (
        TEN,
        [
            held("1", 0, 1),
            event("3", ("remove", 4), ("insufficient_stock",), 2, 3),
            ends("commit", "2", ("moved", -7, 3), 4),
        ],
        ledger_of(1, 2),
    ),
    "held, run out, and sold": (
        TEN,
        [
            held("1", 0, 1),
            ends("expire", "2", None, 2)._replace(ended=math.inf),
            event("3", ("remove", 10), ("moved", -10, 0), 2, 3),
            ends("commit", "4", ("conflict", "hold_closed"), 5),
        ],
        ledger_of(1, 2, 3),
    ),
}

BAD: dict[str, tuple[State, list[Event], Ledger]] = {
    "a lost update": (
        TEN,
        [
            event("1", ("remove", 3), ("moved", -3, 7), 0, 9),
            event("2", ("remove", 3), ("moved", -3, 7), 0, 9),
        ],
        ledger_of(1, 2),
    ),
    "a stale read after an acknowledged write": (
        TEN,
        [
            event("1", ("remove", 3), ("moved", -3, 7), 0, 1),
            event("2", ("show", 0), ("is", "A", 10, False), 2, 3),
        ],
        ledger_of(1),
    ),
    "a read that goes back in time": (
        TEN,
        [
            event("1", ("remove", 3), ("moved", -3, 7), 0, 9),
            event("2", ("show", 0), ("is", "A", 7, False), 1, 2),
            event("3", ("show", 0), ("is", "A", 10, False), 3, 4),
        ],
        ledger_of(1),
    ),
    "the last item sold twice": (
        ONE,
        [
            event("1", ("remove", 1), ("moved", -1, 0), 0, 9),
            event("2", ("remove", 1), ("moved", -1, 0), 0, 9),
        ],
        ledger_of(1, 2),
    ),
    "a refusal though there was stock all the time": (
        TEN,
        [
            event("1", ("remove", 1), ("moved", -1, 9), 0, 9),
            event("2", ("remove", 8), ("insufficient_stock", 7), 0, 9),
        ],
        ledger_of(1),
    ),
    "a refusal that tells what was never available": (
        TEN,
        [event("1", ("remove", 11), ("insufficient_stock", 9), 0, 9)],
        [],
    ),
    "a write that took effect before it was asked for": (
        TEN,
        [
            event("2", ("add", 1), ("moved", 1, 12), 0, 1),
            event("1", ("add", 1), ("moved", 1, 11), 2, 3),
        ],
        ledger_of(1, 2),
    ),
    "more taken than asked for": (
        TEN,
        [event("1", ("remove", 3), ("moved", -4, 6), 0, 1)],
        ledger_of(1),
    ),
    "a count that left something else": (
        TEN,
        [event("1", ("set", 4), ("moved", -5, 5), 0, 1)],
        ledger_of(1),
    ),
    "held, and sold to another": (
        TEN,
        [held("1", 0, 1), event("2", ("remove", 4), ("moved", -4, 6), 2, 3)],
        ledger_of(1, 2),
    ),
    "a hold that was committed and released": (
        TEN,
        [
            held("1", 0, 1),
            ends("commit", "2", ("moved", -7, 3), 2),
            ends("release", "3", ("let go",), 4),
        ],
        ledger_of(1, 2, 3),
    ),
    "a hold that ran out and was committed": (
        TEN,
        [
            held("1", 0, 1),
            event("3", ("remove", 10), ("moved", -10, 0), 2, 3),
            ends("commit", "4", ("moved", -7, 0), 5),
        ],
        ledger_of(1, 3, 4),
    ),
}


@pytest.mark.parametrize(("opening", "events", "ledger"), GOOD.values(), ids=list(GOOD))
def test_a_history_that_an_order_explains_is_accepted(
    opening: State, events: list[Event], ledger: Ledger
) -> None:
    assert explained(opening, events)
    assert against_ledger(opening, events, ledger) == []


@pytest.mark.parametrize(("opening", "events", "ledger"), BAD.values(), ids=list(BAD))
def test_a_history_that_no_order_explains_is_rejected(
    opening: State, events: list[Event], ledger: Ledger
) -> None:
    assert not explained(opening, events)
    assert len(against_ledger(opening, events, ledger)) >= 1


@pytest.mark.parametrize(
    ("ledger", "finding"),
    [
        (ledger_of(), "1 was acknowledged as operation 1 and is lost"),
        (ledger_of(1, 1), "1 happened twice"),
        ([(1, "1"), (2, "x")], "nobody asked for operation 2 (x)"),
        ([(3, "1")], "1 was told operation 1, and is 3"),
    ],
)
def test_the_ledger_must_hold_what_was_acknowledged_once_and_nothing_else(
    ledger: Ledger, finding: str
) -> None:
    events = [event("1", ("remove", 3), ("moved", -3, 7), 0, 1)]
    assert finding in against_ledger(TEN, events, ledger)


def test_what_was_refused_must_not_be_in_the_ledger() -> None:
    events = [event("1", ("remove", 30), ("insufficient_stock", 10), 0, 1)]
    findings = against_ledger(TEN, events, ledger_of(1))
    assert findings == ["1 happened, where the order of the ledger says ('insufficient_stock', 10)"]


SKUS = ("A", "B")
VERBS = ("add", "remove", "up-to", "set", "show", "list", "archive", "unarchive", "undo", "apply")


def simulated(seed: int, count: int) -> tuple[State, list[Event], Ledger]:
    """A right history of random calls that overlap at random, some of them without an answer."""
    chance = random.Random(seed)
    opening = state = State({sku: Item(3, moved=True) for sku in SKUS})
    events: list[Event] = []
    ledger: Ledger = []
    for moment in range(count):
        tag = str(moment)
        lines = tuple((chance.choice(SKUS), "remove", chance.randint(1, 3)) for _ in range(2))
        call = Call(
            tag,
            chance.choice(VERBS) if moment else "add",
            chance.choice(SKUS),
            chance.randint(1, 4),
            other=str(chance.randrange(max(moment, 1))),
            lines=lines,
        )
        answer, state = step(state, call)
        began, ended = moment - chance.uniform(0, 2), moment + chance.uniform(0, 2)
        done = Event(call, answer, began, ended)
        if not done.is_refused and call.verb not in READS:
            ledger.append((len(ledger) + 1, tag))
            done = done._replace(operation=len(ledger))
        if moment and chance.random() < 0.1:
            done = done._replace(answer=None, ended=math.inf, operation=None)
        events.append(done)
    return opening, events, ledger


def spoiled(seed: int, events: Sequence[Event]) -> list[Event]:
    """The same history with the balance in one answer told wrong."""
    chance = random.Random(seed)
    moves = [one for one in events if one.answer and one.answer[0] == "moved"]
    chosen = chance.choice(moves)
    assert chosen.answer is not None
    kind, delta, quantity = chosen.answer
    wrong = chosen._replace(answer=(kind, delta, int(str(quantity)) + chance.choice((-1, 1))))
    return [wrong if one is chosen else one for one in events]


@pytest.mark.parametrize("seed", range(40))
def test_both_judges_accept_what_really_came_one_after_another(seed: int) -> None:
    opening, events, ledger = simulated(seed, 16)
    assert explained(opening, events)
    assert against_ledger(opening, events, ledger) == []


@pytest.mark.parametrize("seed", range(40))
def test_a_balance_told_wrong_contradicts_the_ledger(seed: int) -> None:
    opening, events, ledger = simulated(seed, 16)
    assert against_ledger(opening, spoiled(seed, events), ledger) != []


@pytest.mark.parametrize("seed", range(40))
def test_an_order_of_the_ledger_that_explains_a_history_is_one_that_the_search_finds(
    seed: int,
) -> None:
    opening, events, ledger = simulated(seed, 8)
    chance = random.Random(seed)
    tags = [tag for _, tag in ledger]
    first, second = sorted(chance.choices(range(len(tags)), k=2))
    tags[first], tags[second] = tags[second], tags[first]
    unsure = [one._replace(operation=None) for one in events]
    swapped = list(enumerate(tags, 1))
    assert explained(opening, unsure) or against_ledger(opening, unsure, swapped) != []
