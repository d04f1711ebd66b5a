"""What an error is over HTTP: its status and its body, here alone."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from invctl.errors import (
    ConfirmationRequired,
    Conflict,
    DatabaseLocked,
    InsufficientStock,
    InvalidData,
    InventoryError,
    KeyReused,
    NotFound,
    OutcomeUnknown,
    ProductExists,
    ServerUnreachable,
    UsageError,
)
from invctl.files.writing import json_line
from invctl.oserrors import surroundings_problem
from invctl.passwords import without_passwords

RETRY_AFTER = 1
"""Seconds after which what was locked or out of reach may be asked for again."""

# The first class that an error is of says its status; whatever is not here is the server's own.
_STATUSES: Mapping[type[InventoryError], int] = {
    KeyReused: 422,
    ProductExists: 400,
    Conflict: 409,
    NotFound: 404,
    InsufficientStock: 400,
    UsageError: 422,
    ConfirmationRequired: 409,
    OutcomeUnknown: 504,
    DatabaseLocked: 503,
    ServerUnreachable: 503,
}


class Refused(UsageError):
    """{problem}"""

    status = 400
    title = "Bad request"

    def __init__(self, problem: str, **details: object) -> None:
        super().__init__(problem)
        self.details = {"problem": problem, **details}


class Unauthorized(Refused):
    """{problem}"""

    code = "permission"
    status = 401
    title = "Unauthorized"


class Forbidden(Refused):
    """{problem}"""

    code = "permission"
    status = 403
    title = "Forbidden"


class NoSuchPath(Refused):
    """{problem}"""

    code = "not_found"
    status = 404
    title = "Not found"


class MethodNotAllowed(Refused):
    """{problem}"""

    status = 405
    title = "Method not allowed"


class TooLarge(Refused):
    """{problem}"""

    status = 413
    title = "Content too large"


class UnsupportedMedia(Refused):
    """{problem}"""

    status = 415
    title = "Unsupported media type"


class Busy(Refused):
    """{problem}"""

    code = "db_locked"
    retryable = True
    status = 503
    title = "Busy"


class ServerError(InventoryError):
    """a bug in invctl: {problem}"""

    def __init__(self, error: BaseException) -> None:
        super().__init__(problem=type(error).__name__)


def status_of(error: InventoryError) -> int:
    """Return the status that answers an error."""
    if isinstance(error, Refused):
        return error.status
    if isinstance(error, InvalidData):
        # What has no column could not be read at all; else a line of a batch was refused.
        return 422 if any(line.column is None for line in error.lines) else 400
    return next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), 500)


def server_problem(error: BaseException) -> InventoryError | None:
    """Return what an error that nobody foresaw says of the server's surroundings, if of them."""
    found = surroundings_problem(error)
    return found if found is not None and status_of(found) == 500 else None


def body_of(error: InventoryError) -> dict[str, Any]:
    """Return an error as the object that programs read."""
    return {
        "error": _title(error),
        "detail": without_passwords(error.message),
        "code": error.code,
        "retryable": error.retryable,
        "details": error.details,
    }


def answer_to(error: InventoryError, *, to_anybody: bool = False) -> Response:
    """Return the answer to a request that raised an error.

    One `to_anybody` names its kind alone: what it is about may be where the inventory is.
    """
    status = status_of(error)
    headers = {}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="invctl"'
    if status == 413:
        headers["Connection"] = "close"  # what is left of the body is not waited for
    said = body_of(error)
    if to_anybody:
        said.update(detail=f"the inventory does not answer: {error.code}", details={})
    return Response(json_line(said), status, headers, "application/json")


def _title(error: InventoryError) -> str:
    """Return what an error is called: `Product not found`."""
    if isinstance(error, Refused):
        return error.title
    words = re.sub("(?<=[a-z])(?=[A-Z])", " ", type(error).__name__)
    return words.capitalize()
