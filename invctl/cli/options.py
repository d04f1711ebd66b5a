"""The options that many commands share: the global ones, and those of every mutation.

They are parameters of no function: each stores its value in the run's Invocation, or in a group of
values that it has, at whatever level of the command line it stands, so the later one wins. One that
takes a list says how its values add up instead.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import typer
from typer.core import TyperOption

from invctl.cli.printing.format import FORMATS
from invctl.cli.printing.streams import check_color
from invctl.errors import UsageError
from invctl.times import parse_past
from invctl.values import parse_seconds

JSON = "--json"
HELP = ("-h", "--help")


def _kept(ctx: typer.Context, group: str) -> dict[str, Any]:
    """Return what the run's Invocation keeps of a group of options, '' for those of none."""
    values = vars(ctx.find_root().obj)
    kept: dict[str, Any] = values[group] if group else values
    return kept


def _stored(name: str, parse: Callable[[str], object], group: str) -> Callable[..., object]:
    """Return a callback that keeps an option's parsed value."""

    def store(ctx: typer.Context, _param: object, value: str | bool | None) -> None:
        if value is None or value is False:  # not given at this level, but perhaps above
            return
        _kept(ctx, group)[name] = parse(value) if isinstance(value, str) else value

    return store


def _adding_up(
    name: str, parts: Callable[[str], Iterable[str]], group: str
) -> Callable[..., object]:
    """Return a callback that adds the parts of an option's values to what is kept of it."""

    def store(ctx: typer.Context, _param: object, values: Sequence[str] | None) -> None:
        if values:
            kept = _kept(ctx, group)
            more = (part for text in values for part in parts(text))
            kept[name] = (*kept.get(name, ()), *more)

    return store


def refuse_repeats(given: Sequence[object]) -> None:
    """Raise UsageError if an option stands twice among the parameters that a line gives.

    But for the global ones, of which the later one wins, and those that add up.
    """
    for param in given:
        if not isinstance(param, TyperOption) or param in GLOBAL or param.multiple:
            continue
        if given.count(param) > 1:
            raise UsageError(f"{max(param.opts, key=len)} is given more than once", "give it once")


def _option(
    *names: str,
    help: str,  # noqa: A002 (Typer's own name for it)
    metavar: str | None = None,
    to: str,
    parse: Callable[[str], object] = str,
    parts: Callable[[str], Iterable[str]] | None = None,
    kind: type[TyperOption] = TyperOption,
    group: str = "",
) -> TyperOption:
    """Return an option that is kept as `to`; where its texts have `parts`, all of them add up."""
    return kind(
        param_decls=list(names),
        help=help,
        metavar=metavar,
        is_flag=metavar is None,
        multiple=parts is not None,
        default=None,
        expose_value=False,
        callback=_adding_up(to, parts, group) if parts else _stored(to, parse, group),
    )


class _OutputOption(TyperOption):
    """`-o FORMAT`, and `--json` as another spelling of it, so that the later one wins."""

    def add_to_parser(self, parser: Any, ctx: Any) -> None:
        super().add_to_parser(parser, ctx)
        parser.add_option(obj=self, opts=[JSON], dest=self.name, action="store_const", const="json")


def _format(text: str) -> str:
    if text not in FORMATS:
        problem = f"--output: '{text}' is not one of {', '.join(FORMATS)}"
        raise UsageError(problem)
    return text


def _columns(text: str) -> Iterable[str]:
    return (name.strip() for name in text.split(","))


def _pairs(text: str) -> Iterable[str]:
    return (text,)  # a line of CSV, which is taken apart where the columns are known


def _seconds(text: str) -> float:
    return parse_seconds(text, "--timeout")


def _at(text: str) -> str:
    """Return when something happened as it was typed: what a retry repeats, not the moment."""
    parse_past(text, "--at")
    return text


def _show_version(ctx: typer.Context, _param: object, value: bool | None) -> None:
    if value and not ctx.resilient_parsing:
        from invctl import __version__
        from invctl.cli.printing.streams import write_out

        write_out(f"invctl {__version__}\n")
        raise typer.Exit


GLOBAL = (
    _option(
        "--db",
        to="db",
        metavar="PATH|URL",
        help="The inventory: a file, or a server's URL. [env: INVCTL_DB]",
    ),
    _option(
        "-o",
        "--output",
        to="output",
        metavar="FORMAT",
        parse=_format,
        kind=_OutputOption,
        help="How to print: table (on a terminal), tsv (in a pipe), csv, json or jsonl; --json is "
        "-o json.",
    ),
    _option(
        "--columns",
        to="columns",
        metavar="A,B",
        parts=_columns,
        help="Only these fields or columns, in this order.",
    ),
    _option("--no-header", to="no_header", help="Leave out the line of column names."),
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
        help="How long to wait for other writers; 5 if not given.",
    ),
    TyperOption(
        param_decls=["-V", "--version"],
        help="Show the version.",
        is_flag=True,
        is_eager=True,  # or what else the line lacks would be told first
        expose_value=False,
        callback=_show_version,
    ),
)

MUTATION = (
    _option("--actor", to="actor", metavar="NAME", help="Who does it; the OS user if not given."),
    _option("--dry-run", to="dry_run", help="Only show what would happen."),
)

_KEY = _option(
    "--idempotency-key",
    to="key",
    metavar="KEY",
    help="Repeated with the same KEY, the change happens only once: for safe retries.",
)
_AT = _option(
    "--at",
    to="at",
    metavar="TIME",
    parse=_at,
    help="When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d.",
)
_LABEL = (
    _option(
        "--reason",
        to="reason",
        metavar="WORD",
        help="Why, in one word of a-z, 0-9 and -, such as sale.",
    ),
    _option("--ref", to="ref", metavar="TEXT", help="The order, invoice or job it belongs to."),
    _option("--note", to="note", metavar="TEXT", help="Anything else worth keeping."),
)

KEYED_MUTATION = (_KEY, *MUTATION)
OPENING_MUTATION = (_AT, *KEYED_MUTATION)
STOCK_MUTATION = (*_LABEL, *OPENING_MUTATION)
UNKEYED_STOCK_MUTATION = (*_LABEL, _AT, *MUTATION)

_file_option = partial(_option, group="file_flags")
FILE = (
    _file_option(
        "--map",
        to="mapping",
        metavar="A=HEADER,...",
        parts=_pairs,
        help="Which header stands for which column: 'sku=Variant SKU,name=Title'; 'name=' leaves "
        "that column out.",
    ),
    _file_option(
        "--ignore-extra", to="ignore_extra", help="Leave out the columns that invctl does not know."
    ),
    _file_option(
        "--defaults",
        to="defaults",
        metavar="A=TEXT,...",
        parts=_pairs,
        help="What to take where a column is missing or a cell empty: 'quantity=0'.",
    ),
    _file_option(
        "--skip-lines",
        to="skip_lines",
        metavar="N",
        help="How many lines stand above the one with the column names.",
    ),
    _file_option(
        "--skip-empty",
        to="skip_empty",
        help="Pass over rows without a SKU, or without any number; how many is said.",
    ),
    _file_option(
        "--decimal-mark",
        to="decimal_mark",
        metavar=".|,",
        help="Read numbers such as 1,234.00 (.) or 1.234,00 (,); they stay whole numbers.",
    ),
    _file_option(
        "--delimiter",
        to="delimiter",
        metavar="C",
        help="What stands between cells; found out if not given.",
    ),
    _file_option(
        "--encoding",
        to="encoding",
        metavar="NAME",
        help="The file's encoding, such as cp1252; UTF-8 if not given.",
    ),
)
