"""`invctl undo`, which is also `invctl stock undo`: taking back what was done."""

from operator import itemgetter
from typing import TYPE_CHECKING, Annotated

import typer

from invctl.cli.invocation import invocation
from invctl.cli.options import STOCK_MUTATION
from invctl.cli.printing.words import counted, stock_sentence
from invctl.cli.spec import Spec
from invctl.cli.stock.lowered import now_low
from invctl.errors import InvalidValue, InventoryError, UsageError, command
from invctl.models.undos import BatchUndo, StockUndo, Undo
from invctl.text import printable
from invctl.values import is_digits, parse_identifier

if TYPE_CHECKING:
    from invctl.core.products import Differences
    from invctl.core.undoing.undo import Told

_DESCRIBED = ("name", "description", "reorder_point", "reorder_to")
_ENDED = {"hold": "held", "delivery": "expected"}
"""Promises that an undo ends, by what changes of a product."""
_LEFT = {
    "commit": "what was committed is not held again: `invctl hold create` does that",
    "receive": "what was received is not expected again: `invctl delivery expect` does that",
}
"""What an undo does not bring back, by the kind of what it undid."""
_NEWEST = ("last", "latest", "newest", "previous")
_LONGEST = 40
"""Columns that a text takes in the answer at the most."""

# An undo is answered by either of them: columns are judged before it is known by which.
FIELDS = tuple(dict.fromkeys((*StockUndo._fields, *BatchUndo._fields)))


def undo(
    ctx: typer.Context,
    operation: Annotated[
        str | None,
        typer.Argument(metavar="OPERATION", help="Its number, as its answer and the log tell."),
    ] = None,
    last: Annotated[
        bool, typer.Option("--last", help="The newest one of yours that can be taken back.")
    ] = False,
    despite_counts: Annotated[
        bool,
        typer.Option("--despite-counts", help="Also where a product was counted since."),
    ] = False,
) -> None:
    """Take back an operation, whatever it did: stock, names, a whole import."""
    call = invocation(ctx)
    out = call.writer(FIELDS)
    if (operation is None) is not last:  # exactly one of them says which
        problem = (
            "no operation is named" if operation is None else "an operation and --last are two"
        )
        raise UsageError(problem, "`invctl log` shows the operations; --last is your newest one")
    undone = None if operation is None else _number(operation)
    with call.inventory() as db:
        from invctl.core.undoing.undo import Told, undo_operation

        told = Told()
        try:
            change = undo_operation(
                db,
                undone,
                despite_counts=despite_counts,
                label=call.label,
                told=told,
                attempt=call.attempt(),
            )
        except InventoryError as error:
            if told.undone and undone is None:  # who named none does not know which it was
                shown = f"{command('log', told.undone.id)} shows what was to be taken back"
                error.hint = "; ".join(filter(None, (error.hint, shown)))
            raise
        low = now_low(call, db, change) if isinstance(change, StockUndo) else ""
    out.change(change, f"undid {_which(undone, told)}: {_sentence(change, told, low)}")


def _number(text: str) -> int:
    """Return the operation that is named; who says it in another way is told how that is typed."""
    try:
        return parse_identifier(text, "OPERATION")
    except InvalidValue as error:
        if text and not is_digits(text):
            newest = "`invctl undo --last` takes back your newest one"
            of_ref, of_sku = (command("log", flag, text) for flag in ("--ref", "--sku"))
            error.hint = f"{newest}, {of_ref} shows those with a ref, {of_sku} those of a product"
            if text.lower() in _NEWEST:
                error.hint = newest
            elif is_digits(bare := text.lstrip("#")):
                error.hint = f"{command('undo', bare)} is how it is typed"
        raise


def _which(undone: int | None, told: "Told") -> str:
    """Return what to call the operation that was undone; who named none learns its number."""
    if undone is not None:
        return f"operation {undone}"
    return "your newest operation" + (f", {told.undone.id}" if told.undone else "")


def _sentence(change: Undo, told: "Told", low: str) -> str:
    """Return what an undo did, whether that made a product `low`, and which promise is left."""
    left = _LEFT.get(told.undone.kind) if told.undone else None
    return _did(change, told) + low + (f"; {left}" if left else "")


def _did(change: Undo, told: "Told") -> str:
    """Return what an undo did, in movements and in fields that it put back."""
    if len(told.ends) > 1:
        # Of the two sums that of where they were taken is negative.
        (begin, _), (end, units) = sorted(told.ends.items(), key=itemgetter(1))
        moved = f"moved {units} back from {begin or 'no place'} to {end or 'no place'}"
        return f"{told.sku}: {printable(moved)} (operation {change.operation})"
    changes = []
    if change.changes:
        changes = [_put_back(told.differences) or counted(change.changes, "change")]
    if isinstance(change, StockUndo):
        return ", and ".join([stock_sentence(change), *changes])
    if not (change.movements or changes):
        return f"nothing had moved, and nothing moves (operation {change.operation})"
    movements = [counted(change.movements, "movement")] if change.movements else []
    of = "" if told.differences and not movements else f" of {counted(change.products, 'product')}"
    return f"{' and '.join(movements + changes)}{of} (operation {change.operation})"


def _put_back(told: "Differences") -> str:
    """Return what of a product is what it was before: `CUP2 is CUP again`."""
    if not told:
        return ""
    from invctl.cli.printing.cells import cell, cut

    sku, fields = told[0][0], {field: (before, after) for _, field, before, after in told}
    was, now = fields.pop("sku", (None, None))
    if was or now:  # of a product that is made anew there was none
        return f"{was} is {now} again" if was and now else f"{now or was} is there again"
    said = []
    if "archived_at" in fields:
        said.append(f"{sku} is {'archived now' if fields['archived_at'][1] else 'brought back'}")
    said += [f"{sku}: {was} {_ENDED[one]} no more" for _, one, was, _ in told if one in _ENDED]
    plain = {
        field: [text and cut(text, _LONGEST) for text in fields[field]]
        for field in _DESCRIBED
        if field in fields
    }
    said += [f"{sku}: {cell('changes', plain)}"] if plain else []
    return ", ".join(said)


UNDO = Spec(
    undo,
    ("invctl undo 2 --dry-run", "invctl undo --last"),
    STOCK_MUTATION,
    exits={
        3: "there is no such operation",
        4: "it was undone before, something was changed or counted since, or nothing is left of it",
        5: "there are not enough left to take back, and nothing was changed",
    },
    fields=FIELDS,
)
