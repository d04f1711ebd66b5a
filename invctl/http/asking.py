"""What routes have in common: who asks, under which key, and how a change is had and answered."""

from collections.abc import Callable
from functools import partial

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from invctl.core.advice import advised
from invctl.db.database import Database
from invctl.errors import InvalidData, InvalidValue, NotFound
from invctl.http.answers import Record, change_response, doubted
from invctl.http.changes import Line, Writer
from invctl.http.reading import Readers
from invctl.http.stream import Stream
from invctl.http.urls import parameters
from invctl.models.attempts import Attempt
from invctl.values import check_text

KEY = "Idempotency-Key"
LINES = "application/jsonl"
"""What a list is that has an object a line."""


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
        if scope["method"] not in (self.methods or ()):  # other routes know what to say to that
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
    for name, value in parameters(request):  # the first is enough
        raise InvalidValue(name, value[:200], "is no parameter of a change")
    # Of the bytes: as text the framework has headers in Latin-1.
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
            raise InvalidValue(KEY, key, error.problem) from error
    return Attempt(request.state.actor, key, keeps_product=True, advises=False)
