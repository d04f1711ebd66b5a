"""A line that asks for one change of stock: what its cells say, and what makes two the same."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from invctl.core.fingerprints import as_asked, request_hash, request_of
from invctl.core.labels import check_label
from invctl.core.moves import LABEL, MOVE, SKU, SPOTS, Move, read_move
from invctl.errors import InvalidValue
from invctl.models.attempts import Label
from invctl.models.fields import KEYED_MOVEMENT_COLUMNS
from invctl.values import check_text

if TYPE_CHECKING:
    from invctl.core.places.spots import Spot

Cells = tuple[str, ...]
"""The cells of a line, in the order of `models.KEYED_MOVEMENT_COLUMNS`."""


def cells_of(**given: str) -> Cells:
    """Return the cells of a line that says no more than this."""
    return tuple(given.get(name, "") for name in KEYED_MOVEMENT_COLUMNS)


class Request(NamedTuple):
    """A line that has been read: what it moves, what it says of that, and under which key.

    The label is as typed, which is what a retry repeats, and as it will be stored.
    """

    sku: str
    move: Move
    label: Label
    checked: Label
    key: str | None
    spots: Sequence["Spot"] = ()
    """Where its units come from or go to; nothing where it names no place."""


class Reader:
    """Reads the cells of lines; a label that was just read is not read again."""

    def __init__(self, label: Label, key: str | None) -> None:
        self._default = label
        self._key = key
        self._labels: dict[Cells, tuple[Label, Label]] = {}

    def read(self, cells: Cells) -> Request | InvalidValue:
        """Return what a line asks for, or what is wrong with one of its cells."""
        said, key = cells[:-1], cells[-1]
        sku = said[SKU]
        try:
            if not sku:
                raise InvalidValue("sku", "", "is missing")
            move = read_move(*said[MOVE])
            typed, checked = self._label(said[LABEL])
            spots = _spots(said[SPOTS], move)
            own = check_text(key, "idempotency key") if key else self._key
        except InvalidValue as error:
            return error
        return Request(sku, move, typed, checked, own, spots)

    def _label(self, cells: Cells) -> tuple[Label, Label]:
        known = self._labels.get(cells)
        if known is None:
            typed = self._default
            if any(cells):
                pairs = zip(cells, typed, strict=True)
                typed = Label(*(own or default for own, default in pairs))
            known = self._labels[cells] = typed, check_label(typed, "occurred_at")
        return known


def _spots(cells: Cells, move: Move) -> Sequence["Spot"]:
    """Return where a line's units come from or go to. Raises InvalidValue."""
    if not any(cells) and not move.shifts:
        return ()
    from invctl.core.bulk.shelves import read_spots

    return read_spots(cells, move)


def kind_of(move: Move) -> str:
    """Return which kind of operation a line makes of what it moves, where that is one of three."""
    if move.counts:
        return "set"
    return "add" if move.units > 0 else "remove"


def hash_of(request: Request, rule: str) -> str:
    """Return the fingerprint of a request under the inventory's rule for SKUs."""
    kind, units = kind_of(request.move), abs(request.move.units)
    said = as_asked(request.label, request.checked)
    return request_hash(kind, request_of(kind, request.sku, units, said), rule)
