"""What routes have in common: who asks, under which key, and how an answer is documented."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, WithJsonSchema
from starlette.types import Receive, Scope, Send

from invctl.db.database import Database
from invctl.errors import InvalidValue
from invctl.http import records
from invctl.http.answers import REPLAYED, WARNINGS, Record, answer_of, doubted
from invctl.http.changes import Line, Writer
from invctl.http.reading import Readers
from invctl.http.stream import Stream
from invctl.models import Attempt
from invctl.values import (
    MAX_QUANTITY,
    MAX_SKU,
    TEXT_LIMITS,
    check_text,
    parse_boolean,
    parse_identifier,
)

KEY = "Idempotency-Key"
LINES = "application/jsonl"
"""What a list is that has an object a line."""
_LISTS = frozenset({"sku", "kind", "actor", "reason", "ref"})
"""Parameters that may be there more than once: any of their values will do."""

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


class Served:
    """An inventory as routes know it: who changes it, who asks it, who follows it."""

    def __init__(self, writer: Writer, readers: Readers, stream: Stream) -> None:
        self.writer = writer
        self.readers = readers
        self.stream = stream

    def end_streams(self) -> None:
        """Let those go who listen, and would for ever."""
        self.stream.close()

    def close(self) -> None:
        """Finish what waits to be changed, and let go of the inventory."""
        self.stream.close()
        self.writer.close()
        self.readers.close()


def served(request: Request) -> Served:
    """Return the inventory that a request is about."""
    found = request.app.state.served
    assert isinstance(found, Served)
    return found


class Direct(APIRoute):
    """A route whose function takes the request and returns the response, and nothing else.

    It is described as others are; what those do about a function that wants its parameters, or
    returns a model, is left out: it is a sixth of what a request costs.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        response = await self.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


async def changed(
    request: Request,
    work: Callable[[Database], Record],
    status: int = 200,
    *,
    units: int = 0,
    line: Line | None = None,
    alone: bool = False,
) -> Response:
    """Have a change made, of so many units, and return its answer.

    Raises what `Writer.change` raises.
    """
    done = await served(request).writer.change(work, line=line, alone=alone)
    return answer_of(doubted(done, units), status, {})


def attempt(request: Request) -> Attempt:
    """Return who asks for a change, and under which key. Raises InvalidValue.

    It is asked of every change, and a change has no parameters.
    """
    for name, value in _parameters(request):
        raise InvalidValue(name, value[:200], "is no parameter of a change")
    given = [value for name, value in request.scope["headers"] if name == b"idempotency-key"]
    key = None
    if given:
        try:
            key = given[0].decode()
        except UnicodeDecodeError as error:
            said = given[0].decode("ascii", "backslashreplace")
            raise InvalidValue(KEY, said[:200], "is not valid UTF-8") from error
        if not key or len(given) > 1:
            raise InvalidValue(KEY, key, "is to be given once, and not empty")
        try:
            key = check_text(key, "idempotency key")
        except InvalidValue as error:
            raise InvalidValue(KEY, key, str(error.details["problem"])) from error
    return Attempt(request.state.actor, key, keeps_product=True)


def sku_of(request: Request) -> str:
    """Return the SKU in a request's path. Raises InvalidValue."""
    return _text_of(request.path_params["sku"], "sku")


def number_of(request: Request, name: str) -> int:
    """Return the id in a request's path. Raises InvalidValue."""
    return parse_identifier(_text_of(request.path_params["number"], name), name)


def _text_of(quoted: str, field: str) -> str:
    """Return the text that a part of an address spells. Raises InvalidValue."""
    try:
        return unquote(quoted, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidValue(field, quoted[:200], "is not valid UTF-8") from error


async def check_query(request: Request) -> None:
    """Raise InvalidValue for a parameter that is no text, or that is there twice and no list."""
    seen: set[str] = set()
    for name, value in _parameters(request):
        if name in seen and name not in _LISTS:
            raise InvalidValue(name, value[:200], "is there more than once")
        seen.add(name)


def _parameters(request: Request) -> Iterator[tuple[str, str]]:
    """Yield the parameters in an address. Raises InvalidValue for what is no text."""
    for pair in filter(None, request.scope["query_string"].decode("latin-1").split("&")):
        quoted_name, _, quoted_value = pair.replace("+", " ").partition("=")
        name = _text_of(quoted_name, "query")
        yield name, _text_of(quoted_value, name)


class Query(BaseModel):
    """What a question may say: nothing but its parameters."""

    model_config = ConfigDict(extra="forbid")


Whole = Annotated[str | None, WithJsonSchema({"type": "integer", "minimum": 0})]
Truth = Annotated[str | None, WithJsonSchema({"type": "boolean"})]


def truth(text: str | None, field: str) -> bool:
    """Return what a parameter says that is true or false; false where it is not given."""
    return text is not None and parse_boolean(text, field)


_KEY = {
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
    parameters = [*([in_path(path)] if path else []), _KEY]
    return {
        "requestBody": {"content": content, "required": required},
        "parameters": parameters,
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
