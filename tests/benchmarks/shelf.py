"""What people do standing up, on a million products with a code each.

A stocktake is beside an `apply` of as many counts and one of as many movements, a scan beside a
line of `apply --each`, and a bill of materials beside the start of the program.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import generate
from client import Pipe
from measure import INVCTL, Bench, Figure, Run, in_turn, rate, rates_in_turn, ratio, run

PRODUCTS = 1_000_000
COUNTED = 100_000
BILL = 2_000
SCANS = 5_000
SECONDS = 3
TURNS = 3


def figures(bench: Bench) -> Iterator[Figure]:
    """Measure a stocktake, then make the large inventory and measure on that."""
    yield from _stocktake(bench.folder)
    large = str(bench.folder / "large.db")
    source = generate.products(bench.folder / "products.csv", PRODUCTS)
    run([INVCTL, "product", "import", str(source), "-q"], INVCTL_DB=large)
    rows = (f"{_sku(number)},{_code(number)}\n" for number in range(PRODUCTS))
    codes = _file(bench.folder / "codes.csv", "sku,code", rows)
    made = run([INVCTL, "code", "import", str(codes), "-q"], INVCTL_DB=large)
    yield Figure("import of a million codes, s", made.seconds, "", f"{made.peak_mib:.0f} MiB")
    yield from _bill(bench.folder, large)
    yield from _scans(large)


def _stocktake(folder: Path) -> Iterator[Figure]:
    template = folder / "template.db"
    source = generate.products(folder / "counted.csv", COUNTED)
    run([INVCTL, "product", "import", str(source), "-q"], INVCTL_DB=str(template))
    of = range(COUNTED)
    counts = _file(folder / "counts.csv", "sku,counted", (f"{_sku(n)},{n + 7}\n" for n in of))
    dated = _file(
        folder / "dated.csv",
        "sku,counted,counted_at",
        (f"{_sku(n)},{n + 7},1s\n" for n in of),
    )
    rows = (f"{_sku(n)},set,{n + 7}\n" for n in of)
    sets = _file(folder / "sets.csv", "sku,action,amount", rows)
    moves = _file(folder / "moves.csv", "sku,delta", (f"{_sku(n)},-7\n" for n in of))
    programs = [
        _fresh(template, "count", counts),
        _fresh(template, "count", dated),
        _fresh(template, "apply", sets),
        _fresh(template, "apply", moves),
    ]
    count, then, applied, moved = in_turn(*programs, times=TURNS)
    yield ratio(f"count of {COUNTED:,} / apply of as many counts", count, applied, "<= 1.30")
    yield ratio("likewise, of then / apply of counts", then, applied, "<= 1.30")
    yield ratio("likewise, of now / apply of movements", count, moved, "")


def _fresh(template: Path, verb: str, file: Path) -> Callable[[], Run]:
    def program() -> Run:
        copy = shutil.copy(template, template.with_name("copy.db"))
        return run([INVCTL, "stock", verb, str(file), "-q"], INVCTL_DB=str(copy))

    return program


def _bill(folder: Path, large: str) -> Iterator[Figure]:
    rows = (f"{_sku(number * 499)},-2\n" for number in range(BILL))
    bill = str(_file(folder / "bill.csv", "sku,delta", rows))
    one = str(_file(folder / "one.csv", "sku,delta", [f"{_sku(7)},-2\n"]))
    fits, show = in_turn(
        partial(run, [INVCTL, "stock", "fits", bill], INVCTL_DB=large),
        partial(run, [INVCTL, "stock", "fits", one], INVCTL_DB=large),
        times=11,
    )
    yield ratio(f"fits of {BILL:,} lines / of one", fits, show, "<= 1.50")


def _scans(large: str) -> Iterator[Figure]:
    """Measure scans of codes and of SKUs beside lines of `apply --each`, in one file."""
    numbers = [number * 197 % PRODUCTS for number in range(SCANS)]
    lines = [f'{{"sku":"{_sku(number)}","delta":-1}}\n'.encode() for number in numbers]
    codes = [f"{_code(number)}\r\n".encode() for number in numbers]
    skus = [f"{_sku(number)}\r\n".encode() for number in numbers]
    scan = [INVCTL, "stock", "scan", "--mode", "remove"]
    with ExitStack() as opened:
        till, shelf, each = (
            opened.enter_context(Pipe(command, INVCTL_DB=large))
            for command in (scan, scan, [INVCTL, "stock", "apply", "-", "--each"])
        )
        a, b, c = rates_in_turn(
            partial(till.for_a_while, codes, SECONDS),
            partial(shelf.for_a_while, skus, SECONDS),
            partial(each.for_a_while, lines, SECONDS),
            times=TURNS,
        )
    yield rate("scan of a code: rate / apply --each", a, c, ">= 0.77")
    yield rate("scan of a SKU: rate / apply --each", b, c, ">= 0.77")


def _sku(number: int) -> str:
    return f"P-{number:07d}"


def _code(number: int) -> str:
    """Return a GTIN of 13 digits with its check digit."""
    digits = f"400{number:09d}"
    total = sum(int(one) * (1, 3)[place % 2] for place, one in enumerate(digits))
    return f"{digits}{-total % 10}"


def _file(path: Path, header: str, rows: "Iterator[str] | list[str]") -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{header}\n")
        file.writelines(rows)
    return path
