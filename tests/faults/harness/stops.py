"""The interleaving sweep: a writer stopped at each of its calls, while another one runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench import Bench, new_bench
from books import ACKNOWLEDGED, Try, check_books
from kills import points_of
from scenarios import OPENING, STARTS, Scenario
from shop import Result
from sweep import Report, spread
from trial import Trial

STOPS = 40
"""At how many of its calls the share in CI stops the writer."""
_CODES = (0, 5, 11)
_SKU, _AMOUNT = "A-1", 10  # of 15: enough for one of the two
_REMOVE = ("stock", "remove", _SKU, str(_AMOUNT))


class Two(NamedTuple):
    """Two benches for one inventory."""

    first: Bench
    second: Bench


@contextmanager
def two_benches(root: Path, package: Path | None = None) -> Iterator[Two]:
    """Give two benches in `root`, an empty folder, whose inventory is that of the first."""
    for name in ("first", "second"):
        (root / name).mkdir()
    with (
        new_bench(root / "first", package) as first,
        new_bench(root / "second", package) as second,
    ):
        second.shop.db = first.shop.db
        second.shop.env["INVCTL_DB"] = str(first.shop.db)
        yield Two(first, second)


def stop_sweep(benches: Two, most: int | None = None) -> Report:
    """Stop a removal at each of its calls, or at `most` of them, and run another one meanwhile.

    There is enough for one of them: just one must get it, whichever that is.
    """
    mine, other = (
        Scenario("stock remove", _REMOVE, ((_SKU, -_AMOUNT),), key=key) for key in ("mine", "other")
    )
    trial, report = Trial(benches.first, mine), Report()
    trial.lay()
    calls = benches.first.trace(mine.arguments).calls
    for point in spread(points_of(calls), most):
        trial.lay()
        others: list[Result] = []

        def meanwhile(others: list[Result] = others) -> None:
            others.append(benches.second.run(*other.arguments))

        run = benches.first.trace_stopped(
            mine.arguments,
            f"{point.call}:signal=STOP:when={point.number}",
            calls=point.call,
            meanwhile=meanwhile,
        )
        found = ["it did not stop"]
        if others:
            found = list(_wrong(benches.first.shop.db, run.result, others[0]))
        report.tried(f"stock remove, stopped at {point.call} {point.number}", found)
    return report


def _wrong(db: Path, mine: Result, other: Result) -> Iterator[str]:
    tries = [
        Try.of(result.code, key, _SKU, -_AMOUNT)
        for key, result in (("mine", mine), ("other", other))
    ]
    yield from check_books(db, OPENING["stocked"], tries, after=len(STARTS["stocked"] or ()))
    if [one.outcome for one in tries].count(ACKNOWLEDGED) != 1:
        yield f"there was enough for one, and they ended with {mine.code} and {other.code}"
    for result in (mine, other):
        if result.code not in _CODES:
            yield f"exit {result.code}: {result.stderr}"
