"""One mutation: one transaction, one operation, one answer, and the same answer to a retry."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from invctl.core.fingerprints import request_hash
from invctl.core.lookup import sku_rule_of
from invctl.db.database import Database
from invctl.db.session import LONGEST_ANSWER, Session
from invctl.errors import InventoryError, UsageError
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.repository import operations
from invctl.repository.operations import Draft
from invctl.times import now_text
from invctl.values import check_text

if TYPE_CHECKING:
    from invctl.core.reports import LineReport
    from invctl.models.answers import Answer
    from invctl.models.products import ProductChange
    from invctl.models.promises import DeliveryChange, HoldChange
    from invctl.models.several import Several
    from invctl.models.stock import StockChange

C = TypeVar("C", bound="Answer")
P = TypeVar("P", "HoldChange", "DeliveryChange", "StockChange", "ProductChange")


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
    report: "LineReport[Any] | None" = None,
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
            report.lines.clear()  # the work may be done again
        draft = Draft(
            kind, checked.actor, checked.key, now_text(), label.reason, label.ref, file_hash,
            rehearsed=attempt.dry_run,
        )  # fmt: skip
        if checked.key is None:
            return work(session, draft)
        return _keyed(session, draft, checked, request, work, report)

    said = len(db.warnings)
    try:
        # A rehearsal leaves no key by which a second try would find the first one done.
        repeatable = checked.key is not None and not attempt.dry_run
        answer = db.write(once, dry_run=attempt.dry_run, many=many, repeatable=repeatable)
    except InventoryError as error:
        del db.warnings[said:]  # they tell of what was not done
        if attempt.advises:
            _raise_advised(db, error)
        raise
    return cast("C", answer._replace(dry_run=True)) if attempt.dry_run else answer


def _raise_advised(db: Database, error: InventoryError) -> None:
    """Raise an error with what was probably meant, where anything is known of that."""
    from invctl.core.advice import advised

    told = advised(db, error)
    if told is not error:
        raise told from error


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
    report: "LineReport[Any] | None",
) -> C:
    """Do `work` unless it was done before under its key; answer the same in either case."""
    from invctl.core.kept import earlier_answer, product_left, stored_answer

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
    left = product_left(session, answer) if attempt.keeps_product else None
    kept = stored_answer(answer, report.lines if report is not None else None, left)
    if report is not None and len(kept) > LONGEST_ANSWER:
        kept = stored_answer(answer)  # and the books tell what the lines did
    if len(kept) > LONGEST_ANSWER:
        raise UsageError("that is more than one key can answer a retry for", "do it in parts")
    operations.conclude(session, answer.operation, made, kept)
    return answer


def is_used(db: Database, key: str | None) -> bool:
    """Return whether something was done under a key: then what is asked for may be a retry."""
    if key is None:
        return False
    with db.read() as session:
        return bool(operations.kept_under(session, {key}))


def each_of(done: "Several[P]") -> list[P]:
    """Return what was done to each of several things, and whether that was before, or rehearsed."""
    again, dry_run = done.replayed, done.dry_run
    return [one._replace(replayed=again, dry_run=dry_run) for one in done.changes]


def warn_once(db: Database, *warnings: str | None) -> None:
    """Say something of what was done; the work may be done again, and each is still said once."""
    for one in warnings:
        if one is not None and one not in db.warnings:
            db.warnings.append(one)
