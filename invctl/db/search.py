"""Finding a text literally and without regard to case, in every script, on each engine."""

import unicodedata

from sqlalchemy import ColumnElement, func, select

from invctl.db.schema import product


def matches(text: str) -> ColumnElement[bool]:
    """Return the condition that a product's SKU, name or description holds `text`.

    The subquery keeps SQLite from walking the index of the sort order, which looks every row up
    on its own (a million names: 0.6 s instead of 2 s).
    """
    hit = func.invctl_holds(folded(text), product.c.sku, product.c.name, product.c.description)
    return product.c.id.in_(select(product.c.id).where(hit).correlate(None))


def folded(text: str) -> str:
    """Return `text` as it is compared: case folded as Unicode says, composed again after that."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text.casefold())


def holds(needle: str, sku: str, name: str, description: str | None) -> bool:
    """Return whether a product holds a folded text; the SQL function `invctl_holds`."""
    text = f"{sku}\n{name}\n{description}" if description else f"{sku}\n{name}"
    return needle in folded(text)
