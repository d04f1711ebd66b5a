"""What is taken from where somebody says it: judged here, for one change as for a file's lines.

Nothing is changed here but what is to be said of what was taken.
"""

from collections.abc import Iterator, Sequence

from invctl.core.places.parts import Part
from invctl.core.places.pots import Pots, Supply
from invctl.core.places.spots import Spot
from invctl.core.whereabouts import FROM
from invctl.repository.products import Found


def parts_taken(
    pots: Pots, found: Found, units: int, spot: Spot, *, held_by: int = 0, up_to: bool = False
) -> list[Part]:
    """Return in which parts units of a product are taken, when `held_by` more of it are held.

    With `up_to` they are what there is of as many. Raises PlaceNotFound or InsufficientStock.
    """
    supplies = pots.supplies(found.id, spot, found.quantity - found.placed)
    present, free = _there(supplies), found.quantity - found.held - held_by
    if up_to:
        units = min(units, present, free)
    if units > min(present, free):
        # Of the two that bound it the tighter one is told: what lies there, or what nobody holds.
        there = spot.sentence if present <= free else None
        raise pots.short(found, units, min(present, free), there)
    parts = list(_parts_of(supplies, units))
    pots.expired.note(found.sku, parts)
    return parts


def parts_shifted(pots: Pots, found: Found, units: int, source: Spot, target: Spot) -> list[Part]:
    """Return in which parts units leave a place for another; whoever holds them has them still.

    Raises PlaceNotFound or InsufficientStock.
    """
    supplies = pots.supplies(found.id, source, found.quantity - found.placed)
    if units > _there(supplies):
        way = FROM if source.place is None else ""
        raise pots.short(found, units, _there(supplies), source.sentence, way)
    parts = list(_parts_of(supplies, units))
    if target.place is None:
        pots.expired.note(found.sku, parts)  # out there nobody sees any more that it has
        pots.unlotted.note(found.sku, parts)
    return parts


def end_of(part: Part, target: Spot) -> Spot:
    """Return where units come that were taken somewhere else: with their lot, if they have one."""
    lot = part.pot.lot if part.pot else target.lot
    return Spot(target.place, lot or None)


def _there(supplies: Sequence[Supply]) -> int:
    return sum(units for _, units in supplies)


def _parts_of(supplies: Sequence[Supply], units: int) -> Iterator[Part]:
    """Yield what is taken of supplies, the first ones first: `units` in all, each negative."""
    for pot, there in supplies:
        part = min(units, there)
        if part:
            yield Part(pot, -part)
        units -= part
    assert not units, "as many are there"
