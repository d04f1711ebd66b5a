"""What was probably meant by a SKU, or a place, that there is not; writes and locks nothing.

A change loads it where it was refused: it costs a sale nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from difflib import SequenceMatcher

from invctl.core.lookup import renamed
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import (
    InvalidData,
    InventoryError,
    LineError,
    NotFound,
    PlaceNotFound,
    ProductNotFound,
    command,
)
from invctl.repository import products
from invctl.values import known_sku

_AS_HYPHENS = dict.fromkeys(map(ord, "_ \u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
"""What people, and the programs that they copy from, write where a SKU has a hyphen."""
_NEIGHBOURS = 200
_ADVISED = 10
"""Lines of a refused file for which the SKU is looked for that was meant: it takes a while."""


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
        return InvalidData(lines, error.count, summary=error.summary, hint=error.hint)
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
    sku = known_sku(typed)
    if not sku:
        return None
    plain = sku.translate(_AS_HYPHENS)
    folded = {
        candidate.casefold(): candidate
        # Capitals are far from small letters where code points give the order.
        for start in dict.fromkeys((plain.upper(), sku.upper(), sku, sku.lower()))
        for candidate in products.neighbours(session, start, _NEIGHBOURS)
    }
    return folded.get(_closest(plain.casefold(), folded, 0.7))


def _closest(word: str, known: Iterable[str], least: float) -> str:
    """Return the known word that is most like one, if it is so much like it at the least; or ''."""
    matcher = SequenceMatcher(b=word)
    likeness, closest = least, ""
    for one in known:
        matcher.set_seq1(one)
        # `get_close_matches` measures all that are alike enough; here each must beat those before
        # it, which takes a tenth of the time.
        if matcher.real_quick_ratio() >= likeness and matcher.quick_ratio() >= likeness:
            likeness, closest = max((likeness, closest), (matcher.ratio(), one))
    return closest
