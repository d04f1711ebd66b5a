"""What the benchmarks measure beside: the same work on the bare driver, and naive programs."""

import csv
import gzip
import json
import sqlite3
import sys
from typing import Annotated

MOST = 2**53 - 1
GUARDED = (
    "UPDATE product SET quantity = quantity + :by WHERE sku = :sku "
    f"AND quantity + :by BETWEEN 0 AND {MOST} RETURNING id, quantity"
)
JOURNAL = (
    "INSERT INTO movement (operation_id, product_id, delta, quantity, reason, ref, occurred_at) "
    "VALUES (1, ?, ?, ?, ?, ?, ?)"
)


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
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            by = int(row["delta"])
            moved = connection.execute(GUARDED, {"sku": row["sku"], "by": by}).fetchone()
            values = (moved[0], by, moved[1], row["reason"], row["ref"], row["occurred_at"])
            connection.execute(JOURNAL, values)
    connection.execute("COMMIT")


def each(path: str) -> None:
    """Apply JSON lines from standard input, committing and answering one by one."""
    connection = connect(path)
    for line in sys.stdin:
        row = json.loads(line)
        connection.execute("BEGIN IMMEDIATE")
        moved = connection.execute(GUARDED, {"sku": row["sku"], "by": row["delta"]}).fetchone()
        values = (moved[0], row["delta"], moved[1], None, None, "2026-01-01T00:00:00.000Z")
        connection.execute(JOURNAL, values)
        connection.execute("COMMIT")
        sys.stdout.write(f'{{"quantity":{moved[1]}}}\n')
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


def remove(path: str, sku: str, amount: str) -> None:
    """Be a naive program on the same stack: one command, one guarded transaction, no tuning."""
    import typer
    from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, update

    product = Table(
        "product",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("sku", String, unique=True),
        Column("quantity", Integer),
    )
    app = typer.Typer()

    @app.command()
    def command(
        sku: str, amount: int, db: Annotated[str, typer.Option(help="The database.")] = path
    ) -> None:
        """Remove stock."""
        enough = (product.c.sku == sku) & (product.c.quantity >= amount)
        change = update(product).where(enough).values(quantity=product.c.quantity - amount)
        with create_engine(f"sqlite:///{db}").begin() as connection:
            left = connection.execute(change.returning(product.c.quantity)).one_or_none()
        if left is None:
            raise typer.Exit(1)
        print(left.quantity)

    app([sku, amount])


def usage(*arguments: str) -> None:
    """Be a bare Typer program with one command of two arguments."""
    import typer

    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.command()
    def command(sku: str, amount: int) -> None:
        """Do nothing."""

    app(list(arguments))


if __name__ == "__main__":
    programs = (apply, each, dump, remove, usage)
    {one.__name__: one for one in programs}[sys.argv[1]](*sys.argv[2:])
