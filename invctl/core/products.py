"""What products are: create, update, rename, archive, delete. Their stock changes in `stock`."""

from collections.abc import Callable, Mapping
from typing import cast

from sqlalchemy import Connection, bindparam, delete, false, func, insert, or_, select, update

from invctl.core.catalog import record
from invctl.core.inventory import sku_rule
from invctl.core.lookup import Found, find_product
from invctl.core.operations import Operation, mutate
from invctl.core.stock import check_label, post
from invctl.db.database import Database
from invctl.db.schema import movement, product
from invctl.errors import HasHistory, ProductExists
from invctl.models import Attempt, Label, ProductChange, ProductRow
from invctl.values import check_quantity, check_sku, check_text, optional_text

_BY_ID = select(*record()).where(product.c.id == bindparam("product"))
_TAKEN = select(product.c.id).where(product.c.sku == bindparam("sku"))
_MOVEMENTS = (
    select(func.count()).select_from(movement).where(movement.c.product_id == bindparam("product"))
)

Fields = dict[str, object]


def create_product(
    db: Database,
    sku: str,
    *,
    name: str,
    description: str | None = None,
    quantity: int = 0,
    reorder_point: int | None = None,
    at: str | None = None,
    attempt: Attempt,
) -> ProductChange:
    """Create a product; its opening stock is its first movement.

    Raises InvalidValue, ProductExists.
    """
    new_sku = check_sku(sku, sku_rule(db))
    fields = {
        "sku": new_sku,
        "name": check_text(name, "name"),
        "description": optional_text(description, "description"),
        "reorder_point": _checked_reorder_point(reorder_point),
    }
    check_quantity(quantity)
    label = check_label(Label(at=at))

    def work(connection: Connection, operation: Operation) -> ProductChange:
        _refuse_taken(connection, new_sku)
        operation.begin()  # from here on the ids are this one's to give
        times = {"created_at": operation.recorded_at, "updated_at": operation.recorded_at}
        made = connection.execute(
            insert(product).returning(product.c.id), {**fields, "quantity": 0, **times}
        )
        if quantity:
            post(connection, operation, new_sku, quantity, label)
        return _answer(connection, operation, made.scalar_one())

    request = {
        "sku": sku,
        "name": name,
        "description": description,
        "quantity": quantity,
        "reorder_point": reorder_point,
        "at": at,
    }
    return mutate(db, "create", attempt, lambda: request, work)


def update_product(
    db: Database,
    sku: str,
    *,
    name: str | None = None,
    description: str | None = None,
    reorder_point: int | None = None,
    forget_reorder_point: bool = False,
    attempt: Attempt,
) -> ProductChange:
    """Change what is said of a product; what is None stays, an empty description goes.

    Raises InvalidValue or ProductNotFound.
    """
    fields: Fields = {}
    if name is not None:
        fields["name"] = check_text(name, "name")
    if description is not None:
        fields["description"] = optional_text(description, "description")
    if reorder_point is not None or forget_reorder_point:
        fields["reorder_point"] = _checked_reorder_point(reorder_point)
    request = {
        "name": name,
        "description": description,
        "reorder_point": reorder_point,
        "forget_reorder_point": forget_reorder_point,
    }
    return _change(db, "update", sku, lambda *_: fields, attempt, request)


def rename_product(db: Database, sku: str, new_sku: str, *, attempt: Attempt) -> ProductChange:
    """Give a product another SKU; its history stays with it.

    Raises InvalidValue, ProductNotFound or ProductExists.
    """
    new = check_sku(new_sku, sku_rule(db))

    def changes(connection: Connection, found: Found, _now: str) -> Fields:
        if found.sku != new:
            _refuse_taken(connection, new)
        return {"sku": new}

    return _change(db, "rename", sku, changes, attempt, {"new_sku": new_sku})


def archive_product(db: Database, sku: str, *, attempt: Attempt) -> ProductChange:
    """Hide a product and refuse changes of its stock; its history stays."""

    def changes(_connection: Connection, found: Found, now: str) -> Fields:
        return {"archived_at": found.archived_at or now}

    return _change(db, "archive", sku, changes, attempt)


def unarchive_product(db: Database, sku: str, *, attempt: Attempt) -> ProductChange:
    """Bring an archived product back."""
    return _change(db, "unarchive", sku, lambda *_: {"archived_at": None}, attempt)


def delete_product(db: Database, sku: str, *, attempt: Attempt) -> ProductChange:
    """Delete a product that never had a movement, and return it as it was.

    Raises ProductNotFound or HasHistory.
    """

    def work(connection: Connection, operation: Operation) -> ProductChange:
        found = find_product(connection, sku, lock=True)
        count = connection.execute(_MOVEMENTS, {"product": found.id}).scalar_one()
        if count:
            raise HasHistory(found.sku, count)
        answer = _answer(connection, operation, found.id)
        connection.execute(delete(product).where(product.c.id == found.id))
        return answer

    return mutate(db, "delete", attempt, lambda: {"sku": sku}, work)


def _change(
    db: Database,
    kind: str,
    sku: str,
    changes: Callable[[Connection, Found, str], Fields],
    attempt: Attempt,
    request: Mapping[str, object] | None = None,
) -> ProductChange:
    """Set a product's fields to what `changes` says, as one operation of `kind`.

    A row that has all those values already is left as it is, `updated_at` included.
    """

    def work(connection: Connection, operation: Operation) -> ProductChange:
        found = find_product(connection, sku, lock=True)
        fields = changes(connection, found, operation.recorded_at)
        differs = or_(false(), *(product.c[name].is_distinct_from(fields[name]) for name in fields))
        connection.execute(
            update(product)
            .where(product.c.id == found.id, differs)
            .values(**fields, updated_at=operation.recorded_at)
        )
        return _answer(connection, operation, found.id)

    return mutate(db, kind, attempt, lambda: {"sku": sku, **(request or {})}, work)


def _answer(connection: Connection, operation: Operation, product_id: int) -> ProductChange:
    row = connection.execute(_BY_ID, {"product": product_id}).one()
    return ProductChange(*cast("ProductRow", row), operation=operation.id)


def _refuse_taken(connection: Connection, sku: str) -> None:
    if connection.execute(_TAKEN, {"sku": sku}).first() is not None:
        raise ProductExists(sku)


def _checked_reorder_point(reorder_point: int | None) -> int | None:
    return None if reorder_point is None else check_quantity(reorder_point, "reorder point")
