"""A crowd that holds and sells, some of it killed, and the judge of what it was told and did."""

import json
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import promising
from history import Event, against_ledger
from inventories import Inventory, look
from serial import Call, Held, Item, State

from invctl.core.products import create_product
from invctl.core.promises.holds import create_hold
from invctl.core.upkeep.check import Check
from invctl.core.upkeep.inventory import create_inventory
from invctl.db.opening import open_database
from invctl.models.attempts import Attempt
from invctl.settings import read_location

STOCK = 20
_ME = Attempt("opening")
# What two clocks of one machine may differ by, and what an operation waits for its product.
_TOLERANCE = 1.0
_HELD = """SELECT sku, quantity, held,
    (SELECT coalesce(sum(delta), 0) FROM movement WHERE product_id = product.id),
    (SELECT coalesce(sum(amount), 0) FROM promise
        WHERE product_id = product.id AND kind = 'hold' AND closed_by IS NULL)
    FROM product"""
_LEDGER = """SELECT id, kind, idempotency_key, recorded_at FROM operation
    WHERE id > ? ORDER BY id"""
_ENDED = """SELECT promise.id, operation.id, operation.kind, due_at, operation.recorded_at
    FROM promise JOIN operation ON operation.id = closed_by ORDER BY promise.id"""


class Crowd(NamedTuple):
    """How many processes, for how long, on how many products, and how many of them are killed."""

    processes: int
    seconds: float
    products: int
    killed: int


class Heard(NamedTuple):
    """What a crowd was told, and what was wrong at the moments at which somebody looked."""

    events: list[Event]
    findings: list[str]
    moments: int


def opened(where: Inventory, products: int) -> tuple[State, int]:
    """Make an inventory with some products and one hold; return its state and last operation."""
    skus = [f"P-{number}" for number in range(products)]
    with closing(open_database(read_location(str(where), "--db"), create=True)) as db:
        create_inventory(db)
        for sku in skus:
            create_product(db, sku, name="P", quantity=STOCK, attempt=_ME)
        last = create_hold(db, skus[0], 1, lasting=None, attempt=_ME).operation
    items = {sku: Item(STOCK, moved=True, held=int(sku == skus[0])) for sku in skus}
    return State(items, holds={"1": Held(skus[0], 1)}), last


def let_loose(where: Inventory, crowd: Crowd, folder: Path, code: Path | None = None) -> Heard:
    """Let a crowd do what it does; some are killed, and others come in their place."""
    chance, findings, moments = random.Random(1), list[str](), 0
    eye = look(where)
    told = [folder / f"{number}.jsonl" for number in range(crowd.processes + crowd.killed)]
    waiting = iter(told)
    end = time.monotonic() + crowd.seconds
    running = [_start(where, crowd, next(waiting), code) for _ in range(crowd.processes)]
    kills = sorted(chance.uniform(0.3, 0.9) * crowd.seconds for _ in range(crowd.killed))
    while any(one.poll() is None for one in running):
        moments += 1
        findings += _unheld(eye.query(_HELD))  # in one statement, which sees one moment
        if kills and time.monotonic() > end - crowd.seconds + kills[0]:
            kills.pop(0)
            victim = running.pop(0)
            victim.kill()
            victim.wait()
            left = max(0.1, end - time.monotonic())
            running.append(_start(where, crowd._replace(seconds=left), next(waiting), code))
        time.sleep(0.002)
    findings += [f"a caller ended with {one.returncode}" for one in running if one.returncode]
    events = [event for path in told if path.exists() for event in _heard(path)]
    return Heard(events, findings, moments)


def _start(
    where: Inventory, crowd: Crowd, told: Path, code: Path | None
) -> "subprocess.Popen[bytes]":
    skus = ",".join(f"P-{number}" for number in range(crowd.products))
    env = {**os.environ, **({"PYTHONPATH": str(code)} if code else {})}
    words = [promising.__file__, str(where), told.stem, str(crowd.seconds), skus]
    with told.open("wb") as out:
        return subprocess.Popen([sys.executable, *words], stdout=out, env=env)


def _unheld(rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """Yield what the guard must keep from being so at any moment."""
    for sku, quantity, held, moved, promised in rows:
        if held != promised:
            yield f"{sku}: {held} held, and its open holds are of {promised}"
        if quantity != moved or not 0 <= held <= quantity:
            yield f"{sku}: {held} of {quantity} held, its movements make {moved}"


def _heard(path: Path) -> Iterator[Event]:
    """Read what a caller told; a line that it was killed in is none."""
    asked: dict[str, dict[str, Any]] = {}
    for line in path.read_text().splitlines(keepends=True):
        if not line.endswith("\n"):
            continue
        said = json.loads(line)
        if "began" in said:
            asked[said["tag"]] = said
        else:
            yield _event(asked.pop(said["tag"]), said)
    for one in asked.values():
        yield _event(one, None)


def _event(asked: dict[str, Any], said: dict[str, Any] | None) -> Event:
    amount, other = asked.get("amount", 0), asked.get("other", "")
    call = Call(asked["tag"], asked["verb"], asked["sku"], amount, other=other)
    if said is None:
        return Event(call, None, asked["began"])
    return Event(call, tuple(said["told"]), asked["began"], said["ended"], said["operation"])


def judged(where: Inventory, opening: State, last: int, heard: Heard) -> list[str]:
    """Return what contradicts that holds keep their units, as sentences."""
    eye = look(where)
    ended = eye.query(_ENDED)
    run_out: dict[int, list[str]] = {}
    for hold, operation, kind, *_ in ended:
        if kind == "expire":
            run_out.setdefault(int(operation), []).append(str(hold))
    order, events = [], [one for one in heard.events if not _is_late(one)]
    for number, kind, key, _ in eye.query(_LEDGER, last):
        tag = str(key) if key is not None else f"{kind}-{number}"
        if key is None and kind == "expire":
            call = Call(tag, "expire", holds=tuple(run_out[int(number)]))
            events.append(Event(call, None, -math.inf))
        order.append((int(number), tag))
    findings = [*heard.findings, *_against_clock(ended, heard.events)]
    findings += against_ledger(opening, events, order)
    with closing(open_database(read_location(str(where), "--db"))) as db:
        findings += [f"check: {one.message}" for one in Check(db)]
    return findings


def _is_late(event: Event) -> bool:
    """Whether it was told that a hold had run out, which the order of operations cannot show."""
    return event.answer == ("conflict", "hold_expired")


def _against_clock(ended: Sequence[Sequence[Any]], events: Sequence[Event]) -> Iterator[str]:
    """Yield holds that ended at the wrong time, and commits in time that were refused."""
    due = {}
    for hold, _, kind, due_at, recorded_at in ended:
        if due_at is None:
            continue
        due[str(hold)] = until = datetime.fromisoformat(str(due_at)).timestamp()
        then = datetime.fromisoformat(str(recorded_at)).timestamp()
        if kind == "commit" and then > until:
            yield f"hold {hold} was good until {due_at}, and committed at {recorded_at}"
        if kind == "expire" and then < until - _TOLERANCE:
            yield f"hold {hold} was good until {due_at}, and had run out at {recorded_at}"
    for event in events:
        if _is_late(event) and event.ended < due.get(event.call.other, -math.inf):
            yield f"{event.call.tag} was in time for hold {event.call.other}, and refused"
