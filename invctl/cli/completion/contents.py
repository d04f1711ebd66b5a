"""Places and lots for completion."""

from invctl.cli.completion.reading import ask

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
    values = {"word": word}
    return ask(db, lambda inventory: ((name, "") for (name,) in inventory.execute(_PLACES, values)))


def find_lots(word: str, sku: str | None, db: str | None) -> list[tuple[str, str]]:
    """Return the lots of a product that begin with a word, and when each expires; or all."""
    statement, values = _ALL_LOTS if sku is None else _LOTS, {"word": word, "sku": sku}
    return ask(db, lambda inventory: inventory.execute(statement, values))
