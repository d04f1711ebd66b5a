"""Lines of changes, each an operation of its own: together in one commit where that can be."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from invctl.core.advice import advised
from invctl.core.bulk.group import Group, Outcome
from invctl.core.bulk.requests import Cells, Reader, Request
from invctl.core.operations import check_attempt, warn_once
from invctl.core.stock import add_stock, move_nothing, remove_stock, set_stock
from invctl.db.database import Database, outcome
from invctl.db.session import Session
from invctl.errors import DatabaseLocked, InventoryError, NotFound
from invctl.models.attempts import Attempt, Label
from invctl.models.stock import StockChange

if TYPE_CHECKING:
    from invctl.core.places.spots import Spot


def apply_lines(
    db: Database, lines: Sequence[Cells], *, label: Label, attempt: Attempt
) -> list[Outcome | Exception]:
    """Make each line's movement as an operation of its own; return what became of each.

    They share a commit, and have none of them happened before this returns. Where one meets what
    nobody foresaw, a forged row or a bug, that is the outcome of that one alone.
    """
    checked = check_attempt(attempt)
    reader = Reader(label, checked.key)
    read = [reader.read(cells) for cells in lines]
    requests = [one for one in read if isinstance(one, Request)]
    # One alone goes the short way: who waits for each answer has it sooner.
    # One that is only rehearsed must not be seen by the next.
    is_group = len(requests) > 1 and not attempt.dry_run and not any(map(_is_read, requests))
    done = iter((_together if is_group else _alone)(db, requests, checked))
    return [next(done) if isinstance(one, Request) else one for one in read]


def _is_read(request: Request) -> bool:
    """Return whether what it comes to is read, not judged in memory.

    A count of an earlier moment is, and what names a place.
    """
    return bool(request.spots) or (request.move.counts and request.checked.at is not None)


def _alone(
    db: Database, requests: Sequence[Request], attempt: Attempt
) -> list[Outcome | Exception]:
    """Make each movement in a transaction of its own."""
    return [outcome(partial(_one, db, request, attempt)) for request in requests]


def _one(db: Database, request: Request, attempt: Attempt) -> StockChange:
    if request.key is not None:
        attempt = attempt._replace(key=request.key)
    counts, units, _ = request.move
    if request.spots and (units or counts):
        return _placed(db, request, request.spots, attempt)
    if counts:
        return set_stock(db, request.sku, units, label=request.label, attempt=attempt)
    if not units:
        return move_nothing(db, request.sku, label=request.label, attempt=attempt)
    verb = add_stock if units > 0 else remove_stock
    return verb(db, request.sku, abs(units), label=request.label, attempt=attempt)


def _placed(
    db: Database, request: Request, spots: Sequence["Spot"], attempt: Attempt
) -> StockChange:
    """Make the movement of a line that names a place."""
    from invctl.core.places import stock as places

    label, (counts, units, shifts) = request.label, request.move
    if shifts:
        source, target = spots
        return places.move_stock(
            db, request.sku, units, source, target, label=label, attempt=attempt
        )
    if counts:
        return places.count_place(db, request.sku, units, spots[0], label=label, attempt=attempt)
    verb = places.add_to_place if units > 0 else places.remove_from_place
    return verb(db, request.sku, abs(units), spots[0], label=label, attempt=attempt)


def _together(
    db: Database, requests: Sequence[Request], attempt: Attempt
) -> list[Outcome | Exception]:
    """Make all movements in one transaction, or each in one of its own where that cannot be."""

    def work(session: Session) -> list[Outcome]:
        group = Group(session, requests, attempt)
        outcomes = group.outcomes()
        warn_once(db, *group.warnings)
        return outcomes

    is_repeatable = all(one.key is not None for one in requests)
    outcomes = outcome(lambda: db.write(work, repeatable=is_repeatable))
    if isinstance(outcomes, InventoryError) and not isinstance(outcomes, DatabaseLocked):
        return [outcomes] * len(requests)
    if isinstance(outcomes, Exception):
        # One product that somebody holds is no reason to refuse the others, and no more is a bug.
        return _alone(db, requests, attempt)
    if not attempt.advises:
        return [*outcomes]
    return [advised(db, one) if isinstance(one, NotFound) else one for one in outcomes]
