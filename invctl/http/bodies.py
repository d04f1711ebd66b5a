"""What programs send: the bodies of requests as models, and how a body comes off the wire.

A model says which fields there are and of what kind they are. The rules of values are the
services'; their numbers stand in the schema for who reads it.
"""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema
from starlette.requests import Request

from invctl.errors import InvalidValue, UsageError
from invctl.http.errors import TooLarge, UnsupportedMedia
from invctl.models import Label
from invctl.values import MAX_QUANTITY, MAX_SKU, TEXT_LIMITS

LIMIT = 1 << 20
"""Bytes that a body may have, but for one of movements."""


def _units(least: int) -> Any:
    schema = {"type": "integer", "minimum": least, "maximum": MAX_QUANTITY}
    return WithJsonSchema(schema)


def _text(longest: int) -> Any:
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": longest})


def _or_null(longest: int) -> Any:
    text = {"type": "string", "minLength": 1, "maxLength": longest}
    return WithJsonSchema({"anyOf": [text, {"type": "null"}]})


Amount = Annotated[int, _units(1)]
Quantity = Annotated[int, _units(0)]
Sku = Annotated[str, _text(MAX_SKU)]


class Body(BaseModel):
    """What a body may hold: nothing but its fields, each of its own kind and no other."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Said(Body):
    """What is said of a change."""

    reason: Annotated[str | None, _or_null(32)] = None
    ref: Annotated[str | None, _or_null(TEXT_LIMITS["ref"])] = None
    note: Annotated[str | None, _or_null(TEXT_LIMITS["note"])] = None
    at: str | None = None

    @property
    def label(self) -> Label:
        """It as services take it."""
        return Label(self.reason, self.ref, self.note, self.at)


class ProductCreate(Said):
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


class StockAdd(Said):
    """Units that came."""

    amount: Amount


class StockRemove(Said):
    """Units that went; with `up_to` those that there are of them."""

    amount: Amount
    up_to: bool = False


class StockCount(Said):
    """What was counted; with `expect` only if that is what there is."""

    quantity: Quantity
    expect: Quantity | None = None


class HoldCreate(Said):
    """Units to be held, for 15 minutes if nothing else is said."""

    sku: Sku
    amount: Amount
    lasting: str | None = Field(None, alias="for", examples=["15m"])
    no_expiry: bool = False
    up_to: bool = False


class HoldCommit(Said):
    """Units of a hold to be taken, all of them if nothing else is said."""

    amount: Amount | None = None


class HoldRelease(Said):
    """What is said of units that are let go."""


class HoldExtend(Said):
    """How long a hold is good for from now on."""

    lasting: str = Field(alias="for", examples=["15m"])


class Undo(Said):
    """What is said of an undo, which reverses counts only where that is asked for."""

    despite_counts: bool = False


B = TypeVar("B", bound=Body)


async def read_body(request: Request, model: type[B]) -> B:
    """Return a request's body as a model; a missing one is an empty object.

    Raises TooLarge, UnsupportedMedia, UsageError or InvalidValue.
    """
    content = await _content(request)
    if not content:
        content = b"{}"
    elif media_type(request) != "application/json":
        raise UnsupportedMedia("the body is to be application/json")
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise _refusal(error) from error


def media_type(request: Request) -> str:
    """Return what a request says that its body is."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _content(request: Request) -> bytes:
    """Return the bytes of a body, of which no more are read than it may have."""
    if int(request.headers.get("content-length") or 0) > LIMIT:
        raise TooLarge(f"the body has more than {LIMIT} bytes")
    content, is_more = b"", True
    while is_more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise UsageError("the body broke off")
        content += message.get("body", b"")
        is_more = message.get("more_body", False)
        if len(content) > LIMIT:
            raise TooLarge(f"the body has more than {LIMIT} bytes")
    return content


def _refusal(error: ValidationError) -> UsageError:
    """Return the first thing that is wrong with a body."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return UsageError(f"the body is {first['msg'][0].lower()}{first['msg'][1:]}")
    field = ".".join(str(part) for part in first["loc"]) or "body"
    given = first["input"]
    shown = given if isinstance(given, str) else repr(given)
    return InvalidValue(field, shown[:200], first["msg"][0].lower() + first["msg"][1:])
