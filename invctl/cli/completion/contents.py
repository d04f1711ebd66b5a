"""Places and lots for completion."""

from typing import TYPE_CHECKING

from invctl.cli.completion.reading import ask
from invctl.cli.completion.skus import visible

if TYPE_CHECKING:
    import sqlite3

_MOST = 100
_PLACES = f"""
SELECT name FROM place
WHERE removed_at IS NULL AND substr(name, 1, length(:word)) = :word ORDER BY name LIMIT {_MOST}
"""  # noqa: S608
# Of what is there: by its name, with its date, what expires first first.
_LOTS = f"""
SELECT DISTINCT pot.lot, coalesce(expires_on, '') FROM pot
    JOIN product ON product.id = pot.product_id
    LEFT JOIN lot ON lot.product_id = pot.product_id AND lot.lot = pot.lot
WHERE sku IN (:sku, upper(:sku)) AND pot.quantity > 0 AND pot.lot <> ''
    AND substr(pot.lot, 1, length(:word)) = :word
ORDER BY expires_on IS NULL, 2, 1 LIMIT {_MOST}
"""  # noqa: S608
# Of all products also what is gone: a log is asked for that.
_ALL_LOTS = f"""
SELECT DISTINCT lot, '' FROM pot
WHERE lot <> '' AND substr(lot, 1, length(:word)) = :word ORDER BY lot LIMIT {_MOST}
"""  # noqa: S608


def find_places(word: str, db: str | None) -> list[tuple[str, str]]:
    """Return the places whose names begin with a word; `db` is what `--db` said."""

    def question(connection: "sqlite3.Connection", found: list[tuple[str, str]]) -> None:
        for (name,) in connection.execute(_PLACES, {"word": word}):
            if visible(name) == name:
                found.append((name, ""))

    return ask(db, question)


def find_lots(word: str, sku: str | None, db: str | None) -> list[tuple[str, str]]:
    """Return the lots of a product that begin with a word, and when each expires; or all."""

    def question(connection: "sqlite3.Connection", found: list[tuple[str, str]]) -> None:
        text = _ALL_LOTS if sku is None else _LOTS
        for name, expires_on in connection.execute(text, {"word": word, "sku": sku}):
            if visible(name) == name:
                found.append((name, expires_on))

    return ask(db, question)
