"""What programs send: the bodies of requests as models.

A model says which fields there are and of what kind they are. The rules of values are the
services'; their numbers stand in the schema for who reads it.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from invctl.core.places.spots import UNPLACED, Spot, check_spot
from invctl.errors import InvalidValue, UsageError
from invctl.models.attempts import Label
from invctl.values import MAX_QUANTITY, MAX_SKU, TEXT_LIMITS


def _units(least: int) -> Any:
    schema = {"type": "integer", "minimum": least, "maximum": MAX_QUANTITY}
    return WithJsonSchema(schema)


def _text(longest: int) -> Any:
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": longest})


def _or_null(longest: int, **more: str) -> Any:
    text = {"type": "string", "minLength": 1, "maxLength": longest, **more}
    return WithJsonSchema({"anyOf": [text, {"type": "null"}]})


_DATE = WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]})

Amount = Annotated[int, _units(1)]
Quantity = Annotated[int, _units(0)]
Sku = Annotated[str, _text(MAX_SKU)]
Place = Annotated[str | None, _or_null(TEXT_LIMITS["place"])]
Lot = Annotated[str | None, _or_null(MAX_SKU)]
Date = Annotated[str | None, _DATE]


class Body(BaseModel):
    """What a body may hold: nothing but its fields, each of its own kind and no other."""

    # Else "3", 3.0 and true would be numbers of units.
    model_config = ConfigDict(extra="forbid", strict=True)


class Labelled(Body):
    """What is said of a change."""

    reason: Annotated[str | None, _or_null(32, pattern="^[a-z0-9][a-z0-9-]*$")] = None
    ref: Annotated[str | None, _or_null(TEXT_LIMITS["ref"])] = None
    note: Annotated[str | None, _or_null(TEXT_LIMITS["note"])] = None
    at: str | None = None

    @property
    def label(self) -> Label:
        """It as services take it."""
        return Label(self.reason, self.ref, self.note, self.at)


class ProductCreate(Labelled):
    """A new product."""

    sku: Sku
    name: Annotated[str, _text(TEXT_LIMITS["name"])]
    description: Annotated[str | None, _or_null(TEXT_LIMITS["description"])] = None
    quantity: Quantity = 0
    reorder_point: Quantity | None = None
    reorder_to: Quantity | None = None


class ProductUpdate(Body):
    """What is said of a product from now on; null empties a field that can be empty."""

    name: Annotated[str | None, _text(TEXT_LIMITS["name"])] = None
    description: Annotated[str | None, _or_null(TEXT_LIMITS["description"])] = None
    reorder_point: Quantity | None = None
    reorder_to: Quantity | None = None


class StockAdd(Labelled):
    """Units that came; `to` a place, which is made if it is new, in a lot that expires."""

    amount: Amount
    to: Place = None
    lot: Lot = None
    expires_on: Date = None

    @property
    def spot(self) -> Spot | None:
        """Where they are put; None where no place is named."""
        return _spot("to", self.to, self.lot, self.expires_on)


class StockRemove(Labelled):
    """Units that went; with `up_to` those that there are of them.

    `from` is a place, or `any`: what expires first, wherever it lies.
    """

    amount: Amount
    up_to: bool = False
    source: Place = Field(None, alias="from")
    lot: Lot = None

    @property
    def spot(self) -> Spot | None:
        """Where they are taken; None where no place is named."""
        return _spot("from", self.source, self.lot, takes_any=True)


class StockMove(Labelled):
    """Units that change places; what is left out of `from` and `to` means no place."""

    amount: Amount
    source: Place = Field(None, alias="from")
    to: Place = None
    lot: Lot = None

    @property
    def spots(self) -> tuple[Spot, Spot]:
        """Where they are, and where they go; a lot is of the first place that is named."""
        source = _spot("from", self.source, self.lot if self.source is not None else None)
        target = _spot("to", self.to, self.lot if self.source is None else None)
        if source is None and target is None:
            raise UsageError("no place is named", "`from` says where they are, `to` where they go")
        return source or UNPLACED, target or UNPLACED


class StockCount(Labelled):
    """What was counted, `in` a place if one is named; with `expect` only if that is there."""

    quantity: Quantity
    expect: Quantity | None = None
    place: Place = Field(None, alias="in")
    lot: Lot = None

    @property
    def spot(self) -> Spot | None:
        """Where it was counted; None where no place is named."""
        return _spot("in", self.place, self.lot)


class HoldCreate(Labelled):
    """Units to be held, for 15 minutes if nothing else is said."""

    sku: Sku
    amount: Amount
    lasting: str | None = Field(None, alias="for", examples=["15m"])
    no_expiry: bool = False
    up_to: bool = False


class HoldCommit(Labelled):
    """Units of a hold to be taken: all of them, and from anywhere, if nothing else is said."""

    amount: Amount | None = None
    source: Place = Field(None, alias="from")
    lot: Lot = None

    @property
    def spot(self) -> Spot | None:
        """Where they are taken; None where no place is named."""
        return _spot("from", self.source, self.lot, takes_any=True)


class HoldRelease(Labelled):
    """What is said of units that are let go."""


class HoldExtend(Labelled):
    """How long a hold is good for from now on."""

    lasting: str = Field(alias="for", examples=["15m"])


class Undo(Labelled):
    """What is said of an undo, which reverses counts only where that is asked for."""

    despite_counts: bool = False


def _spot(
    field: str,
    place: str | None,
    lot: str | None,
    expires_on: str | None = None,
    *,
    takes_any: bool = False,
) -> Spot | None:
    """Return the place that a field names; None where none is. Raises InvalidValue."""
    # To services '' is not given: units would go to no place.
    for name, text in ((field, place), ("lot", lot), ("expires_on", expires_on)):
        if text == "":
            raise InvalidValue(name, text, "is empty")
    if place is None and lot is None and expires_on is None:
        return None
    try:
        return check_spot(place, lot, expires_on, takes_any=takes_any)
    except InvalidValue as error:
        if error.field != "place":
            raise
        # A body calls it as what it is for: `from`, `to`, `in`.
        raise InvalidValue(field, str(place), error.problem) from error
