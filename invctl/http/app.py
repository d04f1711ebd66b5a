"""The application: its routes, its errors, and the inventory that they are about."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from invctl import __version__
from invctl.core.upkeep.check import damage_in
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.errors import InventoryError
from invctl.http import holds, movements, pages, products, stock
from invctl.http.asking import Served, served
from invctl.http.changes import Writer
from invctl.http.errors import MethodNotAllowed, NoSuchPath, ServerError, answer_to, server_problem
from invctl.http.guard import Guard, Note
from invctl.http.reading import Readers
from invctl.http.stream import Stream
from invctl.http.tokens import Tokens
from invctl.settings import Location, default_actor

NOBODY = Tokens({})
_ABOUT = """Products and their stock, exact under any number of writers.

An answer to a change is sent when it is durable. `Idempotency-Key` makes a retry safe. What people
should know of a change besides its answer, such as that a place was made by naming it, stands in
the header `Invctl-Warnings`: an array of sentences, in JSON."""


def create_app(
    location: Location,
    *,
    timeout: float = 5.0,
    tokens: Tokens = NOBODY,
    actor: str | None = None,
    hosts: Collection[str] | None = None,
    read_only: bool = False,
    note: Note | None = None,
) -> FastAPI:
    """Return the application that serves the inventory at a location.

    `actor` is who acts where there are no tokens; `hosts` are the names that requests may be
    sent to, None for any. `note` is given a record of each request.
    """
    app = _application(has_tokens=bool(tokens))
    app.state.served = _served(location, timeout)
    for module in (stock, products, movements, holds, pages):
        # As they are: a router in a router looks each request's route up twice.
        app.router.routes.extend(module.router.routes)
    _answer_errors(app)
    app.add_middleware(
        Guard,
        tokens=tokens,
        actor=actor or default_actor(),
        hosts=hosts,
        read_only=read_only,
        note=note,
    )
    return app


def _served(location: Location, timeout: float) -> Served:
    def open_one() -> Database:
        return open_database(location, timeout=timeout)

    readers = Readers(open_one)
    return Served(Writer(open_one()), readers, Stream(open_one, readers))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.served.close()


class Described(FastAPI):
    """An application whose description says that it takes tokens, and whether it wants one."""

    has_tokens = False

    def openapi(self) -> dict[str, Any]:
        """Return the description."""
        if self.openapi_schema is None:
            found = super().openapi()
            found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            # An empty one says that none is wanted.
            found["security"] = [{"token": []}] if self.has_tokens else [{}, {"token": []}]
        return super().openapi()


def _application(*, has_tokens: bool) -> FastAPI:
    app = Described(
        title="invctl",
        version=__version__,
        description=_ABOUT,
        docs_url=None,  # these would be loaded from elsewhere; `pages` has its own
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,  # a path with a / more is none, and is answered as others are
        # Newer versions look for a tracer in the environment at each request; older ones
        # take this for a note.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.has_tokens = has_tokens
    return app


def _answer_errors(app: FastAPI) -> None:
    """Have the application answer every error in one form."""

    async def expected(_request: Request, error: Exception) -> Response:
        return answer_to(cast("InventoryError", error))

    async def unrouted(request: Request, error: Exception) -> Response:
        return _unrouted(request, cast("HTTPException", error))

    async def unforeseen(request: Request, error: Exception) -> Response:
        found = server_problem(error) or await served(request).readers.ask(damage_in)
        return answer_to(found or ServerError(error))

    app.add_exception_handler(InventoryError, expected)
    app.add_exception_handler(HTTPException, unrouted)
    app.add_exception_handler(Exception, unforeseen)


def _unrouted(request: Request, error: HTTPException) -> Response:
    """Answer a request for what there is not."""
    path, method = request.url.path[:200], request.method
    found = NoSuchPath(f"there is nothing at {path}")
    if error.status_code != 405:
        return answer_to(found)
    response = answer_to(MethodNotAllowed(f"{method} is nothing that {path} does"))
    response.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return response


def _methods(request: Request) -> set[str]:
    """Return all that can be asked of a path: each route knows its own methods alone."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    # The guard has made a GET of it, so that no route says it.
    return found | ({"HEAD"} if "GET" in found else set())
