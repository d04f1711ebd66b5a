"""Finding a product by the SKU or the code that was typed; what was meant by none is `advice`'s."""

from collections.abc import Callable, Collection, Iterable, Iterator

from invctl.codes import code_key
from invctl.db.session import Session
from invctl.errors import ProductArchived, ProductNotFound
from invctl.repository import products, settings
from invctl.repository.products import Facts, Found
from invctl.values import known_sku, spelled


def find_product(session: Session, sku: str, *, lock: bool = False) -> Found:
    """Return the product that is called `sku`; with `lock` nobody else changes it meanwhile.

    Raises ProductNotFound.
    """
    for spelling in _spellings(session, sku):
        found = products.find(session, spelling, lock=lock)
        if found is not None:
            return found
    coded = _coded(session, sku, lock=lock)
    if coded is None:
        raise ProductNotFound(sku)
    return coded


def _coded(session: Session, typed: str, *, lock: bool) -> Found | None:
    """Return the product that a code means which is no SKU, and how many units a scan of it is."""
    known = known_sku(typed)
    if known is None:
        return None
    from invctl.repository import codes  # for who types a SKU that there is, they do not exist

    return codes.product_of(session, code_key(known, sku_rule_of(session)), lock=lock)


def find_facts(session: Session, sku: str) -> Facts:
    """Return what is said of a product, which nobody else changes meanwhile.

    Raises ProductNotFound.
    """
    for spelling in _spellings(session, sku):
        found = products.facts(session, spelling)
        if found is not None:
            return found
    coded = _coded(session, sku, lock=True)
    found = None if coded is None else products.facts(session, coded.sku)
    if found is None:
        raise ProductNotFound(sku)
    return found


def load_products(session: Session, typed: Iterable[str], *, lock: bool = True) -> dict[str, Found]:
    """Return the products that some SKUs mean, by what was typed; locked, in order of id.

    What is no SKU may be a code; of that `units` says how many one scan means.
    """
    known = {one: sku for one in typed if (sku := known_sku(one))}
    asked = set(known.values())
    found = {one.sku: one for one in products.load(session, asked, lock=lock)} if known else {}
    # Only for what was not found: a file mostly spells them right, and the rest is two questions.
    missing = {sku for sku in known.values() if sku not in found and sku != sku.upper()}
    if missing and is_strict(session):
        capitals = {sku.upper() for sku in missing if sku.isascii()} - found.keys()
        found |= {one.sku: one for one in products.load(session, capitals, lock=lock)}
        known = {one: sku if sku in found else spelled(sku, "strict") for one, sku in known.items()}
    if len(found) < len(asked):  # so some of them may not be there
        found |= _load_coded(session, set(known.values()) - found.keys(), lock=lock)
    return {one: found[sku] for one, sku in known.items() if sku in found}


def _load_coded(session: Session, asked: Collection[str], *, lock: bool) -> dict[str, Found]:
    """Return the products that some texts mean which are no SKUs but codes."""
    if not asked:
        return {}
    from invctl.repository import codes

    rule = sku_rule_of(session)
    keys = {one: code_key(one, rule) for one in asked}
    found = codes.products_of(session, set(keys.values()), lock=lock)
    return {one: found[key] for one, key in keys.items() if key in found}


def lock_products(session: Session, typed: Callable[[], Iterable[str]]) -> None:
    """Keep others from the products that some SKUs may mean, before any of them is looked for.

    On a server they are locked in order of id, so that two files in opposite orders and other
    spellings do not wait for each other; elsewhere the SKUs are not even asked for.
    """

    def meant() -> Iterator[str]:
        strict = is_strict(session)  # asked before the first one is sent
        return (sku for one in typed() for sku in _possible(one, strict=strict))

    products.lock_skus(session, meant)


def _possible(typed: str, *, strict: bool) -> Collection[str]:
    """Return the SKUs that one may mean."""
    known = known_sku(typed)
    if known is None:
        return ()
    return {known, known.upper()} if strict and known.isascii() else {known}


def is_strict(session: Session) -> bool:
    """Return whether SKUs are in capital letters, so that others can only mean those."""
    return sku_rule_of(session) == "strict"


def sku_rule_of(session: Session) -> str:
    """Return the inventory's rule for SKUs."""
    return str(settings.setting(session, "sku_rule"))


def _spellings(session: Session, typed: str) -> Iterator[str]:
    """Yield the SKUs that may be meant: as typed, and then as it would have to be spelled."""
    known = known_sku(typed)
    if known is None:
        return
    yield known  # first, since most type it right: then nobody has to ask for the rule
    if known.isascii() and known != known.upper() and is_strict(session):
        yield known.upper()


def find_active(session: Session, sku: str, *, lock: bool = True) -> Found:
    """Return a product whose stock may change, locked if nothing else is said.

    Raises ProductNotFound or ProductArchived.
    """
    found = find_product(session, sku, lock=lock)
    if found.archived_at is not None:
        raise ProductArchived(found.sku)
    return found


def renamed(session: Session, typed: str) -> str | None:
    """Return the SKU that a product has now which had another one until a rename."""
    now = (products.renamed_to(session, one) for one in _spellings(session, typed))
    return next(filter(None, now), None)
