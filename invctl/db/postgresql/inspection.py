"""What only the server can tell of an inventory's tables: whether they are what they must be."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Table

from invctl.db.forgeries import MOST, NO_ANSWER, forgeries
from invctl.db.postgresql.strangers import ADDED
from invctl.db.schema import metadata
from invctl.models.reports import Finding

if TYPE_CHECKING:
    import psycopg

    Driver = psycopg.Connection[Any]

# A table's columns, each with its type and whether it may be empty. In the schema that a
# session begins in: names are looked for in no other.
_COLUMNS = """
    SELECT attname, upper(format_type(atttypid, atttypmod)) || CASE WHEN attnotnull
        THEN ' NOT NULL' ELSE '' END
    FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""
_INDEXED = """
    SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = to_regclass(%s)
"""
# The kind (c a CHECK, f a foreign key, u UNIQUE), the name, and the first column.
_CONSTRAINTS = """
    SELECT contype::text, conname, attname FROM pg_constraint
    LEFT JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
    WHERE conrelid = to_regclass(%s)
"""
# Triggers and rules run code of their own with each write; invctl makes neither.
_STRANGERS = """
    SELECT 'trigger', tgname, tgrelid::regclass::text FROM pg_trigger
    WHERE NOT tgisinternal AND tgrelid = ANY(CAST(%(tables)s AS regclass[]))
    UNION ALL
    SELECT 'rule', rulename, ev_class::regclass::text FROM pg_rewrite
    WHERE ev_class = ANY(CAST(%(tables)s AS regclass[]))
    ORDER BY 1, 2
"""
_ADDED = f"""
    SELECT relname, {ADDED}, CASE WHEN relpersistence <> 'p' THEN 'unlogged' END
    FROM pg_catalog.pg_class WHERE oid = ANY(CAST(%(tables)s AS regclass[])) ORDER BY 1
"""  # noqa: S608 (a text of ours)
_VEILED = """
    SELECT relname, row_security_active(oid), (SELECT string_agg(polname::text, ', ' ORDER BY
        polname) FROM pg_policy WHERE polrelid = pg_class.oid)
    FROM pg_class WHERE relrowsecurity AND oid = ANY(CAST(%(tables)s AS regclass[])) ORDER BY 1
"""
_INVALID = """
    SELECT 'index', indexrelid::regclass::text, indrelid::regclass::text FROM pg_index
    WHERE NOT indisvalid AND indrelid = ANY(CAST(%(tables)s AS regclass[]))
    UNION ALL
    SELECT 'constraint', conname, conrelid::regclass::text FROM pg_constraint
    WHERE NOT convalidated AND conrelid = ANY(CAST(%(tables)s AS regclass[]))
    ORDER BY 1, 2
"""

_TIME = r"~ '^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$'"


def inspect_tables(driver: "Driver") -> Iterator[Finding]:
    """Yield what is wrong with the tables that were recognised as an inventory's."""
    there = []
    for table in metadata.sorted_tables:
        columns = dict(driver.execute(_COLUMNS, (table.name,)).fetchall())
        if columns:
            there.append(table.name)
            yield from _other_columns(table, columns)
            yield from _missing_indexes(driver, table)
            yield from _missing_constraints(driver, table)
        else:
            yield Finding("schema", None, f"the table {table.name} is missing", table.name)
    yield from _strangers(driver, sorted(there))
    if len(there) == len(metadata.tables):
        yield from _forgeries(driver)


def _forgeries(driver: "Driver") -> Iterator[Finding]:
    """Yield rows that hold what no command writes."""
    for problem, table, condition in forgeries(_TIME):
        rows = f"SELECT id FROM {table} WHERE {condition} ORDER BY id LIMIT {MOST}"  # noqa: S608 (ours)
        for (row,) in driver.execute(rows.encode()):
            yield Finding("value", None, f"{table} {row}: {problem}")
    with driver.cursor("answers") as kept:  # by portions: all of them may be gigabytes
        kept.execute("SELECT id, result FROM operation WHERE result IS NOT NULL ORDER BY id")
        wrong = (number for number, result in kept if not _is_answer_of(number, result))
        for number in islice(wrong, MOST):
            yield Finding("value", None, f"operation {number}: {NO_ANSWER}")


def _is_answer_of(operation: int, result: str) -> bool:
    try:  # here, since a cast on the server would end with the first text that is no JSON
        record = json.loads(result)
    except ValueError:
        return False
    return isinstance(record, dict) and record.get("operation") == operation


def _other_columns(table: Table, found: dict[str, str]) -> Iterator[Finding]:
    """Yield how a table's columns differ from those that this version makes."""
    for column in table.columns:
        kind = "BIGINT" if column.type.python_type is int else "TEXT"
        wanted = f"{kind}{'' if column.nullable else ' NOT NULL'}"
        if found.get(column.name) != wanted:
            where = f"the column {table.name}.{column.name}"
            said = "is another one" if column.name in found else "is missing"
            yield Finding("schema", None, f"{where} {said}", wanted, found.get(column.name))
    for name in sorted(found.keys() - {column.name for column in table.columns}):
        message = f"there is a column {table.name}.{name!r} that invctl did not make"
        yield Finding("stranger", None, message, None, found[name])


def _missing_indexes(driver: "Driver", table: Table) -> Iterator[Finding]:
    found = {name for (name,) in driver.execute(_INDEXED, (table.name,))}
    for name in sorted({str(one.name) for one in table.indexes} - found):
        yield Finding("index", None, f"the index {name} is missing", name)


def _missing_constraints(driver: "Driver", table: Table) -> Iterator[Finding]:
    found = driver.execute(_CONSTRAINTS, (table.name,)).fetchall()
    checks = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
    for name in sorted(checks - {name for kind, name, _ in found if kind == "c"}):
        yield Finding("schema", None, f"the constraint {name} is missing", name)
    references = {key.parent.name for key in table.foreign_keys}
    for name in sorted(references - {column for kind, _, column in found if kind == "f"}):
        yield Finding("schema", None, f"the foreign key of {table.name}.{name} is missing", name)
    if table.name == "product" and ("u", "sku") not in {(kind, name) for kind, _, name in found}:
        yield Finding("schema", None, "product.sku need not be unique", "UNIQUE (sku)")


def _strangers(driver: "Driver", tables: list[str]) -> Iterator[Finding]:
    given = {"tables": tables}
    for kind, name, table in driver.execute(_STRANGERS, given).fetchall():
        message = f"there is a {kind} {name!r} on {table} that invctl did not make"
        yield Finding("stranger", None, message, None, name)
    for table, added, unlogged in driver.execute(_ADDED.encode(), given).fetchall():
        if added:
            message = f"the table {table} {added}, which invctl did not make"
            yield Finding("stranger", None, message)
        if unlogged:
            message = f"the table {table} is not in the server's log: a crash would empty it"
            yield Finding("schema", None, message, "LOGGED", unlogged.upper())
    for table, is_active, policies in driver.execute(_VEILED, given).fetchall():
        message = f"there is row level security on {table} that invctl did not make"
        if is_active:
            message += ": what it may hide from this user is not judged"
        yield Finding("stranger", None, message, None, policies)
    for kind, name, table in driver.execute(_INVALID, given).fetchall():
        yield Finding("integrity", None, f"the {kind} {name!r} of {table} is not valid", None, name)
