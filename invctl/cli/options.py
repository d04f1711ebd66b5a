"""The options that many commands share: the global ones, and those of every mutation.

They are parameters of no function: each stores its value in the run's Invocation, at whatever
level of the command line it stands, so the later one wins.
"""

from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperOption

from invctl.cli.format import FORMATS
from invctl.cli.streams import check_color
from invctl.errors import UsageError
from invctl.times import parse_past
from invctl.values import parse_seconds


def _stored(name: str, parse: Callable[[str], object]) -> Callable[..., object]:
    """Return a callback that keeps an option's parsed value in the Invocation."""

    def store(ctx: typer.Context, _param: object, value: str | bool | None) -> None:
        if value is None or value is False:
            return
        setattr(ctx.find_root().obj, name, parse(value) if isinstance(value, str) else value)

    return store


def _added(name: str, parse: Callable[[str], Sequence[str]]) -> Callable[..., object]:
    """Return a callback that adds an option's values to those that were given before."""

    def add(ctx: typer.Context, _param: object, values: Sequence[str] | None) -> None:
        if values:
            call = ctx.find_root().obj
            parsed = [one for value in values for one in parse(value)]
            setattr(call, name, (*(getattr(call, name) or ()), *parsed))

    return add


def _one(text: str) -> Sequence[str]:
    return (text,)


def _list_option(
    *names: str,
    help: str,  # noqa: A002 (Typer's own name for it)
    metavar: str,
    to: str,
    parse: Callable[[str], Sequence[str]] = _one,
) -> TyperOption:
    """Return an option that may be given several times: then its values add up."""
    return TyperOption(
        param_decls=list(names),
        help=help,
        metavar=metavar,
        multiple=True,
        default=None,
        expose_value=False,
        callback=_added(to, parse),
    )


def _option(
    *names: str,
    help: str,  # noqa: A002 (Typer's own name for it)
    metavar: str | None = None,
    to: str,
    parse: Callable[[str], object] = str,
    kind: type[TyperOption] = TyperOption,
) -> TyperOption:
    return kind(
        param_decls=list(names),
        help=help,
        metavar=metavar,
        is_flag=metavar is None,
        default=None,
        expose_value=False,
        callback=_stored(to, parse),
    )


class _OutputOption(TyperOption):
    """`-o FORMAT`, and `--json` as another spelling of it, so that the later one wins."""

    def add_to_parser(self, parser: Any, ctx: Any) -> None:
        super().add_to_parser(parser, ctx)
        parser.add_option(
            obj=self, opts=["--json"], dest=self.name, action="store_const", const="json"
        )


def _format(text: str) -> str:
    if text not in FORMATS:
        problem = f"--output: '{text}' is not one of {', '.join(FORMATS)}"
        raise UsageError(problem)
    return text


def _columns(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _seconds(text: str) -> float:
    return parse_seconds(text, "--timeout")


def _at(text: str) -> str:
    """Return when something happened as it was typed: what a retry repeats, not the moment."""
    parse_past(text, "--at")
    return text


def _show_version(ctx: typer.Context, _param: object, value: bool | None) -> None:
    if value and not ctx.resilient_parsing:
        from invctl import __version__
        from invctl.cli.streams import write_out

        write_out(f"invctl {__version__}\n")
        raise typer.Exit


GLOBAL = (
    _option(
        "--db",
        to="db",
        metavar="PATH|URL",
        help="The inventory's file. [env: INVCTL_DB]",
    ),
    _option(
        "-o",
        "--output",
        to="output",
        metavar="FORMAT",
        parse=_format,
        kind=_OutputOption,
        help="table (on a terminal), tsv (in a pipe), csv, json or jsonl; --json is -o json.",
    ),
    _list_option(
        "--columns",
        to="columns",
        metavar="A,B",
        parse=_columns,
        help="Only these fields, in this order.",
    ),
    _option("--no-header", to="no_header", help="No line of column names."),
    _option("-q", "--quiet", to="quiet", help="No confirmations, warnings or progress."),
    _option(
        "--color",
        to="color",
        metavar="WHEN",
        parse=check_color,
        help="auto, always or never. [env: NO_COLOR, FORCE_COLOR]",
    ),
    _option(
        "--timeout",
        to="timeout",
        metavar="SECONDS",
        parse=_seconds,
        help="How long to wait for a lock; 5 if not given.",
    ),
    TyperOption(
        param_decls=["-V", "--version"],
        help="Show the version.",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_version,
    ),
)

MUTATION = (
    _option("--actor", to="actor", metavar="NAME", help="Who does it; the OS user if not given."),
    _option("--dry-run", to="dry_run", help="Show what would happen, and let nothing happen."),
)

KEYED = (
    _option(
        "--idempotency-key",
        to="key",
        metavar="KEY",
        help="Makes a retry safe: with the same key it happens once.",
    ),
)

BACKDATED = (
    _option(
        "--at",
        to="at",
        metavar="TIME",
        parse=_at,
        help="When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d.",
    ),
)

LABEL = (
    _option("--reason", to="reason", metavar="WORD", help="Why, in one word of a-z, 0-9 and -."),
    _option("--ref", to="ref", metavar="TEXT", help="The order, invoice or job it belongs to."),
    _option("--note", to="note", metavar="TEXT", help="Anything else worth keeping."),
)

OPENING_MUTATION = (*BACKDATED, *KEYED, *MUTATION)
STOCK_MUTATION = (*LABEL, *BACKDATED, *KEYED, *MUTATION)

FILE = (
    _list_option(
        "--map",
        to="mapping",
        metavar="A=HEADER,…",
        help="Which column is which: 'sku=Variant SKU,name=Title'; 'note=' leaves note out.",
    ),
    _option("--ignore-extra", to="ignore_extra", help="Pass over columns that are not known."),
    _list_option(
        "--defaults",
        to="defaults",
        metavar="A=TEXT,…",
        help="What a missing column or empty cell says: 'quantity=0'.",
    ),
    _option(
        "--skip-lines",
        to="skip_lines",
        metavar="N",
        help="How many lines stand above the one with the column names.",
    ),
    _option(
        "--skip-empty",
        to="skip_empty",
        help="Pass over rows without a SKU, or without any number; how many is said.",
    ),
    _option(
        "--decimal-mark",
        to="decimal_mark",
        metavar=".|,",
        help="Read numbers such as 1,234.00 (.) or 1.234,00 (,); they stay whole numbers.",
    ),
    _option("--delimiter", to="delimiter", metavar="C", help="Between cells; found if not given."),
    _option(
        "--encoding", to="encoding", metavar="NAME", help="Such as cp1252; UTF-8 if not given."
    ),
)
