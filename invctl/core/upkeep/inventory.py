"""The inventory as a whole: making it, its settings, its numbers."""

from invctl.core.lookup import sku_rule_of
from invctl.db import migrations
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import SkuRuleDiffers
from invctl.models.reports import InventoryInfo
from invctl.repository import settings


def create_inventory(db: Database, *, dry_run: bool = False) -> tuple[bool, InventoryInfo]:
    """Create the inventory if there is none; returns whether that was done, and what it holds.

    Raises SkuRuleDiffers where there is one with another rule than `db` was to be made with.
    """
    if db.is_missing():
        info = db.write(lambda session: info_of(db, session), dry_run=dry_run)
        if db.created:
            return True, info._replace(size_bytes=db.size_bytes())
        if dry_run:
            return True, info
        # Else somebody has made it meanwhile, perhaps by another rule.
    info = inventory_info(db)
    if db.sku_rule not in (None, info.sku_rule):
        is_empty = not info.products
        raise SkuRuleDiffers(db.path, info.sku_rule, str(db.sku_rule), is_empty=is_empty)
    return False, info


def sku_rule(db: Database) -> str:
    """Return the rule for new SKUs, `strict` or `any`: of the inventory, or of the one to be made.

    It never changes, so it may be asked before a transaction begins.
    """
    if db.is_missing():
        return db.sku_rule or migrations.DEFAULT_SKU_RULE
    with db.read() as session:
        return sku_rule_of(session)


def inventory_info(db: Database) -> InventoryInfo:
    """Return the inventory in numbers."""
    with db.read() as session:
        return info_of(db, session)


def info_of(db: Database, session: Session) -> InventoryInfo:
    """Return in numbers what a session sees, of the inventory or of a copy of it."""
    products, operations, movements = settings.counts(session)
    return InventoryInfo(
        path=db.path,
        engine=db.engine,
        schema_version=migrations.SCHEMA_VERSION,
        sku_rule=sku_rule_of(session),
        products=products,
        operations=operations,
        movements=movements,
        size_bytes=db.size_bytes(),
    )
