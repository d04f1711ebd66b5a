"""Finding a text literally and without regard to case, in every script."""

import unicodedata

SEARCHED = ("sku", "name", "description")
"""The columns of a product in which a text is looked for."""


def folded(text: str) -> str:
    """Return `text` as it is compared: case folded as Unicode says, composed again after that."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text.casefold())


def holds(needle: str, sku: str, name: str, description: str | None) -> bool:
    """Return whether a product holds a folded text; the SQL function `invctl_holds`."""
    text = f"{sku}\n{name}\n{description}" if description else f"{sku}\n{name}"
    return needle in folded(text)
