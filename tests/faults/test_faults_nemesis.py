"""Everything at once, with processes that are stopped and killed at random: by seed.

FAULTS_SEED chooses the seeds (`7`, or `7,8,9`, or `random`), FAULTS_STEPS how many calls each
caller makes; `FAULTS_SEED=random FAULTS_STEPS=1000` is the long run. What it plans is the seed's;
how the processes interleave is not.
"""

import os
import random
from collections.abc import Callable

import pytest
from books import ACKNOWLEDGED, UNKNOWN, Try, check_books
from callers import KEYLESS, last_ids, ledger
from history import against_ledger
from nemesis import OPENING, Run, plan
from serial import Call, State, step
from shop import Shop

pytestmark = pytest.mark.faults

_GIVEN = os.environ.get("FAULTS_SEED", "1,2")
SEEDS = [random.randrange(10**9)] if _GIVEN == "random" else [int(n) for n in _GIVEN.split(",")]
STEPS = int(os.environ.get("FAULTS_STEPS", "10"))


def opened(shop: Shop) -> State:
    """Import the opening stock, and return it as a state."""
    rows = "".join(f"{sku},N,{quantity}\n" for sku, _, quantity in OPENING)
    made = shop.run("product", "import", "-", "-q", stdin=f"sku,name,quantity\n{rows}")
    assert made.code == 0, made.stderr
    return step(State({}), Call("opening", "import", lines=OPENING))[1]


def final(opening: State, run: Run, order: list[str]) -> State:
    """Return the state after all operations in their order."""
    calls = {event.call.tag: event.call for event in run.events}
    state = opening
    for tag in order:
        _, state = step(state, calls[tag])
    return state


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_to_whom_some_order_explains_what_all_were_told(
    shop: Shop, seed: int, record_property: Callable[[str, object], None]
) -> None:
    opening = opened(shop)
    before, _ = last_ids(shop)
    run = Run(shop, plan(seed, STEPS))
    run.go()
    made = ledger(shop, after=before)
    told = ", ".join(f"{count} {what}" for what, count in run.befallen.items())
    record_property(f"nemesis, seed {seed}", f"{len(run.events)} calls, {len(made)} done; {told}")
    assert against_ledger(opening, run.events, made) == [], f"seed {seed}"
    end = final(opening, run, [tag for _, tag in made])
    stored = shop.query("SELECT sku, quantity, archived_at IS NOT NULL FROM product")
    expected = {sku: (item.quantity, item.archived) for sku, item in end.items.items()}
    assert {sku: (quantity, bool(gone)) for sku, quantity, gone in stored} == expected
    # The opening by today's names, since products were renamed.
    first = dict(end.made["opening"])
    assert check_books(shop.db, first, tries_of(run, end), after=before) == [], f"seed {seed}"


def tries_of(run: Run, end: State) -> list[Try]:
    """Return what was acknowledged or may have happened, with the movements that it must have."""
    tries = []
    for event in run.events:
        tag = event.call.tag
        if tag in end.made:
            key = None if event.call.verb in KEYLESS else tag
            (sku, delta), *more = end.made[tag] or (("", 0),)
            outcome = UNKNOWN if event.answer is None else ACKNOWLEDGED
            tries.append(Try(key, sku, delta, outcome, tuple(more)))
    return tries


def test_a_seed_makes_the_same_plan_each_time() -> None:
    assert plan(7, 50) == plan(7, 50)
    assert plan(7, 50) != plan(8, 50)
