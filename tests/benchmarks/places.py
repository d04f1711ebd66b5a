"""What places cost: a sale from one beside a sale from none, and a year of both.

Then a million pots that expire, of which the first ones are to be told at once.
"""

import itertools
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import generate
from measure import INVCTL, Bench, Figure, Run, in_turn, ratio, run

PLACES = ("SHOP", "STORE/A", "VAN")
PRODUCTS = 4_000
MOVEMENTS = 500_000
POTS = 1_000_000
EACH = 25
PLENTY = 10**6


def figures(bench: Bench) -> Iterator[Figure]:
    """Measure one sale, a file of many, and a list of what expires."""
    yield _one_sale(bench.folder)
    yield _many(bench.folder)
    yield from _expiring(bench.folder)


def _one_sale(folder: Path) -> Figure:
    db = str(folder / "one.db")
    for sku, to in (("A-1", ()), ("B-1", ("--to", "SHOP"))):
        run([INVCTL, "product", "create", sku, "--name", sku, "-q"], INVCTL_DB=db)
        run([INVCTL, "stock", "add", sku, str(PLENTY), *to, "-q"], INVCTL_DB=db)
    sale = (INVCTL, "stock", "remove")
    placed, plain = in_turn(
        partial(run, [*sale, "B-1", "1", "--from", "SHOP"], INVCTL_DB=db),
        partial(run, [*sale, "A-1", "1"], INVCTL_DB=db),
        times=EACH,
    )
    return ratio("stock remove --from / stock remove", placed, plain, "<= 1.15")


def _many(folder: Path) -> Figure:
    """Sell the same from three places a product, and from none."""
    plain, placed = (
        _movements(folder / f"{name}.csv", is_placed=is_placed)
        for name, is_placed in (("plain", False), ("placed", True))
    )
    template = folder / "many.db"
    source = generate.products(folder / "many.csv", PRODUCTS)
    run([INVCTL, "product", "import", str(source), "-q"], INVCTL_DB=str(template))

    def apply(file: Path) -> Run:
        copy = shutil.copy(template, folder / "copy.db")
        return run([INVCTL, "stock", "apply", str(file), "-q"], INVCTL_DB=str(copy))

    ours, other = in_turn(partial(apply, placed), partial(apply, plain), times=3)
    name = f"apply of {MOVEMENTS:,} with places: rate / without"
    return Figure(name, other.seconds / ours.seconds, ">= 0.70", f"{ours.seconds:.1f} s")


def _movements(path: Path, *, is_placed: bool) -> Path:
    """Write deliveries to each place of each product, and then what is sold and delivered."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f"sku,delta,reason,ref,occurred_at{',place' if is_placed else ''}\n")
        places = itertools.cycle(PLACES)
        opening = (f"P-{number:07d},{PLENTY},,,\n" for number in range(PRODUCTS) for _ in PLACES)
        for line in itertools.chain(opening, generate.sales(MOVEMENTS, PRODUCTS)):
            file.write(f"{line.rstrip()},{next(places)}\n" if is_placed else line)
    return path


def _expiring(folder: Path) -> Iterator[Figure]:
    db, file = str(folder / "pots.db"), folder / "pots.csv"
    count = POTS // len(PLACES)
    source = generate.products(folder / "pots-products.csv", count)
    run([INVCTL, "product", "import", str(source), "-q"], INVCTL_DB=db)
    with file.open("w", encoding="utf-8") as lines:
        lines.write("sku,delta,place,expires_on\n")
        for number, place in itertools.product(range(count), PLACES):
            day = f"20{30 + number % 40}-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
            lines.write(f"P-{number:07d},5,{place},{day}\n")
    made = run([INVCTL, "stock", "apply", str(file), "-q"], INVCTL_DB=db)
    yield Figure(f"apply that makes {count * len(PLACES):,} pots, s", made.seconds, "")
    for within in ("30d", "2000w"):
        command = [INVCTL, "stock", "where", "--expiring", within, "-o", "tsv"]
        found, version = in_turn(
            partial(run, command, INVCTL_DB=db), partial(run, [INVCTL, "--version"]), times=3
        )
        name = f"where --expiring {within}, first line after --version, s"
        delay = found.first_byte - version.seconds
        yield Figure(name, delay, "<= 0.25", f"{found.seconds:.2f} s in all")
