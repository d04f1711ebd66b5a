"""What a URL says: what its path names, and the parameters of a question."""

from collections.abc import Iterator
from typing import Annotated, TypeVar, cast
from urllib.parse import unquote

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError, WithJsonSchema

from invctl.errors import InvalidValue, UsageError
from invctl.http.receiving import refusal
from invctl.times import format_time, parse_time
from invctl.values import parse_boolean, parse_identifier, parse_quantity

_LISTS = frozenset({"sku", "kind", "actor", "reason", "ref"})
"""Parameters that may be there more than once: any of their values will do."""


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


def parameters(request: Request) -> Iterator[tuple[str, str]]:
    """Yield the parameters in an address. Raises InvalidValue for what is no text."""
    # The framework would read U+FFFD for what is no UTF-8, and ask for something else.
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
    for name, value in parameters(request):
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


# Texts, which the rules of values read: a model would take 1_0 for a number, and `on` for true.
Whole = Annotated[str | None, WithJsonSchema({"type": "integer", "minimum": 0})]
Truth = Annotated[str | None, WithJsonSchema({"type": "boolean"})]


def whole(text: str | None, field: str) -> int | None:
    """Return what a parameter says that is a whole number; None where it is not given."""
    return None if text is None else parse_quantity(text, field)


def truth(text: str | None, field: str) -> bool:
    """Return what a parameter says that is true or false; false where it is not given."""
    return text is not None and parse_boolean(text, field)


def moment(text: str | None, field: str, *, end_of_day: bool = False) -> str | None:
    """Return a time as it is compared with stored ones. Raises InvalidValue."""
    return None if text is None else format_time(parse_time(text, field, end_of_day=end_of_day))


def period(since: str | None, until: str | None) -> tuple[str | None, str | None]:
    """Return the bounds that two times name. Raises UsageError where nothing lies between."""
    begin, end = moment(since, "since"), moment(until, "until", end_of_day=True)
    if begin and end and begin > end:
        raise UsageError(f"since {since} is later than until {until}")
    return begin, end
