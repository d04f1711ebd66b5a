"""The commands of `invctl place`, and what their pages tell."""

from invctl.cli.options import KEYED, MUTATION
from invctl.cli.spec import Spec
from invctl.cli.stock import place
from invctl.models import PLACE_FIELDS, PlaceChange

_UNKNOWN = {3: "there is no such place"}

COMMANDS = {
    "list": Spec(
        place.list_,
        ("invctl place list", "invctl place list --search cellar -o csv"),
        fields=PLACE_FIELDS,
        surplus="`invctl stock where --place {}` shows what lies there",
    ),
    "rename": Spec(
        place.rename,
        ("invctl place rename SHOP/SHELF-1 SHOP/WINDOW", "invctl place rename VAN TRUCK --dry-run"),
        (*KEYED, *MUTATION),
        exits={**_UNKNOWN, 4: "something lies under the new name, or the key is another request's"},
        fields=PlaceChange._fields,
    ),
    "remove": Spec(
        place.remove,
        ("invctl place remove OLD-ROOM --dry-run", "invctl place remove OLD-ROOM"),
        (*KEYED, *MUTATION),
        exits={**_UNKNOWN, 4: "it is not empty, or the key belongs to another request"},
        fields=PlaceChange._fields,
    ),
}
