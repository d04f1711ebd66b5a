"""What a line of a file of products says of one."""

from typing import TYPE_CHECKING, NamedTuple

from invctl.errors import InvalidValue
from invctl.models.rows import CLEARED
from invctl.values import check_text, known_sku, optional_text, parse_boolean, parse_quantity

if TYPE_CHECKING:
    from invctl.core.places.spots import Spot


class Given(NamedTuple):
    """What a line gives of a product; None is not given, and `emptied` fields are to be None."""

    line: int
    emptied: frozenset[str]

    sku: str
    name: str | None
    description: str | None
    quantity: int | None
    reorder_point: int | None
    archived: bool | None
    reorder_to: int | None
    spot: "Spot | None" = None
    """Where its opening stock lies, or what of it was counted."""


def read_given(line: int, cells: tuple[str, ...]) -> Given:
    """Return what a line's cells say of a product. Raises InvalidValue."""
    sku, name, description, quantity, reorder_point, archived, reorder_to, place = cells
    if not sku:
        raise InvalidValue("sku", "", "is missing")
    known = known_sku(sku)
    cleared = {"description": description, "reorder_point": reorder_point, "reorder_to": reorder_to}
    return Given(
        line=line,
        emptied=frozenset(field for field, cell in cleared.items() if cell is CLEARED),
        sku=sku if known is None else known,
        name=check_text(name, "name") if name else None,
        description=optional_text(description, "description"),
        quantity=parse_quantity(quantity) if quantity else None,
        reorder_point=parse_quantity(reorder_point, "reorder_point") if reorder_point else None,
        archived=parse_boolean(archived, "archived") if archived else None,
        reorder_to=parse_quantity(reorder_to, "reorder_to") if reorder_to else None,
        spot=_spot(place) if place else None,
    )


def faults(cells: tuple[str, ...]) -> list[InvalidValue]:
    """Return what is wrong with each cell of a line that is known to be wrong, in their order."""
    found = []
    for at, cell in enumerate(cells):
        # Beside a SKU that any rule takes, so that nothing but the one cell can be at fault.
        alone = ["X", *[""] * (len(cells) - 1)]
        alone[at] = cell
        try:
            read_given(0, tuple(alone))
        except InvalidValue as error:
            found.append(error)
    return found


def _spot(place: str) -> "Spot":
    from invctl.core.places.spots import check_spot

    return check_spot(place)
