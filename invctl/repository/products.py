"""What is asked of products, and the one statement that changes what is in stock of one."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from invctl.db.session import Row, Session, array, first_value, number, one_by_one
from invctl.repository import compiled, promises
from invctl.repository.operations import Run, runs

if TYPE_CHECKING:
    from invctl.models.products import Product


class Found(NamedTuple):
    """A product's stock, as a mutation has found it, or has made it."""

    id: int
    sku: str
    quantity: int
    held: int = 0
    placed: int = 0
    reorder_point: int | None = None
    archived_at: str | None = None
    units: int = 1
    """How many units an amount of 1 means: what one scan is worth where a code was typed."""


class Facts(NamedTuple):
    """A product with what is said of it."""

    id: int
    sku: str
    quantity: int
    name: str
    description: str | None
    reorder_point: int | None
    archived_at: str | None
    reorder_to: int | None
    created_at: str
    held: int = 0
    placed: int = 0


def find(session: Session, sku: str, *, lock: bool = False) -> Found | None:
    """Return the product of a SKU; with `lock` nobody else changes it meanwhile."""
    row = session.one(compiled.LOCK_PRODUCT if lock else compiled.FIND_PRODUCT, sku=sku)
    return None if row is None else Found(*row)


def facts(session: Session, sku: str) -> Facts | None:
    """Return the product of a SKU with what is said of it; nobody else changes it meanwhile."""
    row = session.one(compiled.LOCK_FACTS, sku=sku)
    return None if row is None else Facts._make(row)


def load(session: Session, skus: Collection[str], *, lock: bool = True) -> list[Found]:
    """Return the products among some SKUs, in order of id; nobody else changes them meanwhile.

    Without `lock` they are only looked at.
    """
    statement = compiled.LOAD_PRODUCTS if lock else compiled.SEE_PRODUCTS
    return [Found(*row) for row in one_by_one(session, statement, skus=array(skus))]


def load_facts(session: Session, skus: Collection[str]) -> list[Facts]:
    """Return the products among some SKUs with what is said of them, in order of id, locked."""
    return [Facts._make(row) for row in one_by_one(session, compiled.LOAD_FACTS, skus=array(skus))]


def record(session: Session, product: int, *, as_of: str | None = None) -> "Product":
    """Return a product's record; with `as_of` its quantity is the sum of deltas until then."""
    if as_of is None:
        row = session.one(compiled.PRODUCT, product=product)
    else:
        row = session.one(compiled.PRODUCT_AS_OF, product=product, as_of=as_of)
    assert row is not None, "a product that was found has a record"
    return _record(session, product, row)


def records(session: Session, skus: Collection[str]) -> "dict[str, Product]":
    """Return the records of the products among some SKUs, by SKU."""
    # All of them, before another question.
    found = list(one_by_one(session, compiled.PRODUCTS, skus=array(skus)))
    return {sku: _record(session, product, (sku, *rest)) for product, sku, *rest in found}


def _record(session: Session, product: int, row: Row) -> "Product":
    from invctl.models.products import Product

    found = Product._make(row)
    # SQLite has no booleans.
    found = found._replace(archived=bool(found.archived), low=bool(found.low))
    # What a hold has that is overdue is free for everybody (§8), though nobody has closed it yet.
    overdue = promises.overdue(session, product) if found.held else 0
    return _freed(found, overdue) if overdue else found


def _freed(found: "Product", overdue: int) -> "Product":
    """Return a product of which some units were promised until now."""
    available, point = found.available + overdue, found.reorder_point
    low = point is not None and available + found.expected <= point
    return found._replace(held=found.held - overdue, available=available, low=low)


def neighbours(session: Session, sku: str, most: int) -> Iterator[str]:
    """Yield the SKUs around one, `most` from it on and as many before it."""
    for statement in (compiled.SKUS_FROM, compiled.SKUS_BEFORE):
        yield from (row[0] for row in one_by_one(session, statement, sku=sku, most=most))


def move(
    session: Session, sku: str, by: int, now: str, *, held_by: int = 0, placed_by: int = 0
) -> Found | None:
    """Move `by` units of an active product, promise `held_by` more, and place `placed_by` more.

    Only if it has them: the guard is in the UPDATE itself, so it holds whoever else writes. None:
    it refused.
    """
    row = session.one(compiled.MOVE, sku=sku, by=by, held_by=held_by, placed_by=placed_by, now=now)
    return None if row is None else Found(*row)


def settle(session: Session, changed: Sequence[Row], *, placed: bool = False) -> None:
    """Make quantities what they must be: each now, at what time, of which product, and as seen.

    With `placed` also what of it lies in places, which stands behind the quantity. They were seen
    under a lock, so one that is another by now is a bug.
    """
    columns = ("now", *(["now_placed"] if placed else []), "at", "product", "seen")
    statement = compiled.SETTLE_PLACED if placed else compiled.SETTLE
    settled = session.each(statement, columns, changed)
    assert settled == len(changed), f"{len(changed) - settled} quantities changed under a lock"


def next_id(session: Session) -> int:
    """Return the id of the next new product, which is this transaction's to give in its turn."""
    return number(session, compiled.NEXT_PRODUCT)


COLUMNS = (
    "id", "sku", "name", "description", "quantity", "reorder_point", "archived_at", "created_at",
    "updated_at", "reorder_to", "held", "placed",
)  # fmt: skip
"""The columns of a product in the order in which `add_all` takes them."""


def row_of(facts: Facts, now: str) -> Row:
    """Return a product without stock as `add` takes it."""
    return (
        facts.id, facts.sku, facts.name, facts.description, 0, facts.reorder_point,
        facts.archived_at, facts.created_at, now, facts.reorder_to, 0, 0,
    )  # fmt: skip


def add(session: Session, row: Row) -> None:
    """Insert a new product, with the values of COLUMNS."""
    session.run(compiled.ADD_PRODUCT, **dict(zip(COLUMNS, row, strict=True)))


def add_all(session: Session, rows: Sequence[Row]) -> None:
    """Insert new products, with the values of COLUMNS."""
    session.insert("product", COLUMNS, rows)


def describe(session: Session, facts: Facts, now: str) -> None:
    """Make a product's SKU and what is said of it what `facts` says; its quantity stays."""
    session.run(
        compiled.DESCRIBE,
        product=facts.id,
        sku=facts.sku,
        name=facts.name,
        description=facts.description,
        reorder_point=facts.reorder_point,
        archived_at=facts.archived_at,
        reorder_to=facts.reorder_to,
        updated_at=now,
    )


def describe_all(session: Session, facts: Sequence[Facts], now: str) -> None:
    """Make what is said of products what `facts` says; their SKUs and quantities stay."""
    columns = (
        "new_name", "new_description", "new_reorder_point", "new_archived_at", "new_reorder_to",
        "at", "product",
    )  # fmt: skip
    rows = [
        (one.name, one.description, one.reorder_point, one.archived_at, one.reorder_to, now, one.id)
        for one in facts
    ]
    session.each(compiled.DESCRIBE_EACH, columns, rows)


def delete(session: Session, product: int) -> None:
    """Delete a product that has no movements."""
    session.run(compiled.DELETE_PRODUCT, product=product)


def active(session: Session) -> Iterator[Sequence[Found]]:
    """Yield the products that are not archived, in order of id; nobody else changes them."""
    for rows in session.rows(compiled.LOAD_ACTIVE):
        yield [Found(*row) for row in rows]


def load_by_ids(session: Session, ids: Collection[int]) -> list[Found]:
    """Return the products of some ids that are not archived, in order of id, locked."""
    return [Found(*row) for row in one_by_one(session, compiled.LOAD_BY_IDS, products=array(ids))]


def first_placed(session: Session) -> str | None:
    """Return the SKU of a product that lies in places, if there is one that is not archived."""
    return first_value(session, compiled.FIRST_PLACED)


def active_skus(session: Session) -> Iterator[tuple[int, str]]:
    """Yield the id and the SKU of each product that is not archived, in order of SKU."""
    return ((int(row[0]), str(row[1])) for row in one_by_one(session, compiled.ACTIVE_SKUS))


def lock_all(session: Session) -> None:
    """Keep others from every product until the transaction ends."""
    session.lock(compiled.LOCK_ALL)


def lock_run(session: Session, moved: Run, changed: Run) -> None:
    """Keep others from the products that an operation moved or changed."""
    session.lock(compiled.LOCK_RUN, **runs(moved, changed))


def count_in(session: Session, moved: Run, changed: Run) -> int:
    """Return how many products the movements of a run and the changes of another are of."""
    return number(session, compiled.PRODUCTS_IN_RUNS, **runs(moved, changed))


def find_by_id(session: Session, product: int) -> Facts | None:
    """Return a product with what is said of it, which is locked already."""
    row = session.one(compiled.FACTS_BY_ID, product=product)
    return None if row is None else Facts._make(row)


def facts_of(session: Session, ids: Collection[int]) -> dict[int, Facts]:
    """Return the products of some ids that are still there, by id, with what is said of them."""
    found = one_by_one(session, compiled.FACTS_BY_IDS, products=array(ids)) if ids else ()
    return {row[0]: Facts._make(row) for row in found}


def renamed_to(session: Session, sku: str) -> str | None:
    """Return the SKU that a product has now which had another one until a rename."""
    return first_value(session, compiled.RENAMED, sku=sku)


def lock_skus(session: Session, skus: Callable[[], Iterable[str]]) -> None:
    """Keep others from the products among some SKUs, asked for only where that matters."""
    session.lock_among(compiled.LOCK_STAGED, "sku", skus)
