"""What is asked of places and of the pots in them: what lies where, of which lot."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from invctl.db.session import Row, Session, array, first_value, number, one_by_one
from invctl.repository import compiled
from invctl.repository.changes import Count

# No name that anybody gives has nothing between two slashes.
_OUSTED = "//"


class Place(NamedTuple):
    """A place; one that was removed is kept for what its movements tell."""

    id: int
    name: str
    removed_at: str | None


class StoredPot(NamedTuple):
    """What lies of a product in one place, of one lot ('' for none); its date is the lot's."""

    id: int
    product: int
    place: str
    lot: str
    expires_on: str | None
    quantity: int


def ousted(name: str, operation: int) -> str:
    """Return what an empty place is called whose name another is given; nobody can type that."""
    return f"{name}{_OUSTED}{operation}"


def called(name: str) -> str:
    """Return the name that a place had when it was last known to anybody."""
    return name.partition(_OUSTED)[0]


def find(session: Session, name: str) -> Place | None:
    """Return the place of that name, also one that was removed."""
    row = session.one(compiled.FIND_PLACE, name=name)
    return None if row is None else Place(row[0], name, row[1])


def inside(session: Session, name: str) -> list[Place]:
    """Return a place and all that are inside it, also what was removed."""
    return [Place._make(row) for row in one_by_one(session, compiled.PLACES_INSIDE, **within(name))]


def within(name: str) -> dict[str, str]:
    """Return the parameters that a place and all inside it are found by."""
    # In order of code points '0' comes next to '/'.
    return {"name": name, "first": f"{name}/", "end": f"{name}0"}


def names(session: Session) -> list[str]:
    """Return the names of all places that were not removed."""
    return [name for (name,) in one_by_one(session, compiled.PLACE_NAMES)]


def totals_in(session: Session, places: Collection[int]) -> tuple[int, int]:
    """Return how many products lie in some places, and how many units of them."""
    row = session.one(compiled.TOTALS_IN, places=array(places))
    assert row is not None
    return int(row[0]), int(row[1])


def next_place(session: Session) -> int:
    """Return the id of the next new place, which is this transaction's to give in its turn."""
    return number(session, compiled.NEXT_PLACE)


def add(session: Session, place: int, name: str) -> None:
    """Make a place."""
    session.each(compiled.ADD_PLACE, ("id", "name"), [(place, name)])


def revive(session: Session, place: int) -> None:
    """Have a place again that was removed."""
    session.run(compiled.REVIVE_PLACE, place=place)


def name_all(session: Session, rows: Sequence[Row]) -> None:
    """Give places other names: each name, since when it is removed (None: it is not), which."""
    session.each(compiled.NAME_PLACES, ("new_name", "gone", "place"), rows)


def pots_of(session: Session, products: Collection[int]) -> Iterator[StoredPot]:
    """Yield the pots of some products, of each what is to be taken first first."""
    return map(StoredPot._make, one_by_one(session, compiled.POTS_OF, products=array(products)))


def next_pot(session: Session) -> int:
    """Return the id of the next new pot, which is this transaction's to give in its turn."""
    return number(session, compiled.NEXT_POT)


def add_pots(session: Session, rows: Sequence[Row]) -> None:
    """Make empty pots: each id, product, place and lot."""
    columns = ("id", "product_id", "place_id", "lot", "quantity")
    session.each(compiled.ADD_POT, columns, [(*row, 0) for row in rows])


def add_lots(session: Session, rows: Sequence[Row]) -> None:
    """Note lots of products: each product, name, and when it expires."""
    session.each(compiled.ADD_LOT, ("product_id", "lot", "expires_on"), rows)


def date_lot(session: Session, product: int, name: str, expires_on: str) -> None:
    """Note when a lot expires of which that was not known."""
    session.run(compiled.DATE_LOT, product=product, name=name, expires_on=expires_on)


def fill(session: Session, pot: int, by: int) -> int | None:
    """Move `by` units into a pot, or out of it; return what is in it then.

    The guard is in the UPDATE itself. None: it refused.
    """
    return first_value(session, compiled.FILL_POT, pot=pot, by=by)


def settle_pots(session: Session, changed: Sequence[Row]) -> None:
    """Make what is in pots what it must be: each now, of which pot, and as seen under a lock."""
    settled = session.each(compiled.SETTLE_POT, ("now", "pot", "seen"), changed)
    assert settled == len(changed), f"{len(changed) - settled} pots changed under a lock"


def forget(session: Session, product: int) -> None:
    """Delete the pots and lots of a product that never had a movement."""
    session.run(compiled.DELETE_POTS, product=product)
    session.run(compiled.DELETE_LOTS, product=product)


def moved_since(session: Session, product: int, pot: int, moment: str) -> int:
    """Return the sum of what the movements of a product's pot say that happened after a moment."""
    return number(session, compiled.MOVED_IN_POT_SINCE, product=product, pot=pot, moment=moment)


def last_count(session: Session, product: int, field: str) -> Count | None:
    """Return the newest count that is in effect of a pot, whose counts have that field."""
    row = session.one(compiled.LAST_COUNT_IN_POT, product=product, field=field)
    return None if row is None else Count._make(row)
