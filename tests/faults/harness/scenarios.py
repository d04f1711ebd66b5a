"""The mutations that faults are tried on: each is one line in `SCENARIOS`, judged all alike."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from books import ACKNOWLEDGED, REFUSED, UNKNOWN, Moved, Try, outcome_of
from shop import Result

KEY = "the-key"
_OUTPUT_IO = 15
INPUT = "input"
"""The file that a scenario's command reads, in the folder that it runs in."""

_STOCKED: tuple[tuple[str, ...], ...] = (
    ("product", "create", "A-1", "--name", "Widget", "--quantity", "10"),
    ("product", "create", "B-1", "--name", "Gadget", "--reorder-point", "5"),
    ("stock", "add", "A-1", "5"),
)
_PROMISED = (
    *_STOCKED,
    ("hold", "create", "A-1", "2", "--no-expiry", "--ref", "cart"),
    ("delivery", "expect", "A-1", "6"),
)
_PLACED: tuple[tuple[str, ...], ...] = (
    ("product", "create", "A-1", "--name", "Widget", "--quantity", "4"),
    ("stock", "add", "A-1", "6", "--to", "VAN"),
    ("stock", "add", "A-1", "5", "--to", "SHOP"),
)
STARTS: Mapping[str, tuple[tuple[str, ...], ...] | None] = {
    "no folder": None,
    "no file": (),
    "stocked": _STOCKED,
    "promised": _PROMISED,
    "placed": _PLACED,
}
"""What the commands find: made by these, once; None is a folder that is missing itself."""

OPENING: Mapping[str, Mapping[str, int]] = {
    "stocked": {"A-1": 15},
    "promised": {"A-1": 15},
    "placed": {"A-1": 15},
}
_MOVEMENTS = "sku,delta\nA-1,-3\nB-1,8\nA-1,4\n"
_PRODUCTS = "sku,name,quantity\nA-1,Renamed,99\nN-1,New,7\nN-2,Newer,0\nN-3,Newest,2\n"
_LINES = "".join(
    f'{{"sku":"{sku}","delta":{delta},"idempotency_key":"line-{number}"}}\n'
    for number, (sku, delta) in enumerate((("A-1", -3), ("B-1", 8), ("A-1", -99), ("A-1", 4)), 1)
)


@dataclass(frozen=True)
class Scenario:
    """A mutation: what it finds, and the movements that it makes if it happens.

    With `answers` its input is lines with keys of their own, and those are the movements of each,
    None for one that is refused. `code` is how it ends when nothing goes wrong; without
    `in_ledger` it leaves no operation; with `streams` it tells what it finds as it goes. With
    `midway` it has two operations: it may stop where that command, which moves nothing, would.
    """

    name: str
    command: tuple[str, ...]
    moved: Moved = ()
    start: str = "stocked"
    key: str | None = KEY
    input: str = ""
    answers: tuple[Moved | None, ...] = ()
    code: int = 0
    in_ledger: bool = True
    streams: bool = False
    midway: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The whole command line, which a retry repeats."""
        key = ("--idempotency-key", self.key) if self.key else ()
        # A lock that cannot be had is waited for no longer than a lock held by a peer may be.
        own = (*key, "--json", "--timeout", "0.3")
        end = self.command.index("--") if "--" in self.command else len(self.command)
        return (*self.command[:end], *own, *self.command[end:])

    @property
    def has_keys(self) -> bool:
        """Whether a retry of it, or of each of its lines, is known for one."""
        return self.key is not None or bool(self.answers)

    def tries(self, result: Result) -> list[Try]:
        """Return what the caller of a run knows after it."""
        if not self.in_ledger:
            return []
        if self.answers:
            return list(_lines_tried(self.answers, result))
        sku, delta = self.moved[0] if self.moved else ("", 0)
        if self.midway:
            told = told_by(result)
            first = UNKNOWN if told == REFUSED else told
            return [Try(None, "", 0, first), Try(None, sku, delta, told)]
        return [Try(self.key, sku, delta, told_by(result), self.moved[1:])]


SCENARIOS = (
    Scenario("stock add", ("stock", "add", "A-1", "3"), (("A-1", 3),)),
    Scenario("stock remove", ("stock", "remove", "A-1", "3"), (("A-1", -3),)),
    Scenario("stock set", ("stock", "set", "B-1", "8"), (("B-1", 8),)),
    Scenario(
        "product create",
        ("product", "create", "C-1", "--name", "Third", "--quantity", "4"),
        (("C-1", 4),),
    ),
    Scenario(
        "product create, the first",
        ("product", "create", "C-1", "--name", "First", "--quantity", "4"),
        (("C-1", 4),),
        start="no file",
    ),
    Scenario(
        "init",
        ("init", "--sku-rule", "any"),
        start="no folder",
        key=None,
        in_ledger=False,
    ),
    Scenario("product update", ("product", "update", "A-1", "--name", "New"), key=None),
    Scenario("product rename", ("product", "rename", "B-1", "B-2"), key=None),
    Scenario("product archive", ("product", "archive", "A-1"), key=None),
    Scenario("product delete", ("product", "delete", "B-1", "--yes"), key=None),
    Scenario(
        "product import",
        ("product", "import", INPUT),
        (("N-1", 7), ("N-3", 2)),
        input=_PRODUCTS,
    ),
    Scenario(
        "product import, the first",
        ("product", "import", INPUT),
        (("A-1", 99), ("N-1", 7), ("N-3", 2)),
        start="no folder",
        input=_PRODUCTS,
    ),
    Scenario(
        "stock apply",
        ("stock", "apply", INPUT),
        (("A-1", -3), ("B-1", 8), ("A-1", 4)),
        input=_MOVEMENTS,
    ),
    Scenario(
        "stock apply --each",
        ("stock", "apply", INPUT, "--each"),
        key=None,
        input=_LINES,
        answers=((("A-1", -3),), (("B-1", 8),), None, (("A-1", 4),)),
        code=5,
    ),
    Scenario("stock undo", ("stock", "undo", "3"), (("A-1", -5),)),
    Scenario("hold create", ("hold", "create", "A-1", "3")),
    Scenario("hold commit", ("hold", "commit", "1"), (("A-1", -2),), start="promised"),
    Scenario("hold release", ("hold", "release", "--ref", "cart"), start="promised"),
    Scenario(
        "hold run",
        ("hold", "run", "A-1=3", "--", "true"),
        (("A-1", -3),),
        key=None,
        midway=("hold", "create", "A-1", "3"),
    ),
    Scenario(
        "delivery receive", ("delivery", "receive", "2", "4"), (("A-1", 4),), start="promised"
    ),
    Scenario(
        "stock add --to",
        ("stock", "add", "A-1", "3", "--to", "CELLAR", "--expires", "2042-01-01"),
        (("A-1", 3),),
        start="placed",
    ),
    Scenario(
        "stock move",
        ("stock", "move", "A-1", "4", "--from", "VAN", "--to", "SHOP"),
        (("A-1", -4), ("A-1", 4)),
        start="placed",
    ),
    Scenario(
        "stock remove --from any",
        ("stock", "remove", "A-1", "12", "--from", "any"),
        (("A-1", -6), ("A-1", -5), ("A-1", -1)),
        start="placed",
    ),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def told_by(result: Result) -> str:
    """Return what a run's error or exit code tells; output that failed says what was committed."""
    if result.code == _OUTPUT_IO and result.err:
        committed = json.loads(result.err)["error"]["details"]["committed"]
        return ACKNOWLEDGED if committed else REFUSED
    return outcome_of(result.code)


def _lines_tried(answers: Sequence[Moved | None], result: Result) -> Iterator[Try]:
    """Yield what each line's answer tells; those without one may have been in hand together."""
    records = result.records
    unanswered = outcome_of(result.code)
    for place, moved in enumerate(answers):
        key, (sku, delta), *more = f"line-{place + 1}", *(moved or (("A-1", -99),))
        if place < len(records):
            error = records[place].get("error")
            yield Try.of(error["exit_code"] if error else 0, key, sku, delta, tuple(more))
        else:
            in_hand = unanswered == UNKNOWN and moved
            yield Try(key, sku, delta, UNKNOWN if in_hand else REFUSED, tuple(more))
