"""What there is of products, as the services tell it."""

from invctl.core.catalog import get_product
from invctl.core.places.lists import list_where
from invctl.db.database import Database
from invctl.models.fields import WHERE_FIELDS

_CONTENTS = [WHERE_FIELDS.index(name) for name in ("place", "lot", "quantity")]


def quantity_of(db: Database, sku: str = "TEA") -> int:
    """Return how many units there are of a product."""
    return get_product(db, sku).quantity


def contents(
    db: Database, sku: str | None = None, *, place: str | None = None, expiring: str | None = None
) -> list[tuple[object, ...]]:
    """Return what lies where: the place, the lot and the units of each pot, in order."""
    chunks = list_where(db, sku, place=place, expiring=expiring)
    return [tuple(row[at] for at in _CONTENTS) for rows in chunks for row in rows]
