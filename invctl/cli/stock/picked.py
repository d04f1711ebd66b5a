"""From where units were taken where that was left to invctl: somebody has to go and get them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from invctl.cli.invocation import Invocation
from invctl.cli.printing.diagnostics import note
from invctl.errors import InventoryError

if TYPE_CHECKING:
    from invctl.core.places.spots import Spot
    from invctl.db.database import Database


def say_where_taken(
    call: Invocation, db: "Database", operation: int | None, spot: "Spot | None"
) -> None:
    """Tell people from which places and lots an operation took units, beyond the `spot` named."""
    # It is read in the books, where a rehearsal leaves nothing.
    if operation is None or call.dry_run or not call.form.is_for_people:
        return
    from invctl.core.log import get_operation

    try:
        moved = get_operation(db, operation)["movement_records"]
    except InventoryError:  # it is done, whatever else cannot be told
        return
    named = (spot.place, spot.lot) if spot is not None else (None, None)
    if any((one["place"], one["lot"]) != named for one in moved):
        note(f"taken: {', '.join(map(_part, moved))}", quiet=call.quiet)


def _part(movement: Mapping[str, object]) -> str:
    lot = f" ({movement['lot']})" if movement["lot"] else ""
    place = movement["place"] or "no place"
    return f"{-int(str(movement['delta']))} of {movement['sku']} from {place}{lot}"
