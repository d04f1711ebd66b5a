"""What went out of each product, and how fast."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    select,
)

from invctl.db.schema import change, movement, operation, product, total
from invctl.repository.declared.changes import IS_COUNT
from invctl.repository.declared.forms import ZERO, constant
from invctl.repository.declared.promises import OVERDUE_OF_EACH
from invctl.repository.lists.questions import UsageQuery

# No bare column: by its index SQLite would look up each row on its own, which takes more than
# twice as long as a walk through the table.
_PRODUCT = cast(movement.c.product_id, movement.c.id.type).label("product_id")
# What counts as going out (§8): never counts, moves and repairs.
_KINDS = ("remove", "commit", "apply")
_MISSING = cast(change.c.before, BigInteger) - cast(change.c.after, BigInteger)


def usage(shape: UsageQuery) -> Select[Any]:
    """Return what sums up what went out of each product, those of which most did first."""
    lived, went, counted = (
        each.subquery(name)
        for each, name in ((_lived(), "lived"), (_went(), "went"), (_counted(), "counted"))
    )
    held: ColumnElement[int] = product.c.held
    if shape.promised:
        held = product.c.held - OVERDUE_OF_EACH
    since, lately = (
        func.coalesce(went.c[name], ZERO) - func.coalesce(counted.c[name], ZERO)
        for name in ("since", "lately")
    )
    each = (
        select(
            product.c.sku,
            product.c.name,
            product.c.quantity,
            (product.c.quantity - held).label("available"),
            since.label("since"),
            lately.label("lately"),
            case((lived.c.first < product.c.created_at, lived.c.first), else_=product.c.created_at),
            lived.c.last,
        )
        .outerjoin_from(product, lived, lived.c.product_id == product.c.id)
        .outerjoin(went, went.c.product_id == product.c.id)
        .outerjoin(counted, counted.c.product_id == product.c.id)
        .where(product.c.archived_at.is_(None))
        .subquery("each_product")
    )
    order = (each.c.since.desc(), each.c.sku)
    so_far = func.sum(each.c.since).over(order_by=order, rows=(None, 0))
    return select(
        *each.c, cast(so_far, BigInteger), cast(func.sum(each.c.since).over(), BigInteger)
    ).order_by(*order)


def _lived() -> Select[Any]:
    """Return when each product first moved, and last."""
    first, last = func.min(movement.c.occurred_at), func.max(movement.c.occurred_at)
    return select(_PRODUCT, first.label("first"), last.label("last")).group_by(_PRODUCT)


def _went() -> Select[Any]:
    """Return how much went out of each product."""
    return (
        select(_PRODUCT, *_sums(movement.c.occurred_at, -movement.c.delta))
        .join_from(movement, operation, operation.c.id == movement.c.operation_id)
        .where(movement.c.delta < ZERO, _is_out(movement.c.occurred_at, *_KINDS), ~_is_shifted())
        .group_by(_PRODUCT)
    )


def _is_shifted() -> ColumnElement[bool]:
    """Return whether a line of a file moved it to another place, where its next movement put it.

    Two counts do the same, of which one missed what the other one found: those are `_counted`.
    """
    into = movement.alias("next")
    return and_(
        operation.c.kind == constant("apply"),
        exists()
        .where(
            into.c.id == movement.c.id + constant(1),
            into.c.operation_id == movement.c.operation_id,
            into.c.product_id == movement.c.product_id,
            into.c.delta == -movement.c.delta,
            into.c.pot_id.is_distinct_from(movement.c.pot_id),
        )
        .correlate(movement),
        ~exists()
        .where(
            change.c.product_id == movement.c.product_id,
            change.c.operation_id == movement.c.operation_id,
            IS_COUNT,
            -movement.c.delta == _MISSING,
        )
        .correlate(movement),
    )


def _counted() -> Select[Any]:
    """Return how much of that was missing at a count, which a line of a file may be."""
    return (
        select(change.c.product_id, *_sums(change.c.occurred_at, _MISSING))
        .join_from(change, operation, operation.c.id == change.c.operation_id)
        .where(
            IS_COUNT,
            _MISSING > ZERO,
            _is_out(change.c.occurred_at, "apply"),
        )
        .group_by(change.c.product_id)
    )


def _is_out(moment: ColumnElement[str], *kinds: str) -> ColumnElement[bool]:
    """Return whether something is in effect that an operation of these kinds did in that time."""
    return and_(
        moment >= bindparam("earliest"),
        operation.c.kind.in_([constant(kind) for kind in kinds]),
        operation.c.undone == ZERO,
    )


def _sums(moment: ColumnElement[str], units: ColumnElement[int]) -> Iterator[ColumnElement[int]]:
    """Yield what units come to from the one moment on and from the other."""
    for name in ("since", "lately"):
        yield total(case((moment >= bindparam(name), units), else_=ZERO)).label(name)


COMMON = [UsageQuery("", "", "", promised) for promised in (False, True)]
