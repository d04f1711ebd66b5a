"""`invctl serve`: the inventory over HTTP."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli.invocation import invocation
from invctl.cli.printing.diagnostics import note, warn
from invctl.cli.spec import Spec
from invctl.errors import ConfigError, InvalidValue, UsageError
from invctl.settings import default_actor, locate
from invctl.text import some_of
from invctl.values import parse_quantity

if TYPE_CHECKING:
    from invctl.http.tokens import Tokens


def serve(
    ctx: typer.Context,
    host: Annotated[
        str | None,
        typer.Option("--host", metavar="HOST", help="Where to listen; 127.0.0.1 if not given."),
    ] = None,
    port: Annotated[
        str | None,
        typer.Option("--port", metavar="N", help="On which port; 8000 if not given, 0 a free one."),
    ] = None,
    socket: Annotated[
        str | None,
        typer.Option("--socket", metavar="PATH", help="Listen there instead, for a proxy."),
    ] = None,
    token_file: Annotated[
        str | None,
        typer.Option("--token-file", metavar="FILE", help="Who may ask: lines of NAME TOKEN."),
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Change nothing.")] = False,
) -> None:
    """Serve the inventory over HTTP, with a page for a phone at its address."""
    call = invocation(ctx)
    if socket is not None and (host is not None or port is not None):
        raise UsageError("--socket goes without --host and --port")
    _refuse_without_extra()
    from invctl.http import running
    from invctl.http.listening import Address
    from invctl.http.tokens import read_tokens

    at = Address(_host(host), _port(port), socket)
    tokens = read_tokens(token_file, actor := default_actor())
    with call.inventory() as db:
        from invctl.core.upkeep.inventory import sku_rule

        sku_rule(db)  # raises what is wrong with it before anybody asks
    running.serve(
        locate(call.db),
        at,
        tokens=tokens,
        actor=actor,
        timeout=call.timeout,
        read_only=read_only,
        quiet=call.quiet,
        tell=partial(_begin, tokens, quiet=call.quiet),
    )


def _begin(tokens: "Tokens", address: str, *, quiet: bool) -> None:
    """Say where it listens, and which tokens are short enough to be found by trying."""
    note(f"listening on {address}", quiet=False)  # with --port 0 nothing else says where
    if tokens.guessable:
        where = some_of(tokens.guessable)
        good = "`openssl rand -hex 24` makes a good one"
        warn(f"short, and so to be guessed: the token of {where}; {good}", quiet=quiet)


def _refuse_without_extra() -> None:
    """Raise ConfigError where what only the extra brings is not installed."""
    try:
        import invctl.http.running  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("invctl"):  # which no extra brings
            raise
        problem = f"{error.name} is not installed"
        raise ConfigError("serve", problem, "`pip install 'invctl[http]'`") from error


def _host(text: str | None) -> str:
    if text is None:
        return "127.0.0.1"
    host = text.strip().strip("[]")
    if not host:
        raise InvalidValue("--host", text, "is empty")
    return host


def _port(text: str | None) -> int:
    number = 8000 if text is None else parse_quantity(text, "--port")
    if number > 65_535:
        raise InvalidValue("--port", str(text), f"{number} is more than 65535")
    return number


SERVE = Spec(
    serve,
    ("invctl serve", "invctl serve --host 0.0.0.0 --token-file tokens --read-only"),
    exits={14: "the extra `http` is not installed, or the address cannot be had"},
)
