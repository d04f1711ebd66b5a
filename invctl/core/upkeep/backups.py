"""Whole inventories: copied to a file, taken back from one, brought to the present schema."""

from collections.abc import Callable, Iterator
from contextlib import suppress

from invctl.core.upkeep.check import verify
from invctl.core.upkeep.inventory import info_of, inventory_info
from invctl.db.database import Database, Migration, Restored, Verify
from invctl.db.session import Session
from invctl.errors import InventoryError
from invctl.models.reports import Finding, InventoryInfo


def backup_inventory(db: Database, path: str) -> InventoryInfo:
    """Write a verified copy of the inventory to a new file, and return what that holds.

    Raises FileExists, UsageError or DatabaseUnusable.
    """
    seen: list[InventoryInfo] = []
    size = db.backup(path, _verifying(db, seen))
    return seen[0]._replace(path=path, engine="sqlite", size_bytes=size)


def restore_inventory(
    db: Database, path: str, *, ready: Callable[[], None], dry_run: bool = False
) -> tuple[InventoryInfo, Restored]:
    """Put what a backup holds in the place of the inventory, or make one of it.

    `ready` is asked when nothing else is in the way of replacing one; it may raise. Raises
    UsageError or DatabaseUnusable.
    """
    seen: list[InventoryInfo] = []
    done = db.restore(path, _verifying(db, seen), ready, dry_run=dry_run)
    return seen[0]._replace(size_bytes=db.size_bytes()), done


def _verifying(db: Database, seen: list[InventoryInfo]) -> Verify:
    """Return what looks for faults in a copy of an inventory, and notes what it holds."""

    def verified(copy: Session) -> Iterator[Finding]:
        yield from verify(copy)
        seen.append(info_of(db, copy))

    return verified


def migrate_inventory(db: Database, *, dry_run: bool = False) -> tuple[InventoryInfo, Migration]:
    """Bring an older inventory to the present schema. Raises DatabaseUnusable for a newer one."""
    seen: list[InventoryInfo] = []
    done = db.migrate(lambda new: seen.append(info_of(db, new)), dry_run=dry_run)
    if not seen:
        return inventory_info(db), done
    if not dry_run:
        with suppress(InventoryError):  # it is done, whatever a second look meets
            return inventory_info(db), done
    return seen[0], done
