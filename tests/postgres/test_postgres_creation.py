"""The first use of a schema, by one or by many at once; and what its tables are made of."""

from collections.abc import Callable
from typing import Any

import pytest
from crowd import crowd
from inventories import KEYS, Schema, new_schema
from lines import product_line
from psycopg.sql import SQL, Identifier
from shop import WAIT, Shop
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from invctl.core.bulk.imports import import_products
from invctl.core.products import create_product
from invctl.core.upkeep.inventory import create_inventory, inventory_info
from invctl.db.database import Database
from invctl.db.schema import metadata
from invctl.errors import DatabaseMissing, InventoryError
from invctl.models.attempts import Attempt
from invctl.settings import read_location

ME = Attempt("tester")
Open = Callable[..., Database]

COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default
    FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 2
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, replace(pg_get_constraintdef(oid), '"', '')
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace ORDER BY 1, 2
"""
INDEXES = """
    SELECT tablename, indexname, replace(indexdef, schemaname || '.', '')
    FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1, 2
"""


@pytest.mark.parametrize(
    "of", [COLUMNS, CONSTRAINTS, INDEXES], ids=["columns", "constraints", "indexes"]
)
def test_a_new_inventory_equals_the_tables(open_db: Open, schema: Schema, of: str) -> None:
    create_inventory(open_db(create=True))
    drawn = new_schema()
    with drawn.session() as connection:
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(drawn.name)))
        for table in metadata.sorted_tables:
            for statement in drawing(table):
                connection.execute(statement.encode())
    made = [tuple(map(str, row)) for row in schema.query(of)]
    assert made == [tuple(map(str, row)) for row in drawn.query(of)]
    assert {row[0] for row in made} == set(KEYS)


def drawing(table: Table) -> list[str]:
    """Return what Core makes of a table; its indexes with the condition that SQLite's have."""
    dialect: Any = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements = [str(CreateTable(table).compile(dialect=dialect))]
    for index in table.indexes:
        unique = "UNIQUE " if index.unique else ""
        columns = ", ".join(column.name for column in index.columns)
        where = index.dialect_options["sqlite"]["where"]
        condition = "" if where is None else f" WHERE {where.compile(dialect=dialect)}"
        statements.append(
            f"CREATE {unique}INDEX {index.name} ON {table.name} ({columns}){condition}"
        )
    return statements


def test_of_sixteen_first_users_each_is_served_and_one_makes_the_tables(schema: Schema) -> None:
    location = read_location(schema.url, "--db")

    def create(db: Database, number: int) -> bool:
        create_product(db, f"P-{number}", name="x", quantity=1, attempt=ME)
        return db.created

    made = crowd(location, 16, create, create=True)
    assert sorted(map(str, made)) == [*["False"] * 15, "True"]
    assert schema.query("SELECT count(*), min(id), max(id) FROM product") == [(16, 1, 16)]


@pytest.mark.sweep
def test_of_sixty_four_first_commands_none_fails(shop: Shop) -> None:
    commands = [("product", "create", f"P-{number}", "--name", "x") for number in range(63)]
    firsts = [shop.start(*one, "--timeout", "100") for one in (*commands, ("init",))]
    ends = [(*first.communicate(timeout=WAIT), first.returncode) for first in firsts]
    assert [(err, code) for _, err, code in ends if code] == []
    assert sum(b"created the inventory" in err for _, err, _ in ends) == 1
    assert shop.query("SELECT count(*), min(id), max(id) FROM product") == [(63, 1, 63)]


@pytest.mark.parametrize("of", ["schema", "search path"])
@pytest.mark.parametrize(
    "attempted",
    [
        lambda db: create_inventory(db, dry_run=True),
        lambda db: create_product(db, "A", name="a", attempt=Attempt("tester", dry_run=True)),
        lambda db: create_product(db, "A", name="", attempt=ME),
        lambda db: import_products(db, [product_line(2, "A")], attempt=ME),
    ],
    ids=["rehearsed init", "rehearsed product", "bad name", "bad file"],
)
def test_a_first_command_that_does_not_happen_leaves_no_tables(
    open_db: Open, schema: Schema, attempted: Callable[[Database], object], of: str
) -> None:
    url = schema.url
    if of == "search path":  # a schema that is there, and behind it another
        with schema.session() as connection:
            connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema.name)))
        url = f"{schema.url},pg_catalog"
    try:
        attempted(open_db(url, create=True))
    except InventoryError as error:
        assert error.code in ("usage", "invalid_data")  # noqa: PT017 (some are refused, some not)
    with pytest.raises(DatabaseMissing):
        inventory_info(open_db(url))
    found = "SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text = ?"
    assert schema.query(found, schema.name) == [(0,)]
    if of == "search path":
        schema.unlink()
    assert not schema.exists()


def test_two_inventories_in_one_database_do_not_meet(open_db: Open, schema: Schema) -> None:
    other = new_schema()
    for where, quantity in ((schema, 1), (other, 2)):
        create_product(
            open_db(where.url, create=True), "A", name="a", quantity=quantity, attempt=ME
        )
    assert schema.query("SELECT quantity FROM product") == [(1,)]
    assert other.query("SELECT quantity FROM product") == [(2,)]
