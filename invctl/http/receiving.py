"""How a body comes off the wire: of which size and kind, and as which model."""

import json
from typing import TypeVar

from pydantic import ValidationError
from starlette.requests import Request

from invctl.errors import InvalidValue, UsageError
from invctl.http.bodies import Body
from invctl.http.errors import TooLarge, UnsupportedMedia

LIMIT = 1 << 20
"""Bytes that a body may have, but for one of movements."""

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
    refuse_coded(request)
    try:
        asked = model.model_validate_json(content)
    except ValidationError as error:
        raise refusal(error) from error
    _REPETITIONS.decode(content.decode())  # of two values under a key a model has the last alone
    return asked


def media_type(request: Request) -> str:
    """Return what a request says that its body is."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def refuse_coded(request: Request) -> None:
    """Raise UnsupportedMedia for a body that is packed: it would be read as it is."""
    coding = _all_of(request, "content-encoding")
    if coding in ("", "identity"):
        coding = _all_of(request, "transfer-encoding")
    if coding not in ("", "chunked"):
        raise UnsupportedMedia(f"the body is to be sent as it is, without the coding {coding[:50]}")


def _all_of(request: Request, header: str) -> str:
    return ", ".join(request.headers.getlist(header)).strip().lower()


def refuse_large(request: Request, limit: int) -> None:
    """Raise TooLarge for a body that says so itself: nobody is told to send it."""
    if int(request.headers.get("content-length") or 0) > limit:
        raise TooLarge(f"the body has more than {limit} bytes")


def _shown(value: object) -> str:
    """Return a value as it was given, in JSON where it was no text."""
    if isinstance(value, str):
        return value[:200]
    try:
        return json.dumps(value, ensure_ascii=False)[:200]
    except ValueError:  # a number of more digits than are ever turned into text
        return "a number of too many digits"


def _refuse_repeated(pairs: list[tuple[str, object]]) -> None:
    """Raise InvalidValue for a key that is there twice: nobody knows which of its values counts."""
    seen: set[str] = set()
    for key, value in pairs:
        if key in seen:
            raise InvalidValue(key, _shown(value), "is there more than once")
        seen.add(key)


_REPETITIONS = json.JSONDecoder(object_pairs_hook=_refuse_repeated)


async def _content(request: Request) -> bytes:
    """Return the bytes of a body, of which no more are read than it may have."""
    refuse_large(request, LIMIT)
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


_BEYOND = {
    "number out of range": "a number in the body is too long to be one of anything",
    "recursion limit exceeded": "the body is nested too deeply to be read",
}
"""What is said of a body that is valid JSON and is not read all the same."""


def refusal(error: ValidationError) -> UsageError:
    """Return the first thing that is wrong with a body, or with what a question says."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        said = str(first["ctx"]["error"])
        beyond = (words for begins, words in _BEYOND.items() if said.startswith(begins))
        return UsageError(next(beyond, f"the body is {_lowered(first['msg'])}"))
    field = ".".join(part for part in first["loc"] if isinstance(part, str)) or "body"
    return InvalidValue(field, _shown(first["input"]), _lowered(first["msg"]))


def _lowered(message: str) -> str:
    """Return what a validator says as it stands behind the name of a field."""
    return message[:1].lower() + message[1:]
