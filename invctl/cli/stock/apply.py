"""`invctl stock apply` and `fits`: files of movements, made or measured."""

from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli import arguments
from invctl.cli.arguments import File
from invctl.cli.invocation import invocation
from invctl.cli.options import FILE, STOCK_MUTATION
from invctl.cli.printing.words import counted
from invctl.cli.spec import OTHER_KEY, REFUSED_LINES, Spec
from invctl.errors import UsageError
from invctl.models.batches import BatchChange, Fits, LineChange
from invctl.models.fields import MOVEMENT_COLUMNS
from invctl.values import parse_amount

if TYPE_CHECKING:
    from invctl.core.bulk.recipes import Times

_FILE = {
    "sku": "which product",
    "delta": "how many came (3) or went (-3); or, in place of it, action and amount",
    "action": "add, remove, set or move",
    "amount": "how many; with set, how many were counted",
    "reason": "why, in one word; without it, what --reason says",
    "ref": "the order, invoice or job; without it, what --ref says",
    "note": "anything else; without it, what --note says",
    "occurred_at": "when it happened; without it, what --at says",
    "place": "where to, where from, or where that was counted",
    "to_place": "with move alone: where to; place is where from",
    "lot": "of which lot, in that place",
    "expires_on": "when what comes expires, as 2026-01-31",
    "idempotency_key": "with --each alone: makes a retry of the line safe",
}
_LIMITS = ("sku", "available", "per", "place", "lot")


def apply(
    ctx: typer.Context,
    file: File,
    each: Annotated[
        bool,
        typer.Option("--each", help="Apply and answer each line by itself, as soon as it comes."),
    ] = False,
    times: Annotated[
        str | None,
        typer.Option(
            "--times", metavar="N|max", help="N times as much, or as often as it fits: a recipe."
        ),
    ] = None,
    lines: arguments.Lines = False,
) -> int | None:
    """Make all the movements of a CSV or JSON Lines file, or none of them."""
    call = invocation(ctx)
    if each:
        from invctl.cli.till.each import apply_each

        if lines:
            raise UsageError("--each answers each line anyway; it does not go with --lines")
        if times is not None:
            raise UsageError("--times is for all of a file; it does not go with --each")
        return apply_each(call, file)
    out = call.writer(LineChange._fields if lines else BatchChange._fields)
    told: list[LineChange] | None = [] if lines else None
    multiple = _times(times)
    from invctl.cli.input import open_rows

    opened = open_rows(call, file, MOVEMENT_COLUMNS, recipe=bool(times))
    with opened as rows, call.inventory() as db:
        from invctl.core.bulk.apply import apply_movements

        change = apply_movements(
            db,
            rows,
            label=call.label,
            file_hash=rows.file_hash(),
            told_lines=told,
            times=multiple,
            attempt=call.attempt(),
        )
    out.change_or_lines(change, _batch_sentence(change, call.seconds), told)
    return None


APPLY = Spec(
    apply,
    (
        "invctl stock apply sales.csv --reason sale --idempotency-key 2026-01-31",
        "invctl stock apply counted.csv --defaults action=set --map 'amount=Counted'",
    ),
    (*FILE, *STOCK_MUTATION),
    exits={
        4: f"{OTHER_KEY}, or nothing limits --times max",
        5: "with --times max, where it does not fit once",
        **REFUSED_LINES,
    },
    columns=_FILE,
    fields=BatchChange._fields,
)


def _times(text: str | None) -> "Times | None":
    """Return how many times a file is to be applied. Raises InvalidValue."""
    if text is None or text == "max":
        return text  # type: ignore[return-value]
    return parse_amount(text, "--times")


def _batch_sentence(change: BatchChange, seconds: float) -> str:
    did = f"{counted(change.movements, 'movement')} of {counted(change.products, 'product')}"
    lines = counted(change.lines, "line")
    if change.times is not None:
        lines += f", {counted(change.times, 'time')}"
    return f"{lines}: {did} in {seconds:.1f} s (operation {change.operation})"


def fits(ctx: typer.Context, file: arguments.File) -> None:
    """Tell how many times a file could be applied now, and which products limit that."""
    call = invocation(ctx)
    out = call.writer(Fits._fields)
    from invctl.cli.input import open_rows

    opened = open_rows(call, file, MOVEMENT_COLUMNS, recipe=True, changes=False)
    with opened as rows, call.inventory() as db:
        from invctl.core.bulk.recipes import fits as fits_of

        found = fits_of(db, rows)
    if not call.form.is_in_words:
        out.record(found._asdict())
        return
    out.record({"times": "as often as you like" if found.times is None else found.times})
    if found.limited_by:
        from invctl.cli.printing.layouts import LIMITS

        limits = [tuple(one.get(name) for name in _LIMITS) for one in found.limited_by]
        call.writer(_LIMITS).listing(iter([limits]), limit=None, layout=LIMITS)


FITS = Spec(
    fits,
    ("invctl stock fits bom.csv", "invctl stock fits bom.csv --columns times --no-header"),
    FILE,
    exits={6: "lines were refused: each is named"},
    columns={name: _FILE[name] for name in MOVEMENT_COLUMNS},
    fields=Fits._fields,
)
