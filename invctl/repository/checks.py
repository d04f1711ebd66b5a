"""What a check asks of the books, all of them at a time, and what a repair makes of numbers."""

from collections.abc import Iterator, Sequence

from invctl.db.session import Row, Session, first_value, one_by_one
from invctl.repository import compiled


def journal(session: Session) -> Iterator[Row]:
    """Yield the id, operation, product, pot, delta and balance of every movement, in order."""
    return one_by_one(session, compiled.JOURNAL)


def movement_runs(session: Session) -> Iterator[Row]:
    """Yield which operations say that they have movements, from where to where, in order."""
    return one_by_one(session, compiled.MOVEMENT_RUNS)


def change_journal(session: Session) -> Iterator[Row]:
    """Yield the id and operation of every change, in order of id."""
    return one_by_one(session, compiled.CHANGES)


def change_runs(session: Session) -> Iterator[Row]:
    """Yield which operations say that they have changes, from where to where, in order."""
    return one_by_one(session, compiled.CHANGE_RUNS)


def mistaken_undos(session: Session) -> Iterator[Row]:
    """Yield each operation that is not in effect, or is, against what the undos say."""
    return one_by_one(session, compiled.MISTAKEN_UNDOS)


def remainders(session: Session) -> Iterator[Row]:
    """Yield each undo that did not undo to the last unit: it, what it undid, SKU, the rest."""
    return one_by_one(session, compiled.REMAINDERS)


def quantities(session: Session) -> Iterator[Row]:
    """Yield the id, SKU, quantity, held and placed of every product."""
    return one_by_one(session, compiled.QUANTITIES)


def pots(session: Session) -> Iterator[Row]:
    """Yield the id, product, SKU and quantity of every pot."""
    return one_by_one(session, compiled.POTS)


def misplaced(session: Session) -> Iterator[Row]:
    """Yield each product of which not as much lies in places as its pots say.

    Of each its id, its SKU, what is said to lie there, and the sum.
    """
    return one_by_one(session, compiled.MISPLACED)


def mislaid(session: Session) -> Iterator[Row]:
    """Yield what lies in places that were removed: its SKU, the place, and the units."""
    return one_by_one(session, compiled.MISLAID)


def misheld(session: Session) -> Iterator[Row]:
    """Yield each product that does not hold what its holds say: its id, SKU, held, the sum."""
    return one_by_one(session, compiled.MISHELD)


def mistold(session: Session) -> Iterator[Row]:
    """Yield each field of a product that is not what its last change made it.

    Of each the SKU as it was then, the field, what the change says, and what there is.
    """
    return one_by_one(session, compiled.MISTOLD)


def mistaken_codes(session: Session) -> Iterator[Row]:
    """Yield each code that is a product's SKU: the code, and that SKU."""
    return one_by_one(session, compiled.CODED_SKUS)


def sku_of(session: Session, product: int) -> object | None:
    """Return the SKU of a product, as it is stored."""
    return first_value(session, compiled.SKU_OF, product=product)


def mend(session: Session, changed: Sequence[Row]) -> None:
    """Make quantity, held and placed what they must be: those, at what time, of which, as seen."""
    columns = ("now", "now_held", "now_placed", "at", "product", "seen")
    mended = session.each(compiled.MEND, columns, changed)
    assert mended == len(changed), f"{len(changed) - mended} quantities changed under a lock"


def mend_pots(session: Session, changed: Sequence[Row]) -> None:
    """Make the quantities of pots what they must be: each now, and of which."""
    session.each(compiled.MEND_POT, ("now", "pot"), changed)
