"""`invctl place …`: the places themselves."""

from typing import Annotated

import typer

from invctl.cli.invocation import invocation
from invctl.cli.options import KEYED_MUTATION
from invctl.cli.printing.words import counted
from invctl.cli.spec import OTHER_KEY, Spec
from invctl.models.fields import PLACE_FIELDS
from invctl.models.places import PlaceChange

_UNKNOWN = {3: "there is no such place"}

Place = Annotated[str, typer.Argument(metavar="PLACE", help="A place, as `place list` tells it.")]


def list_(
    ctx: typer.Context,
    search: Annotated[
        str | None,
        typer.Option("--search", metavar="TEXT", help="Only with TEXT in the name."),
    ] = None,
) -> None:
    """List the places, and how much lies in each and inside it."""
    call = invocation(ctx)
    out = call.writer(PLACE_FIELDS)
    with call.inventory() as db:
        from invctl.cli.printing.layouts import PLACES
        from invctl.core.places.places import list_places

        rows = list_places(db, search=search)
        made = "`invctl stock add SKU AMOUNT --to PLACE` makes one"
        empty = "no place is like that" if search else f"no places yet; {made}"
        out.listing(rows, limit=None, layout=PLACES, empty=empty)


LIST = Spec(
    list_,
    ("invctl place list", "invctl place list --search cellar -o csv"),
    fields=PLACE_FIELDS,
    surplus="`invctl stock where --place {}` shows what lies there",
)


def rename(
    ctx: typer.Context,
    place: Place,
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its name from now on.")],
) -> None:
    """Give a place another name; what is inside it comes along."""
    call = invocation(ctx)
    out = call.writer(PlaceChange._fields)
    with call.inventory() as db:
        from invctl.core.places.places import rename_place

        change = rename_place(db, place, new, attempt=call.attempt())
    out.change(change, _sentence(change, f"was {place.strip()}"))


RENAME = Spec(
    rename,
    ("invctl place rename SHOP/SHELF-1 SHOP/WINDOW", "invctl place rename VAN TRUCK --dry-run"),
    KEYED_MUTATION,
    exits={**_UNKNOWN, 4: "something lies under the new name, or the key is another request's"},
    fields=PlaceChange._fields,
)


def remove(ctx: typer.Context, place: Place) -> None:
    """Remove an empty place; what happened in it stays in the log."""
    call = invocation(ctx)
    out = call.writer(PlaceChange._fields)
    with call.inventory() as db:
        from invctl.core.places.places import remove_place

        change = remove_place(db, place, attempt=call.attempt())
    out.change(change, _sentence(change, "removed"))


REMOVE = Spec(
    remove,
    ("invctl place remove OLD-ROOM --dry-run", "invctl place remove OLD-ROOM"),
    KEYED_MUTATION,
    exits={**_UNKNOWN, 4: f"it is not empty, or {OTHER_KEY}"},
    fields=PlaceChange._fields,
)


def _sentence(change: PlaceChange, did: str) -> str:
    held = f"{counted(change.units, 'unit')} of {counted(change.products, 'product')} in it"
    left = f", {held}" if change.units else ""
    return f"{change.place}: {did}{left} (operation {change.operation})"
