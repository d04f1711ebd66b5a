"""The steps of `migrations` on a server, within a transaction of its own."""

from itertools import chain
from typing import TYPE_CHECKING, Any

from invctl.db import migrations

if TYPE_CHECKING:
    import psycopg

_SET = "UPDATE setting SET value = %s WHERE name = %s"
_RULE = "INSERT INTO setting (name, value) VALUES ('sku_rule', %s)"


def create(driver: "psycopg.Connection[Any]", sku_rule: str | None) -> None:
    """Make the tables in an empty schema, and write down the rule for SKUs."""
    take(driver, 0)
    driver.execute(_RULE, (sku_rule or migrations.DEFAULT_SKU_RULE,))


def take(driver: "psycopg.Connection[Any]", version: int, to: int | None = None) -> None:
    """Bring the tables from a schema version to another, or the present one."""
    to = migrations.SCHEMA_VERSION if to is None else to
    for statement in chain.from_iterable(migrations.SERVER_STEPS[version:to]):
        driver.execute(statement.encode())
    driver.execute(_SET, (str(to), migrations.VERSION))
