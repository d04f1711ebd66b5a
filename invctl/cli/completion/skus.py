"""SKUs and codes for completion, and the text that may stand beside them."""

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

    `products` are the `active` ones, the `archived` ones or `any`; `db` is what `--db` said. Where
    there are more than can be shown, they are the first ones and the very last.
    """

    def question(connection: "sqlite3.Connection", found: list[tuple[str, str]]) -> None:
        begun = _as_stored(connection, prefix)
        statement = f"""SELECT sku, name FROM product
            WHERE sku >= ? AND sku < ? {_FILTERS[products]} ORDER BY sku"""  # noqa: S608
        bounds = (begun, begun + _AFTER_ALL)
        for row in connection.execute(f"{statement} LIMIT {MOST}", bounds):
            _offer(row, found)
        # What a shell inserts is what these have in common, and so what all between them have.
        if len(found) == MOST:
            del found[-1]
            _offer(connection.execute(f"{statement} DESC LIMIT 1", bounds).fetchone(), found)

    return ask(db, question)


def find_codes(word: str, db: str | None) -> list[tuple[str, str]]:
    """Return the codes that begin with a word, and for which product each stands.

    Of many they are the first ones and the very last, as of SKUs.
    """

    def question(connection: "sqlite3.Connection", found: list[tuple[str, str]]) -> None:
        for row in connection.execute(f"{_CODES} LIMIT {MOST}", {"word": word}):
            _offer(row, found)
        if len(found) == MOST:
            del found[-1]
            last = connection.execute(f"{_CODES} DESC LIMIT 1", {"word": word})
            _offer(last.fetchone(), found)

    return ask(db, question)


def _as_stored(connection: "sqlite3.Connection", typed: str) -> str:
    """Return what was typed as SKUs have it, which are in capitals where the rule is strict."""
    if typed == typed.upper() or connection.execute(_RULE).fetchone() != ("strict",):
        return typed
    return typed.upper()


def _offer(row: tuple[str, str], found: list[tuple[str, str]]) -> None:
    """Add a SKU; what a terminal might act on would not arrive as it is."""
    if visible(row[0]) == row[0]:
        found.append(row)


def visible(text: str) -> str:
    """Return `text` as people are shown it; for most, what would escape something is not loaded."""
    if text.isprintable():
        return text
    from invctl.text import printable

    return printable(text)
