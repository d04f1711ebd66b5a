"""What was done, for completion: operations that may be undone, and the reasons in use.

Both come from the newest movements alone: a TAB must not take longer in an old inventory.
"""

from typing import TYPE_CHECKING

from invctl.cli.completion.reading import ask

if TYPE_CHECKING:
    import sqlite3

_NEWEST = 1000
_MOST = 20
_REASONS = f"""
SELECT DISTINCT reason FROM (SELECT reason FROM movement ORDER BY id DESC LIMIT {_NEWEST})
WHERE substr(reason, 1, length(:word)) = :word ORDER BY reason
"""  # noqa: S608
# A column beside min() is that of the row where it is found: the SKU of the first movement.
_OPERATIONS = f"""
SELECT operation.id, kind, sku, count(*) > 1, min(newest.id),
    strftime('%Y-%m-%d %H:%M', recorded_at, 'localtime')
FROM (SELECT id, operation_id, product_id FROM movement ORDER BY id DESC LIMIT {_NEWEST}) AS newest
    JOIN operation ON operation.id = operation_id JOIN product ON product.id = product_id
WHERE NOT EXISTS (SELECT 1 FROM operation AS undo WHERE undo.reverses_id = operation.id)
    AND substr(operation.id, 1, length(:word)) = :word
GROUP BY operation.id ORDER BY operation.id DESC LIMIT {_MOST}
"""  # noqa: S608
_BEFORE = "SELECT operation_id FROM movement WHERE id < ? ORDER BY id DESC LIMIT 1"


def find_reasons(word: str, db: str | None) -> list[tuple[str, str]]:
    """Return the reasons in use that begin with a word; `db` is what `--db` said."""

    def question(connection: "sqlite3.Connection", found: list[tuple[str, str]]) -> None:
        for (reason,) in connection.execute(_REASONS, {"word": word}):
            if reason.isprintable():
                found.append((reason, ""))

    return ask(db, question)


def find_operations(word: str, db: str | None) -> list[tuple[str, str]]:
    """Return the newest operations that were not undone, and what they did, the last one first."""

    def question(connection: "sqlite3.Connection", found: list[tuple[str, str]]) -> None:
        for row in connection.execute(_OPERATIONS, {"word": word}):
            number, kind, sku, is_many, first, when = row
            if connection.execute(_BEFORE, (first,)).fetchone() == (number,):
                what = "many movements"  # whose first is none of the newest
            else:
                what = f"{sku} and more" if is_many else sku
            found.append((str(number), f"{kind} {what}, {when}"))

    return ask(db, question)
