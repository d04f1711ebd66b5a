"""One mutation: one transaction, one operation, one answer, and the same answer to a retry."""

import json
from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

from sqlalchemy import Connection, bindparam, insert, select, update

from invctl.db.engine import Database
from invctl.db.prepared import Prepared
from invctl.db.schema import operation
from invctl.errors import KeyReused
from invctl.models import (
    Attempt,
    BatchChange,
    Change,
    ImportChange,
    ProductChange,
    StockChange,
)
from invctl.values import check_text, now_text

C = TypeVar("C", bound=Change)
_ANSWERS = {
    frozenset(kind._fields): kind
    for kind in (ProductChange, StockChange, BatchChange, ImportChange)
}

_BEGIN = Prepared(
    insert(operation).returning(operation.c.id), "kind", "idempotency_key", "actor", "recorded_at"
)
_CONCLUDE = (
    update(operation)
    .where(operation.c.id == bindparam("concluded"))
    .values(request_hash=bindparam("hash"), result=bindparam("answer"))
)
_EARLIER = select(operation.c.id, operation.c.request_hash, operation.c.result).where(
    operation.c.idempotency_key == bindparam("key")
)


class Operation(NamedTuple):
    """A mutation under way: its id, its kind and when it is recorded."""

    id: int
    kind: str
    recorded_at: str


def mutate(
    db: Database,
    kind: str,
    attempt: Attempt,
    request: Callable[[], object],
    work: Callable[[Connection, Operation], C],
) -> C:
    """Do `work` once as an operation of `kind`, and return its answer.

    With a key that was used before, return the first answer again and do nothing. `request`
    returns what makes two requests the same one; it is asked only where there is a key. Raises
    KeyReused where the key belongs to another request.
    """
    actor = check_text(attempt.actor, "actor")
    key = None if attempt.key is None else check_text(attempt.key, "idempotency key")
    with db.write(dry_run=attempt.dry_run) as connection:
        if key is not None:
            earlier = connection.execute(_EARLIER, {"key": key}).one_or_none()
            if earlier is not None:
                if earlier.request_hash != _hash(kind, request()):
                    raise KeyReused(key)
                return cast(C, _first_answer(earlier.result, attempt))
        now = now_text()
        started = _BEGIN.run(
            connection,
            {
                "kind": kind,
                "idempotency_key": key,
                "actor": actor,
                "recorded_at": now,
            },
        )
        assert started is not None
        current = Operation(started[0], kind, now)
        answer = work(connection, current)
        if key is not None:
            _keep_answer(connection, current, _hash(kind, request()), answer)
    return cast(C, answer._replace(dry_run=attempt.dry_run))


def _keep_answer(
    connection: Connection, operation: Operation, request_hash: str, answer: Change
) -> None:
    """Keep what was answered for a retry, which only a key can ask for."""
    connection.execute(
        _CONCLUDE,
        {
            "concluded": operation.id,
            "hash": request_hash,
            "answer": json.dumps(answer._asdict(), ensure_ascii=False),
        },
    )


def _first_answer(stored: str, attempt: Attempt) -> Change:
    """Return the answer that an operation gave when it was made, marked as given again."""
    record = json.loads(stored)
    answer: Change = _ANSWERS[frozenset(record)](**record)
    return answer._replace(replayed=True, dry_run=attempt.dry_run)


def _hash(kind: str, request: object) -> str:
    """Return the fingerprint of a request: SHA-256 of its JSON."""
    from hashlib import sha256

    return sha256(json.dumps([kind, request], sort_keys=True).encode()).hexdigest()
