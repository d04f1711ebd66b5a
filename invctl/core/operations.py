"""One mutation: one transaction, one operation, one answer, and the same answer to a retry."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from invctl.core.fingerprints import request_hash
from invctl.core.lookup import advised, sku_rule_of
from invctl.db.database import Database
from invctl.db.session import LONGEST_ANSWER, Session
from invctl.errors import (
    InventoryError,
    KeyReused,
    UsageError,
)
from invctl.models import (
    NO_LABEL,
    Attempt,
    BatchChange,
    BatchUndo,
    Change,
    CodeChange,
    DeliveryChange,
    HoldChange,
    ImportChange,
    Label,
    PlaceChange,
    Product,
    ProductChange,
    Several,
    StockChange,
    StockUndo,
)
from invctl.repository import operations, products
from invctl.repository.operations import Draft, Earlier
from invctl.times import now_text
from invctl.values import check_text

if TYPE_CHECKING:
    from invctl.core.reports import LineReport

C = TypeVar("C", bound=Change)
P = TypeVar("P", HoldChange, DeliveryChange, StockChange, ProductChange)

_ANSWERS = {
    kind.__name__: kind
    for kind in (
        ProductChange, StockChange, BatchChange, ImportChange, CodeChange, StockUndo, BatchUndo,
        HoldChange, DeliveryChange, Several, PlaceChange,
    )
}  # fmt: skip
_TYPE, _OF, _LINES, _PRODUCT = "answer", "of", "told", "product"
"""The keys of a stored answer: which it is, of what there are several, its lines, its product."""


def mutate(
    db: Database,
    kind: str,
    attempt: Attempt,
    request: Callable[[], object],
    work: Callable[[Session, Draft], C],
    *,
    label: Label = NO_LABEL,
    file_hash: str | None = None,
    many: bool = False,
    report: "LineReport[Any, Any] | None" = None,
) -> C:
    """Do `work` once as an operation of `kind`, and return its answer.

    With a key that was used before, return the first answer again and do nothing. `request`
    returns what makes two requests the same one; it is asked only where there is a key. `label` is
    the operation's, checked. `many` is what it is for `Database.write`. What the `work` puts into a
    `report` of lines is kept with the answer, and put there again. Raises KeyReused where the key
    belongs to another request.
    """
    checked = check_attempt(attempt)

    def once(session: Session) -> C:
        if report is not None:
            report.restart()
        draft = Draft(
            kind, checked.actor, checked.key, now_text(), label.reason, label.ref, file_hash,
            rehearsed=attempt.dry_run,
        )  # fmt: skip
        if checked.key is None:
            return work(session, draft)
        return _keyed(session, draft, checked, request, work, report)

    said = len(db.warnings)
    try:
        repeatable = checked.key is not None and not attempt.dry_run
        answer = db.write(once, dry_run=attempt.dry_run, many=many, repeatable=repeatable)
    except InventoryError as error:
        del db.warnings[said:]  # they tell of what was not done
        told = advised(db, error) if attempt.advises else error
        if told is error:
            raise
        raise told from error
    return cast("C", answer._replace(dry_run=True)) if attempt.dry_run else answer


def check_attempt(attempt: Attempt) -> Attempt:
    """Return an attempt with its texts as they are stored. Raises InvalidValue."""
    key = None if attempt.key is None else check_text(attempt.key, "idempotency key")
    actor = check_text(attempt.actor, "actor")
    if (actor, key) == (attempt.actor, attempt.key):
        return attempt
    return attempt._replace(actor=actor, key=key)


def _keyed(
    session: Session,
    draft: Draft,
    attempt: Attempt,
    request: Callable[[], object],
    work: Callable[[Session, Draft], C],
    report: "LineReport[Any, Any] | None",
) -> C:
    """Do `work` unless it was done before under its key; answer the same in either case."""
    key = attempt.key
    assert key is not None
    repeated = earlier_answer(session, draft.kind, key, request, report)
    if repeated is not None:
        return cast("C", repeated)
    try:
        answer = work(session, draft)
    except InventoryError:
        # On a server this very request may have been done meanwhile, and be what refuses it.
        repeated = earlier_answer(session, draft.kind, key, request, report)
        if repeated is None:
            raise
        return cast("C", repeated)
    assert answer.operation is not None, "what has a key is an operation"
    made = request_hash(draft.kind, request(), sku_rule_of(session))
    left = _left(session, answer) if attempt.keeps_product else None
    kept = stored_answer(answer, report.lines if report is not None else None, left)
    if report is not None and len(kept) > LONGEST_ANSWER:
        kept = stored_answer(answer)  # and the books tell what the lines did
    if len(kept) > LONGEST_ANSWER:
        raise UsageError("that is more than one key can answer a retry for", "do it in parts")
    operations.conclude(session, answer.operation, made, kept)
    return answer


def _left(session: Session, answer: Change) -> Product | None:
    """Return the product that a change of stock has left."""
    if not isinstance(answer, StockChange):
        return None
    return products.records(session, [answer.sku]).get(answer.sku)


def earlier_answer(
    session: Session,
    kind: str,
    key: str,
    request: Callable[[], object],
    report: "LineReport[Any, Any] | None" = None,
) -> Change | None:
    """Return what a request was answered when it was made before; None if it was not.

    What its lines did goes into a `report`, where that is asked for.
    Raises KeyReused.
    """
    earlier = operations.earlier(session, key)
    if earlier is None:
        return None
    if earlier.request_hash != request_hash(kind, request(), sku_rule_of(session)):
        raise KeyReused(key)
    answer = read_answer(earlier)
    if report is not None:
        report.tell_again(session, json.loads(earlier.result).get(_LINES), answer)
    return answer._replace(replayed=True)


def stored_answer(
    answer: Change, lines: Sequence[object] | None = None, left: Product | None = None
) -> str:
    """Return an answer as the JSON that is kept for a retry.

    With it what `lines` of a file did, or the product that it has `left`.
    """
    record = {_TYPE: type(answer).__name__, **answer._asdict()}
    if lines is not None:
        record[_LINES] = lines
    if left is not None:
        record[_PRODUCT] = left
    if isinstance(answer, Several) and answer.changes:
        record[_OF] = type(answer.changes[0]).__name__
    return json.dumps(record, ensure_ascii=False)


def read_answer(earlier: Earlier) -> Change:
    """Return an answer that was kept; what it did not know yet is None."""
    record = json.loads(earlier.result)
    name = record.pop(_TYPE, None) or _untold_type(record)
    record.pop(_LINES, None)
    record.pop(_PRODUCT, None)
    if _OF in record:
        kind = _ANSWERS[record.pop(_OF)]
        record["changes"] = [kind._make(one) for one in record["changes"]]
    if earlier.kind == "undo":  # in version 1 it answered as what it undid
        name = {"StockChange": "StockUndo", "BatchChange": "BatchUndo"}.get(name, name)
    return _ANSWERS[name](**record)


def products_left(
    db: Database, changes: Sequence[tuple[StockChange, str | None]]
) -> list[Product | None]:
    """Return the product that each change of stock has left, as it was kept under its key.

    Where it was not it is the product of now, None where that is gone.
    """
    keys = {key for _, key in changes if key is not None}
    with db.read() as session:
        found = operations.kept_under(session, keys) if keys else {}
        rows = {key: json.loads(one.result).get(_PRODUCT) for key, one in found.items()}
        kept = {key: Product._make(row) for key, row in rows.items() if row is not None}
        others = {one.sku for one, key in changes if key not in kept}
        present = products.records(session, others) if others else {}
    return [kept[key] if key in kept else present.get(one.sku) for one, key in changes]


def is_used(db: Database, key: str | None) -> bool:
    """Return whether something was done under a key: then what is asked for may be a retry."""
    if key is None:
        return False
    with db.read() as session:
        return bool(operations.kept_under(session, {key}))


def _untold_type(record: Mapping[str, object]) -> str:
    """Return which answer a record is of version 1, which did not tell."""
    told = {"delta": StockChange, "lines": BatchChange, "created": ImportChange}
    return next((kind.__name__ for name, kind in told.items() if name in record), "ProductChange")


def each_of(done: Several[P]) -> list[P]:
    """Return what was done to each of several things, and whether that was before, or rehearsed."""
    again, dry_run = done.replayed, done.dry_run
    return [one._replace(replayed=again, dry_run=dry_run) for one in done.changes]


def warn_once(db: Database, *warnings: str | None) -> None:
    """Say something of what was done; the work may be done again, and each is still said once."""
    for one in warnings:
        if one is not None and one not in db.warnings:
            db.warnings.append(one)
