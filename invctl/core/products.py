"""What products are: create, update, rename, archive, delete. Their stock changes in `stock`."""

from collections.abc import Callable, Mapping

from invctl.core.inventory import sku_rule
from invctl.core.labels import check_label, stored
from invctl.core.lookup import find_facts
from invctl.core.operations import mutate
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import HasHistory, ProductExists
from invctl.models import Attempt, Label, ProductChange
from invctl.repository import movements, operations, products
from invctl.repository.operations import Draft, Operation
from invctl.repository.products import Facts, Moved
from invctl.values import check_quantity, check_sku, check_text, optional_text

Changes = Mapping[str, object]
"""Which facts of a product change, and to what."""


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
    checked_name = check_text(name, "name")
    checked_description = optional_text(description, "description")
    point = _checked_reorder_point(reorder_point)
    check_quantity(quantity)
    label = check_label(Label(at=at))

    def work(session: Session, draft: Draft) -> ProductChange:
        _refuse_taken(session, new_sku)
        operation = operations.enter(session, draft)
        product, now = products.next_id(session), draft.recorded_at
        facts = (product, new_sku, checked_name, checked_description, quantity, point)
        products.add(session, (*facts, None, now, now))
        if quantity:
            opening = Moved(product, quantity)
            movements.append(session, operation, opening, quantity, stored(label, now))
        return _answer(session, operation, product)

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
    fields: dict[str, object] = {}
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

    def changes(session: Session, facts: Facts, _now: str) -> Changes:
        if facts.sku != new:
            _refuse_taken(session, new)
        return {"sku": new}

    return _change(db, "rename", sku, changes, attempt, {"new_sku": new_sku})


def archive_product(db: Database, sku: str, *, attempt: Attempt) -> ProductChange:
    """Hide a product and refuse changes of its stock; its history stays."""

    def changes(_session: Session, facts: Facts, now: str) -> Changes:
        return {"archived_at": facts.archived_at or now}

    return _change(db, "archive", sku, changes, attempt)


def unarchive_product(db: Database, sku: str, *, attempt: Attempt) -> ProductChange:
    """Bring an archived product back."""
    return _change(db, "unarchive", sku, lambda *_: {"archived_at": None}, attempt)


def delete_product(db: Database, sku: str, *, attempt: Attempt) -> ProductChange:
    """Delete a product that never had a movement, and return it as it was.

    Raises ProductNotFound or HasHistory.
    """

    def work(session: Session, draft: Draft) -> ProductChange:
        facts = find_facts(session, sku)
        count = movements.count_of_product(session, facts.id)
        if count:
            raise HasHistory(facts.sku, count)
        answer = _answer(session, operations.enter(session, draft), facts.id)
        products.delete(session, facts.id)
        return answer

    return mutate(db, "delete", attempt, lambda: {"sku": sku}, work)


def _change(
    db: Database,
    kind: str,
    sku: str,
    changes: Callable[[Session, Facts, str], Changes],
    attempt: Attempt,
    request: Mapping[str, object] | None = None,
) -> ProductChange:
    """Make some facts of a product what `changes` says, as one operation of `kind`.

    A row that has all those values already is left as it is, `updated_at` included.
    """

    def work(session: Session, draft: Draft) -> ProductChange:
        before = find_facts(session, sku)
        after = before._replace(**changes(session, before, draft.recorded_at))  # type: ignore[arg-type]
        if after != before:
            products.describe(session, after, draft.recorded_at)
        return _answer(session, operations.enter(session, draft), after.id)

    return mutate(db, kind, attempt, lambda: {"sku": sku, **(request or {})}, work)


def _answer(session: Session, operation: Operation, product: int) -> ProductChange:
    return ProductChange(*products.record(session, product), operation=operation.id)


def _refuse_taken(session: Session, sku: str) -> None:
    if products.find(session, sku) is not None:
        raise ProductExists(sku)


def _checked_reorder_point(reorder_point: int | None) -> int | None:
    return None if reorder_point is None else check_quantity(reorder_point, "reorder point")
