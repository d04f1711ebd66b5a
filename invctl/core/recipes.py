"""Files as recipes: what one time takes of each product, and how many times there is of it.

A recipe only adds and takes, and of one product only the one or the other: what it comes to, so
many times, does not depend on the order of its lines.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from invctl.core.balance import refusal
from invctl.core.lines import Lines
from invctl.core.lookup import advised_lines, load_products
from invctl.core.moves import multiplied, read_move
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import (
    InsufficientStock,
    InvalidData,
    InvalidValue,
    InventoryError,
    NoLimit,
    ProductArchived,
    ProductNotFound,
)
from invctl.models import BadRow, Fits, Row
from invctl.repository import promises
from invctl.repository.products import Found

Times = int | Literal["max"]
"""How many times a file is applied, or as often as it fits."""


class Part(NamedTuple):
    """A product of a recipe, and how many units one time adds (takes, below 0)."""

    found: Found
    delta: int


def fits(db: Database, rows: Iterable[Row | BadRow]) -> Fits:
    """Return how many times a file of movements could be applied now, and what limits that.

    Cells are in the order of `models.MOVEMENT_COLUMNS`. Raises InvalidData.
    """
    lines = Lines(rows, fingerprinted=False)
    try:
        with db.read() as session:
            times, limiting = _most(session, read_parts(session, lines, lock=False))
    except InvalidData as error:
        raise advised_lines(db, error) from error
    told = [
        {"sku": one.found.sku, "available": _available(one.found), "per": -one.delta}
        for one in limiting
    ]
    return Fits(times, told)


def times_of(session: Session, lines: Lines, times: Times) -> int:
    """Return how many times a file is to be applied, which is then to be read from its beginning.

    Raises InvalidData where it is no recipe, NoLimit where it takes nothing, so that it could be
    for ever, and InsufficientStock where not even once.
    """
    parts = read_parts(session, lines)
    lines.restart()
    if times != "max":
        return times
    most, limiting = _most(session, parts)
    if most is None:
        raise NoLimit
    if not most:
        raise InsufficientStock.of_many([_short(one) for one in limiting])
    return most


def read_parts(session: Session, lines: Lines, *, lock: bool = True) -> list[Part]:
    """Return the products that a file names, each with what all its lines come to.

    Raises InvalidData with all lines that a recipe cannot have.
    """
    parts: dict[int, Part] = {}
    for chunk in lines.chunks():
        found = load_products(session, {cells[0] for _, cells in chunk}, lock=lock)
        for line, cells in chunk:
            try:
                product = _product(cells[0], found.get(cells[0]))
                part = parts.get(product.id, Part(product, 0))
                parts[product.id] = part._replace(delta=_added(part, product, cells))
            except InvalidValue as error:
                lines.refusals.add_value(line, error)
            except InventoryError as error:
                lines.refusals.add(line, "sku", cells[0], error)
    lines.refusals.raise_any()
    return list(parts.values())


def _product(sku: str, found: Found | None) -> Found:
    """Return the product of a line. Raises InvalidValue, ProductNotFound or ProductArchived."""
    if not sku:
        raise InvalidValue("sku", "", "is missing")
    if found is None:
        raise ProductNotFound(sku)
    if found.archived_at is not None:
        raise ProductArchived(found.sku)
    return found


def _added(part: Part, product: Found, cells: tuple[str, ...]) -> int:
    """Return what a part comes to with one more line. Raises InvalidValue."""
    counts, units, shifts = read_move(*cells[1:4])
    if any(cells[8:]):
        place = next(cell for cell in cells[8:] if cell)
        raise InvalidValue("place", place, "cannot be in a recipe yet")
    if shifts:
        raise InvalidValue("action", cells[2], "is a move, of which there is no recipe")
    if counts:
        raise InvalidValue("action", cells[2], "is a count, which cannot be done several times")
    column, given = ("amount", cells[3]) if cells[2] else ("delta", cells[1])
    units = multiplied(units, product.units, column, given)
    if units * part.delta < 0:
        raise InvalidValue("sku", cells[0], "is both taken and added; a recipe does one of them")
    return part.delta + units


def _most(session: Session, parts: list[Part]) -> tuple[int | None, list[Part]]:
    """Return how many times there is enough of all parts, and of which there is not once more."""
    taken = [part._replace(found=_free(session, part.found)) for part in parts if part.delta < 0]
    if not taken:
        return None, []
    fitting = [_available(one.found) // -one.delta for one in taken]
    most = min(fitting)
    limiting = [one for one, times in zip(taken, fitting, strict=True) if times == most]
    return most, sorted(limiting, key=lambda one: one.found.sku)


def _free(session: Session, found: Found) -> Found:
    """Return a product without what is held of it by what has run out."""
    if not found.held:
        return found
    return found._replace(held=found.held - promises.overdue(session, found.id))


def _available(found: Found) -> int:
    return found.quantity - max(found.held, found.placed)


def _short(part: Part) -> InsufficientStock:
    refused = refusal(part.found, part.delta)
    assert isinstance(refused, InsufficientStock), "it was taken"
    return refused
