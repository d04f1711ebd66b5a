"""The inventory as a whole: making it, its settings, its numbers."""

from sqlalchemy import Connection, bindparam, func, select

from invctl.db import migrations
from invctl.db.database import Database
from invctl.db.schema import movement, operation, product, setting
from invctl.errors import SkuRuleDiffers
from invctl.models import InventoryInfo

_SETTING = select(setting.c.value).where(setting.c.name == bindparam("name"))


def create_inventory(db: Database, *, dry_run: bool = False) -> tuple[bool, InventoryInfo]:
    """Create the inventory if there is none; returns whether that was done, and what it holds.

    Raises SkuRuleDiffers where there is one with another rule than `db` was to be made with.
    """
    if db.is_missing:
        info = db.write(lambda connection: info_of(db, connection), dry_run=dry_run)
        if db.created or dry_run:
            return True, info
    info = inventory_info(db)
    if db.sku_rule not in (None, info.sku_rule):
        raise SkuRuleDiffers(db.path, info.sku_rule, str(db.sku_rule))
    return False, info


def sku_rule(db: Database) -> str:
    """Return the rule for new SKUs, `strict` or `any`: of the inventory, or of the one to be made.

    It never changes, so it may be asked before a transaction begins.
    """
    if db.is_missing:
        return db.sku_rule or migrations.DEFAULT_SKU_RULE
    with db.read() as connection:
        return _rule(connection)


def inventory_info(db: Database) -> InventoryInfo:
    """Return the inventory in numbers."""
    with db.read() as connection:
        return info_of(db, connection)


def info_of(db: Database, connection: Connection) -> InventoryInfo:
    """Return in numbers what a connection sees, of the inventory or of a copy of it."""
    products, operations, movements = (
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (product, operation, movement)
    )
    return InventoryInfo(
        path=db.path,
        engine=db.engine,
        schema_version=migrations.SCHEMA_VERSION,
        sku_rule=_rule(connection),
        products=products,
        operations=operations,
        movements=movements,
        size_bytes=db.size_bytes,
    )


def _rule(connection: Connection) -> str:
    return str(connection.execute(_SETTING, {"name": "sku_rule"}).scalar_one())
