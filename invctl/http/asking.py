"""What routes have in common: who asks, under which key, and what stands in an address."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, TypeVar, cast
from urllib.parse import unquote

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, ValidationError, WithJsonSchema
from starlette.types import Receive, Scope, Send

from invctl.core.lookup import advised
from invctl.db.database import Database
from invctl.errors import InvalidData, InvalidValue, NotFound
from invctl.http.answers import Record, change_response, doubted
from invctl.http.bodies import refusal
from invctl.http.changes import Line, Writer
from invctl.http.reading import Readers
from invctl.http.stream import Stream
from invctl.models.attempts import Attempt
from invctl.values import (
    check_text,
    parse_boolean,
    parse_identifier,
    parse_quantity,
)

KEY = "Idempotency-Key"
LINES = "application/jsonl"
"""What a list is that has an object a line."""
_LISTS = frozenset({"sku", "kind", "actor", "reason", "ref"})
"""Parameters that may be there more than once: any of their values will do."""


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
    returns a model, is left out: it is a sixth of what a change costs, and a third of a question.
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
    try:
        done = await served(request).writer.change(work, line=line, alone=alone)
    except (NotFound, InvalidData) as error:
        # What was meant is looked for here: who makes the changes has those of others to make.
        raise await served(request).readers.ask(partial(advised, error=error)) from None
    return change_response(doubted(done, units), status, {})


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
    return Attempt(request.state.actor, key, keeps_product=True, advises=False)


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


def _parameters(request: Request) -> Iterator[tuple[str, str]]:
    """Yield the parameters in an address. Raises InvalidValue for what is no text."""
    for pair in filter(None, request.scope["query_string"].decode("latin-1").split("&")):
        quoted_name, _, quoted_value = pair.replace("+", " ").partition("=")
        name = _text_of(quoted_name, "query")
        yield name, _text_of(quoted_value, name)


class Query(BaseModel):
    """What a question may say: nothing but its parameters."""

    model_config = ConfigDict(extra="forbid")


Q = TypeVar("Q", bound=Query)


def read_query(request: Request, model: type[Q]) -> Q:
    """Return what a question's parameters say as a model. Raises InvalidValue."""
    given: dict[str, str | list[str]] = {}
    for name, value in _parameters(request):
        if name not in _LISTS:
            if name in given:
                raise InvalidValue(name, value[:200], "is there more than once")
            given[name] = value
        else:
            cast("list[str]", given.setdefault(name, [])).append(value)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise refusal(error) from error


Whole = Annotated[str | None, WithJsonSchema({"type": "integer", "minimum": 0})]
Truth = Annotated[str | None, WithJsonSchema({"type": "boolean"})]


def whole(text: str | None, field: str) -> int | None:
    """Return what a parameter says that is a whole number; None where it is not given."""
    return None if text is None else parse_quantity(text, field)


def truth(text: str | None, field: str) -> bool:
    """Return what a parameter says that is true or false; false where it is not given."""
    return text is not None and parse_boolean(text, field)
