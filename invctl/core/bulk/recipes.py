"""Files as recipes: what one time takes of each product, and how many times there is of it.

A recipe only adds and takes, and of one product only the one or the other: what it comes to, so
many times, does not depend on the order of its lines, but for those of a product that name places.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from invctl.core.advice import advised_lines
from invctl.core.balance import refusal
from invctl.core.bulk.lines import Lines
from invctl.core.bulk.shelves import NOWHERE, read_spots
from invctl.core.lookup import load_products
from invctl.core.moves import ACTION, AMOUNT, DELTA, MOVE, SKU, SPOTS, multiplied, read_move
from invctl.core.operations import warn_once
from invctl.core.places.spots import UNPLACED, Spot
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import (
    InsufficientStock,
    InvalidData,
    InvalidValue,
    InventoryError,
    NoLimit,
    PlaceNotFound,
    ProductArchived,
    ProductNotFound,
)
from invctl.models.batches import Fits
from invctl.models.rows import BadRow, FileRow
from invctl.repository import promises
from invctl.repository.products import Found
from invctl.text import some_of

if TYPE_CHECKING:
    from invctl.core.bulk.fitting import Fitting, Limit, Take

Times = int | Literal["max"]
"""How many times a file is applied, or as often as it fits."""


class Ingredient:
    """A product of a recipe, and how many units one time adds (takes, below 0).

    `takes` are what its lines take, where that is said, in their order.
    """

    __slots__ = ("delta", "fitting", "found", "is_placed", "takes")

    def __init__(self, found: Found) -> None:
        self.found = found
        self.delta = 0
        self.takes: list[Take] = []
        self.is_placed = False
        self.fitting: Fitting | None = None

    def add(self, line: int, units: int, spot: Spot) -> None:
        """Take in one more line."""
        self.delta += units
        self.is_placed = self.is_placed or spot != UNPLACED
        if units < 0 and self.takes and self.takes[-1].spot == spot:
            last = self.takes[-1]
            self.takes[-1] = last._replace(units=last.units - units)
        elif units < 0:
            from invctl.core.bulk.fitting import Take

            self.takes.append(Take(spot, -units, line))

    @property
    def available(self) -> int:
        """How many units there are to take, where its lines name no place."""
        return self.found.quantity - max(self.found.held, self.found.placed)

    def times(self) -> int:
        """Return how many times it fits."""
        assert self.delta < 0, "what adds has no limit"
        return self.available // -self.delta if self.fitting is None else self.fitting.times()

    def refusal(self) -> InsufficientStock:
        """Return that it does not fit once."""
        if self.fitting is not None:
            return self.fitting.refusal(self.fitting.limit(1))
        refused = refusal(self.found, self.delta)
        assert isinstance(refused, InsufficientStock), "it was taken"
        return refused

    def limit(self, times: int) -> dict[str, object]:
        """Return what limits it to so many times."""
        if self.fitting is None:
            return {"sku": self.found.sku, "available": self.available, "per": -self.delta}
        return _record_of(self.found.sku, self.fitting.limit(times + 1))


def _record_of(sku: str, limit: "Limit") -> dict[str, object]:
    """Return what limits a product in a place, as a record tells it."""
    spot = limit.spot or UNPLACED
    where = {"place": spot.place, "lot": spot.lot}
    return {"sku": sku, "available": limit.available, "per": limit.per, **where}


def fits(db: Database, rows: Iterable[FileRow | BadRow]) -> Fits:
    """Return how many times a file of movements could be applied now, and what limits that.

    Cells are in the order of `models.MOVEMENT_COLUMNS`. Raises InvalidData.
    """
    lines = Lines(rows, fingerprinted=False)
    try:
        with db.read() as session:
            ingredients = read_ingredients(session, lines, lock=False)
            times, limiting = _most(session, lines, ingredients)
    except InvalidData as error:
        raise advised_lines(db, error) from error
    warn_once(db, _warning_of_placed(limiting))
    return Fits(times, [one.limit(times or 0) for one in limiting])


def _warning_of_placed(limiting: Iterable[Ingredient]) -> str | None:
    """Return what to say where more would fit if lines named the places of what they take."""
    placed = [one.found.sku for one in limiting if one.found.placed and not one.is_placed]
    if not placed:
        return None
    return (
        f"what lies in places of {some_of(placed)} is not counted, since no line names one; "
        "a column place does, or --defaults place=any"
    )


def times_of(session: Session, lines: Lines, times: Times) -> int:
    """Return how many times a file is to be applied, which is then to be read from its beginning.

    Raises InvalidData where it is no recipe, NoLimit where it takes nothing, so that it could be
    for ever, and InsufficientStock where not even once.
    """
    ingredients = read_ingredients(session, lines)
    if times != "max":
        lines.restart()
        return times
    most, limiting = _most(session, lines, ingredients)
    if most is None:
        raise NoLimit
    if not most:
        raise InsufficientStock.of_many([one.refusal() for one in limiting])
    lines.restart()
    return most


def read_ingredients(session: Session, lines: Lines, *, lock: bool = True) -> list[Ingredient]:
    """Return the products that a file names, each with what all its lines come to.

    Raises InvalidData with all lines that a recipe cannot have.
    """
    ingredients: dict[int, Ingredient] = {}
    for chunk in lines.chunks():
        found = load_products(session, {cells[SKU] for _, cells in chunk}, lock=lock)
        for line, cells in chunk:
            try:
                product = _product(cells[SKU], found.get(cells[SKU]))
                ingredient = ingredients.get(product.id) or Ingredient(product)
                _add(ingredient, product, line, cells)
                ingredients[product.id] = ingredient
            except InventoryError as error:
                lines.refusals.add(line, "sku", cells[SKU], error)
    lines.refusals.raise_any()
    return list(ingredients.values())


def _product(sku: str, found: Found | None) -> Found:
    """Return the product of a line. Raises InvalidValue, ProductNotFound or ProductArchived."""
    if not sku:
        raise InvalidValue("sku", "", "is missing")
    if found is None:
        raise ProductNotFound(sku)
    if found.archived_at is not None:
        raise ProductArchived(found.sku)
    return found


def _add(ingredient: Ingredient, product: Found, line: int, cells: tuple[str, ...]) -> None:
    """Have an ingredient come to what one more line says, too. Raises InvalidValue."""
    move = read_move(*cells[MOVE])
    if move.shifts:
        raise InvalidValue("action", cells[ACTION], "is a move, of which there is no recipe")
    if move.counts:
        raise InvalidValue(
            "action", cells[ACTION], "is a count, which cannot be done several times"
        )
    spot = UNPLACED if cells[SPOTS] == NOWHERE else read_spots(cells[SPOTS], move)[0]
    column, given = ("amount", cells[AMOUNT]) if cells[ACTION] else ("delta", cells[DELTA])
    units = multiplied(move.units, product.units, column, given)
    if units * ingredient.delta < 0:
        raise InvalidValue("sku", cells[SKU], "is both taken and added; a recipe does one of them")
    ingredient.add(line, units, spot)


def _most(
    session: Session, lines: Lines, ingredients: list[Ingredient]
) -> tuple[int | None, list[Ingredient]]:
    """Return how many times there is enough of everything, and of what there is not once more.

    Raises InvalidData with the lines that take from places that there are not.
    """
    taken = [one for one in ingredients if one.delta < 0]
    if not taken:
        return None, []
    for one in taken:  # what has run out is only left out: this may be a reader, who closes nothing
        one.found = _free(session, one.found)
    _look([one for one in taken if one.is_placed], session, lines)
    fitting = [one.times() for one in taken]
    most = min(fitting)
    limiting = [one for one, times in zip(taken, fitting, strict=True) if times == most]
    return most, sorted(limiting, key=lambda one: one.found.sku)


def _look(placed: Sequence[Ingredient], session: Session, lines: Lines) -> None:
    """Look where products lie of which lines name places. Raises InvalidData."""
    if not placed:
        return
    from invctl.core.bulk.fitting import Fitting
    from invctl.core.places.pots import Pots

    pots = Pots(session)
    pots.load([one.found.id for one in placed])
    for ingredient in placed:
        ingredient.fitting = Fitting(pots, ingredient.found, ingredient.takes)
        for one in ingredient.takes:
            try:
                pots.supplies(ingredient.found.id, one.spot, 0)  # for its refusal alone
            except PlaceNotFound as error:
                lines.refusals.add(one.line, "place", one.spot.place, error)
    lines.refusals.raise_any()


def _free(session: Session, found: Found) -> Found:
    """Return a product without what is held of it by what has run out."""
    if not found.held:
        return found
    return found._replace(held=found.held - promises.overdue(session, found.id))
