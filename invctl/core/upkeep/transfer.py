"""A whole inventory moved to another place, which another engine may keep."""

from invctl.core.upkeep.check import verify
from invctl.core.upkeep.inventory import info_of
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.db.transfer import copy_rows, holds_anything
from invctl.errors import DatabaseUnusable, FileExists
from invctl.models.reports import InventoryInfo

_REPLACES_NOTHING = "a copy replaces nothing: choose a place that is empty"


def copy_inventory(source: Database, target: Database, *, dry_run: bool = False) -> InventoryInfo:
    """Copy all that there is, as it is at one moment, to where there is no inventory yet.

    History, keys, their answers and ids arrive as they are, which is read back before it counts.
    Raises FileExists where there is something, and DatabaseUnusable where `source` does not add up.
    """
    if not target.is_missing():
        raise FileExists(target.path, _REPLACES_NOTHING)

    def work(new: Session) -> InventoryInfo:
        if holds_anything(new):  # since somebody has made one there this very moment
            raise FileExists(target.path, _REPLACES_NOTHING)
        if not copy_rows(old, new):
            raise DatabaseUnusable(target.path, "gave back other rows than it was given")
        finding = next(verify(new), None)
        if finding:
            hint = "`invctl db check` shows all that is wrong"
            raise DatabaseUnusable(source.path, f"is not sound: {finding.message}", hint)
        return info_of(target, new)

    with source.read(whole=True) as old:
        info = target.write(work, dry_run=dry_run, many=True)
    return info if dry_run else info._replace(size_bytes=target.size_bytes())
