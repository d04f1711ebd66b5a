"""A million products and ten million movements: lists and sums, and one-shots beside none."""

from collections.abc import Iterator
from functools import partial

import generate
import peers
from measure import INVCTL, Bench, Figure, in_turn, peer, ratio, run

PRODUCTS = 1_000_000
MOVEMENTS = 10_000_000


def figures(bench: Bench) -> Iterator[Figure]:
    """Make the inventory, then measure."""
    large, empty = str(bench.folder / "large.db"), str(bench.folder / "empty.db")
    source = generate.products(bench.folder / "products.csv", PRODUCTS)
    made = run([INVCTL, "product", "import", str(source), "-q"], INVCTL_DB=large)
    yield Figure("import of a million products, s", made.seconds, "", f"{made.peak_mib:.0f} MiB")
    moves = generate.movements(bench.folder / "movements.csv.gz", MOVEMENTS, PRODUCTS)
    made = run([INVCTL, "stock", "apply", str(moves), "-q"], INVCTL_DB=large)
    yield Figure("apply of ten million movements, s", made.seconds, "", f"{made.peak_mib:.0f} MiB")
    create = ["product", "create", "P-0000500", "--name", "A", "--quantity", "100000", "-q"]
    run([INVCTL, *create], INVCTL_DB=empty)
    yield from _one_shots(large, empty)
    yield from _lists(large)
    yield from _summaries(large)


def _one_shots(large: str, empty: str) -> Iterator[Figure]:
    for command in (["stock", "remove", "P-0000500", "1"], ["product", "show", "P-0000500"]):
        a, b = in_turn(
            partial(run, [INVCTL, *command], INVCTL_DB=large),
            partial(run, [INVCTL, *command], INVCTL_DB=empty),
            times=21,
        )
        yield ratio(f"{' '.join(command[:2])}, large / empty", a, b, "<= 1.10")


def _lists(large: str) -> Iterator[Figure]:
    version = run([INVCTL, "--version"]).seconds
    for how in ("tsv", "jsonl"):
        a, b = in_turn(
            partial(run, [INVCTL, "product", "list", "-o", how], INVCTL_DB=large),
            partial(run, peer("dump", large, how)),
            times=3,
        )
        yield ratio(f"product list -o {how} / the bare driver", a, b, "<= 1.35")
        yield Figure(f"product list -o {how}, peak MiB", a.peak_mib, "<= 80")
        delay = a.first_byte - version
        yield Figure(f"product list -o {how}, first line after --version, s", delay, "<= 0.25")
    a, b = in_turn(
        partial(run, [INVCTL, "product", "list", "-o", "table"], INVCTL_DB=large),
        partial(run, [INVCTL, "product", "list", "-o", "tsv"], INVCTL_DB=large),
        times=1,
    )
    yield ratio("product list -o table, laid out at its end / -o tsv", a, b, "<= 3.50")
    for name, arguments in VIEWS.items():
        one = run([INVCTL, "product", "list", "-o", "tsv", *arguments], INVCTL_DB=large)
        yield Figure(f"{name}, first line after --version, s", one.first_byte - version, "<= 0.25")
    search = ["product", "list", "--search", "lamp Lamp lamp", "-o", "tsv"]
    one = run([INVCTL, *search], INVCTL_DB=large)
    yield Figure("--search over all, s after --version", one.seconds - version, "<= 1.50")


def _summaries(large: str) -> Iterator[Figure]:
    for by in peers.SUMMED:
        a, b = in_turn(
            partial(run, [INVCTL, "stock", "log", "--by", by, "-o", "tsv"], INVCTL_DB=large),
            partial(run, peer("summed", large, by)),
            times=2,
        )
        yield ratio(f"stock log --by {by} / the bare SQL", a, b, "<= 1.50")


VIEWS = {
    "list --low": ["--low"],
    "list --reverse": ["--reverse"],
    "list --archived": ["--archived"],
    "list --sort quantity": ["--sort", "quantity"],
    "list --sort updated --limit 20": ["--sort", "updated", "--limit", "20"],
    "list --as-of": ["--as-of", "2026-01-31"],
}
