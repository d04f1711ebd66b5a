"""A posting: a product's stock changes, and an operation of one movement says so."""

from invctl.db.session import Posting, Session
from invctl.repository import compiled
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft, Operation
from invctl.repository.products import Found

_POSTING = Posting(
    guard=compiled.MOVE,
    enter=compiled.ENTER_POSTED,
    note=compiled.ADD_MOVEMENT,
    lock=compiled.LOCK_TO_POST,
    whole=compiled.POST,
)


def post(
    session: Session, draft: Draft, sku: str, by: int, label: StoredLabel
) -> tuple[Found, Operation] | None:
    """Move `by` units of an active product as an operation of their own, which has their label.

    None: the guard refused, as that of `products.move` does, and nothing is written.
    """
    row = session.post(
        _POSTING,
        sku=sku,
        by=by,
        delta=by,
        held_by=0,
        placed_by=0,
        now=draft.recorded_at,
        kind=draft.kind,
        idempotency_key=draft.key,
        actor=draft.actor,
        recorded_at=draft.recorded_at,
        file_hash=draft.file_hash,
        **label._asdict(),
    )
    if row is None:
        return None
    *found, number, first_movement = row
    return Found(*found), Operation(number, draft.kind, draft.recorded_at, first_movement)
