"""What is asked of movements: they are appended and read, and never changed."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from invctl.db.session import Row, Session, array, number, one_by_one
from invctl.repository import compiled
from invctl.repository.operations import Operation, Run
from invctl.repository.products import Found


class StoredLabel(NamedTuple):
    """What is said of a movement, as stored: texts in NFC, its time in UTC."""

    reason: str | None
    ref: str | None
    note: str | None
    occurred_at: str


COLUMNS = ("product_id", "delta", "quantity", "reason", "ref", "note", "occurred_at")
"""The columns of a movement in the order in which `append_all` takes them."""


def append(
    session: Session, operation: Operation, moved: Found, delta: int, label: StoredLabel
) -> None:
    """Write down the first movement of an operation, in no pot."""
    session.run(
        compiled.ADD_MOVEMENT,
        id=operation.first_movement,
        operation_id=operation.id,
        product_id=moved.id,
        delta=delta,
        quantity=moved.quantity,
        reason=label.reason,
        ref=label.ref,
        note=label.note,
        occurred_at=label.occurred_at,
    )


def append_all(
    session: Session, operation: int, rows: Sequence[Row], first: int, *, placed: bool
) -> None:
    """Write thousands of movements of an operation down, with ids from `first` on.

    Each has the values of COLUMNS, and where they are `placed` a pot (None: in none).
    """
    columns = (*COLUMNS, "pot_id") if placed else COLUMNS
    session.insert("movement", columns, rows, first=first, operation_id=operation)


def append_each(session: Session, rows: Sequence[Row]) -> None:
    """Write movements down: id, operation, the values of COLUMNS, and a pot (None: in none)."""
    columns = ("id", "operation_id", *COLUMNS, "pot_id")
    session.each(compiled.APPEND_EACH, columns, rows)


def latest(session: Session) -> int:
    """Return the id of the newest movement, 0 where there is none."""
    return number(session, compiled.LATEST_MOVEMENT)


def count_of_product(session: Session, product: int) -> int:
    """Return how many movements a product has had."""
    return number(session, compiled.MOVEMENTS_OF_PRODUCT, product=product)


def deltas(session: Session, moved: Run) -> Iterator[Sequence[Row]]:
    """Yield delta, SKU, reason, ref and pot of each movement of a run, those that took first."""
    return session.rows(compiled.DELTAS, first=moved.first, last=moved.last)


def sums(session: Session, moved: Run) -> Iterator[Row]:
    """Yield each product in a run of movements: its id, its SKU, a pot or None, the sum there."""
    return one_by_one(session, compiled.SUMS, first=moved.first, last=moved.last)


def doubtful_sums(session: Session, moved: Run) -> Iterator[Row]:
    """Yield the same of those products alone that may refuse to have it taken back."""
    return one_by_one(session, compiled.DOUBTFUL_SUMS, first=moved.first, last=moved.last)


def balances_before(session: Session, products: Collection[int], operation: int) -> dict[int, int]:
    """Return what there was of some products before an operation; none that never had moved."""
    numbers = array(products)
    return dict(
        one_by_one(session, compiled.BALANCES_BEFORE, products=numbers, operation=operation)
    )


def since(session: Session, product: int, moment: str) -> int:
    """Return the sum of what a product's movements say that happened after a moment."""
    return number(session, compiled.MOVED_SINCE, product=product, moment=moment)


def after(
    session: Session, products: Collection[int], moment: str
) -> Iterator[tuple[int, str, int, int | None]]:
    """Yield each movement of some products that happened after a moment.

    Of each its product, its time, its delta, and the pot that it was in (None: in none).
    """
    numbers = array(products)
    return one_by_one(session, compiled.MOVEMENTS_AFTER, products=numbers, moment=moment)
