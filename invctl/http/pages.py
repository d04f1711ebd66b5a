"""What people look at: the page, the documentation, and whether the server is well."""

from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from invctl.core.upkeep.inventory import sku_rule
from invctl.db.database import Database
from invctl.errors import InventoryError
from invctl.http import describing, records
from invctl.http.answers import answer
from invctl.http.asking import Direct, served
from invctl.http.errors import NoSuchPath, answer_to

router = APIRouter(route_class=Direct)

_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
SCRIPTS = ("asking.js", "ahead.js", "live.js", "page.js")
_OWN = (*SCRIPTS, "page.css", "icon.svg", "page.webmanifest")
_DOCS = ("swagger-ui-bundle.js", "swagger-ui.css")
_ONLY_OURS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# The documentation puts styles and pictures into its own pages.
_DOCS_TOO = _ONLY_OURS.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "img-src 'self'", "img-src 'self' data:"
)


@router.get(
    "/healthz",
    responses=describing.told(records.Health, (400, 500, 503)),
    openapi_extra={"security": []},
)
async def healthz(request: Request) -> Response:
    """Say whether the inventory answers: it is asked each time, by anybody."""

    def ask(db: Database) -> dict[str, object]:
        return {"status": "ok", "engine": db.engine, "sku_rule": sku_rule(db)}

    try:
        return answer(await served(request).readers.ask(ask))
    except InventoryError as error:
        return answer_to(error, to_anybody=True)


@router.get("/", include_in_schema=False)
async def page(_request: Request) -> Response:
    """Show the page for a phone or a wall."""
    return _shown(_own("page.html"), "html", _ONLY_OURS)


@router.get("/page/{name}", include_in_schema=False)
async def part(request: Request) -> Response:
    """Return a part of the page."""
    name = request.path_params["name"]
    if name not in _OWN:
        raise NoSuchPath(f"there is no page {name[:100]}")
    return _shown(_own(name), name.rpartition(".")[2], _ONLY_OURS)


@router.get("/docs", include_in_schema=False)
async def docs(_request: Request) -> Response:
    """Show the documentation of all this, with nothing from elsewhere."""
    return HTMLResponse(_own("docs.html"), headers={"Content-Security-Policy": _DOCS_TOO})


@router.get("/docs/{name}", include_in_schema=False)
async def docs_part(request: Request) -> Response:
    """Return a part of the documentation."""
    name = request.path_params["name"]
    if name == "docs.js":
        return _shown(_own(name), "js", _DOCS_TOO)
    if name not in _DOCS:
        raise NoSuchPath(f"there is no page {name[:100]}")
    return _shown(_of_package(name), name.rpartition(".")[2], _DOCS_TOO)


def _shown(content: bytes, kind: str, policy: str) -> Response:
    headers = {"Content-Type": _TYPES[kind], "Content-Security-Policy": policy}
    return Response(content, headers=headers)


@cache
def _own(name: str) -> bytes:
    return files("invctl.http").joinpath("page", name).read_bytes()


@cache
def _of_package(name: str) -> bytes:
    return files("fastapi_offline").joinpath("static", name).read_bytes()
