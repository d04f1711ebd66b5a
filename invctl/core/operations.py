"""One mutation: one transaction, one operation, one answer, and the same answer to a retry."""

import json
from collections.abc import Callable
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, bindparam, insert, select, update

from invctl.db.database import Database
from invctl.db.locks import take_turn
from invctl.db.prepared import Prepared
from invctl.db.schema import operation
from invctl.errors import InventoryError, KeyReused
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
# One that is under way has no result yet.
_EARLIER = select(operation.c.id, operation.c.request_hash, operation.c.result).where(
    operation.c.idempotency_key == bindparam("key"), operation.c.result.is_not(None)
)


class Operation:
    """A mutation under way, which gets its id as late as it can: when that is first asked for.

    From then on it has the journal, and on a server others wait for it.
    """

    def __init__(self, connection: Connection, kind: str, attempt: Attempt) -> None:
        self.kind = kind
        self.recorded_at = now_text()
        self._connection = connection
        self._attempt = attempt
        self._begun: Any = None
        self._id: int | None = None

    @property
    def id(self) -> int:
        """The number under which it is committed."""
        return self.begin()

    def begin(self) -> int:
        """Enter it into the journal, if that has not been done, and return its id."""
        if self._id is None:
            self.start()
            self._id = int(self._begun.fetchone()[0])
        return self._id

    def start(self) -> None:
        """Begin without waiting for the id, which must be asked for before the transaction ends."""
        if self._begun is None:
            values = {
                "kind": self.kind,
                "idempotency_key": self._attempt.key,
                "actor": self._attempt.actor,
                "recorded_at": self.recorded_at,
            }
            take_turn(self._connection)
            self._begun = _BEGIN.start(self._connection, values)


def mutate(
    db: Database,
    kind: str,
    attempt: Attempt,
    request: Callable[[], object],
    work: Callable[[Connection, Operation], C],
    *,
    many: bool = False,
) -> C:
    """Do `work` once as an operation of `kind`, and return its answer.

    With a key that was used before, return the first answer again and do nothing. `request`
    returns what makes two requests the same one; it is asked only where there is a key. `many` is
    what it is for `Database.write`. Raises KeyReused where the key belongs to another request.
    """
    key = None if attempt.key is None else check_text(attempt.key, "idempotency key")
    attempt = attempt._replace(actor=check_text(attempt.actor, "actor"), key=key)

    def once(connection: Connection) -> C:
        if key is None:
            return perform(connection)
        repeated = _earlier_answer(connection, kind, key, request)
        if repeated is not None:
            return cast(C, repeated)
        try:
            answer = perform(connection)
        except InventoryError:
            # On a server this very request may have been done meanwhile, and be what refuses it.
            repeated = _earlier_answer(connection, kind, key, request)
            if repeated is None:
                raise
            return cast(C, repeated)
        _keep_answer(connection, answer, _hash(kind, request()))
        return answer

    def perform(connection: Connection) -> C:
        return work(connection, Operation(connection, kind, attempt))

    answer = db.write(once, dry_run=attempt.dry_run, many=many)
    return cast(C, answer._replace(dry_run=attempt.dry_run))


def _earlier_answer(
    connection: Connection, kind: str, key: str, request: Callable[[], object]
) -> Change | None:
    """Return what a request was answered when it was made before; None if it was not.

    Raises KeyReused.
    """
    earlier = connection.execute(_EARLIER, {"key": key}).one_or_none()
    if earlier is None:
        return None
    if earlier.request_hash != _hash(kind, request()):
        raise KeyReused(key)
    record = json.loads(earlier.result)
    answer: Change = _ANSWERS[frozenset(record)](**record)
    return answer._replace(replayed=True)


def _keep_answer(connection: Connection, answer: Change, request_hash: str) -> None:
    """Keep what was answered for a retry, which only a key can ask for."""
    connection.execute(
        _CONCLUDE,
        {
            "concluded": answer.operation,
            "hash": request_hash,
            "answer": json.dumps(answer._asdict(), ensure_ascii=False),
        },
    )


def _hash(kind: str, request: object) -> str:
    """Return the fingerprint of a request: SHA-256 of its JSON."""
    from hashlib import sha256

    return sha256(json.dumps([kind, request], sort_keys=True).encode()).hexdigest()
