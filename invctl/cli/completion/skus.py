"""SKUs and codes for completion: of many the first ones and the very last."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from invctl.cli.completion.reading import ask

if TYPE_CHECKING:
    import sqlite3

MOST = 100
_AFTER_ALL = "\U0010ffff"  # no character; greater than whatever a SKU goes on with
_FILTERS = {
    "active": "AND archived_at IS NULL",
    "archived": "AND archived_at IS NOT NULL",
    "any": "",
}
_CODES = """
SELECT code, sku FROM code JOIN product ON product.id = product_id
WHERE substr(code, 1, length(:word)) = :word ORDER BY code
"""
_RULE = "SELECT value FROM setting WHERE name = 'sku_rule'"


def find_skus(prefix: str, products: str, db: str | None) -> list[tuple[str, str]]:
    """Return the SKUs with a prefix, and their products' names, in order of SKU.

    `products` are the `active` ones, the `archived` ones or `any`; `db` is what `--db` said.
    """

    def question(connection: "sqlite3.Connection") -> Iterator[tuple[str, str]]:
        begun = _as_stored(connection, prefix)
        statement = f"""SELECT sku, name FROM product
            WHERE sku >= :from AND sku < :to {_FILTERS[products]} ORDER BY sku"""  # noqa: S608
        return _first_and_last(connection, statement, {"from": begun, "to": begun + _AFTER_ALL})

    return ask(db, question)


def find_codes(word: str, db: str | None) -> list[tuple[str, str]]:
    """Return the codes that begin with a word, and for which product each stands."""
    return ask(db, lambda inventory: _first_and_last(inventory, _CODES, {"word": word}))


def _as_stored(connection: "sqlite3.Connection", typed: str) -> str:
    """Return what was typed as SKUs have it, which are in capitals where the rule is strict."""
    is_strict = connection.execute(_RULE).fetchone() == ("strict",)
    return typed.upper() if is_strict else typed


def _first_and_last(
    connection: "sqlite3.Connection", statement: str, values: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield what an ordered statement finds; of more than can be shown the first and the last."""
    first = []
    for row in connection.execute(f"{statement} LIMIT {MOST - 1}", values):
        first.append(row)
        yield row
    # What a shell inserts is what these have in common, and so what all between them have.
    if len(first) == MOST - 1:
        last = connection.execute(f"{statement} DESC LIMIT 1", values).fetchone()
        if last != first[-1]:
            yield last
