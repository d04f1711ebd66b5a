"""What only the server can tell of an inventory's tables: whether they are what they must be."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.engine.reflection import Inspector

from invctl.db.schema import metadata
from invctl.models import Finding

_INDEXES = {
    "product": {"product_archived", "product_low"},
    "operation": {"operation_key", "operation_reverses"},
    "movement": {"movement_operation", "movement_product"},
}
# Triggers and rules run code of their own with each write; invctl makes neither.
_STRANGERS = text("""
    SELECT 'trigger', tgname, tgrelid::regclass::text FROM pg_trigger
    WHERE NOT tgisinternal AND tgrelid = ANY(CAST(:tables AS regclass[]))
    UNION ALL
    SELECT 'rule', rulename, ev_class::regclass::text FROM pg_rewrite
    WHERE ev_class = ANY(CAST(:tables AS regclass[]))
    ORDER BY 1, 2
""")
_INVALID = text("""
    SELECT 'index', indexrelid::regclass::text, indrelid::regclass::text FROM pg_index
    WHERE NOT indisvalid AND indrelid = ANY(CAST(:tables AS regclass[]))
    UNION ALL
    SELECT 'constraint', conname, conrelid::regclass::text FROM pg_constraint
    WHERE NOT convalidated AND conrelid = ANY(CAST(:tables AS regclass[]))
    ORDER BY 1, 2
""")


def inspect_tables(connection: Connection) -> Iterator[Finding]:
    """Yield what is wrong with the tables that were recognised as an inventory's."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    for table in metadata.sorted_tables:
        if table.name in there:
            yield from _differences(inspector, table)
        else:
            yield Finding("schema", None, f"the table {table.name} is missing", table.name)
    if connection.dialect.name == "postgresql":
        yield from _strangers(connection, sorted(there & set(metadata.tables)))


def _differences(inspector: Inspector, table: Table) -> Iterator[Finding]:
    """Yield how a table differs from what this version makes."""
    found = {column["name"]: _described(column) for column in inspector.get_columns(table.name)}
    for column in table.columns:
        kind = "BIGINT" if column.type.python_type is int else "TEXT"
        wanted = f"{kind}{'' if column.nullable else ' NOT NULL'}"
        if found.get(column.name) != wanted:
            where = f"the column {table.name}.{column.name}"
            said = "is another one" if column.name in found else "is missing"
            yield Finding("schema", None, f"{where} {said}", wanted, found.get(column.name))
    for name in found.keys() - {column.name for column in table.columns}:
        message = f"there is a column {table.name}.{name!r} that invctl did not make"
        yield Finding("stranger", None, message, None, found[name])
    yield from _missing(table.name, "index", _INDEXES.get(table.name, set()), inspector.get_indexes)
    checks = {str(one.name) for one in table.constraints if one.name}
    yield from _missing(table.name, "constraint", checks, inspector.get_check_constraints)
    references = {key.parent.name for key in table.foreign_keys}
    kept = inspector.get_foreign_keys(table.name)
    for name in references - {name for key in kept for name in key["constrained_columns"]}:
        yield Finding("schema", None, f"the foreign key of {table.name}.{name} is missing", name)
    if table.name == "product" and not any(
        one["column_names"] == ["sku"] for one in inspector.get_unique_constraints("product")
    ):
        yield Finding("schema", None, "product.sku need not be unique", "UNIQUE (sku)")


def _described(column: Any) -> str:
    kind = type(column["type"]).__name__
    return f"{kind}{'' if column['nullable'] else ' NOT NULL'}"


def _missing(table: str, kind: str, names: set[str], look: Any) -> Iterator[Finding]:
    for name in sorted(names - {one["name"] for one in look(table)}):
        yield Finding(
            "index" if kind == "index" else "schema", None, f"the {kind} {name} is missing", name
        )


def _strangers(connection: Connection, tables: list[str]) -> Iterator[Finding]:
    for kind, name, table in connection.execute(_STRANGERS, {"tables": tables}):
        message = f"there is a {kind} {name!r} on {table} that invctl did not make"
        yield Finding("stranger", None, message, None, name)
    for kind, name, table in connection.execute(_INVALID, {"tables": tables}):
        yield Finding("integrity", None, f"the {kind} {name!r} of {table} is not valid", None, name)
