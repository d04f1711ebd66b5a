"""What products are: create, update, rename, archive, delete. Their stock changes in `stock`."""

from collections.abc import Callable, Mapping, Sequence

from invctl.core.codes import changed, refuse_code
from invctl.core.fingerprints import asked_besides
from invctl.core.labels import check_label, stored
from invctl.core.lookup import find_facts, find_product
from invctl.core.operations import each_of, mutate, warn_once
from invctl.core.overdue import refuse_held
from invctl.core.upkeep.inventory import sku_rule
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import HasHistory, ProductExists, ProductNotFound, command
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.products import ProductChange
from invctl.models.several import Several
from invctl.repository import changes, codes, movements, operations, products, promises
from invctl.repository.changes import Change, differences
from invctl.repository.operations import Draft, Operation
from invctl.repository.products import Facts, Found
from invctl.values import (
    check_optional_quantity,
    check_quantity,
    check_sku,
    check_text,
    optional_text,
)

NewFacts = Mapping[str, object]
"""Which facts of a product change, and to what."""

Decide = Callable[[Session, Facts, Draft], NewFacts]

Differences = list[tuple[str, str, str | None, str | None]]
"""What changed, by CHANGE_FIELDS, for who asks for it; a retry is told nothing."""


def create_product(
    db: Database,
    sku: str,
    *,
    name: str,
    description: str | None = None,
    quantity: int = 0,
    reorder_point: int | None = None,
    reorder_to: int | None = None,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> ProductChange:
    """Create a product; opening stock moves. Raises InvalidValue, ProductExists, SkuIsCode."""
    rule = sku_rule(db)
    new_sku = check_sku(sku, rule)
    described = check_text(name, "name"), optional_text(description, "description")
    point = check_optional_quantity(reorder_point, "reorder_point")
    order_to = check_optional_quantity(reorder_to, "reorder_to")
    check_quantity(quantity)
    checked = check_label(label)

    def work(session: Session, draft: Draft) -> ProductChange:
        _refuse_taken(session, new_sku)
        operation = operations.enter(session, draft, movements=1 if quantity else 0, changes=1)
        refuse_code(session, new_sku, rule)  # in the turn that `enter` took: it stays so
        product, now = products.next_id(session), draft.recorded_at
        facts = (product, new_sku, *described, quantity, point, None, now, now, order_to, 0, 0)
        products.add(session, facts)
        changes.append(session, operation, [Change(product, new_sku, "sku", None, new_sku)])
        warn_once(db, _warning_of_order(new_sku, point, order_to))
        if quantity:
            opening = Found(product, new_sku, quantity)
            movements.append(session, operation, opening, quantity, stored(checked, now))
        return _answer(session, operation, product)

    request = {
        "sku": sku,
        "name": name,
        "description": description,
        "quantity": quantity,
        "reorder_point": reorder_point,
        "at": label.at,
        **asked_besides(reorder_to=reorder_to, **checked._replace(at=None)._asdict()),
    }
    return mutate(db, "create", attempt, lambda: request, work, label=checked)


def update_product(
    db: Database,
    sku: str,
    *,
    name: str | None = None,
    description: str | None = None,
    reorder_point: int | None = None,
    forget_reorder_point: bool = False,
    reorder_to: int | None = None,
    forget_reorder_to: bool = False,
    told: Differences | None = None,
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
        fields["reorder_point"] = check_optional_quantity(reorder_point, "reorder_point")
    if reorder_to is not None or forget_reorder_to:
        fields["reorder_to"] = check_optional_quantity(reorder_to, "reorder_to")
    request = {
        "name": name,
        "description": description,
        "reorder_point": reorder_point,
        "forget_reorder_point": forget_reorder_point,
        **asked_besides(reorder_to=reorder_to, forget_reorder_to=forget_reorder_to or None),
    }

    def decide(_session: Session, facts: Facts, _draft: Draft) -> NewFacts:
        after = {**facts._asdict(), **fields}
        warn_once(db, _warning_of_order(facts.sku, after["reorder_point"], after["reorder_to"]))
        return fields

    return _change(db, "update", sku, decide, attempt, request, told=told)


def _warning_of_order(sku: str, point: int | None, order_to: int | None) -> str | None:
    """Return what to say of a product of which never enough is ordered."""
    if point is None or order_to is None or order_to > point:
        return None
    return f"{sku} is low at {point}, and with {order_to} ordered up to it would stay low"


def rename_product(
    db: Database, sku: str, new_sku: str, *, told: Differences | None = None, attempt: Attempt
) -> ProductChange:
    """Give a product another SKU; its history stays with it.

    Raises InvalidValue, ProductNotFound, ProductExists or SkuIsCode.
    """
    rule = sku_rule(db)
    new = check_sku(new_sku, rule)

    def decide(session: Session, facts: Facts, _draft: Draft) -> NewFacts:
        if facts.sku != new:
            _refuse_taken(session, new, renaming=True)
            session.take_turn()  # in which nobody else makes a code of it
            refuse_code(session, new, rule)
        return {"sku": new}

    return _change(db, "rename", sku, decide, attempt, {"new_sku": new_sku}, told=told)


def archive_product(
    db: Database, sku: str, *, told: Differences | None = None, attempt: Attempt
) -> ProductChange:
    """Hide a product and refuse changes of its stock; its history stays.

    Raises UnitsHeld where some of it is promised to somebody.
    """
    return _change(db, "archive", sku, _hidden, attempt, told=told)


def archive_products(
    db: Database, skus: Sequence[str], *, told: Differences | None = None, attempt: Attempt
) -> list[ProductChange]:
    """Hide several products as one operation: all of them, or none."""
    return _change_all(db, "archive", skus, _hidden, attempt, told=told)


def unarchive_product(
    db: Database, sku: str, *, told: Differences | None = None, attempt: Attempt
) -> ProductChange:
    """Bring an archived product back."""
    return _change(db, "unarchive", sku, _brought_back, attempt, told=told)


def unarchive_products(
    db: Database, skus: Sequence[str], *, told: Differences | None = None, attempt: Attempt
) -> list[ProductChange]:
    """Bring several archived products back as one operation."""
    return _change_all(db, "unarchive", skus, _brought_back, attempt, told=told)


def _hidden(session: Session, facts: Facts, draft: Draft) -> NewFacts:
    refuse_held(session, draft, facts)
    return {"archived_at": facts.archived_at or draft.recorded_at}  # a second time changes nothing


def _brought_back(_session: Session, _facts: Facts, _draft: Draft) -> NewFacts:
    return {"archived_at": None}


def delete_product(db: Database, sku: str, *, attempt: Attempt) -> ProductChange:
    """Delete a product that never had a movement, and return it as it was.

    Raises ProductNotFound or HasHistory.
    """

    def work(session: Session, draft: Draft) -> ProductChange:
        facts = find_facts(session, sku)
        count = movements.count_of_product(session, facts.id)
        promised = promises.count_of_product(session, facts.id)
        if count or promised:
            raise HasHistory(facts.sku, count, promised)
        session.take_turn()  # else somebody else may remove them before they go with it
        coded = codes.of_product(session, facts.id)
        gone = [*differences(facts, None), *(changed(one, None) for one in coded)]
        operation = operations.enter(session, draft, changes=len(gone))
        changes.append(session, operation, gone)
        # Told as long as it is there; then goes what points to it, or its foreign keys forbid it.
        answer = _answer(session, operation, facts.id)
        codes.remove_all(session, facts.id)
        from invctl.repository import places

        places.forget(session, facts.id)
        products.delete(session, facts.id)
        return answer

    return mutate(db, "delete", attempt, lambda: {"sku": sku}, work)


def _change(
    db: Database,
    kind: str,
    sku: str,
    decide: Decide,
    attempt: Attempt,
    request: Mapping[str, object] | None = None,
    *,
    told: Differences | None = None,
) -> ProductChange:
    """Make some facts of a product what `decide` says, as one operation of `kind`."""

    def work(session: Session, draft: Draft) -> ProductChange:
        before = find_facts(session, sku)
        operation = _make(session, draft, [before], decide, told)
        return _answer(session, operation, before.id)

    return mutate(db, kind, attempt, lambda: {"sku": sku, **(request or {})}, work)


def _change_all(
    db: Database,
    kind: str,
    skus: Sequence[str],
    decide: Decide,
    attempt: Attempt,
    *,
    told: Differences | None = None,
) -> list[ProductChange]:
    """Make facts of products what `decide` says; each is told once, in the order of `skus`."""

    def work(session: Session, draft: Draft) -> Several[ProductChange]:
        wanted = dict.fromkeys(find_product(session, sku).sku for sku in skus)
        # They are locked together, in an order that is everybody's.
        found = {facts.sku: facts for facts in products.load_facts(session, wanted)}
        if missing := wanted.keys() - found.keys():  # renamed or deleted at this very moment
            raise ProductNotFound(min(missing))
        operation = _make(session, draft, list(found.values()), decide, told)
        answers = [_answer(session, operation, found[sku].id) for sku in wanted]
        return Several(operation.id, answers)

    return each_of(mutate(db, kind, attempt, lambda: {"skus": list(skus)}, work))


def _make(
    session: Session,
    draft: Draft,
    found: Sequence[Facts],
    decide: Decide,
    told: Differences | None,
) -> Operation:
    """Make facts of products that are locked what `decide` says; return the operation."""
    made: list[Change] = []
    for before in found:
        after = before._replace(**decide(session, before, draft))  # type: ignore[arg-type]
        # What was so already keeps its `updated_at`, too.
        if differing := list(differences(before, after)):
            products.describe(session, after, draft.recorded_at)
            made += differing
    operation = operations.enter(session, draft, changes=len(made))
    changes.append(session, operation, made)
    if told is not None:
        told[:] = [(one.sku, one.field, one.before, one.after) for one in made]
    return operation


def _answer(session: Session, operation: Operation, product: int) -> ProductChange:
    found = products.record(session, product)
    return ProductChange(**found._asdict(), operation=operation.id)


def _refuse_taken(session: Session, sku: str, *, renaming: bool = False) -> None:
    """Raise ProductExists for a SKU that there is; who renames another wants no fact changed."""
    if (taken := products.find(session, sku)) is not None:
        error = ProductExists(sku, archived=taken.archived_at is not None)
        if renaming:
            error.hint = f"{command('product', 'show', sku)} shows it"
        raise error
