"""A seeded mixture of everything: plans of calls and of what befalls them, and their execution.

The same seed makes the same plans; how they interleave is the system's own.
"""

import fcntl
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from statistics import median
from subprocess import Popen, TimeoutExpired
from threading import Timer
from typing import NamedTuple

from callers import KEYLESS, asked, told
from each import Coprocess, asked_each, coprocess
from history import Event
from serial import READS, Call, Line
from shop import Shop

CALLERS = 3
SKUS = ("A-1", "A-2", "D-1", "D-2", "N-1", "N-2")
OPENING: tuple[Line, ...] = (("A-1", "import", 20), ("A-2", "import", 9), ("D-1", "import", 5))
LOCKED = ("db_locked",)
_WEIGHTS = {
    "add": 6, "remove": 8, "up-to": 3, "set": 3, "apply": 5, "undo": 6, "import": 2,
    "import-set": 2, "create": 3, "rename": 2, "archive": 1, "unarchive": 3, "delete": 1,
    "show": 2, "list": 2, "export": 2, "log": 2,
}  # fmt: skip


class Fate(NamedTuple):
    """What befalls a process: a signal, after a part of the time that such a one takes.

    A stopped one goes on after `pause` seconds.
    """

    blow: signal.Signals | None = None
    part: float = 0.0
    pause: float = 0.0


class Step(NamedTuple):
    """A call, with what time it has for a lock, and what befalls it."""

    call: Call
    timeout: str
    fate: Fate


class Batch(NamedTuple):
    """Lines for an open pipe, and what befalls it meanwhile."""

    calls: tuple[Call, ...]
    fate: Fate


class Hold(NamedTuple):
    """A neighbour who takes the turn of writers, or SQLite's own lock, and keeps it a while."""

    knows_gate: bool
    before: float
    seconds: float


class Plan(NamedTuple):
    """What each caller does, one step after another; what goes through the pipe; who is rude."""

    callers: tuple[tuple[Step, ...], ...]
    pipe: tuple[Batch, ...]
    holds: tuple[Hold, ...]


def plan(seed: int, steps: int) -> Plan:
    """Return the plan of a seed: `steps` calls of each caller, and a third as many batches."""
    chance = random.Random(seed)
    callers = tuple(tuple(_steps(chance, number, steps)) for number in range(CALLERS))
    pipe = tuple(
        Batch(tuple(_line(chance, f"pipe-{batch}-{n}") for n in range(6)), _fate(chance))
        for batch in range(steps // 3)
    )
    holds = tuple(
        Hold(chance.random() < 0.5, chance.uniform(0.0, 0.4), chance.uniform(0.05, 0.5))
        for _ in range(steps)
    )
    return Plan(callers, pipe, holds)


def _steps(chance: random.Random, caller: int, count: int) -> Iterator[Step]:
    tags: list[str] = []
    for number in range(count):
        call = _call(chance, f"caller-{caller}-{number}", tags)
        # The serial model knows of what else an undo takes back nothing.
        if call.verb in ("add", "remove", "up-to", "undo"):
            tags.append(call.tag)
        yield Step(call, chance.choice(("0", "0.1", "5", "5")), _fate(chance))


def _call(chance: random.Random, tag: str, earlier: Sequence[str]) -> Call:
    verb = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    sku = chance.choice(SKUS)
    if verb == "undo" and not earlier:
        verb = "add"
    if verb == "log":
        return Call(tag, verb)
    if verb == "undo":
        return Call(tag, verb, other=chance.choice(earlier[-6:]))
    if verb == "rename":
        return Call(tag, verb, sku, other=chance.choice(SKUS[2:]))
    if verb == "apply":
        lines = (_line(chance, "") for _ in range(chance.randint(1, 4)))
        return Call(tag, verb, lines=tuple((one.sku, one.verb, one.amount) for one in lines))
    if verb in ("import", "import-set"):
        skus = chance.sample(SKUS, 3)
        return Call(tag, verb, lines=tuple((one, verb, chance.randint(0, 9)) for one in skus))
    expect = chance.randint(0, 20) if verb == "set" and chance.random() < 0.3 else None
    return Call(tag, verb, sku, chance.randint(1, 8), expect)


def _line(chance: random.Random, tag: str) -> Call:
    verb = chance.choice(("add", "remove", "remove", "set"))
    return Call(tag, verb, chance.choice(SKUS[:3]), chance.randint(1, 8))


def _fate(chance: random.Random) -> Fate:
    if chance.random() < 0.5:
        return Fate()
    number = chance.choice((signal.SIGKILL, signal.SIGSTOP))
    return Fate(number, chance.uniform(0.4, 1.0), chance.uniform(0.05, 0.4))


class Run:
    """The execution of a plan in a shop; `events` are what its callers know at the end."""

    def __init__(self, shop: Shop, plan: Plan) -> None:
        self.events: list[Event] = []
        self.befallen = dict.fromkeys(("killed", "stopped", "locked", "unknown", "replayed"), 0)
        self._shop = shop
        self._plan = plan
        self._operations: dict[str, int] = {}
        self._took = [0.3]  # until the first one is over
        self._first: dict[str, Event] = {}

    def go(self) -> None:
        """Let all callers do all of their steps, then each of them retry each of its keys."""
        with ThreadPoolExecutor(CALLERS + 2) as crowd:
            piped = crowd.submit(self._pipe, self._plan.pipe)
            held = crowd.submit(self._hold, self._plan.holds)
            for caller in [crowd.submit(self._call, steps) for steps in self._plan.callers]:
                caller.result()
            piped.result()
            held.result()
            keyed = [one for one in self._first.values() if one.call.verb not in KEYLESS]
            for _ in crowd.map(self._retry, keyed):
                pass
        self.events += self._first.values()

    def _call(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if step.call.verb == "undo" and step.call.other not in self._operations:
                continue  # what it would undo was never acknowledged: its id is not known
            event, _ = asked(
                self._shop,
                step.call,
                "--timeout",
                step.timeout,
                operations=self._operations,
                meddle=self._meddler(step.fate),
            )
            if event.answer is not None and not step.fate.blow:
                self._took.append(event.ended - event.began)
            self._keep(event)

    def _pipe(self, batches: Sequence[Batch]) -> None:
        with ExitStack() as stack:
            pipe = None
            for batch in batches:
                pipe = pipe or stack.enter_context(coprocess(self._shop))
                events = self._batch(pipe, batch)
                for event in events:
                    self._keep(event)
                if events[-1].answer is None or pipe.process.poll() is not None:
                    pipe = None

    def _hold(self, holds: Sequence[Hold]) -> None:
        with open(f"{self._shop.db}.lock", "a") as gate:
            for hold in holds:
                time.sleep(hold.before)
                if hold.knows_gate:
                    fcntl.flock(gate, fcntl.LOCK_EX)
                    time.sleep(hold.seconds)
                    fcntl.flock(gate, fcntl.LOCK_UN)
                else:
                    with closing(sqlite3.connect(self._shop.db, timeout=60)) as neighbour:
                        neighbour.isolation_level = None
                        neighbour.execute("BEGIN IMMEDIATE")
                        time.sleep(hold.seconds)

    def _batch(self, pipe: Coprocess, batch: Batch) -> list[Event]:
        def befall() -> None:
            self._befall(pipe.process, batch.fate)

        with_fate = Timer(batch.fate.part * 0.05, befall)
        with_fate.start()
        try:
            return asked_each(pipe, batch.calls)
        finally:
            with_fate.join()

    def _keep(self, event: Event) -> None:
        """Keep what the caller of a call knows now."""
        self.befallen["unknown"] += event.answer is None
        self.befallen["locked"] += event.answer == LOCKED
        if event.operation is not None:
            self._operations[event.call.tag] = event.operation
        if event.call.verb in READS:
            self.events += [] if event.answer in (None, LOCKED) else [event]
        elif event.answer != LOCKED or event.call.verb not in KEYLESS:
            self._first[event.call.tag] = event

    def _retry(self, first: Event) -> None:
        """Ask again with the same key, and merge what its caller learns from that."""
        call = first.call
        again, result = asked(self._shop, call, "--timeout", "60", operations=self._operations)
        assert again.answer not in (None, LOCKED), result
        replayed = told(call, result).replayed
        self.befallen["replayed"] += replayed
        if first.operation is not None:
            assert replayed, f"{call.tag} was acknowledged, and is done anew: {again}"
            assert (again.answer, again.operation) == (first.answer, first.operation), call.tag
            return
        if first.answer is not None:
            assert not replayed, f"{call.tag} was told {first.answer}, and had happened"
        if first.is_refused:
            refused = first.call._replace(tag=f"{call.tag}, at first")
            self.events.append(first._replace(call=refused))
        # What was not answered may have happened from its first beginning on.
        began = first.began if first.answer is None else again.began
        self._first[call.tag] = again._replace(began=began)

    def _meddler(self, fate: Fate) -> Callable[[Popen[bytes]], None] | None:
        def meddle(process: Popen[bytes]) -> None:
            try:
                process.wait(fate.part * median(self._took))
            except TimeoutExpired:
                self._befall(process, fate)

        return meddle if fate.blow else None

    def _befall(self, process: Popen[bytes], fate: Fate) -> None:
        if fate.blow is None:
            return
        process.send_signal(fate.blow)
        if fate.blow == signal.SIGKILL:
            self.befallen["killed"] += 1
            return
        self.befallen["stopped"] += 1
        try:
            process.wait(fate.pause)
        except TimeoutExpired:
            process.send_signal(signal.SIGCONT)
