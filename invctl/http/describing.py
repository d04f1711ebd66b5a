"""How requests and their answers are described for those who write programs."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import BaseModel

from invctl.http import records
from invctl.http.answers import REPLAYED, WARNINGS
from invctl.http.asking import KEY, LINES
from invctl.values import MAX_QUANTITY, MAX_SKU, TEXT_LIMITS

_WHEN = {
    400: "There is not enough, there is such a product already, lines were refused",
    401: "There is no token, or a wrong one",
    403: "This server only reads, or another site asks",
    404: "There is no such thing",
    409: "The state of the inventory forbids it",
    413: "The body is too large",
    415: "The body is of another kind",
    422: "A value is wrong, or a key belongs to another request",
    500: "The server's surroundings are wrong",
    503: "The inventory is locked or out of reach; try again",
    504: "It may or may not have happened; try again with the same key",
}
_OF_QUESTIONS = (400, 401, 404, 422, 500, 503)

KEY_HEADER = {
    "name": KEY,
    "in": "header",
    "required": False,
    "description": "A retry under the same key is done once, and answered the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": TEXT_LIMITS["idempotency key"]},
}
_PATH: Mapping[str, Any] = {
    "sku": {"type": "string", "minLength": 1, "maxLength": MAX_SKU},
    "number": {"type": "integer", "minimum": 1, "maximum": MAX_QUANTITY},
}


def in_path(name: str) -> dict[str, Any]:
    """Return how a part of the path is documented."""
    return {"name": name, "in": "path", "required": True, "schema": _PATH[name]}


def asks(
    model: type[BaseModel], path: str | None = None, *, required: bool = True
) -> dict[str, Any]:
    """Return how the request for a change is documented: its body, its path, its key."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    parameters = [*([in_path(path)] if path else []), KEY_HEADER]
    return {
        "requestBody": {"content": content, "required": required},
        "parameters": parameters,
    }


def queries(model: type[BaseModel], *more: str | Mapping[str, Any]) -> dict[str, Any]:
    """Return how a question is documented: its parameters, and `more` of them, such as its path."""
    given = [in_path(one) if isinstance(one, str) else one for one in more]
    fields = model.model_json_schema()["properties"]
    return {"parameters": [*given, *(_in_query(*one) for one in fields.items())]}


def _in_query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


LAST_EVENT: Mapping[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "integer", "minimum": 0},
}

SAID = {
    WARNINGS: {
        "description": "What people should know of the change: an array of sentences, in JSON. "
        "A place was made by naming it, a date is past, a product was counted since, "
        "a number of units looks like a barcode.",
        "schema": {"type": "string"},
    },
    REPLAYED: {
        "description": "It had been done before, under the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}


_SAID_OF_ERRORS: Mapping[int, Any] = {
    401: {"WWW-Authenticate": {"description": "`Bearer`.", "schema": {"type": "string"}}},
    503: {
        "Retry-After": {
            "description": "Seconds after which it may be asked for again.",
            "schema": {"type": "integer"},
        }
    },
}
LOCATION = {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}


def answers(
    model: Any,
    status: int = 200,
    *,
    codes: Collection[int] = tuple(_WHEN),
    headers: Mapping[str, Any] = SAID,
) -> dict[int | str, Any]:
    """Return how the answers to a change are documented, with the codes that it may be refused by.

    `headers` are those of an answer that is no refusal.
    """
    right: dict[str, Any] = {"model": model}
    if headers:
        right["headers"] = headers
    return {status: right, **{code: _refused(code) for code in codes}}


def told(model: Any, codes: Collection[int] = _OF_QUESTIONS) -> dict[int | str, Any]:
    """Return how the answers to a question are documented."""
    return answers(model, codes=codes, headers={})


def listed(model: Any) -> dict[int | str, Any]:
    """Return how the answers are documented that are lists: arrays, or an object a line."""
    found = told(model)
    found[200]["content"] = {LINES: {"schema": {"type": "string"}}}
    return found


def _refused(code: int) -> dict[str, Any]:
    headers = {"headers": _SAID_OF_ERRORS[code]} if code in _SAID_OF_ERRORS else {}
    return {"model": records.Error, "description": _WHEN[code], **headers}
