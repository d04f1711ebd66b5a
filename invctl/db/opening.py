"""Which engine keeps an inventory: the one place that knows them both."""

from invctl.db.database import Database
from invctl.settings import FileLocation, Location


def open_database(
    location: Location,
    *,
    timeout: float = 5.0,
    create: bool = False,
    sku_rule: str | None = None,
) -> Database:
    """Return the inventory at a location, for the engine that keeps it; see `Database`."""
    # Each is loaded for its own inventories alone: a server's driver takes longer than a sale.
    if isinstance(location, FileLocation):
        from invctl.db.sqlite.engine import SQLiteDatabase

        return SQLiteDatabase(location, timeout=timeout, create=create, sku_rule=sku_rule)
    from invctl.db.postgresql import load_driver

    load_driver()  # before the engine, whose imports would fail with a traceback
    from invctl.db.postgresql.engine import PostgreSQLDatabase

    return PostgreSQLDatabase(location, timeout=timeout, create=create, sku_rule=sku_rule)
