"""Lists of what lies where, and of what there is to count."""

from collections.abc import Iterator, Sequence

from invctl.core.advice import advising
from invctl.core.lookup import find_product
from invctl.core.places.spots import check_place
from invctl.db.database import Database
from invctl.db.search import words
from invctl.db.session import Row, Session
from invctl.errors import PlaceNotFound
from invctl.repository import contents, places
from invctl.repository.places import Place
from invctl.values import check_text


def list_where(
    db: Database,
    sku: str | None = None,
    *,
    place: str | None = None,
    expiring: str | None = None,
) -> Iterator[Sequence[Row]]:
    """Yield what lies where in chunks as WHERE_FIELDS; `expiring` is a date as stored.

    With a place all inside it; with neither that nor a date what is unplaced, too. Raises
    ProductNotFound or PlaceNotFound.
    """
    with advising(db), db.read() as session:
        product = None if sku is None else find_product(session, sku).id
        within = None if place is None else _known(session, place)
        yield from _contents(session, product, within, expiring)


def _contents(
    session: Session, product: int | None, place: str | None, until: str | None
) -> Iterator[Sequence[Row]]:
    if product is not None:
        return contents.of_product(session, product, place=place, until=until)
    if until is not None:
        return contents.expiring(session, until, place=place)
    return contents.everywhere(session) if place is None else contents.in_place(session, place)


def list_sheet(
    db: Database, *, search: str | None = None, place: str | None = None
) -> Iterator[Sequence[Row]]:
    """Yield what there is to count in chunks: SKU, name, place and lot.

    `search` finds products as `catalog.list_products` does. With a place only what lies in there.
    Raises PlaceNotFound.
    """
    from invctl.repository.lists import sheets

    wanted = words(check_text(search, "search")) if search else ()
    with advising(db), db.read() as session:
        inside = _known(session, place) if place is not None else None
        yield from sheets.sheet(session, wanted, inside)


def _known(session: Session, name: str) -> str:
    """Return a place's name if there is one, or one inside it. Raises PlaceNotFound."""
    checked = check_place(name)
    known_places(session, checked)
    return checked


def known_places(session: Session, name: str) -> list[Place]:
    """Return a place and those inside it, but for what was removed. Raises PlaceNotFound."""
    found = [one for one in places.inside(session, name) if one.removed_at is None]
    if not found:
        raise PlaceNotFound(name)
    return found
