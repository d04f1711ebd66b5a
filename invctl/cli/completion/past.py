"""What was done, for completion: what may be undone or ended, and what was said of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from invctl.cli.completion.reading import ask
from invctl.models.fields import NEVER_UNDONE

if TYPE_CHECKING:
    import sqlite3

_MOST = 20
_SHOWN = 100
_USED = {"reason": "movement", "ref": "movement", "actor": "operation"}
"""What is completed by its earlier uses, and the table that has them."""
_OPERATIONS = f"""
SELECT operation.id, kind, first.sku, first_change.sku,
    last_movement > first_movement OR last_change.sku <> first_change.sku,
    strftime('%Y-%m-%d %H:%M', recorded_at, 'localtime')
FROM operation
    LEFT JOIN movement ON movement.id = first_movement
    LEFT JOIN product AS first ON first.id = movement.product_id
    LEFT JOIN change AS first_change ON first_change.id = operation.first_change
    LEFT JOIN change AS last_change ON last_change.id = operation.last_change
WHERE coalesce(first_movement, operation.first_change) IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM operation AS undo WHERE undo.reverses_id = operation.id)
    AND kind NOT IN {NEVER_UNDONE}
    AND substr(operation.id, 1, length(:word)) = :word
ORDER BY operation.id DESC LIMIT {_MOST}
"""  # noqa: S608

# By the index of the open ones: the closed ones may be very many.
_PROMISES = f"""
SELECT promise.id, amount - taken, sku, strftime('%Y-%m-%d %H:%M', due_at, 'localtime')
FROM promise INDEXED BY promise_open JOIN product ON product.id = product_id
WHERE closed_by IS NULL AND kind = :kind AND substr(promise.id, 1, length(:word)) = :word
ORDER BY promise.id DESC LIMIT {_MOST}
"""  # noqa: S608

_REFS = f"""
SELECT ref, count(*), max(amount - taken), max(sku)
FROM promise INDEXED BY promise_ref JOIN product ON product.id = product_id
WHERE closed_by IS NULL AND ref IS NOT NULL AND kind = :kind
    AND substr(ref, 1, length(:word)) = :word
GROUP BY ref ORDER BY max(promise.id) DESC LIMIT {_MOST}
"""  # noqa: S608


def find_used(kind: str, word: str, db: str | None) -> list[tuple[str, str]]:
    """Return the reasons, refs or actors in use that begin so; `db` is what `--db` said."""
    # Of the newest rows alone: a TAB must not take longer in an old inventory.
    statement = f"""
    SELECT DISTINCT {kind} FROM (SELECT {kind} FROM {_USED[kind]} ORDER BY id DESC LIMIT 1000)
    WHERE substr({kind}, 1, length(:word)) = :word ORDER BY {kind} LIMIT {_SHOWN}
    """  # noqa: S608
    values = {"word": word}
    return ask(db, lambda inventory: ((one, "") for (one,) in inventory.execute(statement, values)))


def find_refs(kind: str, word: str, db: str | None) -> list[tuple[str, str]]:
    """Return the refs of open holds or deliveries, and how many have each, the newest first."""

    def question(connection: "sqlite3.Connection") -> Iterator[tuple[str, str]]:
        for ref, count, rest, sku in connection.execute(_REFS, {"kind": kind, "word": word}):
            many = f"{count} {'holds' if kind == 'hold' else 'deliveries'}"
            yield ref, many if count > 1 else f"{rest} of {sku}"

    return ask(db, question)


def find_operations(word: str, db: str | None) -> list[tuple[str, str]]:
    """Return the newest operations that were not undone, and what they did, the last one first."""

    def question(connection: "sqlite3.Connection") -> Iterator[tuple[str, str]]:
        for row in connection.execute(_OPERATIONS, {"word": word}):
            number, kind, moved, changed, is_many, when = row
            more = " and more" if is_many else ""
            yield str(number), f"{kind} {moved or changed}{more}, {when}"

    return ask(db, question)


def find_promises(kind: str, word: str, db: str | None) -> list[tuple[str, str]]:
    """Return the newest open holds or deliveries, and what of which product, the last one first."""

    def question(connection: "sqlite3.Connection") -> Iterator[tuple[str, str]]:
        for number, rest, sku, due in connection.execute(_PROMISES, {"kind": kind, "word": word}):
            until = f", {'until' if kind == 'hold' else 'due'} {due}" if due else ""
            yield str(number), f"{rest} of {sku}{until}"

    return ask(db, question)
