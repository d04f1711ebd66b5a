"""Finding the words of a text, literally and without regard to case and accents."""

import unicodedata

SEARCHED = ("sku", "name", "description")
"""The columns of a product in which a text is looked for; in its codes it is, too."""


def words(text: str) -> list[str]:
    """Return what has to be found of a text: each of its words, as it is compared."""
    return list(dict.fromkeys(folded(text).split()))


def folded(text: str) -> str:
    """Return `text` as it is compared: without case and accents, as Unicode tells them."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return unicodedata.normalize("NFKC", bare)


def holds(
    word: str, sku: str, name: str, description: str | None, codes: str | None = None
) -> bool:
    """Return whether a product holds a folded word; the SQL function `invctl_holds`."""
    if codes and word in folded(codes):
        return True
    text = f"{sku}\n{name}\n{description}" if description else f"{sku}\n{name}"
    return word in folded(text)
