"""Reading what was done: operations, each with its movements and changes."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from invctl.core.lookup import advising, find_product
from invctl.db.database import Database
from invctl.db.session import Row
from invctl.errors import OperationNotFound
from invctl.models import CHANGE_FIELDS, MOVEMENT_FIELDS, OPERATION_FIELDS
from invctl.values import check_reason, check_text

_PROMISED = {
    "hold": ("{} held", "{} held no more"),
    "delivery": ("{} expected", "{} expected no more"),
}
"""What is said of a promise that was made, and of one that was ended."""


class OperationFilter(NamedTuple):
    """Which operations: bounds of `recorded_at` (stored text, inclusive), and any of some texts."""

    since: str | None = None
    until: str | None = None
    skus: Sequence[str] = ()
    kinds: Sequence[str] = ()
    actors: Sequence[str] = ()
    reasons: Sequence[str] = ()
    refs: Sequence[str] = ()


EVERY_OPERATION = OperationFilter()


def list_operations(
    db: Database,
    only: OperationFilter = EVERY_OPERATION,
    *,
    limit: int | None = None,
    reverse: bool = False,
) -> Iterator[Sequence[Row]]:
    """Yield operations in chunks as OPERATION_FIELDS, oldest first; a limit takes the last ones.

    Raises ProductNotFound.
    """
    from invctl.repository.lists import operations

    with advising(db), db.read() as session:
        query = operations.OperationQuery(
            since=only.since,
            until=only.until,
            products=[find_product(session, sku).id for sku in only.skus] or None,
            kinds=only.kinds,
            actors=[check_text(one, "actor") for one in only.actors],
            reasons=[check_reason(one) for one in only.reasons],
            refs=[check_text(one, "ref") for one in only.refs],
            limit=limit,
            reverse=reverse,
        )
        for rows in operations.operations(session, query):
            yield [_told(row) for row in rows]


def get_operation(db: Database, number: int) -> dict[str, Any]:
    """Return one operation with its movements and changes. Raises OperationNotFound."""
    from invctl.repository.lists import movements, operations

    with db.read() as session:
        found = [
            row
            for rows in operations.operations(session, operations.OperationQuery(number=number))
            for row in rows
        ]
        if not found:
            raise OperationNotFound(number)
        query = movements.MovementQuery(operation=number)
        moved = [row for rows in movements.movements(session, query) for row in rows]
        changed = [
            (sku, _word(field), *values)
            for rows in operations.change_records(session, number)
            for sku, field, *values in rows
        ]
    record = dict(zip(OPERATION_FIELDS, _told(found[0]), strict=True))
    record["movement_records"] = [dict(zip(MOVEMENT_FIELDS, row, strict=True)) for row in moved]
    record["change_records"] = [dict(zip(CHANGE_FIELDS, row, strict=True)) for row in changed]
    return record


def _told(row: Row) -> Row:
    number, kind, touched, moved, changed, *said = row[:11]
    summary = _summary(touched, moved, changed, row[11:])
    if kind == "move" and moved == 2:
        summary = f"{row[11]}: {abs(row[12])} moved"
    if kind == "place":
        summary = "a place renamed or removed"
    if kind == "expire":
        summary = "holds that had run out"
    return (number, kind, summary, touched, moved, changed, *said)


def _summary(touched: int, moved: int, changed: int, first: Row) -> str:
    """Return in a few words what an operation did."""
    sku, delta, changed_sku, field, before, after = first
    if moved > 1 or touched > 1:
        return ", ".join(_counted(moved, changed, touched))
    if moved == 1:
        return f"{sku} {delta:+d}"
    if not changed:
        return "nothing moved"
    if field and field.startswith("counted"):
        return f"{changed_sku} counted, {after} as the book said"
    if field == "sku" and before and after:
        return f"{before} is {after} now"
    if field == "sku":
        return f"{changed_sku} {'made' if after else 'deleted'}"
    if field == "code":
        units, _, code = (after or before).partition("*")
        of = f" ({units} units)" if units != "1" else ""
        return f"{changed_sku} {'has' if after else 'lost'} the code {code}{of}"
    if field == "archived_at":
        return f"{changed_sku} {'archived' if after else 'brought back'}"
    if field in _PROMISED:
        return f"{changed_sku} {_PROMISED[field][after is None].format(after or before)}"
    name = field.replace("_", " ") if field else ""
    was = "" if before is None else f", was {_shown(before)}"
    more = f"; {changed - 1} more changed" if changed > 1 else ""
    return f"{changed_sku}: {name} is {_shown(after)} now{was}{more}"


def _word(field: str) -> str:
    """Return a field's name; the count of a pot has its number behind it."""
    return field.partition(" ")[0]


def _counted(moved: int, changed: int, touched: int) -> Iterator[str]:
    if moved:
        yield f"{moved} {'movement' if moved == 1 else 'movements'}"
    if changed:
        yield f"{changed} {'change' if changed == 1 else 'changes'}"
    yield f"{touched} {'product' if touched == 1 else 'products'}"


def _shown(value: str | None) -> str:
    if value is None or value.isdecimal():
        return value or "nothing"
    return f"'{value[:40]}'"
