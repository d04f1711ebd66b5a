"""What is asked of changes: what was done to products besides moving their stock, counts included.

They are appended and read, and never changed.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from invctl.db.session import Session, array, first_value, one_by_one
from invctl.repository import compiled
from invctl.repository.operations import Operation, Run
from invctl.repository.products import Facts

COUNTED = "counted"
"""The field of a count: what the book said, and what was counted."""
COUNTED_OUTSIDE = "counted outside"
"""That of a count of what of a product is in no place, where the rest of it lies in some."""
CODE = "code"
"""The field of a change that is about a code: `6*CODE` where a scan means six units."""
PLACE = "place"
"""The field of a change that is about a place: its names."""


class Change(NamedTuple):
    """A field of a product before and after; `occurred_at` is the moment of a count."""

    product: int
    sku: str
    field: str
    before: str | None
    after: str | None
    occurred_at: str | None = None


class Count(NamedTuple):
    """A count that is in effect: by which operation, and of which moment."""

    operation: int
    occurred_at: str


_COLUMNS = ("product_id", "sku", "field", "before", "after", "occurred_at")


def is_count(change: Change) -> bool:
    """Return whether a change is a count, of a product or of a pot."""
    return change.field.startswith(COUNTED)


def field_of_pot(pot: int) -> str:
    """Return the field that the counts of a pot have."""
    return f"{COUNTED} {pot}"


def count_of(product: int, sku: str, book: int, counted: int, moment: str) -> Change:
    """Return the change that a count is."""
    return Change(product, sku, COUNTED, str(book), str(counted), moment)


def place_named(before: str, after: str | None) -> Change:
    """Return the change that another name of a place is, or its end: it is of no product."""
    return Change(0, "", PLACE, before, after)


FIELDS = ("sku", "name", "description", "reorder_point", "reorder_to", "archived_at")
"""What can change of a product besides its stock."""


def differences(before: Facts | None, after: Facts | None) -> Iterator[Change]:
    """Yield what changed of a product; with none before or after it, that is all of it."""
    known = after or before
    assert known is not None
    # When it was made is told where it comes or goes: an undo makes it anew, as old as it was.
    for field in FIELDS if before and after else (*FIELDS, "created_at"):
        was, now = getattr(before, field, None), getattr(after, field, None)
        if was != now:
            yield Change(known.id, known.sku, field, _as_text(was), _as_text(now))


def called(field: str) -> str:
    """Return the name by which records have a field of a product."""
    return "archived" if field == "archived_at" else field


def value_of(facts: Facts | None, field: str) -> str | None:
    """Return a field of a product as a change tells it."""
    return _as_text(getattr(facts, field, None))


def _as_text(value: object) -> str | None:
    return None if value is None else str(value)


def with_value(facts: Facts, field: str, value: str | None) -> Facts:
    """Return a product with a field as a change tells it."""
    if value is not None and field in ("reorder_point", "reorder_to"):
        return facts._replace(**{field: int(value)})  # type: ignore[arg-type]
    return facts._replace(**{field: value})  # type: ignore[arg-type]


def append(session: Session, operation: Operation, changes: Sequence[Change]) -> None:
    """Write an operation's changes down."""
    for number, change in enumerate(changes, operation.first_change):
        session.run(
            compiled.ADD_CHANGE,
            id=number,
            operation_id=operation.id,
            **dict(zip(_COLUMNS, change, strict=True)),
        )


def append_all(session: Session, operation: int, changes: Sequence[Change], first: int) -> None:
    """Write thousands of changes of an operation down, with ids from `first` on."""
    session.insert("change", _COLUMNS, changes, first=first, operation_id=operation)


def append_each(session: Session, rows: Sequence[tuple[object, ...]]) -> None:
    """Write changes of several operations down: id, operation, and what a Change says."""
    session.each(compiled.ADD_CHANGE_EACH, ("id", "operation_id", *_COLUMNS), rows)


def of_run(session: Session, changed: Run) -> Iterator[Sequence[Change]]:
    """Yield the changes of a run, the last one first."""
    for rows in session.rows(compiled.CHANGES_OF_RUN, first=changed.first, last=changed.last):
        yield [Change._make(row) for row in rows]


def last_count(session: Session, product: int) -> Count | None:
    """Return the newest count of a product that is in effect."""
    row = session.one(compiled.LAST_COUNT, product=product)
    return None if row is None else Count._make(row)


def last_counts(session: Session, products: Collection[int]) -> dict[int, str]:
    """Return when some products were last counted; those that never were are left out."""
    return dict(one_by_one(session, compiled.LAST_COUNTS, products=array(products)))


def last_counts_in_pots(session: Session, products: Collection[int]) -> dict[tuple[int, str], str]:
    """Return when some products and their pots were last counted, by product and field."""
    found = one_by_one(session, compiled.LAST_COUNTS_IN_POTS, products=array(products))
    return {(product, field): moment for product, field, moment in found}


def counted_after(session: Session, operation: int) -> dict[int, tuple[str, int]]:
    """Return the products counted after an operation: of each its SKU, and by which operation."""
    found = one_by_one(session, compiled.COUNTED_AFTER, operation=operation)
    return {product: (sku, counted_by) for product, sku, counted_by in found}


def is_creation_undone(session: Session, product: int) -> bool:
    """Return whether the operation that made a product is not in effect any more."""
    return bool(first_value(session, compiled.CREATION_UNDONE, product=product))
