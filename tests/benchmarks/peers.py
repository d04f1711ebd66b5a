"""What the benchmarks measure beside: the same work on the bare driver, a bare Typer."""

import csv
import gzip
import json
import sqlite3
import sys
from operator import itemgetter

MOST = 2**53 - 1
GUARDED = (
    "UPDATE product SET quantity = quantity + ?1 WHERE sku = ?2 "
    f"AND quantity + ?1 BETWEEN 0 AND {MOST} RETURNING id, quantity"
)
BEGUN = "INSERT INTO operation (kind, actor, recorded_at) VALUES (?, ?, ?) RETURNING id"
MOVED = (
    "INSERT INTO movement (operation_id, product_id, delta, quantity, reason, ref, occurred_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
SUMMED = {
    "sku": "product.sku",
    "day": "date(occurred_at, 'localtime')",
    "month": "strftime('%Y-%m', occurred_at, 'localtime')",
    "reason": "reason",
    "ref": "ref",
    "actor": "actor",
}
OF = {
    "sku": "JOIN product ON product.id = product_id",
    "actor": "JOIN operation ON operation.id = operation_id",
}
NOW = "2026-01-01T00:00:00.000Z"


def connect(path: str) -> sqlite3.Connection:
    """Open a database as durably as invctl does."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def apply(path: str, file: str) -> None:
    """Apply a gzipped CSV of movements line by line, in one transaction."""
    connection = connect(path)
    connection.execute("BEGIN IMMEDIATE")
    (operation,) = connection.execute(BEGUN, ("apply", "peer", NOW)).fetchone()
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        columns = ("sku", "delta", "reason", "ref", "occurred_at")
        pick = itemgetter(*map(next(rows).index, columns))
        for row in rows:
            sku, delta, reason, ref, at = pick(row)
            by = int(delta)
            product, left = connection.execute(GUARDED, (by, sku)).fetchone()
            connection.execute(MOVED, (operation, product, by, left, reason, ref, at))
    connection.execute("COMMIT")


def each(path: str) -> None:
    """Apply JSON lines from standard input, committing and answering one by one."""
    connection = connect(path)
    for line in sys.stdin:
        asked = json.loads(line)
        sku, by = asked["sku"], asked["delta"]
        connection.execute("BEGIN IMMEDIATE")
        product, left = connection.execute(GUARDED, (by, sku)).fetchone()
        (operation,) = connection.execute(BEGUN, ("apply", "peer", NOW)).fetchone()
        connection.execute(MOVED, (operation, product, by, left, None, None, NOW))
        connection.execute("COMMIT")
        answer = {"operation": operation, "sku": sku, "delta": by, "quantity": left}
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def dump(path: str, how: str) -> None:
    """Write all products to standard output, as tsv or jsonl."""
    columns = "sku, name, description, quantity, reorder_point, archived_at, created_at, updated_at"
    fields = columns.split(", ")
    rows = sqlite3.connect(path).execute(f"SELECT {columns} FROM product ORDER BY sku")
    write = sys.stdout.write
    for row in rows:
        if how == "tsv":
            write("\t".join(["" if value is None else str(value) for value in row]) + "\n")
        else:
            write(json.dumps(dict(zip(fields, row, strict=True))) + "\n")


def summed(path: str, by: str) -> None:
    """Write what all movements came to, by what `SUMMED` names."""
    rows = sqlite3.connect(path).execute(
        f"SELECT {SUMMED[by]}, sum(max(delta, 0)), sum(min(delta, 0)), sum(delta), count(*) "
        f"FROM movement {OF.get(by, '')} GROUP BY 1 ORDER BY 1"
    )
    for row in rows:
        sys.stdout.write("\t".join(map(str, row)) + "\n")


def usage(*arguments: str) -> None:
    """Be a bare Typer program with one command of two arguments."""
    import typer

    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.command()
    def command(sku: str, amount: int) -> None:
        """Do nothing."""

    app(list(arguments))


if __name__ == "__main__":
    programs = (apply, each, dump, summed, usage)
    {one.__name__: one for one in programs}[sys.argv[1]](*sys.argv[2:])
