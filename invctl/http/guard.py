"""What every request passes: which hosts are meant, which sites may ask, who does, and the log."""

import re
import time
from collections.abc import Callable, Collection
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from invctl.errors import InventoryError
from invctl.http.errors import Forbidden, Refused, Unauthorized, answer_to
from invctl.http.tokens import Tokens
from invctl.times import now_text

Note = Callable[[dict[str, object]], None]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = frozenset({"/", "/healthz", "/openapi.json", "/docs"})
_OPEN_FOLDERS = ("/page/", "/docs/")
_ONCE = frozenset(
    {
        b"host", b"authorization", b"origin", b"sec-fetch-site", b"content-type", b"last-event-id",
    }
)  # fmt: skip
"""Headers that mean something here: where there are two, others may go by another one than we."""
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
]
"""Headers of every answer."""


class Guard:
    """An application behind its checks. `hosts` are those that may be meant, None for any.

    `note` is given a record of each request when it is answered.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        tokens: Tokens,
        actor: str,
        hosts: Collection[str] | None,
        read_only: bool,
        note: Note | None,
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._actor = actor
        self._hosts = hosts
        self._read_only = read_only
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have the application do it."""
        if scope["type"] != "http":  # the beginning and the end of the application
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        inner = _asked(scope)
        try:
            inner["state"]["actor"] = self._check(inner)
        except InventoryError as error:
            await answer_to(error)(inner, receive, sending)
        else:
            await self._app(inner, receive, sending)
        finally:
            if self._note is not None:
                self._note(_line(inner, scope["method"], status, time.monotonic() - began))

    def _check(self, scope: Scope) -> str:
        """Return who asks. Raises Refused, Forbidden or Unauthorized."""
        headers: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            if name in headers and name in _ONCE:
                said = name.decode().title()
                raise Refused(f"the header {said} is there more than once", header=said)
            headers[name] = value.decode("latin-1")
        host = headers.get(b"host", "")
        # Another site may have its own name point here, and its pages would be of the same site.
        if self._hosts is not None and _named(host) not in self._hosts:
            raise Refused("this server is not the host that was asked", host=host[:200])
        changes = scope["method"] not in SAFE
        if changes and _is_elsewhere(headers, host):
            raise Forbidden("pages of other sites may change nothing here")
        actor = self._actor
        path = scope["path"]
        if self._tokens and not (path in _OPEN or path.startswith(_OPEN_FOLDERS)):
            actor = self._named(headers.get(b"authorization", ""))
        if changes and self._read_only:
            raise Forbidden("this server only reads")
        return actor

    def _named(self, authorization: str) -> str:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthorized("a token is wanted: Authorization: Bearer TOKEN")
        name = self._tokens.name(token.strip())
        if name is None:
            raise Unauthorized("the token is nobody's")
        return name


def _asked(scope: Scope) -> Scope:
    """Return what is asked as routes see it: the path as sent, and HEAD as the GET that it is."""
    # As sent: in it a `%2F` is a part of a SKU.
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    state = {**(scope.get("state") or {}), "is_head": scope["method"] == "HEAD"}
    return {**scope, "path": raw.decode("latin-1"), "method": method, "state": state}


def _named(host: str) -> str | None:
    """Return the name in a `Host` header, without its port; None where there is none."""
    found = re.fullmatch(r"(\[[0-9a-f:.%]+\]|[^\[\]:]+?)\.?(:[0-9]*)?", host.strip().lower())
    return found[1] if found else None


def _is_elsewhere(headers: dict[bytes, str], host: str) -> bool:
    """Return whether a browser asks for the page of another site."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")  # none: somebody typed the address
    # Browsers say it to https and to this machine alone; who is no browser says neither.
    origin = headers.get(b"origin")
    return origin is not None and origin.partition("://")[2].lower() != host.lower()


def _line(scope: Scope, method: str, status: int, seconds: float) -> dict[str, Any]:
    client = scope.get("client")
    return {
        "time": now_text(),
        "client": client[0] if client else None,
        "actor": scope["state"].get("actor"),
        "method": method,
        "path": scope["path"][:500],
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
