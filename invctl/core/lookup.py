"""Finding a product by the SKU that was typed, and the nearest one where there is none."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from difflib import SequenceMatcher

from invctl.codes import code_key
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import (
    InvalidData,
    InventoryError,
    LineError,
    NotFound,
    PlaceNotFound,
    ProductArchived,
    ProductNotFound,
    command,
)
from invctl.repository import products, settings
from invctl.repository.products import Facts, Found
from invctl.values import known_sku, spelled

_AS_HYPHENS = dict.fromkeys(map(ord, "_ \u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
"""What people, and the programs that they copy from, write where a SKU has a hyphen."""
_NEIGHBOURS = 200
_ADVISED = 10
"""Lines of a refused file for which the SKU is looked for that was meant: it takes a while."""


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
    yield known
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


@contextmanager
def advising(db: Database) -> Iterator[None]:
    """Name the SKU or the place that was probably meant to who names one that there is not."""
    try:
        yield
    except (ProductNotFound, PlaceNotFound) as error:
        raise advised(db, error) from error


def advised(db: Database, error: InventoryError) -> InventoryError:
    """Return an error with the SKU, or the place, that was probably meant, if it is about that.

    It is looked for when nothing is locked any more: it takes longer than a sale, and a file may
    have thousands of wrong SKUs.
    """
    if isinstance(error, InvalidData):
        return advised_lines(db, error)
    if not isinstance(error, ProductNotFound | PlaceNotFound):
        return error
    with suppress(InventoryError), db.read() as session:  # where it can be had at all
        if isinstance(error, PlaceNotFound):
            return error.meaning(_nearest_place(session, str(error.details["place"])))
        sku = str(error.details["sku"])
        found = ProductNotFound(sku, nearest(session, sku), renamed(session, sku))
        if _is_place(session, sku):
            shown = command("stock", "where", "--place", sku.strip())
            found.hint = f"that is a place: {shown} shows what lies there"
        return found
    return error


def _is_place(session: Session, typed: str) -> bool:
    """Return whether something that was asked for as a product is a place, or around some."""
    from invctl.repository import places  # for who names a product that there is not

    name = known_sku(typed)
    return name is not None and any(one.removed_at is None for one in places.inside(session, name))


def _nearest_place(session: Session, name: str) -> str | None:
    """Return the place that was most likely meant: the only one that ends so, or a like one.

    What only has places inside it is one, too.
    """
    from invctl.repository import places  # for who names one that there is not

    parts = [one.split("/") for one in places.names(session)]
    around = {"/".join(one[:end]) for one in parts for end in range(1, len(one) + 1)}
    folded = {one.casefold(): one for one in sorted(around)}
    ending = [one for one in folded if one.endswith(f"/{name.casefold()}")]
    if len(ending) == 1 and name.casefold() not in folded:
        return folded[ending[0]]
    return folded.get(_closest(name.casefold(), folded, 0.65))


def renamed(session: Session, typed: str) -> str | None:
    """Return the SKU that a product has now which had another one until a rename."""
    now = (products.renamed_to(session, one) for one in _spellings(session, typed))
    return next(filter(None, now), None)


def advised_lines(db: Database, error: InvalidData) -> InvalidData:
    """Return the refusal of a file with what was probably meant in the first of its lines.

    A line of totals meant no SKU.
    """
    wrong = [one for one in error.lines if one.code == NotFound.code and one.value]
    if not wrong:
        return error
    from invctl.spreadsheets import NO_PRODUCT, is_total

    with suppress(InventoryError), db.read() as session:
        named = dict.fromkeys((_column(one), str(one.value)) for one in wrong)
        meant = {one: said for one in [*named][:_ADVISED] if (said := _meant(session, *one))}
        meant |= {one: f"it {NO_PRODUCT}" for one in named if one[0] == "sku" and is_total(one[1])}
        lines = [
            one._replace(message=f"{one.message}; {told}")
            if one.code == NotFound.code and (told := meant.get((_column(one), str(one.value))))
            else one
            for one in error.lines
        ]
        advised = InvalidData(lines, error.count)
        advised.hint = error.hint
        return advised
    return error


def _column(error: LineError) -> str:
    """Return what a line names that there is not: a place, or else a SKU."""
    return "place" if error.column in ("place", "to_place") else "sku"


def _meant(session: Session, column: str, typed: str) -> str:
    """Return what to say of a name that nothing has, if anything is known."""
    if column == "place":
        near = _nearest_place(session, typed)
        return f"did you mean {near}?" if near else ""
    near = nearest(session, typed)
    if near and near == known_sku(typed):  # it is there, but new to an import
        return "its creation was undone"
    found = ProductNotFound(typed, near, renamed(session, typed))
    return found.hint if found.details["nearest"] or found.details["renamed_to"] else ""


def nearest(session: Session, typed: str) -> str | None:
    """Return the existing SKU that was most likely meant: another case, or a near neighbour.

    Looks at those around it in the order of SKUs, so that it costs the same in a large inventory.
    """
    sku = known_sku(typed[:200])
    if not sku:
        return None
    plain = sku.strip().translate(_AS_HYPHENS)
    folded = {
        candidate.casefold(): candidate
        for start in dict.fromkeys((plain.upper(), sku.upper(), sku, sku.lower()))
        for candidate in products.neighbours(session, start, _NEIGHBOURS)
    }
    return folded.get(_closest(plain.casefold(), folded, 0.7))


def _closest(word: str, known: Iterable[str], least: float) -> str:
    """Return the known word that is most like one, if it is so much like it at the least; or ''.

    It is `get_close_matches`, which measures all that are alike enough, where here each must beat
    those before it: that is a tenth of the time.
    """
    matcher = SequenceMatcher(b=word)
    likeness, closest = least, ""
    for one in known:
        matcher.set_seq1(one)
        if matcher.real_quick_ratio() >= likeness and matcher.quick_ratio() >= likeness:
            likeness, closest = max((likeness, closest), (matcher.ratio(), one))
    return closest
