"""The steps of `migrations` on an SQLite file, within a write transaction of its own."""

import sqlite3
from itertools import chain

from invctl.db import migrations


def create(connection: sqlite3.Connection, sku_rule: str | None) -> None:
    """Make the tables of an empty database, and write down its rule for SKUs."""
    take(connection, 0)
    rule = sku_rule or migrations.DEFAULT_SKU_RULE
    connection.execute("INSERT INTO setting (name, value) VALUES ('sku_rule', ?)", (rule,))


def take(connection: sqlite3.Connection, version: int, to: int | None = None) -> None:
    """Bring a database from a schema version to another, or the present one.

    The caller has switched foreign keys off before the transaction began, as SQLite ignores the
    pragma inside one, and has made a backup where there was something to lose.
    """
    to = migrations.SCHEMA_VERSION if to is None else to
    for statement in chain.from_iterable(migrations.STEPS[version:to]):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {to}")
