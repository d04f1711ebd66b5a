"""Reading what was done: operations, each with its movements and changes."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from invctl.core.advice import advising
from invctl.core.ledger import EVERYTHING, Filter, looked_up
from invctl.db.database import Database
from invctl.db.migrations import OLD
from invctl.db.session import Row, Session
from invctl.errors import OUTSIDE, OperationNotFound
from invctl.models.fields import CHANGE_FIELDS, MOVEMENT_FIELDS, OPERATION_FIELDS
from invctl.repository import settings
from invctl.repository.changes import COUNTED, COUNTED_OUTSIDE, PLACE, called
from invctl.repository.lists import movements, operations
from invctl.repository.lists.questions import MovementQuery, OperationQuery

_PROMISED = {
    "hold": ("{} held", "{} held no more"),
    "delivery": ("{} expected", "{} expected no more"),
}
"""What is said of a promise that was made, and of one that was ended."""
_UNRECORDED = {"create", "update", "rename", "archive", "unarchive", "delete", "import"}
"""What version 1 did without writing down what, but for the movements."""


class _First(NamedTuple):
    """What an operation did first: the product that it moved and by how much, what it changed.

    `delta` and `units` are sums, of all its movements, if they are few; the second without signs.
    """

    sku: str | None
    delta: int | None
    units: int | None
    changed_sku: str | None
    field: str | None
    before: str | None
    after: str | None


def list_operations(
    db: Database,
    only: Filter = EVERYTHING,
    *,
    limit: int | None = None,
    reverse: bool = False,
) -> Iterator[Sequence[Row]]:
    """Yield operations in chunks as OPERATION_FIELDS, oldest first; a limit takes the last ones.

    Raises ProductNotFound.
    """
    with advising(db), db.read() as session:
        query = OperationQuery(**looked_up(session, only), limit=limit, reverse=reverse)
        for rows in operations.operations(session, query):
            yield _summed_up(session, rows)


def get_operation(db: Database, number: int) -> dict[str, Any]:
    """Return one operation with its movements and changes. Raises OperationNotFound."""
    with db.read() as session:
        chunks = operations.operations(session, OperationQuery(number=number))
        found = [row for rows in chunks for row in _summed_up(session, rows)]
        if not found:
            raise OperationNotFound(number)
        query = MovementQuery(operation=number)
        moved = [row for rows in movements.movements(session, query) for row in rows]
        changed = [_change(*row) for row in operations.change_records(session, number)]
    record = dict(zip(OPERATION_FIELDS, found[0], strict=True))
    record["movement_records"] = [dict(zip(MOVEMENT_FIELDS, row, strict=True)) for row in moved]
    record["change_records"] = [dict(zip(CHANGE_FIELDS, row, strict=True)) for row in changed]
    return record


def _change(sku: str, field: str, before: str | None, after: str | None) -> Row:
    """Return a change as records have it; in theirs a product is archived, or it is not."""
    if field == "archived_at":
        return sku, called(field), before is not None, after is not None
    return sku or None, _word(field), before, after


def _summed_up(session: Session, rows: Sequence[Row]) -> list[Row]:
    """Return operations with what they did in a few words."""
    ended = {row[0] for row in rows if row[1] == "expire"}
    expired = operations.expired(session, ended) if ended else {}
    firsts = [_First._make(row[-len(_First._fields) :]) for row in rows]
    counted = {number for one in firsts if (number := _pot_of(one))}
    pots = operations.pots(session, counted) if counted else {}
    untold = _untold(session, rows)
    told: list[Row] = []
    for row, first in zip(rows, firsts, strict=True):
        number, kind, touched, moved, changed, *said = row[: -len(first)]
        summary = _kind_of(kind, moved, changed, first) or _summary(
            touched, moved, changed, first, _where(first, pots)
        )
        if kind == "expire":
            summary = _run_out(*expired.get(number, (None, 0, 0)))
        if number in untold:
            summary = "not recorded by version 1"
        told.append((number, kind, summary, touched, moved, changed, *said))
    return told


def _untold(session: Session, rows: Sequence[Row]) -> set[int]:
    """Return which operations may have done what was not written down at their time."""
    idle = {number for number, kind, _, *runs in rows if kind in _UNRECORDED and not any(runs[:2])}
    last = settings.setting(session, OLD) if idle else None
    return set() if last is None else {one for one in idle if one <= int(str(last))}


def _kind_of(kind: str, moved: int, changed: int, first: _First) -> str | None:
    """Return what an operation did where its kind says more of it than its movements do."""
    if kind == "move" and moved and first.units:
        return f"{first.sku}: {first.units // 2} moved"  # they left one place and came to another
    if kind == PLACE and not changed:
        return "a place renamed or removed"  # by a version that did not write down which
    if kind == "repair" and not changed:
        return "numbers made what the movements say"
    return None


def _run_out(sku: str | None, holds: int, touched: int) -> str:
    """Return of which product holds had run out, or of how many."""
    if sku is None:
        return "holds that had run out"
    if touched > 1:
        return f"{holds} holds of {touched} products had run out"
    return f"{sku}: " + ("a hold had run out" if holds == 1 else f"{holds} holds had run out")


def _pot_of(first: _First) -> int | None:
    """Return which pot an operation counted first, if it did."""
    word, _, number = (first.field or "").partition(" ")
    return int(number) if word == COUNTED and number.isdecimal() else None


def _where(first: _First, pots: dict[int, tuple[str, str]]) -> str:
    """Return where an operation's first count was: ` in VAN`, or nothing for all of a product."""
    if first.field == COUNTED_OUTSIDE:
        return f" {OUTSIDE}"
    number = _pot_of(first)
    if number not in pots:
        return ""
    place, lot = pots[number]
    return f" in {place} of lot {lot}" if lot else f" in {place}"


def _summary(touched: int, moved: int, changed: int, first: _First, where: str) -> str:
    """Return in a few words what an operation did; `where` is said of a count."""
    sku, delta, _, changed_sku, field, before, after = first
    # Several movements of one product are told by their sum, unless that is nothing, or not all.
    if touched > 1 or (moved > 1 and (changed or not delta)):
        return ", ".join(_counted(moved, changed, touched))
    if moved:
        return f"{sku} {delta:+d}"
    if not changed:
        return "nothing changed"
    more = f"; {changed - 1} more" if changed > 1 else ""
    if field and field.startswith(COUNTED):
        return f"{changed_sku}{where} counted, {after} as the book said{more}"
    if field == PLACE:
        return f"{before} is {after} now" if after else f"{before} removed"
    if field == "sku" and before and after:
        return f"{before} is {after} now"
    if field == "sku":
        return f"{changed_sku} {'made' if after else 'deleted'}"
    if field == "code":
        units, _, code = (after or before or "").partition("*")
        of = f" ({units} units)" if units != "1" else ""
        return f"{changed_sku} {'has' if after else 'lost'} the code {code}{of}{more}"
    if field == "archived_at":
        return f"{changed_sku} {'archived' if after else 'brought back'}"
    if field in _PROMISED:
        return f"{changed_sku} {_PROMISED[field][after is None].format(after or before)}{more}"
    name = field.replace("_", " ") if field else ""
    was = "" if before is None else f", was {_shown(before)}"
    return f"{changed_sku}: {name} is {_shown(after)} now{was}{more and f'{more} changed'}"


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
