"""Finding a product by the SKU that was typed, and the nearest one where there is none."""

from contextlib import suppress
from difflib import get_close_matches

from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import InvalidData, InventoryError, ProductArchived, ProductNotFound
from invctl.repository import products
from invctl.repository.products import Facts, Found
from invctl.values import known_sku

_NEIGHBOURS = 200
_ADVISED = 10
"""Lines of a refused file for which the SKU is looked for that was meant: it takes a while."""


def find_product(session: Session, sku: str, *, lock: bool = False) -> Found:
    """Return the product that is called `sku`; with `lock` nobody else changes it meanwhile.

    Raises ProductNotFound.
    """
    known = known_sku(sku)
    found = None if known is None else products.find(session, known, lock=lock)
    if found is None:
        raise ProductNotFound(sku)
    return found


def find_facts(session: Session, sku: str) -> Facts:
    """Return what is said of a product, which nobody else changes meanwhile.

    Raises ProductNotFound.
    """
    known = known_sku(sku)
    found = None if known is None else products.facts(session, known)
    if found is None:
        raise ProductNotFound(sku)
    return found


def find_active(session: Session, sku: str, *, lock: bool = True) -> Found:
    """Return a product whose stock may change, locked if nothing else is said.

    Raises ProductNotFound or ProductArchived.
    """
    found = find_product(session, sku, lock=lock)
    if found.archived_at is not None:
        raise ProductArchived(found.sku)
    return found


def advised(db: Database, error: ProductNotFound) -> ProductNotFound:
    """Return an error with the SKU that was probably meant.

    It is looked for when nothing is locked any more: it takes longer than a sale, and a file may
    have thousands of wrong SKUs.
    """
    sku = str(error.details["sku"])
    with suppress(InventoryError), db.read() as session:  # where it can be had at all
        return ProductNotFound(sku, nearest(session, sku))
    return error


def advised_lines(db: Database, error: InvalidData) -> InvalidData:
    """Return the refusal of a file with the SKUs that were probably meant in its first lines."""
    wrong = [one for one in error.lines if one.code == ProductNotFound.code and one.value]
    told = dict.fromkeys(str(one.value) for one in wrong[:_ADVISED])
    if not told:
        return error
    with suppress(InventoryError), db.read() as session:
        meant = {sku: near for sku in told if (near := nearest(session, sku))}
        lines = [
            one._replace(message=f"{one.message}; {ProductNotFound('', meant[one.value]).hint}")
            if one.code == ProductNotFound.code and one.value in meant
            else one
            for one in error.lines
        ]
        return InvalidData(lines, error.count)
    return error


def nearest(session: Session, typed: str) -> str | None:
    """Return the existing SKU that was most likely meant: another case, or a near neighbour.

    Looks at those around it in the order of SKUs, so that it costs the same in a large inventory.
    """
    sku = known_sku(typed[:200])
    if not sku:
        return None
    folded = {
        candidate.casefold(): candidate
        for start in (sku.upper(), sku, sku.lower())
        for candidate in products.neighbours(session, start, _NEIGHBOURS)
    }
    plain = sku.strip().replace("_", "-").replace(" ", "-").casefold()
    close = get_close_matches(plain, folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else None
