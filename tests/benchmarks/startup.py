"""What one command costs: beside a naive program on the same stack, and a bare Typer one."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from measure import INVCTL, Figure, in_turn, peer, ratio, run

TIMES = 31


def figures(folder: Path) -> Iterator[Figure]:
    """Measure `stock remove`, and a usage error."""
    ours = str(folder / "ours.db")
    naive = str(folder / "naive.db")
    create = ["product", "create", "A-1", "--name", "A", "--quantity", "100000", "-q"]
    run([INVCTL, *create], INVCTL_DB=ours)
    with sqlite3.connect(naive) as connection:
        connection.execute("CREATE TABLE product (id INTEGER PRIMARY KEY, sku UNIQUE, quantity)")
        connection.execute("INSERT INTO product VALUES (1, 'A-1', 100000)")
    connection.close()
    a, b = in_turn(
        lambda: run([INVCTL, "stock", "remove", "A-1", "1"], INVCTL_DB=ours),
        lambda: run(peer("remove", naive, "A-1", "1")),
        TIMES,
    )
    yield ratio("stock remove / a naive program on the same stack", a, b, "<= 0.80")
    a, b = in_turn(
        lambda: run(["bash", "-c", f"{INVCTL} stock remove A-1 2>/dev/null; exit 2"]),
        lambda: run(["bash", "-c", " ".join(peer("usage", "A-1")) + " 2>/dev/null; exit 2"]),
        TIMES,
    )
    yield ratio("a usage error / a bare Typer program's", a, b, "<= 1.10")
