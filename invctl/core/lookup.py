"""Finding a product by the SKU that was typed, and the nearest one where there is none."""

from difflib import get_close_matches

from invctl.db.session import Session
from invctl.errors import ProductArchived, ProductNotFound
from invctl.repository import products
from invctl.repository.products import Facts, Found
from invctl.values import known_sku

_NEIGHBOURS = 200


def find_product(session: Session, sku: str, *, lock: bool = False) -> Found:
    """Return the product that is called `sku`; with `lock` nobody else changes it meanwhile.

    Raises ProductNotFound with the nearest SKU.
    """
    known = known_sku(sku)
    found = None if known is None else products.find(session, known, lock=lock)
    if found is None:
        raise not_found(session, sku)
    return found


def find_facts(session: Session, sku: str) -> Facts:
    """Return what is said of a product, which nobody else changes meanwhile.

    Raises ProductNotFound.
    """
    known = known_sku(sku)
    found = None if known is None else products.facts(session, known)
    if found is None:
        raise not_found(session, sku)
    return found


def find_active(session: Session, sku: str, *, lock: bool = True) -> Found:
    """Return a product whose stock may change, locked if nothing else is said.

    Raises ProductNotFound or ProductArchived.
    """
    found = find_product(session, sku, lock=lock)
    if found.archived_at is not None:
        raise ProductArchived(found.sku)
    return found


def not_found(session: Session, sku: str) -> ProductNotFound:
    """Return the error that says that there is no such product, and which may have been meant."""
    return ProductNotFound(sku[:200], _nearest(session, known_sku(sku)))


def _nearest(session: Session, sku: str | None) -> str | None:
    """Return the existing SKU that was most likely meant: another case, or a near neighbour.

    Looks at those around it in the order of SKUs, so that it costs the same in a large inventory.
    """
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
