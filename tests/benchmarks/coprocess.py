"""A pipe that stays open: `apply --each` beside the smallest program that does as much.

Both are at the end of one client's pipe: asked line by line, and given all lines at once.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial

import generate
from client import Pipe
from measure import INVCTL, Bench, Figure, peer, rate, rates_in_turn, run

LINES = 20_000
PRODUCTS = 1000
SECONDS = 2
TURNS = 3
PEERS = ("the bare driver's", "the other's")


def figures(bench: Bench) -> Iterator[Figure]:
    """Measure each way of asking, in turn with the peer and with another invctl."""
    file = generate.lines(bench.folder / "lines.jsonl", LINES, PRODUCTS)
    lines = file.read_bytes().splitlines(keepends=True)
    with ExitStack() as opened:
        pipes = [opened.enter_context(pipe) for pipe in _pipes(bench)]
        asked = [partial(pipe.for_a_while, lines, SECONDS) for pipe in pipes]
        yield from _rates("asked one by one", asked, (">= 0.75", ">= 1.00"))
        at_once = [partial(pipe.at_once, lines) for pipe in pipes[:2]]
        yield from _rates(f"{LINES:,} at once", at_once, (">= 4.00",))


def _pipes(bench: Bench) -> Iterator[Pipe]:
    """Yield ours, the peer's and the other's, each with an inventory of its own."""
    source = generate.products(bench.folder / "products.csv", PRODUCTS)
    command = ("stock", "apply", "-", "--each")
    invctls = {"ours": INVCTL, "peer": INVCTL, **bench.invctls()}
    for name, invctl in invctls.items():
        db = str(bench.folder / f"{name}.db")
        run([invctl, "product", "import", str(source), "-q"], INVCTL_DB=db)
        yield Pipe(peer("each", db) if name == "peer" else [invctl, *command], INVCTL_DB=db)


def _rates(
    name: str, measures: Sequence[Callable[[], float]], goals: Sequence[str]
) -> Iterator[Figure]:
    ours, *others = rates_in_turn(*measures, times=TURNS)
    for other, whose, goal in zip(others, PEERS, goals, strict=False):
        yield rate(f"apply --each, {name}: rate / {whose}", ours, other, goal)
